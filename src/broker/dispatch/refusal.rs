//! Why dispatch refuses: a closed set. `protocol::refusal` gives each RabbitMQ's code, text and scope.

use super::ids::DeliveryTag;
use super::value::Value;

/// A refused request. Nothing has changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No queue of that name.
    NoQueue(String),
    /// No exchange of that name.
    NoExchange(String),
    /// The queue belongs to another connection (exclusive), or its exclusiveness was declared differently.
    QueueLocked(String),
    /// A name that begins with `amq.` was declared.
    ReservedName {
        /// `queue` or `exchange`.
        what: &'static str,
        /// The name as declared.
        name: String,
    },
    /// The default exchange can't be declared, deleted or bound.
    DefaultExchange,
    /// One of the predeclared exchanges can't be deleted.
    SystemExchange(String),
    /// Redeclared with another property.
    InequivalentArg {
        /// `queue` or `exchange`.
        what: &'static str,
        /// The queue or exchange.
        name: String,
        /// `durable`, `auto_delete`, `type`, `internal` or an argument's name.
        arg: &'static str,
        /// What the request says.
        received: ArgSeen,
        /// What is declared.
        current: ArgSeen,
    },
    /// An argument's value can't be used; the text is RabbitMQ's.
    InvalidArg {
        /// The argument's name.
        arg: String,
        /// The queue.
        queue: String,
        /// RabbitMQ's reason, after the colon.
        reason: String,
    },
    /// An argument of another queue type (`invalid arg 'x' for queue 'q' in vhost '/' of queue type
    /// rabbit_classic_queue`).
    ArgNotForType {
        /// The argument's name.
        arg: String,
        /// The queue.
        queue: String,
        /// The queue's type, as RabbitMQ names its module.
        module: &'static str,
    },
    /// A property that a queue of this type can't have.
    InvalidProperty {
        /// `auto-delete`, `exclusive-owner` or `non-durable`.
        property: &'static str,
        /// The queue.
        queue: String,
    },
    /// A binding's arguments can't be used: a precondition failure with this text.
    InvalidBinding(String),
    /// `queue.delete` with `if-unused` and consumers present.
    QueueInUse(String),
    /// `queue.delete` with `if-empty` and ready messages present.
    QueueNotEmpty(String),
    /// `exchange.delete` with `if-unused` and bindings present.
    ExchangeInUse(String),
    /// Someone consumes exclusively, or exclusiveness was asked where others consume.
    ExclusiveUse(String),
    /// `basic.get` from a quorum queue with a single active consumer.
    SingleActive {
        /// The queue.
        queue: String,
        /// Its type, as the text names it.
        kind: &'static str,
    },
    /// Direct replies were not used as they can be: a precondition failure with this text.
    Replies(&'static str),
    /// The consumer tag is taken on this channel.
    ConsumerTagInUse(String),
    /// The tag is not outstanding on this channel.
    UnknownDeliveryTag(DeliveryTag),
    /// Publish to an exchange declared `internal`.
    InternalExchange(String),
    /// The channel has a shared prefetch (`global=true`), and the queue's type knows none.
    GlobalQos(String),
    /// A feature that this broker has not got, named as RabbitMQ names it.
    NotImplemented(String),
}

/// A property's value as the inequivalence text shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgSeen {
    /// The argument is absent.
    None,
    /// A property: `true`, `direct`.
    Plain(String),
    /// An argument with its wire type.
    Typed(Value),
}
