//! The broker's side: requests, publications, confirms.

use super::agenda::Item;
use super::broker::{Awaited, unix};
use super::line::{ChannelNumber, Reply, Request};
use super::pipe::Bytes;
use super::world::World;
use crate::broker::dispatch::{
    AckMode as BrokerAck, ChannelId, ConnectionId, Consume, DeliveryTag as BrokerTag, Extent, QosScope, RequeueCause,
    Settlement, Table,
};
use crate::lab::{
    AckMode, Confirms, Delivery as DeliveryMode, DeliveryTag, Elapsed, Job, LineQuality, QueueKind, Requeue, Seen,
    Subscription, WorkerId,
};
use std::sync::Arc;

/// An answer without content.
pub(super) const OK: Bytes = Bytes(12);

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
            queue: self.broker.queues.queue_of(id, subscription.queue),
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
    pub(super) fn refuse(&mut self, id: WorkerId, channel: ChannelId, why: &str) {
        self.close_channel(id, channel);
        let text = format!("PRECONDITION_FAILED - {why}").into_boxed_str();
        let closed = Reply::Closed(ChannelNumber(channel.number), 406, text);
        self.reply(id, closed, Bytes(80));
    }

    pub(super) fn reply(&mut self, id: WorkerId, reply: Reply, bytes: Bytes) {
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
        let message = self.envelope.message(job, self.broker.queues.target(queue), delivery);
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
}
