//! What takes several steps and is asked for by one key: the crash test, and the broker's return as another version.
//!
//! Each step waits for what it needs (the confirms, the broker's end), and for a moment besides, so that a person sees
//! that the broker is down. Whatever a person then does to the broker takes the place of what was to follow.

use super::super::command::BrokerCommand;
use super::super::event::Change;
use super::super::ids::Elapsed;
use super::super::lab::Lab;
use super::super::objection::version_objection;
use super::super::settings::Version;
use super::super::wire::Ask;
use super::producer::NO_SAMPLE;

/// What follows by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Sequel {
    Nothing,
    /// Kill the broker once all is confirmed, at the latest then.
    Kill(Elapsed),
    /// Start the broker once it has ended, as this version if one is named.
    Restart(Option<Version>),
    /// Start it then.
    Start(Elapsed),
}

/// How long a crash test waits for the confirms.
const CONFIRMED_WITHIN: Elapsed = Elapsed(3_000_000);
/// How long the broker stays down.
const PAUSE: Elapsed = Elapsed(1_000_000);

impl Sequel {
    /// When the lab has to look at it.
    pub(in super::super) const fn due(self) -> Option<Elapsed> {
        match self {
            Self::Nothing | Self::Restart(_) => None,
            Self::Kill(at) | Self::Start(at) => Some(at),
        }
    }
}

impl Lab {
    pub(super) fn crash_test(&mut self, n: u32) {
        if let Some(why) = self.broker_refusal(BrokerCommand::Kill) {
            self.decline(why);
        } else if !self.can_publish() {
            self.decline("the producer is not connected: nothing was published");
        } else if self.each_has_a_queue() {
            self.decline(NO_SAMPLE);
        } else {
            self.publish_sample(n);
            self.sequel = Sequel::Kill(Elapsed(self.at.0 + CONFIRMED_WITHIN.0));
        }
    }

    pub(super) fn set_version(&mut self, version: Version) {
        let broker = self.ledger.broker();
        if let Some(why) = version_objection(&broker.control) {
            self.decline(why);
        } else if broker.version == Some(version) {
            self.decline(&format!("the broker is as RabbitMQ {version} already"));
        } else if !self.broker_is_up() {
            self.become_version(version);
        } else if let Some(why) = self.broker_refusal(BrokerCommand::Stop) {
            self.decline(why);
        } else {
            self.ask_broker(BrokerCommand::Stop);
            self.sequel = Sequel::Restart(Some(version));
        }
    }

    fn become_version(&mut self, version: Version) {
        self.ask(Ask::SetVersion(version));
        self.change(Change::Version(version));
    }

    /// Takes the next step, if it is time.
    pub(in super::super) fn go_on(&mut self) {
        match self.sequel {
            Sequel::Kill(until) if self.at >= until || self.ledger.jobs().counts().unconfirmed == 0 => {
                self.command_broker(BrokerCommand::Kill);
                self.sequel = Sequel::Restart(None);
            }
            Sequel::Start(at) if self.at >= at => self.command_broker(BrokerCommand::Start),
            _ => {}
        }
    }

    /// The broker has ended.
    pub(super) fn after_the_end(&mut self) {
        let Sequel::Restart(version) = std::mem::replace(&mut self.sequel, Sequel::Nothing) else {
            return;
        };
        if let Some(version) = version {
            self.become_version(version);
        }
        self.sequel = Sequel::Start(Elapsed(self.at.0 + PAUSE.0));
    }
}
