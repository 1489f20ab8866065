//! What survives a restart: the records that dispatch writes, and the image it starts from.
//!
//! Dispatch decides what is durable and says so as [`StoreOp`]s; a store (in memory or on disk) keeps them.
//! After a restart the store's [`Image`] is handed to `Dispatch::restore`. Transient things are never written.

use super::exchange::{Binding, ExchangeSpec};
use super::ids::{Position, StoreSeq};
use super::message::Message;
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
    },
    /// It was acked, dropped or purged.
    Removed {
        /// The queue's name.
        queue: Arc<str>,
        /// Its place.
        position: Position,
    },
    /// It was handed to a consumer for the first time. Trusted only after an orderly stop.
    Delivered {
        /// The queue's name.
        queue: Arc<str>,
        /// Its place.
        position: Position,
    },
}

/// How the broker's last run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastStop {
    /// In good order: which messages had been delivered is known.
    Orderly,
    /// A crash: every message comes back flagged redelivered, as RabbitMQ's classic queues do
    /// (delivery state is not trusted after an unclean stop).
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
    /// Place, message, and whether it had been delivered.
    pub messages: Vec<(Position, Arc<Message>, bool)>,
}
