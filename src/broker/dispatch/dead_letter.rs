//! Dead-lettering: a dropped message is published again to its queue's dead letter exchange, and carries its history.
//!
//! The headers are RabbitMQ's: `x-death` lists one entry for each pair of queue and reason, the latest first, and
//! `x-first-death-…` and `x-last-death-…` name the ends. From 4.0 on the history that counts is the broker's own, and an
//! `x-death` that a client published is ignored. In 3.10 it is in the headers alone, so clients can write it; and the
//! last death is not named.

use super::Dispatch;
use super::effect::Effect;
use super::ids::UnixMillis;
use super::message::{Failures, Message, Ttl};
use super::publish::{BCC, CC, Reach, further_keys};
use super::queue::DeadLetter;
use super::rules::{Deaths, Rules};
use super::value::{IntKind, Table, Value};
use std::sync::Arc;

/// Why a message dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// nack or reject without requeue.
    Rejected,
    /// It came back to its quorum queue too often.
    DeliveryLimit,
    /// Its time was over.
    Expired,
    /// Its queue was too long.
    MaxLength,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::DeliveryLimit => "delivery_limit",
            Self::Expired => "expired",
            Self::MaxLength => "maxlen",
        }
    }
}

/// A message on its way.
#[derive(Debug)]
pub(super) struct Dead {
    /// The queue that dropped it.
    pub(super) queue: Arc<str>,
    pub(super) to: Arc<DeadLetter>,
    pub(super) reason: Reason,
    pub(super) message: Arc<Message>,
    /// Those that this queue has counted.
    pub(super) failures: Failures,
}

impl Dispatch {
    /// Publishes the dead letters that wait, and those that they cause. Where the exchange is gone, or nothing matches,
    /// they are lost.
    pub(super) fn bury(&mut self, out: &mut Vec<Effect>) {
        while let Some(dead) = self.dead.pop_front() {
            let letter = Arc::new(letter(&dead, self.now, self.rules));
            let reach = match dead.reason {
                Reason::Rejected => Reach::All,
                Reason::DeliveryLimit | Reason::Expired | Reason::MaxLength => Reach::WithoutCycles,
            };
            self.publish_routed(&letter, reach, out);
        }
    }
}

fn letter(dead: &Dead, now: UnixMillis, rules: &Rules) -> Message {
    let old = &*dead.message;
    let mut letter = old.clone();
    letter.failures.0 = letter.failures.0.saturating_add(dead.failures.0);
    letter.exchange = Arc::clone(&dead.to.exchange);
    letter.expiration = None;
    letter.added = Some(Arc::new(history(dead, now, rules.deaths)));
    if let Some(key) = &dead.to.routing_key {
        letter.routing_key = Arc::clone(key);
        // A key of the queue's own replaces all the message had.
        if let Some(headers) = letter.headers.as_mut().filter(|headers| has_further_keys(headers)) {
            let headers = Arc::make_mut(headers);
            headers.remove(CC);
            headers.remove(BCC);
        }
    }
    letter
}

fn has_further_keys(headers: &Table) -> bool {
    headers.contains_key(CC) || headers.contains_key(BCC)
}

/// The headers that the broker adds: those of earlier deaths, brought up to date.
fn history(dead: &Dead, now: UnixMillis, kept: Deaths) -> Table {
    let message = &*dead.message;
    let mut added = message.added.as_deref().cloned().unwrap_or_default();
    let (first, last) = match kept {
        Deaths::InHeaders => {
            let deaths = added
                .get("x-death")
                .or_else(|| message.headers.as_ref()?.get("x-death"))
                .cloned();
            let first = deaths.is_none();
            added.extend(deaths.map(|deaths| ("x-death".to_owned(), deaths)));
            (first, false)
        }
        Deaths::Kept => (!added.contains_key("x-first-death-queue"), true),
    };
    for (when, applies) in [("first", first), ("last", last)] {
        if applies {
            added.insert(format!("x-{when}-death-reason"), Value::text(dead.reason.name()));
            added.insert(format!("x-{when}-death-queue"), Value::text(&dead.queue));
            added.insert(format!("x-{when}-death-exchange"), Value::text(&message.exchange));
        }
    }
    let mut deaths = match added.remove("x-death") {
        Some(Value::Array(deaths)) => deaths,
        _ => Vec::new(),
    };
    let known = deaths.iter().position(|death| is_same_death(death, dead));
    let death = match known.map(|at| deaths.remove(at)) {
        Some(Value::Table(death)) => once_more(death),
        _ => new_death(dead, now),
    };
    deaths.insert(0, Value::Table(death));
    added.insert("x-death".to_owned(), Value::Array(deaths));
    added
}

/// Whether a queue would get a letter back although no client rejected it since: without this check, such a letter
/// would go round for ever (`rabbit_dead_letter:detect_cycles/3`).
pub(super) fn is_cycle(letter: &Message, queue: &str) -> bool {
    let Some(Value::Array(deaths)) = letter.added.as_ref().and_then(|added| added.get("x-death")) else {
        return false;
    };
    let field = |death: &Value, name: &str, text: &str| match death {
        Value::Table(death) => Some(death.get(name).and_then(Value::as_text) == Some(text)),
        _ => None,
    };
    let last = deaths
        .iter()
        .position(|death| field(death, "queue", queue) == Some(true));
    last.is_some_and(|last| {
        let mut since = deaths[..=last].iter();
        since.all(|death| field(death, "reason", Reason::Rejected.name()) == Some(false))
    })
}

fn is_same_death(death: &Value, dead: &Dead) -> bool {
    let Value::Table(death) = death else { return false };
    let is = |name: &str, text: &str| death.get(name).and_then(Value::as_text) == Some(text);
    is("queue", &dead.queue) && is("reason", dead.reason.name())
}

/// Of a repeated death only the count changes; time, exchange and keys are those of the first.
fn once_more(mut death: Table) -> Table {
    if let Some(Value::Int(_, count)) = death.get_mut("count") {
        // A client may have written the header, and the highest number.
        *count = count.saturating_add(1);
    }
    death
}

fn new_death(dead: &Dead, now: UnixMillis) -> Table {
    let message = &*dead.message;
    let keys = std::iter::once(&*message.routing_key).chain(further_keys(message, CC));
    let expiration = message
        .expiration
        .map(|Ttl(time)| ("original-expiration", Value::text(&time.to_string())));
    let fields = [
        ("count", Value::Int(IntKind::Long, 1)),
        ("reason", Value::text(dead.reason.name())),
        ("queue", Value::text(&dead.queue)),
        ("time", Value::Timestamp(now.seconds())),
        ("exchange", Value::text(&message.exchange)),
        ("routing-keys", Value::Array(keys.map(Value::text).collect())),
    ];
    fields
        .into_iter()
        .chain(expiration)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
