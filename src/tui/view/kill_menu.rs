//! The ways to end the selected worker, each with what it teaches.

use super::pen::{Pen, wrap};
use super::{Scene, overlay};
use crate::lab::KillKind;
use crate::tui::action::Action;
use crate::tui::holding::Holding;
use crate::tui::keymap::kill_letter;
use crate::tui::names;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines from the window's inside to its first choice.
pub(super) const FIRST: u16 = 0;
/// From this width on, a kind and its lesson stand on one line.
const ONE_LINE: u16 = 88;
/// From this height on, the lesson has a line of its own.
const TWO_LINES: u16 = 22;
/// Columns before a kind's name.
const LEAD: u16 = 5;

/// How many lines a kind takes.
pub(super) const fn lines_per_kind(area: Rect) -> u16 {
    if area.width < ONE_LINE && area.height >= TWO_LINES {
        2
    } else {
        1
    }
}

fn kinds() -> u16 {
    u16::try_from(KillKind::ALL.len()).unwrap_or(u16::MAX)
}

/// The window's place.
pub(super) fn place(area: Rect) -> Rect {
    let width = if area.width >= ONE_LINE {
        ONE_LINE - 2
    } else {
        66.min(area.width.saturating_sub(2))
    };
    // Without lessons beside the names, the marked one's stands at the foot.
    let foretold = if lessons_shown(area) { 2 } else { 4 };
    overlay::place(area, width, kinds() * lines_per_kind(area) + 1 + foretold)
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, marked: u16) {
    let Some(worker) = scene.model.target(scene.snapshot) else {
        return;
    };
    let inner = overlay::open(buf, place(area), &format!("End {}: how?", names::of(worker)), scene);
    let each = lines_per_kind(area);
    for (row, kind) in (0..).zip(KillKind::ALL) {
        let place = Rect {
            y: inner.y + row * each,
            height: each,
            ..inner
        }
        .intersection(inner);
        choice(buf, place, scene, kind, row == marked);
    }
    let chosen = KillKind::ALL
        .get(usize::from(marked))
        .copied()
        .unwrap_or(KillKind::Reset);
    let fate = || {
        let fate = Holding::of(worker).fate(worker, chosen, scene.snapshot.settings.heartbeat);
        if lessons_shown(area) {
            fate
        } else {
            format!("{}. {fate}", chosen.lesson())
        }
    };
    let text = scene.refuses(Action::Kill(chosen)).unwrap_or_else(fate);
    let lines = wrap(&text, inner.width.saturating_sub(LEAD + 1));
    for (line, text) in (kinds() * each + 1..).zip(&lines) {
        Pen::new(buf, inner, line).skip(LEAD).put(text, scene.theme.warn);
    }
}

const fn lessons_shown(area: Rect) -> bool {
    area.width >= ONE_LINE || lines_per_kind(area) == 2
}

fn choice(buf: &mut Buffer, area: Rect, scene: Scene<'_>, kind: KillKind, marked: bool) {
    let theme = scene.theme;
    let refused = scene.refuses(Action::Kill(kind));
    let (key, name) = match (&refused, marked) {
        (Some(_), _) => (theme.disabled, theme.disabled),
        (None, true) => (theme.key, theme.selected),
        (None, false) => (theme.key, theme.text),
    };
    let mut pen = Pen::new(buf, area, 0);
    pen.put(if marked { " ▸ " } else { "   " }, theme.selected);
    pen.left(kill_letter(kind).encode_utf8(&mut [0; 4]), LEAD - 3, key);
    pen.left(&kind.to_string(), 23, name);
    let lesson = refused.as_deref().unwrap_or(kind.lesson());
    if area.height == 2 {
        Pen::new(buf, area, 1).skip(LEAD).put(lesson, theme.dim);
    } else if area.width >= ONE_LINE - 2 {
        pen.put(lesson, theme.dim);
    }
}
