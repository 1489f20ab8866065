//! The ways a worker ends and comes back, and what becomes of what it held.

use super::super::command::KillKind;
use super::super::event::{Breakage, Cause, Happening};
use super::super::ids::{JobId, WorkerId};
use super::super::lab::Lab;
use super::super::ledger::{Fate, Held, WorkerBook};
use super::super::objection::{Wish, objection, silence_objection};
use super::super::settings::AckMode;
use super::super::snapshot::WorkerState;
use super::super::wire::{Ask, Cut};
use super::line::{Phase, Reviving};
use std::collections::VecDeque;

impl Lab {
    pub(super) fn kill(&mut self, id: WorkerId, kind: KillKind) {
        let Some(worker) = self.ledger.worker(id) else {
            self.decline(&format!("there is no {id}"));
            return;
        };
        let row = worker.row(self.clock_now);
        // A worker that waits may be doomed, which its row does not show.
        let doomed_again = worker.doomed && kind == KillKind::CrashBeforeAck;
        let already = doomed_again.then(|| format!("{id} will crash already"));
        if let Some(why) = objection(&row, self.ledger.broker(), Wish::Kill(kind)).or(already) {
            self.decline(&why);
            return;
        }
        match kind {
            KillKind::Cancel => self.cancel(id),
            KillKind::CloseChannel => self.end(id, kind, Cut::Channel),
            KillKind::CloseConnection => self.end(id, kind, Cut::Connection),
            KillKind::Reset => self.end(id, kind, Cut::Reset),
            KillKind::HalfOpen => self.silence(id),
            KillKind::Freeze => self.mark_killed(id, kind),
            KillKind::CrashBeforeAck => self.emit(Happening::Doomed(id)),
        }
    }

    fn cancel(&mut self, id: WorkerId) {
        self.mark_killed(id, KillKind::Cancel);
        if let Some(line) = self.line(id).filter(|line| line.has_channel()) {
            let epoch = line.epoch;
            self.ask(Ask::Unsubscribe(id, epoch));
        }
    }

    /// What the worker holds stays in its books, and it works on, until the broker has found out.
    fn silence(&mut self, id: WorkerId) {
        if let Some(why) = silence_objection(self.ledger.settings().heartbeat) {
            self.decline(why);
            return;
        }
        let Some(line) = self.line_mut(id).filter(|line| line.has_channel()) else {
            self.decline(&format!("{id} has no connection that could go silent"));
            return;
        };
        line.phase = Phase::Ending(Cause::Killed(KillKind::HalfOpen));
        let epoch = line.epoch;
        self.mark_killed(id, KillKind::HalfOpen);
        self.ask(Ask::Silence(id, epoch));
    }

    /// The broker has found out that nothing comes any more, or ended itself.
    pub(super) fn silence_ended(&mut self, id: WorkerId) {
        let (what, why) = if self.broker_goes() {
            ("the broker ended", Cause::BrokerEnded)
        } else {
            ("heartbeats stayed away", Cause::Killed(KillKind::HalfOpen))
        };
        self.emit(Happening::Broke(id, Breakage::Lost(what.into())));
        self.void(id, why);
    }

    /// Ends the line. What the worker holds stays in its books until the driver has seen the line down.
    pub(super) fn end(&mut self, id: WorkerId, kind: KillKind, cut: Cut) {
        self.mark_killed(id, kind);
        self.cut(id, cut, Cause::Killed(kind));
    }

    fn mark_killed(&mut self, id: WorkerId, kind: KillKind) {
        self.roll.strike_out(id);
        if let Some(line) = self.line_mut(id) {
            line.killed = Some(kind);
            line.reviving = Reviving::No;
            line.retry_at = None;
        }
        self.emit(Happening::Killed(id, kind));
    }

    fn cut(&mut self, id: WorkerId, cut: Cut, why: Cause) {
        let Some(line) = self.line_mut(id) else { return };
        // A closed channel may have left its connection open, so the cut is asked for all the same.
        let never_opened = line.epoch.0 == 0;
        if line.has_channel() {
            line.phase = Phase::Ending(why);
        }
        let epoch = line.epoch;
        if !never_opened && self.broker_is_up() {
            self.ask(Ask::Cut(id, epoch, cut));
        }
    }

    pub(super) fn remove(&mut self, id: WorkerId) {
        if self.ledger.worker(id).is_none() {
            self.decline(&format!("there is no {id}"));
            return;
        }
        if self.each_has_a_queue() {
            self.decline("each worker has a queue of its own, which would fill for nobody: kill it, but let it stay");
            return;
        }
        if self.is_guest(id) {
            self.remove_guest(id);
            return;
        }
        let leaves = |id| {
            self.line(id)
                .is_some_and(|line| line.phase == Phase::Ending(Cause::Removed))
        };
        if leaves(id) {
            return;
        }
        if self.own().filter(|&id| !leaves(id)).count() == 1 {
            self.decline("the last worker stays");
            return;
        }
        self.roll.strike_out(id);
        self.cut(id, Cut::Connection, Cause::Removed);
        let Some(line) = self.line_mut(id) else { return };
        line.retry_at = None;
        match &mut line.phase {
            Phase::Ending(why) => *why = Cause::Removed,
            _ => self.emit(Happening::Removed(id)),
        }
    }

