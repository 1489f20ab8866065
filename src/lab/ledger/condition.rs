//! The counts of which a script's conditions speak, each kept already: a look at them costs nothing.

use super::super::ids::WorkerId;
use super::super::script::{Condition, Count, WorkerCount};
use super::super::snapshot::WorkerState;
use super::{Ledger, WorkerBook, place};

impl Ledger {
    pub(in super::super) fn holds(&self, condition: Condition) -> bool {
        condition.is.holds(&self.count(condition.what), &condition.than)
    }

    fn count(&self, what: Count) -> u32 {
        let counts = self.jobs.counts();
        match what {
            Count::Published => self.jobs.len(),
            Count::Confirmed => counts.confirmed,
            Count::Done => counts.finished,
            Count::Lost => counts.lost,
            Count::Twice => counts.twice,
            Count::Redelivered => self.redelivered,
            Count::Ready => counts.waiting.iter().sum(),
            Count::Dead => counts.dead,
            Count::Worker(id, what) => self.count_of(id, what),
        }
    }

    /// Of a worker that does not exist (yet), everything is 0; of one that was removed, what it did counts on.
    fn count_of(&self, id: WorkerId, what: WorkerCount) -> u32 {
        let book = place(id).and_then(|place| self.workers.get(place));
        book.map_or(0, |worker| worker.count(what))
    }

    /// Each job is done and settled, lost, dead or returned, as far as clients know.
    pub(in super::super) fn has_settled(&self) -> bool {
        let counts = self.jobs.counts();
        let unacked: u32 = counts.unacked.iter().sum();
        let waiting: u32 = counts.waiting.iter().sum();
        unacked + waiting + counts.tray + counts.hand == 0
    }
}

impl WorkerBook {
    fn count(&self, what: WorkerCount) -> u32 {
        let tray = u32::try_from(self.tray.len()).unwrap_or(u32::MAX);
        let hand = u32::from(self.hand.is_some());
        match what {
            WorkerCount::Done => self.done,
            WorkerCount::Held => tray.saturating_add(hand),
            WorkerCount::Tray => tray,
            WorkerCount::Hand => hand,
            WorkerCount::Unacked => self.unacked,
            WorkerCount::Redelivered => self.redelivered,
            WorkerCount::Consuming => u32::from(self.consumes()),
        }
    }

    /// The broker has it as a consumer, and its program is there.
    fn consumes(&self) -> bool {
        !self.removed && matches!(self.state, WorkerState::Consuming | WorkerState::Doomed)
    }
}
