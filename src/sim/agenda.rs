//! The virtual clock's agenda: what happens when. Of two things at one moment, what was entered first happens first.

use crate::broker::dispatch::{ConnectionId, StoreSeq};
use crate::lab::{Elapsed, WorkerId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Something that happens by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// What a worker has sent is there.
    AtBroker(WorkerId),
    /// What the broker has sent is there.
    AtWorker(WorkerId),
    /// What the broker tells the producer is there.
    AtProducer,
    /// The broker hears that a socket is gone.
    Lost(ConnectionId),
    /// The client of a silent line has missed its heartbeats.
    GaveUp(WorkerId, ConnectionId),
    /// The broker has missed those of a silent line.
    Missed(WorkerId, ConnectionId),
    /// All up to that record is on the disk of this life of the broker.
    Synced(Life, StoreSeq),
    /// The broker wanted to be called.
    Tick(Life),
    /// Consumers of quorum queues get the credit that automatic acks owe them.
    Credit(Life),
    /// The producer's connection is open.
    ProducerUp(Life),
    /// The broker answers.
    Started(Life),
    /// All is as it was at the beginning.
    ResetDone,
    /// The broker's figures are told.
    Figures,
}

/// A life of the broker, or the time between two. What was entered in an earlier one is void.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Life(pub(super) u32);

#[derive(Debug, Default)]
pub(super) struct Agenda {
    items: BinaryHeap<Reverse<(Elapsed, u64, Item)>>,
    entered: u64,
}

impl Agenda {
    pub(super) fn enter(&mut self, at: Elapsed, item: Item) {
        self.entered += 1;
        self.items.push(Reverse((at, self.entered, item)));
    }

    pub(super) fn next(&self) -> Option<Elapsed> {
        self.items.peek().map(|Reverse((at, ..))| *at)
    }

    pub(super) fn pop(&mut self) -> Option<(Elapsed, Item)> {
        self.items.pop().map(|Reverse((at, _, item))| (at, item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_first_happens_first_at_one_moment() {
        let mut agenda = Agenda::default();
        let (one, two) = (Item::AtWorker(WorkerId(2)), Item::AtBroker(WorkerId(1)));
        for (at, item) in [(7, one), (7, two), (3, Item::Figures), (7, Item::AtProducer)] {
            agenda.enter(Elapsed(at), item);
        }
        let order: Vec<Item> = std::iter::from_fn(|| agenda.pop()).map(|(_, item)| item).collect();
        assert_eq!(order, [Item::Figures, one, two, Item::AtProducer]);
    }
}
