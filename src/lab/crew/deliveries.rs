//! Deliveries: into the tray, and on from there; and those that come to the wrong place or too late.
//!
//! Each line has its own delays, so a redelivery can arrive before the news that its former holder's line is down, and
//! also before an older delivery of the same job on a line that is down by now. Such a delivery is a claim: it waits
//! until the holder has finished the job, or one of the two lines is known to be down.

use super::super::event::{Burial, Cause, Happening};
use super::super::ids::{Epoch, JobId, WorkerId};
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
        let ends = matches!(line.phase, Phase::Ending(_));
        if self.ledger.jobs().get(d.job).is_none() {
            self.foreign(id, epoch, d);
            return;
        }
        let done = self.ledger.jobs().fate(d.job) == Some(Fate::Done);
        match self.holder(d) {
            // Whoever has the job or has done it got it later than this one.
            _ if ends && done => {}
            Some(holder) if holder == id || !d.redelivered => self.foreign(id, epoch, d),
            Some(_) => self.contested.push((id, epoch, d)),
            None if done && !d.redelivered => self.foreign(id, epoch, d),
            None => self.take(id, d),
        }
    }

    pub(super) fn take(&mut self, id: WorkerId, d: Delivered) {
        // The broker lets go of what it has buried: this delivery is older, and its line is down or soon will be.
        if self.ledger.jobs().is_buried(d.job) {
            return;
        }
        self.emit(Happening::Delivered(id, d));
        self.begin_next(id);
        self.guest_took(id, d);
    }

    /// Claims that can be settled by now.
    pub(in super::super) fn settle_contested(&mut self) {
        if self.contested.is_empty() {
            return;
        }
        for (id, epoch, d) in std::mem::take(&mut self.contested) {
            let line = self.line(id).filter(|line| line.epoch == epoch);
            let closed = line.is_none_or(|line| line.phase == Phase::Closed);
            let why = self.line(id).map_or(Cause::ConnectionLost, |line| line.last_why);
            match self.holder(d) {
                // What was acked by being sent may yet turn out to be lost.
                Some(_) if !closed || d.ack == AckMode::Automatic => self.contested.push((id, epoch, d)),
                Some(_) => {}
                None if closed => self.delivered_to_nobody(id, d, why),
                None => self.take(id, d),
            }
        }
    }

    /// The broker tells that a job is in the dead-letter queue. Whoever seems to have it has lost it, and the news of that
    /// is on its way: until then it waits.
    pub(super) fn buried(&mut self, job: JobId, why: Burial) {
        match self.ledger.jobs().fate(job) {
            Some(Fate::Waiting | Fate::Lost(_)) => self.emit(Happening::Buried(job, why)),
            Some(Fate::Tray(_) | Fate::Hand(_)) => self.buried.push((job, why)),
            Some(Fate::Done) if self.ledger.jobs().is_owed(job) => self.buried.push((job, why)),
            Some(Fate::Done | Fate::Dead | Fate::Returned) | None => {}
        }
    }

    pub(in super::super) fn settle_buried(&mut self) {
        for (job, why) in std::mem::take(&mut self.buried) {
            self.buried(job, why);
        }
    }

    /// It came after the line was down. With manual ack it is in the queue again; with auto-ack nobody has it.
    fn delivered_to_nobody(&mut self, id: WorkerId, d: Delivered, why: Cause) {
        if d.ack == AckMode::Automatic && self.ledger.jobs().fate(d.job) == Some(Fate::Waiting) {
            let jobs = [d.job].into();
            let from = Some(id);
            self.emit(Happening::Lost { jobs, from, why });
        }
    }

    /// Who has the job at work, or has finished it and not acked it.
    pub(super) fn holder(&self, d: Delivered) -> Option<WorkerId> {
        let owes = |w: &&WorkerBook| w.owing.iter().chain(w.unheard.iter()).any(|held| held.job == d.job);
        match self.ledger.jobs().fate(d.job)? {
            Fate::Tray(holder) | Fate::Hand(holder) => Some(holder),
            Fate::Done => self.ledger.workers().iter().find(owes).map(|w| w.id),
            _ => None,
        }
    }

    /// None of this run's jobs, or one that is at work already: someone else publishes here too. Acked and let go.
    fn foreign(&mut self, id: WorkerId, epoch: Epoch, d: Delivered) {
        let open = self.line(id).is_some_and(|line| line.phase == Phase::Open);
        if !open {
            return;
        }
        self.emit(Happening::Foreign(id));
        if d.ack == AckMode::Manual {
            self.ask(Ask::Ack(id, epoch, d.tag));
        }
    }
}
