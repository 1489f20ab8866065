//! Deliveries: into the tray, and on from there; and those that come to the wrong place or too late.

use super::super::event::{Happening, LossCause};
use super::super::ids::{Epoch, WorkerId};
use super::super::lab::Lab;
use super::super::ledger::{Fate, WorkerBook};
use super::super::settings::AckMode;
use super::super::wire::{Ask, Delivered};
use super::line::Phase;

impl Lab {
    pub(super) fn delivered(&mut self, id: WorkerId, epoch: Epoch, d: Delivered) {
        if self.ledger.worker(id).is_none() {
            return;
        }
        let Some(line) = self.line_mut(id).filter(|line| line.epoch == epoch) else {
            return;
        };
        if line.phase == Phase::Closed {
            let why = line.last_why;
            self.delivered_to_nobody(id, d, why);
            return;
        }
        line.breaks = 0;
        let Some(fate) = self.ledger.jobs().fate(d.job) else {
            self.foreign(id, epoch, d);
            return;
        };
        self.settle_overtaken(id, fate, d);
        if matches!(self.ledger.jobs().fate(d.job), Some(Fate::Tray(_) | Fate::Hand(_))) {
            self.foreign(id, epoch, d);
            return;
        }
        self.emit(Happening::Delivered(id, d));
        self.begin_next(id);
    }

    /// It came after the line was down. With manual ack it is in the queue again; with auto-ack nobody has it.
    fn delivered_to_nobody(&mut self, id: WorkerId, d: Delivered, why: LossCause) {
        if d.ack == AckMode::Automatic && self.ledger.jobs().fate(d.job) == Some(Fate::Waiting) {
            let jobs = [d.job].into();
            let from = Some(id);
            self.emit(Happening::Lost { jobs, from, why });
        }
    }

    /// A redelivery can arrive before the news that its former holder's line is down. What that one held is then void
    /// at once, and so is all that still arrives on its line.
    fn settle_overtaken(&mut self, id: WorkerId, fate: Fate, d: Delivered) {
        if !d.redelivered {
            return;
        }
        let holder = match fate {
            Fate::Tray(holder) | Fate::Hand(holder) => Some(holder),
            Fate::Done => self.workers_owing(d),
            _ => None,
        };
        let Some(holder) = holder.filter(|&holder| holder != id && self.holds_unacked(holder, d)) else {
            return;
        };
        let Some(line) = self.line_mut(holder) else { return };
        let why = match line.phase {
            Phase::Ending(why) => why,
            _ => LossCause::ConnectionLost,
        };
        if line.has_channel() {
            line.phase = Phase::Ending(why);
        }
        self.void(holder, why);
    }

    fn workers_owing(&self, d: Delivered) -> Option<WorkerId> {
        let owes = |w: &&WorkerBook| w.owing.is_some_and(|held| held.job == d.job);
        self.ledger.workers().iter().find(owes).map(|w| w.id)
    }

    fn holds_unacked(&self, holder: WorkerId, d: Delivered) -> bool {
        self.ledger.worker(holder).is_some_and(|w| {
            let hand = w.hand.iter().map(|hand| &hand.held);
            let mut held = w.tray.iter().chain(hand).chain(&w.owing);
            held.any(|held| held.job == d.job && held.ack == AckMode::Manual)
        })
    }

    /// None of this run's jobs, or one that is at work already: someone else publishes here too. Acked and let go.
    fn foreign(&mut self, id: WorkerId, epoch: Epoch, d: Delivered) {
        let open = self.line(id).is_some_and(|line| line.phase == Phase::Open);
        self.emit(Happening::Foreign(id));
        if d.ack == AckMode::Manual && open {
            self.ask(Ask::Ack(id, epoch, d.tag));
        }
    }
}