    pub(super) fn revive(&mut self, id: WorkerId) {
        let Some(worker) = self.ledger.worker(id) else {
            self.decline(&format!("there is no {id}"));
            return;
        };
        let (row, doomed) = (worker.row(self.clock_now), worker.doomed);
        if let Some(why) = objection(&row, self.ledger.broker(), Wish::Revive).filter(|_| !doomed) {
            self.decline(&why);
            return;
        }
        match row.state {
            WorkerState::Consuming | WorkerState::Starting | WorkerState::Waiting | WorkerState::Doomed => {
                self.emit(Happening::Revived(id));
            }
            WorkerState::Frozen => self.thaw(id),
            WorkerState::Silent(..) => self.break_silence(id),
            WorkerState::Cancelled | WorkerState::ChannelClosed(_) | WorkerState::Gone(..) => self.bring_back(id),
        }
    }

    fn thaw(&mut self, id: WorkerId) {
        let wanted = self.wanted();
        let Some(line) = self.line_mut(id) else { return };
        if line.phase != Phase::Open {
            self.bring_back(id);
            return;
        }
        line.killed = None;
        let stale = line.is_stale(wanted);
        self.emit(Happening::Revived(id));
        self.begin_next(id);
        if stale {
            self.enlist(id);
        }
    }

    /// Its socket is reset, which the broker hears of at once; a new connection follows.
    fn break_silence(&mut self, id: WorkerId) {
        if let Some(line) = self.line_mut(id).filter(|line| line.is_silent()) {
            line.phase = Phase::Ending(Cause::Killed(KillKind::Reset));
            let epoch = line.epoch;
            self.ask(Ask::Cut(id, epoch, Cut::Reset));
        }
        self.bring_back(id);
    }

    fn bring_back(&mut self, id: WorkerId) {
        let up = self.broker_is_up();
        let Some(line) = self.line_mut(id) else { return };
        line.killed = None;
        line.breaks = 0;
        line.reviving = Reviving::Yes;
        match line.phase {
            // The rest follows when the driver has seen the line down.
            Phase::Ending(_) => {}
            _ if up => self.enlist(id),
            _ => self.emit(Happening::Waiting(id)),
        }
    }

    /// The line is gone: what the worker held manually acked goes back to its queue, the rest is lost.
    pub(super) fn void(&mut self, id: WorkerId, why: Cause) {
        if let Some(line) = self.line_mut(id) {
            line.last_why = why;
        }
        let Some(worker) = self.ledger.worker(id) else { return };
        let (back, mut lost) = holdings(worker);
        lost.extend(self.on_the_wire(worker));
        lost.sort_unstable();
        if !back.is_empty() {
            let jobs = back.into();
            self.emit(Happening::WentBack { jobs, from: id, why });
        }
        if !lost.is_empty() {
            self.emit(Happening::Lost {
                jobs: lost.into(),
                from: Some(id),
                why,
            });
        }
        self.note_loose(id);
        self.settle_wires();
    }

    /// A line is down; what was handed out to it with auto-ack may never arrive.
    pub(super) fn note_loose(&mut self, id: WorkerId) {
        let is_down = self.line(id).is_some_and(|line| line.phase == Phase::Closed);
        let wire = self.book(id).map(|worker| &worker.wire);
        if let (true, Some(false), Err(place)) = (is_down, wire.map(VecDeque::is_empty), self.loose.binary_search(&id))
        {
            self.loose.insert(place, id);
        }
    }

    /// What was handed out with auto-ack to a line that is down, and did not arrive, is lost.
    pub(super) fn settle_wires(&mut self) {
        for id in std::mem::take(&mut self.loose) {
            let down = self.line(id).filter(|line| line.phase == Phase::Closed);
            let worker = self.book(id).filter(|worker| !worker.wire.is_empty());
            let (Some(why), Some(worker)) = (down.map(|line| line.last_why), worker) else {
                continue;
            };
            let from = Some(id);
            let mut jobs: Vec<JobId> = self.on_the_wire(worker).collect();
            jobs.sort_unstable();
            if !jobs.is_empty() {
                let jobs = jobs.into();
                self.emit(Happening::Lost { jobs, from, why });
            }
            self.note_loose(id);
        }
    }

    /// Also of a worker that was removed.
    fn book(&self, id: WorkerId) -> Option<&WorkerBook> {
        self.ledger.workers().get(usize::from(id.0).checked_sub(1)?)
    }

    fn on_the_wire(&self, worker: &WorkerBook) -> impl Iterator<Item = JobId> {
        let arrived_nowhere = |job: &JobId| self.ledger.jobs().fate(*job) == Some(Fate::Waiting);
        worker.wire.iter().copied().filter(arrived_nowhere)
    }
}

/// What a worker holds: to be acked yet, and acked automatically.
fn holdings(worker: &WorkerBook) -> (Vec<JobId>, Vec<JobId>) {
    let hand = worker.hand.iter().map(|hand| &hand.held);
    let held = worker
        .tray
        .iter()
        .chain(hand)
        .chain(&worker.owing)
        .chain(worker.unheard.iter());
    let (manual, automatic): (Vec<&Held>, Vec<&Held>) = held.partition(|held| held.ack == AckMode::Manual);
    let mut back: Vec<JobId> = manual.iter().map(|held| held.job).collect();
    back.sort_unstable();
    (back, automatic.iter().map(|held| held.job).collect())
}
