//! The ready messages of a queue.
//!
//! New messages join a lane's `tail`; those that came back go to its `returned`, which is served first. A classic queue
//! puts each back into its place: a message leaves `tail` only at its front, so whatever comes back precedes all of
//! `tail`, and all is served in publish order. A quorum queue serves what came back in the order in which it did.
//!
//! Where messages have priorities, each priority has a lane in `levels`; what came back to a quorum queue goes before
//! them all. Where lengths are limited, a `gauge` measures what comes and goes.

use super::ids::Position;
use super::levels::{Levels, Order};
use super::message::{Failures, Message, Returns};
use super::overflow::Gauge;
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

/// Messages that are served one after the other.
#[derive(Debug, Default)]
pub(super) struct Lane {
    tail: VecDeque<Entry>,
    /// By place or by the order of return.
    returned: BTreeMap<u64, Entry>,
}

impl Lane {
    /// Adds a message whose place is after all others.
    pub(super) fn push(&mut self, entry: Entry) {
        self.tail.push_back(entry);
    }

    /// Puts a message back into its place.
    pub(super) fn put_back(&mut self, entry: Entry) {
        self.returned.insert(entry.position.0, entry);
    }

    /// Puts a message behind all that came back before it.
    fn put_behind_returned(&mut self, entry: Entry) {
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

    pub(super) fn first(&self) -> Option<&Entry> {
        self.returned.values().next().or_else(|| self.tail.front())
    }

    fn len(&self) -> usize {
        self.tail.len() + self.returned.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.returned.is_empty()
    }

    /// All its messages, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.returned.values().chain(&self.tail)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// Goes before `levels`.
    lane: Lane,
    levels: Option<Box<Levels>>,
    gauge: Option<Box<Gauge>>,
}

impl Ready {
    pub(super) fn new(order: Order, gauge: Option<Gauge>) -> Self {
        Self {
            lane: Lane::default(),
            levels: Levels::new(order),
            gauge: gauge.map(Box::new),
        }
    }

    /// Adds a message whose place is after all others of its priority.
    pub(super) fn push(&mut self, entry: Entry) {
        self.weigh(&entry);
        match &mut self.levels {
            None => self.lane.push(entry),
            Some(levels) => levels.push(entry),
        }
    }

    /// Puts a message back into its place.
    pub(super) fn put_back(&mut self, entry: Entry) {
        self.weigh(&entry);
        match &mut self.levels {
            None => self.lane.put_back(entry),
            Some(levels) => levels.put_back(entry),
        }
    }

    /// Puts a message behind all that came back before it.
    pub(super) fn put_behind_returned(&mut self, entry: Entry) {
        self.weigh(&entry);
        self.lane.put_behind_returned(entry);
    }

    fn weigh(&mut self, entry: &Entry) {
        if let Some(gauge) = &mut self.gauge {
            gauge.added(&entry.message);
        }
    }

    /// Takes the first message.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        let entry = match (self.lane.pop(), &mut self.levels) {
            (None, Some(levels)) => levels.pop(),
            (entry, _) => entry,
        };
        self.taken(entry)
    }

    /// Takes the first message, or the first of a priority where that is enough to expire, if it is one that is meant.
    pub(super) fn pop_head(&mut self, is_meant: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let blocked = self.blocks_levels();
        let entry = match &mut self.levels {
            _ if self.lane.first().is_some_and(&is_meant) => self.lane.pop(),
            Some(levels) if !blocked => levels.pop_head(is_meant),
            _ => None,
        };
        self.taken(entry)
    }

    fn taken(&mut self, entry: Option<Entry>) -> Option<Entry> {
        if let (Some(entry), Some(_)) = (&entry, &self.gauge) {
            let left = self.len();
            if let Some(gauge) = &mut self.gauge {
                gauge.removed(&entry.message, left);
            }
        }
        entry
    }

    /// Those that expire when their time has come: the others wait behind them.
    pub(super) fn heads(&self) -> impl Iterator<Item = &Entry> {
        let levels = self.levels.iter().filter(|_| !self.blocks_levels());
        let firsts = levels.flat_map(|levels| levels.heads());
        self.lane.first().into_iter().chain(firsts)
    }

    /// Whether nothing in `levels` can be a head, since what came back goes first.
    fn blocks_levels(&self) -> bool {
        let each = self.levels.as_deref().is_some_and(Levels::expire_each);
        !self.lane.is_empty() && !each
    }

    /// Whether a new message is turned away.
    pub(super) fn refuses(&self, message: &Message) -> bool {
        let gauge = self.gauge.as_deref();
        gauge.is_some_and(|gauge| gauge.refuses(message, self.len()))
    }

    /// Whether the first message is to be dropped.
    pub(super) fn overflows(&self) -> bool {
        self.gauge.as_deref().is_some_and(|gauge| gauge.overflows(self.len()))
    }

    /// Closes the queue to publishers if it is too long now.
    pub(super) fn review(&mut self) {
        if self.gauge.is_some() {
            let len = self.len();
            if let Some(gauge) = &mut self.gauge {
                gauge.review(len);
            }
        }
    }

    /// The queue was purged.
    pub(super) fn purged(&mut self) {
        if let Some(levels) = &mut self.levels {
            levels.forget_turn();
        }
    }

    pub(super) fn is_limited(&self) -> bool {
        self.gauge.is_some()
    }

    pub(super) fn gauge(&self) -> Option<&Gauge> {
        self.gauge.as_deref()
    }

    pub(super) fn len(&self) -> usize {
        self.lane.len() + self.levels.as_ref().map_or(0, |levels| levels.len())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lane.is_empty() && self.levels.as_ref().is_none_or(|levels| levels.len() == 0)
    }

    /// Its lanes; each is in order.
    pub(super) fn lanes(&self) -> impl Iterator<Item = &Lane> {
        std::iter::once(&self.lane).chain(self.levels.iter().flat_map(|levels| levels.iter()))
    }

    /// All messages; without priorities, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.lanes().flat_map(Lane::iter)
    }
}
