//! The list of lessons with the learner's progress; below it what the marked one is about.

use crate::lab::Pace;
use crate::tui::action::Action;
use crate::tui::facts::Facts;
use crate::tui::lesson::{self, Deed, LessonProgress, LessonRow, LessonState, count};
use crate::tui::view::Scene;
use crate::tui::view::panel::{Edge, Title};
use crate::tui::view::pen::{Pen, columns, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

/// Lines for what the marked lesson is about, with its edge.
const ABOUT: u16 = 4;
/// Columns of a title, where what it is about stands behind it; and from how many columns on it does.
const TITLE: u16 = 42;
const WITH_SUMMARY: u16 = 80;

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, marked: u16) {
    let theme = scene.theme;
    let shelf = &scene.facts.lessons.shelf;
    let came = |row| lesson::progress(scene.model, scene.facts, row);
    let done = (0..count(shelf)).filter(|row| came(*row).state == LessonState::Done);
    let done = done.count();
    let (upper, lower) = share(area);
    let title = Title::new(scene, "Lessons").plain(format!("{done} of {} done", shelf.len()), theme.dim);
    let inner = Edge::Rule.draw(buf, upper, &title.line(), theme.frame);
    if shelf.is_empty() {
        Pen::new(buf, inner, 0)
            .skip(1)
            .put("there are no lessons here", theme.dim);
    }
    let first = first(inner.height, marked, count(shelf));
    for (y, (number, row)) in (0..inner.height).zip((0..).zip(shelf.iter()).skip(usize::from(first))) {
        let line = Rect {
            y: inner.y + y,
            height: 1,
            ..inner
        };
        entry(
            &mut Pen::new(buf, line, 0),
            scene,
            (number, row, came(number)),
            number == marked,
        );
    }
    about(buf, lower, scene, (marked, shelf.get(usize::from(marked))));
}

/// A lesson: its number, its title, where there is room what it is about, and how far a person came.
fn entry(pen: &mut Pen<'_>, scene: Scene<'_>, lesson: (u16, &LessonRow, LessonProgress), marked: bool) {
    let (number, row, progress) = lesson;
    let theme = scene.theme;
    let style = if marked { theme.selected } else { theme.text };
    let (sign, sign_style) = sign(progress.state, scene);
    pen.put(if marked { " ▸ " } else { "   " }, theme.selected);
    pen.left(sign, 2, sign_style);
    pen.right(&(number + 1).to_string(), 2, theme.dim).skip(2);
    let came = words(progress);
    let room = pen.room().saturating_sub(columns(&came) + 2);
    let title = if room >= WITH_SUMMARY { TITLE } else { room };
    pen.left(&row.title, title, style);
    pen.left(&row.summary, room - title, theme.dim);
    pen.skip(1).put(&came, theme.dim);
}

const fn sign(state: LessonState, scene: Scene<'_>) -> (&'static str, Style) {
    match state {
        LessonState::Done => ("✓", scene.theme.good),
        LessonState::Begun => ("◐", scene.theme.warn),
        LessonState::New => ("·", scene.theme.dim),
    }
}

/// How far a person came, in words.
fn words(progress: LessonProgress) -> String {
    let mut words = match progress.state {
        LessonState::New => return "new".to_owned(),
        LessonState::Begun => return "begun".to_owned(),
        LessonState::Done => "done".to_owned(),
    };
    if progress.right.1 > 0 {
        words = format!("{words} · {} of {} foreseen", progress.right.0, progress.right.1);
    }
    if progress.goals.1 > 0 {
        words = format!("{words} · {} of {} goals", progress.goals.0, progress.goals.1);
    }
    words
}

fn about(buf: &mut Buffer, area: Rect, scene: Scene<'_>, (number, row): (u16, Option<&LessonRow>)) {
    let theme = scene.theme;
    let Some(row) = row else { return };
    let title = Title::new(scene, row.title.to_string()).line();
    let inner = Edge::Rule.draw(buf, area, &title, theme.frame);
    let lines = wrap(&row.summary, inner.width.saturating_sub(2).max(1));
    for (y, text) in (0..inner.height.saturating_sub(1)).zip(lines) {
        Pen::new(buf, inner, y).skip(1).put(&text, theme.text);
    }
    let runs = scene.facts.live.clock.pace == Pace::Running && scene.facts.lessons.open.is_none();
    let open = if lesson::is_open(scene.facts, Some(number)) {
        "Enter goes back to it, R then plays it from the start"
    } else if runs {
        "Enter opens it: the lab begins anew with its settings"
    } else {
        "Enter opens it"
    };
    let mut pen = Pen::new(buf, inner, inner.height.saturating_sub(1));
    pen.skip(1).put("▸ ", theme.selected).put(open, theme.selected);
}

/// What a click there means.
pub(super) fn target(area: Rect, at: Position, marked: u16, facts: &Facts) -> Option<Action> {
    let (upper, _) = share(area);
    let lines = upper.height.saturating_sub(Edge::Rule.lines());
    let line =
        at.y.checked_sub(upper.y + Edge::Rule.lines())
            .filter(|line| *line < lines)?;
    let all = count(&facts.lessons.shelf);
    let row = first(lines, marked, all) + line;
    (row < all).then_some(Action::Lesson(Deed::Pick(row)))
}

fn share(area: Rect) -> (Rect, Rect) {
    let lower = ABOUT.min(area.height / 2);
    let upper = Rect {
        height: area.height - lower,
        ..area
    };
    let lower = Rect {
        y: upper.bottom(),
        height: lower,
        ..area
    };
    (upper, lower)
}

/// The first line shown, such that the marked one is.
fn first(lines: u16, marked: u16, all: u16) -> u16 {
    let last = all.saturating_sub(lines);
    (marked + 1).saturating_sub(lines.max(1)).min(last)
}
