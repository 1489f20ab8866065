//! The pure lab. A driver feeds it what was seen and the time, and carries out what it asks.
//!
//! In: a [`Command`] of a person, something [`Seen`] on the wire, or the time alone (`Tick`). Out: what the driver is to
//! do ([`Ask`]), and each [`Event`] that happened, already entered in the [`Ledger`]. The lab decides from the ledger
//! and keeps beside it only what no picture shows: which channel of a worker is the current one, what is to be tried
//! again when, and where the producer stands in its schedule.
//!
//! Before an input is looked at, all that was due before it is done, each at its own lab time: so the same inputs at
//! the same times give the same run, however seldom the driver ticks. Only a driver that is more than two seconds late
//! finds the clock to have slipped.

use super::command::Command;
use super::crew::{Guests, Line, Performance, Producer, RollCall, Sequel};
use super::event::{Burial, Event, Happening};
use super::ids::{Elapsed, Epoch, JobId, LabTime, WorkerId};
use super::ledger::{Detail, Ledger};
use super::script::Script;
use super::settings::{MAX_WORKERS, Settings};
use super::snapshot::{Balance, BrokerRow, BrokerState, Snapshot};
use super::wire::{Ask, Delivered, Seen};
use std::sync::Arc;

/// Producer, workers, clock and books. A driver feeds it and carries out what it asks.
#[derive(Debug)]
pub struct Lab {
    pub(super) ledger: Ledger,
    /// By worker number, from `W1`.
    pub(super) lines: Vec<Line>,
    pub(super) roll: RollCall,
    pub(super) guests: Guests,
    pub(super) producer: Producer,
    pub(super) run: Run,
    /// What follows by itself from what was asked.
    pub(super) sequel: Sequel,
    /// The script, if there is one.
    pub(super) performance: Option<Performance>,
    /// Lines that are down and to which something was handed out with auto-ack, in order of the workers' numbers; some
    /// of them maybe no more.
    pub(super) loose: Vec<WorkerId>,
    /// When the first of the broken lines is tried again, or earlier.
    pub(super) retry: Option<Elapsed>,
    /// Redeliveries of jobs that someone seems to have still.
    pub(super) contested: Vec<(WorkerId, Epoch, Delivered)>,
    /// Jobs that the broker has dead-lettered while someone here seems to have them still.
    pub(super) buried: Vec<(JobId, Burial)>,
    /// The last epoch given out; never reused, so that what is left of an earlier life is known as such.
    pub(super) last_epoch: u32,
    /// The moment that is being worked on.
    pub(super) at: Elapsed,
    pub(super) clock_now: LabTime,
    shown: Balance,
    version: u64,
    out: Vec<Output>,
    /// How much it has room for.
    pub(super) room: Room,
}

/// How much a lab has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// So many workers of its own: more can't be added.
    pub workers: usize,
    /// So many jobs: with more, a script is out of time.
    pub jobs: u32,
}

impl Default for Room {
    /// For a lab with real clients, which are slow enough to need no limit on jobs.
    fn default() -> Self {
        Self {
            workers: MAX_WORKERS,
            jobs: u32::MAX,
        }
    }
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// `start` was not called.
    Unborn,
    /// The clock stands at zero until producer and workers are there, at longest until then.
    Gathering(Elapsed),
    /// Under way.
    Going,
    /// Between the wish to begin again and the driver's answer; nothing else is done.
    Resetting,
}

/// What the lab is fed.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A person's wish.
    Command(Command),
    /// The driver has seen something.
    Seen(Seen),
    /// Time has passed.
    Tick,
}

/// What the lab gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Carry this out.
    Ask(Ask),
    /// It happened, and is in the ledger already; for recorders.
    Event(Event),
}

/// How long the clock waits for the crew.
const GATHERING: Elapsed = Elapsed(3_000_000);
/// And at least so long for each worker.
const GATHERING_EACH: Elapsed = Elapsed(1_000);

impl Lab {
    /// Nothing is asked yet. `broker` names it and says whether the lab owns it.
    pub fn new(settings: Settings, broker: BrokerRow) -> Self {
        Self::with_script(settings, broker, None)
    }

    /// The same with a script, which is performed on the lab clock, from its start and again after each reset. The
    /// producer begins held.
    pub fn with_script(settings: Settings, broker: BrokerRow, script: Option<Arc<Script>>) -> Self {
        let performance = script.map(|script| Performance::new(script, settings.clone()));
        let ledger = Ledger::new(settings, broker);
        let lines = ledger.workers().iter().map(|_| Line::new()).collect();
        Self {
            ledger,
            lines,
            roll: RollCall::default(),
            guests: Guests::default(),
            producer: Producer::default(),
            run: Run::Unborn,
            sequel: Sequel::Nothing,
            performance,
            loose: Vec::new(),
            retry: None,
            contested: Vec::new(),
            buried: Vec::new(),
            last_epoch: 0,
            at: Elapsed(0),
            clock_now: LabTime(0),
            shown: Balance::Balanced,
            version: 0,
            out: Vec::new(),
            room: Room::default(),
        }
    }

