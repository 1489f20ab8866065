//! A virtual world around a lab: a small broker (round robin, prefetch, requeue, flags) and lines with delays.

use super::super::command::{BrokerCommand, Command, KillKind};
use super::super::event::{Entry, Event, Happening};
use super::super::ids::{DeliveryTag, Elapsed, Epoch, JobId, WorkerId};
use super::super::job::Job;
use super::super::lab::{Input, Lab, Output};
use super::super::ledger::Ledger;
use super::super::settings::{AckMode, Confirms, Delivery, QueueKind, Settings};
use super::super::snapshot::{BrokerRow, BrokerState, Control, Figure, Snapshot, WorkerRow};
use super::super::wire::{
    Ask, BrokerSays, Delivered, Dispatched, DownCause, NoRoom, QueueSays, Seen, Subscription, Survivors,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A message in the small broker.
#[derive(Clone, Debug)]
struct Message {
    job: Job,
    queue: QueueKind,
    delivery: Delivery,
    redelivered: bool,
}

#[derive(Debug)]
struct Channel {
    worker: WorkerId,
    epoch: Epoch,
    /// Present while it has a consumer.
    consumer: Option<Subscription>,
    /// Deliveries of the present consumer that are not acked.
    in_use: usize,
    next_tag: u64,
    unacked: BTreeMap<u64, (Message, Whose)>,
}

/// A delivery counts against the limit of the consumer that got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Present,
    Former,
}

/// What the broker lets the lab look into, and how its lines behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// It tells of its decisions and knows what survived.
    Open,
    /// It does neither.
    Closed,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) lab: Lab,
    pub(super) events: Vec<Event>,
    pub(super) now: Elapsed,
    pub(super) manner: Manner,
    /// Deliveries on their way when a line is cut on purpose arrive before the news of the cut.
    pub(super) racing: bool,
    settings: Settings,
    confirms: Confirms,
    up: bool,
    ready: BTreeMap<JobId, Message>,
    ring: Vec<Channel>,
    /// Channels that are gone: what is asked of them still is not heard.
    dead: BTreeSet<u32>,
    lines: BTreeMap<u16, VecDeque<(Elapsed, Seen)>>,
    /// Microseconds that each thing seen takes, by turns.
    delays: Vec<u64>,
    sent: usize,
}

const PRODUCER: u16 = 1000;
const TAP: u16 = 1001;

impl World {
    pub(super) fn new(settings: Settings) -> Self {
        let broker = BrokerRow {
            name: "small broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
        };
        Self {
            lab: Lab::new(settings.clone(), broker),
            events: Vec::new(),
            now: Elapsed(0),
            manner: Manner::Open,
            racing: false,
            confirms: settings.confirms,
            settings,
            up: true,
            ready: BTreeMap::new(),
            ring: Vec::new(),
            dead: BTreeSet::new(),
            lines: BTreeMap::new(),
            delays: vec![500],
            sent: 0,
        }
    }

    pub(super) fn with_delays(mut self, delays: Vec<u64>) -> Self {
        self.delays = delays;
        self
    }

    pub(super) fn started(mut self) -> Self {
        let mut out = Vec::new();
        self.lab.start(self.now, &mut out);
        self.see(PRODUCER, Seen::ProducerUp);
        self.carry_out(out);
        self
    }

    pub(super) fn command(&mut self, command: Command) {
        self.feed(Input::Command(command));
    }

    pub(super) fn kill(&mut self, worker: u16, kind: KillKind) {
        self.command(Command::Kill(WorkerId(worker), kind));
    }

    pub(super) fn run_s(&mut self, seconds: u64) {
        self.run_us(seconds * 1_000_000);
    }

