//! The fate of every job, in compact records, and the sums over them, kept as they change.

use super::super::event::{Cause, Published};
use super::super::ids::{JobId, LabTime, WorkerId};
use super::super::settings::{AckMode, Confirms, Delivery, QueueKind, Settings, Sharing};
use super::super::wire::Delivered;
pub(in super::super) use super::counts::Counts;
use super::sheets::Sheets;

/// What became of a job; exactly one at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Fate {
    /// In its queue, or on the wire.
    Waiting,
    /// Delivered and not begun.
    Tray(WorkerId),
    /// Being worked on.
    Hand(WorkerId),
    /// Finished, and not on its way round again.
    Done,
    /// Nobody will do it.
    Lost(Cause),
    /// No queue took it, or the broker refused it.
    Returned,
    /// In the dead-letter queue.
    Dead,
}

/// A job in the books: twelve bytes, since there may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Record {
    pub(in super::super) fate: Fate,
    /// Lab time since when that is its fate, in milliseconds; enough for seven weeks.
    since_ms: u32,
    pub(in super::super) queue: QueueKind,
    pub(in super::super) delivery: Delivery,
    marks: Marks,
    /// How often it was finished, by whomever; 255 or more.
    pub(in super::super) finishes: u8,
}

/// What is true of a job besides, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks(u8);

impl Marks {
    /// A confirm was asked for, and will come or has come.
    const ASKED: u8 = 1;
    const CONFIRMED: u8 = 2;
    /// The broker counts it as unacked, as far as clients know.
    const OWED: u8 = 4;
    /// It was delivered with that flag.
    const REDELIVERED: u8 = 8;
    /// The broker told that it is in the dead-letter queue.
    const BURIED: u8 = 16;

    const fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }

    const fn set(&mut self, mark: u8) {
        self.0 |= mark;
    }

    const fn unset(&mut self, mark: u8) {
        self.0 &= !mark;
    }
}

/// Jobs on a sheet of the books.
pub(in super::super) const PER_SHEET: usize = 256;

/// All jobs, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Jobs {
    records: Sheets<Record, PER_SHEET>,
    counts: Counts,
    /// How many jobs of each sheet wait, by queue; so a job's place in its queue is found without counting all others.
    waiting: [Vec<u16>; 2],
    /// How many jobs wait for each worker, where each has a queue of its own; else empty.
    own: Vec<u32>,
}

impl Jobs {
    /// No jobs yet, of which those of each message go to so many queues.
    pub(super) fn of(settings: &Settings) -> Self {
        let own = match settings.sharing {
            Sharing::OneQueue => Vec::new(),
            Sharing::QueueEach => vec![0; settings.copies() as usize],
        };
        Self { own, ..Self::default() }
    }

    /// How many jobs wait in the queue that is this worker's own.
    pub(super) fn waiting_for(&self, worker: WorkerId) -> u32 {
        let owner = usize::from(worker.0).checked_sub(1);
        owner.and_then(|owner| self.own.get(owner)).copied().unwrap_or_default()
    }

    fn owner(&self, i: usize) -> Option<usize> {
        i.checked_rem(self.own.len())
    }

