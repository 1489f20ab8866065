//! What survives a restart: the records that dispatch writes, and the image it starts from.
//!
//! Dispatch decides what is durable and says so as [`StoreOp`]s; a store keeps them.
//! After a restart the store's [`Image`] is handed to `Dispatch::restore`. Transient things are never written.

use super::exchange::{Binding, ExchangeSpec};
use super::ids::{Position, StoreSeq, UnixMillis};
use super::message::{Failures, Message, Returns};
use super::queue::QueueSpec;
use std::sync::Arc;

/// One durable change.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreOp {
    /// A durable exchange was declared.
    ExchangeDeclared(ExchangeSpec),
    /// A durable exchange was deleted.
    ExchangeDeleted(String),
    /// A durable, non-exclusive queue was declared.
    QueueDeclared(QueueSpec),
    /// It was deleted, with all its messages.
    QueueDeleted(String),
    /// A binding between durable ends.
    Bound(Binding),
    /// It was removed.
    Unbound(Binding),
    /// A persistent message entered a durable queue.
    Enqueued {
        /// The queue's name.
        queue: Arc<str>,
        /// Its place.
        position: Position,
        /// The message.
        message: Arc<Message>,
        /// When it expires.
        expires: Option<UnixMillis>,
    },
    /// It was acked, dropped or purged.
    Removed {
        /// The queue's name.
        queue: Arc<str>,
        /// Its place.
        position: Position,
    },
    /// It was handed to a consumer: of a classic queue for the first time, and trusted only after an orderly stop; of
    /// a quorum queue each time.
    Delivered {
        /// The queue's name.
        queue: Arc<str>,
        /// Its place.
        position: Position,
    },
    /// It came back to its quorum queue.
    Returned {
        /// The queue's name.
        queue: Arc<str>,
        /// Its place.
        position: Position,
        /// How often, by now.
        returns: Returns,
        /// How often its consumer had died.
        failures: Failures,
    },
}

/// How the broker's last run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastStop {
    /// In good order: which messages had been delivered is known.
    Orderly,
    /// A crash: every message of a classic queue comes back flagged redelivered, as in RabbitMQ (delivery state is
    /// not trusted after an unclean stop). A quorum queue knows all as before.
    Crash,
}

/// Everything durable, as a store gives it back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// Durable exchanges that clients declared.
    pub exchanges: Vec<ExchangeSpec>,
    /// Durable queues and their messages in order.
    pub queues: Vec<QueueImage>,
    /// Bindings between durable ends.
    pub bindings: Vec<Binding>,
    /// The last record's number.
    pub seq: StoreSeq,
}

/// A durable queue with what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueImage {
    /// Its declaration.
    pub spec: QueueSpec,
    /// What it holds, in publish order.
    pub messages: Vec<StoredMessage>,
}

/// A message as its queue last knew it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    /// Its place.
    pub position: Position,
    /// The message.
    pub message: Arc<Message>,
    /// When it expires.
    pub expires: Option<UnixMillis>,
    /// Where it was.
    pub standing: Standing,
    /// How often it had come back.
    pub returns: Returns,
    /// How often its consumer had died.
    pub failures: Failures,
}

/// Where a stored message was, by its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Never handed out.
    Fresh,
    /// With a consumer, since that record. A classic queue does not tell when it came back.
    HandedOut(StoreSeq),
    /// Back at its quorum queue, since that record.
    Back(StoreSeq),
}

impl StoredMessage {
    /// A message that has just been published.
    pub fn new(position: Position, message: Arc<Message>, expires: Option<UnixMillis>) -> Self {
        Self {
            position,
            message,
            expires,
            standing: Standing::Fresh,
            returns: Returns::default(),
            failures: Failures::default(),
        }
    }

    /// Takes a record of this message into account, except its removal: what a store does, in the least words.
    pub(crate) fn note(&mut self, seq: StoreSeq, op: &StoreOp) {
        match op {
            StoreOp::Delivered { .. } => self.standing = Standing::HandedOut(seq),
            StoreOp::Returned { returns, failures, .. } => {
                self.standing = Standing::Back(seq);
                self.returns = *returns;
                self.failures = *failures;
            }
            _ => {}
        }
    }
}
