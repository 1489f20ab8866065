//! How much memory the broker holds: a gauge, and charges on it that end with what they were made for.
//!
//! Messages carry a charge for their body and properties; so a body counts once, however many queues and deliveries
//! share it, and until the last of them lets go of it. What is not counted piece by piece has a weight of its own.

use super::{Dispatch, ExchangeSpec, QueueSpec, Table, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes held.
#[derive(Clone, Debug, Default)]
pub struct Gauge(Arc<AtomicU64>);

/// Some bytes on a gauge, taken off again when it is dropped. The default is on none.
#[derive(Debug, Default)]
pub struct Charge {
    gauge: Option<Gauge>,
    bytes: u64,
}

impl Gauge {
    /// Adds bytes for as long as the charge lives.
    pub fn charge(&self, bytes: u64) -> Charge {
        self.add(bytes);
        Charge {
            gauge: Some(self.clone()),
            bytes,
        }
    }

    /// All bytes on it.
    pub fn held(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Adds bytes that [`Gauge::sub`] takes off.
    pub fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Takes off what was added.
    pub fn sub(&self, bytes: u64) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl Charge {
    /// Adds more to it.
    pub fn grow(&mut self, bytes: u64) {
        if let Some(gauge) = &self.gauge {
            gauge.add(bytes);
            self.bytes += bytes;
        }
    }

    /// Takes a part of it off.
    pub fn shrink(&mut self, bytes: u64) {
        if let Some(gauge) = &self.gauge {
            gauge.sub(bytes);
            self.bytes -= bytes;
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if let Some(gauge) = &self.gauge {
            gauge.sub(self.bytes);
        }
    }
}

/// A copy costs as much again.
impl Clone for Charge {
    fn clone(&self) -> Self {
        self.gauge
            .as_ref()
            .map_or_else(Self::default, |gauge| gauge.charge(self.bytes))
    }
}

/// What something costs makes no difference to what it is.
impl PartialEq for Charge {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What a queue without messages takes, roughly, in bytes.
const QUEUE: u64 = 1024;
/// What a channel takes.
const CHANNEL: u64 = 1024;
/// What a consumer takes.
const CONSUMER: u64 = 512;
/// What an exchange takes.
const EXCHANGE: u64 = 512;
/// What a binding takes, at its exchange and in its router.
const BINDING: u64 = 256;
/// What a message takes in one queue, or held by one channel, beside what all its entries share.
pub(super) const ENTRY: u64 = 64;
/// What a table takes that is not empty: a node of the tree has room for eleven fields.
const TABLE: u64 = 640;
/// What a field takes beside its name and its bytes: the nodes are half full at least.
const FIELD: u64 = 112;

/// Of a queue without messages.
pub(super) fn queue(spec: &QueueSpec) -> u64 {
    QUEUE + spec.name.len() as u64 + table(&spec.args)
}

/// Of an exchange without bindings.
pub(super) fn exchange(spec: &ExchangeSpec) -> u64 {
    EXCHANGE + spec.name.len() as u64 + table(&spec.args)
}

/// Of a binding.
pub(super) fn binding(key: &str, args: &Table) -> u64 {
    BINDING + 2 * key.len() as u64 + table(args)
}

fn table(fields: &Table) -> u64 {
    let node = if fields.is_empty() { 0 } else { TABLE };
    let fields = fields.iter();
    node + fields
        .map(|(name, field)| FIELD + name.len() as u64 + value(field))
        .sum::<u64>()
}

fn value(of: &Value) -> u64 {
    match of {
        Value::LongStr(bytes) | Value::Bytes(bytes) => bytes.len() as u64,
        Value::Array(values) => values.iter().map(|each| size_of::<Value>() as u64 + value(each)).sum(),
        Value::Table(fields) => table(fields),
        Value::Bool(_)
        | Value::Int(..)
        | Value::Float(_)
        | Value::Double(_)
        | Value::Decimal(..)
        | Value::Timestamp(_)
        | Value::Void => 0,
    }
}

impl Dispatch {
    /// What it takes in bytes, without the contents of messages: those carry their own charges.
    pub fn weight(&self) -> u64 {
        self.own.held() + self.open.len() as u64 * CHANNEL + self.consumers.len() as u64 * CONSUMER
    }
}

#[cfg(test)]
mod tests {
    use super::{Charge, Gauge};

    #[test]
    fn charges_end_with_their_owners() {
        let gauge = Gauge::default();
        let mut first = gauge.charge(10);
        first.grow(7);
        first.shrink(2);
        let second = first.clone();
        assert_eq!(gauge.held(), 30);
        drop(first);
        assert_eq!(gauge.held(), 15);
        drop(second);
        assert_eq!(gauge.held(), 0);
    }

    #[test]
    fn a_charge_on_no_gauge_costs_nothing_and_equals_any_other() {
        let mut free = Charge::default();
        free.grow(10);
        assert_eq!(free, Gauge::default().charge(3));
    }
}
