//! Small tallies for the insights, kept as events come: a few steps for each, and for jobs that went back a look at where
//! they stand.

use super::super::super::draws;
use super::super::super::event::{Breakage, Burial, Cause, Change, Event, Happening, Requeue};
use super::super::super::ids::{JobId, LabTime, WorkerId};
use super::super::super::place::Place;
use super::super::super::settings::{Settings, Sharing};
use super::super::super::wire::Delivered;
use super::super::{Jobs, Ledger, WorkerBook, place};

/// What one worker did, as far as the ledger's own book does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Deeds {
    /// Deliveries since the crew and its settings are what they are.
    pub(super) dealt: u32,
    /// Dots of these.
    pub(super) dealt_dots: u32,
    /// Jobs finished in that time.
    pub(super) done: u32,
    /// Dots of these.
    pub(super) done_dots: u32,
    /// Dots of the job in hand.
    hand_dots: u32,
    /// Jobs that it forgot to ack, on this channel.
    pub(super) forgot: u32,
    /// Jobs finished since the last ack.
    pub(super) unsaid: u32,
    /// When the first of them was.
    pub(super) unsaid_since: LabTime,
    /// Jobs finished again, as far as told.
    twice: u32,
    /// Jobs refused for good.
    pub(super) refused: u32,
    /// Jobs that were lost with this channel; some are found out later than others.
    lost: u32,
}

/// Something that happened, when, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark<T> {
    pub(super) at: LabTime,
    pub(super) what: T,
}

/// A job that was redelivered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Round {
    pub(super) job: JobId,
    /// Redeliveries in a row, none later than [`ROUND_US`] after the one before.
    pub(super) times: u32,
    pub(super) worker: WorkerId,
    pub(super) last: LabTime,
}

/// How many redelivered jobs are kept in mind.
const ROUNDS: usize = 16;

/// Redeliveries of a job that are further apart than this are not one loop.
const ROUND_US: u64 = 30_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    crew: Vec<Deeds>,
    /// Since when crew and settings are what they are, so that shares can be compared …
    pub(super) since: LabTime,
    /// … and how many jobs were finished in that time.
    pub(super) done: u32,
    /// Jobs published since the workload is what it is, but for samples, which have sizes of their own …
    pub(super) came: u64,
    /// … and their dots.
    pub(super) came_dots: u64,
    /// Jobs of a sample that are still to come.
    sampled: u32,
    /// Jobs delivered for the first time since the workload is what it is …
    pub(super) jobs: u64,
    /// … and their dots.
    pub(super) dots: u64,
    /// Jobs finished.
    pub(super) finished: u32,
    /// Those that were finished after a later one.
    pub(super) late: u32,
    /// The latest number finished.
    newest: u32,
    pub(super) rounds: Vec<Round>,
    pub(super) lost: Option<Mark<(WorkerId, u32)>>,
    pub(super) storm: Option<Mark<(WorkerId, u32)>>,
    pub(super) back: Option<Mark<(JobId, u32)>>,
    pub(super) twice: Option<Mark<(JobId, WorkerId)>>,
    pub(super) redelivered: Option<LabTime>,
    pub(super) double_ack: Option<Mark<WorkerId>>,
    pub(super) refused: Option<Mark<WorkerId>>,
    pub(super) returned: Option<Mark<u32>>,
    /// The last job that came back too often, and how many did so far.
    pub(super) buried: Option<Mark<(JobId, u32)>>,
    pub(super) unconfirmed: Option<Mark<u32>>,
}

/// From how many jobs on a worker's end is a storm.
const STORM: u32 = 10;

impl Tally {
    pub(super) fn of(&self, id: WorkerId) -> Deeds {
        place(id).and_then(|i| self.crew.get(i)).copied().unwrap_or_default()
    }

    /// Bytes on the heap.
    pub(super) fn own_bytes(&self) -> usize {
        size_of_val(&self.crew[..]) + size_of_val(&self.rounds[..])
    }

