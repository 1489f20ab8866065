//! All keys under their headings, then all signs. In a further view its own keys come first.

use super::panel::{Edge, Title};
use super::pen::{Pen, columns, wrap};
use super::{Scene, overlay};
use crate::tui::keymap::{self, Binding, Group};
use crate::tui::model::View;
use crate::tui::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Every sign on the screen and what it says.
pub(super) const SIGNS: [(&str, &str); 19] = [
    ("●◐○", "dots of work: done, begun, to do"),
    ("▪", "in the tray: delivered, not begun"),
    ("unacked", "with a worker, kept by the broker"),
    ("█159▌", "timeline: work on job 159"),
    ("▂▅▇", "timeline: many jobs, and how busy"),
    ("●168 ▃/s", "a job on its way; many a second"),
    ("·", "idle, or an empty tray"),
    ("✖", "dead, lost or wrong"),
    ("▲", "back again"),
    ("↻", "redelivered, or back in the queue"),
    ("²", "done a second time"),
    ("○ → ▾", "published, sent, dead-lettered"),
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
    Row(&'static str, String),
    Blank,
}

/// Columns for a key.
const KEY: u16 = 10;

/// The help in lines of that many columns.
fn lines(present: View, width: u16) -> Vec<Line> {
    let mut lines = Vec::new();
    if present != View::Lab {
        of_view(&mut lines, present, width);
    }
    for group in Group::ALL {
        part(&mut lines, group.title(), keymap::group(group), width);
    }
    for view in View::ALL.into_iter().filter(|view| *view != present) {
        of_view(&mut lines, view, width);
    }
    lines.push(Line::Heading("Signs"));
    lines.extend(SIGNS.iter().map(|(sign, text)| Line::Row(sign, (*text).to_owned())));
    lines
}

fn of_view(lines: &mut Vec<Line>, view: View, width: u16) {
    part(lines, view.title(), keymap::of_view(view), width);
}

/// A heading with its keys, where there are any; a long sentence goes on on the next line.
fn part(lines: &mut Vec<Line>, title: &'static str, keys: impl Iterator<Item = &'static Binding>, width: u16) {
    let mut keys = keys.peekable();
    if keys.peek().is_none() {
        return;
    }
    lines.push(Line::Heading(title));
    for binding in keys {
        let mut key = binding.shown;
        for text in wrap(binding.help, width.saturating_sub(KEY + 3)) {
            lines.push(Line::Row(key, text));
            key = "";
        }
    }
    lines.push(Line::Blank);
}

/// Width of a column of help.
const COLUMN: u16 = 74;

fn place(area: Rect, lines: usize) -> (Rect, u16) {
    let columns = if area.width >= 2 * COLUMN + 2 { 2 } else { 1 };
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).div_ceil(columns);
    (overlay::place(area, width(area) * columns, lines), columns)
}

/// The width of one column on a screen of this size.
fn width(area: Rect) -> u16 {
    COLUMN.min(area.width.saturating_sub(2))
}

/// How far the help can be scrolled on a screen of this size.
pub(in crate::tui) fn scroll_limit(area: Rect, present: View) -> u16 {
    let all = lines(present, width(area)).len();
    let (place, columns) = place(area, all);
    let shown = place.height.saturating_sub(2) * columns;
    u16::try_from(all).unwrap_or(u16::MAX).saturating_sub(shown)
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, top: u16) {
    let lines = lines(scene.model.view, width(area));
    let (place, columns) = place(area, lines.len());
    let limit = scroll_limit(area, scene.model.view);
    let top = top.min(limit);
    let more = if top < limit {
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

/// The same beside the log, where a screen has room for it; what one place does not hold goes on in the next.
pub(super) fn panels(buf: &mut Buffer, places: &[Rect], edge: Edge, scene: Scene<'_>) {
    let narrowest = places.iter().map(|place| place.width).min().unwrap_or(0);
    let lines = lines(scene.model.view, narrowest.saturating_sub(edge.lines()));
    let mut rest = lines.iter();
    for place in places {
        let title = Title::new(scene, "Keys and signs").line();
        let inner = edge.draw(buf, *place, &title, scene.theme.frame);
        for (line, what) in (0..inner.height).zip(rest.by_ref()) {
            draw_line(&mut Pen::new(buf, inner, line), what, scene.theme);
        }
    }
}

fn draw_line(pen: &mut Pen<'_>, line: &Line, theme: &Theme) {
    pen.skip(1);
    match line {
        Line::Heading(text) => pen.put(text, theme.title),
        Line::Row(key, text) => {
            pen.skip(1).left(key, KEY.max(columns(key) + 1), theme.key);
            let room = pen.room();
            pen.fit(text, room, theme.text)
        }
        Line::Blank => pen,
    };
}
