//! Names for connections, channels, queues, tags and times, so that no two bare integers are mixed up.

use std::fmt;

/// A client connection, numbered by the driver and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// Seconds since 1970, as AMQP timestamps count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct UnixSeconds(pub u64);

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.connection.0, self.number)
    }
}
