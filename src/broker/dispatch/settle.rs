//! Acks, rejects and recovers.
//!
//! Order follows `rabbit_channel:ack` and `rabbit_amqqueue_process:subtract_acks`: the settled messages are grouped by
//! queue and consumer; each group gives its credit back, takes effect, and lets the queue run; then the channel's
//! shared limit is lowered; what was dropped goes to its dead letter exchange last.

use super::dead_letter::{Dead, Reason};
use super::effect::{Effect, RequeueCause, Trace};
use super::ids::{ChannelId, DeliveryTag, Position, QueueId};
use super::kind::Kind;
use super::lives::{self, Life, Settled};
use super::message::Message;
use super::refusal::Refusal;
use super::request::{Extent, Settlement};
use super::slab::{ChannelKey, ConsumerKey};
use super::unacked::Held;
use super::{Dispatch, Tracing, record};
use std::sync::Arc;

/// How held messages end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Acked,
    Dropped(Reason),
    Requeued(RequeueCause),
}

impl Fate {
    /// How it is told, if the message is gone for good by what its holder did.
    fn settled(self) -> Option<Settled> {
        match self {
            Self::Acked => Some(Settled::Acked),
            Self::Dropped(Reason::Rejected) => Some(Settled::Rejected),
            Self::Dropped(_) | Self::Requeued(_) => None,
        }
    }
}

impl From<Settlement> for Fate {
    fn from(settlement: Settlement) -> Self {
        match settlement {
            Settlement::Ack => Self::Acked,
            Settlement::Drop => Self::Dropped(Reason::Rejected),
            Settlement::Requeue => Self::Requeued(RequeueCause::Nacked),
            Settlement::RejectRequeue => Self::Requeued(RequeueCause::Rejected),
        }
    }
}

/// Messages that are settled together.
#[derive(Debug)]
struct Batch {
    channel: ChannelId,
    fate: Fate,
    /// How many of the current group took effect.
    count: usize,
    /// Those of the current group that went back; kept only for a trace.
    returned: Vec<(Position, Arc<Message>)>,
    /// Those of the current group that are settled for good, and how; kept only where lives are told.
    settled: Vec<(Settled, Arc<Message>)>,
    /// All that are to be dead-lettered.
    dead: Vec<Dead>,
}

/// One group of a batch.
type Group = (QueueId, Option<ConsumerKey>);

impl Dispatch {
    /// `basic.ack`, `basic.nack` and `basic.reject`. Tag 0 with `UpTo` means all, even if there are none; any other
    /// tag must itself be outstanding.
    #[expect(clippy::too_many_arguments, reason = "these are basic.nack's own fields")]
    pub fn settle(
        &mut self,
        channel: ChannelId,
        tag: DeliveryTag,
        extent: Extent,
        settlement: Settlement,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let Some(&key) = self.open.get(&channel) else {
            return Err(Refusal::UnknownDeliveryTag(tag));
        };
        let unacked = &mut self.channels[key].unacked;
        let known = match (extent, tag) {
            (Extent::UpTo, DeliveryTag(0)) => {
                unacked.take_all(&mut self.settled);
                true
            }
            (Extent::UpTo, tag) => unacked.take_up_to(tag, &mut self.settled),
            (Extent::One, tag) => unacked.take(tag, &mut self.settled),
        };
        if !known {
            return Err(Refusal::UnknownDeliveryTag(tag));
        }
        self.settle_taken(key, settlement.into(), out);
        Ok(())
    }

    /// The tags that a settlement would settle, in delivery order, but for those up to `done`; none if it would be
    /// refused.
    pub fn outstanding(
        &self,
        channel: ChannelId,
        done: DeliveryTag,
        tag: DeliveryTag,
        extent: Extent,
    ) -> Vec<DeliveryTag> {
        let Some(&key) = self.open.get(&channel) else {
            return Vec::new();
        };
        let unacked = &self.channels[key].unacked;
        match (extent, tag) {
            (Extent::UpTo, DeliveryTag(0)) => unacked.tags_after(done).collect(),
            (_, tag) if tag <= done || !unacked.holds(tag) => Vec::new(),
            (Extent::UpTo, tag) => unacked.tags_after(done).take_while(|found| *found <= tag).collect(),
            (Extent::One, tag) => vec![tag],
        }
    }

    /// Settles these together, in the order given; what is outstanding no more is left out.
    pub fn settle_each(
        &mut self,
        channel: ChannelId,
        tags: &[DeliveryTag],
        settlement: Settlement,
        out: &mut Vec<Effect>,
    ) {
        let Some(&key) = self.open.get(&channel) else { return };
        let unacked = &mut self.channels[key].unacked;
        for tag in tags {
            unacked.take(*tag, &mut self.settled);
        }
        self.settle_taken(key, settlement.into(), out);
    }

    /// `basic.recover` with requeue: everything that the channel holds goes back.
    pub fn recover(&mut self, channel: ChannelId, out: &mut Vec<Effect>) {
        let Some(&key) = self.open.get(&channel) else { return };
        self.channels[key].unacked.take_all(&mut self.settled);
        self.settle_taken(key, Fate::Requeued(RequeueCause::Recovered), out);
    }

