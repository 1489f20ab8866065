//! The delivery acknowledgement timeout: what becomes of a delivery that is not acked in time.
//!
//! Up to 4.0 each channel looks now and then (`channel_tick_interval`) at its oldest delivery, fetched ones included,
//! and closes itself if that is too old; so it may be late by one interval. 4.0 lets a queue say how long is too long.
//! 4.3 leaves classic queues alone. Its quorum queues take back what is overdue at once, tell the consumer by
//! `basic.cancel`, and serve it no more until it has settled those deliveries, which has no other effect.
//!
//! `next_check` is never too late, and perhaps too early, when what was to time out is settled by then.

use super::Dispatch;
use super::effect::{Effect, RequeueCause, Trace};
use super::ids::{Millis, QueueId, UnixMillis};
use super::kind::Kind;
use super::record;
use super::request::Tracing;
use super::rules::AckTimeoutRule;
use super::settle::Fate;
use super::slab::{ChannelKey, ConsumerKey};
use super::unacked::{Grip, Held};
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(super) struct AckTimeout {
    /// Where neither queue nor consumer says: `None` is for ever.
    limit: Option<Millis>,
    every: Millis,
    next_check: Option<UnixMillis>,
}

impl Default for AckTimeout {
    fn default() -> Self {
        Self {
            limit: None,
            every: Millis(60_000),
            next_check: None,
        }
    }
}

/// What one holder did not ack in time.
#[derive(Debug)]
struct Overdue {
    queue: QueueId,
    consumer: Option<ConsumerKey>,
    channel: ChannelKey,
    messages: Vec<Held>,
}

impl Dispatch {
    /// How long a delivery may wait for its ack (`None`: for ever), and how often that is looked at (`every`; a quorum
    /// queue of 4.3 needs no looking). Holds for deliveries that wait already, too.
    pub fn set_ack_timeout(&mut self, limit: Option<Millis>, every: Millis) {
        self.ack_timeout.limit = limit;
        self.ack_timeout.every = every;
        let waits = self
            .channels
            .iter()
            .any(|(_, channel)| channel.unacked.iter().next().is_some());
        self.ack_timeout.next_check = waits.then(|| match self.rules.ack_timeout {
            AckTimeoutRule::Consumer => self.now,
            AckTimeoutRule::Channel | AckTimeoutRule::ChannelByQueue => self.next_look(),
        });
    }

    /// When deliveries are to be looked at.
    pub(super) fn next_ack_timeout(&self) -> Option<UnixMillis> {
        self.ack_timeout.next_check
    }

    /// Looks at them, if it is time.
    pub(super) fn check_ack_timeouts(&mut self, out: &mut Vec<Effect>) {
        if self.ack_timeout.next_check.is_none_or(|due| due > self.now) {
            return;
        }
        match self.rules.ack_timeout {
            AckTimeoutRule::Channel | AckTimeoutRule::ChannelByQueue => self.look_at_channels(out),
            AckTimeoutRule::Consumer => self.take_back_overdue(out),
        }
    }

    /// A delivery of a queue begins to wait for its ack.
    pub(super) fn watch(&mut self, queue: QueueId, consumer: Option<ConsumerKey>) {
        let Some(limit) = self.limit(queue, consumer) else {
            return;
        };
        let due = match self.rules.ack_timeout {
            AckTimeoutRule::Consumer => after(self.now, limit),
            AckTimeoutRule::Channel | AckTimeoutRule::ChannelByQueue => self.next_look(),
        };
        let known = self.ack_timeout.next_check;
        self.ack_timeout.next_check = Some(known.map_or(due, |known| known.min(due)));
    }

    fn next_look(&self) -> UnixMillis {
        after(self.now, self.ack_timeout.every.0.max(1))
    }

    /// How long a delivery may wait, in milliseconds.
    fn limit(&self, queue: QueueId, consumer: Option<ConsumerKey>) -> Option<u64> {
        let queue = self.queues.get(queue)?;
        let everywhere = self.ack_timeout.limit.map(|limit| limit.0);
        match (self.rules.ack_timeout, &queue.kind) {
            (AckTimeoutRule::Channel, _) => everywhere,
            (AckTimeoutRule::ChannelByQueue, _) => queue.consumer_timeout.or(everywhere),
            (AckTimeoutRule::Consumer, Kind::Classic) => None,
            (AckTimeoutRule::Consumer, Kind::Quorum(_)) => {
                let own = consumer.and_then(|key| self.consumers.get(key)?.timeout);
                own.or(queue.consumer_timeout).or(everywhere)
            }
        }
    }

    fn look_at_channels(&mut self, out: &mut Vec<Effect>) {
        let mut waits = false;
        for (id, key) in &self.open {
            let Some(oldest) = self.channels[*key].unacked.iter().next() else {
                continue;
            };
            waits = true;
            // A queue that is gone leaves the limit of all others.
            let limit = match self.queues.get(oldest.queue) {
                Some(_) => self.limit(oldest.queue, oldest.consumer),
                None => self.ack_timeout.limit.map(|limit| limit.0),
            };
            if let Some(limit) = limit
                && after(oldest.since, limit) < self.now
            {
                out.push(Effect::AckTimeout {
                    channel: *id,
                    timeout_ms: i64::try_from(limit).unwrap_or(i64::MAX),
                });
            }
        }
        self.ack_timeout.next_check = waits.then(|| self.next_look());
    }

