//! The sums over the fates of all jobs, kept as these change.

use super::jobs::{Fate, Record};
use super::matrix::Stakes;

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
    /// Jobs finished at least once, wherever they are now.
    pub(in super::super) finished: u32,
    pub(in super::super) twice: u32,
    /// Jobs that were ever delivered with the redelivered flag.
    pub(in super::super) redelivered: u32,
    /// What the broker has to keep, as far as clients know.
    pub(in super::super) stakes: Stakes,
}

impl Counts {
    pub(super) fn add(&mut self, r: &Record) {
        self.each(r, |n| *n += 1);
    }

    pub(super) fn remove(&mut self, r: &Record) {
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
        if r.is_confirmed() {
            f(&mut self.confirmed);
        } else if !r.is_unasked() {
            f(&mut self.unconfirmed);
        }
        if r.is_owed() {
            f(&mut self.unacked[r.queue.slot()]);
        }
        if r.is_kept() {
            let stake = &mut self.stakes[r.queue.slot()][r.delivery.slot()];
            f(&mut stake.published);
            if r.is_confirmed() {
                f(&mut stake.confirmed);
            } else if r.is_unasked() {
                f(&mut stake.unasked);
            }
        }
        if r.finishes > 0 {
            f(&mut self.finished);
        }
        if r.finishes > 1 {
            f(&mut self.twice);
        }
        if r.is_redelivered() {
            f(&mut self.redelivered);
        }
    }

    /// The sum of all fates.
    #[cfg(test)]
    pub(in super::super) fn total(&self) -> u32 {
        self.waiting[0] + self.waiting[1] + self.tray + self.hand + self.done + self.lost + self.returned + self.dead
    }
}
