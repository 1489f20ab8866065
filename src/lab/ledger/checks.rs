//! What holds after every event.

use super::super::settings::AckMode;
use super::jobs::Fate;
use super::{Ledger, WorkerBook};

pub(super) fn check(ledger: &Ledger) {
    let counts = ledger.jobs.counts();
    assert_eq!(*counts, ledger.jobs.recount(), "sums kept and sums counted anew");
    assert_eq!(counts.total(), ledger.jobs.len(), "each job has one fate");
    let mut trays = 0;
    let mut hands = 0;
    for worker in &ledger.workers {
        trays += worker.tray.len();
        hands += usize::from(worker.hand.is_some());
        check_worker(ledger, worker);
    }
    assert_eq!(trays, counts.tray as usize, "jobs in trays");
    assert_eq!(hands, counts.hand as usize, "jobs in hands");
    let unacked: u32 = ledger.workers.iter().map(|w| w.unacked).sum();
    assert_eq!(
        unacked,
        counts.unacked.iter().sum::<u32>(),
        "unacked by worker and by job"
    );
    let again: u32 = ledger.workers.iter().map(|w| w.twice).sum();
    assert!(again >= counts.twice, "who did it again");
}

fn check_worker(ledger: &Ledger, worker: &WorkerBook) {
    let id = worker.id;
    for held in worker.tray.iter() {
        assert_eq!(ledger.jobs.fate(held.job), Some(Fate::Tray(id)), "{}", held.job);
    }
    if let Some(hand) = &worker.hand {
        assert_eq!(
            ledger.jobs.fate(hand.held.job),
            Some(Fate::Hand(id)),
            "{}",
            hand.held.job
        );
    }
    let held = worker.tray.iter().chain(worker.hand.iter().map(|h| &h.held));
    let manual = held
        .chain(&worker.owing)
        .chain(worker.unheard.iter())
        .filter(|h| h.ack == AckMode::Manual)
        .count();
    assert_eq!(manual, worker.unacked as usize, "{id}'s unacked");
    assert_eq!(ledger.dues.get(usize::from(id.0) - 1), worker.due(), "{id}'s due");
}
