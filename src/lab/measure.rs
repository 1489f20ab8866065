//! What a run comes to in numbers: a fold over its events.
//!
//! All times are lab time, so a run at ×4 and the same run at ×1 measure the same but for what the wire takes, which is
//! real time. A [`Meter`] is fed each event once; [`Meter::measures`] may be asked at any moment.
//!
//! Memory is bounded: 16 bytes for each of the first [`MEASURED_JOBS`] jobs (of all jobs, where [`Meter::of_all`] is
//! asked for), and two [`Spread`]s, which are exact up to some thousands of values and a table of fixed size beyond. What
//! an event costs does not depend on the number of jobs or workers.

mod figures;
mod ideal;
mod spread;
mod worker;

#[cfg(test)]
mod tests;

pub use figures::{LabSpan, Percentiles, Thousandths};

use super::command::KillKind;
use super::crew::SAMPLE_DOTS;
use super::draws;
use super::event::{Breakage, Change, Event, Happening};
use super::ids::{JobId, LabTime, WorkerId};
use super::settings::{Seed, Settings, Sizes, Speed};
use figures::{jain, part};
use ideal::Ideal;
use spread::Spread;
use worker::Tally;

/// How many jobs are followed one by one; later ones are only counted, in [`Measures::unmeasured`].
pub const MEASURED_JOBS: u32 = 1 << 20;

/// The numbers of a run, up to one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Jobs published.
    pub jobs: u32,
    /// Jobs finished at least once.
    pub done: u32,
    /// Jobs that nobody did and nobody ever will.
    pub lost: u32,
    /// Jobs that no queue took, or that the broker refused.
    pub returned: u32,
    /// Jobs in the dead-letter queue, never finished.
    pub dead: u32,
    /// Jobs finished more than once.
    pub twice: u32,
    /// Deliveries with the redelivered flag.
    pub redelivered: u32,
    /// Jobs beyond [`MEASURED_JOBS`]; no other number but `jobs`, `redelivered` and the workers' knows them.
    pub unmeasured: u32,
    /// From the first publication to the last moment at which a job was finished for the first time; while jobs are
    /// open, what it is so far. `None` before the first one is finished.
    pub makespan: Option<LabSpan>,
    /// No order of work, with all workers alive at the highest speeds they ever had, ends sooner after the first
    /// publication: the greatest of three lower bounds.
    ///
    /// 1. All work, divided by the sum of the speeds.
    /// 2. The longest job, on the fastest worker. For equal workers these two are Graham's bounds (R. L. Graham,
    ///    "Bounds on Multiprocessing Timing Anomalies", SIAM J. Appl. Math. 17, 1969); for unequal ones, those of
    ///    Q‖Cmax.
    /// 3. Where arrivals are spread: for each job, the moment it came plus the work of it and all later ones, divided
    ///    by the sum of the speeds; and the moment it came plus its own time on the fastest worker.
    ///
    /// Zero where there is no work.
    pub ideal: LabSpan,
    /// In order of their numbers; removed ones included.
    pub workers: Vec<WorkerShare>,
    /// The part of all workers' time, from the first publication to the end of the makespan (while jobs are open: to
    /// now), in which they had no job in hand or stood still with it, dead or alive.
    pub idle: Option<Thousandths>,
    /// Jain's fairness index of the workers' busy times, `(Σx)² / (n·Σx²)`: 1 when all worked equally long, 1/n when
    /// one did all (R. Jain, D. Chiu, W. Hawe, "A Quantitative Measure of Fairness and Discrimination", DEC-TR-301,
    /// 1984). Of busy times and not of jobs done: round-robin deals equal numbers of jobs and calls that fair.
    pub fairness: Option<Thousandths>,
    /// From publication to the begin of the work that first finished the job.
    pub wait: Option<Percentiles>,
    /// From publication to the first finish.
    pub sojourn: Option<Percentiles>,
}

/// What one worker did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerShare {
    /// Who.
    pub worker: WorkerId,
    /// Jobs it finished, each as often as it did.
    pub done: u32,
    /// How long it had a job in hand and worked, up to the end of the makespan (while jobs are open: to now).
    pub busy: LabSpan,
    /// Its part of all workers' busy time; `None` before anyone worked.
    pub share: Option<Thousandths>,
}

impl Measures {
    /// `makespan / ideal`; 1 is perfect. `None` while jobs are open, where there was no work, and where not all of it was
    /// done: the ideal is that of all jobs.
    pub fn ratio(&self) -> Option<Thousandths> {
        let all_done = self.open() == 0 && self.lost + self.returned + self.dead == 0;
        part(self.makespan.filter(|_| all_done)?.0, self.ideal.0)
    }

