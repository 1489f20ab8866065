//! Where everything is. Lines are dealt out by need: fixed parts first, then workers, then the log gets the rest.

use super::panel::Edge;
use crate::lab::Snapshot;
use crate::tui::model::Model;
use ratatui::layout::Rect;
use std::ops::Range;

/// The smallest screen, in columns and lines.
pub(super) const SMALLEST: (u16, u16) = (60, 16);
/// From this width on, timelines stand beside the workers' table and not below.
const SIDE_BY_SIDE: u16 = 150;
/// From this width on, the rules in force stand beside the log, where that has the lines for them.
const WITH_RULES: u16 = 110;
/// Lines the rules need.
const RULES_LINES: u16 = 13;
/// The narrowest and the widest table of workers beside timelines.
const TABLE_WIDTH: (u16, u16) = (84, 104);

/// The parts of the lab view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Areas {
    pub(super) edge: Edge,
    pub(super) header: Rect,
    pub(super) producer: Rect,
    pub(super) queue: Rect,
    pub(super) workers: Rect,
    pub(super) timeline: Rect,
    pub(super) reasons: Rect,
    pub(super) rules: Option<Rect>,
    /// The log's edge; only where there is plenty of room.
    pub(super) log_edge: Option<Edge>,
    pub(super) books: Rect,
    pub(super) footer: Rect,
    /// Workers that the table shows at once.
    pub(super) rows: u16,
}

/// How many lines each part gets.
struct Heights {
    edge: Edge,
    panels: u16,
    workers: u16,
    timeline: u16,
    reasons: u16,
    rows: u16,
}

impl Areas {
    /// The workers in sight, by pages: the one with the selected worker, and the last page is always a full one.
    pub(super) fn visible_workers(&self, model: &Model, snapshot: &Snapshot) -> Range<usize> {
        let rows = usize::from(self.rows);
        let all = snapshot.workers.len();
        let selected = model.selected_row(snapshot);
        let last_page = all.saturating_sub(rows);
        let first = (selected / rows.max(1) * rows).min(last_page);
        first..(first + rows).min(all)
    }
}

/// The parts for a screen of this size; `None` where it is too small.
pub(super) fn areas(area: Rect, snapshot: &Snapshot) -> Option<Areas> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let heights = heights(area, snapshot);
    let mut y = area.y;
    let mut take = |lines: u16| {
        let part = Rect {
            y,
            height: lines,
            ..area
        };
        y += lines;
        part
    };
    let header = take(1);
    let panels = take(heights.panels);
    let (producer, queue) = if heights.panels == COMPACT {
        (
            Rect { height: 1, ..panels },
            Rect {
                y: panels.y + 1,
                height: 1,
                ..panels
            },
        )
    } else {
        halves(panels, panels.width / 2)
    };
    let (workers, timeline) = if beside(area) {
        halves(
            take(heights.workers),
            (area.width / 2).clamp(TABLE_WIDTH.0, TABLE_WIDTH.1),
        )
    } else {
        (take(heights.workers), take(heights.timeline))
    };
    let log = take(heights.reasons);
    let (reasons, rules) = with_rules(log);
    Some(Areas {
        edge: heights.edge,
        header,
        producer,
        queue,
        workers,
        timeline,
        reasons,
        rules,
        log_edge: log_edge(heights.edge, area),
        books: take(1),
        footer: take(1),
        rows: heights.rows,
    })
}

const fn beside(area: Rect) -> bool {
    area.width >= SIDE_BY_SIDE
}

/// Two lines without edges: the least that producer and queue need.
const COMPACT: u16 = 2;

/// The roomiest way that shows every worker, else the tightest.
fn heights(area: Rect, snapshot: &Snapshot) -> Heights {
    let wanted = u16::try_from(snapshot.workers.len()).unwrap_or(u16::MAX).max(1);
    // A line is kept for a note even when there is none: notes come and go, and nothing should jump then.
    let log = 2 + NOTE + area.height.saturating_sub(24) / 4;
    let roomy = deal(area, Edge::Box, 4, log);
    if roomy.rows >= wanted {
        return spread(roomy, area, wanted);
    }
    let ruled = deal(area, Edge::Rule, 3, log);
    if ruled.rows >= wanted && area.width >= 78 {
        return spread(ruled, area, wanted);
    }
    let tight = if area.height < 20 || area.width < 78 {
        deal(area, Edge::Rule, COMPACT, 1 + NOTE)
    } else {
        deal(area, Edge::Rule, 3, 2 + NOTE)
    };
    spread(tight, area, wanted)
}

/// The line of the first note.
const NOTE: u16 = 1;

/// Header, books and footer.
const FIXED: u16 = 3;

/// How many workers fit when the log gets `log` lines besides its edge.
fn deal(area: Rect, edge: Edge, panels: u16, log: u16) -> Heights {
    let reasons = log + log_edge(edge, area).map_or(0, Edge::lines);
    let rest = area.height.saturating_sub(FIXED + panels + reasons);
    let rows = if beside(area) {
        rest.saturating_sub(edge.lines() + 1)
    } else {
        rest.saturating_sub(2 * edge.lines() + 1) / 2
    };
    Heights {
        edge,
        panels,
        workers: 0,
        timeline: 0,
        reasons,
        rows,
    }
}

fn log_edge(edge: Edge, area: Rect) -> Option<Edge> {
    (edge == Edge::Box && area.height >= 30).then_some(edge)
}

/// Gives the log what the workers do not need.
fn spread(mut heights: Heights, area: Rect, wanted: u16) -> Heights {
    let rows = heights.rows.min(wanted);
    heights.rows = rows;
    heights.workers = heights.edge.lines() + 1 + rows;
    let mut used = FIXED + heights.panels + heights.workers;
    if beside(area) {
        heights.timeline = heights.workers;
    } else {
        let axis = u16::from(area.height.saturating_sub(used + rows + heights.edge.lines()) > 8);
        heights.timeline = heights.edge.lines() + rows + axis;
        used += heights.timeline;
    }
    heights.reasons = area.height.saturating_sub(used);
    heights
}

fn halves(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (
        Rect { width: left, ..area },
        Rect {
            x: area.x + left,
            width: area.width - left,
            ..area
        },
    )
}

fn with_rules(log: Rect) -> (Rect, Option<Rect>) {
    if log.width < WITH_RULES || log.height < RULES_LINES {
        return (log, None);
    }
    let (reasons, rules) = halves(log, log.width - (log.width * 2 / 5).min(60));
    (reasons, Some(rules))
}
