//! The ready messages of a queue, always served in publish order.
//!
//! New messages join `tail`. Returned ones go to `returned`, ordered by place. A message leaves `tail` only at its
//! front, so whatever comes back precedes all of `tail`: `returned` is served first, and no merge is needed.

use super::ids::Position;
use super::message::Message;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Room that an emptied queue keeps; more is given back.
const KEPT_CAPACITY: usize = 4096;

/// A message in its place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) position: Position,
    pub(super) message: Arc<Message>,
    /// It was handed to a consumer before, or its broker crashed.
    pub(super) redelivered: bool,
    /// The store has a record of it.
    pub(super) stored: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ready {
    tail: VecDeque<Entry>,
    returned: BTreeMap<Position, Entry>,
}

impl Ready {
    /// Adds a message whose place is after all others.
    pub(super) fn push(&mut self, entry: Entry) {
        self.tail.push_back(entry);
    }

    /// Puts a message back into its place.
    pub(super) fn put_back(&mut self, entry: Entry) {
        self.returned.insert(entry.position, entry);
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
