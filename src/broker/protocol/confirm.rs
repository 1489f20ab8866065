//! Publisher confirms on one channel (RabbitMQ's extension to AMQP 0-9-1).
//!
//! Publishes are numbered from 1. One is confirmed when the store has its record, or at once if it has none. Confirms
//! are collected while a batch of frames is handled and then sent: a few by an ack each, more by one ack with
//! `multiple` for all below the first that still waits and an ack each for the others.

use crate::broker::dispatch::StoreSeq;
use std::collections::VecDeque;

/// The confirms of one channel.
#[derive(Debug, Default)]
pub(super) struct Confirms {
    last: u64,
    due: Vec<u64>,
    waiting: VecDeque<(u64, StoreSeq)>,
}

/// From this many on, one ack stands for all. RabbitMQ too acks what comes slowly one by one.
const TOGETHER: usize = 4;

/// One `basic.ack` from the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ack {
    /// The number of the publish.
    pub(super) tag: u64,
    /// All up to it.
    pub(super) multiple: bool,
}

impl Confirms {
    /// A message was published; its last record, if it has one.
    pub(super) fn published(&mut self, stored_by: Option<StoreSeq>) {
        self.last += 1;
        match stored_by {
            Some(seq) => self.waiting.push_back((self.last, seq)),
            None => self.due.push(self.last),
        }
    }

    /// The store has everything up to this record.
    pub(super) fn stored(&mut self, up_to: StoreSeq) {
        while let Some(&(tag, seq)) = self.waiting.front()
            && seq <= up_to
        {
            self.due.push(tag);
            self.waiting.pop_front();
        }
    }

    /// Whether some wait for the store.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The acks that are due.
    pub(super) fn take_due(&mut self) -> impl Iterator<Item = Ack> {
        self.due.sort_unstable();
        let first_open = self.waiting.front().map_or(u64::MAX, |&(tag, _)| tag);
        let mut below = self.due.partition_point(|&tag| tag < first_open);
        if below < TOGETHER {
            below = 0;
        }
        let together = self.due[..below].last().map(|&tag| Ack { tag, multiple: true });
        let singly = std::mem::take(&mut self.due).into_iter().skip(below);
        together
            .into_iter()
            .chain(singly.map(|tag| Ack { tag, multiple: false }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ack, Confirms};
    use crate::broker::dispatch::StoreSeq;

    fn acks(confirms: &mut Confirms) -> Vec<(u64, bool)> {
        confirms
            .take_due()
            .map(|Ack { tag, multiple }| (tag, multiple))
            .collect()
    }

    #[test]
    fn a_few_are_acked_one_by_one_and_more_together() {
        let mut confirms = Confirms::default();
        confirms.published(None);
        assert_eq!(acks(&mut confirms), [(1, false)]);
        (0..3).for_each(|_| confirms.published(None));
        assert_eq!(acks(&mut confirms), [(2, false), (3, false), (4, false)]);
        (0..4).for_each(|_| confirms.published(None));
        assert_eq!(acks(&mut confirms), [(8, true)]);
        assert_eq!(acks(&mut confirms), []);
    }

    #[test]
    fn nothing_is_acked_over_the_head_of_one_that_waits() {
        let mut confirms = Confirms::default();
        for stored_by in [None, Some(StoreSeq(5)), None, Some(StoreSeq(9)), None] {
            confirms.published(stored_by);
        }
        assert_eq!(acks(&mut confirms), [(1, false), (3, false), (5, false)]);
        confirms.stored(StoreSeq(5));
        assert_eq!(acks(&mut confirms), [(2, false)]);
        assert!(confirms.is_waiting());
        confirms.stored(StoreSeq(9));
        assert_eq!(acks(&mut confirms), [(4, false)]);
        assert!(!confirms.is_waiting());
    }
}
