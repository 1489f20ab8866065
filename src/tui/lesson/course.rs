//! How a lesson moves on by itself: a question comes when the clock is held for it, the answers when the script is over,
//! a goal when it is reached.

use super::verdict::right_answers;
use super::{Hands, LessonNews, Play, Stage, State, count, play, verdict};
use crate::lab::{Command, Pace};
use crate::scenario::{Scenario, staged_number};
use crate::tui::facts::Facts;
use crate::tui::model::{Model, Zoom};

/// The lab's newest picture, or the outcome, came. Returns whether the lesson moved on by it.
pub(in crate::tui) fn observe(model: &mut Model, facts: &Facts) -> bool {
    let Some(lesson) = facts.lessons.open.as_deref() else {
        return false;
    };
    let before = (model.lesson.stage, model.lesson.news.len());
    let now = play(&facts.live);
    let ran = model.lesson.stage == Stage::Run;
    let state = &mut model.lesson;
    match state.stage {
        Stage::Story(_) | Stage::Ask(_) if now.came > held_at(state.stage, lesson) => state.go(Stage::Run),
        Stage::Run => on_the_run(state, now, lesson, facts),
        Stage::Play => goals(state, lesson, facts),
        _ => {}
    }
    let moved = before != (state.stage, state.news.len());
    if ran && now.over.is_some() && moved {
        keep_the_picture(model, facts);
    }
    moved
}

/// The learner asked the lab for something.
pub(in crate::tui) fn note(state: &mut State, command: Command) {
    let harmless = matches!(
        command,
        Command::Pause | Command::Resume | Command::Step | Command::SetScale(_) | Command::Reset
    );
    let plays = matches!(state.stage, Stage::Story(_) | Stage::Ask(_) | Stage::Run);
    if plays && !harmless {
        state.hands = Hands::On;
    }
}

/// The questions that are asked before that cue, or before the run.
pub(super) fn asked_at(lesson: &Scenario, before: Option<u16>) -> impl Iterator<Item = u16> {
    (0..)
        .zip(&lesson.predictions)
        .filter(move |(_, prediction)| prediction.before == before)
        .map(|(number, _)| number)
}

/// The next question at the same moment.
pub(in crate::tui) fn asked_after(lesson: &Scenario, question: u16) -> Option<u16> {
    let before = lesson.predictions.get(usize::from(question))?.before;
    asked_at(lesson, before).find(|other| *other > question)
}

/// The question before it at the same moment.
pub(super) fn asked_before(lesson: &Scenario, question: u16) -> Option<u16> {
    let before = lesson.predictions.get(usize::from(question))?.before;
    asked_at(lesson, before).take_while(|other| *other < question).last()
}

/// The cue for which the clock is held at this stage. When it has come, the clock was let go.
fn held_at(stage: Stage, lesson: &Scenario) -> u16 {
    let before = match stage {
        Stage::Ask(question) => lesson.predictions.get(usize::from(question)).and_then(|p| p.before),
        _ => None,
    };
    before.map_or(0, staged_number)
}

/// While the end is read, the timelines stand still, and show the whole run if they can.
fn keep_the_picture(model: &mut Model, facts: &Facts) {
    if facts.live.clock.pace == Pace::Running {
        model.lesson.orders.push(Command::Pause);
    }
    let run_us = facts.live.clock.now.0;
    while model.zoom != Zoom::Two && run_us > model.zoom.micros() * COLUMNS {
        model.zoom = model.zoom.next();
    }
}

/// Columns that a timeline has at least.
const COLUMNS: u64 = 60;

fn on_the_run(state: &mut State, now: Play, lesson: &Scenario, facts: &Facts) {
    if let Some(held) = now.asks {
        let unanswered = asked_at(lesson, held.before()).find(|question| state.answer(*question).is_none());
        if let Some(question) = unanswered {
            state.go(Stage::Ask(question));
        }
    } else if now.over.is_some() && facts.outcome.is_some() {
        state.go(if !lesson.predictions.is_empty() {
            Stage::Told(0)
        } else if !lesson.prose.reveal.is_empty() {
            Stage::Reveal(0)
        } else {
            Stage::Rule
        });
        tell(state, lesson, facts);
    }
}

/// Once the rule is reached, the lesson is done.
pub(super) fn tell(state: &mut State, lesson: &Scenario, facts: &Facts) {
    if state.stage == Stage::Rule && !state.told {
        state.told = true;
        let right = right_answers(state, lesson, facts);
        state.news.push(LessonNews::Done {
            right,
            of: count(&lesson.predictions),
        });
    }
}

/// Ticks what is reached now; what was reached stays so.
fn goals(state: &mut State, lesson: &Scenario, facts: &Facts) {
    for (number, goal) in (0..).zip(&lesson.goals) {
        let reached = state.reached.get_mut(usize::from(number));
        let Some(reached) = reached.filter(|reached| !**reached) else {
            continue;
        };
        if verdict::holds_now(&goal.reached_if, &facts.live) {
            *reached = true;
            state.news.push(LessonNews::Goal(number));
        }
    }
}
