//! One virtual host: what it has, and what of it is not yet written.
//!
//! Records are folded before they are written: a message that came and went within one group leaves nothing to
//! write. Of a classic queue it is trusted only after an orderly stop which messages had been delivered; so that is
//! remembered here, and written at that stop.

use super::places::Places;
use super::record::{Mark, Thing};
use super::things::Things;
use crate::broker::dispatch::{
    Destination, Failures, Message, Position, QueueSpec, Returns, Standing, StoreOp, StoreSeq, UnixMillis, Value,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A queue, by the record that declared it: a queue of the same name that comes later is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct QueueNo(pub(super) u64);

/// A message's key: its queue first, so that a queue's messages are together.
pub(super) type Place = (QueueNo, Position);

/// See the module.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Its number in the tables.
    pub(super) number: u32,
    /// Its name.
    pub(super) name: String,
    /// The last record.
    pub(super) seq: StoreSeq,
    /// Messages of classic queues up to this record count as delivered: a crash came after it.
    pub(super) distrusted: StoreSeq,
    pub(super) things: Things,
    queues: HashMap<Arc<str>, Declared>,
    /// Messages that have a mark in the tables, or will have.
    pub(super) marks: Places<Mark>,
    /// Messages of classic queues that were delivered, and the record of it.
    delivered: Places<StoreSeq>,
    pub(super) unwritten: Unwritten,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    number: QueueNo,
    kind: QueueKind,
}

/// Whether each delivery and return must be known after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueKind {
    Classic,
    Quorum,
}

/// What the tables lack.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    /// Things that were added or removed: whether they are still there says which.
    pub(super) things: BTreeSet<u64>,
    /// Queues that were deleted.
    pub(super) deleted: Vec<QueueNo>,
    /// In the order in which they are written.
    pub(super) messages: BTreeMap<Place, Change>,
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Change {
    /// It came, with the mark that it may have by now.
    Came(Arrived),
    /// It had been there, and has another mark.
    Marked,
    /// It had been there, with a mark or without.
    Went(Option<Mark>),
}

/// A message that came.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) seq: StoreSeq,
    pub(super) message: Arc<Message>,
    pub(super) expires: Option<UnixMillis>,
}

impl Unwritten {
    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty() && self.deleted.is_empty() && self.messages.is_empty()
    }
}

impl Shelf {
    pub(super) fn new(number: u32, name: String, seq: StoreSeq, distrusted: StoreSeq) -> Self {
        Self {
            number,
            name,
            seq,
            distrusted,
            things: Things::default(),
            queues: HashMap::new(),
            marks: Places::default(),
            delivered: Places::default(),
            unwritten: Unwritten::default(),
        }
    }

    /// Takes a thing that the tables have.
    pub(super) fn restore(&mut self, seq: u64, thing: Thing) {
        if let Thing::Queue(queue) = &thing {
            self.know(seq, queue);
        }
        self.things.insert(seq, thing);
    }

    /// Takes a record into account.
    pub(super) fn take(&mut self, seq: StoreSeq, op: StoreOp) {
        self.seq = seq;
        match op {
            StoreOp::ExchangeDeclared(exchange) => self.add(seq, Thing::Exchange(exchange)),
            StoreOp::ExchangeDeleted(name) => self.forget(&Destination::Exchange(name)),
            StoreOp::QueueDeclared(queue) => {
                self.know(seq.0, &queue);
                self.add(seq, Thing::Queue(queue));
            }
            StoreOp::QueueDeleted(name) => self.delete_queue(name),
            StoreOp::Bound(binding) => self.add(seq, Thing::Binding(binding)),
            StoreOp::Unbound(binding) => self.unwritten.things.extend(self.things.remove_binding(binding)),
            StoreOp::Enqueued {
                queue,
                position,
                message,
                expires,
            } => self.came(&queue, position, Arrived { seq, message, expires }),
            StoreOp::Removed { queue, position } => self.went(&queue, position),
            StoreOp::Delivered { queue, position } => self.handed_out(&queue, position, seq),
            StoreOp::Returned {
                queue,
                position,
                returns,
                failures,
            } => self.came_back(&queue, position, seq, (returns, failures)),
        }
    }

