//! What was asked and not answered yet. The next key starts from it, so that two quick presses take two steps.

use super::action::Action;
use super::steps::{self, Way};
use crate::lab::{
    AckMode, Command, Confirms, Delivery, Elapsed, Habit, LineQuality, Pace, Producing, Settings, Snapshot, Speed,
    WorkerId, Workload,
};

/// How long a wish counts as granted before the lab has answered it, in microseconds of real time.
const WISH_US: u64 = 1_000_000;

/// Commands on their way, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wishes(Vec<(Command, Elapsed)>);

impl Wishes {
    pub(super) fn add(&mut self, command: Command, now: Elapsed) {
        self.0.push((command, now));
    }

    /// The newest one was not passed on.
    pub(super) fn take_back(&mut self) {
        self.0.pop();
    }

    pub(super) fn forget_old(&mut self, now: Elapsed) {
        self.0.retain(|(_, at)| at.0 + WISH_US > now.0);
    }

    /// A new picture shows which of them were granted.
    pub(super) fn settle(&mut self, now: &Snapshot) {
        self.0.retain(|(command, _)| !granted(*command, now));
    }

    /// The state of things once all of them are granted.
    pub(super) fn intent(&self, snapshot: &Snapshot) -> Intent {
        let mut intent = Intent {
            settings: Settings::clone(&snapshot.settings),
            producing: snapshot.producer.producing,
            pace: snapshot.clock.pace,
        };
        for (command, _) in &self.0 {
            intent.apply(*command);
        }
        intent
    }

    /// A worker's speed once all of them are granted.
    pub(super) fn speed(&self, id: WorkerId, now: Speed) -> Speed {
        let wished = self.0.iter().rev().find_map(|(command, _)| match *command {
            Command::SetSpeed(of, speed) if of == id => Some(speed),
            _ => None,
        });
        wished.unwrap_or(now)
    }

    /// A worker's habit once all of them are granted.
    pub(super) fn habit(&self, id: WorkerId, now: Habit) -> Habit {
        let wished = self.0.iter().rev().find_map(|(command, _)| match *command {
            Command::SetHabit(of, habit) if of == id => Some(habit),
            _ => None,
        });
        wished.unwrap_or(now)
    }
}

/// What is set, or will be in a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Intent {
    settings: Settings,
    producing: Producing,
    pub(super) pace: Pace,
}

impl Intent {
    fn apply(&mut self, command: Command) {
        match command {
            Command::SetRate(rate) => self.settings.rate = rate,
            Command::SetWorkload(workload) => self.settings.workload = workload,
            Command::SetPrefetch(prefetch) | Command::SetQos(prefetch) => self.settings.prefetch = prefetch,
            Command::SetAck(ack) => self.settings.ack = ack,
            Command::SetQueue(queue) => self.settings.queue = queue,
            Command::SetMessages(messages) => self.settings.messages = messages,
            Command::SetConfirms(confirms) => self.settings.confirms = confirms,
            Command::SetScale(scale) => self.settings.scale = scale,
            Command::SetLine(line) => self.settings.line = line,
            Command::Produce(producing) => self.producing = producing,
            Command::Pause => self.pace = Pace::Paused,
            Command::Resume => self.pace = Pace::Running,
            _ => {}
        }
    }

    /// What a setting's key asks for from here; `None`: the key is not a setting's, or there is no further step.
    pub(super) fn next(&self, action: Action) -> Option<Command> {
        let settings = &self.settings;
        let workload = settings.workload;
        Some(match action {
            Action::PrefetchUp => Command::SetPrefetch(steps::prefetch(settings.prefetch, Way::Up)?),
            Action::PrefetchDown => Command::SetPrefetch(steps::prefetch(settings.prefetch, Way::Down)?),
            Action::NextQos => Command::SetQos(steps::next_prefetch(settings.prefetch)),
            Action::RateUp => Command::SetRate(steps::rate(settings.rate, Way::Up)?),
            Action::RateDown => Command::SetRate(steps::rate(settings.rate, Way::Down)?),
            Action::ScaleUp => Command::SetScale(steps::scale(settings.scale, Way::Up)?),
            Action::ScaleDown => Command::SetScale(steps::scale(settings.scale, Way::Down)?),
            Action::LatencyUp => self.latency(Way::Up)?,
            Action::LatencyDown => self.latency(Way::Down)?,
            Action::NextBandwidth => Command::SetLine(LineQuality {
                bandwidth: steps::next_bandwidth(settings.line.bandwidth),
                ..settings.line
            }),
            Action::ToggleAck => Command::SetAck(other_ack(settings.ack)),
            Action::ToggleMessages => Command::SetMessages(other_delivery(settings.messages)),
            Action::ToggleQueue => Command::SetQueue(settings.queue.other()),
            Action::ToggleConfirms => Command::SetConfirms(other_confirms(settings.confirms)),
            Action::ToggleProducer => Command::Produce(other_producing(self.producing)),
            Action::TogglePause => other_pace(self.pace),
            Action::NextSizes => {
                let sizes = steps::next_sizes(workload.sizes);
                Command::SetWorkload(Workload { sizes, ..workload })
            }
            Action::NextArrivals => {
                let arrivals = steps::next_arrivals(workload.arrivals);
                Command::SetWorkload(Workload { arrivals, ..workload })
            }
            _ => return None,
        })
    }

    fn latency(&self, way: Way) -> Option<Command> {
        let line = self.settings.line;
        let latency = steps::latency(line.latency, way)?;
        Some(Command::SetLine(LineQuality { latency, ..line }))
    }
}

const fn other_ack(ack: AckMode) -> AckMode {
    match ack {
        AckMode::Manual => AckMode::Automatic,
        AckMode::Automatic => AckMode::Manual,
    }
}

const fn other_delivery(messages: Delivery) -> Delivery {
    match messages {
        Delivery::Persistent => Delivery::Transient,
        Delivery::Transient => Delivery::Persistent,
    }
}

const fn other_confirms(confirms: Confirms) -> Confirms {
    match confirms {
        Confirms::On => Confirms::Off,
        Confirms::Off => Confirms::On,
    }
}

const fn other_producing(producing: Producing) -> Producing {
    match producing {
        Producing::On => Producing::Held,
        Producing::Held => Producing::On,
    }
}

const fn other_pace(pace: Pace) -> Command {
    match pace {
        Pace::Running => Command::Pause,
        Pace::Paused => Command::Resume,
    }
}

/// Whether a picture shows what a command asked for.
fn granted(command: Command, now: &Snapshot) -> bool {
    let settings = &now.settings;
    match command {
        Command::SetRate(rate) => settings.rate == rate,
        Command::SetWorkload(workload) => settings.workload == workload,
        Command::SetPrefetch(prefetch) | Command::SetQos(prefetch) => settings.prefetch == prefetch,
        Command::SetAck(ack) => settings.ack == ack,
        Command::SetQueue(queue) => settings.queue == queue,
        Command::SetMessages(messages) => settings.messages == messages,
        Command::SetConfirms(confirms) => settings.confirms == confirms,
        Command::SetScale(scale) => settings.scale == scale,
        Command::SetLine(line) => settings.line == line,
        Command::SetHabit(id, habit) => now.workers.iter().all(|w| w.id != id || w.habit == habit),
        Command::SetSpeed(id, speed) => now.workers.iter().all(|w| w.id != id || w.speed == speed),
        Command::Produce(producing) => now.producer.producing == producing,
        Command::Pause => now.clock.pace == Pace::Paused,
        Command::Resume => now.clock.pace == Pace::Running,
        _ => true,
    }
}
