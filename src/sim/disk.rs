//! The disk of the virtual broker: what has reached it outlives the broker's end.
//!
//! As in the real store, all records that have come while a group was written are the next group, written with one
//! sync.

use crate::broker::dispatch::{
    Binding, Destination, ExchangeSpec, Image, Position, QueueImage, QueueSpec, StoreOp, StoreSeq, StoredMessage,
};
use crate::lab::Elapsed;
use std::collections::VecDeque;

/// What writing a group takes.
pub(super) const SYNC: Elapsed = Elapsed(2_000);

/// Whether anybody will ever read what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reader {
    /// The broker may end and start again.
    #[default]
    Expected,
    /// It never ends: only when a record is written matters, for the confirms.
    Never,
}

#[derive(Debug, Default)]
pub(super) struct Disk {
    reader: Reader,
    pending: VecDeque<(StoreSeq, StoreOp)>,
    last: StoreSeq,
    synced: StoreSeq,
    exchanges: Vec<ExchangeSpec>,
    bindings: Vec<Binding>,
    queues: Vec<Stored>,
}

/// A queue and its messages: while the broker lives its places only grow, and after a start they go on behind the last one
/// that is still there. So a place's distance from the first is where it is found, and both the first and the last that
/// are kept hold a message.
#[derive(Debug)]
struct Stored {
    spec: QueueSpec,
    first: u64,
    messages: VecDeque<Option<StoredMessage>>,
}

impl Disk {
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            ..Self::default()
        }
    }

    /// A record is to be stored.
    pub(super) fn record(&mut self, seq: StoreSeq, op: StoreOp) {
        self.last = seq;
        if self.reader == Reader::Expected {
            self.pending.push_back((seq, op));
        }
    }

    /// The last record that came, if it is not stored yet.
    pub(super) fn unsynced(&self) -> Option<StoreSeq> {
        (self.last > self.synced).then_some(self.last)
    }

    pub(super) const fn synced(&self) -> StoreSeq {
        self.synced
    }

    pub(super) const fn is_read(&self) -> bool {
        matches!(self.reader, Reader::Expected)
    }

    /// All up to this one is stored.
    pub(super) fn sync(&mut self, upto: StoreSeq) {
        while self.pending.front().is_some_and(|(seq, _)| *seq <= upto) {
            if let Some((seq, op)) = self.pending.pop_front() {
                self.store(seq, op);
            }
        }
        self.synced = self.synced.max(upto);
    }

    /// What is left when the power goes now.
    pub(super) fn image(&mut self) -> Image {
        self.pending.clear();
        self.last = self.synced;
        Image {
            exchanges: self.exchanges.clone(),
            queues: self.queues.iter().map(Stored::image).collect(),
            bindings: self.bindings.clone(),
            seq: self.synced,
        }
    }

    fn store(&mut self, seq: StoreSeq, op: StoreOp) {
        match op {
            StoreOp::ExchangeDeclared(spec) => self.exchanges.push(spec),
            StoreOp::ExchangeDeleted(name) => {
                self.exchanges.retain(|spec| spec.name != name);
                let gone = Destination::Exchange(name.clone());
                self.bindings.retain(|b| b.exchange != name && b.to != gone);
            }
            StoreOp::QueueDeclared(spec) => self.queues.push(Stored {
                spec,
                first: 0,
                messages: VecDeque::new(),
            }),
            StoreOp::QueueDeleted(name) => {
                self.queues.retain(|queue| queue.spec.name != name);
                let gone = Destination::Queue(name);
                self.bindings.retain(|b| b.to != gone);
            }
            StoreOp::Bound(binding) => self.bindings.push(binding),
            StoreOp::Unbound(binding) => self.bindings.retain(|b| *b != binding),
            StoreOp::Enqueued {
                queue,
                position,
                message,
                expires,
            } => {
                if let Some(queue) = self.queue(&queue) {
                    queue.add(StoredMessage::new(position, message, expires));
                }
            }
            StoreOp::Removed { queue, position } => {
                if let Some(queue) = self.queue(&queue) {
                    queue.remove(position);
                }
            }
            StoreOp::Delivered { ref queue, position }
            | StoreOp::Returned {
                ref queue, position, ..
            } => {
                let place = self.queue(queue).and_then(|queue| queue.place(position));
                if let Some(message) = place.and_then(Option::as_mut) {
                    message.note(seq, &op);
                }
            }
        }
    }

    fn queue(&mut self, name: &str) -> Option<&mut Stored> {
        self.queues.iter_mut().find(|queue| queue.spec.name == name)
    }
}

impl Stored {
    fn add(&mut self, message: StoredMessage) {
        if self.messages.is_empty() {
            self.first = message.position.0;
        }
        let gap = message.position.0 - self.first - self.messages.len() as u64;
        self.messages.extend((0..gap).map(|_| None));
        self.messages.push_back(Some(message));
    }

    fn place(&mut self, Position(position): Position) -> Option<&mut Option<StoredMessage>> {
        let at = usize::try_from(position.checked_sub(self.first)?).ok()?;
        self.messages.get_mut(at)
    }

    fn remove(&mut self, position: Position) {
        if let Some(place) = self.place(position) {
            *place = None;
        }
        while self.messages.front().is_some_and(Option::is_none) {
            self.messages.pop_front();
            self.first += 1;
        }
        while self.messages.back().is_some_and(Option::is_none) {
            self.messages.pop_back();
        }
    }

    fn image(&self) -> QueueImage {
        QueueImage {
            spec: self.spec.clone(),
            messages: self.messages.iter().flatten().cloned().collect(),
        }
    }
}