    /// Jobs of which it is not known yet what becomes of them.
    pub const fn open(&self) -> u32 {
        let closed = self.done + self.lost + self.returned + self.dead + self.unmeasured;
        self.jobs.saturating_sub(closed)
    }
}

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Open,
    Lost,
    Returned,
    Dead,
}

/// A job that is followed.
#[derive(Clone, Copy, Debug)]
struct Followed {
    published: LabTime,
    outcome: Outcome,
    finishes: u8,
}

/// The fold: fed with the events of one run, in their order.
#[derive(Clone, Debug)]
pub struct Meter {
    seed: Seed,
    /// How many jobs a message is.
    copies: u32,
    sizes: Sizes,
    /// Jobs of a sample that are still to come; they have a size of their own.
    sampled: u32,
    records: Vec<Followed>,
    /// How many are followed at most.
    most: u32,
    /// But for what is worked out when asked.
    counts: Measures,
    workers: Vec<Tally>,
    ideal: Ideal,
    first: Option<LabTime>,
    last: LabTime,
    wait: Spread,
    sojourn: Spread,
}

impl Meter {
    /// Of a run that begins with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self::following(settings, MEASURED_JOBS)
    }

    /// The same, following all jobs however many there are.
    pub fn of_all(settings: &Settings) -> Self {
        Self::following(settings, u32::MAX)
    }

    fn following(settings: &Settings, most: u32) -> Self {
        let mut meter = Self {
            seed: settings.seed,
            copies: settings.copies(),
            sizes: settings.workload.sizes,
            sampled: 0,
            records: Vec::new(),
            most,
            counts: Measures::default(),
            workers: Vec::new(),
            ideal: Ideal::default(),
            first: None,
            last: LabTime(0),
            wait: Spread::default(),
            sojourn: Spread::default(),
        };
        meter.hire(&settings.speeds);
        meter
    }

    /// One more event.
    pub fn note(&mut self, event: &Event) {
        let at = event.lab;
        match &event.what {
            Happening::Published(p) => self.published(at, p.job),
            Happening::Sample(n) => self.sampled += n * 4,
            Happening::Returned(job) | Happening::Nacked(job) => self.settle(*job, Outcome::Returned),
            Happening::DeadLettered(_, job) | Happening::Buried(job, _) => self.settle(*job, Outcome::Dead),
            Happening::Delivered(_, d) => self.counts.redelivered += u32::from(d.redelivered),
            Happening::Begun(worker, job) => self.tally(*worker, |w| w.begin(at, *job)),
            Happening::Finished(worker, job) => self.finished(at, *worker, *job),
            Happening::WentBack { jobs, from, .. } => self.tally(*from, |w| w.release(at, jobs)),
            Happening::Lost { jobs, from, .. } => self.lost(at, jobs, *from),
            Happening::StillThere(jobs) => jobs.iter().for_each(|&job| self.settle(job, Outcome::Open)),
            // Those go on with what they have: the one knows, the other does not know yet.
            Happening::Killed(_, KillKind::Cancel | KillKind::HalfOpen) | Happening::Broke(_, Breakage::Cancelled) => {}
            Happening::Killed(worker, _) | Happening::Broke(worker, _) | Happening::GaveUp(worker) => {
                self.tally(*worker, |w| w.stop(at));
            }
            Happening::Revived(worker) => self.tally(*worker, |w| w.go_on(at)),
            Happening::Starting(worker) | Happening::Removed(worker) | Happening::Waiting(worker) => {
                self.tally(*worker, |w| w.let_go(at));
            }
            Happening::Added(worker, speed) => self.add(*worker, *speed),
            Happening::GuestCame(worker, _) => self.see_guest(*worker),
            Happening::Changed(Change::Speed(worker, speed)) => self.set_speed(*worker, *speed),
            Happening::Changed(Change::Workload(workload)) => self.sizes = workload.sizes,
            Happening::Reset(speeds) => self.reset(speeds),
            _ => {}
        }
    }

    /// The numbers. `now`: the lab clock, to which unfinished work is counted.
    pub fn measures(&self, now: LabTime) -> Measures {
        let counts = &self.counts;
        let goes_on = counts.open() > 0 || counts.done == 0;
        let end = if goes_on { now.max(self.last) } else { self.last };
        let since = self.first.unwrap_or(end);
        let span = end.0.saturating_sub(since.0);
        let busy_us = |w: &Tally| {
            if goes_on {
                w.busy_until(end)
            } else {
                w.busy_then(self.last)
            }
        };
        let busy: Vec<u64> = self.workers.iter().map(busy_us).collect();
        let sum: u64 = busy.iter().sum();
        let time = span.saturating_mul(busy.len() as u64);
        let shares = self.workers.iter().zip(&busy);
        Measures {
            makespan: (counts.done > 0).then(|| LabSpan(self.last.0.saturating_sub(since.0))),
            ideal: self.ideal.bound(since),
            workers: shares.map(|(w, &busy)| w.share(busy, sum)).collect(),
            idle: part(time.saturating_sub(sum), time),
            fairness: jain(&busy),
            wait: self.wait.percentiles(),
            sojourn: self.sojourn.percentiles(),
            ..counts.clone()
        }
    }

    fn published(&mut self, at: LabTime, job: JobId) {
        self.first.get_or_insert(at);
        let dots = if self.sampled > 0 {
            self.sampled -= 1;
            SAMPLE_DOTS
        } else {
            draws::job(self.seed, JobId((job.0.max(1) - 1) / self.copies + 1), self.sizes).dots
        };
        self.counts.jobs += 1;
        if self.counts.jobs > self.most {
            self.counts.unmeasured += 1;
        } else {
            self.ideal.add(at, dots);
            self.records.push(Followed {
                published: at,
                outcome: Outcome::Open,
                finishes: 0,
            });
        }
    }

    fn finished(&mut self, at: LabTime, worker: WorkerId, job: JobId) {
        let mut begun = at;
        self.tally(worker, |w| {
            begun = w.hand.filter(|hand| hand.job == job).map_or(at, |hand| hand.begun);
            w.let_go(at);
            w.done += 1;
        });
        self.settle(job, Outcome::Open);
        let Some(record) = self.record(job) else { return };
        record.finishes = record.finishes.saturating_add(1);
        let Followed {
            published, finishes, ..
        } = *record;
        match finishes {
            1 => {
                self.counts.done += 1;
                self.last = self.last.max(at);
                self.wait.add(begun.0.saturating_sub(published.0));
                self.sojourn.add(at.0.saturating_sub(published.0));
            }
            2 => self.counts.twice += 1,
            _ => {}
        }
    }

    fn lost(&mut self, at: LabTime, jobs: &[JobId], from: Option<WorkerId>) {
        if let Some(from) = from {
            self.tally(from, |w| w.release(at, jobs));
        }
        for &job in jobs {
            self.settle(job, Outcome::Lost);
        }
    }

    /// A job that was finished once is done, whatever happens to it later.
    fn settle(&mut self, job: JobId, outcome: Outcome) {
        let Some(record) = self.record(job).filter(|r| r.finishes == 0) else {
            return;
        };
        let before = std::mem::replace(&mut record.outcome, outcome);
        if let Some(count) = self.count(before) {
            *count -= 1;
        }
        if let Some(count) = self.count(outcome) {
            *count += 1;
        }
    }

    fn count(&mut self, outcome: Outcome) -> Option<&mut u32> {
        match outcome {
            Outcome::Open => None,
            Outcome::Lost => Some(&mut self.counts.lost),
            Outcome::Returned => Some(&mut self.counts.returned),
            Outcome::Dead => Some(&mut self.counts.dead),
        }
    }

    fn record(&mut self, job: JobId) -> Option<&mut Followed> {
        let place = usize::try_from(job.0).ok()?.checked_sub(1)?;
        self.records.get_mut(place)
    }

    fn tally(&mut self, worker: WorkerId, f: impl FnOnce(&mut Tally)) {
        // Workers come in the order of their numbers, from 1; a removed one stays.
        let place = usize::from(worker.0).checked_sub(1);
        if let Some(tally) = place.and_then(|place| self.workers.get_mut(place)) {
            tally.settle(self.last);
            f(tally);
        }
    }

    fn hire(&mut self, speeds: &[Speed]) {
        self.workers.clear();
        for (number, &speed) in (1..).zip(speeds) {
            self.workers.push(Tally::new(WorkerId(number), speed));
        }
        self.ideal.see(self.workers.iter().map(|w| w.speed));
    }

    fn add(&mut self, worker: WorkerId, speed: Speed) {
        self.workers.push(Tally::new(worker, speed));
        self.ideal.see(self.workers.iter().map(|w| w.speed));
    }

    /// How fast a guest is nobody knows: it is no part of what would be ideal.
    fn see_guest(&mut self, worker: WorkerId) {
        if let Err(place) = self.workers.binary_search_by_key(&worker, |w| w.worker) {
            self.workers.insert(place, Tally::new(worker, Speed(0)));
        }
    }

    fn set_speed(&mut self, worker: WorkerId, speed: Speed) {
        self.tally(worker, |w| w.speed = speed);
        self.ideal.see(self.workers.iter().map(|w| w.speed));
    }

    fn reset(&mut self, speeds: &[Speed]) {
        let copies = self.copies;
        let settings = Settings {
            speeds: speeds.to_vec(),
            seed: self.seed,
            workload: super::settings::Workload {
                sizes: self.sizes,
                ..Settings::default().workload
            },
            ..Settings::default()
        };
        *self = Self::following(&settings, self.most);
        self.copies = copies;
    }
}
