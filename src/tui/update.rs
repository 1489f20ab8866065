//! Action × model × snapshot → model and effect. Nothing is done here; effects say what is to be done.

use super::Exit;
use super::action::Action;
use super::availability::why_not;
use super::facts::Facts;
use super::keymap::{BROKER_MENU, BrokerLine};
use super::lesson::LessonWish;
use super::model::{Model, Overlay, View};
use super::rewind::Footage;
use super::steps::{self, Way};
use super::{code, compare, lesson, messages, outside, palette, rewind, room, view, why, wire, words};
use crate::lab::{Command, ContestOrder, KillKind, Snapshot, Speed, WorkerId};
use crate::report::Form;

#[cfg(test)]
mod tests;

/// Jobs of each kind in a sample.
const SAMPLE: u32 = 5;

/// What is to be done outside the screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// Ask the lab.
    Ask(Command),
    /// Ask whoever runs comparisons.
    Contest(ContestOrder),
    /// Bring something out of the screen.
    Outside(outside::Deed),
    /// Have a report of that kind written.
    Report(Form),
    /// See another lesson, or the same one again.
    Lesson(LessonWish),
    /// Leave.
    Quit,
}

impl Effect {
    /// How the screen ends by it, if it does.
    pub(super) const fn exit(&self) -> Option<Exit> {
        match self {
            Self::Quit => Some(Exit::Quit),
            Self::Lesson(wish) => Some(Exit::Lesson(*wish)),
            Self::Ask(_) | Self::Contest(_) | Self::Outside(_) | Self::Report(_) => None,
        }
    }
}

/// Carries an action out on the model; what can't be done now is answered by its reason.
pub(super) fn update(model: &mut Model, facts: &Facts, action: Action) -> Option<Effect> {
    let effect = effect(model, facts, action)?;
    if let Some(refusal) = refusal(model, &effect) {
        model.say(refusal);
        return None;
    }
    if let Effect::Ask(command) = &effect {
        model.wishes.add(*command, model.now);
        lesson::note(&mut model.lesson, *command);
    }
    Some(effect)
}

/// Why nobody can be asked for this from the past, or from a recording; `None`: it can be asked for.
fn refusal(model: &Model, effect: &Effect) -> Option<&'static str> {
    match (effect, model.rewind.footage()) {
        (Effect::Ask(_), _) | (Effect::Contest(_), Footage::Recording(_)) => model.rewind.refusal(),
        (Effect::Contest(_), Footage::Live)
        | (Effect::Outside(_) | Effect::Report(_) | Effect::Lesson(_) | Effect::Quit, _) => None,
    }
}

fn effect(model: &mut Model, facts: &Facts, action: Action) -> Option<Effect> {
    let snapshot = &*facts.snapshot;
    if let Some(reason) = why_not(action, model, snapshot) {
        model.say(reason);
        return None;
    }
    model.message = None;
    let command = match action {
        Action::Quit => return Some(Effect::Quit),
        Action::MenuPick if model.overlay == Overlay::Find => return messages::find(model, facts),
        Action::MenuPick => return pick(model, facts),
        Action::ScrollUp if is_list(model) => return messages::update(model, facts, messages::wheel(Way::Up)),
        Action::ScrollDown if is_list(model) => return messages::update(model, facts, messages::wheel(Way::Down)),
        Action::Messages(deed) => return messages::update(model, facts, deed),
        Action::Compare(deed) => return compare::update(model, facts, deed),
        Action::Wire(deed) => return wire::update(model, facts, deed),
        Action::Code(deed) => return code::update(model, facts, deed),
        Action::Why(deed) => return why::update(model, facts, deed),
        Action::Report(form) => return Some(Effect::Report(form)),
        Action::Lesson(deed) => return lesson::update(model, facts, deed),
        // What the learner changed would stay: a lesson begins with its own settings.
        Action::Reset if facts.lessons.open.is_some() => return Some(Effect::Lesson(LessonWish::Again)),
        Action::Rewind(deed) => return rewind::update(model, facts, deed),
        Action::Room(deed) => return room::update(model, facts, deed),
        _ => command(model, snapshot, action),
    };
    let Some(command) = command else {
        on_screen(model, snapshot, action);
        return None;
    };
    Some(Effect::Ask(command))
}

