//! All keys under their headings, then all signs.

use super::pen::Pen;
use super::{Scene, overlay};
use crate::tui::keymap::{self, Group};
use crate::tui::model::View;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Every sign on the screen and what it says.
pub(super) const SIGNS: [(&str, &str); 17] = [
    ("●◐○", "dots of work: done, begun, to do"),
    ("▪", "in the tray: delivered, not begun"),
    ("unacked", "with a worker, kept by the broker"),
    ("█159▌", "timeline: work on job 159"),
    ("▂▅▇", "timeline: many jobs, and how busy"),
    ("·", "idle, or an empty tray"),
    ("✖", "dead, lost or wrong"),
    ("▲", "back again"),
    ("↻", "redelivered, or back in the queue"),
    ("²", "done a second time"),
    ("❄ ■ !", "frozen, cancelled, about to crash"),
    ("¦", "cut off: the network is silent"),
    ("~ ↺ † =", "forgets, requeues, rejects, acks twice"),
    ("▸", "the selected worker"),
    ("12", "a number without a sign is exact"),
    ("≈12 ?", "estimated; not known here"),
    ("✓ …", "the sums agree; messages on the way"),
];

/// A line of the help.
enum Line {
    Heading(&'static str),
    Row(&'static str, &'static str),
    Blank,
}

fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for group in Group::ALL {
        lines.push(Line::Heading(group.title()));
        lines.extend(keymap::group(group).map(|b| Line::Row(b.shown, b.help)));
        lines.push(Line::Blank);
    }
    for view in View::ALL {
        let mut keys = keymap::of_view(view).peekable();
        if keys.peek().is_some() {
            lines.push(Line::Heading(view.title()));
            lines.extend(keys.map(|b| Line::Row(b.shown, b.help)));
            lines.push(Line::Blank);
        }
    }
    lines.push(Line::Heading("Signs"));
    lines.extend(SIGNS.iter().map(|(sign, text)| Line::Row(sign, text)));
    lines
}

/// Width of a column of help.
const COLUMN: u16 = 74;

fn place(area: Rect, lines: usize) -> (Rect, u16) {
    let columns = if area.width >= 2 * COLUMN + 2 { 2 } else { 1 };
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).div_ceil(columns);
    (
        overlay::place(area, (COLUMN * columns).min(area.width.saturating_sub(2)), lines),
        columns,
    )
}

/// How far the help can be scrolled on a screen of this size.
pub(in crate::tui) fn scroll_limit(area: Rect) -> u16 {
    let all = lines().len();
    let (place, columns) = place(area, all);
    let shown = place.height.saturating_sub(2) * columns;
    u16::try_from(all).unwrap_or(u16::MAX).saturating_sub(shown)
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, top: u16) {
    let lines = lines();
    let (place, columns) = place(area, lines.len());
    let top = top.min(scroll_limit(area));
    let more = if top < scroll_limit(area) {
        "All keys and signs: ↓ for more"
    } else {
        "All keys and signs"
    };
    let inner = overlay::open(buf, place, more, scene);
    let width = inner.width / columns;
    let mut rest = lines.iter().skip(usize::from(top));
    for column in 0..columns {
        let part = Rect {
            x: inner.x + column * width,
            width,
            ..inner
        };
        for (line, what) in (0..part.height).zip(rest.by_ref()) {
            draw_line(&mut Pen::new(buf, part, line), what, scene.theme);
        }
    }
}

fn draw_line(pen: &mut Pen<'_>, line: &Line, theme: &Theme) {
    pen.skip(1);
    match line {
        Line::Heading(text) => pen.put(text, theme.title),
        Line::Row(key, text) => {
            pen.skip(1).left(key, 10, theme.key);
            let room = pen.room();
            pen.fit(text, room, theme.text)
        }
        Line::Blank => pen,
    };
}
