//! A virtual world around a lab: a small broker, and lines with delays.

use super::super::command::{Command, KillKind};
use super::super::event::{Entry, Event, Happening};
use super::super::ids::{Elapsed, Epoch, WorkerId};
use super::super::insight::Insight;
use super::super::lab::{Input, Lab, Output};
use super::super::ledger::Ledger;
use super::super::script::Script;
use super::super::settings::{DeliveryLimit, QueueType, Settings, Version};
use super::super::snapshot::{BrokerRow, BrokerState, Control, Snapshot, WorkerRow};
use super::super::wire::{DownCause, Seen};
use super::small_broker::{Alarm, SmallBroker};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

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
    pub(super) broker: SmallBroker,
    pub(super) lines: BTreeMap<u16, VecDeque<(Elapsed, Seen)>>,
    /// What will be found out on silent lines, in the order of the times.
    pub(super) alarms: Vec<(Elapsed, Alarm, WorkerId, Epoch)>,
    /// Microseconds that each thing seen takes, by turns.
    delays: Vec<u64>,
    sent: usize,
}

fn small_broker() -> BrokerRow {
    BrokerRow {
        name: "small broker".into(),
        state: BrokerState::Up,
        control: Control::Owned,
        version: Some(Version::V4_0),
    }
}

pub(super) const PRODUCER: u16 = 1000;
pub(super) const TAP: u16 = 1001;
pub(super) const GRAVES: u16 = 1002;

impl World {
    pub(super) fn new(settings: Settings) -> Self {
        Self::with_script(settings, None)
    }

    pub(super) fn with_script(settings: Settings, script: Option<Script>) -> Self {
        Self {
            lab: Lab::with_script(settings.clone(), small_broker(), script.map(Arc::new)),
            events: Vec::new(),
            now: Elapsed(0),
            manner: Manner::Open,
            racing: false,
            broker: SmallBroker {
                up: true,
                stubborn: false,
                confirms: settings.confirms,
                ready: BTreeMap::new(),
                ring: Vec::new(),
                copies: settings.copies(),
                limit: match settings.queue_type {
                    QueueType::Quorum(DeliveryLimit(limit)) if limit > 0 => Some(limit.into()),
                    _ => None,
                },
                dead: BTreeSet::new(),
            },
            settings,
            lines: BTreeMap::new(),
            alarms: Vec::new(),
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
            if self.alarms.first().is_some_and(|(at, ..)| *at <= self.now) {
                self.ring_alarm();
            }
            match self.arrival() {
                Some(seen) => self.feed(Input::Seen(seen)),
                None => self.feed(Input::Tick),
            }
        }
        self.now = end;
        self.feed(Input::Tick);
    }

    /// The process is stopped for so long, and then goes on.
    pub(super) fn stand_still_s(&mut self, seconds: u64) {
        self.now = Elapsed(self.now.0 + seconds * 1_000_000);
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

    /// Whether this is among what is told now.
    pub(super) fn tells(&self, insight: Insight) -> bool {
        self.snapshot().insights.iter().any(|p| p.insight == insight)
    }

    pub(super) fn log(&self) -> Vec<Entry> {
        self.snapshot().log.into_iter().map(|(_, entry)| entry).collect()
    }

    pub(super) fn happened(&self, what: impl Fn(&Happening) -> bool) -> usize {
        self.events.iter().filter(|event| what(&event.what)).count()
    }

    /// What the run began with.
    pub(super) fn beginning(&self) -> (Settings, BrokerRow) {
        (self.settings.clone(), small_broker())
    }

    /// The ledger that a replay of the events gives.
    pub(super) fn replayed(&self) -> Ledger {
        let (settings, broker) = self.beginning();
        let mut ledger = Ledger::new(settings, broker);
        self.events.iter().for_each(|event| ledger.apply(event));
        ledger
    }

    /// Something is seen, out of the ordinary.
    pub(super) fn feed_seen(&mut self, seen: Seen) {
        self.feed(Input::Seen(seen));
    }

    /// The broker loses a message without a word.
    pub(super) fn drop_one_ready(&mut self) {
        self.broker.ready.pop_first().expect("a message is ready");
        self.tell_figures();
    }

    /// A line breaks by itself.
    pub(super) fn break_line(&mut self, worker: u16) {
        let Some(epoch) = self.broker.ring.iter().find(|c| c.worker.0 == worker).map(|c| c.epoch) else {
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
        if self.broker.up {
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
        let alarm = self.alarms.first().map(|(at, ..)| *at);
        arrivals.chain(self.lab.next_due()).chain(alarm).min()
    }

    fn arrival(&mut self) -> Option<Seen> {
        let now = self.now;
        let line = self
            .lines
            .values_mut()
            .find(|line| line.front().is_some_and(|(at, _)| *at <= now))?;
        line.pop_front().map(|(_, seen)| seen)
    }

    pub(super) fn see(&mut self, line: u16, seen: Seen) {
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
}
