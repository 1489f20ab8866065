//! For the room: presenter mode, the laser, keys shown as they are pressed, themes, motion, the palette's opening.
//!
//! What is drawn on a terminal is also in its recording. So one key (`V`), or `--no-echo` from the start, takes away
//! what is meant for the people in the room alone: the laser and the pressed keys.

use super::action::Action;
use super::facts::Facts;
use super::keymap::{Binding, Context, Group, Key, ch, line};
use super::model::{Model, Overlay, View};
use super::theme::ThemeChoice;
use super::update::{Effect, update as act};
use super::{palette, view};
use crate::lab::Elapsed;
use std::borrow::Cow;

/// How long a pressed key is shown, in microseconds of real time.
const ECHO_US: u64 = 2_000_000;

/// What is remembered of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) presenter: Presenter,
    /// The part of the screen that the laser marks.
    pub(super) laser: Option<Spot>,
    pub(super) trace: Trace,
    /// The key pressed last.
    pub(super) echo: Option<Echo>,
    /// What was chosen while the screen is shown; `Auto`: nothing.
    pub(super) theme: ThemeChoice,
    pub(super) motion: Motion,
}

/// Whether the screen is drawn for the back row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Presenter {
    #[default]
    Off,
    On,
}

/// What is seen of the one who presents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trace {
    /// The laser, and in presenter mode the keys pressed.
    #[default]
    Shown,
    /// Neither: for a terminal that is recorded.
    Hidden,
}

/// Whether jobs are seen to travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// They move.
    #[default]
    Shown,
    /// A still picture of the last ones.
    Still,
}

/// A part of the Lab view that the laser can mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    Figures,
    Producer,
    Queue,
    Flow,
    Workers,
    Timeline,
    Log,
    Sums,
    Rules,
    Books,
}

/// A key and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Echo {
    pub(super) key: String,
    pub(super) meaning: String,
    until: Elapsed,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Ask for an action's name.
    OpenPalette,
    /// That line of the palette.
    Pick(u16),
    /// Presenter mode on or off.
    Presenter,
    /// The next part.
    Laser,
    /// None.
    LaserOff,
    /// Laser and keys seen or not.
    Trace,
    /// Round and round.
    NextTheme,
    /// That one.
    Theme(ThemeChoice),
    /// Travelling jobs or still pictures.
    Motion,
}

const ROOM: Context = Context::Lab(Group::Room);

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(ROOM, &[ch(':')], Action::Room(Deed::OpenPalette), ":", "find any action by its name").foot(8, "find"),
    line(ROOM, &[ch('v')], Action::Room(Deed::Presenter), "v", "presenter mode: large digits, the keys pressed, fewer words").foot(18, "present"),
    line(ROOM, &[ch('i')], Action::Room(Deed::Laser), "i", "the laser: a thick frame around the next part of the Lab view"),
    line(ROOM, &[ch('V')], Action::Room(Deed::Trace), "V", "hide laser and pressed keys, as from a recording, or show them"),
    line(ROOM, &[ch('T')], Action::Room(Deed::NextTheme), "T", "the next theme: dark, light, high contrast, no colour"),
];

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    match deed {
        Deed::OpenPalette => {
            model.typed.clear();
            model.overlay = Overlay::Palette(0);
        }
        Deed::Pick(row) => return pick(model, facts, row),
        Deed::Presenter => {
            model.room.presenter = model.room.presenter.other();
            // What was pressed is shown in this mode only.
            model.room.echo.take_if(|_| model.room.presenter == Presenter::Off);
        }
        Deed::Laser => model.room.laser = next_spot(model, facts),
        Deed::LaserOff => model.room.laser = None,
        Deed::Trace => hide(model),
        Deed::NextTheme => dress(model, model.room.theme.next()),
        Deed::Theme(choice) => dress(model, choice),
        Deed::Motion => {
            model.room.motion = model.room.motion.other();
            model.say(match model.room.motion {
                Motion::Shown => "jobs are seen to travel",
                Motion::Still => "still pictures",
            });
        }
    }
    None
}