    pub(super) fn run_us(&mut self, us: u64) {
        let end = Elapsed(self.now.0 + us);
        while let Some(next) = self.next_moment().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            match self.arrival() {
                Some(seen) => self.feed(Input::Seen(seen)),
                None => self.feed(Input::Tick),
            }
        }
        self.now = end;
        self.feed(Input::Tick);
    }

    /// Runs until the condition holds; at most a minute.
    pub(super) fn run_until(&mut self, what: &str, holds: impl Fn(&Snapshot) -> bool) {
        for _ in 0..60_000 {
            if holds(&self.lab.snapshot(self.now)) {
                return;
            }
            self.run_us(1_000);
        }
        panic!("not within a minute: {what}");
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.lab.snapshot(self.now)
    }

    pub(super) fn row(&self, worker: u16) -> WorkerRow {
        let rows = self.snapshot().workers;
        rows.into_iter()
            .find(|w| w.id == WorkerId(worker))
            .expect("the worker is there")
    }

    pub(super) fn log(&self) -> Vec<Entry> {
        self.snapshot().log.into_iter().map(|(_, entry)| entry).collect()
    }

    pub(super) fn happened(&self, what: impl Fn(&Happening) -> bool) -> usize {
        self.events.iter().filter(|event| what(&event.what)).count()
    }

    /// The ledger that a replay of the events gives.
    pub(super) fn replayed(&self) -> Ledger {
        let broker = BrokerRow {
            name: "small broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
        };
        let mut ledger = Ledger::new(self.settings.clone(), broker);
        self.events.iter().for_each(|event| ledger.apply(event));
        ledger
    }

    /// Something is seen, out of the ordinary.
    pub(super) fn feed_seen(&mut self, seen: Seen) {
        self.feed(Input::Seen(seen));
    }

    /// The broker loses a message without a word.
    pub(super) fn drop_one_ready(&mut self) {
        self.ready.pop_first().expect("a message is ready");
        self.tell_figures();
    }

    /// A line breaks by itself.
    pub(super) fn break_line(&mut self, worker: u16) {
        let Some(epoch) = self.ring.iter().find(|c| c.worker.0 == worker).map(|c| c.epoch) else {
            return;
        };
        self.drop_channel(WorkerId(worker), epoch, DownCause::Lost("the cable broke".into()));
    }

    fn feed(&mut self, input: Input) {
        let mut out = Vec::new();
        let before = (self.lab.version(), self.lab.ledger().books(self.now));
        self.lab.handle(self.now, input, &mut out);
        if before.0 == self.lab.version() {
            assert_eq!(
                before.1,
                self.lab.ledger().books(self.now),
                "a change without a version"
            );
        }
        self.carry_out(out);
        if self.up {
            self.tell_figures();
        }
    }

    fn carry_out(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Ask(ask) => self.ask(ask),
                Output::Event(event) => self.events.push(event),
            }
        }
        self.lab.ledger().check();
    }

    fn next_moment(&self) -> Option<Elapsed> {
        let arrivals = self.lines.values().filter_map(|line| Some(line.front()?.0));
        arrivals.chain(self.lab.next_due()).min()
    }

    fn arrival(&mut self) -> Option<Seen> {
        let now = self.now;
        let line = self
            .lines
            .values_mut()
            .find(|line| line.front().is_some_and(|(at, _)| *at <= now))?;
        line.pop_front().map(|(_, seen)| seen)
    }

    fn see(&mut self, line: u16, seen: Seen) {
        let mut delay = self.delays[self.sent % self.delays.len()];
        if line == TAP {
            // The tap of a broker in the same process is not behind by more than it takes to revive a worker.
            delay = delay.min(100);
        }
        self.sent += 1;
        let line = self.lines.entry(line).or_default();
        let after = line.back().map_or(Elapsed(0), |(at, _)| *at);
        line.push_back((after.max(Elapsed(self.now.0 + delay)), seen));
    }

    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::SetConfirms(confirms) => self.confirms = confirms,
            Ask::Broker(command) => self.command_broker(command),
            Ask::Reset => self.reset(),
            _ if !self.up => {}
            Ask::Publish { job, queue, delivery } => self.publish(job, queue, delivery),
            Ask::Subscribe(worker, epoch, subscription) => self.subscribe(worker, epoch, subscription),
            Ask::Unsubscribe(worker, epoch) => self.unsubscribe(worker, epoch),
            Ask::Ack(worker, epoch, tag) => self.ack(worker, epoch, tag),
            Ask::Cut(worker, epoch, cut) => self.drop_channel(worker, epoch, DownCause::Asked(cut)),
        }
        if self.up {
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
        };
        assert!(self.ready.insert(id, message).is_none(), "{id} published twice");
        if self.confirms == Confirms::On {
            self.see(PRODUCER, Seen::Confirmed(id));
        }
    }

    fn subscribe(&mut self, worker: WorkerId, epoch: Epoch, subscription: Subscription) {
        if self.dead.contains(&epoch.0) {
            return;
        }
        let at = self.ring.iter().position(|c| c.worker == worker && c.epoch == epoch);
        let mut channel = match at {
            Some(i) => self.ring.remove(i),
            None => Channel {
                worker,
                epoch,
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
        self.ring.push(channel);
        self.see(worker.0, Seen::Subscribed(worker, epoch));
    }

    fn unsubscribe(&mut self, worker: WorkerId, epoch: Epoch) {
        if let Some(channel) = self.channel(worker, epoch) {
            channel.consumer = None;
            self.see(worker.0, Seen::Unsubscribed(worker, epoch));
        }
    }

    fn ack(&mut self, worker: WorkerId, epoch: Epoch, tag: DeliveryTag) {
        if let Some(channel) = self.channel(worker, epoch) {
            let (_, whose) = channel.unacked.remove(&tag.0).expect("a tag that is owed");
            channel.in_use -= usize::from(whose == Whose::Present);
        }
    }

    fn drop_channel(&mut self, worker: WorkerId, epoch: Epoch, cause: DownCause) {
        let Some(i) = self.ring.iter().position(|c| c.worker == worker && c.epoch == epoch) else {
            return;
        };
        self.dead.insert(epoch.0);
        for (mut message, _) in self.ring.remove(i).unacked.into_values() {
            message.redelivered = true;
            self.ready.insert(message.job.id, message);
        }
        let races = self.racing && matches!(cause, DownCause::Asked(_));
        if !races && let Some(line) = self.lines.get_mut(&worker.0) {
            line.clear();
        }
        self.see(worker.0, Seen::Down(worker, epoch, cause));
        self.deal();
    }

    fn channel(&mut self, worker: WorkerId, epoch: Epoch) -> Option<&mut Channel> {
        self.ring.iter_mut().find(|c| c.worker == worker && c.epoch == epoch)
    }

    /// Hands out what can be handed out: each message to the first in the ring that has room.
    fn deal(&mut self) {
        let jobs: Vec<JobId> = self.ready.keys().copied().collect();
        for id in jobs {
            let kind = self.ready[&id].queue;
            let mut passed_over = Vec::new();
            let mut taker = None;
            for (i, channel) in self.ring.iter().enumerate() {
                match channel.consumer.filter(|sub| sub.queue == kind) {
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
        let mut channel = self.ring.remove(i);
        let message = self.ready.remove(&id).expect("it is ready");
        let tag = channel.next_tag;
        channel.next_tag += 1;
        let ack = channel.consumer.expect("it consumes").ack;
        let (worker, epoch) = (channel.worker, channel.epoch);
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
        self.ring.push(channel);
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
        self.see(worker.0, Seen::Delivered(worker, epoch, delivered));
    }

    fn tell_figures(&mut self) {
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
        let ready = self.ready.values().filter(|m| m.queue == kind).count();
        let unacked = self.ring.iter().flat_map(|c| c.unacked.values());
        let unacked = unacked.filter(|(m, _)| m.queue == kind).count();
        let consumers = self
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
        self.up = false;
        for channel in std::mem::take(&mut self.ring) {
            self.dead.insert(channel.epoch.0);
            for (mut message, _) in channel.unacked.into_values() {
                message.redelivered = true;
                self.ready.insert(message.job.id, message);
            }
            let down = Seen::Down(channel.worker, channel.epoch, DownCause::Lost("reset by peer".into()));
            self.lines.remove(&channel.worker.0);
            self.see(channel.worker.0, down);
        }
        self.lines.remove(&PRODUCER);
        self.lines.remove(&TAP);
        self.see(PRODUCER, Seen::BrokerDown("the broker does not answer".into()));
        self.ready
            .retain(|_, m| m.queue == QueueKind::Durable && m.delivery == Delivery::Persistent);
    }

    pub(super) fn broker_comes(&mut self) {
        self.up = true;
        let survivors = match self.manner {
            Manner::Open => Survivors::Known(self.ready.keys().copied().collect()),
            Manner::Closed => Survivors::Unknown,
        };
        self.see(PRODUCER, Seen::BrokerUp(survivors));
        self.see(PRODUCER, Seen::ProducerUp);
    }

    fn reset(&mut self) {
        self.ready.clear();
        self.ring.clear();
        self.lines.clear();
        self.see(PRODUCER, Seen::ResetDone);
    }
}

fn full(channel: &Channel, sub: Subscription) -> bool {
    let limit = usize::from(sub.prefetch.0);
    sub.ack == AckMode::Manual && limit > 0 && channel.in_use >= limit
}
