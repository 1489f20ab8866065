//! What dispatch wants done: deliveries and closes go out, records go to the disk, decisions are told.

use super::agenda::Item;
use super::broker::{Writes, no_room, worker};
use super::disk::SYNC;
use super::line::{ChannelNumber, Reply, worker_of};
use super::mark;
use super::queues::NOBODY;
use super::run::Telling;
use super::serve::OK;
use super::world::World;
use crate::broker::dispatch::{AckMode as BrokerAck, ChannelId, Delivery, Effect, Message, Trace};
use crate::lab::{AckMode, Delivered, DeliveryTag, Dispatched, Elapsed, Seen, WorkerId};
use std::mem;

/// How long a quorum queue takes to learn of an automatic ack, unless a client asks for something first.
const CREDIT_TURN: Elapsed = Elapsed(2_000);
/// How often the figures are told at most.
const FIGURES_EVERY: Elapsed = Elapsed(20_000);

impl World {
    /// Carries out what dispatch wants done. Whatever is written to a socket is reported as sent at once: a
    /// connection's buffers hold more than the two hundred deliveries that a queue sends ahead.
    pub(super) fn flush(&mut self) {
        let mut effects = mem::take(&mut self.spare);
        while !self.broker.effects.is_empty() {
            mem::swap(&mut effects, &mut self.broker.effects);
            for effect in effects.drain(..) {
                self.effect(effect);
            }
        }
        self.spare = effects;
        self.tell_confirms();
        self.plan_broker();
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Deliver(delivery) => self.deliver(&delivery),
            Effect::Store(seq, op) => self.broker.disk.record(seq, op),
            Effect::Trace(trace) => self.trace(&trace),
            Effect::CancelConsumer { channel, .. } | Effect::ConsumerTimedOut { channel, .. } => {
                self.cancelled(channel);
            }
            Effect::AckTimeout { channel, timeout_ms } => {
                let number = channel.number;
                let text = format!(
                    "delivery acknowledgement on channel {number} timed out. Timeout value used: {timeout_ms} ms. This \
                     timeout value can be configured, see consumers doc guide to learn more"
                );
                if let Some(id) = self.whose(channel) {
                    self.refuse(id, channel, &text);
                }
            }
        }
    }

    /// Whose channel it is, if its line is there still.
    fn whose(&mut self, channel: ChannelId) -> Option<WorkerId> {
        let id = worker_of(channel.connection);
        let line = self.line(id);
        (line.connection == Some(channel.connection) && line.silent.is_none()).then_some(id)
    }

    fn cancelled(&mut self, channel: ChannelId) {
        if let Some(id) = self.whose(channel) {
            self.reply(id, Reply::Cancelled(ChannelNumber(channel.number)), OK);
        }
    }

    fn deliver(&mut self, delivery: &Delivery) {
        if delivery.channel.connection == NOBODY {
            self.buried(&delivery.message);
        } else {
            self.deliver_to_worker(delivery);
        }
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.sent(delivery.channel, delivery.queue, 1, &mut self.broker.effects);
        }
    }

    /// It is in the dead-letter queue.
    fn buried(&mut self, message: &Message) {
        let Some(read) = mark::read(message) else { return };
        let (why, queue) = mark::last_death(message);
        let owner = queue.and_then(|queue| self.broker.queues.owner_of(queue));
        let job = self.broker.queues.copy(read.job, owner.unwrap_or(WorkerId(1)));
        self.told.push_back(Seen::Buried(job, why));
    }

    fn deliver_to_worker(&mut self, delivery: &Delivery) {
        if let (Some(id), Some(read)) = (self.whose(delivery.channel), mark::read(&delivery.message)) {
            let ack = self.line(id).served.ack.unwrap_or(AckMode::Manual);
            let delivered = Delivered {
                job: self.broker.queues.copy(read.job, id),
                dots: read.dots,
                tag: DeliveryTag(delivery.tag.0),
                redelivered: delivery.redelivered,
                ack,
            };
            let number = ChannelNumber(delivery.channel.number);
            self.reply(id, Reply::Delivery(number, delivered), read.bytes);
        }
        if self.tells == Telling::Needed {
            self.tell_automatic(delivery);
        }
    }

    /// Of what counts as acked once it is sent the lab must know who got it, also where no decisions are told.
    fn tell_automatic(&mut self, delivery: &Delivery) {
        let id = worker_of(delivery.channel.connection);
        if self.line(id).served.ack == Some(AckMode::Automatic)
            && let Some(read) = mark::read(&delivery.message)
        {
            self.told.push_back(Seen::Dispatched(Dispatched {
                job: self.broker.queues.copy(read.job, id),
                to: Some(id),
                ack: AckMode::Automatic,
                passed_over: Vec::new(),
            }));
        }
    }

    fn trace(&mut self, trace: &Trace) {
        let Trace::Dispatched {
            channel,
            ack,
            message,
            passed_over,
            ..
        } = trace
        else {
            return;
        };
        let Some(read) = mark::read(message).filter(|_| channel.connection != NOBODY) else {
            return;
        };
        let to = worker_of(channel.connection);
        let full = passed_over.iter();
        self.told.push_back(Seen::Dispatched(Dispatched {
            job: self.broker.queues.copy(read.job, to),
            to: Some(to),
            ack: match ack {
                BrokerAck::Manual => AckMode::Manual,
                BrokerAck::Automatic => AckMode::Automatic,
            },
            passed_over: full
                .filter_map(|(tag, why)| Some((worker(tag)?, no_room(*why))))
                .collect(),
        }));
    }

    /// Enters into the agenda what the broker will do by itself.
    fn plan_broker(&mut self) {
        let broker = &mut self.broker;
        let Some(dispatch) = &broker.dispatch else { return };
        let (now, life) = (self.now, broker.life);
        if let Some(due) = dispatch.next_deadline() {
            let due = Elapsed(due.0.saturating_mul(1000)).max(now);
            if broker.tick_at.is_none_or(|at| due < at) {
                broker.tick_at = Some(due);
                self.agenda.enter(due, Item::Tick(life));
            }
        }
        if dispatch.owes_credit() && broker.credit_at.is_none() {
            let at = Elapsed(now.0 + CREDIT_TURN.0);
            broker.credit_at = Some(at);
            self.agenda.enter(at, Item::Credit(life));
        }
        let waited_for = broker.disk.is_read() || !broker.awaited.is_empty();
        if let (Some(seq), Writes::Nothing, true) = (broker.disk.unsynced(), broker.writes, waited_for) {
            broker.writes = Writes::Group;
            self.agenda.enter(Elapsed(now.0 + SYNC.0), Item::Synced(life, seq));
        }
        if self.tells == Telling::All && self.figures_at.is_none() {
            let at = now.max(Elapsed(self.figures_told.0 + FIGURES_EVERY.0));
            self.figures_at = Some(at);
            self.agenda.enter(at, Item::Figures);
        }
    }

    pub(super) fn tell_figures(&mut self) {
        self.figures_at = None;
        self.figures_told = self.now;
        if let Some(says) = self.broker.says() {
            self.told.push_back(Seen::Broker(says));
        }
    }
}
