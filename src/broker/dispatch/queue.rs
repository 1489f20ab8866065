//! A queue: its declaration, ready messages in publish order, its consumers, and its books.

use super::args::{self, QueueType};
use super::charge::{self, Charge};
use super::dead_letter::{Dead, Reason};
use super::durability::StoreOp;
use super::expiry::{self, Expiries, Lease};
use super::ids::{ConnectionId, Position, UnixMillis};
use super::kind::Kind;
use super::levels::Order;
use super::message::{Failures, Message, Returns, Ttl};
use super::overflow::Gauge;
use super::ready::{Entry, Ready};
use super::refusal::Refusal;
use super::ring::Ring;
use super::rules::Rules;
use super::single_active::SingleActive;
use super::slab::{ConsumerKey, LinkKey};
use super::value::{Table, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueSpec {
    /// Its name; never empty here.
    pub name: String,
    /// Whether the queue survives a restart.
    pub durable: bool,
    /// The connection that alone may use it, and whose end deletes it.
    pub exclusive: Option<ConnectionId>,
    /// Deleted when its last consumer goes.
    pub auto_delete: bool,
    /// Its arguments.
    pub args: Table,
}

/// What declare-ok and purge-ok report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueCounts {
    /// Ready messages; unacked ones are not counted.
    pub ready: u32,
    /// All consumers, also blocked ones; at a quorum queue also cancelled ones that still hold messages, and each
    /// message held by `basic.get`, but not those that wait for the single active consumer to leave.
    pub consumers: u32,
}

/// One queue's totals, for whoever watches from inside the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTotals {
    /// Its name.
    pub name: Arc<str>,
    /// Waiting.
    pub ready: u64,
    /// With consumers (and `basic.get` callers), waiting for their ack.
    pub unacked: u64,
    /// Consumers.
    pub consumers: u32,
    /// All that ever entered.
    pub published: u64,
    /// Acked, or delivered with automatic ack.
    pub acked: u64,
    /// Dropped, purged or dead-lettered.
    pub dropped: u64,
}

/// Where dropped messages go.
#[derive(Debug)]
pub(super) struct DeadLetter {
    pub(super) exchange: Arc<str>,
    /// `None`: the message's own.
    pub(super) routing_key: Option<Arc<str>>,
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) name: Arc<str>,
    pub(super) spec: QueueSpec,
    pub(super) kind: Kind,
    rules: &'static Rules,
    /// Who alone is served, where that is so.
    pub(super) single: Option<Box<SingleActive>>,
    /// How long its deliveries may wait for an ack, in milliseconds.
    pub(super) consumer_timeout: Option<u64>,
    pub(super) ready: Ready,
    /// Consumers that may have room, in the order of their turns.
    pub(super) ring: Ring,
    /// All consumers, in the order in which they came.
    pub(super) consumers: Vec<ConsumerKey>,
    pub(super) links: Vec<LinkKey>,
    pub(super) exclusive_consumer: Option<ConsumerKey>,
    pub(super) had_consumers: bool,
    /// Exchanges with a binding to it.
    pub(super) bound_to: BTreeSet<Arc<str>>,
    pub(super) dead_letter: Option<Arc<DeadLetter>>,
    /// How long any message may wait.
    ttl: Option<Ttl>,
    pub(super) expiries: Expiries,
    pub(super) lease: Option<Box<Lease>>,
    /// Its entry among all queues' deadlines.
    pub(super) deadline: Option<UnixMillis>,
    /// The number of the last publish that reached it: several bindings bring one copy.
    pub(super) last_publish: u64,
    /// What it takes of the broker's memory, with its entries.
    pub(super) charge: Charge,
    next_position: u64,
    pub(super) unacked: u64,
    published: u64,
    acked: u64,
    dropped: u64,
}

impl Queue {
    /// By its own arguments.
    pub(super) fn names_dead_letter_exchange(&self) -> bool {
        self.spec.args.contains_key(args::DEAD_LETTER_EXCHANGE)
    }

    pub(super) fn new(spec: QueueSpec, rules: &'static Rules, now: UnixMillis) -> Self {
        let text = |arg| spec.args.get(arg).and_then(Value::as_text).map(Arc::from);
        let dead_letter = text(args::DEAD_LETTER_EXCHANGE).map(|exchange| {
            Arc::new(DeadLetter {
                exchange,
                routing_key: text(args::DEAD_LETTER_ROUTING_KEY),
            })
        });
        let order = match args::queue_type(&spec.args) {
            QueueType::Classic => Order::classic(&spec.args),
            QueueType::Quorum => rules.quorum_order,
        };
        Self {
            name: spec.name.as_str().into(),
            kind: Kind::new(&spec.args, rules),
            rules,
            single: SingleActive::new(&spec.args),
            consumer_timeout: args::consumer_timeout(&spec.args),
            ready: Ready::new(order, Gauge::new(&spec.args, rules)),
            ttl: expiry::ttl(&spec.args, args::MESSAGE_TTL),
            expiries: Expiries::default(),
            lease: Lease::new(&spec.args, now).map(Box::new),
            deadline: None,
            spec,
            ring: Ring::default(),
            consumers: Vec::new(),
            links: Vec::new(),
            exclusive_consumer: None,
            had_consumers: false,
            bound_to: BTreeSet::new(),
            dead_letter,
            last_publish: 0,
            charge: Charge::default(),
            next_position: 0,
            unacked: 0,
            published: 0,
            acked: 0,
            dropped: 0,
        }
    }