    /// One event, after the ledger has entered it.
    pub(super) fn enter(&mut self, event: &Event, ledger: &Ledger) {
        let at = event.lab;
        match &event.what {
            Happening::Published(p) => self.published(p.job, &ledger.settings),
            Happening::Delivered(worker, d) => self.delivered(at, *worker, d),
            Happening::Begun(worker, _) => self.begun(*worker, ledger.worker(*worker)),
            Happening::Finished(worker, job) => self.finished(at, (*worker, *job), ledger.worker(*worker)),
            Happening::Acked(worker, _) => self.alter(*worker, |w| w.unsaid = 0),
            Happening::Forgot(worker, _) => self.alter(*worker, |w| {
                w.forgot += 1;
                w.unsaid = w.unsaid.saturating_sub(1);
            }),
            Happening::Rejected(worker, _, requeue) => self.rejected(at, *worker, *requeue),
            Happening::WentBack { jobs, from, why } => self.went_back(at, jobs, (*from, *why), ledger),
            Happening::Lost { jobs, from, why } => self.lost(at, jobs, *from, *why),
            Happening::Returned(_) => self.returned(at),
            Happening::Buried(job, Burial::DeliveryLimit) => self.buried(at, *job),
            _ => self.enter_rest(event, ledger),
        }
    }

    fn enter_rest(&mut self, event: &Event, ledger: &Ledger) {
        let at = event.lab;
        match &event.what {
            Happening::Changed(change) => self.changed(at, *change),
            Happening::Sample(n) => self.sampled += n * 4,
            Happening::Started
            | Happening::Added(..)
            | Happening::Removed(_)
            | Happening::Revived(_)
            | Happening::Killed(..) => self.begin_again(at),
            Happening::Starting(worker) | Happening::Waiting(worker) => self.new_channel(at, *worker),
            Happening::Broke(worker, how) => self.broke(at, *worker, how),
            Happening::BrokerDown(_) => {
                let what = ledger.jobs.counts().unconfirmed;
                self.unconfirmed = (what > 0).then_some(Mark { at, what });
            }
            _ => {}
        }
    }

    fn alter(&mut self, id: WorkerId, f: impl FnOnce(&mut Deeds)) {
        let Some(i) = place(id) else { return };
        if self.crew.len() <= i {
            self.crew.resize(i + 1, Deeds::default());
        }
        f(&mut self.crew[i]);
    }

    fn published(&mut self, job: JobId, settings: &Settings) {
        if self.sampled > 0 {
            self.sampled -= 1;
            return;
        }
        self.came += 1;
        self.came_dots += u64::from(draws::job(settings.seed, settings.message_of(job), settings.workload.sizes).dots);
    }

    fn delivered(&mut self, at: LabTime, worker: WorkerId, d: &Delivered) {
        self.alter(worker, |w| {
            w.dealt += 1;
            w.dealt_dots = w.dealt_dots.saturating_add(d.dots);
        });
        if d.redelivered {
            self.redelivered = Some(at);
            self.went_round(at, d.job, worker);
        } else {
            self.jobs += 1;
            self.dots += u64::from(d.dots);
        }
    }

    /// Jobs in a loop come back in turns, so one that is kept in mind stays until its loop has ended; a newcomer takes no
    /// other's place. So of a loop of many jobs some are followed all the way.
    fn went_round(&mut self, at: LabTime, job: JobId, worker: WorkerId) {
        let fresh = Round {
            job,
            times: 1,
            worker,
            last: at,
        };
        let over = |round: &Round| at.0.saturating_sub(round.last.0) > ROUND_US;
        if let Some(round) = self.rounds.iter_mut().find(|r| r.job == job) {
            if over(round) {
                *round = fresh;
            } else {
                (round.times, round.worker, round.last) = (round.times + 1, worker, at);
            }
        } else if self.rounds.len() < ROUNDS {
            self.rounds.push(fresh);
        } else if let Some(past) = self.rounds.iter_mut().find(|round| over(round)) {
            *past = fresh;
        }
    }

    fn begun(&mut self, worker: WorkerId, book: Option<&WorkerBook>) {
        let dots = book.and_then(|w| w.hand).map_or(0, |hand| hand.row(0).dots);
        self.alter(worker, |w| w.hand_dots = dots);
    }

    fn finished(&mut self, at: LabTime, (worker, job): (WorkerId, JobId), book: Option<&WorkerBook>) {
        self.finished += 1;
        self.done += 1;
        if job.0 < self.newest {
            self.late += 1;
        }
        self.newest = self.newest.max(job.0);
        let Some(book) = book else { return };
        let mut again = false;
        self.alter(worker, |w| {
            w.done += 1;
            w.done_dots = w.done_dots.saturating_add(w.hand_dots);
            again = book.twice > w.twice;
            w.twice = book.twice;
            if book.owing.is_some() {
                w.unsaid_since = if w.unsaid == 0 { at } else { w.unsaid_since };
                w.unsaid += 1;
            }
        });
        if again {
            let what = (job, worker);
            self.twice = Some(Mark { at, what });
        }
    }

