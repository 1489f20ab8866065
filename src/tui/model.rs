//! What the screen remembers between frames. All that is true of the lab itself is in the snapshot.

use super::facts::Facts;
use super::keymap::Place;
use super::rewind::Tense;
use super::room::Motion;
use super::wishes::Wishes;
use super::{code, compare, foresee, lesson, messages, rewind, room, why, wire, words};
use crate::code::Case;
use crate::lab::{Elapsed, Gaze, KillKind, Moment, Pace, Snapshot, Tap, WorkerId, WorkerRow};
use ratatui::layout::Rect;
use std::borrow::Cow;

/// How long a changed setting stays marked, in microseconds of real time.
const FLASH_US: u64 = 2_000_000;
/// How long a message stays, in microseconds of real time.
const MESSAGE_US: u64 = 4_000_000;

/// The screen's memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Model {
    /// By name, not by row: it stays when others are removed.
    pub(super) selected: WorkerId,
    /// Which view is shown.
    pub(super) view: View,
    /// What is open above the view.
    pub(super) overlay: Overlay,
    /// What was typed where text is asked for.
    pub(super) typed: String,
    pub(super) messages: messages::State,
    pub(super) compare: compare::State,
    pub(super) wire: wire::State,
    pub(super) code: code::State,
    pub(super) why: why::State,
    pub(super) lesson: lesson::State,
    pub(super) foresee: foresee::State,
    pub(super) rewind: rewind::State,
    pub(super) room: room::State,
    /// What `K` repeats and the kill menu preselects.
    pub(super) last_kill: KillKind,
    /// One line above the keys' heads.
    pub(super) message: Option<Message>,
    /// Settings that changed just now.
    pub(super) flashes: Vec<Flash>,
    /// How many lab seconds a timeline column stands for.
    pub(super) zoom: Zoom,
    /// How many lines the log is scrolled back; 0 follows the newest.
    pub(super) log_back: u16,
    /// The screen.
    pub(super) size: Rect,
    /// Real time since the screen began.
    pub(super) now: Elapsed,
    /// When the newest picture was taken, by the lab's real time, and when it came, by the screen's.
    pub(super) seen: (Elapsed, Elapsed),
    /// What was asked and not answered yet, so that two quick presses take two steps.
    pub(super) wishes: Wishes,
}

/// The views, each of the whole screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum View {
    /// Producer, queue, workers, timelines, reasons, books.
    #[default]
    Lab,
    /// Every job and its journey.
    Messages,
    /// Two settings side by side.
    Compare,
    /// The AMQP methods as they pass.
    Wire,
    /// The client code for what is on screen.
    Code,
    /// What is going on, and why.
    Why,
    /// A lesson beside the lab, or the list of them.
    Lesson,
}

impl View {
    /// All of them, in the order of their tabs.
    pub(super) const ALL: [Self; 7] = [
        Self::Lab,
        Self::Messages,
        Self::Compare,
        Self::Wire,
        Self::Code,
        Self::Why,
        Self::Lesson,
    ];

    /// Its tab.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Lab => "Lab",
            Self::Messages => "Messages",
            Self::Compare => "Compare",
            Self::Wire => "Wire",
            Self::Code => "Code",
            Self::Why => "Why",
            Self::Lesson => "Lesson",
        }
    }

    /// The one that many tabs further, round and round.
    pub(super) fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

/// What is open above the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    /// Nothing.
    Closed,
    /// The ways to end this worker, whatever is selected; the marked line.
    Kill(WorkerId, u16),
    /// What can be done to the broker; the marked line.
    Broker(u16),
    /// Whether to remove this worker, whatever is selected.
    Remove(WorkerId),
    /// All keys and signs; lines scrolled.
    Help(u16),
    /// What survived the broker's end.
    Matrix,
    /// How others join.
    Door,
    /// The palette: any action by its name; the marked line.
    Palette(u16),
    /// The number of a job is asked for.
    Find,
}

/// A short answer to a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) text: Cow<'static, str>,
    until: Elapsed,
}

/// A setting that changed, and how long it is marked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flash {
    what: Setting,
    until: Elapsed,
}

