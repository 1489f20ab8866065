//! A lesson on the screen: story → prediction → run → reveal → rule, then goals in free play.
//!
//! The lab's clock is held at the beginning, and at each moment before which something is asked; an answer lets it run.
//! When the script is over, what was predicted is held against what happened, judged on the outcome of this very run.
//! All that is true of the run is in the snapshot; what is remembered here is how far the learner has read, what was
//! answered, and whether the run was meddled with. Another lesson, or the same one again, is another run with settings of
//! its own: the screen ends with that wish, and whoever runs it begins anew.

mod course;
mod data;
mod list;
mod play;
mod reading;
mod verdict;
mod words;

#[cfg(test)]
mod tests;

pub(super) use course::{asked_after, note, observe};
pub use data::{LessonNews, LessonProgress, LessonRow, LessonState, LessonWish, Lessons};
pub(super) use list::{is_open, list, next_row, progress};
pub(super) use play::{Play, play};
pub(super) use verdict::{Verdict, verdict};
pub(super) use words::{count_now, cue};

use super::action::Action;
use super::availability::Reason;
use super::facts::Facts;
use super::keymap::{Binding, Context, at, ch, line};
use super::model::{Model, View};
use super::rewind::{self, Tense};
use super::steps::Way;
use super::update::{Effect, update as act};
use super::view;
use crate::lab::Command;
use crate::scenario::Scenario;
use crossterm::event::KeyCode;

/// Lines that a key scrolls.
const SCROLL: u16 = 3;

/// What the view remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub(super) stage: Stage,
    /// What was answered, by question; a missing one was not.
    pub(super) answers: Vec<Option<u16>>,
    pub(super) hands: Hands,
    /// Which goals were reached.
    pub(super) reached: Vec<bool>,
    /// The marked line of the list; `None`: the list is not open.
    pub(super) list: Option<u16>,
    /// Lines of the stage's text that are scrolled away.
    pub(super) top: u16,
    /// Whether this lesson was told to be done.
    told: bool,
    /// What is to be told to whoever keeps the progress.
    news: Vec<LessonNews>,
    /// What the lab is to be asked for, though no key was pressed.
    orders: Vec<Command>,
}

/// How far the lesson is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// That paragraph of the story is read.
    Story(u16),
    /// That question is asked, and the clock is held.
    Ask(u16),
    /// The script plays.
    Run,
    /// That question is answered by what happened.
    Told(u16),
    /// That paragraph of the explanation is read.
    Reveal(u16),
    /// The rule.
    Rule,
    /// Goals, and whatever else a person tries.
    Play,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Story(0)
    }
}

/// Whether the learner changed something while the script played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hands {
    /// What is seen is what the lesson is about.
    #[default]
    Off,
    /// It may have come out otherwise.
    On,
}

/// What can be done in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Go on; in the list: open.
    On,
    /// Read back.
    Back,
    /// That answer, counted from 1; where none is asked for, that worker's row.
    Number(u8),
    /// Up in the list, or among the workers.
    Up,
    /// And down.
    Down,
    /// Earlier lines of a long text.
    ScrollUp,
    /// Later ones.
    ScrollDown,
    /// The same lesson from the start.
    Again,
    /// The next one.
    Next,
    /// Open the list, or close it.
    List,
    /// Show the view with the list open.
    ShowList,
    /// That line of the list.
    Pick(u16),
    /// To the Lab view.
    Leave,
}

const HERE: Context = Context::View(View::Lesson);

const fn deed(deed: Deed) -> Action {
    Action::Lesson(deed)
}

