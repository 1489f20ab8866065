//! What the broker's end and return do to the books.

use super::super::command::BrokerCommand;
use super::super::event::Entry;
use super::super::ids::LabTime;
use super::super::matrix::{Ending, Knowledge};
use super::super::snapshot::BrokerState;
use super::super::wire::BrokerSays;
use super::Ledger;
use std::sync::Arc;

impl Ledger {
    pub(super) fn broker_asked(&mut self, at: LabTime, command: BrokerCommand) {
        // How it ended stays known until it is back.
        if command != BrokerCommand::Start || self.ending.is_none() {
            self.ending = Some(command);
        }
        self.log.push(at, Entry::Broker(command));
    }

    pub(super) fn broker_down(&mut self, at: LabTime, why: &Arc<str>) {
        self.connected = false;
        self.says = BrokerSays::default();
        let how = match self.ending {
            Some(BrokerCommand::Stop) => Ending::Stopped,
            Some(BrokerCommand::Kill | BrokerCommand::Start) => Ending::Killed,
            None => Ending::Away,
        };
        self.aftermath.ended(how, at);
        if self.ending.is_some() {
            self.broker.state = BrokerState::Ended;
        } else {
            self.broker.state = BrokerState::Away(why.to_string());
            self.log.push(at, Entry::BrokerAway(Arc::clone(why)));
        }
    }

    pub(super) fn broker_end_failed(&mut self, at: LabTime, why: &Arc<str>) {
        self.ending = None;
        self.log.push(at, Entry::BrokerEndFailed(Arc::clone(why)));
    }

    pub(super) fn broker_up(&mut self, at: LabTime, known: [Knowledge; 2]) {
        self.ending = None;
        self.aftermath.back(&self.jobs.counts().stakes, known);
        if self.broker.state != BrokerState::Up {
            self.broker.state = BrokerState::Up;
            self.log.push(at, Entry::BrokerBack);
        }
    }
}
