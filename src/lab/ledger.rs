//! The books: a pure fold over events. Whoever replays a run's events has the run's picture at any moment.
//!
//! [`Ledger::apply`] is the only way in. It decides nothing: that a killed worker's jobs went back, or a job was begun,
//! is an event that the crew has found. What depends on time alone (a job's progress, how busy a worker is, whether a
//! difference has stood for long enough) is worked out when a picture is taken.

mod balance;
mod broker;
mod condition;
mod counts;
mod dues;
mod fold;
mod insights;
mod jobs;
mod log;
mod matrix;
mod picture;
mod sheets;
mod timeline;
mod tracks;
mod weight;
mod worker;

pub(super) use jobs::{Fate, Jobs, PER_SHEET, Record};
pub(super) use worker::{Held, WorkerBook};

use self::balance::{Motion, Scales};
use self::dues::Dues;
use self::insights::Insights;
use self::log::Log;
use self::matrix::Aftermath;
use self::tracks::Tracks;
use super::clock::LabClock;
use super::command::{BrokerCommand, Producing};
use super::event::{Event, PassedOver};
use super::ids::{Elapsed, LabTime, WorkerId};
use super::settings::{QueueKind, Settings, Speed};
use super::snapshot::{Balance, BrokerRow, Pace};
use super::wire::BrokerSays;
use std::sync::Arc;

/// What is kept of a run. The fates of the jobs, all sums, and whatever the crew decides from are the same either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// All that a person can look at.
    #[default]
    Everything,
    /// The books alone: no timelines, no log, no insights, nothing on its way. An event costs the same however many
    /// workers there are.
    Books,
}

/// The accounting of one run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ledger {
    settings: Arc<Settings>,
    limits: Limits,
    clock: LabClock,
    broker: BrokerRow,
    /// What the lab did to its broker, until it is up again.
    ending: Option<BrokerCommand>,
    aftermath: Aftermath,
    says: BrokerSays,
    producing: Producing,
    connected: bool,
    jobs: Jobs,
    /// By number, from `W1`; removed ones stay.
    workers: Vec<WorkerBook>,
    /// When each worker's job in hand is due; apart from the books, since it is looked at all the time.
    dues: Dues,
    /// Workers that take nothing now, ready for the next line of the log.
    gone: Arc<[(WorkerId, PassedOver)]>,
    scales: Scales,
    log: Log,
    tracks: Tracks,
    redelivered: u32,
    decisions_lost: u64,
    foreign: u64,
    insights: Insights,
    detail: Detail,
}

/// How the prefetch of the settings came to the channels last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limits {
    /// With a subscription: every consumer has it, or soon will.
    OfSubscriptions,
    /// By `basic.qos` alone: only consumers that came after it have it.
    ByQosAlone,
}

impl Ledger {
    /// Books before anything happened.
    pub(super) fn new(settings: Settings, broker: BrokerRow) -> Self {
        let log = Log::new();
        let mut ledger = Self {
            clock: LabClock::new(settings.scale),
            jobs: Jobs::of(&settings),
            settings: Arc::new(settings),
            limits: Limits::OfSubscriptions,
            broker,
            ending: None,
            aftermath: Aftermath::default(),
            says: BrokerSays::default(),
            producing: Producing::On,
            connected: false,
            workers: Vec::new(),
            dues: Dues::default(),
            gone: log.nobody(),
            scales: Scales::default(),
            log,
            tracks: Tracks::default(),
            redelivered: 0,
            decisions_lost: 0,
            foreign: 0,
            insights: Insights::default(),
            detail: Detail::Everything,
        };
        let speeds = Arc::clone(&ledger.settings);
        ledger.hire(&speeds.speeds);
        ledger
    }

    /// Keeps no more than that from now on: before anything happens.
    pub(super) fn set_detail(&mut self, detail: Detail) {
        self.detail = detail;
        if detail == Detail::Books {
            self.log.mute();
            self.workers.iter_mut().for_each(WorkerBook::keep_no_timeline);
        }
    }

    /// Enters one event. Events come in the order of their times.
    pub(super) fn apply(&mut self, event: &Event) {
        match self.detail {
            Detail::Everything => {
                self.watch(event);
                self.tracks.note(event);
                let motion = self.fold(event);
                self.weigh(event.at, motion);
                self.remember(event);
            }
            Detail::Books => {
                let motion = self.fold(event);
                self.weigh(event.at, motion);
            }
        }
    }

    fn hire(&mut self, speeds: &[Speed]) {
        for (id, &speed) in (1..).map(WorkerId).zip(speeds) {
            self.add_worker(LabTime(0), id, speed);
        }
    }

    fn add_worker(&mut self, at: LabTime, id: WorkerId, speed: Speed) {
        let mut worker = WorkerBook::new(id, speed, at);
        if self.detail == Detail::Books {
            worker.keep_no_timeline();
        }
        self.workers.push(worker);
        self.dues.push();
    }

    fn weigh(&mut self, at: Elapsed, motion: Motion) {
        let difference = QueueKind::ALL
            .into_iter()
            .map(|kind| balance::difference(kind, self.says.queue(kind), self.jobs.counts()))
            .sum();
        self.scales.weigh(at, difference, motion);
    }
}

/// What the crew reads before it decides.
impl Ledger {
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) const fn clock(&self) -> &LabClock {
        &self.clock
    }

    pub(super) fn is_paused(&self) -> bool {
        self.clock.pace() == Pace::Paused
    }

    pub(super) const fn broker(&self) -> &BrokerRow {
        &self.broker
    }

    pub(super) const fn ending(&self) -> Option<BrokerCommand> {
        self.ending
    }

    pub(super) const fn says(&self) -> &BrokerSays {
        &self.says
    }

    pub(super) const fn producing(&self) -> Producing {
        self.producing
    }

    pub(super) const fn connected(&self) -> bool {
        self.connected
    }

    pub(super) const fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    pub(super) fn workers(&self) -> &[WorkerBook] {
        &self.workers
    }

    /// The worker, if it was not removed.
    pub(super) fn worker(&self, id: WorkerId) -> Option<&WorkerBook> {
        self.workers.get(place(id)?).filter(|w| !w.removed)
    }

    /// The number of the next worker; `None`: there are no more.
    pub(super) fn next_worker(&self) -> Option<WorkerId> {
        u16::try_from(self.workers.len() + 1).ok().map(WorkerId)
    }

    /// The job in hand that is due first; of equals the one of the first worker.
    pub(super) fn first_due(&self) -> Option<(LabTime, WorkerId)> {
        self.dues.first()
    }

    pub(super) fn balance(&self, now: Elapsed) -> Balance {
        match self.scales.judge(now) {
            // What the broker sends into a silent network is with nobody that clients know of, until it finds out.
            Balance::Differs(_) if self.workers.iter().any(WorkerBook::acks_in_vain) => Balance::Settling,
            verdict => verdict,
        }
    }

    /// From when on a difference that still stands counts.
    pub(super) fn balance_due(&self) -> Option<Elapsed> {
        self.scales.due()
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        checks::check(self);
    }
}

/// A worker's place in the list.
fn place(id: WorkerId) -> Option<usize> {
    usize::from(id.0).checked_sub(1)
}

#[cfg(test)]
mod checks;
#[cfg(test)]
mod tests;
