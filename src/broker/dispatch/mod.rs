//! Dispatch: who gets which message, and what becomes of it. Pure: no sockets, no frames, no clock.
//!
//! The protocol layer calls the methods of [`Dispatch`]; each pushes its consequences onto `out`, in order.
//! A method that returns a [`Refusal`] has changed nothing.

mod durability;
mod effect;
mod exchange;
mod ids;
mod message;
mod queue;
mod refusal;
mod value;

pub use durability::{Image, LastStop, QueueImage, StoreOp};
pub use effect::{AckMode, Blocked, Delivery, Effect, RequeueCause, Trace};
pub use exchange::{Binding, ExchangeKind, ExchangeSpec};
pub use ids::{ChannelId, ConnectionId, DeliveryTag, Millis, Position, QueueId, StoreSeq};
pub use message::{Message, Persistence};
pub use queue::{QueueCounts, QueueSpec};
pub use refusal::{ArgSeen, Refusal};
pub use value::{IntKind, Table, Value};

use std::sync::Arc;

/// All exchanges, queues, consumers and unacked messages of one virtual host.
#[derive(Debug, Default)]
pub struct Dispatch {}

/// Whether decisions are told as [`Trace`] effects. Off, it costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracing {
    /// Silent.
    #[default]
    Off,
    /// One [`Trace`] for each decision.
    On,
}

/// A `basic.consume`.
#[derive(Clone, Debug, PartialEq)]
pub struct Consume {
    /// The queue's name.
    pub queue: String,
    /// The consumer's tag; never empty here.
    pub tag: Arc<str>,
    /// Manual or automatic ack.
    pub ack: AckMode,
    /// Refuse other consumers.
    pub exclusive: bool,
    /// Its arguments.
    pub args: Table,
}

/// Whether a `basic.qos` limit is per consumer or shared by its channel (RabbitMQ's meaning of `global`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QosScope {
    /// `global=false`: for each consumer started after it.
    Consumer,
    /// `global=true`: shared by all consumers of the channel, at once.
    Channel,
}

/// What a client decides on deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// `basic.ack`
    Ack,
    /// nack or reject with requeue.
    Requeue,
    /// nack or reject without requeue: dead-lettered where the queue says so, else dropped.
    Drop,
}

/// Which deliveries a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// That one.
    One,
    /// All outstanding up to it; tag 0 means all.
    UpTo,
}

/// What became of a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Routed {
    /// How many queues got it; 0 is unroutable.
    pub queues: u32,
    /// The last record written for it: the confirm waits for this one. `None`: confirm at once.
    pub stored_by: Option<StoreSeq>,
}

/// A message fetched by `basic.get`.
#[derive(Clone, Debug, PartialEq)]
pub struct Got {
    /// The delivery.
    pub delivery: Delivery,
    /// Ready messages left.
    pub left: u32,
}

/// One queue's totals, for whoever watches from inside the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTotals {
    /// Its name.
    pub name: Arc<str>,
    /// Waiting.
    pub ready: u64,
    /// With consumers (and `basic.get` callers), waiting for their ack.
    pub unacked: u64,
    /// Consumers.
    pub consumers: u32,
    /// All that ever entered.
    pub published: u64,
    /// Acked, or delivered with automatic ack.
    pub acked: u64,
    /// Dropped, purged or dead-lettered.
    pub dropped: u64,
}
