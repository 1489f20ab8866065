//! What keeping the books of a moment costs.

use super::{Ledger, WorkerBook};
use std::collections::VecDeque;

impl Ledger {
    /// Bytes that these books take besides those that they share with older ones.
    pub(in super::super) fn own_bytes(&self, older: Option<&Self>) -> usize {
        let workers = self.workers.iter().enumerate().map(|(i, worker)| {
            let older = older.and_then(|older| older.workers.get(i));
            worker.own_bytes(older)
        });
        size_of::<Self>()
            + self.jobs.own_bytes(older.map(|older| &older.jobs))
            + workers.sum::<usize>()
            + size_of_val(&self.due[..])
            + self.log.own_bytes()
    }
}

impl WorkerBook {
    fn own_bytes(&self, older: Option<&Self>) -> usize {
        size_of::<Self>()
            + self.tray.own_bytes(older.map(|older| &older.tray))
            + self.timeline.own_bytes(older.map(|older| &older.timeline))
            + bytes(&self.wire)
    }
}

pub(super) fn bytes<T>(list: &VecDeque<T>) -> usize {
    list.capacity() * size_of::<T>()
}
