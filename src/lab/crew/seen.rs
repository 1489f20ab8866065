//! What each thing seen on the wire leads to.

use super::super::command::KillKind;
use super::super::event::{Breakage, Cause, Happening};
use super::super::ids::{Epoch, JobId, WorkerId};
use super::super::lab::{Lab, Run};
use super::super::ledger::Fate;
use super::super::settings::Habit;
use super::super::snapshot::Control;
use super::super::wire::{BrokerSays, Dispatched, DownCause, RefusedSetting, Seen};
use super::line::{Line, Phase, Reviving};

impl Lab {
    pub(in super::super) fn seen(&mut self, seen: Seen) {
        if self.run == Run::Resetting {
            self.seen_while_resetting(seen);
            return;
        }
        match seen {
            Seen::ProducerUp => self.emit(Happening::ProducerUp),
            Seen::ProducerDown(why) => self.producer_down(&why),
            Seen::Confirmed(job) => self.of_message(job, Happening::Confirmed),
            Seen::Nacked(job) => self.of_message(job, Happening::Nacked),
            Seen::Returned(job) => self.of_message(job, Happening::Returned),
            Seen::NeverSent(job) => self.copies_of(job).for_each(|job| self.never_sent(job)),
            Seen::Buried(job, why) => self.buried(job, why),
            Seen::Subscribed(id, epoch) => self.subscribed(id, epoch),
            Seen::CancelledByBroker(id, epoch) => self.cancelled_by_broker(id, epoch),
            Seen::Delivered(id, epoch, delivered) => self.delivered(id, epoch, delivered),
            Seen::Down(id, epoch, cause) => self.down(id, epoch, &cause),
            Seen::GaveUp(id, epoch) => self.gave_up(id, epoch),
            Seen::Broker(says) => self.broker_says(says),
            Seen::Dispatched(dispatched) => self.dispatched(dispatched),
            Seen::DecisionsLost(n) => self.emit(Happening::DecisionsLost(n)),
            Seen::BrokerDown(why) => self.broker_down(&why),
            Seen::BrokerStartFailed(why) => self.broker_start_failed(&why),
            Seen::BrokerEndFailed(why) => self.broker_end_failed(&why),
            Seen::BrokerUp(survivors) => self.broker_up(survivors),
            Seen::ResetDone => {}
            Seen::Refused { what, why } => self.refused(what, &why),
            Seen::Foreign(id) => self.emit(Happening::Foreign(id)),
            Seen::Guest(seen) => self.guest_seen(seen),
        }
    }

    /// Of the old run only what outlives it is heard.
    fn seen_while_resetting(&mut self, seen: Seen) {
        match seen {
            Seen::ProducerUp => self.emit(Happening::ProducerUp),
            Seen::ProducerDown(why) => self.producer_down(&why),
            Seen::BrokerDown(why) => self.broker_down(&why),
            Seen::BrokerStartFailed(why) => self.broker_start_failed(&why),
            Seen::BrokerEndFailed(why) => self.broker_end_failed(&why),
            Seen::BrokerUp(survivors) => self.broker_up(survivors),
            Seen::ResetDone => self.reset_done(),
            Seen::Guest(seen) => self.guest_seen_while_resetting(seen),
            _ => {}
        }
    }

    fn producer_down(&mut self, why: &str) {
        self.emit(Happening::ProducerDown(why.into()));
        self.give_up_confirms();
    }

    /// What the producer hears of a message it hears of all its copies.
    fn of_message(&mut self, first: JobId, happening: impl Fn(JobId) -> Happening) {
        for job in self.copies_of(first) {
            if self.ledger.jobs().get(job).is_some() {
                self.emit(happening(job));
            }
        }
    }

    fn copies_of(&self, first: JobId) -> impl Iterator<Item = JobId> + use<> {
        (first.0..first.0.saturating_add(self.ledger.settings().copies())).map(JobId)
    }

    /// The survivors of the lab's own broker will not have it, which says it all; where no such broker ended, nobody
    /// else would ever say so.
    fn never_sent(&mut self, job: JobId) {
        let survivors_will_tell = self.broker_goes() && self.ledger.broker().control == Control::Owned;
        if !survivors_will_tell && self.ledger.jobs().fate(job) == Some(Fate::Waiting) {
            self.emit(Happening::Nacked(job));
        }
    }

    /// The worker's line, if that is its present epoch.
    fn present_line(&mut self, id: WorkerId, epoch: Epoch) -> Option<&mut Line> {
        self.ledger.worker(id)?;
        self.line_mut(id).filter(|line| line.epoch == epoch)
    }

