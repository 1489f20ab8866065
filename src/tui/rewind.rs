//! The past: scrubbing to earlier moments and playing from there.
//!
//! What is *wished* to be seen is kept here, and answers come later: several presses before an answer add up, and an
//! answer to an older wish changes nothing here. The lab runs on meanwhile, and knows nothing of it.

use super::action::Action;
use super::facts::Facts;
use super::keymap::{Binding, Context, Group, Key, at, ch, line};
use super::model::Model;
use super::steps::{self, Way};
use super::update::Effect;
use crate::lab::{Elapsed, Extent, TimeScale, When};
use crossterm::event::{KeyCode, KeyModifiers};

pub(super) mod words;

#[cfg(test)]
mod tests;

/// A short and a long way through the past, in microseconds of real time.
const SHORT_US: u64 = 1_000_000;
const LONG_US: u64 = 10_000_000;
/// How often the picture changes while the past is played, in microseconds of real time.
const FRAME_US: u64 = 33_000;

/// What is remembered of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    footage: Footage,
    /// The moment wished for.
    wish: When,
    /// Its time, as far as that is known.
    at: Elapsed,
    /// Single events to go from there, once it is known where it is among them.
    steps: i64,
    motion: Motion,
    /// How fast it is played.
    speed: TimeScale,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Footage {
    /// A lab that runs: its present can be returned to.
    #[default]
    Live,
    /// A recording: all of it is past.
    Recording(Ending),
}

/// How a recording ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the run.
    Whole,
    /// Whoever wrote it was cut off.
    CutOff,
}

/// When a key is pressed, as far as keys differ by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tense {
    /// The lab hears the keys.
    #[default]
    Present,
    /// The keys of time move the picture, and none reaches the lab.
    Past,
}

/// Whether the moment moves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Motion {
    Standing,
    /// Since that time of the screen, from that moment of the run on.
    Playing {
        since: Elapsed,
        from: Elapsed,
    },
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// That many microseconds back.
    Back(u64),
    /// And forward.
    Forward(u64),
    /// To the oldest moment that is known.
    Oldest,
    /// To the present, or a recording's end.
    Now,
    /// Play from here, or stop.
    TogglePlay,
    /// Play faster.
    Faster,
    /// Play slower.
    Slower,
    /// One event back.
    EventBack,
    /// One event forward.
    EventForward,
}

/// Keys that have another meaning, or none, in the present. In the past they go before all others.
#[rustfmt::skip]
pub(super) const PAST: &[Binding] = &[
    line(Context::Past, &[at(KeyCode::End)], Action::Rewind(Deed::Now), "End", "").foot(1, "now"),
    line(Context::Past, &[at(KeyCode::Home)], Action::Rewind(Deed::Oldest), "Home", "").foot(5, "oldest"),
    line(Context::Past, &[ch(' ')], Action::Rewind(Deed::TogglePlay), "space", "").foot(1, "play"),
    line(Context::Past, &[ch(',')], Action::Rewind(Deed::EventBack), ",", "").foot(2, "event back"),
    line(Context::Past, &[ch('.')], Action::Rewind(Deed::EventForward), ".", "").foot(2, "forward"),
    line(Context::Past, &[ch('<')], Action::Rewind(Deed::Slower), "<", "").foot(4, "slower"),
    line(Context::Past, &[ch('>')], Action::Rewind(Deed::Faster), ">", "").foot(4, "faster"),
    line(Context::Past, &[at(KeyCode::Left)], Action::Rewind(Deed::Back(SHORT_US)), "←", "").foot(0, "1 s back"),
    line(Context::Past, &[at(KeyCode::Right)], Action::Rewind(Deed::Forward(SHORT_US)), "→", "").foot(0, "forward"),
];

const VIEWS: Context = Context::Lab(Group::Views);
const SHIFT_LEFT: Key = Key(KeyCode::Left, KeyModifiers::SHIFT);
const SHIFT_RIGHT: Key = Key(KeyCode::Right, KeyModifiers::SHIFT);

