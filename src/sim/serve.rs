//! The broker's side: requests in, and what dispatch wants done.

use super::agenda::Item;
use super::broker::{Awaited, Writes, no_room, unix, worker};
use super::disk::SYNC;
use super::line::{ChannelNumber, Reply, Request, worker_of};
use super::mark;
use super::pipe::Bytes;
use super::run::Telling;
use super::world::World;
use crate::broker::dispatch::{
    AckMode as BrokerAck, ChannelId, ConnectionId, Consume, Delivery, DeliveryTag as BrokerTag, Effect, Extent,
    QosScope, RequeueCause, Settlement, Table, Trace,
};
use crate::lab::{
    AckMode, Confirms, Delivered, Delivery as DeliveryMode, DeliveryTag, Dispatched, Elapsed, Job, LineQuality,
    QueueKind, Requeue, Seen, Subscription, WorkerId,
};
use std::mem;
use std::sync::Arc;

/// How long a quorum queue takes to learn of an automatic ack, unless a client asks for something first.
const CREDIT_TURN: Elapsed = Elapsed(2_000);
/// How often the figures are told at most.
const FIGURES_EVERY: Elapsed = Elapsed(20_000);
/// An answer without content.
const OK: Bytes = Bytes(12);

impl World {
    /// What a worker has sent is there.
    pub(super) fn at_broker(&mut self, id: WorkerId, at: Elapsed) {
        if !self.line(id).to_broker.wakes(at) {
            return;
        }
        while let Some(request) = self.line(id).to_broker.pop(at) {
            self.request(id, request);
        }
        if let Some(next) = self.line(id).to_broker.schedule() {
            self.agenda.enter(next, Item::AtBroker(id));
        }
    }

    pub(super) fn request(&mut self, id: WorkerId, request: Request) {
        let now = self.now;
        let line = self.line(id);
        line.served.heard = now;
        let Some(connection) = line.connection else { return };
        let channel = |number: ChannelNumber| ChannelId {
            connection,
            number: number.0,
        };
        self.tell_time();
        self.settle_automatic();
        match request {
            Request::Hello => self.reply(id, Reply::Done, OK),
            Request::Open => {
                self.line(id).served.tuned = now;
                self.reply(id, Reply::Done, OK);
            }
            Request::OpenChannel(number) => self.open_channel(id, channel(number)),
            Request::CloseChannel(number) => {
                self.close_channel(id, channel(number));
                self.reply(id, Reply::Done, OK);
            }
            Request::Qos(number, prefetch) => {
                if let Some(dispatch) = &mut self.broker.dispatch {
                    let effects = &mut self.broker.effects;
                    dispatch.qos(channel(number), prefetch.0, QosScope::Consumer, effects);
                }
                self.reply(id, Reply::Done, OK);
            }
            Request::Consume(number, generation, subscription) => {
                let tag = format!("{id}.{}", generation.0).into();
                self.consume(id, channel(number), tag, subscription);
            }
            Request::Cancel(number, generation) => {
                if let Some(dispatch) = &mut self.broker.dispatch {
                    let tag = format!("{id}.{}", generation.0);
                    dispatch.cancel(channel(number), &tag, &mut self.broker.effects);
                }
                self.reply(id, Reply::Done, OK);
            }
            Request::Ack(number, tag) => self.settle(id, channel(number), tag, Settlement::Ack),
            Request::Reject(number, tag, Requeue::Yes) => self.settle(id, channel(number), tag, Settlement::Requeue),
            Request::Reject(number, tag, Requeue::No) => self.settle(id, channel(number), tag, Settlement::Drop),
            Request::Close => {
                self.close_connection(connection);
                self.reply(id, Reply::Done, OK);
            }
        }
        self.flush();
    }

