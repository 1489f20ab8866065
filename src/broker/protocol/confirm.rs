//! Publisher confirms on one channel (RabbitMQ's extension to AMQP 0-9-1).
//!
//! Publishes are numbered from 1. One is confirmed when the store has its record, or at once if it has none; one that a
//! full queue refused is nacked. Confirms are collected while a batch of frames is handled and then sent: a few by an ack
//! each, more by one ack with `multiple` for all below the first that still waits and an ack each for the others. Nacks
//! go before acks, and with `multiple` wherever that says nothing false, as RabbitMQ sends them.

use crate::broker::dispatch::{Routed, StoreSeq};
use std::collections::VecDeque;

/// The confirms of one channel.
#[derive(Debug, Default)]
pub(super) struct Confirms {
    last: u64,
    due: Vec<u64>,
    rejected: Vec<u64>,
    waiting: VecDeque<(u64, StoreSeq)>,
}

/// From this many on, one ack stands for all. RabbitMQ too acks what comes slowly one by one.
const TOGETHER: usize = 4;

/// One `basic.ack` or `basic.nack` from the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Confirm {
    /// Which of the two.
    pub(super) verdict: Verdict,
    /// The number of the publish.
    pub(super) tag: u64,
    /// All up to it.
    pub(super) multiple: bool,
}

/// What a confirm says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// `basic.ack`: the broker has it.
    Ack,
    /// `basic.nack`: the broker has not taken it.
    Nack,
}

impl Confirms {
    /// A message was published.
    pub(super) fn published(&mut self, routed: Routed) {
        self.last += 1;
        match routed.stored_by {
            _ if routed.rejected => self.rejected.push(self.last),
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

    /// The confirms that are due.
    pub(super) fn take_due(&mut self) -> impl Iterator<Item = Confirm> {
        let (mut acked, rejected) = (std::mem::take(&mut self.due), std::mem::take(&mut self.rejected));
        acked.sort_unstable();
        let first_of = |tags: &[u64]| tags.first().copied().unwrap_or(u64::MAX);
        let first_open = self.waiting.front().map_or(u64::MAX, |&(tag, _)| tag);
        let nacks = together(&rejected, first_open.min(first_of(&acked)), 1);
        let acks = together(&acked, first_open.min(first_of(&rejected)), TOGETHER);
        let (nacks, acks) = (nacks.of(rejected, Verdict::Nack), acks.of(acked, Verdict::Ack));
        nacks.chain(acks)
    }
}

/// How many of a sorted list go into one confirm.
#[derive(Clone, Copy, Debug)]
struct Together(usize);

/// All below `limit`, if these are `enough`.
fn together(tags: &[u64], limit: u64, enough: usize) -> Together {
    let below = tags.partition_point(|&tag| tag < limit);
    Together(if below < enough { 0 } else { below })
}

impl Together {
    fn of(self, tags: Vec<u64>, verdict: Verdict) -> impl Iterator<Item = Confirm> {
        let confirm = move |tag, multiple| Confirm { verdict, tag, multiple };
        let all = tags[..self.0].last().copied();
        let each = tags.into_iter().skip(self.0);
        all.map(|tag| confirm(tag, true))
            .into_iter()
            .chain(each.map(move |tag| confirm(tag, false)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Confirm, Confirms, Verdict};
    use crate::broker::dispatch::{Routed, StoreSeq};

    fn confirms(confirms: &mut Confirms) -> Vec<(i64, bool)> {
        let signed = |Confirm { verdict, tag, multiple }| {
            let tag = i64::try_from(tag).expect("small");
            (if verdict == Verdict::Ack { tag } else { -tag }, multiple)
        };
        confirms.take_due().map(signed).collect()
    }

    fn routed(stored_by: Option<StoreSeq>) -> Routed {
        Routed {
            queues: 1,
            stored_by,
            rejected: false,
        }
    }

    const REJECTED: Routed = Routed {
        queues: 1,
        stored_by: None,
        rejected: true,
    };

    #[test]
    fn a_few_are_acked_one_by_one_and_more_together() {
        let mut channel = Confirms::default();
        channel.published(routed(None));
        assert_eq!(confirms(&mut channel), [(1, false)]);
        (0..3).for_each(|_| channel.published(routed(None)));
        assert_eq!(confirms(&mut channel), [(2, false), (3, false), (4, false)]);
        (0..4).for_each(|_| channel.published(routed(None)));
        assert_eq!(confirms(&mut channel), [(8, true)]);
        assert_eq!(confirms(&mut channel), []);
    }

    #[test]
    fn nothing_is_acked_over_the_head_of_one_that_waits() {
        let mut channel = Confirms::default();
        for stored_by in [None, Some(StoreSeq(5)), None, Some(StoreSeq(9)), None] {
            channel.published(routed(stored_by));
        }
        assert_eq!(confirms(&mut channel), [(1, false), (3, false), (5, false)]);
        channel.stored(StoreSeq(5));
        assert_eq!(confirms(&mut channel), [(2, false)]);
        assert!(channel.is_waiting());
        channel.stored(StoreSeq(9));
        assert_eq!(confirms(&mut channel), [(4, false)]);
        assert!(!channel.is_waiting());
    }

    #[test]
    fn nacks_go_first_and_together_but_not_over_the_head_of_an_ack() {
        let mut channel = Confirms::default();
        channel.published(REJECTED);
        assert_eq!(confirms(&mut channel), [(-1, true)]);
        (0..3).for_each(|_| channel.published(REJECTED));
        channel.published(routed(None));
        assert_eq!(confirms(&mut channel), [(-4, true), (5, false)]);
        (0..5).for_each(|_| channel.published(routed(None)));
        channel.published(REJECTED);
        assert_eq!(confirms(&mut channel), [(-11, false), (10, true)]);
        channel.published(routed(Some(StoreSeq(7))));
        channel.published(REJECTED);
        assert_eq!(confirms(&mut channel), [(-13, false)]);
    }
}
