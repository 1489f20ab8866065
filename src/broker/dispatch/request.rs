//! What clients ask of dispatch, and what it answers.

use super::effect::{AckMode, Delivery};
use super::ids::StoreSeq;
use super::value::Table;
use std::sync::Arc;

/// Whether decisions are told as [`Trace`](super::Trace) effects. Off, it costs nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracing {
    /// Silent.
    #[default]
    Off,
    /// One [`Trace`](super::Trace) for each decision.
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
    /// `basic.nack` with requeue.
    Requeue,
    /// `basic.reject` with requeue: RabbitMQ 4.3 counts it as a failed delivery, and a nack not.
    RejectRequeue,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// How many queues got it; 0 is unroutable.
    pub queues: u32,
    /// The last record written for it: the confirm waits for this one. `None`: confirm at once.
    pub stored_by: Option<StoreSeq>,
    /// A queue that is full refused it (`x-overflow=reject-publish`): a confirm is a nack.
    pub rejected: bool,
}

/// A message fetched by `basic.get`.
#[derive(Clone, Debug, PartialEq)]
pub struct Got {
    /// The delivery.
    pub delivery: Delivery,
    /// Ready messages left.
    pub left: u32,
}

/// The conditions of `queue.delete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeleteRule {
    /// Refuse while it has consumers.
    pub if_unused: bool,
    /// Refuse while it has ready messages.
    pub if_empty: bool,
}