    pub(in super::super) fn len(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    pub(in super::super) fn get(&self, job: JobId) -> Option<&Record> {
        self.records.get(index(job)?)
    }

    pub(in super::super) fn fate(&self, job: JobId) -> Option<Fate> {
        self.get(job).map(|r| r.fate)
    }

    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (JobId, &Record)> {
        (1..).map(JobId).zip(self.records.iter())
    }

    /// The records themselves, the one of `#1` first.
    pub(in super::super) const fn records(&self) -> &Sheets<Record, PER_SHEET> {
        &self.records
    }

    pub(in super::super) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Where each of these jobs stands in its queue, counted from 1 at the head, if those that wait stand in the order of
    /// their numbers.
    pub(in super::super) fn places(&self, jobs: &[JobId]) -> Vec<u32> {
        if !self.own.is_empty() {
            return jobs
                .iter()
                .map(|job| self.own_place(*job).unwrap_or_default())
                .collect();
        }
        let mut swept = [Swept::default(); 2];
        let place = |job: &JobId| self.place(index(*job)?, &mut swept);
        jobs.iter().map(place).map(Option::unwrap_or_default).collect()
    }

    /// The same in the queue that is one worker's own.
    fn own_place(&self, job: JobId) -> Option<u32> {
        let i = index(job)?;
        let mine = self
            .records
            .slices(0..i)
            .flatten()
            .skip(self.owner(i)?)
            .step_by(self.own.len());
        let ahead = mine.filter(|record| record.fate == Fate::Waiting).count();
        u32::try_from(ahead + 1).ok()
    }

    fn place(&self, i: usize, swept: &mut [Swept; 2]) -> Option<u32> {
        let queue = self.records.get(i)?.queue;
        let sums = &self.waiting[queue.slot()];
        let swept = &mut swept[queue.slot()];
        if i < swept.index {
            *swept = Swept::default();
        }
        let sheet = i / PER_SHEET;
        if sheet > swept.sheet {
            let between = sums.get(swept.sheet..sheet)?;
            swept.before_sheet += between.iter().copied().map(u32::from).sum::<u32>();
            swept.sheet = sheet;
            swept.index = sheet * PER_SHEET;
            swept.before_index = swept.before_sheet;
        }
        let between = self.records.slices(swept.index..i).flatten();
        let ahead = between.filter(|r| r.fate == Fate::Waiting && r.queue == queue).count();
        swept.before_index += u32::try_from(ahead).unwrap_or(u32::MAX);
        swept.index = i;
        Some(swept.before_index + 1)
    }

    /// Bytes that the books of the jobs take besides what is shared with an older copy.
    pub(super) fn own_bytes(&self, older: Option<&Self>) -> usize {
        let sums: usize = self.waiting.iter().map(|sums| sums.capacity() * size_of::<u16>()).sum();
        self.records.own_bytes(older.map(|older| &older.records)) + sums + size_of_val(&self.own[..])
    }

    pub(super) fn publish(&mut self, at: LabTime, p: Published) {
        let mut marks = Marks::default();
        if p.confirms == Confirms::On {
            marks.set(Marks::ASKED);
        }
        let record = Record {
            fate: Fate::Waiting,
            since_ms: ms(at),
            queue: p.queue,
            delivery: p.delivery,
            marks,
            finishes: 0,
        };
        let sheet = self.records.len() / PER_SHEET;
        self.waiting.iter_mut().for_each(|sums| sums.resize(sheet + 1, 0));
        self.waiting[p.queue.slot()][sheet] += 1;
        if let Some(owner) = self.owner(self.records.len()) {
            self.own[owner] += 1;
        }
        self.counts.add(&record);
        self.records.push_back(record);
    }

    pub(super) fn confirm(&mut self, job: JobId) {
        self.change(job, |r| r.marks.set(Marks::ASKED | Marks::CONFIRMED));
    }

    /// In the dead-letter queue, put there by the broker: no delivery that is told later counts.
    pub(super) fn bury(&mut self, at: LabTime, job: JobId) {
        self.change(job, |r| {
            r.turn(at, Fate::Dead);
            r.marks.unset(Marks::OWED);
            r.marks.set(Marks::BURIED);
        });
    }

    pub(in super::super) fn is_buried(&self, job: JobId) -> bool {
        self.get(job).is_some_and(|r| r.marks.has(Marks::BURIED))
    }

    /// Refused: no confirm will come.
    pub(super) fn refuse(&mut self, at: LabTime, job: JobId) {
        self.change(job, |r| {
            r.marks.unset(Marks::ASKED | Marks::CONFIRMED);
            if r.fate == Fate::Waiting {
                r.turn(at, Fate::Returned);
            }
        });
    }

    pub(super) fn give_back(&mut self, at: LabTime, job: JobId) {
        self.change(job, |r| {
            if r.fate == Fate::Waiting {
                r.turn(at, Fate::Returned);
            }
        });
    }

    pub(super) fn set(&mut self, at: LabTime, job: JobId, fate: Fate) {
        self.change(job, |r| r.turn(at, fate));
    }

    /// In the worker's tray; whether the broker waits for an ack depends on the mode.
    pub(super) fn deliver(&mut self, at: LabTime, worker: WorkerId, d: &Delivered) {
        self.change(d.job, |r| {
            r.turn(at, Fate::Tray(worker));
            match d.ack {
                AckMode::Manual => r.marks.set(Marks::OWED),
                AckMode::Automatic => r.marks.unset(Marks::OWED),
            }
            if d.redelivered {
                r.marks.set(Marks::REDELIVERED);
            }
        });
    }

    /// Out of whoever's hands it was in.
    pub(super) fn leave(&mut self, at: LabTime, job: JobId, fate: Fate) {
        self.change(job, |r| {
            r.turn(at, fate);
            r.marks.unset(Marks::OWED | Marks::BURIED);
        });
    }

    pub(in super::super) fn is_owed(&self, job: JobId) -> bool {
        self.get(job).is_some_and(|r| r.marks.has(Marks::OWED))
    }

    pub(super) fn owe_nothing(&mut self, job: JobId) {
        self.change(job, |r| r.marks.unset(Marks::OWED));
    }

    /// Marks it done; says how often it had been finished before.
    pub(super) fn finish(&mut self, at: LabTime, job: JobId) -> u8 {
        let mut before = 0;
        self.change(job, |r| {
            before = r.finishes;
            r.finishes = r.finishes.saturating_add(1);
            r.turn(at, Fate::Done);
        });
        before
    }

    fn change(&mut self, job: JobId, f: impl FnOnce(&mut Record)) {
        let Some(i) = index(job) else { return };
        let Some(record) = self.records.get_mut(i) else { return };
        self.counts.remove(record);
        let waited = record.fate == Fate::Waiting;
        f(record);
        let waits = record.fate == Fate::Waiting;
        self.counts.add(record);
        let sum = &mut self.waiting[record.queue.slot()][i / PER_SHEET];
        *sum = *sum + u16::from(waits) - u16::from(waited);
        if let Some(owner) = self.owner(i) {
            self.own[owner] = self.own[owner] + u32::from(waits) - u32::from(waited);
        }
    }

    /// The sums, counted anew.
    #[cfg(test)]
    pub(in super::super) fn recount(&self) -> Counts {
        let mut counts = Counts::default();
        self.records.iter().for_each(|record| counts.add(record));
        let waiting = self
            .waiting
            .each_ref()
            .map(|sums| sums.iter().copied().map(u32::from).sum::<u32>());
        assert_eq!(waiting, counts.waiting, "sums by sheet");
        let own: u32 = self.own.iter().sum();
        assert!(
            self.own.is_empty() || own == counts.waiting.iter().sum::<u32>(),
            "sums by owner"
        );
        counts
    }
}

/// How far the jobs ahead of one were counted.
#[derive(Clone, Copy, Debug, Default)]
struct Swept {
    sheet: usize,
    /// Jobs that wait on the sheets before.
    before_sheet: u32,
    index: usize,
    before_index: u32,
}

impl Record {
    /// Lab time since when it is where it is, to the millisecond.
    pub(in super::super) fn since(&self) -> LabTime {
        LabTime(u64::from(self.since_ms) * 1000)
    }

