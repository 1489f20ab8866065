//! Queue and consumer arguments: which values are refused, and which differences a redeclaration may not have.
//!
//! The rules, their order and the reasons follow RabbitMQ 4.0's `rabbit_amqqueue:declare_args/0`. The values are kept
//! with the queue. What only says how a queue is stored and copied (mode, version, lengths in memory, group size) has no
//! effect here, nor has the dead letter strategy.

use super::differs::Differs;
use super::queue::QueueSpec;
use super::refusal::Refusal;
use super::rules::{AckTimeoutRule, DefaultType, QueueMode, Rules};
use super::value::{Table, Value};

/// A reason why a value can't be used, as RabbitMQ prints it.
type Check = fn(&Value, &Table) -> Result<(), String>;

pub(super) const DEAD_LETTER_EXCHANGE: &str = "x-dead-letter-exchange";
pub(super) const DEAD_LETTER_ROUTING_KEY: &str = "x-dead-letter-routing-key";
pub(super) const DELIVERY_LIMIT: &str = "x-delivery-limit";
pub(super) const EXPIRES: &str = "x-expires";
pub(super) const MESSAGE_TTL: &str = "x-message-ttl";
pub(super) const MAX_LENGTH: &str = "x-max-length";
pub(super) const MAX_LENGTH_BYTES: &str = "x-max-length-bytes";
pub(super) const OVERFLOW: &str = "x-overflow";
pub(super) const MAX_PRIORITY: &str = "x-max-priority";
pub(super) const SINGLE_ACTIVE_CONSUMER: &str = "x-single-active-consumer";
const CONSUMER_TIMEOUT: &str = "x-consumer-timeout";
const QUEUE_MODE: &str = "x-queue-mode";
const QUEUE_TYPE: &str = "x-queue-type";
const CLASSIC: &str = "classic";
const QUORUM: &str = "quorum";

/// Ten years, in milliseconds.
const LONGEST_MS: i64 = 315_360_000_000;

/// The types of queue that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueType {
    Classic,
    Quorum,
}

/// Which types of queue have an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Both,
    Only(QueueType),
    /// Those that this broker has not got.
    Others,
}

/// All arguments that any type of queue has; some can have any value.
const ARGS: [(&str, Of, Option<Check>); 24] = [
    (EXPIRES, Of::Both, Some(check_lease)),
    (MESSAGE_TTL, Of::Both, Some(check_time)),
    (DEAD_LETTER_EXCHANGE, Of::Both, Some(check_string)),
    (DEAD_LETTER_ROUTING_KEY, Of::Both, Some(check_dead_letter_routing_key)),
    (
        "x-dead-letter-strategy",
        Of::Only(QueueType::Quorum),
        Some(check_strategy),
    ),
    (MAX_LENGTH, Of::Both, Some(check_non_negative)),
    (MAX_LENGTH_BYTES, Of::Both, Some(check_non_negative)),
    (
        "x-max-in-memory-length",
        Of::Only(QueueType::Quorum),
        Some(check_non_negative),
    ),
    (
        "x-max-in-memory-bytes",
        Of::Only(QueueType::Quorum),
        Some(check_non_negative),
    ),
    (MAX_PRIORITY, Of::Only(QueueType::Classic), Some(check_max_priority)),
    (OVERFLOW, Of::Both, Some(check_overflow)),
    (QUEUE_MODE, Of::Only(QueueType::Classic), Some(check_mode)),
    ("x-queue-version", Of::Only(QueueType::Classic), Some(check_version)),
    (SINGLE_ACTIVE_CONSUMER, Of::Both, Some(check_bool)),
    (CONSUMER_TIMEOUT, Of::Both, Some(check_non_negative)),
    (QUEUE_TYPE, Of::Both, Some(check_type)),
    (
        "x-quorum-initial-group-size",
        Of::Only(QueueType::Quorum),
        Some(check_positive),
    ),
    (DELIVERY_LIMIT, Of::Only(QueueType::Quorum), None),
    ("x-initial-cluster-size", Of::Others, None),
    ("x-max-age", Of::Others, None),
    ("x-quorum-target-group-size", Of::Others, None),
    ("x-stream-filter-size-bytes", Of::Others, None),
    ("x-stream-max-segment-size-bytes", Of::Others, None),
    ("x-stream-offset", Of::Others, None),
];

impl QueueType {
    /// As RabbitMQ names the module.
    fn module(self) -> &'static str {
        match self {
            Self::Classic => "rabbit_classic_queue",
            Self::Quorum => "rabbit_quorum_queue",
        }
    }

    fn has(self, of: Of) -> bool {
        match of {
            Of::Both => true,
            Of::Only(one) => one == self,
            Of::Others => false,
        }
    }
}

