//! The rows of the list: a job each, with where it is and for how long.

use super::super::Scene;
use super::super::pen::{Pen, columns};
use super::place_style;
use crate::lab::{Page, PageRow};
use crate::tui::messages::words;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The narrowest list, with its edge.
pub(super) const SPARE: u16 = 58;
/// Columns that are always there.
const NUMBER: u16 = 9;
const SPAN: u16 = 9;
const UNACKED: u16 = 8;
/// For the sign alone, and with a word above it.
const AGAIN: (u16, u16) = (2, 6);
const FINISHES: u16 = 5;
/// The mark of the selected row before, and the scroll bar behind.
const SIDES: u16 = 3;
/// Where it is: at least, and at most.
const PLACE: (u16, u16) = (14, 48);

/// A column that is there where it fits; the first ones first.
const EXTRAS: [(&str, u16); 3] = [("confirmed", 10), ("message", 11), ("queue", 10)];

/// How wide the columns are.
struct Columns {
    place: u16,
    again: u16,
    extras: usize,
}

impl Columns {
    fn of(width: u16) -> Self {
        let fixed = SIDES + NUMBER + SPAN + UNACKED + AGAIN.0 + FINISHES;
        let mut room = width.saturating_sub(fixed);
        // The place is what the list is about: the others have to leave it the room for its words.
        let words = PLACE.0 + 10;
        let more = AGAIN.1 - AGAIN.0;
        let again = if room >= words + more {
            room -= more;
            AGAIN.1
        } else {
            AGAIN.0
        };
        let mut extras = 0;
        while let Some((_, width)) = EXTRAS.get(extras)
            && room >= words + width
        {
            room -= width;
            extras += 1;
        }
        Self {
            place: room.min(PLACE.1),
            again,
            extras,
        }
    }
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, page: &Page, rows: &[PageRow], scene: Scene<'_>) {
    let layout = Columns::of(area.width);
    heads(&mut Pen::new(buf, area, 0), &layout, scene);
    for (line, row) in (1..area.height).zip(rows) {
        let marked = scene.model.messages.is_marked(page, row);
        draw_row(&mut Pen::new(buf, area, line), &layout, row, marked, scene);
    }
    let below = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    scroll_bar(buf, below, page, rows, scene);
}

fn heads(pen: &mut Pen<'_>, layout: &Columns, scene: Scene<'_>) {
    let dim = scene.theme.dim;
    pen.skip(2).left("job", NUMBER, dim).left("where", layout.place, dim);
    pen.right("how long", SPAN - 1, dim).skip(1);
    pen.left("ack", UNACKED, dim)
        .left(if layout.again == AGAIN.1 { "again" } else { "↻" }, layout.again, dim)
        .left("done", FINISHES, dim);
    for (head, width) in &EXTRAS[..layout.extras] {
        pen.left(head, *width, dim);
    }
}

fn draw_row(pen: &mut Pen<'_>, layout: &Columns, row: &PageRow, marked: bool, scene: Scene<'_>) {
    let theme = scene.theme;
    let (sign, number) = if marked {
        ("▸ ", theme.selected)
    } else {
        ("  ", theme.text)
    };
    pen.put(sign, theme.selected).left(&row.job.to_string(), NUMBER, number);
    let full = row.place.to_string();
    let place = if columns(&full) < layout.place {
        full
    } else {
        row.place.brief()
    };
    pen.left(&place, layout.place.saturating_sub(1), place_style(row.place, theme))
        .skip(1);
    let span = words::span(scene.snapshot.clock.now.0.saturating_sub(row.since.0));
    pen.right(&span, SPAN - 1, theme.text).skip(1);
    pen.left(if row.unacked { "unacked" } else { "" }, UNACKED, theme.unacked);
    pen.left(if row.redelivered { "↻" } else { "" }, layout.again, theme.block_again);
    let style = if row.finishes > 1 { theme.warn } else { theme.good };
    pen.left(&words::finishes(row.finishes), FINISHES, style);
    let extras = [
        words::confirmed(row.confirmed),
        words::delivery(row.delivery),
        words::queue(row.queue),
    ];
    for (text, (_, width)) in extras.iter().zip(&EXTRAS[..layout.extras]) {
        pen.left(text, *width, theme.dim);
    }
}

/// Where the rows are in the whole list; nothing where all are in sight.
fn scroll_bar(buf: &mut Buffer, area: Rect, page: &Page, rows: &[PageRow], scene: Scene<'_>) {
    let all = u64::from(page.counts[super::answered(scene).slot()]);
    let lines = u64::from(area.height);
    let (Some(first), true) = (rows.first(), all > lines) else {
        return;
    };
    let before = page.rows.iter().position(|row| row.job == first.job).unwrap_or(0);
    let before = u64::from(page.first) + u64::try_from(before).unwrap_or(0);
    let thumb = (lines * lines / all).clamp(1, lines);
    let top = before * (lines - thumb) / (all - lines).max(1);
    let bar = Rect {
        x: area.right().saturating_sub(columns("┃")),
        width: columns("┃"),
        ..area
    };
    for line in 0..area.height {
        let held = (top..top + thumb).contains(&u64::from(line));
        let (sign, style) = if held {
            ("┃", scene.theme.text)
        } else {
            ("│", scene.theme.frame)
        };
        Pen::new(buf, bar, line).put(sign, style);
    }
}
