//! The palette: finds any action by its name, whether or not it has a key, and tells the key so that it is learnt.

use super::action::Action;
use super::keymap::{self, BROKER_MENU, BrokerLine, Context, Group, kill_letter};
use super::lesson;
use super::model::{Model, View};
use super::reports;
use super::room::Deed;
use super::theme::ThemeChoice;
use crate::lab::KillKind;

#[cfg(test)]
mod tests;

/// An action with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it does.
    pub(super) name: String,
    /// How it is done without the palette; empty: it has no key.
    pub(super) key: String,
    pub(super) action: Action,
    /// The view in which alone it means something.
    pub(super) view: Option<View>,
    /// What else it may be called.
    also: &'static str,
}

/// Jobs that no key publishes at once.
const CROWD: u32 = 100;

/// How far off a name is that has the letters, and not the word: farther than any words found can add up to.
const SPREAD: u32 = 10_000;

/// What has no key of its own.
const KEYLESS: [(&str, Action, &str); 9] = [
    ("publish a hundred jobs at once", Action::Publish(CROWD), "burst"),
    (
        "lessons: the list, with your progress",
        Action::Lesson(lesson::Deed::ShowList),
        "learn teach course predict",
    ),
    (
        "let jobs travel, or show still pictures",
        Action::Room(Deed::Motion),
        "motion animation flow",
    ),
    ("dark theme", Action::Room(Deed::Theme(ThemeChoice::Dark)), "colour"),
    ("light theme", Action::Room(Deed::Theme(ThemeChoice::Light)), "colour"),
    (
        "high contrast theme",
        Action::Room(Deed::Theme(ThemeChoice::Contrast)),
        "colour projector",
    ),
    (
        "theme without colour",
        Action::Room(Deed::Theme(ThemeChoice::NoColour)),
        "plain mono",
    ),
    (
        "theme as the terminal says",
        Action::Room(Deed::Theme(ThemeChoice::Auto)),
        "colour auto",
    ),
    ("laser off", Action::Room(Deed::LaserOff), "mark panel"),
];

/// What the words typed so far find, the best first; without words, everything.
pub(super) fn found(model: &Model) -> Vec<Entry> {
    let typed = model.typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let mut ranked: Vec<(u32, Entry)> = all()
        .into_iter()
        .filter_map(|entry| Some((distance(&words, &entry)?, entry)))
        .collect();
    // A stable sort: of equals the one that comes first in the tables.
    ranked.sort_by_key(|(distance, _)| *distance);
    // Letters here and there are looked for only where no word is found.
    if ranked.first().is_some_and(|(distance, _)| *distance < SPREAD) {
        ranked.retain(|(distance, _)| *distance < SPREAD);
    }
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// Every action that can be asked for by name.
fn all() -> Vec<Entry> {
    let mut all: Vec<Entry> = Group::ALL.into_iter().flat_map(of_group).collect();
    all.extend(View::ALL.into_iter().flat_map(of_view));
    all.extend(KillKind::ALL.map(|kind| Entry {
        name: format!("kill: {kind}"),
        key: format!("k {}", kill_letter(kind)),
        action: Action::Kill(kind),
        view: None,
        also: "end worker",
    }));
    all.extend(BROKER_MENU.map(|line| Entry {
        name: broker_name(line),
        key: format!("B {}", line.letter()),
        action: line.action(),
        view: None,
        also: "crash restart survive",
    }));
    all.extend(
        KEYLESS
            .into_iter()
            .chain(reports::KEYLESS)
            .map(|(name, action, also)| Entry {
                name: name.to_owned(),
                key: String::new(),
                action,
                view: None,
                also,
            }),
    );
    all
}

fn of_group(group: Group) -> impl Iterator<Item = Entry> {
    let named = keymap::group(group).filter(|b| {
        let by_place = matches!(b.action, Action::SelectRow(_) | Action::Show(_) | Action::Close);
        !by_place && b.action != Action::Room(Deed::OpenPalette)
    });
    named.map(move |b| Entry {
        name: name(b),
        key: b.shown.to_owned(),
        action: b.action,
        view: None,
        also: group.title(),
    })
}

/// The view itself, then what can be done in it.
fn of_view(view: View) -> impl Iterator<Item = Entry> {
    let shown = keymap::bindings().find(|b| b.action == Action::Show(view));
    let key = shown
        .and_then(|b| b.keys.first())
        .map_or(String::new(), keymap::Key::name);
    let itself = Entry {
        name: format!("view: {}", view.title()),
        key,
        action: Action::Show(view),
        view: None,
        also: "show tab go to",
    };
    let keys = keymap::of_view(view).map(move |b| Entry {
        name: format!("{}: {}", view.title(), name(b)),
        key: b.shown.to_owned(),
        action: b.action,
        view: matches!(b.context, Context::View(_)).then_some(view),
        also: "",
    });
    std::iter::once(itself).chain(keys)
}

/// The footer's word, where the sentence does not have it, and the sentence.
fn name(binding: &keymap::Binding) -> String {
    match binding.footer {
        Some(footer) if !binding.help.contains(footer.label) => format!("{}: {}", footer.label, binding.help),
        _ => binding.help.to_owned(),
    }
}

fn broker_name(line: BrokerLine) -> String {
    match line {
        BrokerLine::Do(command) => format!("broker: {command}"),
        BrokerLine::CrashTest => "broker: crash test of all four kinds".to_owned(),
        BrokerLine::NextVersion => "broker: behave as the next version".to_owned(),
    }
}

/// How far an entry is from what was typed; `None`: a word does not occur in it.
fn distance(words: &[&str], entry: &Entry) -> Option<u32> {
    let name = entry.name.to_lowercase();
    words.iter().map(|word| off(word, &name, entry)).sum()
}

fn off(word: &str, name: &str, entry: &Entry) -> Option<u32> {
    let begins = |text: &str| text.split([' ', ':', ',', '-']).position(|part| part.starts_with(word));
    if let Some(place) = begins(name) {
        return Some(u32::try_from(place).unwrap_or(u32::MAX).min(10));
    }
    if begins(&entry.also.to_lowercase()).is_some() {
        return Some(20);
    }
    if name.contains(word) {
        return Some(30);
    }
    (word.chars().count() > 2 && is_spread(word, name)).then_some(SPREAD)
}

/// Whether the letters occur in this order.
fn is_spread(letters: &str, text: &str) -> bool {
    let mut text = text.chars();
    letters.chars().all(|letter| text.any(|c| c == letter))
}
