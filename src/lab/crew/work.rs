//! Work: what happens on the lab clock, and what happens in real time on the lines.

use super::super::command::KillKind;
use super::super::event::{Cause, Happening, Requeue};
use super::super::ids::{Elapsed, Epoch, LabTime, WorkerId};
use super::super::lab::{Lab, Run};
use super::super::ledger::Held;
use super::super::script::Over;
use super::super::settings::{AckMode, Habit};
use super::super::snapshot::WorkerState;
use super::super::wire::{Ask, Cut};

/// What is due on the lab clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Finish(WorkerId),
    Publication,
    /// The script's next cue.
    Cue,
    /// The script's end.
    Over(Over),
}

/// How far behind the lab clock may be and still catch up, in real time: more than a busy machine, less than a process
/// that was stopped.
const LATENESS: Elapsed = Elapsed(2_000_000);

/// How many things that are due are done in one step at most.
const AT_ONCE: usize = 10_000;

impl Lab {
    /// The first thing due on the lab clock; at the same time the script before a finished job, and that before a
    /// publication.
    pub(super) fn upcoming(&self) -> Option<(LabTime, Due)> {
        if self.run == Run::Resetting {
            return None;
        }
        let finish = self.ledger.first_due().map(|(due, id)| (due, Due::Finish(id)));
        let publication = self.producer.next().map(|due| (due, Due::Publication));
        let all = [self.next_of_script(), finish, publication];
        all.into_iter().flatten().min_by_key(|(due, _)| *due)
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
            Due::Cue => self.cue(),
            Due::Over(over) => self.script_is_over(over),
        }
    }

    /// Retries and the roll call.
    pub(in super::super) fn run_lines(&mut self) {
        if !self.broker_is_up() || self.run == Run::Resetting {
            return;
        }
        if self.retry.is_none_or(|first| first > self.at) {
            return;
        }
        for i in 0..self.lines.len() {
            if self.lines[i].retry_at.is_some_and(|at| at <= self.at) {
                self.enlist(self.ledger.workers()[i].id);
            }
        }
        self.retry = self.lines.iter().filter_map(|line| line.retry_at).min();
    }

    /// When a line wants a tick.
    pub(in super::super) fn next_on_lines(&self) -> Option<Elapsed> {
        if !self.broker_is_up() || self.run == Run::Resetting {
            return None;
        }
        self.retry.into_iter().chain(self.roll.due()).min()
    }

    /// Moves the next job from the tray into the hand, if the worker can.
    pub(super) fn begin_next(&mut self, id: WorkerId) {
        let Some(worker) = self.ledger.worker(id) else { return };
        let goes_on = self.line(id).is_some_and(|line| line.has_channel() || line.is_silent());
        if goes_on
            && worker.can_begin()
            && let Some(held) = worker.tray.front()
        {
            let job = held.job;
            self.emit(Happening::Begun(id, job));
        }
    }

    fn finish(&mut self, id: WorkerId) {
        let Some(worker) = self.ledger.worker(id) else { return };
        let (doomed, habit) = (worker.doomed, worker.habit);
        let Some(held) = worker.hand.map(|hand| hand.held) else {
            return;
        };
        if doomed {
            self.emit(Happening::Finished(id, held.job));
            self.end(id, KillKind::CrashBeforeAck, Cut::Reset);
            return;
        }
        match (held.ack, &worker.state) {
            (_, WorkerState::Silent(..)) => self.settle_in_vain(id, held),
            (AckMode::Manual, _) => self.settle(id, held, habit),
            (AckMode::Automatic, _) => self.settle_needlessly(id, held, habit),
        }
        self.begin_next(id);
    }

    /// What a worker's program does when the work is done, by its habit.
    fn settle(&mut self, id: WorkerId, held: Held, habit: Habit) {
        let (job, from) = (held.job, id);
        match habit {
            Habit::Acks | Habit::AcksTwice => {
                self.emit(Happening::Finished(id, job));
                self.emit(Happening::Acked(id, job));
                self.ask_ack(id, held);
            }
            Habit::Forgets => {
                self.emit(Happening::Finished(id, job));
                self.emit(Happening::Forgot(id, job));
            }
            // It found out at the end that it can't do the job: its time is spent, the job is not done.
            Habit::Requeues => {
                self.ask_reject(id, held, Requeue::Yes);
                let (jobs, why) = ([job].into(), Cause::Requeued);
                self.emit(Happening::WentBack { jobs, from, why });
            }
            Habit::Rejects => {
                self.ask_reject(id, held, Requeue::No);
                self.emit(Happening::DeadLettered(id, job));
            }
        }
        if habit == Habit::AcksTwice {
            self.ask_ack(id, held);
        }
    }

    /// With auto-ack there is nothing to settle: whoever does it all the same has its channel closed.
    fn settle_needlessly(&mut self, id: WorkerId, held: Held, habit: Habit) {
        self.emit(Happening::Finished(id, held.job));
        match habit {
            Habit::Acks | Habit::Forgets => {}
            Habit::AcksTwice => self.ask_ack(id, held),
            Habit::Requeues => self.ask_to_reject(id, held, Requeue::Yes),
            Habit::Rejects => self.ask_to_reject(id, held, Requeue::No),
        }
    }

    /// The network swallows the ack, whatever the habit: the job is done, the broker does not know, and it comes again.
    fn settle_in_vain(&mut self, id: WorkerId, held: Held) {
        self.emit(Happening::Finished(id, held.job));
        if held.ack == AckMode::Manual {
            self.ask_ack(id, held);
        }
    }

    fn ask_ack(&mut self, id: WorkerId, held: Held) {
        let epoch = self.epoch(id);
        self.ask(Ask::Ack(id, epoch, held.tag));
    }

    fn ask_reject(&mut self, id: WorkerId, held: Held, requeue: Requeue) {
        self.emit(Happening::Rejected(id, held.job, requeue));
        self.ask_to_reject(id, held, requeue);
    }

    fn ask_to_reject(&mut self, id: WorkerId, held: Held, requeue: Requeue) {
        let epoch = self.epoch(id);
        self.ask(Ask::Reject(id, epoch, held.tag, requeue));
    }

    fn epoch(&self, id: WorkerId) -> Epoch {
        self.line(id).map(|line| line.epoch).unwrap_or_default()
    }
}
