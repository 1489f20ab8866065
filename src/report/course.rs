//! The course of a run, folded from its events, so that a report tells all of it and not what a screen happens to hold.
//!
//! Memory is bounded whatever the run: a byte for each of the first [`MEASURED_JOBS`] jobs, [`DRAWN`] workers' timelines
//! of at most [`grid::CELLS`] cells, whose width doubles when the run outgrows them, single blocks as long as they are
//! few, and the first and the last lines of what happened.

mod grid;
mod highlights;
mod jobs;
mod track;

#[cfg(test)]
mod tests;

use grid::Grid;
pub(super) use highlights::{Highlights, Line, Weight};
use jobs::{Jobs, Stand};
pub(super) use track::{Block, Ended, Sign, SignKind, Span, Track};

use crate::lab::{
    Breakage, BrokerRow, Change, Event, Happening, JobId, KillKind, LabTime, Measures, Meter, Place, Settings, Speed,
    WorkerId,
};
use std::sync::Arc;

/// So many workers have a timeline; all are counted.
pub(super) const DRAWN: usize = 64;
/// So many blocks are kept one by one; a run with more is drawn by its cells alone.
const BLOCKS: usize = 3_000;

/// A run from its beginning to now. Fed with all events of one run, in their order.
#[derive(Clone, Debug)]
pub struct Course {
    began: Settings,
    now: Settings,
    broker: BrokerRow,
    /// As what it behaves by now.
    broker_now: BrokerRow,
    meter: Meter,
    jobs: Jobs,
    pub(super) grid: Grid,
    pub(super) tracks: Vec<Track>,
    /// Of all workers there ever were, in the order of their numbers.
    pub(super) crew: Vec<Served>,
    pub(super) highlights: Highlights,
    /// When there was no broker; the last one may have no end yet.
    pub(super) outages: Vec<Span>,
    blocks: usize,
    last: LabTime,
}

/// What a worker went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Served {
    /// What it is called, if it is no worker of the lab; its speed is nothing then.
    pub(super) guest: Option<Arc<str>>,
    pub(super) speed: Speed,
    pub(super) redelivered: u32,
    pub(super) twice: u32,
    pub(super) lost: u32,
}

impl Course {
    /// Of a run that begins with these settings, on this broker.
    pub fn new(settings: &Settings, broker: &BrokerRow) -> Self {
        let mut course = Self {
            began: settings.clone(),
            now: settings.clone(),
            broker: broker.clone(),
            broker_now: broker.clone(),
            meter: Meter::new(settings),
            jobs: Jobs::default(),
            grid: Grid::default(),
            tracks: Vec::new(),
            crew: Vec::new(),
            highlights: Highlights::default(),
            outages: Vec::new(),
            blocks: 0,
            last: LabTime(0),
        };
        for &speed in &settings.speeds {
            course.hire(LabTime(0), speed, None);
        }
        course
    }

    /// One more event.
    pub fn note(&mut self, event: &Event) {
        if let Happening::Reset(speeds) = &event.what {
            let speeds = speeds.to_vec();
            let settings = Settings {
                speeds,
                ..self.now.clone()
            };
            *self = Self::new(&settings, &self.broker_now);
            return;
        }
        self.meter.note(event);
        self.last = self.last.max(event.lab);
        for _ in 0..self.grid.reach(event.lab) {
            self.tracks.iter_mut().for_each(Track::fold);
        }
        let spot = self.spot(&event.what);
        self.fold(event);
        self.highlights.note(event, spot);
        self.grid.level(event.lab, self.jobs.level);
    }

    /// The settings with which the run began.
    pub const fn began(&self) -> &Settings {
        &self.began
    }

    /// The broker as the run began.
    pub const fn broker(&self) -> &BrokerRow {
        &self.broker
    }

    /// The same broker, as what it behaves now.
    pub(super) const fn broker_now(&self) -> &BrokerRow {
        &self.broker_now
    }

    /// Whether they were changed since.
    pub fn changed(&self) -> bool {
        self.began != self.now
    }

    /// The run's numbers up to that moment.
    pub fn measures(&self, now: LabTime) -> Measures {
        self.meter.measures(now)
    }