    /// At an orderly stop it is worth knowing what had been delivered.
    pub(super) fn trust_deliveries(&mut self) {
        for (place, seq) in std::mem::take(&mut self.delivered).into_each() {
            self.put_mark(place, Standing::HandedOut(seq), None);
        }
    }

    fn know(&mut self, seq: u64, queue: &QueueSpec) {
        let known = Declared {
            number: QueueNo(seq),
            kind: QueueKind::of(queue),
        };
        self.queues.insert(queue.name.as_str().into(), known);
    }

    fn add(&mut self, seq: StoreSeq, thing: Thing) {
        self.things.insert(seq.0, thing);
        self.unwritten.things.insert(seq.0);
    }

    fn forget(&mut self, end: &Destination) {
        self.unwritten.things.extend(self.things.remove_end(end));
    }

    fn delete_queue(&mut self, name: String) {
        if let Some(Declared { number, .. }) = self.queues.remove(name.as_str()) {
            let all = (number, Position(0))..=(number, Position(u64::MAX));
            let here: Vec<Place> = self.unwritten.messages.range(all).map(|(place, _)| *place).collect();
            for place in here {
                self.unwritten.messages.remove(&place);
            }
            self.delivered.remove_queue(number);
            self.marks.remove_queue(number);
            self.unwritten.deleted.push(number);
        }
        self.forget(&Destination::Queue(name));
    }

    /// Dispatch writes of queues that it has declared; a record of another is no reason to fail.
    fn find(&self, queue: &str, position: Position) -> Option<(Place, QueueKind)> {
        let known = self.queues.get(queue)?;
        Some(((known.number, position), known.kind))
    }

    fn came(&mut self, queue: &str, position: Position, arrived: Arrived) {
        if let Some((place, _)) = self.find(queue, position) {
            self.unwritten.messages.insert(place, Change::Came(arrived));
        }
    }

    fn went(&mut self, queue: &str, position: Position) {
        let Some((place, kind)) = self.find(queue, position) else {
            return;
        };
        if kind == QueueKind::Classic {
            self.delivered.remove(&place);
        }
        let mark = self.marks.remove(&place);
        match self.unwritten.messages.remove(&place) {
            Some(Change::Came(_)) => {}
            Some(Change::Marked | Change::Went(_)) | None => {
                self.unwritten.messages.insert(place, Change::Went(mark));
            }
        }
    }

    fn handed_out(&mut self, queue: &str, position: Position, seq: StoreSeq) {
        match self.find(queue, position) {
            Some((place, QueueKind::Classic)) => {
                self.delivered.insert(place, seq);
            }
            Some((place, QueueKind::Quorum)) => self.put_mark(place, Standing::HandedOut(seq), None),
            None => {}
        }
    }

    fn came_back(&mut self, queue: &str, position: Position, seq: StoreSeq, counts: (Returns, Failures)) {
        if let Some((place, _)) = self.find(queue, position) {
            self.put_mark(place, Standing::Back(seq), Some(counts));
        }
    }

    /// Without new counts the old ones stay.
    fn put_mark(&mut self, place: Place, standing: Standing, counts: Option<(Returns, Failures)>) {
        let mark = self.marks.get_or_default(place);
        mark.standing = standing;
        if let Some((returns, failures)) = counts {
            (mark.returns, mark.failures) = (returns, failures);
        }
        self.unwritten.messages.entry(place).or_insert(Change::Marked);
    }
}

impl QueueKind {
    pub(super) fn of(queue: &QueueSpec) -> Self {
        match queue.args.get("x-queue-type").and_then(Value::as_text) {
            Some("quorum") => Self::Quorum,
            _ => Self::Classic,
        }
    }
}
