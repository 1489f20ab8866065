//! Names for connections, channels, queues, tags and times, so that no two bare integers are mixed up.

use super::message::Ttl;
use std::fmt;

/// A client connection, numbered by the driver and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

impl ConnectionId {
    /// The broker itself, and whoever was there before it started: no client's connection has that number.
    pub const BROKER: Self = Self(u64::MAX);
}

/// A channel: its number is chosen by the client and unique on its connection only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId {
    /// The connection that carries the channel.
    pub connection: ConnectionId,
    /// The number in the frame header, from 1.
    pub number: u16,
}

/// A queue, for as long as it exists; never reused within one broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(pub u64);

/// The sequence number of a delivery on its channel, from 1 (AMQP 0-9-1, section 1.1, `delivery-tag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct DeliveryTag(pub u64);

/// The place of a message in its queue: publish order, kept across requeues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position(pub u64);

/// The number of a record handed to the store; a confirm waits until it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct StoreSeq(pub u64);

/// Milliseconds since the broker started. The core never reads a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Millis(pub u64);

/// Milliseconds since 1970: what outlives a broker, like the time at which a message expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UnixMillis(pub u64);

/// A virtual host, numbered by the broker; a driver that keeps records knows it by its name too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct VhostId(pub u16);

impl UnixMillis {
    /// That much later.
    #[must_use]
    pub fn after(self, time: Ttl) -> Self {
        Self(self.0.saturating_add(u64::from(time.0)))
    }

    /// Whole seconds, as AMQP timestamps count.
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.connection.0, self.number)
    }
}