    pub(in super::super) const fn since_ms(&self) -> u32 {
        self.since_ms
    }

    pub(in super::super) const fn is_confirmed(&self) -> bool {
        self.marks.has(Marks::CONFIRMED)
    }

    pub(in super::super) const fn is_unasked(&self) -> bool {
        !self.marks.has(Marks::ASKED)
    }

    /// The broker waits for an ack, as far as clients know.
    pub(in super::super) const fn is_owed(&self) -> bool {
        self.marks.has(Marks::OWED)
    }

    /// It was delivered with that flag, at least once.
    pub(in super::super) const fn is_redelivered(&self) -> bool {
        self.marks.has(Marks::REDELIVERED)
    }

    /// The broker has it: in a queue, or as unacked.
    pub(super) fn is_kept(&self) -> bool {
        self.fate == Fate::Waiting || self.is_owed()
    }

    fn turn(&mut self, at: LabTime, fate: Fate) {
        if self.fate != fate {
            self.fate = fate;
            self.since_ms = ms(at);
        }
    }
}

fn ms(at: LabTime) -> u32 {
    u32::try_from(at.0 / 1000).unwrap_or(u32::MAX)
}

fn index(job: JobId) -> Option<usize> {
    usize::try_from(job.0).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_small() {
        assert!(size_of::<Record>() <= 12, "{}", size_of::<Record>());
    }
}
