//! The one table of keys. Input looks a key up in it, the footer and the help overlay are drawn from it,
//! and the README's table is its Markdown.

use super::action::Action;
use super::model::{Overlay, View};
use super::rewind::Tense;
use super::{code, compare, lesson, messages, reports, rewind, room, why, wire};
use crate::lab::{BrokerCommand, KillKind};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt::Write as _;

mod table;

#[cfg(test)]
mod tests;

/// Every key there is: the lab's, the overlays', and those of the further views. Within a view its own keys go first; the
/// lab's keys that it does not use for itself work there too. Those of the past go before all.
const TABLES: [&[Binding]; 11] = [
    rewind::PAST,
    messages::KEYS,
    compare::KEYS,
    wire::KEYS,
    code::KEYS,
    why::KEYS,
    lesson::KEYS,
    rewind::KEYS,
    table::BINDINGS,
    reports::KEYS,
    room::KEYS,
];

/// All lines of all tables.
pub(super) fn bindings() -> impl Iterator<Item = &'static Binding> {
    TABLES.into_iter().flatten()
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) view: View,
    pub(super) overlay: Overlay,
    pub(super) tense: Tense,
}

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

/// A line of a table; empty texts: it is not shown in the help.
pub(super) const fn line(
    context: Context,
    keys: &'static [Key],
    action: Action,
    shown: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        context,
        keys,
        action,
        shown,
        help,
        footer: None,
    }
}

/// A key that is a character.
pub(super) const fn ch(c: char) -> Key {
    Key::plain(KeyCode::Char(c))
}

/// Any other key.
pub(super) const fn at(code: KeyCode) -> Key {
    Key::plain(code)
}

impl Binding {
    /// Also in the footer, by this rank and under this label.
    pub(super) const fn foot(mut self, rank: u8, label: &'static str) -> Self {
        self.footer = Some(Footer { rank, label });
        self
    }
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
    /// How others join.
    Door,
    /// One of the further views.
    View(View),
    /// Any view, while the past is shown.
    Past,
    /// The palette.
    Palette,
    /// The question for a job's number.
    Find,
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
    /// Views, and the past.
    Views,
    /// The lab as a whole and its screen.
    Lab,
    /// A room full of people.
    Room,
}

impl Group {
    pub(super) const ALL: [Self; 7] = [
        Self::Worker,
        Self::Settings,
        Self::Work,
        Self::Time,
        Self::Views,
        Self::Lab,
        Self::Room,
    ];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Worker => "The selected worker",
            Self::Settings => "Settings",
            Self::Work => "The producer",
            Self::Time => "Time",
            Self::Views => "Views and the past",
            Self::Lab => "The lab",
            Self::Room => "For the room",
        }
    }
}

/// A key with its modifier, as the terminal tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(pub(super) KeyCode, pub(super) KeyModifiers);

impl Key {
    pub(super) const fn plain(code: KeyCode) -> Self {
        Self(code, KeyModifiers::NONE)
    }

    pub(super) const fn ctrl(c: char) -> Self {
        Self(KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    /// As it is shown.
    pub(super) fn name(&self) -> String {
        let name = match self.0 {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::BackTab => "⇧Tab".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            code => code.to_string(),
        };
        if self.1.contains(KeyModifiers::CONTROL) {
            format!("^{}", name.to_uppercase())
        } else {
            name
        }
    }

    /// Shift is in the character already; terminals differ in whether they tell it too. With the arrows to the sides it
    /// is a key of its own.
    pub(super) fn of(event: KeyEvent) -> Self {
        match event.code {
            KeyCode::Left | KeyCode::Right => Self(event.code, event.modifiers),
            code => Self(code, event.modifiers.difference(KeyModifiers::SHIFT)),
        }
    }
}

impl Context {
    /// Whether a line of this context counts there.
    fn holds(self, place: Place) -> bool {
        let overlay = place.overlay;
        match self {
            Self::View(view) => overlay == Overlay::Closed && view == place.view,
            Self::Past => overlay == Overlay::Closed && place.tense == Tense::Past,
            Self::Palette => matches!(overlay, Overlay::Palette(_)),
            Self::Find => overlay == Overlay::Find,
            Self::Anywhere => true,
            Self::Lab(_) => overlay == Overlay::Closed,
            Self::KillMenu => matches!(overlay, Overlay::Kill(..)),
            Self::BrokerMenu => matches!(overlay, Overlay::Broker(_)),
            Self::Remove => matches!(overlay, Overlay::Remove(_)),
            Self::Help => matches!(overlay, Overlay::Help(_)),
            Self::Matrix => overlay == Overlay::Matrix,
            Self::Door => overlay == Overlay::Door,
        }
    }
}

/// What a key means there.
pub(super) fn action(place: Place, event: KeyEvent) -> Option<Action> {
    let found = binding(place, event).map(|b| b.action);
    found.or_else(|| typed(place.overlay, Key::of(event)))
}

/// The line that gives a key its meaning there.
pub(super) fn binding(place: Place, event: KeyEvent) -> Option<&'static Binding> {
    let key = Key::of(event);
    bindings().find(|b| b.context.holds(place) && b.keys.contains(&key))
}

/// What a key is where text is asked for.
fn typed(overlay: Overlay, Key(code, modifiers): Key) -> Option<Action> {
    let asks = matches!(overlay, Overlay::Palette(_) | Overlay::Find);
    match code {
        KeyCode::Char(c) if asks && modifiers.is_empty() => Some(Action::Type(c)),
        KeyCode::Backspace if asks => Some(Action::Erase),
        _ => None,
    }
}

/// The lines that the footer may show there, in the order of the tables.
pub(super) fn footer(place: Place) -> impl Iterator<Item = (&'static Binding, Footer)> {
    bindings()
        .filter(move |b| b.context.holds(place) && !is_taken(b, place))
        .filter_map(|b| b.footer.map(|footer| (b, footer)))
}

/// Whether a view has taken all keys of one of the lab's lines for itself.
fn is_taken(of_lab: &Binding, place: Place) -> bool {
    let of_view = |key| bindings().any(|b| b.context == Context::View(place.view) && b.keys.contains(key));
    matches!(of_lab.context, Context::Lab(_)) && place.overlay == Overlay::Closed && of_lab.keys.iter().all(of_view)
}

/// The lines of one heading of the help.
pub(super) fn group(group: Group) -> impl Iterator<Item = &'static Binding> {
    bindings().filter(move |b| b.context == Context::Lab(group) && !b.shown.is_empty())
}

/// The lines of a further view.
pub(super) fn of_view(view: View) -> impl Iterator<Item = &'static Binding> {
    bindings().filter(move |b| b.context == Context::View(view) && !b.shown.is_empty())
}

/// The letter of a kind in the kill menu.
pub(super) const fn kill_letter(kind: KillKind) -> char {
    match kind {
        KillKind::Cancel => 'c',
        KillKind::CloseChannel => 'h',
        KillKind::CloseConnection => 'o',
        KillKind::Reset => 'r',
        KillKind::HalfOpen => 'n',
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
    for view in View::ALL {
        let mut lines = of_view(view).peekable();
        if lines.peek().is_some() {
            let _ = writeln!(text, "| | **{} view** |", view.title());
        }
        for binding in lines {
            let _ = writeln!(text, "| `{}` | {} |", binding.shown, binding.help);
        }
    }
    text
}