/// Its keys.
#[rustfmt::skip]
pub(super) const KEYS: &[Binding] = &[
    line(HERE, &[at(KeyCode::Enter)], deed(Deed::On), "Enter", "go on: the next paragraph, question, run, explanation; in the list: open").foot(0, "go on"),
    line(HERE, &[ch('1')], deed(Deed::Number(1)), "1…9", "that answer, while a question is asked").foot(0, "answer"),
    line(HERE, &[ch('2')], deed(Deed::Number(2)), "", ""),
    line(HERE, &[ch('3')], deed(Deed::Number(3)), "", ""),
    line(HERE, &[ch('4')], deed(Deed::Number(4)), "", ""),
    line(HERE, &[ch('5')], deed(Deed::Number(5)), "", ""),
    line(HERE, &[ch('6')], deed(Deed::Number(6)), "", ""),
    line(HERE, &[ch('7')], deed(Deed::Number(7)), "", ""),
    line(HERE, &[ch('8')], deed(Deed::Number(8)), "", ""),
    line(HERE, &[ch('9')], deed(Deed::Number(9)), "", ""),
    line(HERE, &[at(KeyCode::Backspace)], deed(Deed::Back), "⌫", "read back: the paragraph, question or answer before").foot(2, "back"),
    line(HERE, &[ch('N')], deed(Deed::Next), "N", "the next lesson").foot(3, "next lesson"),
    line(HERE, &[ch('R')], deed(Deed::Again), "R", "the same lesson from the start, with its own settings").foot(4, "again"),
    line(HERE, &[ch('o')], deed(Deed::List), "o", "the list of lessons, with your progress").foot(2, "lessons"),
    line(HERE, &[at(KeyCode::Up)], deed(Deed::Up), "↑ ↓", "in the list: mark another lesson; else select a worker"),
    line(HERE, &[at(KeyCode::Down)], deed(Deed::Down), "", ""),
    line(HERE, &[at(KeyCode::PageUp)], deed(Deed::ScrollUp), "PgUp PgDn", "scroll a text that is too long"),
    line(HERE, &[at(KeyCode::PageDown)], deed(Deed::ScrollDown), "", ""),
    line(HERE, &[at(KeyCode::Esc)], deed(Deed::Leave), "Esc", "close the list; to the Lab view, while the lesson goes on"),
];

pub(super) fn update(model: &mut Model, facts: &Facts, deed: Deed) -> Option<Effect> {
    let open = facts.lessons.open.as_deref();
    match (deed, list(model, facts), open) {
        (Deed::Pick(row), ..) | (Deed::On, Some(row), _) => list::pick(model, facts, row),
        (Deed::ShowList, ..) | (Deed::List, None, _) => list::show_list(model, facts),
        (Deed::Next | Deed::Again, Some(_), Some(_)) => said(model, BEHIND),
        (Deed::Next, ..) => list::next(model, facts),
        (Deed::Up, Some(row), _) => list::mark(model, row.saturating_sub(1)),
        (Deed::Down, Some(row), _) => list::mark(model, (row + 1).min(list::last_row(facts))),
        (Deed::List | Deed::Leave, Some(_), Some(_)) => list::shut(model),
        (Deed::Leave, ..) => leave(model),
        (Deed::Up, None, _) => act(model, facts, Action::SelectPrevious),
        (Deed::Down, None, _) => act(model, facts, Action::SelectNext),
        (Deed::Again, _, Some(_)) => Some(Effect::Lesson(LessonWish::Again)),
        (Deed::Again, _, None) => act(model, facts, Action::Reset),
        (Deed::Number(n), None, Some(lesson)) => number(model, facts, lesson, n),
        (Deed::On, None, Some(lesson)) => reading::go_on(model, facts, lesson),
        (Deed::Back, None, Some(lesson)) => reading::back(model, lesson),
        (Deed::ScrollUp, None, Some(_)) => scroll(model, facts, Way::Up),
        (Deed::ScrollDown, None, Some(_)) => scroll(model, facts, Way::Down),
        _ => None,
    }
}

/// The list is in front.
const BEHIND: &str = "the list is open: Enter opens the marked lesson, Esc closes the list";

/// Why one of these can't be done now.
pub(super) fn why_not(deed: Deed, model: &Model) -> Option<Reason> {
    match deed {
        Deed::On if model.lesson.list.is_none() && waits_for_answer(&model.lesson) => {
            Some("choose an answer by its number first".into())
        }
        _ => None,
    }
}

/// Why the clock can't be let go: a question is open.
pub(super) fn holds_the_clock(model: &Model) -> Option<Reason> {
    let asks = match (model.lesson.stage, model.view) {
        (Stage::Ask(_), View::Lesson) => "the clock is held: choose an answer by its number, then Enter",
        (Stage::Ask(_), _) => "the clock is held: the lesson asks a question, F8 shows it",
        (Stage::Story(_), View::Lesson) => "the clock is held until the story is read: Enter goes on",
        (Stage::Story(_), _) => "the clock is held: the lesson begins with its story, F8 shows it",
        _ => return None,
    };
    model.lesson.is_on().then_some(asks.into())
}