/// Whether the wheel moves in the list of jobs.
fn is_list(model: &Model) -> bool {
    model.view == View::Messages && model.overlay == Overlay::Closed
}

/// What an action asks of the lab, if it does.
fn command(model: &mut Model, snapshot: &Snapshot, action: Action) -> Option<Command> {
    let selected = model.selected_worker(snapshot).map(|w| w.id);
    let target = model.target(snapshot).map(|w| w.id);
    match action {
        Action::Kill(kind) => kill(model, target?, kind),
        Action::KillAgain => kill(model, target?, model.last_kill),
        Action::Broker(order) => closing(model, Command::Broker(order)),
        Action::CrashTest => closing(model, Command::CrashTest(SAMPLE)),
        Action::NextVersion => closing(model, Command::SetVersion(snapshot.broker.version?.next())),
        Action::Remove => closing(model, Command::RemoveWorker(target?)),
        Action::Revive => selected.map(Command::Revive),
        Action::Faster => speed(model, snapshot, Way::Up),
        Action::Slower => speed(model, snapshot, Way::Down),
        Action::NextHabit => habit(model, snapshot),
        Action::Publish(count) => Some(Command::Publish(count)),
        Action::PublishSample => Some(Command::PublishSample(SAMPLE)),
        Action::AddWorker => Some(Command::AddWorker(Speed(1000))),
        Action::Step => Some(Command::Step),
        Action::Reset => Some(Command::Reset),
        _ => model.wishes.intent(snapshot).next(action),
    }
}

/// What concerns the screen alone.
fn on_screen(model: &mut Model, snapshot: &Snapshot, action: Action) {
    match action {
        Action::SelectPrevious => select(model, snapshot, model.selected_row(snapshot).saturating_sub(1)),
        Action::SelectNext => select(model, snapshot, model.selected_row(snapshot) + 1),
        Action::SelectRow(row) => select_exactly(model, snapshot, usize::from(row)),
        Action::OpenKillMenu => ask_about(model, snapshot, |model, id| {
            Overlay::Kill(id, kill_row(model.last_kill))
        }),
        Action::OpenBrokerMenu => model.overlay = Overlay::Broker(broker_row(model, snapshot)),
        Action::OpenRemove => ask_about(model, snapshot, |_, id| Overlay::Remove(id)),
        Action::OpenHelp => model.overlay = Overlay::Help(0),
        Action::OpenMatrix => model.overlay = Overlay::Matrix,
        Action::OpenDoor => model.overlay = Overlay::Door,
        Action::MenuPrevious => move_mark(model, Way::Up),
        Action::MenuNext => move_mark(model, Way::Down),
        Action::ScrollUp => scroll(model, snapshot, Way::Up),
        Action::ScrollDown => scroll(model, snapshot, Way::Down),
        Action::NextView => show(model, model.view.step(1)),
        Action::PreviousView => show(model, model.view.step(View::ALL.len() - 1)),
        Action::Show(view) => show(model, view),
        Action::Type(c) if model.overlay == Overlay::Find => messages::type_in(model, c),
        Action::Type(c) => typed(model, |text| text.push(c)),
        Action::Erase => typed(model, |text| {
            text.truncate(text.char_indices().next_back().map_or(0, |(at, _)| at));
        }),
        Action::NextZoom => model.zoom = model.zoom.next(),
        Action::Foresee => model.foresee.turn(),
        Action::Close => escape(model),
        _ => {}
    }
}

/// The line marked in a menu, as if its own key had been pressed.
fn pick(model: &mut Model, facts: &Facts) -> Option<Effect> {
    let action = match model.overlay {
        Overlay::Kill(_, row) => KillKind::ALL.get(usize::from(row)).copied().map(Action::Kill),
        Overlay::Broker(row) => BROKER_MENU.get(usize::from(row)).map(|line| line.action()),
        Overlay::Palette(row) => Some(Action::Room(room::Deed::Pick(row))),
        _ => None,
    };
    effect(model, facts, action?)
}

/// Text is asked for and was changed: what it finds is another list.
fn typed(model: &mut Model, change: impl FnOnce(&mut String)) {
    change(&mut model.typed);
    if let Overlay::Palette(row) = &mut model.overlay {
        *row = 0;
    }
}