    pub(super) fn close_connection(&mut self, connection: ConnectionId) {
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.close_connection(connection, &mut self.broker.effects);
        }
    }

    fn open_channel(&mut self, id: WorkerId, channel: ChannelId) {
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.open_channel(channel);
        }
        self.line(id).served.channel = Some(ChannelNumber(channel.number));
        self.reply(id, Reply::Done, OK);
    }

    fn close_channel(&mut self, id: WorkerId, channel: ChannelId) {
        let served = &mut self.line(id).served;
        served.channel = served.channel.filter(|open| open.0 != channel.number);
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.close_channel(channel, RequeueCause::ChannelClosed, &mut self.broker.effects);
        }
    }

    /// `consume-ok` goes before the first deliveries.
    fn consume(&mut self, id: WorkerId, channel: ChannelId, tag: Arc<str>, subscription: Subscription) {
        let number = ChannelNumber(channel.number);
        let line = self.line(id);
        if line.served.channel != Some(number) {
            self.reply(id, Reply::Done, OK);
            return;
        }
        line.served.ack = Some(subscription.ack);
        let consume = Consume {
            queue: self.broker.names[subscription.queue.slot()].to_string(),
            tag,
            ack: match subscription.ack {
                AckMode::Manual => BrokerAck::Manual,
                AckMode::Automatic => BrokerAck::Automatic,
            },
            exclusive: false,
            args: Table::new(),
        };
        self.reply(id, Reply::Consuming(number), OK);
        if let Some(dispatch) = &mut self.broker.dispatch {
            // The queues are there, and tags are not used twice.
            let _ = dispatch.consume(channel, consume, &mut self.broker.effects);
        }
    }

    fn settle(&mut self, id: WorkerId, channel: ChannelId, tag: DeliveryTag, how: Settlement) {
        if self.line(id).served.channel != Some(ChannelNumber(channel.number)) {
            return;
        }
        let Some(dispatch) = &mut self.broker.dispatch else {
            return;
        };
        let known = dispatch.settle(channel, BrokerTag(tag.0), Extent::One, how, &mut self.broker.effects);
        if known.is_err() {
            let text = format!("unknown delivery tag {}", tag.0);
            self.refuse(id, channel, &text);
        }
    }

    /// `channel.close` with 406: what the channel held goes back.
    fn refuse(&mut self, id: WorkerId, channel: ChannelId, why: &str) {
        self.close_channel(id, channel);
        let text = format!("PRECONDITION_FAILED - {why}").into_boxed_str();
        let closed = Reply::Closed(ChannelNumber(channel.number), 406, text);
        self.reply(id, closed, Bytes(80));
    }

    fn reply(&mut self, id: WorkerId, reply: Reply, bytes: Bytes) {
        let (now, quality) = (self.now, self.quality);
        if let Some(at) = self.line(id).to_worker.push(now, (reply, bytes), quality) {
            self.agenda.enter(at, Item::AtWorker(id));
        }
    }

    /// The producer's line has no length: what it sends is there.
    pub(super) fn publish(&mut self, job: &Job, queue: QueueKind, delivery: DeliveryMode) {
        self.tell_time();
        self.settle_automatic();
        let Some(dispatch) = &mut self.broker.dispatch else {
            self.told.push_back(Seen::NeverSent(job.id));
            return;
        };
        let message = self.envelope.message(job, &self.broker.names[queue.slot()], delivery);
        let routed = dispatch.publish(message, &mut self.broker.effects).unwrap_or_default();
        if routed.queues == 0 {
            self.tell_producer(Seen::Returned(job.id));
        }
        if self.confirms == Confirms::On {
            if routed.rejected {
                self.tell_producer(Seen::Nacked(job.id));
            } else {
                let record = routed.stored_by;
                self.broker.awaited.push_back(Awaited { job: job.id, record });
            }
        }
        self.flush();
    }

    fn tell_producer(&mut self, seen: Seen) {
        if let Some(at) = self.to_producer.push(self.now, (seen, OK), LineQuality::default()) {
            self.agenda.enter(at, Item::AtProducer);
        }
    }

    /// The client awaits its confirms in the order of the jobs.
    pub(super) fn tell_confirms(&mut self) {
        let synced = self.broker.disk.synced();
        let is_stored = |awaited: &Awaited| awaited.record.is_none_or(|record| record <= synced);
        while let Some(awaited) = self.broker.awaited.front().copied().filter(is_stored) {
            self.broker.awaited.pop_front();
            self.tell_producer(Seen::Confirmed(awaited.job));
        }
    }

    fn tell_time(&mut self) {
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.set_time(unix(self.now));
        }
    }

    pub(super) fn tick(&mut self) {
        self.broker.tick_at = None;
        self.tell_time();
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.tick(&mut self.broker.effects);
        }
        self.flush();
    }

    /// Credit for automatic acks comes before whatever is asked next.
    fn settle_automatic(&mut self) {
        self.broker.credit_at = None;
        if let Some(dispatch) = self.broker.dispatch.as_mut().filter(|dispatch| dispatch.owes_credit()) {
            dispatch.settle_automatic(&mut self.broker.effects);
        }
    }

    pub(super) fn credit_turn(&mut self, at: Elapsed) {
        if self.broker.credit_at == Some(at) {
            self.tell_time();
            self.settle_automatic();
            self.flush();
        }
    }

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
        if let (Some(id), Some(read)) = (self.whose(delivery.channel), mark::read(&delivery.message)) {
            let ack = self.line(id).served.ack.unwrap_or(AckMode::Manual);
            let delivered = Delivered {
                job: read.job,
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
        if let Some(dispatch) = &mut self.broker.dispatch {
            dispatch.sent(delivery.channel, delivery.queue, 1, &mut self.broker.effects);
        }
    }

    /// Of what counts as acked once it is sent the lab must know who got it, also where no decisions are told.
    fn tell_automatic(&mut self, delivery: &Delivery) {
        let id = worker_of(delivery.channel.connection);
        if self.line(id).served.ack == Some(AckMode::Automatic)
            && let Some(read) = mark::read(&delivery.message)
        {
            self.told.push_back(Seen::Dispatched(Dispatched {
                job: read.job,
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
        let Some(read) = mark::read(message) else { return };
        let full = passed_over.iter();
        self.told.push_back(Seen::Dispatched(Dispatched {
            job: read.job,
            to: Some(worker_of(channel.connection)),
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
