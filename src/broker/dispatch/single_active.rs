//! Single active consumer: one consumer is served, the others wait until it leaves.
//!
//! 1. Whoever comes to a queue without an active consumer is active. Only the active one is ever in the queue's ring or
//!    in a blocked list, so all other rules need not know of this one.
//! 2. When it leaves (cancel, or the end of its channel), one of those who wait follows at once, even while what the
//!    old one held is not settled: at a classic queue the highest priority, then whoever came first; at a quorum queue
//!    of the same priority whoever has the larger prefetch, but in 3.10 simply whoever came first.
//! 3. At a quorum queue (from 4.0 on) a higher priority takes over: the active consumer gets no more, and once it has
//!    settled all that it holds, it waits and the other is active.
//! 4. At a quorum queue of 4.3 a consumer that let a delivery time out waits too, once it holds nothing.
//!
//! The rules are those of `rabbit_amqqueue_process` and `rabbit_fifo:activate_next_consumer/2`. What 3.10's classic queue
//! does when its active consumer cancels with messages ready is a known fault there, and is not followed.

use super::args::{self, QueueType};
use super::channel::{Consumer, Credit};
use super::effect::Effect;
use super::ids::QueueId;
use super::kind::Kind;
use super::queue::Queue;
use super::rules::Takeover;
use super::slab::{ConsumerKey, Slab};
use super::value::{Table, Value};
use super::{Arrival, Dispatch};
use std::cmp::Reverse;

/// See the module.
#[derive(Debug)]
pub(super) struct SingleActive {
    active: Option<ConsumerKey>,
    stage: Stage,
    waiting: Vec<ConsumerKey>,
}

/// Whether the active consumer gets more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    /// A higher priority waits until it holds nothing.
    Quiescing,
}

impl SingleActive {
    /// For a queue with these arguments, if it is to have one.
    pub(super) fn new(args: &Table) -> Option<Box<Self>> {
        let wanted = args.get(args::SINGLE_ACTIVE_CONSUMER) == Some(&Value::Bool(true));
        wanted.then(|| {
            Box::new(Self {
                active: None,
                stage: Stage::Serving,
                waiting: Vec::new(),
            })
        })
    }

    fn serves(&self, key: ConsumerKey) -> bool {
        self.active == Some(key) && self.stage == Stage::Serving
    }
}

impl Queue {
    /// Whether a consumer gets messages when it has room.
    pub(super) fn serves(&self, key: ConsumerKey) -> bool {
        self.single.as_ref().is_none_or(|single| single.serves(key))
    }

    /// Its consumers as declare-ok counts them.
    pub(super) fn counted_consumers(&self) -> usize {
        let waiting = match (&self.kind, &self.single) {
            (Kind::Quorum(_), Some(single)) => single.waiting.len(),
            _ => 0,
        };
        self.consumers.len() - waiting
    }

    /// Takes those who leave out of the succession.
    pub(super) fn leave_succession(&mut self, stays: impl Fn(&ConsumerKey) -> bool) {
        if let Some(single) = &mut self.single {
            single.waiting.retain(&stays);
            single.active = single.active.filter(stays);
        }
    }
}

impl Dispatch {
    /// Lets a new consumer take part.
    pub(super) fn join(&mut self, id: QueueId, key: ConsumerKey) {
        let queue = &mut self.queues[id];
        if let Some(single) = &mut queue.single {
            single.waiting.push(key);
            self.choose_active(id);
        } else {
            queue.ring.push(self.consumers[key].priority, key);
        }
    }

    /// Sees to it that the right consumer is active; tells whether that may allow a delivery. Consumers, or what they
    /// hold, have changed.
    pub(super) fn choose_active(&mut self, id: QueueId) -> bool {
        let Some(single) = &self.queues[id].single else {
            return false;
        };
        let consumers = &self.consumers;
        let next = self.successor(id, &single.waiting);
        let Some(active) = single.active else {
            return next.is_some_and(|next| self.activate(id, next));
        };
        let is_idle = consumers[active].credit.is_full();
        let timed_out = consumers[active].timed_out > 0;
        let yields = next.is_some_and(|next| self.takes_over(id, next, active));
        if is_idle && (yields || timed_out) {
            self.stand_down(id, active);
            return next.is_some_and(|next| self.activate(id, next));
        }
        if yields {
            self.quiesce(id, active);
            return false;
        }
        single.stage == Stage::Quiescing && self.activate(id, active)
    }

    /// Serves whoever follows a consumer that has left.
    pub(super) fn run_successor(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        if self.queues.get(id).is_some_and(|queue| queue.single.is_some()) {
            self.run(id, out);
        }
    }

    /// Who follows.
    fn successor(&self, id: QueueId, waiting: &[ConsumerKey]) -> Option<ConsumerKey> {
        let by_prefetch = args::queue_type(&self.queues[id].spec.args) == QueueType::Quorum;
        let in_order = by_prefetch && self.rules.takeover == Takeover::Never;
        let rank = |key: &ConsumerKey| {
            let consumer = &self.consumers[*key];
            let prefetch = match consumer.credit {
                Credit::Left { prefetch, .. } if by_prefetch => prefetch,
                _ => 0,
            };
            let rank = if in_order {
                (0, 0)
            } else {
                (consumer.priority, prefetch)
            };
            (Reverse(rank), consumer.since)
        };
        let able = waiting.iter().filter(|key| self.consumers[**key].timed_out == 0);
        able.copied().min_by_key(|key| rank(key))
    }

    fn takes_over(&self, id: QueueId, next: ConsumerKey, active: ConsumerKey) -> bool {
        matches!(self.queues[id].kind, Kind::Quorum(_))
            && self.rules.takeover == Takeover::ByPriority
            && self.consumers[next].priority > self.consumers[active].priority
    }

    /// Makes a consumer the one that is served; true, for it may have room.
    fn activate(&mut self, id: QueueId, key: ConsumerKey) -> bool {
        let queue = &mut self.queues[id];
        let Some(single) = &mut queue.single else {
            return false;
        };
        single.waiting.retain(|other| *other != key);
        single.active = Some(key);
        single.stage = Stage::Serving;
        let consumer = &self.consumers[key];
        if matches!(queue.kind, Kind::Classic) || consumer.may_get() {
            queue.ring.push(consumer.priority, key);
        }
        true
    }

    fn quiesce(&mut self, id: QueueId, active: ConsumerKey) {
        let queue = &mut self.queues[id];
        queue.ring.remove(active);
        if let Some(single) = &mut queue.single {
            single.stage = Stage::Quiescing;
        }
    }

    fn stand_down(&mut self, id: QueueId, active: ConsumerKey) {
        let consumers = &self.consumers;
        let queue = &mut self.queues[id];
        queue.ring.remove(active);
        if let Some(single) = &mut queue.single {
            single.active = None;
            single.waiting.push(active);
            single.waiting.sort_by_key(|key| arrival(consumers, *key));
        }
    }
}

fn arrival(consumers: &Slab<ConsumerKey, Consumer>, key: ConsumerKey) -> Arrival {
    consumers[key].since
}