    /// The last event's moment.
    pub const fn last(&self) -> LabTime {
        self.last
    }

    /// `W4 ALICE` for a guest, else just the number.
    pub(super) fn name(&self, worker: WorkerId) -> String {
        let served = place(worker).and_then(|at| self.crew.get(at));
        match served.and_then(|served| served.guest.as_deref()) {
            Some(guest) => format!("{worker} {guest}"),
            None => worker.to_string(),
        }
    }

    /// Whether every block of work is there one by one.
    pub(super) const fn has_all_blocks(&self) -> bool {
        self.blocks <= BLOCKS
    }

    fn fold(&mut self, event: &Event) {
        let at = event.lab;
        match &event.what {
            Happening::Published(p) => self.jobs.publish(p.job, p.queue),
            Happening::Returned(job) | Happening::Nacked(job) | Happening::Buried(job, _) => {
                self.jobs.go(*job, Stand::Closed);
            }
            Happening::Delivered(worker, d) => {
                self.jobs.go(d.job, Stand::Held);
                self.jobs.flag(d.job, d.redelivered);
                self.serve(*worker, |w| w.redelivered += u32::from(d.redelivered));
            }
            Happening::Begun(worker, job) => {
                let again = self.jobs.is_flagged(*job);
                self.track(*worker, |t, _| t.begin(at, *job, again));
            }
            Happening::Finished(worker, job) => self.finished(at, *worker, *job),
            Happening::WentBack { jobs, from, .. } => self.left(at, jobs, Some(*from), Stand::Queue),
            Happening::Lost { jobs, from, .. } => {
                let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
                if let Some(from) = from {
                    self.serve(*from, |w| w.lost += count);
                }
                self.left(at, jobs, *from, Stand::Closed);
            }
            Happening::DeadLettered(worker, job) => self.left(at, &[*job], Some(*worker), Stand::Closed),
            Happening::StillThere(jobs) => jobs.iter().for_each(|&job| self.jobs.go(job, Stand::Queue)),
            Happening::BrokerDown(_) => self.broker_down(at),
            Happening::BrokerUp(_) => self.broker_up(at),
            Happening::Added(_, speed) => self.hire(at, *speed, None),
            Happening::GuestCame(worker, name) => self.guest_came(event, *worker, name),
            Happening::Changed(change) => self.change(*change),
            _ => self.fold_life(event),
        }
    }

    /// What happens to a worker itself.
    fn fold_life(&mut self, event: &Event) {
        let at = event.lab;
        let sign = |kind| Sign::of(event, kind);
        match &event.what {
            Happening::Killed(worker, KillKind::HalfOpen) => self.mark(*worker, sign(SignKind::Silenced)),
            Happening::Killed(worker, KillKind::Cancel) | Happening::Broke(worker, Breakage::Cancelled) => {
                self.mark(*worker, sign(SignKind::Cancelled));
            }
            Happening::Killed(worker, _) | Happening::Broke(worker, _) => {
                self.track(*worker, |t, grid| t.stop(at, grid));
                self.mark(*worker, sign(SignKind::Killed));
            }
            Happening::GaveUp(worker) => self.track(*worker, |t, grid| t.stop(at, grid)),
            Happening::Waiting(worker) => self.track(*worker, |t, grid| t.leave(at, grid)),
            Happening::Starting(worker) => self.track(*worker, |t, grid| t.let_go(at, grid)),
            Happening::Subscribed(worker, _) => self.track(*worker, |t, _| t.live(at)),
            Happening::Revived(worker) => {
                self.track(*worker, |t, _| t.revive(at));
                self.mark(*worker, sign(SignKind::Revived));
            }
            Happening::Removed(worker) => {
                self.track(*worker, |t, grid| t.leave(at, grid));
                self.mark(*worker, sign(SignKind::Removed));
            }
            _ => {}
        }
    }

    fn finished(&mut self, at: LabTime, worker: WorkerId, job: JobId) {
        let again = self.jobs.finish(job);
        self.serve(worker, |w| w.twice += u32::from(again));
        let ended = if again { Ended::Twice } else { Ended::Done };
        self.track(worker, |t, grid| t.finish(at, job, ended, grid));
        if again {
            self.highlights.twice(at, job, worker);
        }
    }

