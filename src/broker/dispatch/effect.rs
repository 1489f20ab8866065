//! What dispatch wants done, in order: a closed set that the protocol layer turns into frames and store records.

use super::durability::StoreOp;
use super::ids::{ChannelId, DeliveryTag, QueueId, StoreSeq};
use super::lives::Life;
use super::message::Message;
use std::sync::Arc;

/// One consequence of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send `basic.deliver`.
    Deliver(Delivery),
    /// Send `basic.cancel`: the consumer's queue is gone.
    CancelConsumer {
        /// The consumer's channel.
        channel: ChannelId,
        /// Its tag.
        tag: Arc<str>,
    },
    /// Close the channel: a delivery to it was not acked in time.
    AckTimeout {
        /// The channel.
        channel: ChannelId,
        /// The time that it had, as the error's text tells it: -1 where that is 4.3's own of a quorum queue.
        timeout_ms: i64,
    },
    /// A quorum queue took back what a consumer did not ack in time (4.3): send `basic.cancel`, or close the channel
    /// with the timeout -1 if the client does not know what that means.
    ConsumerTimedOut {
        /// The consumer's channel.
        channel: ChannelId,
        /// Its tag.
        tag: Arc<str>,
    },
    /// Write a record; `Dispatch` numbers them in order.
    Store(StoreSeq, StoreOp),
    /// A decision, told only while tracing is on.
    Trace(Trace),
}

/// A message on its way to a consumer (or to `basic.get`, where `consumer` is empty).
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Where it goes.
    pub channel: ChannelId,
    /// The consumer's tag.
    pub consumer: Arc<str>,
    /// Its number on the channel.
    pub tag: DeliveryTag,
    /// It was handed to a consumer before (or the broker crashed since).
    pub redelivered: bool,
    /// The queue it comes from: the driver reports it back by `Dispatch::sent`.
    pub queue: QueueId,
    /// The message.
    pub message: Arc<Message>,
}

/// A decision of dispatch, for an observer: who got a message, who was passed over, what went back and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Trace {
    /// A message was handed to a consumer, or fetched by `basic.get`: then the consumer is empty.
    Dispatched {
        /// The queue's name.
        queue: Arc<str>,
        /// Who got it.
        channel: ChannelId,
        /// The consumer's tag.
        consumer: Arc<str>,
        /// Its number on the channel.
        tag: DeliveryTag,
        /// Whether it counts as gone at once.
        ack: AckMode,
        /// As in the delivery.
        redelivered: bool,
        /// The message.
        message: Arc<Message>,
        /// Consumers without room: those tried in this turn, in that order, then those that have waited for room
        /// since an earlier one. Tag and reason.
        passed_over: Vec<(Arc<str>, Blocked)>,
    },
    /// Unacked messages went back to their queue.
    Requeued {
        /// The queue's name.
        queue: Arc<str>,
        /// Who held them.
        channel: ChannelId,
        /// The messages in the order in which the queue will serve them.
        messages: Vec<Arc<Message>>,
        /// Why.
        why: RequeueCause,
    },
    /// Someone came or went, or settled something; told only while lives are asked for.
    Life(Life),
}

/// Why a consumer has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blocked {
    /// Its own prefetch is full: that many unacked.
    Prefetch(u16),
    /// Its channel's shared limit (`global=true`) is full.
    ChannelPrefetch(u16),
    /// 200 deliveries have not been written to its socket yet.
    Unsent,
}

/// Why messages went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequeueCause {
    /// `basic.nack` with requeue.
    Nacked,
    /// `basic.reject` with requeue.
    Rejected,
    /// `basic.recover`.
    Recovered,
    /// Its channel closed.
    ChannelClosed,
    /// Its connection went.
    ConnectionLost,
    /// It was not acked in time.
    TimedOut,
}

impl RequeueCause {
    /// Whether a client gave the message back, and goes on.
    pub(super) fn is_deliberate(self) -> bool {
        matches!(self, Self::Nacked | Self::Rejected | Self::Recovered)
    }
}

/// Whether deliveries wait for an ack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckMode {
    /// Kept until acked.
    Manual,
    /// `no_ack`: gone once sent.
    Automatic,
}
