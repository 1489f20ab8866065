//! The broker's end and return, and the return to zero.

use super::super::command::{BrokerCommand, KillKind};
use super::super::event::{Cause, Change, Happening};
use super::super::ids::{JobId, WorkerId};
use super::super::lab::{Lab, Run};
use super::super::ledger::{Fate, Record};
use super::super::matrix::Knowledge;
use super::super::objection::broker_objection;
use super::super::settings::{Delivery, Habit, QueueKind, Speed};
use super::super::wire::{Ask, Survivors};
use super::line::{Line, Phase};
use super::producer::Producer;
use super::sequel::Sequel;
use std::collections::HashSet;
use std::sync::Arc;

/// The causes by rule, in the order in which they are looked at.
const BY_RULE: [Cause; 3] = [
    Cause::BrokerTransientQueue,
    Cause::BrokerTransientMessage,
    Cause::BrokerNeverHad,
];

/// What a queue has left of what the broker had to keep in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    All,
    ByRule,
    Unclear,
}

impl Lab {
    pub(super) fn command_broker(&mut self, command: BrokerCommand) {
        self.sequel = Sequel::Nothing;
        match self.broker_refusal(command) {
            Some(why) => self.decline(why),
            None => self.ask_broker(command),
        }
    }

    pub(super) fn ask_broker(&mut self, command: BrokerCommand) {
        self.emit(Happening::BrokerAsked(command));
        self.ask(Ask::Broker(command));
    }

