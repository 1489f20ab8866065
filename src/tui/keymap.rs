//! The one table of keys. Input looks a key up in it, the footer and the help overlay are drawn from it,
//! and the README's table is its Markdown.

use super::action::Action;
use super::model::Overlay;
use crate::lab::{BrokerCommand, KillKind};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt::Write as _;

mod table;

#[cfg(test)]
mod tests;

pub(super) use table::BINDINGS;

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    /// Where the key means this.
    pub(super) context: Context,
    /// Any of them.
    pub(super) keys: &'static [Key],
    /// What it means.
    pub(super) action: Action,
    /// The key as help and footer show it; empty: the line before speaks for this one too.
    pub(super) shown: &'static str,
    /// One sentence.
    pub(super) help: &'static str,
    /// Its place in the footer; `None`: in the help only.
    pub(super) footer: Option<Footer>,
}

/// A place in the footer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Footer {
    /// The smaller, the longer it stays when the screen gets narrow.
    pub(super) rank: u8,
    /// A word or two.
    pub(super) label: &'static str,
}

/// Where a key has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// Whatever is open.
    Anywhere,
    /// The lab view, under a heading of the help.
    Lab(Group),
    /// The menu of kills.
    KillMenu,
    /// The menu of the broker.
    BrokerMenu,
    /// The question before a worker is removed.
    Remove,
    /// The help.
    Help,
    /// The table of what survived.
    Matrix,
}

/// A heading of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// The selected worker.
    Worker,
    /// What is being taught.
    Settings,
    /// The producer and its jobs.
    Work,
    /// The clock.
    Time,
    /// The lab as a whole and its screen.
    Lab,
}

impl Group {
    pub(super) const ALL: [Self; 5] = [Self::Worker, Self::Settings, Self::Work, Self::Time, Self::Lab];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Worker => "The selected worker",
            Self::Settings => "Settings",
            Self::Work => "The producer",
            Self::Time => "Time",
            Self::Lab => "The lab",
        }
    }
}

/// A key with its modifier, as the terminal tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(pub(super) KeyCode, pub(super) KeyModifiers);

impl Key {
    const fn plain(code: KeyCode) -> Self {
        Self(code, KeyModifiers::NONE)
    }

    const fn ctrl(c: char) -> Self {
        Self(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    /// Shift is in the character already; terminals differ in whether they tell it too.
    fn of(event: KeyEvent) -> Self {
        Self(event.code, event.modifiers.difference(KeyModifiers::SHIFT))
    }
}

impl Context {
    /// Whether a line of this context counts while `overlay` is open.
    fn holds(self, overlay: Overlay) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Lab(_) => overlay == Overlay::Closed,
            Self::KillMenu => matches!(overlay, Overlay::Kill(..)),
            Self::BrokerMenu => matches!(overlay, Overlay::Broker(_)),
            Self::Remove => matches!(overlay, Overlay::Remove(_)),
            Self::Help => matches!(overlay, Overlay::Help(_)),
            Self::Matrix => overlay == Overlay::Matrix,
        }
    }
}

/// What a key means while `overlay` is open.
pub(super) fn action(overlay: Overlay, event: KeyEvent) -> Option<Action> {
    let key = Key::of(event);
    let found = BINDINGS
        .iter()
        .find(|b| b.context.holds(overlay) && b.keys.contains(&key));
    found.map(|b| b.action)
}

/// The lines that the footer may show while `overlay` is open, in the order of the table.
pub(super) fn footer(overlay: Overlay) -> impl Iterator<Item = (&'static Binding, Footer)> {
    BINDINGS
        .iter()
        .filter(move |b| b.context.holds(overlay))
        .filter_map(|b| b.footer.map(|footer| (b, footer)))
}

/// The lines of one heading of the help.
pub(super) fn group(group: Group) -> impl Iterator<Item = &'static Binding> {
    BINDINGS
        .iter()
        .filter(move |b| b.context == Context::Lab(group) && !b.shown.is_empty())
}

/// The letter of a kind in the kill menu.
pub(super) const fn kill_letter(kind: KillKind) -> char {
    match kind {
        KillKind::Cancel => 'c',
        KillKind::CloseChannel => 'h',
        KillKind::CloseConnection => 'o',
        KillKind::Reset => 'r',
        KillKind::Freeze => 'f',
        KillKind::CrashBeforeAck => 'a',
    }
}

/// A line of the broker menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BrokerLine {
    /// End or start it.
    Do(BrokerCommand),
    /// A sample, a kill, a start, and the table.
    CrashTest,
    /// As the next version.
    NextVersion,
}

impl BrokerLine {
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Do(BrokerCommand::Kill) => 'k',
            Self::Do(BrokerCommand::Stop) => 's',
            Self::Do(BrokerCommand::Start) => 't',
            Self::CrashTest => 'e',
            Self::NextVersion => 'v',
        }
    }

    pub(super) const fn action(self) -> Action {
        match self {
            Self::Do(command) => Action::Broker(command),
            Self::CrashTest => Action::CrashTest,
            Self::NextVersion => Action::NextVersion,
        }
    }
}

/// The lines of the broker menu.
pub(super) const BROKER_MENU: [BrokerLine; 5] = [
    BrokerLine::Do(BrokerCommand::Kill),
    BrokerLine::Do(BrokerCommand::Stop),
    BrokerLine::Do(BrokerCommand::Start),
    BrokerLine::CrashTest,
    BrokerLine::NextVersion,
];

/// The keys of the lab view as a Markdown table: the README's is compared with it.
pub fn key_table_markdown() -> String {
    let mut text = String::from("| key | what it does |\n|---|---|\n");
    for heading in Group::ALL {
        let _ = writeln!(text, "| | **{}** |", heading.title());
        for binding in group(heading) {
            let _ = writeln!(text, "| `{}` | {} |", binding.shown, binding.help);
        }
    }
    text
}
