//! What survives a stop or a crash: durable exchanges, queues, bindings and persistent messages.
//!
//! The broker writes [`StoreOp`]s in batches and is told up to which of them is stored; at a start it reads the
//! [`Image`]. This store is in memory: it outlives the broker, not the process, which is what a lab needs that
//! crashes its broker on purpose.

mod private;

pub use private::PrivateFolder;

use super::dispatch::{
    Binding, Destination, ExchangeSpec, Image, LastStop, Position, QueueImage, QueueSpec, StoreOp, StoreSeq,
    StoredMessage,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

/// What the servers of this process have left behind, by folder.
static KEPT: LazyLock<Mutex<BTreeMap<PathBuf, MemoryStore>>> = LazyLock::new(Mutex::default);

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    exchanges: BTreeMap<String, ExchangeSpec>,
    queues: BTreeMap<String, StoredQueue>,
    bindings: Vec<Binding>,
    seq: StoreSeq,
    last_stop: LastStop,
    folder: Option<PathBuf>,
}

/// A durable queue and what it holds.
#[derive(Debug)]
struct StoredQueue {
    spec: QueueSpec,
    messages: BTreeMap<Position, StoredMessage>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store, as after an orderly stop.
    pub fn new() -> Self {
        Self {
            exchanges: BTreeMap::new(),
            queues: BTreeMap::new(),
            bindings: Vec::new(),
            seq: StoreSeq(0),
            last_stop: LastStop::Orderly,
            folder: None,
        }
    }

    /// What a server of this process left under that name.
    pub(super) fn open(folder: &Path) -> Self {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        Self {
            folder: Some(folder.to_owned()),
            ..kept.remove(folder).unwrap_or_default()
        }
    }

    /// Leaves it for the next server.
    pub(super) fn close(self) {
        if let Some(folder) = self.folder.clone() {
            KEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(folder, self);
        }
    }

    /// How the last run ended.
    pub fn last_stop(&self) -> LastStop {
        self.last_stop
    }

    /// Everything, for the next start.
    pub fn image(&self) -> Image {
        Image {
            exchanges: self.exchanges.values().cloned().collect(),
            queues: self.queues.values().map(StoredQueue::image).collect(),
            bindings: self.bindings.clone(),
            seq: self.seq,
        }
    }

    /// Writes a batch. Returns the last record that is now stored, if there was one: confirms up to it may go out.
    pub(super) fn write(&mut self, batch: &mut Vec<(StoreSeq, StoreOp)>) -> Option<StoreSeq> {
        for (seq, op) in batch.drain(..) {
            self.apply(seq, op);
            self.seq = seq;
        }
        Some(self.seq).filter(|seq| seq.0 > 0)
    }

    /// Notes how the run ended.
    pub(super) fn end(&mut self, how: LastStop) {
        self.last_stop = how;
    }

    fn apply(&mut self, seq: StoreSeq, op: StoreOp) {
        match op {
            StoreOp::ExchangeDeclared(spec) => {
                self.exchanges.insert(spec.name.clone(), spec);
            }
            StoreOp::ExchangeDeleted(name) => {
                self.exchanges.remove(&name);
                let gone = Destination::Exchange(name);
                self.bindings
                    .retain(|binding| Destination::Exchange(binding.exchange.clone()) != gone && binding.to != gone);
            }
            StoreOp::QueueDeclared(spec) => {
                self.queues.insert(
                    spec.name.clone(),
                    StoredQueue {
                        spec,
                        messages: BTreeMap::new(),
                    },
                );
            }
            StoreOp::QueueDeleted(name) => {
                self.queues.remove(&name);
                let gone = Destination::Queue(name);
                self.bindings.retain(|binding| binding.to != gone);
            }
            StoreOp::Bound(binding) => self.bindings.push(binding),
            StoreOp::Unbound(binding) => self.bindings.retain(|bound| *bound != binding),
            StoreOp::Enqueued {
                queue,
                position,
                message,
                expires,
            } => {
                if let Some(stored) = self.queues.get_mut(&*queue) {
                    stored
                        .messages
                        .insert(position, StoredMessage::new(position, message, expires));
                }
            }
            StoreOp::Removed { queue, position } => {
                if let Some(stored) = self.queues.get_mut(&*queue) {
                    stored.messages.remove(&position);
                }
            }
            StoreOp::Delivered { ref queue, position }
            | StoreOp::Returned {
                ref queue, position, ..
            } => {
                let stored = self.queues.get_mut(&**queue);
                if let Some(message) = stored.and_then(|stored| stored.messages.get_mut(&position)) {
                    message.note(seq, &op);
                }
            }
        }
    }
}

impl StoredQueue {
    fn image(&self) -> QueueImage {
        QueueImage {
            spec: self.spec.clone(),
            messages: self.messages.values().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests;