/// What can change on the screen by a person's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    Prefetch,
    Ack,
    Queue,
    Messages,
    Confirms,
    Rate,
    Sizes,
    Arrivals,
    Scale,
    Line,
    Producing,
    Pace,
    Version,
    Speed(WorkerId),
    Habit(WorkerId),
}

/// The width of a timeline column in lab time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zoom {
    Quarter,
    Half,
    One,
    Two,
}

impl Zoom {
    pub(super) const fn micros(self) -> u64 {
        match self {
            Self::Quarter => 250_000,
            Self::Half => 500_000,
            Self::One => 1_000_000,
            Self::Two => 2_000_000,
        }
    }

    pub(super) const fn next(self) -> Self {
        match self {
            Self::Quarter => Self::Half,
            Self::Half => Self::One,
            Self::One => Self::Two,
            Self::Two => Self::Quarter,
        }
    }
}

impl Model {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        Self {
            selected: snapshot.workers.first().map_or(WorkerId(1), |w| w.id),
            view: View::default(),
            overlay: Overlay::Closed,
            typed: String::new(),
            messages: messages::State::default(),
            compare: compare::State::default(),
            wire: wire::State::default(),
            code: code::State::default(),
            why: why::State::default(),
            lesson: lesson::State::of(&lesson::Lessons::default()),
            foresee: foresee::State::default(),
            rewind: rewind::State::default(),
            room: room::State::default(),
            last_kill: KillKind::Reset,
            message: None,
            flashes: Vec::new(),
            zoom: Zoom::Half,
            log_back: 0,
            size: Rect::new(0, 0, 80, 24),
            now: Elapsed(0),
            seen: (snapshot.at, Elapsed(0)),
            wishes: Wishes::default(),
        }
    }

    /// The row of the selected worker; of the nearest one if it is gone.
    pub(super) fn selected_row(&self, snapshot: &Snapshot) -> usize {
        let rows = &snapshot.workers;
        rows.partition_point(|w| w.id < self.selected)
            .min(rows.len().saturating_sub(1))
    }

    /// The selected worker; `None` only when there is none at all.
    pub(super) fn selected_worker<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s WorkerRow> {
        snapshot.workers.get(self.selected_row(snapshot))
    }

    /// The worker that a key would end or remove: the one an open question is about, else the selected one.
    pub(super) fn target<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s WorkerRow> {
        match self.overlay {
            Overlay::Kill(id, _) | Overlay::Remove(id) => snapshot.workers.iter().find(|w| w.id == id),
            _ => self.selected_worker(snapshot),
        }
    }

    pub(super) fn say(&mut self, text: impl Into<Cow<'static, str>>) {
        self.message = Some(Message {
            text: text.into(),
            until: Elapsed(self.now.0 + MESSAGE_US),
        });
    }

    pub(super) fn flashes(&self, what: Setting) -> bool {
        self.flashes.iter().any(|f| f.what == what)
    }

    /// Time has passed. Returns whether the picture changes by it.
    pub(super) fn tick(&mut self, now: Elapsed) -> bool {
        self.now = now;
        let shown = |model: &Self| (model.message.is_some(), model.flashes.len(), model.room.echo.is_some());
        let before = shown(self);
        self.message.take_if(|m| m.until <= now);
        self.flashes.retain(|f| f.until > now);
        self.room.tick(now);
        self.wishes.forget_old(now);
        let marks_went = self.code.tick(now);
        marks_went || before != shown(self)
    }

    /// When the picture changes by the passing of time alone.
    pub(super) fn next_due(&self) -> Option<Elapsed> {
        let message = self.message.iter().map(|m| m.until);
        let flashes = self.flashes.iter().map(|f| f.until);
        let others = [
            self.rewind.next_due(self.now),
            self.room.next_due(),
            self.code.next_due(),
        ];
        message.chain(flashes).chain(others.into_iter().flatten()).min()
    }

    /// A new picture came: what changed is marked, what was granted is no longer a wish.
    pub(super) fn observe(&mut self, before: &Snapshot, after: &Snapshot) {
        for what in changes(before, after) {
            self.flashes.retain(|f| f.what != what);
            self.flashes.push(Flash {
                what,
                until: Elapsed(self.now.0 + FLASH_US),
            });
        }
        self.wishes.settle(after);
        self.foresee.observe(before, after);
        self.code.observe(Case::of(after, self.selected, None), self.now);
        self.seen = (after.at, self.now);
        let present = self.rewind.tense() == Tense::Present;
        if present && self.overlay == Overlay::Closed && came_back(before, after) {
            self.overlay = Overlay::Matrix;
        }
        if after.clock.now < before.clock.now {
            self.log_back = 0;
        }
        if let Some(worker) = self.selected_worker(after) {
            self.selected = worker.id;
        }
        if let Overlay::Kill(id, _) | Overlay::Remove(id) = self.overlay
            && self.target(after).is_none()
        {
            self.overlay = Overlay::Closed;
            self.say(words::no_longer_there(id));
        }
    }

    /// The lab's real time now, for what is seen to move; `None`: nothing is.
    pub(super) fn travel_now(&self, facts: &Facts) -> Option<Elapsed> {
        let runs = facts.snapshot.clock.pace == Pace::Running && !facts.is_past();
        let (taken, came) = self.seen;
        let shown = matches!(self.view, View::Lab | View::Lesson);
        let moves = runs && shown && self.room.motion == Motion::Shown;
        moves.then(|| Elapsed(taken.0 + self.now.0.saturating_sub(came.0)))
    }

    /// Where a key is pressed.
    pub(super) const fn place(&self) -> Place {
        Place {
            view: self.view,
            overlay: self.overlay,
            tense: self.rewind.tense(),
        }
    }

    /// What the screen looks at besides the present.
    pub(super) fn gaze(&self) -> Gaze {
        let (page, journey) = messages::gaze(self);
        Gaze {
            when: self.rewind.when(),
            page,
            journey,
        }
    }

    /// Whether frames are wanted.
    pub(super) fn tap(&self) -> Tap {
        match self.view {
            View::Wire => Tap::On,
            _ => Tap::Off,
        }
    }

    /// What the message line says when the lab takes no more wishes for the moment.
    pub(super) fn say_busy(&mut self) {
        self.wishes.take_back();
        self.say(words::LAB_IS_BUSY);
    }
}

