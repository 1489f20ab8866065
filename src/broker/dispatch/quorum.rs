//! Quorum queues on a single node: what such a queue remembers beyond a classic one, and how it serves its consumers.
//!
//! 1. A consumer always has a credit: its prefetch, or 2000. It is in the ring exactly while some is left.
//! 2. `serve` takes a consumer that has just got a message back to the tail of the ring, or leaves it out.
//! 3. An ack, a drop or a return gives credit back; whoever had none joins the ring at its tail at once.
//! 4. What was delivered with automatic ack is settled by `settle_automatic`, which the driver calls as the broker's
//!    own next turn: so two such consumers share a backlog by portions of their prefetch.
//!
//! The rules are RabbitMQ 4.0's `rabbit_fifo` and `rabbit_fifo_client`.

use super::args;
use super::channel::{Consumer, Credit};
use super::deliver::PassedOver;
use super::effect::{AckMode, Effect};
use super::ids::QueueId;
use super::kind::Kind;
use super::message::{Message, Returns};
use super::ready::Entry;
use super::slab::ConsumerKey;
use super::unacked::Held;
use super::value::{IntKind, Table, Value};
use super::{Arrival, Dispatch};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The credit of a consumer without a prefetch (`UNLIMITED_PREFETCH_COUNT`).
pub(super) const UNLIMITED_PREFETCH: u16 = 2000;

/// How often a message may come back where the queue does not say.
const DEFAULT_LIMIT: Returns = Returns(20);

/// The header that tells how often a message came back.
const DELIVERY_COUNT: &str = "x-delivery-count";

/// See the module.
#[derive(Debug)]
pub(super) struct Quorum {
    /// A message that comes back more often is dropped; `None` is no limit.
    limit: Option<Returns>,
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
    pub(super) fn new(args: &Table) -> Self {
        let limit = match args.get(args::DELIVERY_LIMIT) {
            None => Some(DEFAULT_LIMIT),
            // Negative is unlimited.
            Some(Value::Int(_, limit)) => u64::try_from(*limit)
                .ok()
                .map(|limit| Returns(u32::try_from(limit).unwrap_or(u32::MAX))),
            // RabbitMQ does not check the type, and never finds a count above a string.
            Some(_) => None,
        };
        Self {
            limit,
            departed: BTreeMap::new(),
            fetched: 0,
        }
    }

    pub(super) fn is_beyond_limit(&self, returns: Returns) -> bool {
        self.limit.is_some_and(|limit| returns > limit)
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

/// A message that came back, with the number of times: those of the queue it was dead-lettered from, if it has not
/// yet come back to this one.
pub(super) fn with_delivery_count(entry: &Entry) -> Arc<Message> {
    let count = match entry.returns {
        Returns(0) => i64::from(entry.message.failures.0),
        Returns(count) => i64::from(count),
    };
    let mut message = Message::clone(&entry.message);
    let added = message.added.get_or_insert_default();
    Arc::make_mut(added).insert(DELIVERY_COUNT.to_owned(), Value::Int(IntKind::Long, count));
    Arc::new(message)
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
            if consumer.credit.give(usize::from(got)) && self.rejoin(key) {
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
