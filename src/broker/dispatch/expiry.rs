//! Time: messages expire, unused queues go.
//!
//! 1. A message gets its time when it enters a queue: the smaller of `x-message-ttl` and its own `expiration`, from now
//!    on. The times are in `Expiries`, beside the messages: a queue without any has an empty table.
//! 2. It expires only as the first of its queue (4.3's quorum queues: of its priority); behind another it waits, and is
//!    counted. So a queue has one deadline, its first message's, and `shed` looks after every change of the first.
//! 3. A held message keeps its time: it expires when it comes back too late.
//! 4. A time of 0 is for messages that a consumer takes at once. A quorum queue gives them a millisecond.
//! 5. A queue with `x-expires` goes when it had no consumer for that long, and was not declared or asked by `basic.get`.
//!    A quorum queue looks every 5 seconds only, and a declaration does not count.
//!
//! `deadlines` holds when a queue must be looked at: never too late, and perhaps too early, when what was to expire is
//! gone by then. So it is touched seldom, and a hundred thousand queues cost nothing while they wait.
//!
//! The rules are those of `rabbit_amqqueue_process` and `rabbit_fifo`.

use super::Dispatch;
use super::args::{self, QueueType};
use super::dead_letter::Reason;
use super::effect::Effect;
use super::ids::{Position, QueueId, UnixMillis};
use super::message::Ttl;
use super::queue::Queue;
use super::ready::Entry;
use super::value::{Table, Value};
use std::collections::HashMap;

/// How often a quorum queue asks itself whether it is in use (`quorum_tick_interval`).
const QUORUM_TICK: Ttl = Ttl(5_000);

/// Room that an emptied table keeps.
const KEPT_CAPACITY: usize = 4096;

/// When the messages of a queue expire, ready or held.
#[derive(Debug, Default)]
pub(super) struct Expiries(HashMap<Position, UnixMillis>);

impl Expiries {
    pub(super) fn insert(&mut self, position: Position, at: UnixMillis) {
        self.0.insert(position, at);
    }

    /// The message is gone.
    pub(super) fn remove(&mut self, position: Position) {
        if self.0.is_empty() {
            return;
        }
        self.0.remove(&position);
        if self.0.is_empty() && self.0.capacity() > KEPT_CAPACITY {
            self.0 = HashMap::new();
        }
    }

    pub(super) fn get(&self, position: Position) -> Option<UnixMillis> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&position).copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn positions(&self) -> impl Iterator<Item = Position> {
        self.0.keys().copied()
    }
}

/// How long a queue may go unused.
#[derive(Debug)]
pub(super) struct Lease {
    time: Ttl,
    kind: QueueType,
    /// When the queue came to be, or came back: its ticks count from there.
    since: UnixMillis,
    last_used: UnixMillis,
}

impl Lease {
    pub(super) fn new(args: &Table, now: UnixMillis) -> Option<Self> {
        ttl(args, args::EXPIRES).map(|time| Self {
            time,
            kind: args::queue_type(args),
            since: now,
            last_used: now,
        })
    }

    fn ends(&self) -> UnixMillis {
        let end = self.last_used.after(self.time);
        match self.kind {
            QueueType::Classic => end,
            QueueType::Quorum => {
                let tick = u64::from(QUORUM_TICK.0);
                let ticks = (end.0 - self.since.0) / tick + 1;
                UnixMillis(self.since.0.saturating_add(ticks.saturating_mul(tick)))
            }
        }
    }
}

/// A time argument. RabbitMQ has none beyond 32 bits.
pub(super) fn ttl(args: &Table, arg: &str) -> Option<Ttl> {
    match args.get(arg) {
        Some(Value::Int(_, time)) => Some(Ttl(u32::try_from(*time).unwrap_or(u32::MAX))),
        _ => None,
    }
}