/// Why one of these can't be done now.
pub(super) fn why_not(deed: Deed, model: &Model) -> Option<Cow<'static, str>> {
    match deed {
        Deed::Laser if model.view != View::Lab => Some("the laser marks parts of the Lab view: F2 shows it".into()),
        Deed::Presenter if model.view != View::Lab => Some("presenter mode is the Lab view's: F2 shows it".into()),
        _ => None,
    }
}

/// A line of the palette, as if its own key had been pressed in its view.
fn pick(model: &mut Model, facts: &Facts, row: u16) -> Option<Effect> {
    let entry = palette::found(model).into_iter().nth(usize::from(row))?;
    let (overlay, view) = (model.overlay, model.view);
    model.overlay = Overlay::Closed;
    model.view = entry.view.unwrap_or(view);
    if let Some(reason) = super::availability::why_not(entry.action, model, &facts.snapshot) {
        (model.overlay, model.view) = (overlay, view);
        model.say(reason);
        return None;
    }
    act(model, facts, entry.action)
}

/// The next part that is on the screen now; after the last one none.
fn next_spot(model: &Model, facts: &Facts) -> Option<Spot> {
    let spots = view::spots(model, &facts.snapshot);
    let next = model
        .room
        .laser
        .and_then(|now| spots.iter().position(|(spot, _)| *spot == now));
    let next = next.map_or(0, |now| now + 1);
    spots.get(next).map(|(spot, _)| *spot)
}

fn hide(model: &mut Model) {
    model.room.echo = None;
    (model.room.trace, model.message) = (model.room.trace.other(), None);
    if model.room.trace == Trace::Shown {
        model.say("laser and pressed keys are shown");
    } else {
        model.say("laser and pressed keys are hidden: V shows them");
    }
}

fn dress(model: &mut Model, choice: ThemeChoice) {
    model.room.theme = choice;
    model.say(format!("theme: {choice}"));
}

impl State {
    /// A key was pressed: in presenter mode it is shown for a moment.
    pub(super) fn hear(&mut self, key: Key, binding: Option<&Binding>, now: Elapsed) {
        if self.presenter == Presenter::On && self.trace == Trace::Shown {
            self.echo = Some(Echo {
                key: key.name(),
                meaning: binding.map_or(String::new(), meaning),
                until: Elapsed(now.0 + ECHO_US),
            });
        }
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Elapsed) {
        self.echo.take_if(|echo| echo.until <= now);
    }

    /// When the picture changes by the passing of time alone.
    pub(super) fn next_due(&self) -> Option<Elapsed> {
        self.echo.as_ref().map(|echo| echo.until)
    }
}

/// What a key does, in a few words.
fn meaning(binding: &Binding) -> String {
    match (binding.action, binding.footer) {
        (Action::Kill(kind), _) => kind.to_string(),
        (Action::Broker(command), _) => command.to_string(),
        (Action::SelectRow(row), _) => format!("row {}", row + 1),
        (Action::Show(view), _) => view.title().to_owned(),
        (_, Some(footer)) => footer.label.to_owned(),
        _ => opening(binding.help),
    }
}

/// The first words of a sentence, until two of them say something.
fn opening(sentence: &str) -> String {
    let clause = sentence.split([';', ':', ',']).next().unwrap_or("");
    let mut telling = 0;
    let short = clause.split_whitespace().take_while(|word| {
        let goes_on = telling < 2;
        telling += usize::from(word.chars().count() > 3);
        goes_on
    });
    short.collect::<Vec<_>>().join(" ")
}

impl Presenter {
    const fn other(self) -> Self {
        match self {
            Self::Off => Self::On,
            Self::On => Self::Off,
        }
    }
}

impl Trace {
    const fn other(self) -> Self {
        match self {
            Self::Shown => Self::Hidden,
            Self::Hidden => Self::Shown,
        }
    }
}

impl Motion {
    const fn other(self) -> Self {
        match self {
            Self::Shown => Self::Still,
            Self::Still => Self::Shown,
        }
    }
}
