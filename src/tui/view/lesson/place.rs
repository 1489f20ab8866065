//! Where the lab and the lesson are. The lab's lines are dealt out first, since it has to be seen while it runs; the
//! lesson gets the rest, and never less than it needs for a question.

use crate::lab::Snapshot;
use crate::tui::model::Model;
use crate::tui::view::layout::{self, Areas};
use crate::tui::view::panel::Edge;
use ratatui::layout::Rect;
use std::ops::Range;

/// From this width and height on the lesson stands beside the lab.
const BESIDE: (u16, u16) = (110, 28);
/// The narrowest and the widest panel beside the lab.
const PANEL: (u16, u16) = (42, 70);
/// Lines of the panel that nothing but workers may take.
const LEAST: u16 = 7;
/// Lines of the panel from which on the log gets what is left.
const PLENTY: u16 = 18;
/// From this height on, producer and queue have a line each.
const BOTH: u16 = 18;

/// One of two ways.
pub(super) enum Place {
    /// The whole lab, and the panel beside it.
    Beside(Box<Areas>, Rect),
    /// A few lines of the lab, and the panel below.
    Below(Stacked),
}

/// The lab above, the lesson below.
pub(super) struct Stacked {
    pub(super) edge: Edge,
    pub(super) producer: Option<Rect>,
    pub(super) queue: Rect,
    pub(super) workers: Rect,
    pub(super) timeline: Option<Rect>,
    pub(super) log: Option<Rect>,
    pub(super) books: Option<Rect>,
    pub(super) panel: Rect,
    rows: u16,
}

impl Stacked {
    /// The workers in sight, by pages: the one with the selected worker.
    pub(super) fn visible_workers(&self, model: &Model, snapshot: &Snapshot) -> Range<usize> {
        layout::page(self.rows, model, snapshot)
    }
}

/// For a body of this size.
pub(super) fn of(body: Rect, model: &Model, snapshot: &Snapshot) -> Place {
    if body.width >= BESIDE.0 && body.height >= BESIDE.1 {
        let width = (body.width * 9 / 25).clamp(PANEL.0, PANEL.1);
        // As if there were a header and a footer of the lab's own.
        let lab = Rect {
            y: body.y.saturating_sub(1),
            width: body.width - width,
            height: body.height + 2,
            ..body
        };
        if let Some(areas) = layout::areas(lab, model, snapshot) {
            let panel = Rect {
                x: lab.right(),
                width,
                ..body
            };
            return Place::Beside(Box::new(areas), panel);
        }
    }
    Place::Below(stacked(body, snapshot))
}

fn stacked(body: Rect, snapshot: &Snapshot) -> Stacked {
    let all = u16::try_from(snapshot.workers.len()).unwrap_or(u16::MAX).max(1);
    let heads = if body.height >= BOTH { 2 } else { 1 };
    let least = LEAST.max(body.height * 5 / 12);
    // The table has an edge and a head, the timeline an edge.
    let room = body.height.saturating_sub(least + heads + 2);
    let timeline = room > 2 * all;
    let rows = all.min(room.max(1));
    let mut left = room.saturating_sub(if timeline { 2 * rows + 1 } else { rows });
    let books = u16::from(left > 0 && heads == 2);
    left -= books;
    let log = (least + left).saturating_sub(PLENTY);
    let log = if log >= 3 { log } else { 0 };
    let mut y = body.y;
    let mut take = |height: u16| {
        let part = Rect { y, height, ..body };
        y += height;
        (height > 0).then_some(part)
    };
    let producer = take(heads - 1);
    let queue = take(1).unwrap_or_default();
    let workers = take(rows + 2).unwrap_or_default();
    let timeline = take(if timeline { rows + 1 } else { 0 });
    let log = take(log);
    let books = take(books);
    let panel = Rect {
        y,
        height: body.bottom().saturating_sub(y),
        ..body
    };
    Stacked {
        edge: Edge::Rule,
        producer,
        queue,
        workers,
        timeline,
        log,
        books,
        panel,
        rows,
    }
}