    /// Whether the queue itself survives a restart.
    pub(super) fn is_stored(&self) -> bool {
        self.spec.durable && self.spec.exclusive.is_none()
    }

    /// Whether the message would survive one here.
    pub(super) fn stores(&self, message: &Message) -> bool {
        self.kind.stores(message) && self.is_stored()
    }

    /// Gives a message its place; the caller puts it there.
    pub(super) fn admit(&mut self, message: Arc<Message>, now: UnixMillis) -> Entry {
        if let Some(time) = self.time_of(&message) {
            self.expiries.insert(Position(self.next_position), now.after(time));
        }
        let entry = Entry {
            position: self.next_position(),
            stored: self.stores(&message),
            redelivered: self.kind.admits_as_redelivered(self.rules, &message),
            message,
            returns: Returns(0),
            failures: Failures(0),
        };
        self.published += 1;
        self.charge.grow(charge::ENTRY);
        entry
    }

    pub(super) fn next_position(&mut self) -> Position {
        self.next_position += 1;
        Position(self.next_position - 1)
    }

    /// How long a message may wait here.
    fn time_of(&self, message: &Message) -> Option<Ttl> {
        let time = match (self.ttl, message.expiration) {
            (Some(of_queue), Some(its_own)) => of_queue.min(its_own),
            (of_queue, its_own) => of_queue.or(its_own)?,
        };
        Some(time.max(self.kind.shortest_ttl()))
    }

    /// Takes what a store kept into its books; the caller puts it in its place.
    pub(super) fn readmit(&mut self, entry: &Entry, expires: Option<UnixMillis>) {
        if let Some(at) = expires {
            self.expiries.insert(entry.position, at);
        }
        self.next_position = self.next_position.max(entry.position.0 + 1);
        self.published += 1;
        self.charge.grow(charge::ENTRY);
    }

    /// Refused to all but the connection that declared it, if that was exclusively.
    pub(super) fn check_access(&self, by: ConnectionId) -> Result<(), Refusal> {
        match self.spec.exclusive {
            Some(owner) if owner != by => Err(Refusal::QueueLocked(self.spec.name.clone())),
            _ => Ok(()),
        }
    }

    /// The record that a message was handed out.
    pub(super) fn delivered(&self, position: Position) -> StoreOp {
        StoreOp::Delivered {
            queue: Arc::clone(&self.name),
            position,
        }
    }

    /// The record that a message came back.
    pub(super) fn returned(&self, entry: &Entry) -> StoreOp {
        StoreOp::Returned {
            queue: Arc::clone(&self.name),
            position: entry.position,
            returns: entry.returns,
            failures: entry.failures,
        }
    }

    /// The record that a message is gone.
    pub(super) fn removed(&self, position: Position) -> StoreOp {
        StoreOp::Removed {
            queue: Arc::clone(&self.name),
            position,
        }
    }

    /// Counts a message as acked.
    pub(super) fn ack_entry(&mut self, entry: &Entry) {
        self.expiries.remove(entry.position);
        self.acked += 1;
        self.charge.shrink(charge::ENTRY);
    }

    /// Counts a message as dropped, without a letter.
    pub(super) fn discard(&mut self, position: Position) {
        self.expiries.remove(position);
        self.dropped += 1;
        self.charge.shrink(charge::ENTRY);
    }

    /// Counts a message as dropped; its dead letter, if the queue wants one.
    pub(super) fn drop_entry(&mut self, entry: Entry, reason: Reason) -> Option<Dead> {
        self.discard(entry.position);
        self.dead_letter.as_ref().map(|to| Dead {
            queue: Arc::clone(&self.name),
            to: Arc::clone(to),
            reason,
            message: entry.message,
            failures: entry.failures,
        })
    }

    /// Whether its last consumer's leave deletes it.
    pub(super) fn is_done(&self) -> bool {
        self.spec.auto_delete && self.had_consumers && self.consumers.is_empty()
    }

    pub(super) fn counts(&self) -> QueueCounts {
        QueueCounts {
            ready: count(self.ready.len()),
            consumers: count(self.counted_consumers() + self.kind.lingering()),
        }
    }

    pub(super) fn totals(&self) -> QueueTotals {
        QueueTotals {
            name: Arc::clone(&self.name),
            ready: self.ready.len() as u64,
            unacked: self.unacked,
            consumers: self.counts().consumers,
            published: self.published,
            acked: self.acked,
            dropped: self.dropped,
        }
    }
}

/// A count as AMQP carries it.
pub(super) fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