/// The footer's word for a key at this stage; `None`: it could do nothing.
pub(super) fn label(model: &Model, facts: &Facts, deed: Deed, usual: &'static str) -> Option<&'static str> {
    let listed = list(model, facts).is_some();
    let open = facts.lessons.open.as_deref();
    let stage = model.lesson.stage;
    match deed {
        Deed::On if list::is_open(facts, list(model, facts)) => Some("back to it"),
        Deed::On if listed => Some("open it"),
        Deed::On => on_label(stage, open?),
        Deed::Number(_) => (!listed && matches!(stage, Stage::Ask(_))).then_some(usual),
        Deed::Back => (!listed && goes_back(stage)).then_some(usual),
        Deed::List if listed => open.map(|_| "close"),
        Deed::Next if !listed => next_row(facts).map(|_| usual),
        Deed::Again if !listed => open.map(|_| usual),
        Deed::Next | Deed::Again => None,
        _ => Some(usual),
    }
}

fn on_label(stage: Stage, lesson: &Scenario) -> Option<&'static str> {
    match stage {
        Stage::Run | Stage::Play => None,
        Stage::Rule if lesson.goals.is_empty() => None,
        Stage::Rule => Some("goals"),
        _ => Some("go on"),
    }
}

const fn goes_back(stage: Stage) -> bool {
    !matches!(stage, Stage::Story(0) | Stage::Run)
}

fn waits_for_answer(state: &State) -> bool {
    match state.stage {
        Stage::Ask(question) => state.answer(question).is_none(),
        _ => false,
    }
}

impl State {
    /// At the beginning of a lesson, or of none.
    pub(super) fn of(lessons: &Lessons) -> Self {
        let open = lessons.open.as_deref();
        Self {
            answers: vec![None; open.map_or(0, |lesson| lesson.predictions.len())],
            reached: vec![false; open.map_or(0, |lesson| lesson.goals.len())],
            list: lessons.begins_with_list.then_some(lessons.row.unwrap_or(0)),
            // Without a lesson nothing holds the clock, and all is play.
            stage: open.map_or(Stage::Play, |_| Stage::Story(0)),
            ..Self::default()
        }
    }

    /// Whether there is a lesson whose script may still hold the clock.
    fn is_on(&self) -> bool {
        self.stage != Stage::Play
    }

    /// What was answered to that question.
    pub(super) fn answer(&self, question: u16) -> Option<u16> {
        self.answers.get(usize::from(question)).copied().flatten()
    }

    /// What is to be told, once.
    pub(super) fn news(&mut self) -> Vec<LessonNews> {
        std::mem::take(&mut self.news)
    }

    /// What the lab is asked for without a key, once.
    pub(super) fn orders(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.orders)
    }

    /// It could not be told.
    pub(super) fn untold(&mut self, news: LessonNews) {
        self.news.push(news);
    }

    /// The lab could not be asked for what the next stage needs.
    pub(super) const fn stay(&mut self, stage: Stage) {
        self.stage = stage;
    }

    fn go(&mut self, stage: Stage) {
        (self.stage, self.top) = (stage, 0);
    }
}

fn number(model: &mut Model, facts: &Facts, lesson: &Scenario, n: u8) -> Option<Effect> {
    let Stage::Ask(question) = model.lesson.stage else {
        return act(model, facts, Action::SelectRow(u16::from(n) - 1));
    };
    let prediction = lesson.predictions.get(usize::from(question))?;
    if usize::from(n) > prediction.choices.len() {
        model.say(format!("there is no answer {n}: 1 to {}", prediction.choices.len()));
        return None;
    }
    if let Some(answer) = model.lesson.answers.get_mut(usize::from(question)) {
        *answer = Some(u16::from(n) - 1);
    }
    None
}

fn scroll(model: &mut Model, facts: &Facts, way: Way) -> Option<Effect> {
    let limit = view::lesson_scroll_limit(model, facts);
    let top = model.lesson.top.min(limit);
    model.lesson.top = match way {
        Way::Up => top.saturating_sub(SCROLL),
        Way::Down => (top + SCROLL).min(limit),
    };
    None
}

fn leave(model: &mut Model) -> Option<Effect> {
    match model.rewind.tense() {
        Tense::Past => rewind::leave(model),
        Tense::Present => model.view = View::Lab,
    }
    None
}

fn said(model: &mut Model, text: &'static str) -> Option<Effect> {
    model.say(text);
    None
}

/// How many of something; never more than a key can count to.
pub(super) fn count<T>(all: &[T]) -> u16 {
    u16::try_from(all.len()).unwrap_or(u16::MAX)
}
