//! Exchanges and bindings: which queues a published message goes to.

use super::value::Table;

/// What a declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeSpec {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ExchangeKind,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Deleted when its last binding goes.
    pub auto_delete: bool,
    /// Clients can't publish to it.
    pub internal: bool,
    /// Its arguments.
    pub args: Table,
}

/// How an exchange routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExchangeKind {
    /// Equal keys.
    Direct,
    /// All bound queues.
    Fanout,
    /// Words, `*` and `#`.
    Topic,
    /// Header values.
    Headers,
}

/// A queue bound to an exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The exchange.
    pub exchange: String,
    /// The queue.
    pub queue: String,
    /// The binding key.
    pub key: String,
    /// Arguments; the headers exchange matches by them.
    pub args: Table,
}