impl Queue {
    /// Whether nothing in it can expire or be too much.
    fn is_plain(&self) -> bool {
        self.expiries.is_empty() && !self.ready.is_limited()
    }

    /// When it must be looked at next.
    pub(super) fn due(&self) -> Option<UnixMillis> {
        let first = if self.expiries.is_empty() {
            None
        } else {
            let heads = self.ready.heads();
            heads.filter_map(|entry| self.expiries.get(entry.position)).min()
        };
        let end = self.lease.as_deref().filter(|_| !self.is_used()).map(Lease::ends);
        [first, end].into_iter().flatten().min()
    }

    fn is_used(&self) -> bool {
        !self.consumers.is_empty() || self.kind.lingering() > 0
    }
}

impl Dispatch {
    /// When the first queue is to be looked at.
    pub(super) fn next_expiry(&self) -> Option<UnixMillis> {
        self.deadlines.first().map(|(due, _)| *due)
    }

    /// Lets everything expire whose time has come.
    pub(super) fn expire_due(&mut self, out: &mut Vec<Effect>) {
        while let Some((due, id)) = self.deadlines.first().copied() {
            if due > self.now {
                break;
            }
            self.deadlines.pop_first();
            let queue = &mut self.queues[id];
            queue.deadline = None;
            let lease = queue.lease.as_deref().filter(|_| !queue.is_used());
            if lease.is_some_and(|lease| lease.ends() <= self.now) {
                self.remove_queue(id, out);
            } else {
                self.shed(id, out);
                self.note_deadline(id);
            }
        }
        self.bury(out);
    }

    /// Drops what is too much, then what has expired. A queue's messages changed, or time passed.
    pub(super) fn shed(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        if self.queues[id].is_plain() {
            return;
        }
        self.drop_overflow(id, out);
        self.drop_expired(id, out);
    }

    /// Takes the first message, which must not have expired; so the next has not either.
    pub(super) fn take_first(&mut self, id: QueueId, out: &mut Vec<Effect>) -> Option<Entry> {
        let entry = self.queues[id].ready.pop();
        self.drop_expired(id, out);
        entry
    }

    fn drop_expired(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        let now = self.now;
        loop {
            let Queue { expiries, ready, .. } = &mut self.queues[id];
            if expiries.is_empty() {
                return;
            }
            let is_over = |entry: &Entry| expiries.get(entry.position).is_some_and(|at| at <= now);
            let Some(entry) = ready.pop_head(is_over) else { break };
            self.drop_ready(id, entry, Reason::Expired, out);
        }
        self.note_deadline(id);
    }

    /// Someone fetched from it, or its last consumer went.
    pub(super) fn used(&mut self, id: QueueId) {
        let now = self.now;
        if let Some(lease) = &mut self.queues[id].lease {
            lease.last_used = now;
            self.note_deadline(id);
        }
    }

    /// A message that it handed out was settled: at a quorum queue whoever held it may have been the last.
    pub(super) fn settled_at(&mut self, id: QueueId) {
        let lease = self.queues[id].lease.as_deref();
        if lease.is_some_and(|lease| lease.kind == QueueType::Quorum) {
            self.used(id);
        }
    }

    /// It was declared, or declared again.
    pub(super) fn declared(&mut self, id: QueueId) {
        let lease = self.queues[id].lease.as_deref();
        if lease.is_some_and(|lease| lease.kind == QueueType::Classic) {
            self.used(id);
        } else if lease.is_some() {
            self.note_deadline(id);
        }
    }

    /// Sees to it that a queue is looked at in time. That it would be earlier does no harm.
    fn note_deadline(&mut self, id: QueueId) {
        let queue = &mut self.queues[id];
        let Some(due) = queue.due() else { return };
        match queue.deadline {
            Some(known) if known <= due => return,
            Some(known) => self.deadlines.remove(&(known, id)),
            None => false,
        };
        queue.deadline = Some(due);
        self.deadlines.insert((due, id));
    }
}