/// Its keys, where they have this meaning only.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(VIEWS, &[at(KeyCode::Left)], Action::Rewind(Deed::Back(SHORT_US)), "←", "a second back into the past; the lab runs on").foot(10, "past"),
    line(VIEWS, &[at(KeyCode::Right)], Action::Rewind(Deed::Forward(SHORT_US)), "→", "a second forward again, and at last to the present"),
    line(VIEWS, &[SHIFT_LEFT, ch('{')], Action::Rewind(Deed::Back(LONG_US)), "⇧← {", "ten seconds back"),
    line(VIEWS, &[SHIFT_RIGHT, ch('}')], Action::Rewind(Deed::Forward(LONG_US)), "⇧→ }", "ten seconds forward"),
    line(VIEWS, &[ch(',')], Action::Rewind(Deed::EventBack), ", .", "one event back; in the past also forward"),
    line(VIEWS, &[], Action::Rewind(Deed::TogglePlay), "space < >", "in the past: play it or stop, slower, faster"),
    line(VIEWS, &[at(KeyCode::Home)], Action::Rewind(Deed::Oldest), "Home", "the oldest moment that is known"),
    line(VIEWS, &[at(KeyCode::End)], Action::Rewind(Deed::Now), "End", "back to the present; so does Esc"),
];

impl Default for State {
    fn default() -> Self {
        Self {
            footage: Footage::Live,
            wish: When::Now,
            at: Elapsed(0),
            steps: 0,
            motion: Motion::Standing,
            speed: TimeScale(1000),
        }
    }
}

impl State {
    /// At the beginning of a recording.
    pub(super) fn of_recording(ending: Ending) -> Self {
        Self {
            footage: Footage::Recording(ending),
            wish: When::At(Elapsed(0)),
            ..Self::default()
        }
    }

    /// Which moment is wished for.
    pub(super) const fn when(&self) -> When {
        self.wish
    }

    pub(super) const fn footage(&self) -> Footage {
        self.footage
    }

    /// How keys are meant. A recording has no present.
    pub(super) const fn tense(&self) -> Tense {
        match (self.footage, self.wish) {
            (Footage::Live, When::Now) => Tense::Present,
            _ => Tense::Past,
        }
    }

    /// Where it is, as far as that is known; `None`: at the end, or in the present.
    pub(super) const fn moment(&self) -> Option<Elapsed> {
        match self.wish {
            When::Now => None,
            _ => Some(self.at),
        }
    }

    /// The speed, while it is played.
    pub(super) const fn playing(&self) -> Option<TimeScale> {
        match self.motion {
            Motion::Standing => None,
            Motion::Playing { .. } => Some(self.speed),
        }
    }

    /// Why the lab can't be asked for anything; `None`: it can.
    pub(super) const fn refusal(&self) -> Option<&'static str> {
        match (self.footage, self.tense()) {
            (Footage::Recording(_), _) => Some(words::A_RECORDING),
            (Footage::Live, Tense::Past) => Some(words::THE_PAST),
            (Footage::Live, Tense::Present) => None,
        }
    }

    /// When the picture changes by the passing of time alone.
    pub(super) fn next_due(&self, now: Elapsed) -> Option<Elapsed> {
        self.playing().map(|_| Elapsed(now.0 + FRAME_US))
    }

    fn go(&mut self, at: Elapsed) {
        (self.wish, self.at, self.steps) = (When::At(at), at, 0);
    }

    /// That many events from a place, as far as events are known.
    fn go_to_event(&mut self, from: u64, by: i64, extent: &Extent) {
        let wanted = from.saturating_add_signed(by).max(extent.first.events);
        if wanted > extent.last.events {
            return self.arrive();
        }
        (self.wish, self.steps) = (When::After(wanted), 0);
    }

    /// The present; a recording's end.
    fn arrive(&mut self) {
        (self.wish, self.steps, self.motion) = (When::Now, 0, Motion::Standing);
    }
}

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    match deed {
        Deed::Back(us) => back(model, facts, us),
        Deed::Forward(us) => forward(model, facts, us),
        Deed::Oldest => scrub(model, facts, Elapsed(0)),
        Deed::Now => model.rewind.arrive(),
        Deed::TogglePlay => toggle(model, facts),
        Deed::Faster => change_speed(model, Way::Up),
        Deed::Slower => change_speed(model, Way::Down),
        Deed::EventBack => step(model, facts, -1),
        Deed::EventForward => step(model, facts, 1),
    }
    None
}

