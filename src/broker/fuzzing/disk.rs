//! A disk that is slower than the broker, and looks at what it is told to keep: no record may come out of order, no
//! record may speak of what is not there.

use crate::broker::dispatch::{
    Binding, Destination, ExchangeSpec, Image, Position, QueueImage, StoreOp, StoreSeq, StoredMessage,
};
use std::collections::{BTreeMap, VecDeque};

/// The records of one virtual host.
#[derive(Debug, Default)]
pub(super) struct Disk {
    pending: VecDeque<(StoreSeq, StoreOp)>,
    last: StoreSeq,
    exchanges: BTreeMap<String, ExchangeSpec>,
    queues: BTreeMap<String, Stored>,
    bindings: Vec<Binding>,
    seq: StoreSeq,
}

#[derive(Debug)]
struct Stored {
    image: QueueImage,
    messages: BTreeMap<Position, StoredMessage>,
}

impl Disk {
    /// A record is to be stored, sooner or later.
    pub(super) fn record(&mut self, seq: StoreSeq, op: StoreOp) {
        assert_eq!(seq.0, self.last.0 + 1, "records are numbered without a gap");
        self.last = seq;
        self.pending.push_back((seq, op));
    }

    /// Stores that many more of the records that wait; the last that is stored now.
    pub(super) fn catch_up(&mut self, count: usize) -> Option<StoreSeq> {
        for _ in 0..count {
            let Some((seq, op)) = self.pending.pop_front() else {
                break;
            };
            self.apply(seq, op);
            self.seq = seq;
        }
        Some(self.seq).filter(|seq| seq.0 > 0)
    }

    /// What is left after a crash.
    pub(super) fn image(&mut self) -> Image {
        self.pending.clear();
        self.last = self.seq;
        Image {
            exchanges: self.exchanges.values().cloned().collect(),
            queues: self.queues.values().map(Stored::image).collect(),
            bindings: self.bindings.clone(),
            seq: self.seq,
        }
    }

    fn apply(&mut self, seq: StoreSeq, op: StoreOp) {
        match op {
            StoreOp::ExchangeDeclared(spec) => {
                let old = self.exchanges.insert(spec.name.clone(), spec);
                assert_eq!(old, None, "an exchange is declared once");
            }
            StoreOp::ExchangeDeleted(name) => {
                self.exchanges.remove(&name).expect("an exchange that is deleted");
                let gone = Destination::Exchange(name.clone());
                self.bindings
                    .retain(|binding| binding.exchange != name && binding.to != gone);
            }
            StoreOp::QueueDeclared(spec) => self.declare(spec),
            StoreOp::QueueDeleted(name) => {
                self.queues.remove(&name).expect("a queue that is deleted");
                let gone = Destination::Queue(name);
                self.bindings.retain(|binding| binding.to != gone);
            }
            StoreOp::Bound(binding) => {
                assert!(!self.bindings.contains(&binding), "{binding:?} is made once");
                let is_there = match &binding.to {
                    Destination::Queue(name) => self.queues.contains_key(name),
                    // One may be predeclared.
                    Destination::Exchange(_) => true,
                };
                assert!(is_there, "{binding:?} has its target");
                self.bindings.push(binding);
            }
            StoreOp::Unbound(binding) => {
                let at = self.bindings.iter().position(|bound| *bound == binding);
                self.bindings.remove(at.expect("a binding that is removed"));
            }
            StoreOp::Enqueued {
                queue,
                position,
                message,
                expires,
            } => {
                let message = StoredMessage::new(position, message, expires);
                let old = self.queue(&queue).messages.insert(position, message);
                assert_eq!(old, None, "{queue}: a place is taken once");
            }
            StoreOp::Removed { queue, position } => {
                let removed = self.queue(&queue).messages.remove(&position);
                removed.expect("a message that is removed");
            }
            StoreOp::Delivered { ref queue, position }
            | StoreOp::Returned {
                ref queue, position, ..
            } => {
                let message = self.queue(queue).messages.get_mut(&position);
                message.expect("a message that is moved").note(seq, &op);
            }
        }
    }

    fn declare(&mut self, spec: crate::broker::dispatch::QueueSpec) {
        let name = spec.name.clone();
        let image = QueueImage {
            spec,
            messages: Vec::new(),
        };
        let messages = BTreeMap::new();
        let old = self.queues.insert(name, Stored { image, messages });
        assert!(old.is_none(), "a queue is declared once");
    }

    fn queue(&mut self, name: &str) -> &mut Stored {
        let queue = self.queues.get_mut(name);
        queue.unwrap_or_else(|| panic!("{name} has records and is not there"))
    }
}

impl Stored {
    fn image(&self) -> QueueImage {
        QueueImage {
            messages: self.messages.values().cloned().collect(),
            ..self.image.clone()
        }
    }
}
