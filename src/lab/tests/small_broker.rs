//! The small broker of the virtual world: round robin, prefetch, requeue to the old place, flags, figures.

use super::super::command::BrokerCommand;
use super::super::event::{Burial, Requeue};
use super::super::ids::{DeliveryTag, Elapsed, Epoch, JobId, WorkerId};
use super::super::job::Job;
use super::super::settings::{AckMode, Confirms, Delivery, Habit, QueueKind};
use super::super::snapshot::Figure;
use super::super::wire::{
    Ask, BrokerSays, Delivered, Dispatched, DownCause, NoRoom, QueueSays, Seen, Subscription, Survivors,
};
use super::world::{GRAVES, Manner, PRODUCER, TAP, World};
use std::collections::{BTreeMap, BTreeSet};

/// What the broker holds.
#[derive(Debug)]
pub(super) struct SmallBroker {
    pub(super) up: bool,
    /// It does not end, whoever asks.
    pub(super) stubborn: bool,
    pub(super) confirms: Confirms,
    pub(super) ready: BTreeMap<JobId, Message>,
    pub(super) ring: Vec<Channel>,
    /// How many copies of each message there are; of several each is one worker's.
    pub(super) copies: u32,
    /// A message that comes back more often is dead-lettered.
    pub(super) limit: Option<u32>,
    /// Channels that are gone: what is asked of them still is not heard.
    pub(super) dead: BTreeSet<u32>,
}

/// A message in the small broker.
#[derive(Clone, Debug)]
pub(super) struct Message {
    job: Job,
    queue: QueueKind,
    delivery: Delivery,
    redelivered: bool,
    returns: u32,
}

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) worker: WorkerId,
    pub(super) epoch: Epoch,
    hears: Hears,
    /// Present while it has a consumer.
    consumer: Option<Subscription>,
    /// Deliveries of the present consumer that are not acked.
    in_use: usize,
    next_tag: u64,
    unacked: BTreeMap<u64, (Message, Whose)>,
}

/// Whether anything passes on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hears {
    Yes,
    Nothing,
}

/// What is found out on a silent line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    GaveUp,
    Down,
}

/// In microseconds after it went silent.
const CLIENT_WAITS: u64 = 4_500_000;
const BROKER_WAITS: u64 = 5_000_000;

/// A delivery counts against the limit of the consumer that got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Present,
    Former,
}

