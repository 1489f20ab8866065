//! Why not: each refusal with RabbitMQ's code, text and scope.
//!
//! A *channel* refusal closes the channel, a *connection* refusal the connection (AMQP 0-9-1, section 1.2).

use crate::broker::dispatch::{ArgSeen, Refusal, Value};

/// A refused request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refused {
    /// By the protocol, in these words.
    Protocol(Answer),
    /// By dispatch; its words need the virtual host's name.
    Dispatch(Box<Refusal>),
}

/// How a refusal is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// What is closed.
    pub(super) scope: Scope,
    /// The reply code.
    pub(super) code: Code,
    /// RabbitMQ's words, without the code's name.
    pub(super) text: String,
}

/// What a refusal closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The channel.
    Channel,
    /// The connection.
    Connection,
}

/// The class and method that a close names as its cause; 0 and 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MethodId {
    /// The class.
    pub(super) class: u16,
    /// The method.
    pub(super) method: u16,
}

/// A refusal and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Exception {
    /// Why not.
    pub(super) refused: Refused,
    /// What.
    pub(super) at: MethodId,
}

/// Reply codes (AMQP 0-9-1, section 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// 320
    ConnectionForced,
    /// 403
    AccessRefused,
    /// 404
    NotFound,
    /// 405
    ResourceLocked,
    /// 406
    PreconditionFailed,
    /// 501
    FrameError,
    /// 503
    CommandInvalid,
    /// 504
    ChannelError,
    /// 505
    UnexpectedFrame,
    /// 530
    NotAllowed,
    /// 540
    NotImplemented,
}

impl MethodId {
    /// Both numbers.
    pub(super) fn new(class: u16, method: u16) -> Self {
        Self { class, method }
    }
}

impl Code {
    /// The number on the wire.
    pub(super) fn number(self) -> u16 {
        self.row().0
    }

    fn row(self) -> (u16, &'static str) {
        match self {
            Self::ConnectionForced => (320, "CONNECTION_FORCED"),
            Self::AccessRefused => (403, "ACCESS_REFUSED"),
            Self::NotFound => (404, "NOT_FOUND"),
            Self::ResourceLocked => (405, "RESOURCE_LOCKED"),
            Self::PreconditionFailed => (406, "PRECONDITION_FAILED"),
            Self::FrameError => (501, "FRAME_ERROR"),
            Self::CommandInvalid => (503, "COMMAND_INVALID"),
            Self::ChannelError => (504, "CHANNEL_ERROR"),
            Self::UnexpectedFrame => (505, "UNEXPECTED_FRAME"),
            Self::NotAllowed => (530, "NOT_ALLOWED"),
            Self::NotImplemented => (540, "NOT_IMPLEMENTED"),
        }
    }
}

impl Refused {
    /// Closes the channel.
    pub(super) fn channel(code: Code, text: impl Into<String>) -> Self {
        Self::Protocol(Answer::channel(code, text))
    }

    /// Closes the connection.
    pub(super) fn connection(code: Code, text: impl Into<String>) -> Self {
        Self::Protocol(Answer::connection(code, text))
    }

    /// With what it is about.
    pub(super) fn at(self, at: MethodId) -> Exception {
        Exception { refused: self, at }
    }

    /// How a client of that virtual host is told.
    pub(super) fn told(self, vhost: &str) -> Answer {
        match self {
            Self::Protocol(answer) => answer,
            Self::Dispatch(refusal) => Answer::of(*refusal, vhost),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Dispatch(Box::new(refusal))
    }
}

impl Answer {
    /// As an observer is told.
    pub(super) fn code_and_text(&self) -> std::sync::Arc<str> {
        format!("{} {}", self.code.number(), self.reply_text()).into()
    }

    fn channel(code: Code, text: impl Into<String>) -> Self {
        Self {
            scope: Scope::Channel,
            code,
            text: text.into(),
        }
    }

    fn connection(code: Code, text: impl Into<String>) -> Self {
        Self {
            scope: Scope::Connection,
            code,
            text: text.into(),
        }
    }

    /// The reply text: the code's name and the words.
    pub(super) fn reply_text(&self) -> String {
        format!("{} - {}", self.code.row().1, self.text)
    }

