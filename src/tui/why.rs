//! The insights: what is going on, and why: what its keys do.
//!
//! One insight is opened at a time. It is remembered by its kind, so that it stays open while others come and go, and
//! when it goes itself and stands below under what was true earlier.

use super::action::Action;
use super::facts::Facts;
use super::keymap::{self, Binding, Context, Key, at, line};
use super::model::{Model, View};
use super::update::Effect;
use crate::lab::{Insight, Remedy, Snapshot};
use crossterm::event::KeyCode;

/// What the view remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    /// The one that was chosen; `None`: whatever matters most.
    chosen: Option<Insight>,
}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Open the one above.
    Previous,
    /// Open the one below.
    Next,
    /// Some lines up.
    PageUp,
    /// Some lines down.
    PageDown,
    /// Select the worker it is about.
    SelectWorker,
}

const HERE: Context = Context::View(View::Why);

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(HERE, &[at(KeyCode::Up)], Action::Why(Deed::Previous), "↑", "open the insight above").foot(23, "up"),
    line(HERE, &[at(KeyCode::Down)], Action::Why(Deed::Next), "↓", "open the insight below").foot(0, "next insight"),
    line(HERE, &[at(KeyCode::PageUp)], Action::Why(Deed::PageUp), "PgUp", "five insights up"),
    line(HERE, &[at(KeyCode::PageDown)], Action::Why(Deed::PageDown), "PgDn", "five insights down"),
    line(HERE, &[at(KeyCode::Enter)], Action::Why(Deed::SelectWorker), "Enter", "select the worker that it is about, for k, r, + and -").foot(0, "select its worker"),
];

/// Insights that a page key passes.
const PAGE: usize = 5;

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    let snapshot = &*facts.snapshot;
    let row = opened(&model.why, snapshot).unwrap_or(0);
    match deed {
        Deed::Previous => open(&mut model.why, snapshot, row.saturating_sub(1)),
        Deed::Next => open(&mut model.why, snapshot, row + 1),
        Deed::PageUp => open(&mut model.why, snapshot, row.saturating_sub(PAGE)),
        Deed::PageDown => open(&mut model.why, snapshot, row + PAGE),
        Deed::SelectWorker => select(model, snapshot, row),
    }
    None
}

/// All insights of the list: those that hold now, then those that did.
pub(super) fn list(snapshot: &Snapshot) -> impl Iterator<Item = Insight> {
    let now = snapshot.insights.iter().map(|p| p.insight);
    now.chain(snapshot.earlier.iter().map(|e| e.insight))
}

/// Which of the list is open; `None`: the list is empty.
pub(super) fn opened(state: &State, snapshot: &Snapshot) -> Option<usize> {
    let chosen = state.chosen.and_then(|chosen| list(snapshot).position(|i| i.is_like(&chosen)));
    chosen.or_else(|| list(snapshot).next().map(|_| 0))
}

fn open(state: &mut State, snapshot: &Snapshot, row: usize) {
    let last = list(snapshot).count().saturating_sub(1);
    state.chosen = list(snapshot).nth(row.min(last));
}

fn select(model: &mut Model, snapshot: &Snapshot, row: usize) {
    let Some(worker) = list(snapshot).nth(row).and_then(|insight| insight.worker()) else {
        return model.say("this one is about no single worker");
    };
    if snapshot.workers.iter().any(|w| w.id == worker) {
        model.selected = worker;
        model.say(format!("{worker} is selected: k, r, + and - act on it"));
    } else {
        model.say(super::words::no_longer_there(worker));
    }
}

/// What a remedy is on the keyboard, if there is one key for it.
pub(super) const fn action(remedy: Remedy) -> Option<Action> {
    match remedy {
        Remedy::ManualAck => Some(Action::ToggleAck),
        Remedy::LimitPrefetch | Remedy::RaisePrefetch => Some(Action::PrefetchUp),
        Remedy::LowerPrefetch => Some(Action::PrefetchDown),
        Remedy::Persist => Some(Action::ToggleMessages),
        Remedy::UseDurable | Remedy::SwitchQueue => Some(Action::ToggleQueue),
        Remedy::Confirm => Some(Action::ToggleConfirms),
        Remedy::Kill => Some(Action::OpenKillMenu),
        Remedy::Revive => Some(Action::Revive),
        Remedy::Faster => Some(Action::Faster),
        Remedy::AddWorker => Some(Action::AddWorker),
        Remedy::RemoveWorker => Some(Action::OpenRemove),
        Remedy::Burst => Some(Action::Publish(10)),
        Remedy::Table => Some(Action::OpenMatrix),
        Remedy::Journeys => Some(Action::Show(View::Messages)),
        Remedy::MendHabit | Remedy::Wait => None,
    }
}

/// The key of an action, as it is shown.
pub(super) fn key(action: Action) -> Option<String> {
    let binding = keymap::bindings().find(|b| b.action == action)?;
    match binding.keys.first() {
        Some(Key(KeyCode::F(n), _)) => Some(format!("F{n}")),
        _ => Some(binding.shown.to_owned()),
    }
}

#[cfg(test)]
mod tests;
