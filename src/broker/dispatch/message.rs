//! A published message: shared, immutable content and what dispatch must know of it.

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
    /// Headers that the broker adds on delivery (`x-death` and its kin), laid over the client's own.
    pub added: Option<Arc<Table>>,
}

/// `delivery_mode`: 2 is persistent, all else transient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Persistence {
    /// Gone after a broker restart, whatever the queue is.
    Transient,
    /// Survives a restart in a durable queue.
    Persistent,
}
