//! A published message: shared, immutable content and what dispatch must know of it.

use super::charge::{Charge, Gauge};
use super::value::Table;
use std::sync::Arc;

/// A message as it was published. Bodies are shared between queues and deliveries, never copied.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The exchange it was published to; empty for the default exchange.
    pub exchange: Arc<str>,
    /// The routing key it was published with.
    pub routing_key: Arc<str>,
    /// The content header's payload from the property flags on, exactly as it came. It is written back unchanged,
    /// since a decoded header would be encoded differently.
    pub properties: Arc<[u8]>,
    /// The whole body.
    pub body: Arc<[u8]>,
    /// Whether `delivery_mode` was 2.
    pub persistence: Persistence,
    /// The `headers` property, for routing and dead-lettering. `None` when it was absent.
    pub headers: Option<Arc<Table>>,
    /// `priority`. What it means is the queue's to say.
    pub priority: Option<Priority>,
    /// `expiration`; a dead letter has none, whatever `properties` says.
    pub expiration: Option<Ttl>,
    /// Headers that the broker adds on delivery (`x-death` and its kin), laid over the client's own.
    pub added: Option<Arc<Table>>,
    /// How often quorum queues handed it out in vain before they dead-lettered it; 0 for a published message. The
    /// next quorum queue takes it for redelivered, and goes on from there.
    pub failures: Failures,
    /// What it takes of the broker's memory.
    pub charge: Charge,
}

/// What a message takes beside its body and properties, roughly, in bytes.
const OVERHEAD: u64 = 256;

impl Message {
    /// A charge for what it takes.
    pub fn charge_on(&self, gauge: &Gauge) -> Charge {
        gauge.charge(OVERHEAD + self.body.len() as u64 + self.properties.len() as u64)
    }
}

/// The property `priority`: higher is served first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(pub u8);

/// How long a message or a queue may wait, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(pub u32);

/// How often a delivery of a message failed: its consumer died or dropped it (AMQP 1.0's `delivery-count`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failures(pub u16);

/// How often a message went back to its quorum queue (the header `x-delivery-count`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Returns(pub u32);

/// `delivery_mode`: 2 is persistent, all else transient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Persistence {
    /// Gone after a broker restart, whatever the queue is.
    Transient,
    /// Survives a restart in a durable queue.
    Persistent,
}
