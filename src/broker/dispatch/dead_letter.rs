//! Dead-lettering: a dropped message is published again to its queue's dead letter exchange, and carries its history.
//!
//! The headers are RabbitMQ 4.0's: `x-death` lists one entry for each pair of queue and reason, the latest first, and
//! `x-first-death-…` and `x-last-death-…` name the ends. The history that counts is the broker's own; an `x-death`
//! that a client published is ignored.

use super::Dispatch;
use super::effect::Effect;
use super::ids::UnixMillis;
use super::message::{Failures, Message};
use super::publish::{BCC, CC, further_keys};
use super::queue::DeadLetter;
use super::value::{IntKind, Table, Value};
use std::sync::Arc;

/// Why a message dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// nack or reject without requeue.
    Rejected,
    /// It came back to its quorum queue too often.
    DeliveryLimit,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::DeliveryLimit => "delivery_limit",
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
    /// Publishes a dead letter. Where the exchange is gone, or nothing matches, it is lost.
    pub(super) fn dead_letter(&mut self, dead: &Dead, out: &mut Vec<Effect>) {
        let letter = Arc::new(letter(dead, self.now));
        self.publish_routed(&letter, out);
    }
}

fn letter(dead: &Dead, now: UnixMillis) -> Message {
    let old = &*dead.message;
    let mut letter = old.clone();
    letter.failures.0 = letter.failures.0.saturating_add(dead.failures.0);
    letter.exchange = Arc::clone(&dead.to.exchange);
    letter.added = Some(Arc::new(history(dead, now)));
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
fn history(dead: &Dead, now: UnixMillis) -> Table {
    let message = &*dead.message;
    let mut added = message.added.as_deref().cloned().unwrap_or_default();
    let first = !added.contains_key("x-first-death-queue");
    for (when, applies) in [("first", first), ("last", true)] {
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

fn is_same_death(death: &Value, dead: &Dead) -> bool {
    let Value::Table(death) = death else { return false };
    let is = |name: &str, text: &str| death.get(name).and_then(Value::as_text) == Some(text);
    is("queue", &dead.queue) && is("reason", dead.reason.name())
}

/// Of a repeated death only the count changes; time, exchange and keys are those of the first.
fn once_more(mut death: Table) -> Table {
    if let Some(Value::Int(_, count)) = death.get_mut("count") {
        *count += 1;
    }
    death
}

fn new_death(dead: &Dead, now: UnixMillis) -> Table {
    let message = &*dead.message;
    let keys = std::iter::once(&*message.routing_key).chain(further_keys(message, CC));
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
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