/// Whether the broker came back just now from an end at which there was something to lose.
fn came_back(before: &Snapshot, after: &Snapshot) -> bool {
    let matrix = &after.matrix;
    let is_back = matches!(matrix.moment, Moment::Back(..)) && before.matrix.moment != matrix.moment;
    is_back && matrix.all().any(|cell| cell.published > 0)
}

/// The settings in which two pictures differ.
fn changes(before: &Snapshot, after: &Snapshot) -> Vec<Setting> {
    let (old, new) = (&before.settings, &after.settings);
    let mut found = Vec::new();
    let mut note = |changed: bool, what| {
        if changed {
            found.push(what);
        }
    };
    note(old.prefetch != new.prefetch, Setting::Prefetch);
    note(old.ack != new.ack, Setting::Ack);
    note(old.queue != new.queue, Setting::Queue);
    note(old.messages != new.messages, Setting::Messages);
    note(old.confirms != new.confirms, Setting::Confirms);
    note(old.rate != new.rate, Setting::Rate);
    note(old.workload.sizes != new.workload.sizes, Setting::Sizes);
    note(old.workload.arrivals != new.workload.arrivals, Setting::Arrivals);
    note(old.scale != new.scale, Setting::Scale);
    note(old.line != new.line, Setting::Line);
    note(
        before.producer.producing != after.producer.producing,
        Setting::Producing,
    );
    note(before.clock.pace != after.clock.pace, Setting::Pace);
    note(before.broker.version != after.broker.version, Setting::Version);
    for (row, was) in after.workers.iter().zip(&before.workers) {
        note(row.id == was.id && row.speed != was.speed, Setting::Speed(row.id));
        note(row.id == was.id && row.habit != was.habit, Setting::Habit(row.id));
    }
    found
}