/// An argument: who has it, and which values it can have.
type Arg = (&'static str, Of, Option<Check>);

/// The arguments that a version knows.
fn known(rules: &Rules) -> impl Iterator<Item = Arg> {
    ARGS.into_iter().filter_map(|(arg, of, check)| match arg {
        CONSUMER_TIMEOUT => match rules.ack_timeout {
            AckTimeoutRule::Channel => None,
            AckTimeoutRule::ChannelByQueue => Some((arg, of, check)),
            AckTimeoutRule::Consumer => Some((arg, Of::Only(QueueType::Quorum), check)),
        },
        QUEUE_MODE if rules.queue_mode == QueueMode::Ignored => Some((arg, of, None)),
        _ => Some((arg, of, check)),
    })
}

/// Whether a new queue can have these arguments.
pub(super) fn validate(spec: &QueueSpec, rules: &Rules) -> Result<(), Refusal> {
    check(spec, QUEUE_TYPE, check_type)?;
    if let Some(other) = type_name(&spec.args).filter(|name| ![CLASSIC, QUORUM].contains(name)) {
        return Err(Refusal::NotImplemented(format!(
            "this broker has no {other}s (queue type '{other}')"
        )));
    }
    let kind = queue_type(&spec.args);
    for (arg, _, rule) in known(rules).filter(|(_, of, _)| kind.has(*of)) {
        if let Some(rule) = rule {
            check(spec, arg, rule)?;
        }
    }
    let is_foreign = |(arg, of, _): &Arg| !kind.has(*of) && spec.args.contains_key(*arg);
    if let Some((arg, ..)) = known(rules).find(is_foreign) {
        return Err(Refusal::ArgNotForType {
            arg: arg.to_owned(),
            queue: spec.name.clone(),
            module: kind.module(),
        });
    }
    match kind {
        QueueType::Classic => Ok(()),
        QueueType::Quorum => check_properties(spec),
    }
}

/// A quorum queue is durable, shared and lasting.
fn check_properties(spec: &QueueSpec) -> Result<(), Refusal> {
    let wrong = [
        ("auto-delete", spec.auto_delete),
        ("exclusive-owner", spec.exclusive.is_some()),
        ("non-durable", !spec.durable),
    ];
    match wrong.into_iter().find(|(_, wrong)| *wrong) {
        None => Ok(()),
        Some((property, _)) => Err(Refusal::InvalidProperty {
            property,
            queue: spec.name.clone(),
        }),
    }
}

fn check(spec: &QueueSpec, arg: &str, rule: Check) -> Result<(), Refusal> {
    let verdict = spec.args.get(arg).map_or(Ok(()), |value| rule(value, &spec.args));
    verdict.map_err(|reason| Refusal::InvalidArg {
        arg: arg.to_owned(),
        queue: spec.name.clone(),
        reason,
    })
}

/// Whether a queue may be declared again like this. Exclusiveness is the caller's to compare.
pub(super) fn assert_same_queue(current: &QueueSpec, asked: &QueueSpec, rules: &Rules) -> Result<(), Refusal> {
    let differs = Differs {
        what: "queue",
        name: &asked.name,
    };
    differs.plain("durable", current.durable, asked.durable)?;
    differs.plain("auto_delete", current.auto_delete, asked.auto_delete)?;
    let classic = Value::text(CLASSIC);
    let kind = queue_type(&current.args);
    for (arg, ..) in known(rules).filter(|(_, of, _)| kind.has(*of)) {
        let default = match (arg, rules.default_type) {
            (QUEUE_TYPE, _) if queue_type(&asked.args) == kind => continue,
            (QUEUE_TYPE, DefaultType::Classic) => Some(&classic),
            _ => None,
        };
        differs.arg(arg, current.args.get(arg).or(default), asked.args.get(arg).or(default))?;
    }
    Ok(())
}

/// A consumer's `x-priority`; 0 without one.
pub(super) fn consumer_priority(queue: &str, args: &Table) -> Result<i64, Refusal> {
    match args.get("x-priority") {
        None => Ok(0),
        Some(value) => integer(value).map_err(|reason| Refusal::InvalidArg {
            arg: "x-priority".to_owned(),
            queue: queue.to_owned(),
            reason,
        }),
    }
}

/// How long deliveries of a queue with these arguments may wait for an ack, in milliseconds, if they say.
pub(super) fn consumer_timeout(args: &Table) -> Option<u64> {
    match args.get(CONSUMER_TIMEOUT) {
        Some(Value::Int(_, ms)) => u64::try_from(*ms).ok(),
        _ => None,
    }
}

/// The same for a consumer of the queue with its own arguments: 4.3 alone knows such, and for quorum queues.
pub(super) fn timeout_of_consumer(queue: &QueueSpec, args: &Table, rules: &Rules) -> Result<Option<u64>, Refusal> {
    let (AckTimeoutRule::Consumer, Some(value)) = (rules.ack_timeout, args.get(CONSUMER_TIMEOUT)) else {
        return Ok(None);
    };
    match queue_type(&queue.args) {
        QueueType::Classic => Err(Refusal::ArgNotForType {
            arg: CONSUMER_TIMEOUT.to_owned(),
            queue: queue.name.clone(),
            module: QueueType::Classic.module(),
        }),
        QueueType::Quorum => match check_non_negative(value, args) {
            Ok(()) => Ok(consumer_timeout(args)),
            Err(reason) => Err(Refusal::InvalidArg {
                arg: CONSUMER_TIMEOUT.to_owned(),
                queue: queue.name.clone(),
                reason,
            }),
        },
    }
}

/// The type of a queue with these arguments.
pub(super) fn queue_type(args: &Table) -> QueueType {
    match type_name(args) {
        Some(QUORUM) => QueueType::Quorum,
        _ => QueueType::Classic,
    }
}

fn type_name(args: &Table) -> Option<&str> {
    args.get(QUEUE_TYPE).and_then(Value::as_text)
}

fn unacceptable(value: &Value) -> String {
    format!("{{unacceptable_type,{}}}", value.type_name())
}

fn integer(value: &Value) -> Result<i64, String> {
    match value {
        Value::Int(_, value) => Ok(*value),
        other => Err(format!("\"expected integer, got {}\"", other.type_name())),
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_text().ok_or_else(|| unacceptable(value))
}

fn one_of(value: &Value, known: &[&str], refusal: impl FnOnce(&str) -> String) -> Result<(), String> {
    let value = text(value)?;
    if known.contains(&value) {
        Ok(())
    } else {
        Err(refusal(value))
    }
}

fn check_non_negative(value: &Value, _: &Table) -> Result<(), String> {
    match integer(value)? {
        negative if negative < 0 => Err(format!("{{value_negative,{negative}}}")),
        _ => Ok(()),
    }
}

fn check_max_priority(value: &Value, args: &Table) -> Result<(), String> {
    match integer(value)? {
        over if over > 255 => Err(format!("{{max_value_exceeded,{over}}}")),
        _ => check_non_negative(value, args),
    }
}

fn check_string(value: &Value, _: &Table) -> Result<(), String> {
    match value {
        Value::LongStr(_) => Ok(()),
        other => Err(unacceptable(other)),
    }
}

fn check_dead_letter_routing_key(value: &Value, args: &Table) -> Result<(), String> {
    check_string(value, args)?;
    if args.contains_key(DEAD_LETTER_EXCHANGE) {
        Ok(())
    } else {
        Err("routing_key_but_no_dlx_defined".to_owned())
    }
}

fn check_overflow(value: &Value, _: &Table) -> Result<(), String> {
    let known = ["drop-head", "reject-publish", "reject-publish-dlx"];
    one_of(value, &known, |_| "invalid_overflow".to_owned())
}

fn check_strategy(value: &Value, _: &Table) -> Result<(), String> {
    let known = ["at-most-once", "at-least-once"];
    one_of(value, &known, |_| "invalid_dlx_strategy".to_owned())
}

fn check_positive(value: &Value, args: &Table) -> Result<(), String> {
    match integer(value)? {
        0 => Err("{value_zero,0}".to_owned()),
        _ => check_non_negative(value, args),
    }
}

fn check_lease(value: &Value, args: &Table) -> Result<(), String> {
    check_positive(value, args)?;
    check_time(value, args)
}

fn check_time(value: &Value, args: &Table) -> Result<(), String> {
    check_non_negative(value, args)?;
    match integer(value)? {
        time if time > LONGEST_MS => Err(format!("{{value_too_large,{time}}}")),
        _ => Ok(()),
    }
}

fn check_mode(value: &Value, _: &Table) -> Result<(), String> {
    one_of(value, &["default", "lazy"], |mode| {
        format!("\"unsupported queue mode '{mode}'\"")
    })
}

fn check_version(value: &Value, _: &Table) -> Result<(), String> {
    match integer(value)? {
        1 | 2 => Ok(()),
        other => Err(format!("\"unsupported queue version '{other}'\"")),
    }
}

fn check_bool(value: &Value, _: &Table) -> Result<(), String> {
    match value {
        Value::Bool(_) => Ok(()),
        other => Err(unacceptable(other)),
    }
}

fn check_type(value: &Value, _: &Table) -> Result<(), String> {
    one_of(value, &[CLASSIC, QUORUM, "stream"], |name| {
        format!("\"unsupported queue type '{name}'\"")
    })
}
