//! A queue: ready messages in publish order, its consumers, and the dispatch loop.

use super::ids::ConnectionId;
use super::value::Table;

/// What a declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSpec {
    /// Its name; never empty here.
    pub name: String,
    /// Whether the queue survives a restart.
    pub durable: bool,
    /// The connection that alone may use it, and whose end deletes it.
    pub exclusive: Option<ConnectionId>,
    /// Deleted when its last consumer goes.
    pub auto_delete: bool,
    /// Its arguments.
    pub args: Table,
}

/// What declare-ok and purge-ok report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueCounts {
    /// Ready messages; unacked ones are not counted.
    pub ready: u32,
    /// All consumers, also blocked ones.
    pub consumers: u32,
}
