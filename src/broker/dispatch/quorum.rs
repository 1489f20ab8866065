//! Quorum queues on a single node: what such a queue remembers beyond a classic one, and how it serves its consumers.
//!
//! 1. A consumer always has a credit: its prefetch, or 2000. It is in the ring exactly while some is left.
//! 2. `serve` takes a consumer that has just got a message back to the tail of the ring, or leaves it out.
//! 3. An ack, a drop or a return gives credit back; whoever had none joins the ring at its tail at once.
//! 4. What was delivered with automatic ack is settled by `settle_automatic`, which the driver calls as the broker's
//!    own next turn: so two such consumers share a backlog by portions of their prefetch.
//!
//! Such a consumer that does not read its socket is handed all there is, as on RabbitMQ: nothing here limits that. Its
//! connection's outbox counts for the broker's memory limit, which holds publishers back.
//!
//! The rules are RabbitMQ 4.0's `rabbit_fifo` and `rabbit_fifo_client`.

use super::args;
use super::channel::{Consumer, Credit};
use super::deliver::PassedOver;
use super::durability::StoreOp;
use super::effect::{AckMode, Effect};
use super::ids::QueueId;
use super::kind::Kind;
use super::message::{Message, Returns};
use super::queue::Queue;
use super::ready::Entry;
use super::rules::{DeliveryHeaders, LimitCounts, Returned, Rules};
use super::slab::ConsumerKey;
use super::unacked::Held;
use super::value::{IntKind, Table, Value};
use super::{Arrival, Dispatch};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The credit of a consumer without a prefetch (`UNLIMITED_PREFETCH_COUNT`).
pub(super) const UNLIMITED_PREFETCH: u16 = 2000;

/// The header that tells how often a message came back; from 4.3 on, how often its delivery failed.
const DELIVERY_COUNT: &str = "x-delivery-count";

/// The header that tells how often a message came back, from 4.3 on.
const ACQUIRED_COUNT: &str = "x-acquired-count";

/// See the module.
#[derive(Debug)]
pub(super) struct Quorum {
    /// A message that comes back more often is dropped; `None` is no limit.
    limit: Option<u32>,
    rules: &'static Rules,
    /// Consumers that are gone, but whose messages are still held by their channel.
    departed: BTreeMap<ConsumerKey, Departed>,
    /// Messages held by `basic.get`: RabbitMQ has a consumer for each.
    fetched: usize,
}

#[derive(Debug)]
struct Departed {
    since: Arrival,
    holds: u16,
}

impl Quorum {
    pub(super) fn new(args: &Table, rules: &'static Rules) -> Self {
        let limit = match args.get(args::DELIVERY_LIMIT) {
            None => rules.delivery_limit,
            // Negative is unlimited.
            Some(Value::Int(_, limit)) => u64::try_from(*limit)
                .ok()
                .map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            // RabbitMQ does not check the type, and never finds a count above a string.
            Some(_) => None,
        };
        Self {
            limit,
            rules,
            departed: BTreeMap::new(),
            fetched: 0,
        }
    }

    pub(super) fn is_beyond_limit(&self, entry: &Entry) -> bool {
        let count = match self.rules.limit_counts {
            LimitCounts::Returns => i64::from(entry.returns.0),
            LimitCounts::Failures => failures(entry),
        };
        self.limit.is_some_and(|limit| count > i64::from(limit))
    }

    /// Whether what clients give back goes behind all others: in 3.10, but not where a limit is set.
    pub(super) fn returned_go_last(&self) -> bool {
        self.rules.returned == Returned::Last && self.limit.is_none()
    }

    /// A message as a consumer sees it: with the number of times that it came back; those of the queue it was
    /// dead-lettered from, if it has not yet come back to this one.
    pub(super) fn with_counts(&self, entry: &Entry, to: Option<ConsumerKey>) -> Arc<Message> {
        let shows_zero = self.rules.delivery_headers == DeliveryHeaders::CountAlsoZero && to.is_none();
        if !entry.redelivered && !shows_zero {
            return Arc::clone(&entry.message);
        }
        let returns = match entry.returns {
            Returns(0) => i64::from(entry.message.failures.0),
            Returns(count) => i64::from(count),
        };
        let counts = match self.rules.delivery_headers {
            DeliveryHeaders::CountAlsoZero | DeliveryHeaders::Count => [Some((DELIVERY_COUNT, returns)), None],
            DeliveryHeaders::CountAndAcquired => {
                let failures = Some(failures(entry)).filter(|failures| *failures > 0);
                [
                    Some((ACQUIRED_COUNT, returns)),
                    failures.map(|count| (DELIVERY_COUNT, count)),
                ]
            }
        };
        let mut message = Message::clone(&entry.message);
        let added = Arc::make_mut(message.added.get_or_insert_default());
        for (name, count) in counts.into_iter().flatten() {
            added.insert(name.to_owned(), Value::Int(IntKind::Long, count));
        }
        Arc::new(message)
    }

