//! The fate of every job, in compact records, and the sums over them, kept as they change.

use super::super::event::{Cause, Published};
use super::super::ids::{JobId, WorkerId};
use super::super::settings::{Confirms, Delivery, QueueKind};
use super::matrix::Stakes;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirm {
    NotAsked,
    Awaited,
    Given,
}

/// Whether the broker counts the job as unacked, as far as clients know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owed {
    Nothing,
    Ack,
}

/// A job in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Record {
    pub(in super::super) fate: Fate,
    pub(in super::super) queue: QueueKind,
    pub(in super::super) delivery: Delivery,
    confirm: Confirm,
    owed: Owed,
    /// How often it was finished, by whomever.
    finishes: u16,
}

/// Sums over all records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Counts {
    pub(in super::super) waiting: [u32; 2],
    pub(in super::super) unacked: [u32; 2],
    pub(in super::super) tray: u32,
    pub(in super::super) hand: u32,
    pub(in super::super) done: u32,
    pub(in super::super) lost: u32,
    pub(in super::super) returned: u32,
    pub(in super::super) dead: u32,
    pub(in super::super) confirmed: u32,
    pub(in super::super) unconfirmed: u32,
    pub(in super::super) twice: u32,
    /// What the broker has to keep, as far as clients know.
    pub(in super::super) stakes: Stakes,
}

/// All jobs, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Jobs {
    records: Vec<Record>,
    counts: Counts,
}

impl Jobs {
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
        (1..).map(JobId).zip(&self.records)
    }

    pub(in super::super) const fn counts(&self) -> &Counts {
        &self.counts
    }

    pub(super) fn publish(&mut self, p: Published) {
        let record = Record {
            fate: Fate::Waiting,
            queue: p.queue,
            delivery: p.delivery,
            confirm: match p.confirms {
                Confirms::On => Confirm::Awaited,
                Confirms::Off => Confirm::NotAsked,
            },
            owed: Owed::Nothing,
            finishes: 0,
        };
        self.counts.add(&record);
        self.records.push(record);
    }

    pub(super) fn confirm(&mut self, job: JobId) {
        self.change(job, |r| r.confirm = Confirm::Given);
    }

    /// Refused: no confirm will come.
    pub(super) fn refuse(&mut self, job: JobId) {
        self.change(job, |r| {
            r.confirm = Confirm::NotAsked;
            if r.fate == Fate::Waiting {
                r.fate = Fate::Returned;
            }
        });
    }

    pub(super) fn give_back(&mut self, job: JobId) {
        self.change(job, |r| {
            if r.fate == Fate::Waiting {
                r.fate = Fate::Returned;
            }
        });
    }

    pub(super) fn set(&mut self, job: JobId, fate: Fate) {
        self.change(job, |r| r.fate = fate);
    }

    /// The broker counts it as unacked from now on.
    pub(super) fn owe(&mut self, job: JobId) {
        self.change(job, |r| r.owed = Owed::Ack);
    }

    pub(super) fn is_owed(&self, job: JobId) -> bool {
        self.get(job).is_some_and(|r| r.owed == Owed::Ack)
    }

    pub(super) fn owe_nothing(&mut self, job: JobId) {
        self.change(job, |r| r.owed = Owed::Nothing);
    }

    /// Marks it done; says how often it had been finished before.
    pub(super) fn finish(&mut self, job: JobId) -> u16 {
        let mut before = 0;
        self.change(job, |r| {
            before = r.finishes;
            r.finishes = r.finishes.saturating_add(1);
            r.fate = Fate::Done;
        });
        before
    }

    fn change(&mut self, job: JobId, f: impl FnOnce(&mut Record)) {
        let Some(record) = index(job).and_then(|i| self.records.get_mut(i)) else {
            return;
        };
        self.counts.remove(record);
        f(record);
        self.counts.add(record);
    }

    /// The sums, counted anew.
    #[cfg(test)]
    pub(in super::super) fn recount(&self) -> Counts {
        let mut counts = Counts::default();
        for record in &self.records {
            counts.add(record);
        }
        counts
    }
}

impl Record {
    pub(super) fn is_confirmed(&self) -> bool {
        self.confirm == Confirm::Given
    }

    pub(super) fn is_unasked(&self) -> bool {
        self.confirm == Confirm::NotAsked
    }

    /// The broker has it: in a queue, or as unacked.
    fn is_kept(&self) -> bool {
        self.fate == Fate::Waiting || self.owed == Owed::Ack
    }
}

impl Counts {
    fn add(&mut self, r: &Record) {
        self.each(r, |n| *n += 1);
    }

    fn remove(&mut self, r: &Record) {
        self.each(r, |n| *n -= 1);
    }

    fn each(&mut self, r: &Record, f: impl Fn(&mut u32)) {
        f(match r.fate {
            Fate::Waiting => &mut self.waiting[r.queue.slot()],
            Fate::Tray(_) => &mut self.tray,
            Fate::Hand(_) => &mut self.hand,
            Fate::Done => &mut self.done,
            Fate::Lost(_) => &mut self.lost,
            Fate::Returned => &mut self.returned,
            Fate::Dead => &mut self.dead,
        });
        match r.confirm {
            Confirm::NotAsked => {}
            Confirm::Awaited => f(&mut self.unconfirmed),
            Confirm::Given => f(&mut self.confirmed),
        }
        if r.owed == Owed::Ack {
            f(&mut self.unacked[r.queue.slot()]);
        }
        if r.is_kept() {
            let stake = &mut self.stakes[r.queue.slot()][r.delivery.slot()];
            f(&mut stake.published);
            match r.confirm {
                Confirm::NotAsked => f(&mut stake.unasked),
                Confirm::Awaited => {}
                Confirm::Given => f(&mut stake.confirmed),
            }
        }
        if r.finishes > 1 {
            f(&mut self.twice);
        }
    }

    /// The sum of all fates.
    #[cfg(test)]
    pub(in super::super) fn total(&self) -> u32 {
        self.waiting[0] + self.waiting[1] + self.tray + self.hand + self.done + self.lost + self.returned + self.dead
    }
}

fn index(job: JobId) -> Option<usize> {
    usize::try_from(job.0).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_small() {
        assert!(size_of::<Record>() <= 16, "{}", size_of::<Record>());
    }
}
