//! The broker's end and return, and the return to zero.

use super::super::command::BrokerCommand;
use super::super::event::{Cause, Happening};
use super::super::ids::{JobId, WorkerId};
use super::super::lab::{Lab, Run};
use super::super::ledger::Fate;
use super::super::settings::{Delivery, QueueKind, Speed};
use super::super::snapshot::Control;
use super::super::wire::{Ask, Survivors};
use super::line::{Line, Phase};
use super::producer::Producer;
use std::collections::HashSet;
use std::sync::Arc;

/// The causes by rule, in the order in which they are looked at.
const BY_RULE: [Cause; 3] = [
    Cause::BrokerTransientQueue,
    Cause::BrokerTransientMessage,
    Cause::BrokerNeverHad,
];

impl Lab {
    pub(super) fn command_broker(&mut self, command: BrokerCommand) {
        if let Some(why) = self.broker_objection(command) {
            self.decline(why);
            return;
        }
        self.emit(Happening::BrokerAsked(command));
        self.ask(Ask::Broker(command));
    }

    fn broker_objection(&self, command: BrokerCommand) -> Option<&'static str> {
        if let Control::NotOurs(why) = self.ledger.broker().control {
            return Some(why);
        }
        let ending = self.ledger.ending().is_some();
        match (command, self.broker_is_up()) {
            (BrokerCommand::Start, true) if ending => Some("the broker is on its way down: start it then"),
            (BrokerCommand::Start, true) => Some("the broker runs already"),
            (BrokerCommand::Start, false) => None,
            (BrokerCommand::Kill | BrokerCommand::Stop, true) if !ending => None,
            (BrokerCommand::Kill | BrokerCommand::Stop, _) => Some("the broker is down already"),
        }
    }

    pub(super) fn broker_down(&mut self, why: &str) {
        if !self.broker_is_up() {
            return;
        }
        self.emit(Happening::BrokerDown(why.into()));
        self.roll.clear();
        let ids: Vec<WorkerId> = self.present().collect();
        for id in ids {
            self.lose_broker(id);
        }
    }

    pub(super) fn broker_start_failed(&mut self, why: &str) {
        if !self.broker_is_up() {
            self.emit(Happening::BrokerStartFailed(why.into()));
        }
    }

    fn lose_broker(&mut self, id: WorkerId) {
        let Some(line) = self.line_mut(id) else { return };
        line.retry_at = None;
        let killed = line.killed.is_some();
        match std::mem::replace(&mut line.phase, Phase::Closed) {
            Phase::Closed => {}
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
        match survivors {
            Survivors::Known(jobs) => self.account(&jobs.into_iter().collect()),
            Survivors::Unknown if ours => self.account_by_rule(),
            // A broker that is not ours may never have been down: the line to it was. Its figures will tell.
            Survivors::Unknown => {}
        }
        self.emit(Happening::BrokerUp);
        if self.run == Run::Resetting {
            self.ask(Ask::Reset);
        } else {
            self.enlist_all();
        }
    }

    /// The broker is asked job by job: what it has not, and nobody finished, is lost.
    fn account(&mut self, survivors: &HashSet<JobId>) {
        let has = |job: &JobId| survivors.contains(job);
        let missing = |job: &JobId, _: Cause| !has(job);
        self.lose(missing);
        let jobs = self.ledger.jobs().iter();
        let there = jobs.filter(|(_, r)| matches!(r.fate, Fate::Done | Fate::Lost(_)));
        let there: Arc<[JobId]> = there.map(|(job, _)| job).filter(has).collect();
        if !there.is_empty() {
            self.emit(Happening::StillThere(there));
        }
    }

    /// The broker can't be asked: only persistent messages in a durable queue outlive it.
    fn account_by_rule(&mut self) {
        self.lose(|_, why| why != Cause::BrokerNeverHad);
    }

    /// Enters those of the waiting jobs that are lost, by the cause that the rule gives them.
    fn lose(&mut self, is_lost: impl Fn(&JobId, Cause) -> bool) {
        let mut lost: [Vec<JobId>; 3] = Default::default();
        for (job, record) in self.ledger.jobs().iter() {
            let cause = match (record.queue, record.delivery) {
                (QueueKind::Transient, _) => 0,
                (QueueKind::Durable, Delivery::Transient) => 1,
                (QueueKind::Durable, Delivery::Persistent) => 2,
            };
            if record.fate == Fate::Waiting && is_lost(&job, BY_RULE[cause]) {
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
        self.roll.clear();
        self.producer = Producer::default();
        self.ask(Ask::Reset);
    }

    pub(super) fn reset_done(&mut self) {
        let speeds: Vec<Speed> = self
            .present()
            .filter_map(|id| Some(self.ledger.worker(id)?.speed))
            .collect();
        self.contested.clear();
        self.lines = speeds.iter().map(|_| Line::new()).collect();
        self.clock_now = super::super::ids::LabTime(0);
        self.emit(Happening::Reset(speeds.into()));
        self.gather();
    }
}
