//! The script, performed: each cue at its moment, then the end.
//!
//! A cue is due like a publication or a finished job, so whoever runs the clock does it at its own lab time. One that
//! waits for a condition is due at the moment at which the condition is found to hold: it is looked at after each input
//! and each thing done on the clock. At the same lab time a cue comes before the rest, as it does on a real line, where
//! work that began at a cue's moment began a little after it.
//!
//! A cue with a hold is asked first: the clock stops, and [`Play::asked`] names it. It has come
//! ([`Happening::Cued`]), and its commands are done, when the clock runs again, or by a step.

use super::super::command::{Command, Producing};
use super::super::event::{Change, Happening};
use super::super::ids::LabTime;
use super::super::lab::{Lab, Run};
use super::super::script::{Cue, CueWhen, End, Hold, Over, Play, Script};
use super::super::settings::{Habit, Settings};
use super::super::snapshot::{BrokerState, Pace};
use super::super::wire::Ask;
use super::sequel::Sequel;
use super::work::Due;
use std::sync::Arc;

/// Where the performance of a script is.
#[derive(Debug)]
pub(in super::super) struct Performance {
    script: Arc<Script>,
    /// What it began with: what the script changes is so again when it is played again.
    beginning: Settings,
    /// Cues that have come, with all that they do.
    come: usize,
    /// How much of the present one is done, once it has begun: a large burst goes out first.
    done: Option<usize>,
    /// When the last one came.
    last: LabTime,
    /// Whether the clock stands for the next one.
    asked: bool,
    over: Option<Over>,
}

impl Performance {
    pub(in super::super) fn new(script: Arc<Script>, beginning: Settings) -> Self {
        Self {
            script,
            beginning,
            come: 0,
            done: None,
            last: LabTime(0),
            asked: false,
            over: None,
        }
    }

    /// For the screen.
    pub(in super::super) fn play(&self) -> Play {
        let next = number(self.come);
        Play {
            next,
            asked: self.asked.then_some(next),
            over: self.over,
        }
    }

    fn cue(&self) -> Option<&Cue> {
        self.script.cues.get(self.come)
    }

    fn rewind(&mut self) {
        self.come = 0;
        self.done = None;
        self.last = LabTime(0);
        self.asked = false;
        self.over = None;
    }
}

impl Lab {
    /// What of the script is due, and when; it may be at once.
    pub(super) fn next_of_script(&self) -> Option<(LabTime, Due)> {
        let play = self.performance.as_ref().filter(|play| play.over.is_none())?;
        if self.run != Run::Going {
            return None;
        }
        let next = match play.cue() {
            Some(_) if self.owes_publications() => None,
            Some(_) if play.asked || play.done.is_some() => Some((self.clock_now, Due::Cue)),
            Some(cue) => self.moment(cue.when, play.last).map(|at| (at, Due::Cue)),
            None => self.end_of(play).map(|at| (at, Due::Over(Over::Reached))),
        };
        let no_room = self.ledger.jobs().len() > self.room.jobs;
        let limit = if no_room { self.clock_now } else { play.script.limit };
        let limit = (limit, Due::Over(Over::OutOfTime));
        Some(next.filter(|(at, _)| *at <= limit.0 && !no_room).unwrap_or(limit))
    }

    fn moment(&self, when: CueWhen, last: LabTime) -> Option<LabTime> {
        match when {
            CueWhen::At(at) => Some(at.max(last)),
            CueWhen::After(pause) => Some(after(last, pause)),
            CueWhen::When(condition) => self.ledger.holds(condition).then_some(self.clock_now),
        }
    }

    fn end_of(&self, play: &Performance) -> Option<LabTime> {
        match play.script.end {
            End::Settled => self.has_settled().then_some(self.clock_now),
            End::At(at) => Some(at.max(play.last)),
            End::After(pause) => Some(after(play.last, pause)),
            End::When(condition) => self.ledger.holds(condition).then_some(self.clock_now),
        }
    }

    /// Nothing is on its way: no publication, no confirm, no end or return of the broker, no job.
    fn has_settled(&self) -> bool {
        let broker = self.ledger.broker();
        self.ledger.producing() == Producing::Held
            && !self.producer.owes()
            && self.sequel == Sequel::Nothing
            && self.ledger.ending().is_none()
            && broker.state == BrokerState::Up
            && !self.awaits_confirms()
            && self.ledger.has_settled()
    }

