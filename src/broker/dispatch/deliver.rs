//! The dispatch loop: the first ready message to the first consumer with room.
//!
//! A consumer without room leaves the ring only when its turn comes for a message, and then waits in its channel's
//! blocked list. So one that acks before its next turn keeps its place (`rabbit_queue_consumers:deliver`). At a quorum
//! queue whoever is in the ring has room.

use super::channel::Consumer;
use super::effect::{AckMode, Blocked, Delivery, Effect, Trace};
use super::ids::QueueId;
use super::kind::Kind;
use super::queue::Queue;
use super::ready::Entry;
use super::slab::{ChannelKey, ConsumerKey};
use super::unacked::{Grip, Held};
use super::{Dispatch, Tracing, record};
use std::sync::Arc;

/// Consumers that were tried and had no room. Stays empty, and so free, without tracing.
pub(super) type PassedOver = Vec<(Arc<str>, Blocked)>;

impl Dispatch {
    /// Serves ready messages until none is left or no consumer has room.
    pub(super) fn run(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        self.shed(id, out);
        while !self.queues[id].ready.is_empty() {
            let mut passed_over = Vec::new();
            let Some(consumer) = self.next_consumer(id, &mut passed_over) else {
                break;
            };
            if let Some(entry) = self.take_first(id, out) {
                self.deliver(consumer, entry, passed_over, out);
            }
        }
        self.queues[id].ready.review();
        self.bury(out);
    }

    /// Takes the next consumer that has room off the ring; those before it go to their channels' blocked lists.
    /// There must be a message for it.
    pub(super) fn next_consumer(&mut self, id: QueueId, passed_over: &mut PassedOver) -> Option<ConsumerKey> {
        loop {
            let key = self.queues[id].ring.pop()?;
            let why = match self.queues[id].kind {
                Kind::Classic => self.why_blocked(key),
                Kind::Quorum(_) => None,
            };
            let Some(why) = why else {
                return Some(key);
            };
            let consumer = &self.consumers[key];
            self.links[consumer.link].blocked.push(key);
            if self.tracing == Tracing::On {
                passed_over.push((Arc::clone(&consumer.tag), why));
            }
        }
    }

    /// Why a consumer has no room now. Finding the channel's shared limit reached suspends the whole link.
    fn why_blocked(&mut self, key: ConsumerKey) -> Option<Blocked> {
        let consumer = &self.consumers[key];
        let channel = &mut self.channels[consumer.channel];
        let link = &mut self.links[consumer.link];
        if link.suspended {
            return Some(Blocked::ChannelPrefetch(channel.limit));
        }
        if link.is_blocked() {
            return Some(Blocked::Unsent);
        }
        if let Some(why) = consumer.credit.spent() {
            return Some(why);
        }
        if channel.limit_reached() {
            link.suspended = true;
            channel.limited.push(consumer.link);
            return Some(Blocked::ChannelPrefetch(channel.limit));
        }
        None
    }

    /// Adds, for an observer, the consumers that were found without room before this turn and still have none.
    fn add_waiting(&self, id: QueueId, passed_over: &mut PassedOver) {
        let tried = passed_over.len();
        for link in self.queues[id].links.iter().map(|link| &self.links[*link]) {
            for consumer in link.blocked.iter().map(|key| &self.consumers[*key]) {
                let why = if link.suspended {
                    Blocked::ChannelPrefetch(self.channels[link.channel].limit)
                } else {
                    consumer.credit.spent().unwrap_or(Blocked::Unsent)
                };
                if !passed_over[..tried].iter().any(|(tag, _)| *tag == consumer.tag) {
                    passed_over.push((Arc::clone(&consumer.tag), why));
                }
            }
        }
    }

    /// Hands a message to a consumer that was taken off the ring, and puts the consumer at its tail; a quorum queue
    /// only if it has credit left.
    pub(super) fn deliver(&mut self, key: ConsumerKey, entry: Entry, passed_over: PassedOver, out: &mut Vec<Effect>) {
        let consumer = &mut self.consumers[key];
        consumer.credit.take();
        let &mut Consumer {
            queue,
            channel,
            link,
            ack,
            priority,
            ..
        } = consumer;
        let tag = Arc::clone(&consumer.tag);
        match &mut self.queues[queue] {
            Queue {
                kind: Kind::Classic,
                ring,
                ..
            } => {
                ring.push(priority, key);
                self.links[link].unsent += 1;
            }
            Queue {
                kind: Kind::Quorum(_), ..
            } => self.serve(key),
        }
        if ack == AckMode::Manual {
            self.channels[channel].volume += 1;
        }
        let to = Handover {
            queue,
            channel,
            consumer: Some(key),
            tag,
            ack,
        };
        let delivery = self.hand_over(to, entry, passed_over, out);
        out.push(Effect::Deliver(delivery));
    }

    /// Numbers a delivery and moves its message from ready to unacked or, with automatic ack, to acked.
    pub(super) fn hand_over(
        &mut self,
        to: Handover,
        entry: Entry,
        mut passed_over: PassedOver,
        out: &mut Vec<Effect>,
    ) -> Delivery {
        if let (Tracing::On, Some(consumer)) = (self.tracing, to.consumer) {
            match self.queues[to.queue].kind {
                Kind::Classic => self.add_waiting(to.queue, &mut passed_over),
                Kind::Quorum(_) => self.add_spent(to.queue, consumer, &mut passed_over),
            }
        }
        let channel = &mut self.channels[to.channel];
        let queue = &mut self.queues[to.queue];
        let delivery = Delivery {
            channel: channel.id,
            consumer: to.tag,
            tag: channel.next_tag(),
            redelivered: entry.redelivered,
            queue: to.queue,
            message: queue.kind.shown(&entry, to.consumer),
        };
        if self.tracing == Tracing::On {
            out.push(Effect::Trace(dispatched(&queue.name, &delivery, to.ack, passed_over)));
        }
        match to.ack {
            AckMode::Manual => {
                queue.unacked += 1;
                if entry.stored && queue.kind.notes_delivery(&entry) {
                    record(&mut self.seq, queue.delivered(entry.position), out);
                }
                channel.unacked.push(Held {
                    tag: delivery.tag,
                    queue: to.queue,
                    entry,
                    consumer: to.consumer,
                    since: self.now,
                    grip: Grip::Holds,
                });
                self.watch(to.queue, to.consumer);
            }
            AckMode::Automatic => {
                queue.ack_entry(&entry);
                if entry.stored {
                    record(&mut self.seq, queue.removed(entry.position), out);
                }
            }
        }
        delivery
    }
}

/// Where a message goes: to a consumer, or to `basic.get`.
#[derive(Debug)]
pub(super) struct Handover {
    pub(super) queue: QueueId,
    pub(super) channel: ChannelKey,
    pub(super) consumer: Option<ConsumerKey>,
    pub(super) tag: Arc<str>,
    pub(super) ack: AckMode,
}

fn dispatched(queue: &Arc<str>, delivery: &Delivery, ack: AckMode, passed_over: PassedOver) -> Trace {
    Trace::Dispatched {
        queue: Arc::clone(queue),
        channel: delivery.channel,
        consumer: Arc::clone(&delivery.consumer),
        tag: delivery.tag,
        ack,
        redelivered: delivery.redelivered,
        message: Arc::clone(&delivery.message),
        passed_over,
    }
}
