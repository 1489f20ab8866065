//! The words between codec and protocol: frames as a client sends them, replies as the broker sends them.
//!
//! The frames that make up nearly all traffic (publish, header, body, ack; deliver, confirm) have variants of their
//! own, so that they need no allocation beyond their content. All other methods travel as decoded by the library.

use crate::broker::dispatch::{ConnectionId, Delivery, Message, StoreOp, StoreSeq, Trace, VhostId};
use amq_protocol::protocol::AMQPClass;
use std::sync::Arc;

use super::Properties;

/// One frame from a client, with the channel number of its frame header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Incoming {
    /// 0 is the connection itself.
    pub(crate) channel: u16,
    /// What it holds.
    pub(crate) frame: Frame,
}

/// What a client can send.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    /// The eight bytes that begin a connection.
    ProtocolHeader([u8; 8]),
    /// Any method without a variant of its own.
    Method(Box<AMQPClass>),
    /// `basic.publish`
    Publish(Publish),
    /// `basic.ack`
    Ack {
        /// The delivery tag.
        tag: u64,
        /// All up to it.
        multiple: bool,
    },
    /// `basic.qos`; the library's own type leaves the size out.
    Qos {
        /// `prefetch_size`, in bytes.
        size: u32,
        /// `prefetch_count`
        count: u16,
        /// `global`
        global: bool,
    },
    /// A content header.
    Header(Header),
    /// A piece of a body.
    Body(Arc<[u8]>),
    /// A sign of life.
    Heartbeat,
    /// What can't be read.
    Malformed(Fault),
}

impl From<AMQPClass> for Frame {
    fn from(method: AMQPClass) -> Self {
        Self::Method(Box::new(method))
    }
}

/// `basic.publish` without its content.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Publish {
    /// The exchange.
    pub(crate) exchange: Arc<str>,
    /// The routing key.
    pub(crate) routing_key: Arc<str>,
    /// Return it if no queue takes it.
    pub(crate) mandatory: bool,
    /// Not supported, as in RabbitMQ since 3.0.
    pub(crate) immediate: bool,
}

/// A content header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    /// 60, if the client is in its senses.
    pub(crate) class_id: u16,
    /// Bytes of body to come.
    pub(crate) body_size: u64,
    /// The properties.
    pub(crate) properties: Arc<Properties>,
}

/// Why bytes are no frame.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The last octet isn't 206.
    BadEnd {
        /// The frame type.
        kind: u8,
        /// The payload.
        payload: Vec<u8>,
        /// What stands there instead.
        octet: u8,
    },
    /// Not method, header, body or heartbeat.
    UnknownType {
        /// The frame type.
        kind: u8,
        /// The payload.
        payload: Vec<u8>,
    },
    /// Longer than `frame_max` allows.
    TooLarge {
        /// The frame type.
        kind: u8,
        /// Bytes of payload announced.
        size: u32,
        /// Bytes of payload allowed.
        limit: u32,
    },
    /// A class or method that AMQP 0-9-1 hasn't got.
    UnknownMethod,
    /// A known method (or header, with method 0) whose arguments can't be read.
    BadArguments {
        /// Its class.
        class: u16,
        /// Its method.
        method: u16,
        /// The arguments.
        payload: Vec<u8>,
    },
}

/// What the broker sends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// The protocol header that it would have liked.
    ProtocolHeader([u8; 8]),
    /// A method without content.
    Method(u16, Box<AMQPClass>),
    /// A method (`basic.return`, `basic.get-ok`) with content.
    Content(u16, Box<AMQPClass>, Arc<Message>),
    /// `basic.deliver` with content.
    Deliver(Delivery),
    /// `basic.ack` as a publisher confirm.
    Confirm {
        /// The channel.
        channel: u16,
        /// The number of the publish.
        tag: u64,
        /// All up to it.
        multiple: bool,
    },
    /// A sign of life.
    Heartbeat,
}

impl Reply {
    /// How many bytes it takes on the wire, roughly.
    fn size(&self) -> usize {
        match self {
            Self::Content(_, _, message) | Self::Deliver(Delivery { message, .. }) => {
                CONTENT + message.properties.len() + message.body.len()
            }
            Self::Method(..) | Self::Confirm { .. } | Self::ProtocolHeader(_) | Self::Heartbeat => METHOD,
        }
    }
}

/// What surrounds a message on the wire, roughly, in bytes.
const CONTENT: usize = 128;
/// A method, roughly.
const METHOD: usize = 32;

impl Output {
    /// How many bytes of it go to a connection, roughly.
    pub(super) fn size_for(&self, connection: ConnectionId) -> usize {
        match self {
            Self::Send(id, reply) if *id == connection => reply.size(),
            _ => 0,
        }
    }
}

/// What the broker wants done, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// Send this to that connection.
    Send(ConnectionId, Reply),
    /// From now on, that connection's frames have at most that many bytes.
    FrameMax(ConnectionId, u32),
    /// Read from a connection, or stop reading.
    Reading(ConnectionId, Reading),
    /// End a connection.
    Close(ConnectionId, ClosedHow),
    /// Write a record of a virtual host.
    Store(VhostId, StoreSeq, StoreOp),
    /// Tell an observer.
    Trace(Trace),
}

/// Whether a connection is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It is.
    On,
    /// It is not, until it is again.
    Off,
    /// It is not, until most of what was said to it is written: then the driver tells.
    WhenWritten,
}

/// How a connection's socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedHow {
    /// When all replies are written.
    Flushed,
    /// Now; the rest is lost.
    AtOnce,
}
