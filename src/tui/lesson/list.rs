//! The list of lessons: the marked line, and the way to another lesson.

use super::{LessonProgress, LessonState, LessonWish, count, said, verdict};
use crate::tui::facts::Facts;
use crate::tui::model::{Model, View};
use crate::tui::update::Effect;

/// The marked line of the list, where the list is shown: it was opened, or no lesson is.
pub(in crate::tui) fn list(model: &Model, facts: &Facts) -> Option<u16> {
    let always = facts.lessons.open.is_none().then_some(0);
    model.lesson.list.or(always)
}

pub(super) fn show_list(model: &mut Model, facts: &Facts) -> Option<Effect> {
    model.view = View::Lesson;
    mark(model, facts.lessons.row.unwrap_or(0))
}

pub(super) fn mark(model: &mut Model, row: u16) -> Option<Effect> {
    model.lesson.list = Some(row);
    None
}

pub(super) fn shut(model: &mut Model) -> Option<Effect> {
    model.lesson.list = None;
    None
}

pub(super) fn last_row(facts: &Facts) -> u16 {
    count(&facts.lessons.shelf).saturating_sub(1)
}

/// How far she came in the lesson at that place, this time included.
pub(in crate::tui) fn progress(model: &Model, facts: &Facts, row: u16) -> LessonProgress {
    let lessons = &facts.lessons;
    let known = lessons
        .shelf
        .get(usize::from(row))
        .map_or(LessonProgress::default(), |row| row.progress);
    let Some(lesson) = lessons.open.as_deref().filter(|_| lessons.row == Some(row)) else {
        return known;
    };
    let state = &model.lesson;
    let reached = state.reached.iter().filter(|reached| **reached).count();
    let reached = u16::try_from(reached).unwrap_or(u16::MAX);
    let goals = (known.goals.0.max(reached), count(&lesson.goals));
    if state.told {
        let right = (verdict::right_answers(state, lesson, facts), count(&lesson.predictions));
        let state = LessonState::Done;
        LessonProgress { state, right, goals }
    } else {
        LessonProgress { goals, ..known }
    }
}

/// The lesson after the one that is played.
pub(in crate::tui) fn next_row(facts: &Facts) -> Option<u16> {
    let next = facts.lessons.row.map_or(0, |row| row + 1);
    (next < count(&facts.lessons.shelf)).then_some(next)
}

pub(super) fn next(model: &mut Model, facts: &Facts) -> Option<Effect> {
    match next_row(facts) {
        Some(row) => wish(model, facts, row),
        None => said(model, "this is the last lesson: o shows all of them"),
    }
}

/// Whether that line is the lesson that is played.
pub(in crate::tui) fn is_open(facts: &Facts, row: Option<u16>) -> bool {
    facts.lessons.open.is_some() && row.is_some() && facts.lessons.row == row
}

/// Opens the lesson at that line; the one that is played goes on.
pub(super) fn pick(model: &mut Model, facts: &Facts, row: u16) -> Option<Effect> {
    if is_open(facts, Some(row)) {
        return shut(model);
    }
    wish(model, facts, row)
}

/// Another run, with the settings and the script of that lesson.
fn wish(model: &mut Model, facts: &Facts, row: u16) -> Option<Effect> {
    if usize::from(row) >= facts.lessons.shelf.len() {
        return said(model, "there are no lessons here");
    }
    Some(Effect::Lesson(LessonWish::Row(row)))
}