/// Back to the present, where there is one.
pub(super) fn leave(model: &mut Model) {
    if model.rewind.footage == Footage::Live {
        model.rewind.arrive();
    }
}

/// Time has passed, or something was told: the moment moves on, and what was waited for is known.
pub(super) fn settle(model: &mut Model, facts: &Facts) {
    let now = model.now;
    let state = &mut model.rewind;
    if let Motion::Playing { since, from } = state.motion {
        let gone = now.0.saturating_sub(since.0);
        let at = from
            .0
            .saturating_add(gone.saturating_mul(u64::from(state.speed.0)) / 1000);
        if at >= facts.live.at.0 {
            return state.arrive();
        }
        return state.go(Elapsed(at));
    }
    // An answer to an older wish is none to this one.
    if state.wish == When::Now || facts.sight.gaze.when != state.wish {
        return;
    }
    let (extent, point) = (&facts.sight.extent, &facts.sight.point);
    state.at = point.at;
    if state.steps != 0 {
        state.go_to_event(point.events, state.steps, extent);
    }
}

fn back(model: &mut Model, facts: &Facts, us: u64) {
    let from = model.rewind.moment().unwrap_or(facts.live.at);
    scrub(model, facts, Elapsed(from.0.saturating_sub(us)));
}

fn forward(model: &mut Model, facts: &Facts, us: u64) {
    if let Some(from) = model.rewind.moment() {
        scrub(model, facts, Elapsed(from.0.saturating_add(us)));
    }
}

/// To that moment; one in the future is the present.
fn scrub(model: &mut Model, facts: &Facts, at: Elapsed) {
    if at >= facts.live.at {
        return model.rewind.arrive();
    }
    model.rewind.go(at.max(oldest(facts)));
    if let Motion::Playing { .. } = model.rewind.motion {
        play(model);
    }
}

/// The oldest moment, as far as that is known.
fn oldest(facts: &Facts) -> Elapsed {
    facts.sight.extent.first.at
}

fn toggle(model: &mut Model, facts: &Facts) {
    match (model.rewind.motion, model.rewind.wish) {
        (Motion::Playing { .. }, _) => model.rewind.motion = Motion::Standing,
        // A recording that has ended begins again.
        (Motion::Standing, When::Now) => {
            scrub(model, facts, Elapsed(0));
            play(model);
        }
        (Motion::Standing, _) => play(model),
    }
}

/// From here on, from now on.
fn play(model: &mut Model) {
    let (since, from) = (model.now, model.rewind.at);
    model.rewind.motion = Motion::Playing { since, from };
}

fn change_speed(model: &mut Model, way: Way) {
    match steps::scale(model.rewind.speed, way) {
        Some(speed) => model.rewind.speed = speed,
        None => model.say(words::no_further(way)),
    }
    if let Motion::Playing { .. } = model.rewind.motion {
        play(model);
    }
}

/// One event; where it is not known yet how many there were before, the step is taken once it is.
fn step(model: &mut Model, facts: &Facts, by: i64) {
    let state = &mut model.rewind;
    state.motion = Motion::Standing;
    match state.wish {
        When::Now if by > 0 => return,
        When::Now => state.go(facts.live.at),
        When::After(events) => return state.go_to_event(events, by, &facts.sight.extent),
        When::At(_) => {}
    }
    state.steps += by;
    settle(model, facts);
}
