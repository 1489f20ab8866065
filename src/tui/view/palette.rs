//! The palette: what was typed, and the actions that it finds, each with its key or with why it can't be done now.

use super::pen::{Pen, columns};
use super::{Scene, overlay};
use crate::tui::palette::{Entry, found};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines from the window's inside to the first action.
pub(super) const FIRST: u16 = 2;
/// The widest window's inside.
const WIDEST: u16 = 92;
/// The most lines of actions at once.
const MOST: u16 = 18;
/// Columns for a key.
const KEY: u16 = 7;

/// How many actions are shown at once.
pub(super) fn rows(area: Rect) -> u16 {
    area.height.saturating_sub(FIRST + 5).clamp(1, MOST)
}

/// The window's place: it does not change with what is found.
pub(super) fn place(area: Rect) -> Rect {
    overlay::place(area, WIDEST.min(area.width.saturating_sub(4)), FIRST + rows(area))
}

/// The first line shown, so that the marked one is in sight.
pub(super) const fn top(marked: u16, rows: u16) -> u16 {
    (marked + 1).saturating_sub(rows)
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, marked: u16) {
    let theme = scene.theme;
    let entries = found(scene.model);
    let title = format!("Any action by its name: {} found", entries.len());
    let inner = overlay::open(buf, place(area), &title, scene);
    let mut pen = Pen::new(buf, inner, 0);
    pen.skip(1)
        .put(": ", theme.key)
        .put(&scene.model.typed, theme.figure)
        .put("▏", theme.selected);
    if scene.model.typed.is_empty() {
        pen.skip(1)
            .put("type some of its letters, ↑ ↓ choose, Enter does it", theme.dim);
    }
    let rows = rows(area);
    let top = top(marked, rows);
    for (line, (row, entry)) in (0..rows).zip((0..).zip(&entries).skip(usize::from(top))) {
        choice(&mut Pen::new(buf, inner, FIRST + line), scene, entry, row == marked);
    }
    if entries.is_empty() {
        let text = "nothing is called so; Backspace takes a letter away";
        Pen::new(buf, inner, FIRST).skip(3).put(text, theme.warn);
    }
}

fn choice(pen: &mut Pen<'_>, scene: Scene<'_>, entry: &Entry, marked: bool) {
    let theme = scene.theme;
    let refused = scene.refuses(entry.action);
    let (key, name) = match (&refused, marked) {
        (Some(_), _) => (theme.disabled, theme.disabled),
        (None, true) => (theme.key, theme.selected),
        (None, false) => (theme.key, theme.text),
    };
    pen.put(if marked { " ▸ " } else { "   " }, theme.selected);
    pen.left(&entry.key, KEY, key);
    let Some(reason) = refused else {
        let room = pen.room();
        pen.fit(&entry.name, room, name);
        return;
    };
    // The reason is the news here, so that the name gives way to it.
    let room = pen.room().saturating_sub(columns(&reason) + 3).max(pen.room() / 3);
    pen.fit(&entry.name, room, name).skip(2);
    let room = pen.room();
    pen.fit(&reason, room, theme.warn);
}
