//! The list of jobs: what its keys do, and what it asks for.
//!
//! The screen never holds the list. It asks for the page in sight and one more on either side, so that a step or a page
//! further is there at once, and asks anew only when the edge comes near. The selection is a job, not a row: as others
//! are published or pass the filter, the job keeps its line on the screen and the list moves around it.

mod list;
pub(super) mod words;

#[cfg(test)]
mod tests;

pub(super) use list::Mark;

use super::action::Action;
use super::facts::Facts;
use super::keymap::{Binding, Context, at, ch, line};
use super::model::{Model, Overlay, View};
use super::steps::Way;
use super::update::{self, Effect};
use super::view;
use crate::lab::{Elapsed, Filter, JobId, PageQuery, Sight, Sort};
use crossterm::event::KeyCode;

/// What the view remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) filter: Filter,
    pub(super) sort: Sort,
    /// What is selected.
    pub(super) mark: Mark,
    /// The job whose journey is shown; the selected one as far as it is known by now.
    pub(super) job: Option<JobId>,
    /// Where the selected job was in the list when it was last seen.
    at: u32,
    /// The row of the list that is the first in sight.
    top: u32,
    /// The first row asked for.
    from: u32,
    /// What the keys move in.
    pub(super) focus: Focus,
    /// Lines that the journey is scrolled back from its end.
    pub(super) back: u16,
    /// Since when the newest question is open, on the screen's clock.
    pub(super) asked: Elapsed,
}

/// What the keys move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Focus {
    /// The list.
    #[default]
    List,
    /// The journey of the selected job: it stays, whatever becomes of the list.
    Journey,
}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// A row or a line up.
    Up,
    /// Down.
    Down,
    /// As many as there are lines.
    PageUp,
    /// Down.
    PageDown,
    /// To the first row, whatever comes to be it.
    First,
    /// To the last.
    Last,
    /// Jobs that pass this.
    Show(Filter),
    /// The next filter.
    NextFilter,
    /// The one before.
    PreviousFilter,
    /// In another order.
    NextSort,
    /// Ask for a number.
    Find,
    /// The journey of the selected job; from there back to the list.
    Open,
    /// Back to the list.
    Back,
    /// The job on that line of the list.
    Line(u16),
}

/// The footer's word for a key, by what the keys move in.
pub(super) fn label(state: &State, deed: Deed, usual: &'static str) -> &'static str {
    match (deed, state.focus) {
        (Deed::Open, Focus::Journey) => "list",
        _ => usual,
    }
}

const HERE: Context = Context::View(View::Messages);

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    key(&[at(KeyCode::Enter)], Deed::Open, "Enter", "the journey of the selected job, and back to the list").foot(1, "journey"),
    key(&[ch('f')], Deed::NextFilter, "f", "the next filter").foot(1, "filter"),
    key(&[ch('F')], Deed::PreviousFilter, "F", "the filter before"),
    key(&[ch('/')], Deed::Find, "/", "find a job by its number").foot(2, "find"),
    key(&[ch('o')], Deed::NextSort, "o", "newest, oldest, or longest as it is first").foot(3, "order"),
    key(&[ch('0')], Deed::Show(Filter::All), "0…9", "that filter, as the tabs say"),
    key(&[ch('1')], Deed::Show(Filter::Ready), "", ""),
    key(&[ch('2')], Deed::Show(Filter::Tray), "", ""),
    key(&[ch('3')], Deed::Show(Filter::Hand), "", ""),
    key(&[ch('4')], Deed::Show(Filter::Unacked), "", ""),
    key(&[ch('5')], Deed::Show(Filter::Done), "", ""),
    key(&[ch('6')], Deed::Show(Filter::Twice), "", ""),
    key(&[ch('7')], Deed::Show(Filter::Redelivered), "", ""),
    key(&[ch('8')], Deed::Show(Filter::Lost), "", ""),
    key(&[ch('9')], Deed::Show(Filter::DeadLettered), "", ""),
    key(&[at(KeyCode::Up)], Deed::Up, "↑ ↓", "select a job; in its journey: scroll"),
    key(&[at(KeyCode::Down), ch('j')], Deed::Down, "", ""),
    key(&[at(KeyCode::PageUp)], Deed::PageUp, "PgUp PgDn", "a page up or down"),
    key(&[at(KeyCode::PageDown)], Deed::PageDown, "", ""),
    key(&[at(KeyCode::Home)], Deed::First, "Home End", "the first job of the list, whichever it is by then; the last"),
    key(&[at(KeyCode::End)], Deed::Last, "", ""),
    key(&[at(KeyCode::Esc)], Deed::Back, "", ""),
];