    fn of(refusal: Refusal, vhost: &str) -> Self {
        let not_found = |text| Self::channel(Code::NotFound, text);
        let access = |text| Self::channel(Code::AccessRefused, text);
        let precondition = |text| Self::channel(Code::PreconditionFailed, text);
        match refusal {
            Refusal::NoQueue(name) => not_found(format!("no queue '{name}' in vhost '{vhost}'")),
            Refusal::NoExchange(name) => not_found(format!("no exchange '{name}' in vhost '{vhost}'")),
            Refusal::QueueLocked(name) => Self::channel(Code::ResourceLocked, locked(&name, vhost)),
            Refusal::ReservedName { what, name } => {
                access(format!("{what} name '{name}' contains reserved prefix 'amq.*'"))
            }
            Refusal::DefaultExchange => access("operation not permitted on the default exchange".to_owned()),
            Refusal::SystemExchange(name) => access(format!(
                "deletion of system exchange '{name}' in vhost '{vhost}' not allowed"
            )),
            Refusal::InequivalentArg {
                what,
                name,
                arg,
                received,
                current,
            } => {
                let (received, current) = seen(&received, &current);
                precondition(format!(
                    "inequivalent arg '{arg}' for {what} '{name}' in vhost '{vhost}': received {received} but current is {current}"
                ))
            }
            Refusal::InvalidArg { arg, queue, reason } => precondition(format!(
                "invalid arg '{arg}' for queue '{queue}' in vhost '{vhost}': {reason}"
            )),
            Refusal::ArgNotForType { arg, queue, module } => precondition(format!(
                "invalid arg '{arg}' for queue '{queue}' in vhost '{vhost}' of queue type {module}"
            )),
            Refusal::InvalidProperty { property, queue } => precondition(format!(
                "invalid property '{property}' for queue '{queue}' in vhost '{vhost}'"
            )),
            Refusal::InvalidBinding(why) => precondition(why),
            Refusal::QueueInUse(name) => precondition(format!("queue '{name}' in vhost '{vhost}' in use")),
            Refusal::QueueNotEmpty(name) => precondition(format!("queue '{name}' in vhost '{vhost}' not empty")),
            Refusal::ExchangeInUse(name) => precondition(format!("exchange '{name}' in vhost '{vhost}' in use")),
            Refusal::ExclusiveUse(name) => access(format!("queue '{name}' in vhost '{vhost}' in exclusive use")),
            Refusal::Replies(why) => precondition(why.to_owned()),
            Refusal::SingleActive { queue, kind } => Self::channel(
                Code::ResourceLocked,
                format!(
                    "cannot obtain access to locked queue '{queue}' in vhost '{vhost}'. basic.get operations are not \
                     supported by {kind} queues with single active consumer"
                ),
            ),
            Refusal::ConsumerTagInUse(tag) => {
                Self::connection(Code::NotAllowed, format!("attempt to reuse consumer tag '{tag}'"))
            }
            Refusal::UnknownDeliveryTag(tag) => precondition(format!("unknown delivery tag {}", tag.0)),
            Refusal::InternalExchange(name) => access(format!(
                "cannot publish to internal exchange '{name}' in vhost '{vhost}'"
            )),
            Refusal::GlobalQos(queue) => Self::connection(
                Code::NotImplemented,
                format!("queue '{queue}' in vhost '{vhost}' does not support global qos"),
            ),
            Refusal::NotImplemented(what) => Self::connection(Code::NotImplemented, what),
        }
    }
}

fn locked(queue: &str, vhost: &str) -> String {
    format!(
        "cannot obtain exclusive access to locked queue '{queue}' in vhost '{vhost}'. It could be originally declared on \
         another connection or the exclusive property value does not match that of the original declaration."
    )
}

/// Two values side by side. An argument's type is told only where the other side has no value.
fn seen(received: &ArgSeen, current: &ArgSeen) -> (String, String) {
    let alone = matches!(received, ArgSeen::None) || matches!(current, ArgSeen::None);
    let show = |arg: &ArgSeen| match arg {
        ArgSeen::None => "none".to_owned(),
        ArgSeen::Plain(text) => format!("'{text}'"),
        ArgSeen::Typed(value) if alone => format!("the value '{}' of type '{}'", shown(value), value.type_name()),
        ArgSeen::Typed(value) => format!("'{}'", shown(value)),
    };
    (show(received), show(current))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(_, i) => i.to_string(),
        Value::Float(f) => f.to_string(),
        Value::Double(d) => d.to_string(),
        Value::Decimal(scale, value) => format!("{{{scale},{value}}}"),
        Value::LongStr(bytes) | Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Timestamp(t) => t.to_string(),
        Value::Array(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(",")),
        Value::Table(table) => {
            let pairs: Vec<_> = table
                .iter()
                .map(|(name, value)| format!("{name}={}", shown(value)))
                .collect();
            format!("[{}]", pairs.join(","))
        }
        Value::Void => "undefined".to_owned(),
    }
}