    /// The same with room for so much.
    #[must_use]
    pub fn with_room(mut self, room: Room) -> Self {
        self.room = room;
        self
    }

    /// The same, keeping no more than that of what happens; for runs that nobody watches.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.ledger.set_detail(detail);
        self
    }

    /// The first asks: confirms, and the first subscription. The workers subscribe one after another, in order of
    /// their numbers, so that the broker's ring has that order too.
    pub fn start(&mut self, now: Elapsed, out: &mut Vec<Output>) {
        std::mem::swap(&mut self.out, out);
        self.at = self.at.max(now);
        self.prepare_play();
        self.ask(Ask::SetConfirms(self.ledger.settings().confirms));
        self.gather();
        self.conclude();
        std::mem::swap(&mut self.out, out);
    }

    /// One step. `now` never goes back.
    pub fn handle(&mut self, now: Elapsed, input: Input, out: &mut Vec<Output>) {
        std::mem::swap(&mut self.out, out);
        self.run_to(now.max(self.at));
        match input {
            Input::Command(command) => self.command(command),
            Input::Seen(seen) => self.seen(seen),
            Input::Tick => {}
        }
        self.conclude();
        std::mem::swap(&mut self.out, out);
    }

    /// When the next [`Input::Tick`] is wanted, in real time; `None`: only after the next input.
    pub fn next_due(&self) -> Option<Elapsed> {
        let gathering = match self.run {
            Run::Gathering(until) => Some(until),
            _ => None,
        };
        let balance = self.ledger.balance_due().filter(|due| *due > self.at);
        let sequel = self.sequel.due();
        [self.next_on_clock(), self.next_on_lines(), gathering, balance, sequel]
            .into_iter()
            .flatten()
            .min()
    }

    /// The picture now.
    pub fn snapshot(&self, now: Elapsed) -> Snapshot {
        Snapshot {
            play: self.performance.as_ref().map(Performance::play),
            ..self.ledger.snapshot(now.max(self.at))
        }
    }

    /// Grows whenever something happened that a snapshot shows (the passing of time alone does not count).
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The books themselves.
    #[cfg(test)]
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

/// What the parts of the crew share.
impl Lab {
    pub(super) fn emit(&mut self, what: Happening) {
        let event = Event {
            at: self.at,
            lab: self.clock_now,
            what,
        };
        self.ledger.apply(&event);
        self.version += 1;
        self.out.push(Output::Event(event));
    }

    /// A snapshot shows something else, though nothing happened that the books know.
    pub(super) fn note_change(&mut self) {
        self.version += 1;
    }

    pub(super) fn ask(&mut self, ask: Ask) {
        self.out.push(Output::Ask(ask));
    }

    pub(super) fn decline(&mut self, why: &str) {
        self.emit(Happening::Declined(why.into()));
    }

    pub(super) fn line(&self, id: WorkerId) -> Option<&Line> {
        self.lines.get(usize::from(id.0).checked_sub(1)?)
    }

    pub(super) fn line_mut(&mut self, id: WorkerId) -> Option<&mut Line> {
        self.lines.get_mut(usize::from(id.0).checked_sub(1)?)
    }

    pub(super) fn broker_is_up(&self) -> bool {
        self.ledger.broker().state == BrokerState::Up
    }

    /// Calls everybody, and lets the clock stand until they are there.
    pub(super) fn gather(&mut self) {
        let crew = self.ledger.workers().len() as u64;
        let patience = GATHERING.0.max(crew * GATHERING_EACH.0);
        self.run = Run::Gathering(Elapsed(self.at.0 + patience));
        self.enlist_all();
    }

    /// Does all that is due up to `now`.
    fn run_to(&mut self, now: Elapsed) {
        self.run_clock(now);
        self.at = now;
        self.clock_now = self.ledger.clock().now(now);
        self.run_lines();
    }

    /// After an input: whoever is next on the roll, whatever the input made due, and the start of the clock.
    fn conclude(&mut self) {
        self.call_roll();
        if let Run::Gathering(until) = self.run
            && (self.crew_is_complete() || self.at >= until)
        {
            self.run = Run::Going;
            self.emit(Happening::Started);
        }
        self.go_on();
        self.plan_publication();
        self.run_clock(self.at);
        self.settle_contested();
        self.settle_buried();
        self.hear_late_guests();
        self.publish_owed();
        let balance = self.ledger.balance(self.at);
        if std::mem::discriminant(&balance) != std::mem::discriminant(&self.shown) {
            self.shown = balance;
            self.version += 1;
        }
    }

    fn crew_is_complete(&self) -> bool {
        self.ledger.connected() && self.roll.is_empty() && self.lines.iter().all(|line| !line.is_opening())
    }
}
