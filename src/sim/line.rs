//! A worker's line: what its client knows and does, and both ways of the wire.
//!
//! As in a real client, one order is carried out after the other: what needs an answer of the broker holds up those
//! after it, an ack does not.

use super::pipe::{Bytes, Pipe};
use crate::broker::dispatch::ConnectionId;
use crate::lab::{AckMode, Cut, Delivered, DeliveryTag, Elapsed, Epoch, Prefetch, Requeue, Subscription, WorkerId};
use std::collections::VecDeque;

/// The number of a channel on its connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ChannelNumber(pub(super) u16);

/// The number of a worker's consumer: its tag is `W2.7`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Generation(pub(super) u32);

/// What the lab wants of a worker's client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Order {
    Subscribe(Epoch, Subscription),
    Unsubscribe(Epoch),
    Qos(Epoch, Prefetch),
    Ack(Epoch, DeliveryTag),
    Reject(Epoch, DeliveryTag, Requeue),
    Silence(Epoch),
    Cut(Epoch, Cut),
}

/// From the client to the broker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Request {
    /// A step of the handshake, or a question that changes nothing.
    Hello,
    /// `connection.open`.
    Open,
    OpenChannel(ChannelNumber),
    CloseChannel(ChannelNumber),
    Qos(ChannelNumber, Prefetch),
    Consume(ChannelNumber, Generation, Subscription),
    Cancel(ChannelNumber, Generation),
    Ack(ChannelNumber, DeliveryTag),
    Reject(ChannelNumber, DeliveryTag, Requeue),
    /// `connection.close`.
    Close,
}

/// From the broker to the client.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply {
    /// What was asked is done.
    Done,
    /// `basic.consume-ok`.
    Consuming(ChannelNumber),
    Delivery(ChannelNumber, Delivered),
    /// `basic.cancel`: the queue is gone, or its patience.
    Cancelled(ChannelNumber),
    /// `channel.close`: the code and its text.
    Closed(ChannelNumber, u16, Box<str>),
}

/// What is being asked of the broker, a step at a time, and what follows.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) steps: VecDeque<Request>,
    pub(super) then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    /// The line is down, as asked.
    Down(Epoch, Cut),
    /// The network goes silent.
    Silence(Epoch),
}

/// An open channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) number: ChannelNumber,
    pub(super) epoch: Epoch,
    /// Of consumers to come, as last set.
    pub(super) prefetch: Prefetch,
    pub(super) consumer: Option<(Generation, AckMode)>,
    pub(super) ears: Ears,
}

/// Whether deliveries are still looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ears {
    Open,
    /// Its close was sent.
    Shut,
}

#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) to_broker: Pipe<Request>,
    pub(super) to_worker: Pipe<Reply>,
    pub(super) connection: Option<ConnectionId>,
    pub(super) channel: Option<Channel>,
    pub(super) talk: Option<Talk>,
    pub(super) orders: VecDeque<Order>,
    /// The epoch of a line on which the network swallows everything.
    pub(super) silent: Option<Epoch>,
    /// The last epoch that went down: it stays so.
    pub(super) ended: Epoch,
    last_channel: ChannelNumber,
    last_generation: Generation,
    /// What the broker knows of it.
    pub(super) served: Served,
}

/// The broker's side of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Served {
    /// The open channel; frames for others are not looked at.
    pub(super) channel: Option<ChannelNumber>,
    /// How its consumer acks.
    pub(super) ack: Option<AckMode>,
    /// Since when heartbeats are counted.
    pub(super) tuned: Elapsed,
    /// When it last heard of the client.
    pub(super) heard: Elapsed,
}

impl Line {
    pub(super) fn next_channel(&mut self) -> ChannelNumber {
        self.last_channel.0 = self.last_channel.0.checked_add(1).unwrap_or(1);
        self.last_channel
    }

    pub(super) fn next_generation(&mut self) -> Generation {
        self.last_generation.0 += 1;
        self.last_generation
    }

    /// The connection is no more, and nothing of it is left.
    pub(super) fn clear(&mut self) -> Option<ConnectionId> {
        self.to_broker.cut();
        self.to_worker.cut();
        self.channel = None;
        self.talk = None;
        self.silent = None;
        self.served = Served::default();
        self.connection.take()
    }
}

/// The frames that open a connection: AMQP's handshake has three questions.
pub(super) const HANDSHAKE: [Request; 3] = [Request::Hello, Request::Hello, Request::Open];

impl Request {
    /// As it is on the wire.
    pub(super) const fn bytes(self) -> Bytes {
        Bytes(match self {
            Self::Hello => 200,
            Self::Open | Self::OpenChannel(_) => 16,
            Self::CloseChannel(_) | Self::Close => 36,
            Self::Qos(..) => 19,
            Self::Consume(..) => 64,
            Self::Cancel(..) => 18,
            Self::Ack(..) | Self::Reject(..) => 21,
        })
    }
}

/// Which worker's connection it is.
pub(super) fn worker_of(connection: ConnectionId) -> WorkerId {
    WorkerId((connection.0 & 0xFFFF) as u16)
}

/// The nth connection, one of this worker.
pub(super) fn connection_of(n: u64, id: WorkerId) -> ConnectionId {
    ConnectionId((n << 16) | u64::from(id.0))
}
