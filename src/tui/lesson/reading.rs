//! Going on and back through the stages, by hand.

use super::{Stage, count, course, said};
use crate::lab::{Command, Pace};
use crate::scenario::Scenario;
use crate::tui::facts::Facts;
use crate::tui::model::Model;
use crate::tui::update::Effect;

/// The next stage, by hand.
pub(super) fn go_on(model: &mut Model, facts: &Facts, lesson: &Scenario) -> Option<Effect> {
    let state = &mut model.lesson;
    let next = match state.stage {
        Stage::Story(page) if page + 1 < count(&lesson.prose.story) => Stage::Story(page + 1),
        Stage::Story(_) => match course::asked_at(lesson, None).next() {
            Some(question) => Stage::Ask(question),
            None => return run(model, facts),
        },
        Stage::Ask(question) => match course::asked_after(lesson, question) {
            Some(next) => Stage::Ask(next),
            None => return run(model, facts),
        },
        Stage::Run => return said(model, RUNS),
        Stage::Told(question) if question + 1 < count(&lesson.predictions) => Stage::Told(question + 1),
        Stage::Told(_) if !lesson.prose.reveal.is_empty() => Stage::Reveal(0),
        Stage::Reveal(page) if page + 1 < count(&lesson.prose.reveal) => Stage::Reveal(page + 1),
        Stage::Told(_) | Stage::Reveal(_) => Stage::Rule,
        Stage::Rule => return play_on(model, facts),
        Stage::Play => return said(model, PLAY_ON),
    };
    state.go(next);
    course::tell(state, lesson, facts);
    None
}

const RUNS: &str = "the run goes on: space pauses it, > makes the clock faster";
const PLAY_ON: &str = "play on with any key; N opens the next lesson, o shows all of them";

/// What was read before.
pub(super) fn back(model: &mut Model, lesson: &Scenario) -> Option<Effect> {
    let state = &mut model.lesson;
    let next = match state.stage {
        Stage::Story(page) => Stage::Story(page.saturating_sub(1)),
        Stage::Ask(question) => match course::asked_before(lesson, question) {
            Some(earlier) => Stage::Ask(earlier),
            None if lesson.predictions[usize::from(question)].before.is_some() => return said(model, HELD),
            None => Stage::Story(count(&lesson.prose.story).saturating_sub(1)),
        },
        Stage::Run => return said(model, "the run goes on: R begins the lesson again"),
        Stage::Told(question) => Stage::Told(question.saturating_sub(1)),
        Stage::Reveal(0) if lesson.predictions.is_empty() => Stage::Reveal(0),
        Stage::Reveal(0) => Stage::Told(count(&lesson.predictions) - 1),
        Stage::Reveal(page) => Stage::Reveal(page - 1),
        Stage::Rule => match (count(&lesson.prose.reveal), count(&lesson.predictions)) {
            (0, 0) => Stage::Rule,
            (0, questions) => Stage::Told(questions - 1),
            (pages, _) => Stage::Reveal(pages - 1),
        },
        Stage::Play => Stage::Rule,
    };
    state.go(next);
    None
}

const HELD: &str = "the clock is held in the middle of the run: an answer lets it go on";

/// The lab is the learner's, and the clock, which stood while she read, runs again.
fn play_on(model: &mut Model, facts: &Facts) -> Option<Effect> {
    let_go(model, facts, Stage::Play)
}

/// The stage in which the clock runs. From the past the lab can't be asked for it: the stage stays.
fn let_go(model: &mut Model, facts: &Facts, stage: Stage) -> Option<Effect> {
    if let Some(refusal) = model.rewind.refusal() {
        return said(model, refusal);
    }
    model.lesson.go(stage);
    (facts.live.clock.pace == Pace::Paused).then_some(Effect::Ask(Command::Resume))
}

/// Lets the clock go, where it is held.
fn run(model: &mut Model, facts: &Facts) -> Option<Effect> {
    let_go(model, facts, Stage::Run)
}