    pub(super) fn fetched(&mut self) {
        self.fetched += 1;
    }

    pub(super) fn departed(&mut self, key: ConsumerKey, consumer: &Consumer) {
        let holds = consumer.credit.taken();
        if consumer.ack == AckMode::Manual && holds > 0 {
            let since = consumer.since;
            self.departed.insert(key, Departed { since, holds });
        }
    }

    pub(super) fn released(&mut self, by: Option<ConsumerKey>) {
        let Some(key) = by else {
            self.fetched -= 1;
            return;
        };
        if let Some(departed) = self.departed.get_mut(&key) {
            departed.holds -= 1;
            if departed.holds == 0 {
                self.departed.remove(&key);
            }
        }
    }

    pub(super) fn lingering(&self) -> usize {
        self.departed.len() + self.fetched
    }

    /// How many messages each that lingers holds.
    pub(super) fn held_by_departed(&self) -> impl Iterator<Item = (ConsumerKey, u64)> {
        self.departed
            .iter()
            .map(|(key, departed)| (*key, u64::from(departed.holds)))
    }
}

/// How often deliveries of a message failed, here and at the quorum queues it was dead-lettered from.
fn failures(entry: &Entry) -> i64 {
    i64::from(entry.message.failures.0) + i64::from(entry.failures.0)
}

impl Queue {
    /// Gives a message that comes back the place of a new one, and tells what the store must know.
    pub(super) fn readmit_as_new(&mut self, entry: &mut Entry) -> [StoreOp; 3] {
        let removed = self.removed(entry.position);
        let expires = self.expiries.get(entry.position);
        self.expiries.remove(entry.position);
        entry.position = self.next_position();
        if let Some(at) = expires {
            self.expiries.insert(entry.position, at);
        }
        let enqueued = StoreOp::Enqueued {
            queue: Arc::clone(&self.name),
            position: entry.position,
            message: Arc::clone(&entry.message),
            expires,
        };
        [removed, enqueued, self.returned(entry)]
    }
}

impl Dispatch {
    /// After a delivery: back to the tail of the ring if there is credit left.
    pub(super) fn serve(&mut self, key: ConsumerKey) {
        let consumer = &self.consumers[key];
        if consumer.ack == AckMode::Automatic && consumer.credit.taken() == 1 {
            self.automatic.push(key);
        }
        if consumer.credit.spent().is_none() {
            self.queues[consumer.queue].ring.push(consumer.priority, key);
        }
    }

    /// Adds, for an observer, the consumers without credit but for the one that gets the message.
    pub(super) fn add_spent(&self, id: QueueId, served: ConsumerKey, passed_over: &mut PassedOver) {
        let others = self.queues[id].consumers.iter().filter(|key| **key != served);
        passed_over.extend(others.filter_map(|key| {
            let consumer = &self.consumers[*key];
            Some((Arc::clone(&consumer.tag), consumer.credit.spent()?))
        }));
    }

    /// Whether `settle_automatic` has something to do.
    pub fn owes_credit(&self) -> bool {
        !self.automatic.is_empty()
    }

    /// Gives consumers of quorum queues the credit back for what they got with automatic ack since the last call.
    /// Each that had none left joins its ring, and may get more at once; that is settled by the next call.
    pub fn settle_automatic(&mut self, out: &mut Vec<Effect>) {
        for key in std::mem::take(&mut self.automatic) {
            let Some(consumer) = self.consumers.get_mut(key) else {
                continue;
            };
            let queue = consumer.queue;
            let got = consumer.credit.taken();
            let rejoined = consumer.credit.give(usize::from(got)) && self.rejoin(key);
            if self.choose_active(queue) || rejoined {
                self.run(queue, out);
            }
        }
    }

    /// What a closing channel holds: a classic queue gets all back at once, whichever consumers held it.
    pub(super) fn forget_classic_holders(&mut self) {
        let queues = &self.queues;
        for held in &mut self.settled {
            let queue = queues.get(held.queue);
            held.consumer = held
                .consumer
                .filter(|_| queue.is_some_and(|queue| queue.kind.tells_holders_apart()));
        }
    }

    /// When the consumer that holds a message of a quorum queue came. What was fetched is last, and classic queues
    /// do not care.
    pub(super) fn holder_arrived(&self, held: &Held) -> Arrival {
        let Some(Kind::Quorum(quorum)) = self.queues.get(held.queue).map(|queue| &queue.kind) else {
            return Arrival(0);
        };
        let departed = held.consumer.and_then(|key| quorum.departed.get(&key));
        departed.map_or(Arrival(u64::MAX), |departed| departed.since)
    }
}

impl Credit {
    /// What has been taken of it and not given back.
    pub(super) fn taken(self) -> u16 {
        match self {
            Self::Unlimited => 0,
            Self::Left { prefetch, left } => prefetch - left,
        }
    }
}
