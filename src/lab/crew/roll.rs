//! The roll call: workers (re-)subscribe one after another.
//!
//! A queue serves its consumers in the order in which they came, so the order of the subscriptions decides who gets
//! which job. One at a time, each answered before the next is asked, makes that order the same in every run. Whoever
//! does not answer soon is not waited for.

use super::super::event::Happening;
use super::super::ids::{Elapsed, Epoch, WorkerId};
use super::super::lab::Lab;
use super::super::wire::{Ask, Subscription};
use super::line::{Line, Phase};
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(in super::super) struct RollCall {
    queue: VecDeque<WorkerId>,
    /// Who was asked, and until when the others wait.
    asked: Option<(WorkerId, Elapsed)>,
}

/// How long the others wait for an answer.
const PATIENCE: Elapsed = Elapsed(150_000);

impl RollCall {
    pub(in super::super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn answered(&mut self, id: WorkerId) {
        self.asked = self.asked.filter(|(asked, _)| *asked != id);
    }

    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.asked = None;
    }

    pub(super) fn strike_out(&mut self, id: WorkerId) {
        self.queue.retain(|w| *w != id);
        self.answered(id);
    }

    /// Until when the next one waits.
    pub(super) fn due(&self) -> Option<Elapsed> {
        let (_, until) = self.asked?;
        (!self.queue.is_empty()).then_some(until)
    }

    fn next(&mut self, now: Elapsed) -> Option<WorkerId> {
        if self.asked.is_some_and(|(_, until)| now < until) {
            return None;
        }
        self.queue.pop_front()
    }
}

impl Lab {
    /// Puts a worker on the roll.
    pub(super) fn enlist(&mut self, id: WorkerId) {
        if let Some(line) = self.line_mut(id) {
            line.retry_at = None;
        }
        if !self.roll.queue.contains(&id) {
            self.roll.queue.push_back(id);
        }
    }

    /// Everybody who is not killed; or, while the broker is away, nobody: they wait.
    pub(in super::super) fn enlist_all(&mut self) {
        let ids: Vec<WorkerId> = self.present().filter(|&id| self.is_alive(id)).collect();
        for id in ids {
            if self.broker_is_up() {
                self.enlist(id);
            } else {
                self.emit(Happening::Waiting(id));
            }
        }
    }

    /// Those without a channel who are not killed.
    pub(super) fn enlist_absent(&mut self) {
        let has_none = |id: WorkerId| self.line(id).is_some_and(|line| line.phase == Phase::Closed);
        let ids: Vec<WorkerId> = self.present().filter(|&id| self.is_alive(id) && has_none(id)).collect();
        for id in ids {
            self.enlist(id);
        }
    }

    /// A setting of the consumers changed: those that consume in another way do it anew.
    pub(super) fn resubscribe(&mut self) {
        let wanted = self.wanted();
        let stale = |line: &Line| line.phase == Phase::Open && line.is_stale(wanted);
        let live: Vec<WorkerId> = self
            .present()
            .filter(|&id| self.is_alive(id) && self.line(id).is_some_and(stale))
            .collect();
        for id in live {
            self.enlist(id);
        }
    }

    /// How workers are to consume now.
    pub(super) fn wanted(&self) -> Subscription {
        let settings = self.ledger.settings();
        Subscription {
            queue: settings.queue,
            prefetch: settings.prefetch,
            ack: settings.ack,
        }
    }

    pub(in super::super) fn call_roll(&mut self) {
        if !self.broker_is_up() {
            return;
        }
        while let Some(id) = self.roll.next(self.at) {
            if self.subscribe(id) {
                self.roll.asked = Some((id, Elapsed(self.at.0 + PATIENCE.0)));
            }
        }
    }

    /// Asks for a subscription, on the open channel or on a new one; says whether it could.
    fn subscribe(&mut self, id: WorkerId) -> bool {
        let wanted = self.wanted();
        let fresh = Epoch(self.last_epoch + 1);
        if self.ledger.worker(id).is_none() {
            return false;
        }
        let Some(line) = self.line_mut(id) else { return false };
        let first = match line.phase {
            Phase::Ending(_) => return false,
            Phase::Open | Phase::Opening => false,
            Phase::Closed => true,
        };
        line.subscription = Some(wanted);
        line.qos = None;
        if first {
            line.phase = Phase::Opening;
            line.epoch = fresh;
            self.last_epoch = fresh.0;
            self.emit(Happening::Starting(id));
        }
        let epoch = self.line(id).map_or(fresh, |line| line.epoch);
        self.ask(Ask::Subscribe(id, epoch, wanted));
        true
    }

    /// Workers that were not removed.
    pub(super) fn present(&self) -> impl Iterator<Item = WorkerId> {
        self.ledger.workers().iter().filter(|w| !w.removed).map(|w| w.id)
    }

    /// One of the lab's, and neither killed nor being removed.
    pub(super) fn is_alive(&self, id: WorkerId) -> bool {
        !self.is_guest(id)
            && self
                .line(id)
                .is_some_and(|line| line.killed.is_none() && !matches!(line.phase, Phase::Ending(_)))
    }
}
