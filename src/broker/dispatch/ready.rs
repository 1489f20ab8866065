//! The ready messages of a queue.
//!
//! New messages join `tail`; those that came back go to `returned`, which is served first. A classic queue puts each
//! back into its place: a message leaves `tail` only at its front, so whatever comes back precedes all of `tail`, and
//! all is served in publish order. A quorum queue serves what came back in the order in which it did.

use super::ids::Position;
use super::message::{Failures, Message, Returns};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Room that an emptied queue keeps; more is given back.
const KEPT_CAPACITY: usize = 4096;

/// A message in its place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) position: Position,
    pub(super) message: Arc<Message>,
    /// How often it came back; only a quorum queue counts.
    pub(super) returns: Returns,
    /// How often it did since its consumer died; only a quorum queue counts.
    pub(super) failures: Failures,
    /// It was handed to a consumer before, or its broker crashed.
    pub(super) redelivered: bool,
    /// The store has a record of it.
    pub(super) stored: bool,
}

// A backlog is made of these.
const _: () = assert!(size_of::<Entry>() <= 24);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ready {
    tail: VecDeque<Entry>,
    /// By place or by the order of return.
    returned: BTreeMap<u64, Entry>,
}

impl Ready {
    /// Adds a message whose place is after all others.
    pub(super) fn push(&mut self, entry: Entry) {
        self.tail.push_back(entry);
    }

    /// Puts a message back into its place.
    pub(super) fn put_back(&mut self, entry: Entry) {
        self.returned.insert(entry.position.0, entry);
    }

    /// Puts a message behind all that came back before it.
    pub(super) fn put_behind_returned(&mut self, entry: Entry) {
        let last = self.returned.last_key_value();
        let next = last.map_or(0, |(last, _)| last + 1);
        self.returned.insert(next, entry);
    }

    /// Takes the first message.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        if let Some((_, entry)) = self.returned.pop_first() {
            return Some(entry);
        }
        let entry = self.tail.pop_front()?;
        if self.tail.is_empty() && self.tail.capacity() > KEPT_CAPACITY {
            self.tail = VecDeque::new();
        }
        Some(entry)
    }

    pub(super) fn len(&self) -> usize {
        self.tail.len() + self.returned.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.returned.is_empty()
    }

    /// All messages, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.returned.values().chain(&self.tail)
    }
}