fn show(model: &mut Model, view: View) {
    model.view = view;
    model.overlay = Overlay::Closed;
}

fn ask_about(model: &mut Model, snapshot: &Snapshot, question: impl FnOnce(&Model, WorkerId) -> Overlay) {
    if let Some(worker) = model.selected_worker(snapshot) {
        model.overlay = question(model, worker.id);
    }
}

fn kill(model: &mut Model, worker: WorkerId, kind: KillKind) -> Option<Command> {
    model.last_kill = kind;
    closing(model, Command::Kill(worker, kind))
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of `command` is one call")]
fn closing(model: &mut Model, command: Command) -> Option<Command> {
    model.overlay = Overlay::Closed;
    Some(command)
}

fn speed(model: &Model, snapshot: &Snapshot, way: Way) -> Option<Command> {
    let worker = model.selected_worker(snapshot)?;
    let speed = steps::speed(model.wishes.speed(worker.id, worker.speed), way)?;
    Some(Command::SetSpeed(worker.id, speed))
}

fn habit(model: &Model, snapshot: &Snapshot) -> Option<Command> {
    let worker = model.selected_worker(snapshot)?;
    let habit = steps::next_habit(model.wishes.habit(worker.id, worker.habit));
    Some(Command::SetHabit(worker.id, habit))
}

fn select(model: &mut Model, snapshot: &Snapshot, row: usize) {
    if let Some(worker) = snapshot.workers.get(row) {
        model.selected = worker.id;
    }
}

fn select_exactly(model: &mut Model, snapshot: &Snapshot, row: usize) {
    if row >= snapshot.workers.len() {
        model.say(words::no_such_row(row + 1, snapshot.workers.len()));
    }
    select(model, snapshot, row);
}

fn kill_row(kind: KillKind) -> u16 {
    let row = KillKind::ALL.iter().position(|&k| k == kind);
    row.and_then(|row| u16::try_from(row).ok()).unwrap_or(0)
}

/// The first line that can be done now.
fn broker_row(model: &Model, snapshot: &Snapshot) -> u16 {
    let can = |line: &BrokerLine| why_not(line.action(), model, snapshot).is_none();
    let row = BROKER_MENU.iter().position(can);
    row.and_then(|row| u16::try_from(row).ok()).unwrap_or(0)
}

fn move_mark(model: &mut Model, way: Way) {
    let found = || palette::found(model).len();
    let rows = match model.overlay {
        Overlay::Kill(..) => KillKind::ALL.len(),
        Overlay::Broker(_) => BROKER_MENU.len(),
        Overlay::Palette(_) => found(),
        _ => return,
    };
    let (Overlay::Kill(_, row) | Overlay::Broker(row) | Overlay::Palette(row)) = &mut model.overlay else {
        return;
    };
    let last = u16::try_from(rows).unwrap_or(u16::MAX).saturating_sub(1);
    *row = match way {
        Way::Up => row.saturating_sub(1),
        Way::Down => (*row + 1).min(last),
    };
}

/// Lines that one press scrolls.
const SCROLL: u16 = 4;

fn scroll(model: &mut Model, snapshot: &Snapshot, way: Way) {
    let (position, last) = match &mut model.overlay {
        Overlay::Help(top) => (top, view::help_scroll_limit(model.size, model.view)),
        // The log counts from its newest line back: up is more.
        _ => return scroll_log(model, snapshot, way),
    };
    *position = match way {
        Way::Up => position.saturating_sub(SCROLL),
        Way::Down => position.saturating_add(SCROLL).min(last),
    };
}

fn scroll_log(model: &mut Model, snapshot: &Snapshot, way: Way) {
    let lines = u16::try_from(snapshot.log.len()).unwrap_or(u16::MAX);
    model.log_back = match way {
        Way::Up => model.log_back.saturating_add(SCROLL).min(lines.saturating_sub(1)),
        Way::Down => model.log_back.saturating_sub(SCROLL),
    };
}

fn escape(model: &mut Model) {
    if model.overlay == Overlay::Closed {
        match model.log_back {
            0 => rewind::leave(model),
            _ => model.log_back = 0,
        }
    }
    model.overlay = Overlay::Closed;
}