    fn take_back_overdue(&mut self, out: &mut Vec<Effect>) {
        let overdue = self.collect_overdue();
        let mut queues: Vec<QueueId> = overdue.iter().map(|overdue| overdue.queue).collect();
        queues.dedup();
        for overdue in overdue {
            self.take_back_from(overdue, out);
        }
        for id in queues {
            self.choose_active(id);
            self.run(id, out);
            self.settled_at(id);
        }
    }

    /// Loosens the grip on all that is overdue, and notes when the next will be. By queue, then by holder in the order
    /// in which they came.
    fn collect_overdue(&mut self) -> Vec<Overdue> {
        let mut all: Vec<Overdue> = Vec::new();
        let mut next = None;
        let channels: Vec<ChannelKey> = self.open.values().copied().collect();
        for channel in channels {
            let unacked = std::mem::take(&mut self.channels[channel].unacked);
            let mut late = Vec::new();
            for held in unacked.iter().filter(|held| held.grip == Grip::Holds) {
                let Some(limit) = self.limit(held.queue, held.consumer) else {
                    continue;
                };
                match after(held.since, limit) {
                    due if due <= self.now => late.push(held.clone()),
                    due => next = Some(next.map_or(due, |next: UnixMillis| next.min(due))),
                }
            }
            self.channels[channel].unacked = unacked;
            for held in late {
                self.channels[channel].unacked.loosen(held.tag);
                let same = |other: &&mut Overdue| {
                    (other.queue, other.consumer, other.channel) == (held.queue, held.consumer, channel)
                };
                match all.iter_mut().find(same) {
                    Some(known) => known.messages.push(held),
                    None => all.push(Overdue {
                        queue: held.queue,
                        consumer: held.consumer,
                        channel,
                        messages: vec![held],
                    }),
                }
            }
        }
        self.ack_timeout.next_check = next;
        all.sort_by_key(|overdue| {
            let living = overdue.consumer.and_then(|key| self.consumers.get(key));
            (overdue.queue, living.map(|consumer| consumer.since))
        });
        all
    }

    fn take_back_from(&mut self, overdue: Overdue, out: &mut Vec<Effect>) {
        let Some(queue) = self.queues.get_mut(overdue.queue) else {
            return;
        };
        let count = overdue.messages.len();
        let channel = self.channels[overdue.channel].id;
        if self.tracing == Tracing::On {
            out.push(Effect::Trace(Trace::Requeued {
                queue: Arc::clone(&queue.name),
                channel,
                messages: overdue
                    .messages
                    .iter()
                    .map(|held| Arc::clone(&held.entry.message))
                    .collect(),
                why: RequeueCause::TimedOut,
            }));
        }
        for Held { mut entry, .. } in overdue.messages {
            queue.unacked -= 1;
            queue.kind.released(overdue.consumer);
            queue
                .kind
                .judge(self.rules, Fate::Requeued(RequeueCause::TimedOut), &mut entry);
            if entry.stored {
                record(&mut self.seq, queue.returned(&entry), out);
            }
            queue.kind.put_back(entry, &mut queue.ready);
        }
        let Some((key, consumer)) = overdue
            .consumer
            .and_then(|key| Some((key, self.consumers.get_mut(key)?)))
        else {
            let timeout_ms = -1;
            out.push(Effect::AckTimeout { channel, timeout_ms });
            return;
        };
        consumer.credit.give(count);
        consumer.timed_out += u32::try_from(count).unwrap_or(u32::MAX);
        out.push(Effect::ConsumerTimedOut {
            channel,
            tag: Arc::clone(&consumer.tag),
        });
        queue.ring.remove(key);
    }

    /// Takes those out of `taken` that their queue took back before. Their consumers are served again once they have
    /// settled them all.
    pub(super) fn settle_loosened(&mut self, taken: &mut Vec<Held>, out: &mut Vec<Effect>) {
        if self.rules.ack_timeout != AckTimeoutRule::Consumer {
            return;
        }
        let mut loosened = Vec::new();
        taken.retain(|held| {
            if held.grip == Grip::TakenBack {
                loosened.extend(held.consumer);
            }
            held.grip == Grip::Holds
        });
        for key in loosened {
            let Some(consumer) = self.consumers.get_mut(key) else {
                continue;
            };
            consumer.timed_out -= 1;
            let queue = consumer.queue;
            if consumer.timed_out == 0 && consumer.credit.spent().is_none() {
                let rejoined = self.rejoin(key);
                if self.choose_active(queue) || rejoined {
                    self.run(queue, out);
                }
            }
        }
    }
}

fn after(since: UnixMillis, ms: u64) -> UnixMillis {
    UnixMillis(since.0.saturating_add(ms))
}