    /// The next cue's moment is there, or what it had to wait for in the middle: what was to be published before the rest.
    pub(super) fn cue(&mut self) {
        let Some(play) = &mut self.performance else { return };
        let Some(cue) = play.script.cues.get(play.come) else {
            return;
        };
        if cue.hold == Hold::Ask && !play.asked && play.done.is_none() {
            play.asked = true;
            self.stand_still();
            return;
        }
        let (n, script) = (play.come, Arc::clone(&play.script));
        play.asked = false;
        if play.done.is_none() {
            play.last = self.clock_now;
            self.emit(Happening::Cued(number(n)));
        }
        self.carry_on(n, &script.cues[n].does);
        self.plan_publication();
    }

    /// Does what is left of a cue, each thing after what comes before it.
    fn carry_on(&mut self, cue: usize, does: &[Command]) {
        let mut done = self.performance.as_ref().and_then(|play| play.done).unwrap_or(0);
        while let Some(command) = does.get(done).filter(|_| !self.owes_publications()) {
            self.command(*command);
            done += 1;
        }
        if let Some(play) = &mut self.performance {
            let all = done == does.len();
            play.come = if all { cue + 1 } else { cue };
            play.done = (!all).then_some(done);
        }
    }

    fn stand_still(&mut self) {
        if self.ledger.is_paused() {
            self.note_change();
        } else {
            self.emit(Happening::Changed(Change::Pace(Pace::Paused)));
        }
    }

    pub(super) fn script_is_over(&mut self, over: Over) {
        if let Some(play) = &mut self.performance {
            play.over = Some(over);
            self.emit(Happening::Over(over));
        }
    }

    /// Before the run begins (again): jobs come by the script alone.
    pub(in super::super) fn prepare_play(&mut self) {
        if let Some(play) = &mut self.performance {
            play.rewind();
            self.set_producing(Producing::Held);
        }
    }

    /// What the script changed is as it was at the beginning; what a person changed besides stays, and so does the broker's
    /// version.
    pub(super) fn undo_script(&mut self) {
        let Some(play) = &self.performance else { return };
        let (script, beginning) = (Arc::clone(&play.script), play.beginning.clone());
        for command in script.cues.iter().flat_map(|cue| &cue.does) {
            if let Some(change) = undone(*command, &beginning) {
                self.restore(change);
            }
        }
    }

    fn restore(&mut self, change: Change) {
        match change {
            Change::Confirms(confirms) => self.set_confirms(confirms),
            Change::Line(line) if self.ledger.settings().line != line => {
                self.change(change);
                self.ask(Ask::SetLine(line));
            }
            Change::Line(_) => {}
            _ => self.change(change),
        }
    }

    /// The speeds with which a reset begins, where the script changes who is there.
    pub(super) fn scripted_speeds(&self) -> Option<Vec<super::super::settings::Speed>> {
        let play = self.performance.as_ref()?;
        let mut commands = play.script.cues.iter().flat_map(|cue| &cue.does);
        let changes = |command: &Command| {
            matches!(
                command,
                Command::AddWorker(_) | Command::RemoveWorker(_) | Command::SetSpeed(..)
            )
        };
        commands.any(changes).then(|| play.beginning.speeds.clone())
    }
}

/// What takes back what a command changed.
fn undone(command: Command, beginning: &Settings) -> Option<Change> {
    Some(match command {
        Command::SetRate(_) => Change::Rate(beginning.rate),
        Command::SetWorkload(_) => Change::Workload(beginning.workload),
        Command::SetPrefetch(_) | Command::SetQos(_) => Change::Prefetch(beginning.prefetch),
        Command::SetAck(_) => Change::Ack(beginning.ack),
        Command::SetQueue(_) => Change::Queue(beginning.queue),
        Command::SetMessages(_) => Change::Messages(beginning.messages),
        // A sample switches them on.
        Command::SetConfirms(_) | Command::PublishSample(_) | Command::CrashTest(_) => {
            Change::Confirms(beginning.confirms)
        }
        Command::SetScale(_) => Change::Scale(beginning.scale),
        Command::SetLine(_) => Change::Line(beginning.line),
        Command::SetHabit(id, _) => Change::Habit(id, Habit::default()),
        _ => return None,
    })
}

fn after(last: LabTime, pause: LabTime) -> LabTime {
    LabTime(last.0.saturating_add(pause.0))
}

fn number(cue: usize) -> u16 {
    u16::try_from(cue).unwrap_or(u16::MAX)
}