    /// Settles what was moved to `self.settled`.
    pub(super) fn settle_taken(&mut self, channel: ChannelKey, fate: Fate, out: &mut Vec<Effect>) {
        let mut taken = std::mem::take(&mut self.settled);
        let volume = taken.iter().filter(|held| held.consumer.is_some()).count() as u64;
        self.settle_loosened(&mut taken, out);
        self.sort_by_consumer(&mut taken);
        let mut batch = Batch {
            channel: self.channels[channel].id,
            fate,
            count: 0,
            returned: Vec::new(),
            settled: Vec::new(),
            dead: Vec::new(),
        };
        let mut rest = taken.drain(..).peekable();
        while let Some(held) = rest.next() {
            let group = group(&held);
            self.settle_one(held, &mut batch, out);
            if rest.peek().is_none_or(|next| self::group(next) != group) {
                self.end_group(group, &mut batch, out);
            }
        }
        drop(rest);
        self.settled = taken;
        self.lower_volume(channel, volume, out);
        self.dead.extend(batch.dead);
        self.bury(out);
    }

    /// Brings the messages of each consumer together, those without a living one first; within one they keep their
    /// order. A quorum queue tells even dead ones apart, and takes from the eldest first.
    fn sort_by_consumer(&self, taken: &mut [Held]) {
        if taken.windows(2).all(|pair| group(&pair[0]) == group(&pair[1])) {
            return;
        }
        for held in taken.iter_mut() {
            let queue = self.queues.get(held.queue);
            let apart = queue.is_some_and(|queue| queue.kind.tells_holders_apart());
            held.consumer = held.consumer.filter(|key| apart || self.consumers.get(*key).is_some());
        }
        taken.sort_by_key(|held| {
            let queue = self.queues.get(held.queue).map(|queue| Arc::clone(&queue.name));
            let consumer = held.consumer.and_then(|key| self.consumers.get(key));
            let tag = consumer.map(|consumer| Arc::clone(&consumer.tag));
            (queue, tag, self.holder_arrived(held), group(held))
        });
    }

    fn settle_one(&mut self, held: Held, batch: &mut Batch, out: &mut Vec<Effect>) {
        let Some(queue) = self.queues.get_mut(held.queue) else {
            return;
        };
        let mut entry = held.entry;
        batch.count += 1;
        queue.unacked -= 1;
        queue.kind.released(held.consumer);
        let fate = queue.kind.judge(self.rules, batch.fate, &mut entry);
        if let Fate::Requeued(why) = fate
            && queue.kind.takes_for_new(why)
        {
            if self.tracing == Tracing::On {
                batch.returned.push((entry.position, Arc::clone(&entry.message)));
            }
            for op in queue.readmit_as_new(&mut entry) {
                record(&mut self.seq, op, out);
            }
            queue.ready.push(entry);
            return;
        }
        if entry.stored {
            match fate {
                Fate::Acked | Fate::Dropped(_) => record(&mut self.seq, queue.removed(entry.position), out),
                Fate::Requeued(_) if queue.kind.notes_return() => record(&mut self.seq, queue.returned(&entry), out),
                Fate::Requeued(_) => self.seq,
            };
        }
        if self.lives == Tracing::On
            && let Some(how) = fate.settled()
        {
            batch.settled.push((how, Arc::clone(&entry.message)));
        }
        match fate {
            Fate::Acked => queue.ack_entry(&entry),
            Fate::Dropped(reason) => batch.dead.extend(queue.drop_entry(entry, reason)),
            Fate::Requeued(_) => {
                if self.tracing == Tracing::On {
                    batch.returned.push((entry.position, Arc::clone(&entry.message)));
                }
                queue.kind.put_back(entry, &mut queue.ready);
            }
        }
    }

    /// Gives credit back, and lets the queue run where that or the returned messages may allow a delivery.
    fn end_group(&mut self, (id, consumer): Group, batch: &mut Batch, out: &mut Vec<Effect>) {
        let count = std::mem::take(&mut batch.count);
        let Some(queue) = self.queues.get(id) else { return };
        tell_settled(&queue.name, batch, out);
        // None are there if all came back too often.
        if let (Fate::Requeued(why), false) = (batch.fate, batch.returned.is_empty()) {
            let mut returned = std::mem::take(&mut batch.returned);
            if let Kind::Classic = queue.kind {
                returned.sort_by_key(|(position, _)| *position);
            }
            out.push(Effect::Trace(Trace::Requeued {
                queue: Arc::clone(&queue.name),
                channel: batch.channel,
                messages: returned.into_iter().map(|(_, message)| message).collect(),
                why,
            }));
        }
        let waited = consumer.filter(|key| {
            let consumer = self.consumers.get_mut(*key);
            consumer.is_some_and(|consumer| consumer.credit.give(count))
        });
        let rejoined = waited.is_some_and(|key| self.rejoin(key));
        if self.choose_active(id) || rejoined || matches!(batch.fate, Fate::Requeued(_)) {
            self.run(id, out);
        }
        self.settled_at(id);
    }
}

/// What one group settled for good, by how it did.
fn tell_settled(queue: &Arc<str>, batch: &mut Batch, out: &mut Vec<Effect>) {
    let settled = std::mem::take(&mut batch.settled);
    for same in settled.chunk_by(|a, b| a.0 == b.0) {
        out.push(lives::life(Life::Settled {
            queue: Arc::clone(queue),
            channel: batch.channel,
            messages: same.iter().map(|(_, message)| Arc::clone(message)).collect(),
            how: same[0].0,
        }));
    }
}

fn group(held: &Held) -> Group {
    (held.queue, held.consumer)
}