    fn rejected(&mut self, at: LabTime, worker: WorkerId, requeue: Requeue) {
        self.alter(worker, |w| {
            w.unsaid = w.unsaid.saturating_sub(1);
            w.refused += u32::from(requeue == Requeue::No);
        });
        if requeue == Requeue::No {
            self.refused = Some(Mark { at, what: worker });
        }
    }

    /// Where the broker ended it was no worker's end, and all that the queue has kept is in it anew.
    fn went_back(&mut self, at: LabTime, jobs: &[JobId], (from, why): (WorkerId, Cause), ledger: &Ledger) {
        let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        if why != Cause::Requeued {
            self.alter(from, |w| (w.forgot, w.unsaid) = (0, 0));
        }
        if why == Cause::BrokerEnded {
            return;
        }
        if why != Cause::Requeued && count >= STORM {
            let what = (from, count);
            self.storm = Some(Mark { at, what });
        }
        if let Some(&first) = jobs.first()
            && ledger.place_of(jobs, why) == Place::Old
            && ledger.settings.sharing == Sharing::OneQueue
            && stand_before_others(&ledger.jobs, jobs)
        {
            let what = (first, count);
            self.back = Some(Mark { at, what });
        }
    }

    fn lost(&mut self, at: LabTime, jobs: &[JobId], from: Option<WorkerId>, why: Cause) {
        let with_it = matches!(why, Cause::Killed(_) | Cause::Removed | Cause::ConnectionLost);
        if let Some(worker) = from.filter(|_| with_it && !jobs.is_empty()) {
            let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
            self.alter(worker, |w| w.lost = w.lost.saturating_add(count));
            let what = (worker, self.of(worker).lost);
            self.lost = Some(Mark { at, what });
        }
    }

    fn returned(&mut self, at: LabTime) {
        let before = self.returned.map_or(0, |mark| mark.what);
        self.returned = Some(Mark { at, what: before + 1 });
    }

    fn buried(&mut self, at: LabTime, job: JobId) {
        let before = self.buried.map_or(0, |mark| mark.what.1);
        let what = (job, before + 1);
        self.buried = Some(Mark { at, what });
    }

    fn changed(&mut self, at: LabTime, change: Change) {
        match change {
            Change::Prefetch(_)
            | Change::Ack(_)
            | Change::Queue(_)
            | Change::Speed(..)
            | Change::Line(_)
            | Change::Habit(..) => self.begin_again(at),
            Change::Workload(_) => {
                (self.came, self.came_dots, self.jobs, self.dots) = (0, 0, 0, 0);
                self.begin_again(at);
            }
            _ => {}
        }
    }

    fn broke(&mut self, at: LabTime, worker: WorkerId, how: &Breakage) {
        self.begin_again(at);
        if let Breakage::Refused(text) = how
            && text.contains("unknown delivery tag")
        {
            self.double_ack = Some(Mark { at, what: worker });
        }
    }

    /// Shares are compared from now on.
    fn begin_again(&mut self, at: LabTime) {
        (self.since, self.done) = (at, 0);
        for w in &mut self.crew {
            (w.dealt, w.dealt_dots, w.done, w.done_dots) = (0, 0, 0, 0);
        }
    }

    /// What it owed on its last channel went back, or was lost.
    fn new_channel(&mut self, at: LabTime, worker: WorkerId) {
        self.begin_again(at);
        self.alter(worker, |w| (w.forgot, w.unsaid, w.lost) = (0, 0, 0));
    }
}

/// Whether a job waits behind the first of these, which wait too, that is none of them and in the same queue.
fn stand_before_others(jobs: &Jobs, back: &[JobId]) -> bool {
    let Some((&first, record)) = back.first().and_then(|first| Some((first, jobs.get(*first)?))) else {
        return false;
    };
    let ahead = jobs.places(&[first]).iter().sum::<u32>().saturating_sub(1);
    let behind = jobs.counts().waiting[record.queue.slot()].saturating_sub(ahead);
    let same = |job: &&JobId| jobs.get(**job).is_some_and(|r| r.queue == record.queue);
    u32::try_from(back.iter().filter(same).count()).is_ok_and(|of_them| behind > of_them)
}
