//! A broker starts: with the predeclared exchanges and with what its store kept.

use super::Dispatch;
use super::durability::{Image, LastStop, QueueImage};
use super::exchange::{Exchange, ExchangeSpec, predeclared};
use super::ids::{ConnectionId, UnixSeconds};
use super::ready::Entry;
use super::request::Tracing;
use super::slab::Slab;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

impl Dispatch {
    /// Starts with the predeclared exchanges and what survived, in their old places. After an orderly stop those
    /// messages are flagged redelivered that had been delivered; after a crash all are, as in RabbitMQ.
    pub fn restore(image: &Image, last_stop: LastStop) -> Self {
        let mut dispatch = Self::empty();
        dispatch.seq = image.seq;
        for spec in predeclared().chain(image.exchanges.iter().cloned()) {
            dispatch.add_exchange(spec);
        }
        for queue in &image.queues {
            dispatch.restore_queue(queue, last_stop);
        }
        for binding in &image.bindings {
            // No connection owns a restored queue, so whoever asks may see it.
            if let Ok(queue) = dispatch.find_queue(ConnectionId(0), &binding.queue) {
                dispatch.add_binding(queue, binding);
            }
        }
        dispatch
    }

    fn empty() -> Self {
        Self {
            exchanges: HashMap::new(),
            queues: Slab::default(),
            names: HashMap::new(),
            exclusive: BTreeSet::new(),
            channels: Slab::default(),
            open: BTreeMap::new(),
            consumers: Slab::default(),
            links: Slab::default(),
            seq: super::StoreSeq::default(),
            now: UnixSeconds::default(),
            tracing: Tracing::Off,
            publishes: 0,
            no_consumer: "".into(),
            routes: Vec::new(),
            settled: Vec::new(),
        }
    }

    fn restore_queue(&mut self, image: &QueueImage, last_stop: LastStop) {
        let id = self.add_queue(image.spec.clone());
        for (position, message, delivered) in &image.messages {
            self.queues[id].restore(Entry {
                position: *position,
                message: Arc::clone(message),
                redelivered: *delivered || last_stop == LastStop::Crash,
                stored: true,
            });
        }
    }

    pub(super) fn add_exchange(&mut self, spec: ExchangeSpec) {
        self.exchanges.insert(spec.name.as_str().into(), Exchange::new(spec));
    }
}