impl World {
    pub(super) fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::SetConfirms(confirms) => self.broker.confirms = confirms,
            Ask::Broker(_) if self.broker.stubborn => {}
            Ask::Broker(command) => self.command_broker(command),
            Ask::SetVersion(_) | Ask::SetLine(_) => {}
            Ask::Reset => self.reset(),
            _ if !self.broker.up => {}
            Ask::Publish { job, queue, delivery } => self.publish(job, queue, delivery),
            Ask::Subscribe(worker, epoch, subscription) => self.subscribe(worker, epoch, subscription),
            Ask::Qos(..) => {}
            Ask::Unsubscribe(worker, epoch) => self.unsubscribe(worker, epoch),
            Ask::Ack(worker, epoch, tag) => self.settle(worker, epoch, tag, None),
            Ask::Reject(worker, epoch, tag, requeue) => self.settle(worker, epoch, tag, Some(requeue)),
            Ask::Silence(worker, epoch) => self.silence(worker, epoch),
            Ask::Cut(worker, epoch, cut) => self.drop_channel(worker, epoch, DownCause::Asked(cut)),
        }
        if self.broker.up {
            self.deal();
        }
    }

    fn publish(&mut self, job: Job, queue: QueueKind, delivery: Delivery) {
        let id = job.id;
        let message = Message {
            job,
            queue,
            delivery,
            redelivered: false,
            returns: 0,
        };
        for copy in (id.0..id.0 + self.broker.copies).map(JobId) {
            let mut message = message.clone();
            message.job.id = copy;
            assert!(
                self.broker.ready.insert(copy, message).is_none(),
                "{copy} published twice"
            );
        }
        if self.broker.confirms == Confirms::On {
            self.see(PRODUCER, Seen::Confirmed(id));
        }
    }

    fn subscribe(&mut self, worker: WorkerId, epoch: Epoch, subscription: Subscription) {
        if self.broker.dead.contains(&epoch.0) {
            return;
        }
        let at = self
            .broker
            .ring
            .iter()
            .position(|c| c.worker == worker && c.epoch == epoch);
        let mut channel = match at {
            Some(i) => self.broker.ring.remove(i),
            None => Channel {
                worker,
                epoch,
                hears: Hears::Yes,
                consumer: None,
                in_use: 0,
                next_tag: 1,
                unacked: BTreeMap::new(),
            },
        };
        channel.consumer = Some(subscription);
        channel.in_use = 0;
        channel
            .unacked
            .values_mut()
            .for_each(|(_, whose)| *whose = Whose::Former);
        self.broker.ring.push(channel);
        self.see(worker.0, Seen::Subscribed(worker, epoch));
    }

    fn unsubscribe(&mut self, worker: WorkerId, epoch: Epoch) {
        if let Some(channel) = self.channel(worker, epoch) {
            channel.consumer = None;
        }
    }

    /// Acked, or rejected. Only a program that errs settles what it does not owe; its channel is closed.
    fn settle(&mut self, worker: WorkerId, epoch: Epoch, tag: DeliveryTag, rejected: Option<Requeue>) {
        let errs = self.errs(worker);
        let Some(channel) = self.channel(worker, epoch).filter(|c| c.hears == Hears::Yes) else {
            return;
        };
        let Some((message, whose)) = channel.unacked.remove(&tag.0) else {
            assert!(errs, "a tag that is owed");
            let text = format!("PRECONDITION_FAILED - unknown delivery tag {}", tag.0);
            self.drop_channel(worker, epoch, DownCause::Refused(406, text));
            return;
        };
        channel.in_use -= usize::from(whose == Whose::Present);
        if rejected == Some(Requeue::Yes) {
            self.give_back(message);
        }
    }

    /// To its place, or, once it has come back too often, to the dead letters.
    fn give_back(&mut self, mut message: Message) {
        message.redelivered = true;
        message.returns += 1;
        if self.broker.limit.is_some_and(|limit| message.returns > limit) {
            self.see(GRAVES, Seen::Buried(message.job.id, Burial::DeliveryLimit));
        } else {
            self.broker.ready.insert(message.job.id, message);
        }
    }

    fn errs(&self, worker: WorkerId) -> bool {
        self.lab.ledger().worker(worker).is_none_or(|w| w.habit != Habit::Acks)
    }

    /// Nothing passes any more; the client finds out, then the broker.
    fn silence(&mut self, worker: WorkerId, epoch: Epoch) {
        let now = self.now.0;
        let Some(channel) = self.channel(worker, epoch) else {
            return;
        };
        channel.hears = Hears::Nothing;
        let alarms = [(CLIENT_WAITS, Alarm::GaveUp), (BROKER_WAITS, Alarm::Down)];
        self.alarms
            .extend(alarms.map(|(wait, alarm)| (Elapsed(now + wait), alarm, worker, epoch)));
        self.alarms.sort_by_key(|(at, ..)| *at);
    }

    pub(super) fn ring_alarm(&mut self) {
        let (_, alarm, worker, epoch) = self.alarms.remove(0);
        if self.channel(worker, epoch).is_none() {
            return;
        }
        match alarm {
            Alarm::GaveUp => self.see(worker.0, Seen::GaveUp(worker, epoch)),
            Alarm::Down => self.drop_channel(worker, epoch, DownCause::Lost("silence".into())),
        }
    }

    pub(super) fn drop_channel(&mut self, worker: WorkerId, epoch: Epoch, cause: DownCause) {
        let Some(i) = self
            .broker
            .ring
            .iter()
            .position(|c| c.worker == worker && c.epoch == epoch)
        else {
            return;
        };
        self.broker.dead.insert(epoch.0);
        for (message, _) in self.broker.ring.remove(i).unacked.into_values() {
            self.give_back(message);
        }
        let races = self.racing && matches!(cause, DownCause::Asked(_));
        if !races && let Some(line) = self.lines.get_mut(&worker.0) {
            line.clear();
        }
        self.see(worker.0, Seen::Down(worker, epoch, cause));
        self.deal();
    }

    fn channel(&mut self, worker: WorkerId, epoch: Epoch) -> Option<&mut Channel> {
        self.broker
            .ring
            .iter_mut()
            .find(|c| c.worker == worker && c.epoch == epoch)
    }

    /// Hands out what can be handed out: each message to the first in the ring that has room.
    fn deal(&mut self) {
        let jobs: Vec<JobId> = self.broker.ready.keys().copied().collect();
        for id in jobs {
            let kind = self.broker.ready[&id].queue;
            let mut passed_over = Vec::new();
            let mut taker = None;
            let owner = (id.0 - 1) % self.broker.copies + 1;
            let own = |channel: &Channel| self.broker.copies == 1 || u32::from(channel.worker.0) == owner;
            for (i, channel) in self.broker.ring.iter().enumerate() {
                match channel.consumer.filter(|sub| sub.queue == kind && own(channel)) {
                    Some(sub) if full(channel, sub) => {
                        passed_over.push((channel.worker, NoRoom::Full(sub.prefetch.0)));
                    }
                    Some(_) => {
                        taker = Some(i);
                        break;
                    }
                    None => {}
                }
            }
            if let Some(i) = taker {
                self.deliver(id, i, passed_over);
            }
        }
    }

    fn deliver(&mut self, id: JobId, i: usize, passed_over: Vec<(WorkerId, NoRoom)>) {
        let mut channel = self.broker.ring.remove(i);
        let message = self.broker.ready.remove(&id).expect("it is ready");
        let tag = channel.next_tag;
        channel.next_tag += 1;
        let ack = channel.consumer.expect("it consumes").ack;
        let (worker, epoch) = (channel.worker, channel.epoch);
        let arrives = channel.hears == Hears::Yes;
        let delivered = Delivered {
            job: id,
            dots: message.job.dots,
            tag: DeliveryTag(tag),
            redelivered: message.redelivered,
            ack,
        };
        if ack == AckMode::Manual {
            channel.in_use += 1;
            channel.unacked.insert(tag, (message, Whose::Present));
        }
        self.broker.ring.push(channel);
        if self.manner == Manner::Open {
            let to = Some(worker);
            self.see(
                TAP,
                Seen::Dispatched(Dispatched {
                    job: id,
                    to,
                    ack,
                    passed_over,
                }),
            );
        }
        if arrives {
            self.see(worker.0, Seen::Delivered(worker, epoch, delivered));
        }
    }

    pub(super) fn tell_figures(&mut self) {
        let says = BrokerSays {
            durable: self.figures(QueueKind::Durable),
            transient: self.figures(QueueKind::Transient),
        };
        let line = self.lines.entry(TAP).or_default();
        if line.len() < 50 && self.lab.ledger().says() != &says {
            self.see(TAP, Seen::Broker(says));
        }
    }

    fn figures(&self, kind: QueueKind) -> QueueSays {
        let ready = self.broker.ready.values().filter(|m| m.queue == kind).count();
        let unacked = self.broker.ring.iter().flat_map(|c| c.unacked.values());
        let unacked = unacked.filter(|(m, _)| m.queue == kind).count();
        let consumers = self
            .broker
            .ring
            .iter()
            .filter_map(|c| c.consumer)
            .filter(|s| s.queue == kind)
            .count();
        QueueSays {
            ready: Figure::Exact(ready as u64),
            unacked: Figure::Exact(unacked as u64),
            consumers: Figure::Exact(consumers as u64),
        }
    }

    fn command_broker(&mut self, command: BrokerCommand) {
        match command {
            BrokerCommand::Kill | BrokerCommand::Stop => self.broker_goes(),
            BrokerCommand::Start => self.broker_comes(),
        }
    }

    /// It ends; the lines go first, the news of the broker's end comes after.
    pub(super) fn broker_goes(&mut self) {
        self.broker.up = false;
        for channel in std::mem::take(&mut self.broker.ring) {
            self.broker.dead.insert(channel.epoch.0);
            for (mut message, _) in channel.unacked.into_values() {
                message.redelivered = true;
                self.broker.ready.insert(message.job.id, message);
            }
            let down = Seen::Down(channel.worker, channel.epoch, DownCause::Lost("reset by peer".into()));
            self.lines.remove(&channel.worker.0);
            self.see(channel.worker.0, down);
        }
        self.lines.remove(&PRODUCER);
        self.lines.remove(&TAP);
        self.see(PRODUCER, Seen::BrokerDown("the broker does not answer".into()));
        self.broker
            .ready
            .retain(|_, m| m.queue == QueueKind::Durable && m.delivery == Delivery::Persistent);
    }

    pub(super) fn broker_comes(&mut self) {
        self.broker.up = true;
        let survivors = match self.manner {
            Manner::Open => Survivors::Known(self.broker.ready.keys().copied().collect()),
            Manner::Closed => Survivors::Unknown,
        };
        self.see(PRODUCER, Seen::BrokerUp(survivors));
        self.see(PRODUCER, Seen::ProducerUp);
    }

    fn reset(&mut self) {
        self.broker.ready.clear();
        self.broker.ring.clear();
        self.lines.clear();
        self.see(PRODUCER, Seen::ResetDone);
    }
}

fn full(channel: &Channel, sub: Subscription) -> bool {
    let limit = usize::from(sub.prefetch.0);
    sub.ack == AckMode::Manual && limit > 0 && channel.in_use >= limit
}
