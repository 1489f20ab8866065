//! The picture for the screen: the books at a moment.

use super::super::ids::{Elapsed, LabTime};
use super::super::snapshot::{Books, BrokerState, Clock, Figure, ProducerRow, QueueRow, Snapshot, WorkerRow};
use super::timeline::CELL_US;
use super::{Ledger, WorkerBook};
use std::sync::Arc;

/// How many jobs of a tray a row names.
const TRAY_NAMED: usize = 32;

impl Ledger {
    /// The books at that moment of real time, which is not before the last event.
    pub(in super::super) fn snapshot(&self, now: Elapsed) -> Snapshot {
        let lab = self.clock.now(now);
        let used = self.settings.queue.slot();
        let counts = self.jobs.counts();
        let (insights, earlier) = self.insights(now);
        Snapshot {
            at: now,
            settings: Arc::clone(&self.settings),
            clock: Clock {
                now: lab,
                pace: self.clock.pace(),
            },
            broker: self.broker.clone(),
            producer: ProducerRow {
                producing: self.producing,
                published: self.jobs.len(),
                confirmed: counts.confirmed,
                unconfirmed: counts.unconfirmed,
                connected: self.connected,
            },
            queue: self.queue_row(),
            elsewhere: counts.waiting[1 - used],
            workers: self.rows(lab),
            books: self.books(now),
            matrix: self.aftermath.matrix(&counts.stakes),
            at_stake: counts.stakes.map(|row| row.map(|stake| stake.published)),
            log: self.log.lines(),
            insights,
            earlier,
            travel: self.tracks.travel(now),
            play: None,
            cell_us: CELL_US,
        }
    }

    fn rows(&self, lab: LabTime) -> Vec<WorkerRow> {
        let row = |worker: &WorkerBook| WorkerRow {
            waiting: self.jobs.waiting_for(worker.id),
            ..worker.row(lab)
        };
        self.present().map(row).collect()
    }

    fn queue_row(&self) -> QueueRow {
        let says = self.says.queue(self.settings.queue);
        let used = self.settings.queue.slot();
        let counts = self.jobs.counts();
        QueueRow {
            ready: self.told_or_estimated(says.ready, counts.waiting[used]),
            unacked: self.told_or_estimated(says.unacked, counts.unacked[used]),
            redelivered: self.redelivered,
            consumers: says.consumers,
            waiting: counts.waiting[used],
        }
    }

    /// What the broker does not tell is estimated from what clients saw, as long as there is a broker.
    fn told_or_estimated(&self, told: Figure, seen: u32) -> Figure {
        match told {
            Figure::Unknown if self.broker.state == BrokerState::Up => Figure::Estimated(seen.into()),
            told => told,
        }
    }

    /// The sums at that moment.
    pub(in super::super) fn books(&self, now: Elapsed) -> Books {
        let counts = self.jobs.counts();
        Books {
            published: self.jobs.len(),
            done: counts.done,
            waiting: counts.waiting[0] + counts.waiting[1],
            tray: counts.tray,
            hand: counts.hand,
            lost: counts.lost,
            returned: counts.returned,
            dead: counts.dead,
            twice: counts.twice,
            balance: self.balance(now),
        }
    }

    pub(super) fn present(&self) -> impl Iterator<Item = &WorkerBook> {
        self.workers.iter().filter(|w| !w.removed)
    }
}

impl WorkerBook {
    pub(in super::super) fn row(&self, now: LabTime) -> WorkerRow {
        let ongoing = self.ongoing();
        WorkerRow {
            id: self.id,
            guest: self.guest.clone(),
            speed: self.speed,
            habit: self.habit,
            state: self.state.clone(),
            hand: self.hand.map(|hand| hand.row(self.progress(now))),
            tray: self.tray.iter().take(TRAY_NAMED).map(|held| held.job).collect(),
            tray_len: u32::try_from(self.tray.len()).unwrap_or(u32::MAX),
            unacked: self.unacked,
            prefetch: self.subscription.map(|has| has.prefetch),
            waiting: 0,
            done: self.done,
            redelivered: self.redelivered,
            twice: self.twice,
            lost: self.lost,
            busy: self.timeline.busy(now, ongoing),
            timeline: self.timeline.cells(now, ongoing),
        }
    }
}
