//! The fate of each job.

use super::super::outcome::{JobFate, OutcomeWorker};
use super::JOBS_TOLD;
use crate::lab::{AckMode, Delivered, Happening, JobId, WorkerId};
use std::sync::Arc;

/// All jobs, by number.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs(Vec<Record>);

/// What is known of one: twenty bytes, since there may be millions.
#[derive(Clone, Copy, Debug)]
struct Record {
    place: Place,
    owed: Owed,
    confirmed: Confirmed,
    /// Who got it last; 0: nobody.
    worker: u16,
    deliveries: u32,
    redelivered: u32,
    finished: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Ready,
    Tray,
    Hand,
    Done,
    Lost,
    Returned,
    Dead,
}

/// Whether the broker waits for an ack, as far as clients know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owed {
    No,
    Yes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirmed {
    No,
    Yes,
}

/// Sums over all jobs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) published: u32,
    pub(super) confirmed: u32,
    pub(super) done: u32,
    pub(super) lost: u32,
    pub(super) twice: u32,
    pub(super) dead: u32,
    pub(super) ready: u32,
    pub(super) unacked: u32,
}

impl Jobs {
    pub(super) fn note(&mut self, what: &Happening) {
        match what {
            Happening::Published(_) => self.0.push(Record::NEW),
            Happening::Confirmed(job) => self.change(*job, |r| r.confirmed = Confirmed::Yes),
            Happening::Nacked(job) => self.change(*job, |r| {
                r.confirmed = Confirmed::No;
                r.give_back();
            }),
            Happening::Returned(job) => self.change(*job, Record::give_back),
            Happening::Delivered(worker, d) => self.change(d.job, |r| r.deliver(*worker, d)),
            Happening::Begun(_, job) => self.change(*job, |r| r.place = Place::Hand),
            Happening::Finished(_, job) => self.change(*job, |r| {
                r.place = Place::Done;
                r.finished = r.finished.saturating_add(1);
            }),
            Happening::Acked(_, job) => self.change(*job, |r| r.owed = Owed::No),
            Happening::DeadLettered(_, job) | Happening::Buried(job, _) => self.move_to(Place::Dead, &[*job]),
            Happening::WentBack { jobs, .. } | Happening::StillThere(jobs) => self.move_to(Place::Ready, jobs),
            Happening::Lost { jobs, .. } => self.move_to(Place::Lost, jobs),
            _ => {}
        }
    }

    /// How often it was finished.
    pub(super) fn finished(&self, job: JobId) -> u32 {
        place_of(job).and_then(|i| self.0.get(i)).map_or(0, |r| r.finished)
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for record in &self.0 {
            let fate = record.fate();
            counts.published += 1;
            counts.confirmed += u32::from(record.confirmed == Confirmed::Yes);
            counts.done += u32::from(record.finished > 0);
            counts.twice += u32::from(record.finished > 1);
            counts.unacked += u32::from(record.owed == Owed::Yes);
            counts.lost += u32::from(fate == "lost");
            counts.dead += u32::from(fate == "dead");
            counts.ready += u32::from(fate == "ready");
        }
        counts
    }

    /// Enters what workers have at the end.
    pub(super) fn charge(&self, workers: &mut [OutcomeWorker]) {
        for record in &self.0 {
            let place = usize::from(record.worker).checked_sub(1);
            let Some(worker) = place.and_then(|place| workers.get_mut(place)) else {
                continue;
            };
            worker.tray += u32::from(record.place == Place::Tray);
            worker.hand += u32::from(record.place == Place::Hand);
            worker.unacked += u32::from(record.owed == Owed::Yes);
        }
    }

    /// One by one, or none where there are too many.
    pub(super) fn told(&self) -> Vec<JobFate> {
        if self.0.len() > JOBS_TOLD {
            return Vec::new();
        }
        let nobody: Arc<str> = "".into();
        let mut names: Vec<Arc<str>> = vec![nobody];
        let fates = (1..).zip(&self.0).map(|(job, record)| {
            for number in names.len()..=usize::from(record.worker) {
                names.push(format!("W{number}").into());
            }
            JobFate {
                job,
                fate: record.fate(),
                deliveries: record.deliveries,
                redelivered: record.redelivered,
                finished: record.finished,
                worker: Arc::clone(&names[usize::from(record.worker)]),
            }
        });
        fates.collect()
    }

    fn move_to(&mut self, place: Place, jobs: &[JobId]) {
        for &job in jobs {
            self.change(job, |r| {
                r.place = place;
                r.owed = Owed::No;
            });
        }
    }

    fn change(&mut self, job: JobId, f: impl FnOnce(&mut Record)) {
        if let Some(record) = place_of(job).and_then(|i| self.0.get_mut(i)) {
            f(record);
        }
    }
}

impl Record {
    const NEW: Self = Self {
        place: Place::Ready,
        owed: Owed::No,
        confirmed: Confirmed::No,
        worker: 0,
        deliveries: 0,
        redelivered: 0,
        finished: 0,
    };

    fn deliver(&mut self, worker: WorkerId, d: &Delivered) {
        self.place = Place::Tray;
        self.worker = worker.0;
        self.owed = match d.ack {
            AckMode::Manual => Owed::Yes,
            AckMode::Automatic => Owed::No,
        };
        self.deliveries = self.deliveries.saturating_add(1);
        self.redelivered = self.redelivered.saturating_add(u32::from(d.redelivered));
    }

    fn give_back(&mut self) {
        if self.place == Place::Ready {
            self.place = Place::Returned;
        }
    }

    fn fate(&self) -> &'static str {
        match self.place {
            Place::Ready => "ready",
            Place::Tray => "tray",
            Place::Hand => "hand",
            Place::Done if self.owed == Owed::Yes => "unacked",
            Place::Done => "done",
            // What was done once is not lost, whatever became of its copy.
            Place::Lost if self.finished > 0 => "done",
            Place::Lost => "lost",
            Place::Returned => "returned",
            Place::Dead => "dead",
        }
    }
}

fn place_of(job: JobId) -> Option<usize> {
    usize::try_from(job.0).ok()?.checked_sub(1)
}
