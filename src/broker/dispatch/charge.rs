//! How much memory the broker holds: a gauge, and charges on it that end with what they were made for.
//!
//! Messages carry a charge for their body and properties; so a body counts once, however many queues and deliveries
//! share it, and until the last of them lets go of it. What is not counted piece by piece has a weight of its own.

use super::Dispatch;
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

impl Dispatch {
    /// What its queues, channels and consumers take, in bytes, without any messages.
    pub fn weight(&self) -> u64 {
        self.names.len() as u64 * QUEUE + self.open.len() as u64 * CHANNEL + self.consumers.len() as u64 * CONSUMER
    }
}

#[cfg(test)]
mod tests {
    use super::{Charge, Gauge};

    #[test]
    fn charges_end_with_their_owners() {
        let gauge = Gauge::default();
        let mut first = gauge.charge(10);
        first.grow(5);
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