    fn left(&mut self, at: LabTime, jobs: &[JobId], from: Option<WorkerId>, to: Stand) {
        for &job in jobs {
            self.jobs.go(job, to);
        }
        if let Some(from) = from {
            self.track(from, |t, grid| t.release(at, jobs, grid));
        }
    }

    fn broker_down(&mut self, at: LabTime) {
        if self.outages.last().is_none_or(|span| span.to.is_some()) {
            self.outages.push(Span { from: at, to: None });
        }
    }

    fn broker_up(&mut self, at: LabTime) {
        if let Some(span) = self.outages.last_mut() {
            span.to.get_or_insert(at);
        }
    }

    fn hire(&mut self, at: LabTime, speed: Speed, guest: Option<Arc<str>>) {
        self.crew.push(Served {
            guest,
            speed,
            redelivered: 0,
            twice: 0,
            lost: 0,
        });
        if self.tracks.len() < DRAWN {
            self.tracks.push(Track::new(at));
        }
    }

    /// For the first time, or again.
    fn guest_came(&mut self, event: &Event, worker: WorkerId, name: &Arc<str>) {
        if place(worker) == Some(self.crew.len()) {
            self.hire(event.lab, Speed(0), Some(Arc::clone(name)));
            return;
        }
        self.track(worker, |t, _| t.revive(event.lab));
        self.mark(worker, Sign::of(event, SignKind::Revived));
    }

    /// Where jobs that go back will stand; they are of one queue, but for what was held while the queue was switched.
    fn spot(&self, what: &Happening) -> Place {
        let Happening::WentBack { jobs, why, .. } = what else {
            return Place::Somewhere;
        };
        let queue = jobs.first().map_or(self.now.queue, |&job| self.jobs.queue(job));
        Place::of(&self.began, &self.broker_now, queue, *why)
    }

    fn change(&mut self, change: Change) {
        let now = &mut self.now;
        match change {
            Change::Prefetch(prefetch) | Change::Qos(prefetch) => now.prefetch = prefetch,
            Change::Ack(ack) => now.ack = ack,
            Change::Queue(queue) => now.queue = queue,
            Change::Messages(messages) => now.messages = messages,
            Change::Confirms(confirms) => now.confirms = confirms,
            Change::Rate(rate) => now.rate = rate,
            Change::Workload(workload) => now.workload = workload,
            Change::Scale(scale) => now.scale = scale,
            Change::Line(line) => now.line = line,
            Change::Speed(worker, speed) => self.serve(worker, |w| w.speed = speed),
            Change::Version(version) => self.broker_now.version = Some(version),
            Change::Habit(..) | Change::Producing(_) | Change::Pace(_) => {}
        }
    }

    /// What that worker went through.
    pub(super) fn served(&self, worker: WorkerId) -> Option<&Served> {
        place(worker).and_then(|at| self.crew.get(at))
    }

    fn serve(&mut self, worker: WorkerId, f: impl FnOnce(&mut Served)) {
        if let Some(served) = place(worker).and_then(|at| self.crew.get_mut(at)) {
            f(served);
        }
    }

    fn track(&mut self, worker: WorkerId, f: impl FnOnce(&mut Track, &Grid)) {
        let Some(track) = place(worker).and_then(|at| self.tracks.get_mut(at)) else {
            return;
        };
        let before = track.blocks.len();
        f(track, &self.grid);
        if self.has_all_blocks() {
            self.blocks += self.tracks[usize::from(worker.0) - 1].blocks.len() - before;
        }
        if !self.has_all_blocks() {
            self.tracks.iter_mut().for_each(Track::forget_blocks);
        }
    }

    fn mark(&mut self, worker: WorkerId, sign: Sign) {
        self.track(worker, |t, _| t.sign(sign));
    }
}

/// Workers are numbered from 1 in the order in which they came.
fn place(worker: WorkerId) -> Option<usize> {
    usize::from(worker.0).checked_sub(1)
}
