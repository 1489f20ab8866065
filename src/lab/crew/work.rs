//! Work: what happens on the lab clock, and what happens in real time on the lines.

use super::super::command::KillKind;
use super::super::event::Happening;
use super::super::ids::{Elapsed, LabTime, WorkerId};
use super::super::lab::{Lab, Run};
use super::super::settings::AckMode;
use super::super::wire::{Ask, Cut};
use super::Line;

/// What is due on the lab clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Finish(WorkerId),
    Publication,
}

/// How far behind the lab clock may be and still catch up, in real time: more than a busy machine, less than a process
/// that was stopped.
const LATENESS: Elapsed = Elapsed(2_000_000);

/// How many things that are due are done in one step at most.
const AT_ONCE: usize = 10_000;

impl Lab {
    /// The first thing due on the lab clock; a finished job before a publication at the same time.
    pub(super) fn upcoming(&self) -> Option<(LabTime, Due)> {
        if self.run == Run::Resetting {
            return None;
        }
        let finish = self.ledger.first_due().map(|(due, id)| (due, Due::Finish(id)));
        let publication = self.producer.next().map(|due| (due, Due::Publication));
        match (finish, publication) {
            (Some(f), Some(p)) if p.0 < f.0 => Some(p),
            (Some(f), _) => Some(f),
            (None, p) => p,
        }
    }

    /// When the lab clock wants a tick.
    pub(in super::super) fn next_on_clock(&self) -> Option<Elapsed> {
        if self.owes_publications() {
            return Some(self.at);
        }
        let (due, _) = self.upcoming()?;
        self.ledger.clock().when(due)
    }

    /// Does what is due up to `now`, each thing at its own lab time. What is too late or too much for one step is not
    /// caught up with: the clock slips, and it is due later.
    pub(in super::super) fn run_clock(&mut self, now: Elapsed) {
        if self.ledger.is_paused() {
            return;
        }
        self.slip_to(now, LATENESS);
        let reached = self.ledger.clock().now(now);
        for _ in 0..AT_ONCE {
            let Some((due, what)) = self.upcoming().filter(|(due, _)| *due <= reached) else {
                break;
            };
            let Some(real) = self.ledger.clock().when(due) else {
                break;
            };
            self.at = self.at.max(real).min(now);
            self.clock_now = self.clock_now.max(due);
            self.perform(what);
        }
        self.slip_to(now, Elapsed(0));
        self.at = self.at.max(now);
        self.clock_now = self.ledger.clock().now(now);
    }

    /// Lets the clock slip so far that nothing is overdue by more than `lateness`.
    fn slip_to(&mut self, now: Elapsed, lateness: Elapsed) {
        let first = self.upcoming().and_then(|(due, _)| self.ledger.clock().when(due));
        let late = first.map_or(0, |first| now.0.saturating_sub(first.0));
        if late > lateness.0 {
            self.emit(Happening::Slipped(Elapsed(late - lateness.0)));
        }
    }

    pub(super) fn perform(&mut self, what: Due) {
        match what {
            Due::Finish(id) => self.finish(id),
            Due::Publication => self.publish_planned(),
        }
    }

    /// Retries and the roll call.
    pub(in super::super) fn run_lines(&mut self) {
        if !self.broker_is_up() || self.run == Run::Resetting {
            return;
        }
        for i in 0..self.lines.len() {
            if self.lines[i].retry_at.is_some_and(|at| at <= self.at) {
                self.enlist(self.ledger.workers()[i].id);
            }
        }
    }

    /// When a line wants a tick.
    pub(in super::super) fn next_on_lines(&self) -> Option<Elapsed> {
        if !self.broker_is_up() {
            return None;
        }
        let retries = self.lines.iter().filter_map(|line| line.retry_at);
        retries.chain(self.roll.due()).min()
    }

    /// Moves the next job from the tray into the hand, if the worker can.
    pub(super) fn begin_next(&mut self, id: WorkerId) {
        let Some(worker) = self.ledger.worker(id) else { return };
        let line_lives = self.line(id).is_some_and(Line::has_channel);
        if line_lives
            && worker.can_begin()
            && let Some(held) = worker.tray.front()
        {
            let job = held.job;
            self.emit(Happening::Begun(id, job));
        }
    }

    fn finish(&mut self, id: WorkerId) {
        let Some(worker) = self.ledger.worker(id) else { return };
        let doomed = worker.doomed;
        let Some(held) = worker.hand.map(|hand| hand.held) else {
            return;
        };
        self.emit(Happening::Finished(id, held.job));
        if doomed {
            self.end(id, KillKind::CrashBeforeAck, Cut::Reset);
            return;
        }
        if held.ack == AckMode::Manual {
            let epoch = self.line(id).map(|line| line.epoch).unwrap_or_default();
            self.emit(Happening::Acked(id, held.job));
            self.ask(Ask::Ack(id, epoch, held.tag));
        }
        self.begin_next(id);
    }
}