    /// A broker that was asked to end and has not ended yet runs, as far as the screen knows.
    pub(super) fn broker_refusal(&self, command: BrokerCommand) -> Option<&'static str> {
        let goes_down = self.broker_is_up() && self.ledger.ending().is_some();
        match command {
            BrokerCommand::Start if goes_down => Some("the broker is on its way down: start it then"),
            BrokerCommand::Kill | BrokerCommand::Stop if goes_down => Some("the broker is down already"),
            _ => broker_objection(self.ledger.broker(), command),
        }
    }

    pub(super) fn broker_down(&mut self, why: &str) {
        if !self.broker_is_up() {
            return;
        }
        self.emit(Happening::BrokerDown(why.into()));
        self.give_up_confirms();
        self.roll.clear();
        let ids: Vec<WorkerId> = self.present().collect();
        for id in ids {
            self.lose_broker(id);
        }
        self.after_the_end();
    }

    pub(super) fn broker_start_failed(&mut self, why: &str) {
        if !self.broker_is_up() {
            self.emit(Happening::BrokerStartFailed(why.into()));
        }
    }

    pub(super) fn broker_end_failed(&mut self, why: &str) {
        if self.broker_is_up() && self.ledger.ending().is_some() {
            self.sequel = Sequel::Nothing;
            self.emit(Happening::BrokerEndFailed(why.into()));
            // Whose line went meanwhile waits for a return that never comes.
            self.enlist_absent();
        }
    }

    fn lose_broker(&mut self, id: WorkerId) {
        if self.is_guest(id) {
            self.guest_loses_broker(id);
            return;
        }
        let Some(line) = self.line_mut(id) else { return };
        line.retry_at = None;
        let killed = line.killed.is_some();
        match std::mem::replace(&mut line.phase, Phase::Closed) {
            Phase::Closed => {}
            Phase::Ending(Cause::Killed(KillKind::HalfOpen)) => self.silence_ended(id),
            Phase::Ending(Cause::Removed) => {
                self.void(id, Cause::Removed);
                self.emit(Happening::Removed(id));
                return;
            }
            Phase::Ending(why) => self.void(id, why),
            _ => self.void(id, Cause::BrokerEnded),
        }
        if !killed {
            self.emit(Happening::Waiting(id));
        }
    }

    pub(super) fn broker_up(&mut self, survivors: Survivors) {
        if self.broker_is_up() {
            return;
        }
        let ours = self.ledger.ending().is_some();
        let known = match survivors {
            Survivors::Known(jobs) => self.account(&jobs.into_iter().collect()),
            Survivors::Counted(counts) => self.account_by_count(counts),
            Survivors::Unknown if ours => self.account_by_rule(),
            // A broker that is not ours may never have been down: the line to it was. Its figures will tell.
            Survivors::Unknown => [Knowledge::Unknown; 2],
        };
        self.emit(Happening::BrokerUp(known));
        if self.run == Run::Resetting {
            self.ask(Ask::Reset);
        } else {
            self.enlist_all();
        }
    }

    /// The broker is asked job by job: what it has not, and nobody finished, is lost.
    fn account(&mut self, survivors: &HashSet<JobId>) -> [Knowledge; 2] {
        let has = |job: &JobId| survivors.contains(job);
        self.lose(|job, _| !has(job));
        let jobs = self.ledger.jobs().iter();
        let there = jobs.filter(|(_, r)| matches!(r.fate, Fate::Done | Fate::Dead | Fate::Lost(_)));
        let there: Arc<[JobId]> = there.map(|(job, _)| job).filter(has).collect();
        if !there.is_empty() {
            self.emit(Happening::StillThere(there));
        }
        [Knowledge::Exact; 2]
    }

    /// The broker can't be asked: only persistent messages in a durable queue outlive it, and what quorum queues have.
    fn account_by_rule(&mut self) -> [Knowledge; 2] {
        let settings = self.ledger.settings().clone();
        self.lose(|_, record| !settings.outlives(record.queue, record.delivery));
        [Knowledge::Estimated; 2]
    }

    /// The broker tells how many messages each queue has: enough where that is all of them, or just as many as the rule
    /// lets survive. Anything else says too little, and its figures will tell.
    fn account_by_count(&mut self, counts: [Option<u64>; 2]) -> [Knowledge; 2] {
        let stakes = self.ledger.jobs().counts().stakes;
        let settings = self.ledger.settings().clone();
        let left = QueueKind::ALL.map(|queue| {
            let at_stake = |delivery: Delivery| u64::from(stakes[queue.slot()][delivery.slot()].published);
            let outlives = |delivery: &Delivery| settings.outlives(queue, *delivery);
            let by_rule: u64 = Delivery::ALL.into_iter().filter(outlives).map(at_stake).sum();
            let all: u64 = Delivery::ALL.into_iter().map(at_stake).sum();
            match counts[queue.slot()] {
                Some(n) if n >= all => Left::All,
                Some(n) if n == by_rule => Left::ByRule,
                Some(_) | None => Left::Unclear,
            }
        });
        self.lose(|_, record| {
            left[record.queue.slot()] == Left::ByRule && !settings.outlives(record.queue, record.delivery)
        });
        left.map(|left| match left {
            Left::All | Left::ByRule => Knowledge::Estimated,
            Left::Unclear => Knowledge::Unknown,
        })
    }

    /// Enters those of the waiting jobs that are lost, by the cause that the rule gives them.
    fn lose(&mut self, is_lost: impl Fn(&JobId, &Record) -> bool) {
        let mut lost: [Vec<JobId>; 3] = Default::default();
        let settings = self.ledger.settings();
        for (job, record) in self.ledger.jobs().iter() {
            let cause = match record.queue {
                QueueKind::Transient => 0,
                QueueKind::Durable if settings.outlives(record.queue, record.delivery) => 2,
                QueueKind::Durable => 1,
            };
            if record.fate == Fate::Waiting && is_lost(&job, record) {
                lost[cause].push(job);
            }
        }
        for (why, jobs) in BY_RULE.into_iter().zip(lost) {
            if !jobs.is_empty() {
                let jobs = jobs.into();
                self.emit(Happening::Lost { jobs, from: None, why });
            }
        }
    }

    pub(super) fn ask_reset(&mut self) {
        if !self.broker_is_up() || self.ledger.ending().is_some() {
            self.decline("the broker is down: start it, then go back to zero");
            return;
        }
        self.run = Run::Resetting;
        self.sequel = Sequel::Nothing;
        self.roll.clear();
        self.producer = Producer::default();
        self.ask(Ask::Reset);
    }

    pub(super) fn reset_done(&mut self) {
        let present = || self.own().filter_map(|id| self.ledger.worker(id));
        let speeds = || present().map(|worker| worker.speed).collect();
        let speeds: Vec<Speed> = self.scripted_speeds().unwrap_or_else(speeds);
        let habits: Vec<Habit> = present().map(|worker| worker.habit).take(speeds.len()).collect();
        self.contested.clear();
        self.buried.clear();
        self.loose.clear();
        self.retry = None;
        self.lines = speeds.iter().map(|_| Line::new()).collect();
        self.clock_now = super::super::ids::LabTime(0);
        self.emit(Happening::Reset(speeds.into()));
        for (id, habit) in (1..).map(WorkerId).zip(habits) {
            if habit != Habit::default() {
                self.emit(Happening::Changed(Change::Habit(id, habit)));
            }
        }
        self.undo_script();
        self.prepare_play();
        self.readmit_guests();
        self.gather();
    }
}
