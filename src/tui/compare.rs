//! The comparison of two settings: what its keys do.

mod knob;

#[cfg(test)]
mod tests;

pub(super) use knob::{Knob, Reach};

use super::action::Action;
use super::facts::Facts;
use super::keymap::{Binding, Context, at, ch, line};
use super::model::{Model, View};
use super::steps::Way;
use super::update::Effect;
use crate::lab::{Contest, ContestOrder, Feed, Plan, Preset, Side};
use crossterm::event::KeyCode;

/// What the view remembers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// What would be begun.
    pub(super) plan: Plan,
    /// From which ready-made pair it comes; `None`: it was changed since.
    pub(super) preset: Option<Preset>,
    /// The line of the set-up that the keys change.
    pub(super) knob: Knob,
    pub(super) stage: Stage,
}

/// What the view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// What is to be compared.
    SetUp,
    /// The comparison under way, or its result.
    Contest,
}

impl Default for State {
    fn default() -> Self {
        let preset = Preset::default();
        Self {
            plan: preset.plan(),
            preset: Some(preset),
            knob: Knob::Prefetch,
            stage: Stage::SetUp,
        }
    }
}

impl State {
    /// The comparison that is to be shown; `None`: the set-up is.
    pub(super) fn shown<'f>(&self, facts: &'f Facts) -> Option<&'f Contest> {
        facts.contest.as_deref().filter(|_| self.stage == Stage::Contest)
    }
}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Begin, or begin again.
    Begin,
    /// Set up a ready-made pair.
    Choose(Preset),
    /// The line above.
    Up,
    /// The line below.
    Down,
    /// The next value of the marked line.
    Next(Side),
    /// The value before.
    Previous(Side),
    /// Both sides as the lab is now.
    AsTheLab,
    /// End what is under way; else back to the set-up.
    Leave,
}

/// The footer's word for a key at this stage, which has another one at others; `None`: it could do nothing.
pub(super) fn label(state: &State, facts: &Facts, deed: Deed, usual: &'static str) -> Option<&'static str> {
    let under_way = state.shown(facts).is_some_and(Contest::is_under_way);
    match (deed, state.stage) {
        (Deed::Leave, Stage::SetUp) => None,
        (Deed::Leave, Stage::Contest) => Some(if under_way { "end" } else { "back" }),
        (_, Stage::SetUp) => Some(usual),
        _ if under_way => None,
        (Deed::Begin, Stage::Contest) => Some("again"),
        (Deed::Choose(_), Stage::Contest) => Some(usual),
        (_, Stage::Contest) => None,
    }
}

const HERE: Context = Context::View(View::Compare);

const fn deed(deed: Deed) -> Action {
    Action::Compare(deed)
}

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(HERE, &[at(KeyCode::Enter)], deed(Deed::Begin), "Enter", "begin the comparison, or begin it again").foot(0, "begin"),
    line(HERE, &[ch('1')], deed(Deed::Choose(Preset::FairDispatch)), "1…3", "set up a ready-made pair: prefetch 0 against 1, manual against auto-ack, prefetch 1 against 20 with latency").foot(0, "pairs"),
    line(HERE, &[ch('2')], deed(Deed::Choose(Preset::Acks)), "", ""),
    line(HERE, &[ch('3')], deed(Deed::Choose(Preset::Latency)), "", ""),
    line(HERE, &[at(KeyCode::Up)], deed(Deed::Up), "↑ ↓", "the line of the set-up that the keys change"),
    line(HERE, &[at(KeyCode::Down), ch('j')], deed(Deed::Down), "", ""),
    line(HERE, &[ch('e')], deed(Deed::Next(Side::A)), "e", "the marked line: the next value for side A; E the one before").foot(1, "edit A"),
    line(HERE, &[ch('E')], deed(Deed::Previous(Side::A)), "", ""),
    line(HERE, &[ch('f')], deed(Deed::Next(Side::B)), "f", "the same for side B; F the one before").foot(1, "edit B"),
    line(HERE, &[ch('F')], deed(Deed::Previous(Side::B)), "", ""),
    line(HERE, &[ch('o')], deed(Deed::AsTheLab), "o", "set up both sides as the lab is now").foot(6, "as the lab"),
    line(HERE, &[ch('x')], deed(Deed::Leave), "x", "end the comparison; then, back to the set-up").foot(0, "end"),
];

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    let contest = model.compare.shown(facts);
    let under_way = contest.is_some_and(Contest::is_under_way);
    let watching = model.compare.stage == Stage::Contest;
    match deed {
        Deed::Leave if under_way => Some(Effect::Contest(ContestOrder::End)),
        Deed::Leave => set_up(model, |_| {}),
        _ if under_way => said(model, "the comparison is under way: x ends it"),
        Deed::Begin => Some(begin(model, facts)),
        Deed::Choose(preset) => set_up(model, |state| {
            state.plan = preset.plan();
            state.preset = Some(preset);
        }),
        _ if watching => said(model, "x goes back to the set-up"),
        Deed::Up => set_up(model, |state| state.knob = state.knob.neighbour(Way::Up)),
        Deed::Down => set_up(model, |state| state.knob = state.knob.neighbour(Way::Down)),
        Deed::Next(side) => set_up(model, |state| state.turn(side, Way::Up)),
        Deed::Previous(side) => set_up(model, |state| state.turn(side, Way::Down)),
        Deed::AsTheLab => set_up(model, |state| state.take(facts)),
    }
}

fn begin(model: &mut Model, facts: &Facts) -> Effect {
    let state = &mut model.compare;
    state.stage = Stage::Contest;
    // A broker of the comparison's own is as the lab's is.
    state.plan.version = facts.live.broker.version.unwrap_or_default();
    Effect::Contest(ContestOrder::Begin(Box::new(state.plan.clone())))
}

fn set_up(model: &mut Model, change: impl FnOnce(&mut State)) -> Option<Effect> {
    model.compare.stage = Stage::SetUp;
    change(&mut model.compare);
    None
}

fn said(model: &mut Model, text: &'static str) -> Option<Effect> {
    model.say(text);
    None
}

impl State {
    fn turn(&mut self, side: Side, way: Way) {
        self.knob.turn(&mut self.plan, side, way);
        self.plan = self.plan.clone().levelled();
        self.preset = None;
    }

    /// Both sides as the lab is, with the speeds that its workers have now.
    fn take(&mut self, facts: &Facts) {
        let live = &facts.live;
        let mut settings = live.settings.as_ref().clone();
        // Guests come to the lab, not to a comparison.
        let own = live.workers.iter().filter(|worker| worker.guest.is_none());
        settings.speeds = own.map(|worker| worker.speed).collect();
        settings.scale = self.plan.scale();
        self.plan.sides = [settings.clone(), settings];
        self.plan.feed = Feed::AtRate;
        self.plan.blows.clear();
        self.preset = None;
    }
}
