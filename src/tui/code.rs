//! The client code for what is on screen: what its keys do.

use super::action::Action;
use super::facts::Facts;
use super::keymap::{Binding, Context, at, ch, line};
use super::model::{Model, View};
use super::outside;
use super::update::Effect;
use super::view;
use crate::code::{self, Case, Language, Role};
use crate::lab::Elapsed;
use crossterm::event::KeyCode;

#[cfg(test)]
mod tests;

/// How long changed lines stay marked, in microseconds of real time.
const MARKED_US: u64 = 8_000_000;
/// Lines that a key scrolls.
const SCROLL: u16 = 6;

/// What the view remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    /// In which words.
    pub(super) language: Language,
    /// Which program; `None`: both where there is room, else the worker's.
    pub(super) role: Option<Role>,
    /// Lines scrolled.
    pub(super) top: u16,
    /// What the programs were written for when the picture last changed.
    case: Option<Case>,
    /// What they were written for before the last change, and until when the difference is marked.
    before: Option<(Case, Elapsed)>,
}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// The next language.
    NextLanguage,
    /// The next program.
    NextRole,
    /// Hand the program to the terminal's clipboard.
    Copy,
    /// Write all programs to files.
    Save,
    /// Earlier lines.
    ScrollUp,
    /// Later lines.
    ScrollDown,
}

const CODE: Context = Context::View(View::Code);

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(CODE, &[ch('o')], Action::Code(Deed::NextLanguage), "o", "Python, Rust, or the AMQP methods alone").foot(0, "language"),
    line(CODE, &[ch('v')], Action::Code(Deed::NextRole), "v", "the worker's program, the producer's, or both").foot(1, "which"),
    line(CODE, &[ch('y')], Action::Code(Deed::Copy), "y", "copy the program, by the terminal's own clipboard").foot(2, "copy"),
    line(CODE, &[ch('w')], Action::Code(Deed::Save), "w", "write all programs to files; nothing is overwritten").foot(3, "write files"),
    line(CODE, &[at(KeyCode::PageUp)], Action::Code(Deed::ScrollUp), "PgUp", "earlier lines"),
    line(CODE, &[at(KeyCode::PageDown)], Action::Code(Deed::ScrollDown), "PgDn", "later lines"),
];

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    match deed {
        Deed::NextLanguage => model.code.language = next_language(model.code.language),
        Deed::NextRole => model.code.role = next_role(model),
        Deed::Copy => return Some(copy(model, facts)),
        Deed::Save => return Some(Effect::Outside(outside::Deed::Save(code::files(&case(model, facts))))),
        Deed::ScrollUp => model.code.top = model.code.top.saturating_sub(SCROLL),
        Deed::ScrollDown => {
            let limit = view::code_scroll_limit(model, facts);
            model.code.top = model.code.top.saturating_add(SCROLL).min(limit);
        }
    }
    None
}

/// What the programs are written for.
pub(super) fn case(model: &Model, facts: &Facts) -> Case {
    Case::of(&facts.snapshot, model.selected, facts.broker_url.as_ref())
}

impl State {
    /// A new picture came: what it changed is marked for a while.
    pub(super) fn observe(&mut self, case: Case, now: Elapsed) {
        let Some(before) = self.case.replace(case) else { return };
        if Some(&before) != self.case.as_ref() {
            self.before = Some((before, Elapsed(now.0 + MARKED_US)));
        }
    }

    /// What the programs were written for before the last change, as long as that is marked. Where the broker is says
    /// nothing about a change.
    pub(super) fn before(&self, now: &Case) -> Option<Case> {
        let (before, _) = self.before.as_ref()?;
        Some(Case {
            url: now.url.clone(),
            ..before.clone()
        })
    }

    /// Time has passed. Returns whether the marks go by it.
    pub(super) fn tick(&mut self, now: Elapsed) -> bool {
        self.before.take_if(|(_, until)| *until <= now).is_some()
    }

    /// When the marks go.
    pub(super) fn next_due(&self) -> Option<Elapsed> {
        self.before.as_ref().map(|(_, until)| *until)
    }
}

fn next_language(language: Language) -> Language {
    Language::ALL[(language as usize + 1) % Language::ALL.len()]
}

/// Both are offered only where there is room for both.
fn next_role(model: &Model) -> Option<Role> {
    match model.code.role {
        Some(Role::Producer) => Some(Role::Worker),
        Some(Role::Worker) if view::code_has_room_for_both(model.size) => None,
        Some(Role::Worker) | None => Some(Role::Producer),
    }
}

fn copy(model: &Model, facts: &Facts) -> Effect {
    let role = model.code.role.unwrap_or(Role::Worker);
    let text = code::program(model.code.language, role, &case(model, facts));
    Effect::Outside(outside::Deed::Copy {
        what: match (role, model.code.language) {
            (Role::Worker, Language::Python) => "worker.py",
            (Role::Worker, Language::Rust) => "worker.rs",
            (Role::Producer, Language::Python) => "producer.py",
            (Role::Producer, Language::Rust) => "producer.rs",
            (_, Language::Methods) => "the methods",
        },
        text,
    })
}
