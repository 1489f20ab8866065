//! The unacked deliveries of one channel, by delivery tag.
//!
//! Tags only grow, so the deque is sorted. An entry that is acked out of order leaves a gap, which goes when it
//! reaches the front, or when gaps make up half of the deque: one message held for ever costs no memory for the rest.

use super::ids::{DeliveryTag, QueueId, UnixMillis};
use super::ready::Entry;
use super::slab::ConsumerKey;
use std::collections::VecDeque;

/// A delivery that waits for its settlement.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) tag: DeliveryTag,
    /// It may be gone by now: then the settlement has no effect.
    pub(super) queue: QueueId,
    pub(super) entry: Entry,
    /// `None` for `basic.get`. It may be cancelled by now.
    pub(super) consumer: Option<ConsumerKey>,
    /// When it was handed out.
    pub(super) since: UnixMillis,
    pub(super) grip: Grip,
}

/// Whether a delivery still keeps its message from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grip {
    Holds,
    /// It was not acked in time, and the queue has the message back: the settlement has no effect on that.
    TakenBack,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Unacked {
    entries: VecDeque<(DeliveryTag, Option<Held>)>,
    live: usize,
}

impl Unacked {
    /// Adds a delivery; its tag is the highest so far.
    pub(super) fn push(&mut self, held: Held) {
        self.entries.push_back((held.tag, Some(held)));
        self.live += 1;
    }

    /// Moves the delivery with that tag to `taken`; false if it is not outstanding.
    pub(super) fn take(&mut self, tag: DeliveryTag, taken: &mut Vec<Held>) -> bool {
        let Some(held) = self.find(tag).and_then(|at| self.entries[at].1.take()) else {
            return false;
        };
        taken.push(held);
        self.live -= 1;
        self.tidy();
        true
    }

    /// Moves all deliveries up to and with that tag to `taken`, in delivery order; false, and none is moved, if that
    /// very tag is not outstanding.
    pub(super) fn take_up_to(&mut self, tag: DeliveryTag, taken: &mut Vec<Held>) -> bool {
        match self.find(tag) {
            Some(at) if self.entries[at].1.is_some() => {
                let before = taken.len();
                taken.extend(self.entries.drain(..=at).filter_map(|(_, held)| held));
                self.live -= taken.len() - before;
                self.tidy();
                true
            }
            _ => false,
        }
    }

    /// Moves everything to `taken`, in delivery order.
    pub(super) fn take_all(&mut self, taken: &mut Vec<Held>) {
        self.live = 0;
        taken.extend(self.entries.drain(..).filter_map(|(_, held)| held));
    }

    /// Notes that a queue took the message of a delivery back.
    pub(super) fn loosen(&mut self, tag: DeliveryTag) {
        let at = self.find(tag);
        if let Some(held) = at.and_then(|at| self.entries[at].1.as_mut()) {
            held.grip = Grip::TakenBack;
        }
    }

    /// The outstanding tags after one, in delivery order. What lies before it is not walked.
    pub(super) fn tags_after(&self, tag: DeliveryTag) -> impl Iterator<Item = DeliveryTag> {
        let begin = match self.find(tag) {
            Some(at) => at + 1,
            None => self.entries.partition_point(|(found, _)| *found <= tag),
        };
        self.entries
            .range(begin..)
            .filter_map(|(tag, held)| held.as_ref().map(|_| *tag))
    }

    /// Whether a tag is outstanding.
    pub(super) fn holds(&self, tag: DeliveryTag) -> bool {
        self.find(tag).is_some_and(|at| self.entries[at].1.is_some())
    }

    /// All deliveries, in delivery order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Held> {
        self.entries.iter().filter_map(|(_, held)| held.as_ref())
    }

    fn find(&self, tag: DeliveryTag) -> Option<usize> {
        // Without automatic acks between them tags are dense, and the distance to the front is the index.
        let (front, _) = self.entries.front()?;
        let guess = usize::try_from(tag.0.checked_sub(front.0)?).ok()?;
        if self.entries.get(guess).is_some_and(|(found, _)| *found == tag) {
            return Some(guess);
        }
        self.entries.binary_search_by_key(&tag, |(found, _)| *found).ok()
    }

    fn tidy(&mut self) {
        while self.entries.front().is_some_and(|(_, held)| held.is_none()) {
            self.entries.pop_front();
        }
        if self.entries.len() > 64 && self.live < self.entries.len() / 2 {
            self.entries.retain(|(_, held)| held.is_some());
        }
    }
}

#[cfg(test)]
#[path = "unacked_tests.rs"]
mod tests;
