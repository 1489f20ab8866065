//! Tests of dispatch as a whole, through its public methods.
//!
//! The tables hold what RabbitMQ's queues do: classic ones as measured on 3.10, 4.0 and 4.3 alike, quorum ones on 4.0.

mod ack_timeouts;
mod bounded;
mod crowds;
mod dead_letters;
mod deaths;
mod declaring;
mod deleting;
mod durability;
mod exchange_bindings;
mod expiry;
mod histories;
mod model;
mod overflow;
mod policies;
mod prefetch;
mod priorities;
mod quorum;
mod quorum_fates;
mod replies;
mod round_robin;
mod routing;
mod script;
mod settling;
mod single_active;
mod traces;
mod version_args;
mod version_letters;
mod versions;

use super::{Dispatch, Failures, Message, Persistence};
use crate::broker::dispatch::Charge;
use std::sync::Arc;

/// A message for the default exchange: its body is its number.
fn job(number: u32, queue: &str) -> Message {
    Message {
        exchange: "".into(),
        routing_key: queue.into(),
        properties: Arc::new([]),
        body: number.to_string().into_bytes().into(),
        persistence: Persistence::Persistent,
        headers: None,
        priority: None,
        expiration: None,
        added: None,
        failures: Failures(0),
        charge: Charge::default(),
    }
}

fn number(message: &Message) -> u32 {
    let text = std::str::from_utf8(&message.body).expect("a test's body is a number");
    text.parse().expect("a test's body is a number")
}

/// The totals of one queue.
fn totals(dispatch: &Dispatch, queue: &str) -> super::QueueTotals {
    let mut all = dispatch.totals();
    all.find(|totals| &*totals.name == queue).expect("the queue is there")
}
