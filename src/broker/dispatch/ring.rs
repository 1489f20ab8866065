//! The ring of a queue's active consumers: first in, first out, within each priority; the highest priority first.
//!
//! Order follows RabbitMQ's `priority_queue`: who is served goes to the tail of its priority, who has no room leaves
//! the ring (to its channel's blocked list), who has room again joins at the tail.

use super::slab::ConsumerKey;
use std::collections::VecDeque;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ring {
    /// Highest priority first. An emptied level stays until a consumer is removed: it is about to be filled again.
    levels: Vec<(i64, VecDeque<ConsumerKey>)>,
    len: usize,
}

impl Ring {
    /// Adds a consumer at the tail of its priority.
    pub(super) fn push(&mut self, priority: i64, consumer: ConsumerKey) {
        let at = match self.levels.iter().position(|(level, _)| *level <= priority) {
            Some(at) if self.levels[at].0 == priority => at,
            found => {
                let at = found.unwrap_or(self.levels.len());
                self.levels.insert(at, (priority, VecDeque::new()));
                at
            }
        };
        self.levels[at].1.push_back(consumer);
        self.len += 1;
    }

    /// Takes the head.
    pub(super) fn pop(&mut self) -> Option<ConsumerKey> {
        let consumer = self.levels.iter_mut().find_map(|(_, level)| level.pop_front())?;
        self.len -= 1;
        Some(consumer)
    }

    /// Removes a consumer wherever it stands; the others keep their order.
    pub(super) fn remove(&mut self, consumer: ConsumerKey) {
        for (_, level) in &mut self.levels {
            if let Some(at) = level.iter().position(|other| *other == consumer) {
                level.remove(at);
                self.len -= 1;
            }
        }
        self.levels.retain(|(_, level)| !level.is_empty());
    }

    /// Removes those who do not stay; the others keep their order.
    pub(super) fn retain(&mut self, stays: impl Fn(&ConsumerKey) -> bool) {
        for (_, level) in &mut self.levels {
            level.retain(&stays);
        }
        self.levels.retain(|(_, level)| !level.is_empty());
        self.len = self.levels.iter().map(|(_, level)| level.len()).sum();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All members in the order in which they would be tried.
    pub(super) fn iter(&self) -> impl Iterator<Item = ConsumerKey> {
        self.levels.iter().flat_map(|(_, level)| level.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::slab::Key;
    use super::*;

    #[test]
    fn higher_priorities_are_served_first_and_each_priority_in_order() {
        let mut ring = Ring::default();
        for (priority, consumer) in [(0, 0), (10, 1), (-1, 2), (0, 3), (10, 4), (5, 5)] {
            ring.push(priority, ConsumerKey::from_raw(consumer));
        }
        ring.remove(ConsumerKey::from_raw(3));
        ring.remove(ConsumerKey::from_raw(9));
        let listed: Vec<u64> = ring.iter().map(Key::raw).collect();
        let served: Vec<u64> = std::iter::from_fn(|| ring.pop()).map(Key::raw).collect();
        assert_eq!(listed, [1, 4, 5, 0, 2]);
        assert_eq!(served, listed);
        assert!(ring.is_empty());
    }
}