const fn key(keys: &'static [super::keymap::Key], deed: Deed, shown: &'static str, help: &'static str) -> Binding {
    line(HERE, keys, Action::Messages(deed), shown, help)
}

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    match (deed, model.messages.focus) {
        (Deed::Show(filter), _) => show(model, filter),
        (Deed::NextFilter, _) => show(model, turned(model.messages.filter, 1)),
        (Deed::PreviousFilter, _) => show(model, turned(model.messages.filter, Filter::ALL.len() - 1)),
        (Deed::NextSort, _) => sort(model),
        (Deed::Find, _) => ask(model),
        (Deed::Open, Focus::List) => open(model),
        (Deed::Open | Deed::Back, Focus::Journey) => model.messages.focus = Focus::List,
        // What Esc means elsewhere, it means here as well.
        (Deed::Back, Focus::List) => return update::update(model, facts, Action::Close),
        (Deed::Line(line), _) => model.messages.pick(line, &facts.sight),
        (deed, Focus::List) => travel(model, facts, deed),
        (deed, Focus::Journey) => scroll(model, facts, deed),
    }
    None
}

/// The wheel.
pub(super) const fn wheel(way: Way) -> Deed {
    match way {
        Way::Up => Deed::Up,
        Way::Down => Deed::Down,
    }
}

/// An answer came: the selection is found in it, or goes on to where it is told.
pub(super) fn observe(model: &mut Model, sight: &Sight) {
    let lines = view::message_lines(model.size);
    let before = model.messages.filter;
    let missed = model.messages.observe(sight, lines);
    if let Some(job) = missed {
        model.say(words::not_among(job, before));
    }
}

/// What is to be seen of the list: nothing while another view is shown.
pub(super) fn gaze(model: &Model) -> (Option<PageQuery>, Option<JobId>) {
    if model.view != View::Messages {
        return (None, None);
    }
    let state = &model.messages;
    let shown = state.focus == Focus::Journey || view::journey_is_beside(model.size);
    let query = state.query(view::message_lines(model.size));
    (Some(query), state.job.filter(|_| shown))
}

impl State {
    /// The page to ask for, where so many lines are shown.
    pub(super) fn query(&self, lines: u16) -> PageQuery {
        PageQuery {
            filter: self.filter,
            sort: self.sort,
            first: self.from,
            rows: lines.saturating_mul(list::PAGES),
            find: match self.mark {
                Mark::Missed(job) | Mark::Sought(job) => Some(job),
                Mark::Top | Mark::Row(_) | Mark::Job(_) => None,
            },
        }
    }
}

fn turned(filter: Filter, by: usize) -> Filter {
    Filter::ALL[(filter.slot() + by) % Filter::ALL.len()]
}

fn show(model: &mut Model, filter: Filter) {
    let now = model.now;
    let state = &mut model.messages;
    state.focus = Focus::List;
    if state.filter != filter {
        state.filter = filter;
        state.begin_anew(now);
    }
}

fn sort(model: &mut Model) {
    let now = model.now;
    let state = &mut model.messages;
    state.focus = Focus::List;
    state.sort = match state.sort {
        Sort::Newest => Sort::Oldest,
        Sort::Oldest => Sort::Longest,
        Sort::Longest => Sort::Newest,
    };
    state.begin_anew(now);
}

fn ask(model: &mut Model) {
    model.typed.clear();
    model.overlay = Overlay::Find;
}

fn open(model: &mut Model) {
    let state = &mut model.messages;
    let Some(job) = state.job else {
        return model.say(words::NOTHING_SELECTED);
    };
    // From here on it is this job, and no longer whichever is the first.
    if state.mark == Mark::Top {
        state.mark = Mark::Job(job);
    }
    state.focus = Focus::Journey;
    state.back = 0;
}

/// The number typed is looked for.
pub(super) fn find(model: &mut Model, facts: &Facts) -> Option<Effect> {
    model.overlay = Overlay::Closed;
    let number = model.typed.parse::<u32>();
    let published = facts.snapshot.books.published;
    match number {
        Ok(number) if (1..=published).contains(&number) => {
            model.messages.seek(JobId(number), model.now);
        }
        _ if model.typed.is_empty() => {}
        _ => {
            let text = words::no_such_job(&model.typed, published);
            model.say(text);
        }
    }
    None
}

/// A character of the number asked for.
pub(super) fn type_in(model: &mut Model, c: char) {
    if c.is_ascii_digit() && model.typed.len() < words::LONGEST_NUMBER {
        model.typed.push(c);
    }
}

fn travel(model: &mut Model, facts: &Facts, deed: Deed) {
    let (lines, now) = (view::message_lines(model.size), model.now);
    let state = &mut model.messages;
    match deed {
        Deed::Up => state.go(&facts.sight, lines, -1),
        Deed::Down => state.go(&facts.sight, lines, 1),
        Deed::PageUp => state.go(&facts.sight, lines, -i64::from(lines)),
        Deed::PageDown => state.go(&facts.sight, lines, i64::from(lines)),
        Deed::First => state.begin_anew(now),
        Deed::Last => state.go(&facts.sight, lines, i64::MAX),
        _ => {}
    }
    state.asked = now;
}

fn scroll(model: &mut Model, facts: &Facts, deed: Deed) {
    let (page, limit) = (
        view::message_lines(model.size),
        view::journey_scroll_limit(model, facts),
    );
    let back = &mut model.messages.back;
    let moved = match deed {
        Deed::Up => back.saturating_add(1),
        Deed::Down => back.saturating_sub(1),
        Deed::PageUp => back.saturating_add(page),
        Deed::PageDown => back.saturating_sub(page),
        Deed::First => limit,
        _ => 0,
    };
    *back = moved.min(limit);
}
