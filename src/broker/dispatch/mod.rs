//! Dispatch: who gets which message, and what becomes of it. Pure: no sockets, no frames, no clock.
//!
//! The protocol layer calls the methods of [`Dispatch`]; each pushes its consequences onto `out`, in order.
//! A method that returns a [`Refusal`] has changed nothing.
//!
//! A message's way through it:
//!
//! 1. `publish` asks `exchange` (with `topic` and `headers`) which queues get it, and gives it a place in each.
//! 2. `deliver` takes the first ready message and the first consumer of the `ring` that has room. A consumer without
//!    room is set aside at its `channel` (only when its turn comes: an ack in time keeps its place).
//! 3. What waits for an ack is in `unacked`. `settle` acks, drops (`dead_letter`) or puts back into the old place
//!    (`ready`), gives credit back, and lets those who wait for it rejoin the ring at its tail.
//! 4. `limits` resumes a queue when its channel's shared prefetch or its socket has room again.
//! 5. `channels` puts back what a dying channel held.
//! 6. `overflow` drops or refuses what is too much for a queue, `expiry` drops what has waited too long (and queues that
//!    nobody uses), `levels` lets higher priorities go first. Whatever is dropped waits in `dead` until `bury` publishes
//!    its letter, at the end of the request: so letters that cause letters are no recursion.
//!
//! What must survive a restart leaves as `durability` records and comes back by `restore`. `invariants` says what
//! always holds. The rules are RabbitMQ 4.0's (`rabbit_queue_consumers`, `rabbit_limiter`, `rabbit_amqqueue_process`)
//! for classic queues; `kind` lists in what quorum queues differ, and `quorum` has their own.
//!
//! `expiry` and `overflow` drop what is too old or too much, `levels` orders by priority, `single_active` serves one
//! consumer alone, `ack_timeout` finds deliveries that are not acked in time, `replies` carries direct replies.

mod ack_timeout;
mod args;
mod bindings;
mod channel;
mod channels;
mod charge;
mod consumers;
mod dead_letter;
mod deliver;
mod differs;
mod durability;
mod effect;
mod exchange;
mod exchanges;
mod expiry;
mod headers;
mod ids;
mod invariants;
mod kind;
mod levels;
mod limits;
mod lives;
mod message;
mod overflow;
mod policy;
mod publish;
mod queue;
mod queues;
mod quorum;
mod ready;
mod refusal;
mod replies;
mod request;
mod restore;
mod ring;
mod rules;
mod settle;
mod single_active;
mod slab;
mod topic;
mod unacked;
mod value;

#[cfg(test)]
mod tests;

pub use charge::{Charge, Gauge};
pub use durability::{Image, LastStop, QueueImage, Standing, StoreOp, StoredMessage};
pub use effect::{AckMode, Blocked, Delivery, Effect, RequeueCause, Trace};
pub use exchange::{Binding, Destination, ExchangeKind, ExchangeSpec};
pub use ids::{ChannelId, ConnectionId, DeliveryTag, Millis, Position, QueueId, StoreSeq, UnixMillis, VhostId};
pub use lives::{Life, Parting, Settled};
pub use message::{Failures, Message, Persistence, Priority, Returns, Ttl};
pub use policy::Policy;
pub use queue::{QueueCounts, QueueSpec, QueueTotals};
pub use refusal::{ArgSeen, Refusal};
pub use replies::REPLY_TO;
pub use request::{Consume, DeleteRule, Extent, Got, QosScope, Routed, Settlement, Tracing};
pub use rules::Like;
pub use value::{IntKind, Table, Value};

use ack_timeout::AckTimeout;
use channel::{Channel, Consumer, Link};
use dead_letter::Dead;
use exchange::{Exchange, Routes};
use queue::Queue;
use rules::Rules;
use slab::{ChannelKey, ConsumerKey, ExchangeKey, LinkKey, Slab};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use unacked::Held;

/// All exchanges, queues, consumers and unacked messages of one virtual host.
///
/// Names are resolved to keys once; from then on a message meets no hashing but for its channel and its routing key.
#[derive(Debug)]
pub struct Dispatch {
    /// All but the default exchange, which is `names`.
    exchanges: HashMap<Arc<str>, Exchange>,
    exchange_names: Slab<ExchangeKey, Arc<str>>,
    queues: Slab<QueueId, Queue>,
    names: HashMap<Arc<str>, QueueId>,
    /// Exclusive queues by their owner.
    exclusive: BTreeSet<(ConnectionId, QueueId)>,
    channels: Slab<ChannelKey, Channel>,
    open: BTreeMap<ChannelId, ChannelKey>,
    consumers: Slab<ConsumerKey, Consumer>,
    links: Slab<LinkKey, Link>,
    /// Consumers so far.
    arrivals: Arrival,
    /// Consumers of quorum queues that got messages with automatic ack: their credit comes back a turn later.
    automatic: Vec<ConsumerKey>,
    /// Dropped messages whose letters are not published yet.
    dead: VecDeque<Dead>,
    /// When which queue must be looked at; each is there at most once.
    deadlines: BTreeSet<(UnixMillis, QueueId)>,
    /// The last record written.
    seq: StoreSeq,
    now: UnixMillis,
    rules: &'static Rules,
    tracing: Tracing,
    lives: Tracing,
    policies: Arc<[Policy]>,
    /// Publishes so far: a queue that carries the number of the current one has got it already.
    publishes: u64,
    /// The tag of those who have none: `basic.get`.
    no_consumer: Arc<str>,
    /// Kept between calls so that routing and settling need no allocation.
    routes: Routes,
    settled: Vec<Held>,
    ack_timeout: AckTimeout,
    /// What queues, their entries, exchanges and bindings take.
    own: Gauge,
    /// Channels that consume direct replies, by the names that these go to.
    replies: HashMap<Arc<str>, ChannelKey>,
}

impl Default for Dispatch {
    /// A broker that was never run before.
    fn default() -> Self {
        Self::restore(
            &Image::default(),
            LastStop::Orderly,
            UnixMillis(0),
            Like::default(),
            &mut Vec::new(),
        )
    }
}

impl Dispatch {
    /// Starts or ends the telling of decisions.
    pub fn set_tracing(&mut self, tracing: Tracing) {
        self.tracing = tracing;
    }

    /// When [`Dispatch::tick`] has something to do.
    pub fn next_deadline(&self) -> Option<UnixMillis> {
        [self.next_expiry(), self.next_ack_timeout()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due at the time that was told.
    pub fn tick(&mut self, out: &mut Vec<Effect>) {
        self.expire_due(out);
        self.check_ack_timeouts(out);
    }

    /// Tells the time of day: messages expire by it, dead letters carry it. The core reads no clock.
    pub fn set_time(&mut self, now: UnixMillis) {
        self.now = now;
    }

    /// Every queue's totals.
    pub fn totals(&self) -> impl Iterator<Item = QueueTotals> {
        self.queues.iter().map(|(_, queue)| queue.totals())
    }
}

/// The number of a consumer in the order in which they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival(u64);

/// Numbers a record and hands it out.
fn record(seq: &mut StoreSeq, op: StoreOp, out: &mut Vec<Effect>) -> StoreSeq {
    seq.0 += 1;
    out.push(Effect::Store(*seq, op));
    *seq
}
