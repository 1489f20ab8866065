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
            + self.dues.own_bytes()
            + self.log.own_bytes()
            + self.insights.own_bytes()
    }
}

impl WorkerBook {
    fn own_bytes(&self, older: Option<&Self>) -> usize {
        size_of::<Self>()
            + self.tray.own_bytes(older.map(|older| &older.tray))
            + self.unheard.own_bytes(older.map(|older| &older.unheard))
            + self.timeline.own_bytes(older.map(|older| &older.timeline))
            + bytes(&self.wire)
    }
}

pub(super) fn bytes<T>(list: &VecDeque<T>) -> usize {
    list.capacity() * size_of::<T>()
}

#[cfg(test)]
mod tests {
    use super::super::super::ids::{DeliveryTag, JobId, LabTime, WorkerId};
    use super::super::super::settings::{AckMode, Speed};
    use super::super::super::wire::Delivered;
    use super::super::worker::Held;
    use super::*;

    fn after_jobs(count: u32, then: impl Fn(&mut WorkerBook)) -> WorkerBook {
        let at = LabTime(1);
        let mut worker = WorkerBook::new(WorkerId(1), Speed(1000), at);
        for job in 1..=count {
            worker.deliver(&Delivered {
                job: JobId(job),
                tag: DeliveryTag(job.into()),
                redelivered: false,
                dots: 1,
                ack: AckMode::Manual,
            });
            worker.begin(at);
            worker.finish(at, JobId(job));
            then(&mut worker);
        }
        worker
    }

    #[test]
    fn jobs_whose_acks_were_forgotten_are_weighed_once_for_all_copies() {
        let acks = after_jobs(1000, WorkerBook::acked);
        let forgets = after_jobs(1000, WorkerBook::forgot);
        let jobs = 1000 * size_of::<Held>();
        assert!(forgets.own_bytes(None) >= acks.own_bytes(None) + jobs);
        let copy = forgets.clone();
        assert!(copy.own_bytes(Some(&forgets)) < acks.own_bytes(Some(&acks)) + jobs / 10);
    }
}