    fn subscribed(&mut self, id: WorkerId, epoch: Epoch) {
        let wanted = self.wanted();
        let Some(line) = self.present_line(id, epoch) else {
            return;
        };
        if !line.has_channel() {
            return;
        }
        line.phase = Phase::Open;
        let subscription = line.subscription.unwrap_or(wanted);
        let (killed, reviving) = (line.killed.is_some(), line.reviving);
        line.reviving = Reviving::No;
        self.roll.answered(id);
        if killed {
            return;
        }
        self.emit(Happening::Subscribed(id, subscription));
        if reviving == Reviving::Yes {
            self.emit(Happening::Revived(id));
        }
        if self.line(id).is_some_and(|line| line.is_stale(wanted)) {
            self.enlist(id);
        }
        self.begin_next(id);
    }

    fn cancelled_by_broker(&mut self, id: WorkerId, epoch: Epoch) {
        let Some(line) = self.present_line(id, epoch).filter(|line| line.has_channel()) else {
            return;
        };
        line.killed = Some(KillKind::Cancel);
        self.roll.strike_out(id);
        self.emit(Happening::Broke(id, Breakage::Cancelled));
    }

    fn down(&mut self, id: WorkerId, epoch: Epoch, cause: &DownCause) {
        let Some(line) = self.present_line(id, epoch) else {
            return;
        };
        let was = std::mem::replace(&mut line.phase, Phase::Closed);
        let reviving = line.reviving;
        if was == Phase::Closed {
            return;
        }
        self.roll.answered(id);
        match was {
            Phase::Ending(Cause::Killed(KillKind::HalfOpen)) => self.silence_ended(id),
            Phase::Ending(Cause::Removed) => {
                self.void(id, Cause::Removed);
                self.emit(Happening::Removed(id));
            }
            Phase::Ending(why) => {
                self.void(id, why);
                if reviving == Reviving::Yes {
                    self.enlist(id);
                }
            }
            _ => self.broke(id, cause),
        }
    }

    /// A silenced worker's program knows by now; the broker may not.
    fn gave_up(&mut self, id: WorkerId, epoch: Epoch) {
        if self.present_line(id, epoch).is_some_and(|line| line.is_silent()) {
            self.emit(Happening::GaveUp(id));
        }
    }

    pub(super) fn broker_goes(&self) -> bool {
        !self.broker_is_up() || self.ledger.ending().is_some()
    }

    /// A line went that nobody here ended.
    fn broke(&mut self, id: WorkerId, cause: &DownCause) {
        let at = self.at;
        let broker_goes = self.broker_goes();
        let errs = self.ledger.worker(id).is_some_and(|w| w.habit != Habit::Acks);
        let Some(line) = self.line_mut(id) else { return };
        let killed = line.killed.is_some();
        if broker_goes {
            self.void(id, Cause::BrokerEnded);
            if !killed {
                self.emit(Happening::Waiting(id));
            }
            return;
        }
        let how = match cause {
            DownCause::Refused(code, text) => Breakage::Refused(format!("{code} {text}").into()),
            DownCause::Lost(text) => Breakage::Lost(text.as_str().into()),
            DownCause::Asked(_) => Breakage::Lost("the connection ended".into()),
        };
        // What the broker refuses it would refuse again, unless the worker's program was at fault: that one goes on.
        if !killed && (errs || matches!(how, Breakage::Lost(_))) {
            let again = line.back_off(at);
            self.retry = Some(self.retry.map_or(again, |first| first.min(again)));
        }
        self.emit(Happening::Broke(id, how));
        self.void(id, Cause::ConnectionLost);
    }

    fn broker_says(&mut self, says: BrokerSays) {
        if *self.ledger.says() != says && self.broker_is_up() {
            self.emit(Happening::BrokerSays(Box::new(says)));
        }
    }

    pub(super) fn dispatched(&mut self, d: Dispatched) {
        let Some(fate) = self.ledger.jobs().fate(d.job) else {
            return;
        };
        self.emit(Happening::Dispatched {
            job: d.job,
            to: d.to,
            ack: d.ack,
            passed_over: d.passed_over.into(),
        });
        match d.to {
            Some(id) => {
                self.note_loose(id);
                self.settle_wires();
            }
            None if fate == Fate::Waiting => self.emit(Happening::Lost {
                jobs: [d.job].into(),
                from: None,
                why: Cause::TakenByOthers,
            }),
            None => {}
        }
    }

    fn refused(&mut self, what: RefusedSetting, why: &str) {
        self.emit(Happening::Refused(what, why.into()));
        self.resubscribe();
    }
}
