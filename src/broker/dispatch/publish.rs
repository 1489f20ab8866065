//! Publishing: from a routing key to queues, and into each.

use super::dead_letter::is_cycle;
use super::durability::StoreOp;
use super::effect::{AckMode, Effect};
use super::exchange::{Exchange, Routes};
use super::ids::QueueId;
use super::message::Message;
use super::refusal::Refusal;
use super::request::Routed;
use super::value::Value;
use super::{Dispatch, record};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The header with further routing keys, visible to consumers.
pub(super) const CC: &str = "CC";
/// The header with further routing keys that consumers are not to see.
pub(super) const BCC: &str = "BCC";

/// Which of the queues that match get a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    All,
    /// A dead letter's: but for those that it would come round to.
    WithoutCycles,
}

impl Dispatch {
    /// `basic.publish`. Each queue gets one copy, however many bindings lead to it.
    pub fn publish(&mut self, message: Arc<Message>, out: &mut Vec<Effect>) -> Result<Routed, Refusal> {
        if !message.exchange.is_empty() && self.find_exchange(&message.exchange)?.spec.internal {
            return Err(Refusal::InternalExchange(message.exchange.to_string()));
        }
        let mut replied = Routed::default();
        self.reply(&message, &mut replied, out);
        let mut routed = if message.exchange.is_empty() && message.headers.is_none() {
            self.publish_by_name(message, out)
        } else {
            self.publish_routed(&message, Reach::All, out)
        };
        routed.queues += replied.queues;
        self.bury(out);
        Ok(routed)
    }

    /// The default exchange without further keys: one look-up.
    fn publish_by_name(&mut self, message: Arc<Message>, out: &mut Vec<Effect>) -> Routed {
        let mut routed = Routed::default();
        if let Some(&queue) = self.names.get(&message.routing_key) {
            self.enqueue(queue, message, &mut routed, out);
        }
        routed
    }

    /// Routes a message by its exchange, which need not be there.
    pub(super) fn publish_routed(&mut self, message: &Arc<Message>, reach: Reach, out: &mut Vec<Effect>) -> Routed {
        let mut routes = std::mem::take(&mut self.routes);
        self.publishes += 1;
        self.route(message, &mut routes);
        let mut result = Routed::default();
        for &id in &routes.queues {
            let queue = &mut self.queues[id];
            if queue.last_publish == self.publishes {
                continue;
            }
            queue.last_publish = self.publishes;
            if reach == Reach::All || !is_cycle(message, &queue.name) {
                self.enqueue(id, Arc::clone(message), &mut result, out);
            }
        }
        routes.clear();
        self.routes = routes;
        result
    }

    /// Follows bindings from exchange to exchange, and from each exchange where nothing matches to its alternate.
    /// Visits each once, so cycles are fine.
    fn route(&mut self, message: &Message, routes: &mut Routes) {
        let keys: BTreeSet<&str> = keys(message).collect();
        if message.exchange.is_empty() {
            routes.queues.extend(keys.iter().filter_map(|key| self.names.get(*key)));
            return;
        }
        let key_of = |exchange: &Exchange| exchange.key;
        routes
            .exchanges
            .extend(self.exchanges.get(&message.exchange).map(key_of));
        while let Some(key) = routes.exchanges.pop() {
            let name = self.exchange_names.get(key);
            let Some(exchange) = name.and_then(|name| self.exchanges.get_mut(name)) else {
                continue;
            };
            if exchange.last_publish == self.publishes {
                continue;
            }
            exchange.last_publish = self.publishes;
            let found = routes.found();
            exchange.route(&keys, message, routes);
            let unmatched = routes.found() == found;
            if let Some(name) = exchange.alternate.clone().filter(|_| unmatched) {
                routes.exchanges.extend(self.exchanges.get(name.as_str()).map(key_of));
            }
        }
    }

    /// Gives a message to a queue: to a waiting consumer at once, else to the end of the ready ones, unless the queue
    /// is full. A confirm waits for the record; a message that is gone already needs none.
    fn enqueue(&mut self, id: QueueId, message: Arc<Message>, routed: &mut Routed, out: &mut Vec<Effect>) {
        routed.queues += 1;
        if self.refuse(id, &message) {
            routed.rejected = true;
            return;
        }
        let mut entry = self.queues[id].admit(message, self.now);
        let mut passed_over = Vec::new();
        let consumer = if self.queues[id].ready.is_empty() {
            self.next_consumer(id, &mut passed_over)
        } else {
            None
        };
        if consumer.is_some_and(|key| self.consumers[key].ack == AckMode::Automatic) {
            entry.stored = false;
        }
        if entry.stored {
            let op = StoreOp::Enqueued {
                queue: Arc::clone(&self.queues[id].name),
                position: entry.position,
                message: Arc::clone(&entry.message),
                expires: self.queues[id].expiries.get(entry.position),
            };
            routed.stored_by = Some(record(&mut self.seq, op, out));
        }
        if let Some(key) = consumer {
            self.deliver(key, entry, passed_over, out);
            return;
        }
        self.queues[id].ready.push(entry);
        self.shed(id, out);
        self.queues[id].ready.review();
    }
}

/// The routing key and those in the `CC` and `BCC` headers.
fn keys(message: &Message) -> impl Iterator<Item = &str> {
    std::iter::once(&*message.routing_key)
        .chain(further_keys(message, CC))
        .chain(further_keys(message, BCC))
}

/// The routing keys in one header.
pub(super) fn further_keys<'a>(message: &'a Message, header: &str) -> impl Iterator<Item = &'a str> {
    let values = match message.headers.as_ref().and_then(|headers| headers.get(header)) {
        Some(Value::Array(values)) => values.as_slice(),
        _ => &[],
    };
    values.iter().filter_map(Value::as_text)
}
