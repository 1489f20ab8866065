//! Where everything is. Lines are dealt out by need: fixed parts first, then workers, then what a larger screen can tell
//! besides, and the log gets the rest.

use super::panel::Edge;
use crate::lab::Snapshot;
use crate::tui::model::Model;
use crate::tui::room::Presenter;
use ratatui::layout::Rect;
use std::ops::Range;

mod below;

/// The smallest screen, in columns and lines.
pub(super) const SMALLEST: (u16, u16) = (60, 16);
/// From this width on, timelines stand beside the workers' table and not below.
const SIDE_BY_SIDE: u16 = 150;
/// The narrowest and the widest table of workers beside timelines.
const TABLE_WIDTH: (u16, u16) = (84, 104);
/// From this width on, there is a line for jobs on their way.
const FLOW_WIDTH: u16 = 76;
/// The most workers that have a lane of their own there.
const LANES: u16 = 12;

/// The parts of the lab view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Areas {
    pub(super) edge: Edge,
    pub(super) header: Rect,
    /// The large digits of presenter mode.
    pub(super) figures: Option<Rect>,
    /// Producer and queue; without lines where the digits take their place.
    pub(super) producer: Rect,
    pub(super) queue: Rect,
    /// Jobs on their way: one line, or a lane for each worker within an edge.
    pub(super) flow: Option<Rect>,
    pub(super) workers: Rect,
    pub(super) timeline: Rect,
    pub(super) reasons: Rect,
    pub(super) sums: Option<Rect>,
    pub(super) rules: Option<Rect>,
    /// All keys and signs, going on from one place to the next.
    pub(super) keys: Vec<Rect>,
    /// The log's edge; only where there is plenty of room.
    pub(super) log_edge: Option<Edge>,
    pub(super) books: Rect,
    pub(super) footer: Rect,
    /// Workers that the table shows at once.
    pub(super) rows: u16,
    /// Lines of each of them.
    pub(super) row_lines: u16,
}

/// How many lines each part gets.
struct Heights {
    edge: Edge,
    figures: u16,
    panels: u16,
    flow: u16,
    workers: u16,
    timeline: u16,
    reasons: u16,
    rows: u16,
    row_lines: u16,
}

impl Areas {
    /// The workers in sight, by pages: the one with the selected worker, and the last page is always a full one.
    pub(super) fn visible_workers(&self, model: &Model, snapshot: &Snapshot) -> Range<usize> {
        page(self.rows, model, snapshot)
    }
}

/// The page of that many rows with the selected worker.
pub(super) fn page(rows: u16, model: &Model, snapshot: &Snapshot) -> Range<usize> {
    let rows = usize::from(rows);
    let all = snapshot.workers.len();
    let selected = model.selected_row(snapshot);
    let last_page = all.saturating_sub(rows);
    let first = (selected / rows.max(1) * rows).min(last_page);
    first..(first + rows).min(all)
}

/// The parts for a screen of this size; `None` where it is too small.
pub(super) fn areas(area: Rect, model: &Model, snapshot: &Snapshot) -> Option<Areas> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let heights = heights(area, model.room.presenter, snapshot);
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
    let figures = take(heights.figures);
    let (producer, queue) = panels(take(heights.panels));
    let flow = take(heights.flow);
    let (workers, timeline) = if beside(area) {
        let table = (area.width / 2).clamp(TABLE_WIDTH.0, TABLE_WIDTH.1);
        halves(take(heights.workers), table)
    } else {
        (take(heights.workers), take(heights.timeline))
    };
    let below = below::parts(take(heights.reasons), snapshot.workers.len());
    Some(Areas {
        edge: heights.edge,
        header,
        figures: (figures.height > 0).then_some(figures),
        producer,
        queue,
        flow: (flow.height > 0).then_some(flow),
        workers,
        timeline,
        reasons: below.log,
        sums: below.sums,
        rules: below.rules,
        keys: below.keys,
        log_edge: log_edge(heights.edge, area),
        books: take(1),
        footer: take(1),
        rows: heights.rows,
        row_lines: heights.row_lines,
    })
}

const fn beside(area: Rect) -> bool {
    area.width >= SIDE_BY_SIDE
}

fn panels(area: Rect) -> (Rect, Rect) {
    if area.height != COMPACT {
        let wished = PRODUCER.min(area.width.saturating_sub(QUEUE));
        return halves(area, wished.max(area.width / 2));
    }
    let line = |y| Rect { y, height: 1, ..area };
    (line(area.y), line(area.y + 1))
}

/// Columns that the producer's title needs …
const PRODUCER: u16 = 40;
/// … where the queue keeps so many.
const QUEUE: u16 = 36;

/// Two lines without edges: the least that producer and queue need.
const COMPACT: u16 = 2;

/// The roomiest way that shows every worker, else the tightest.
fn heights(area: Rect, presenter: Presenter, snapshot: &Snapshot) -> Heights {
    let wanted = u16::try_from(snapshot.workers.len()).unwrap_or(u16::MAX).max(1);
    if presenter == Presenter::On && area.height >= PRESENTABLE {
        return presented(area, wanted);
    }
    // A line is kept for a note even when there is none: notes come and go, and nothing should jump then.
    let log = 2 + NOTE + area.height.saturating_sub(24) / 4;
    let roomy = deal(area, Edge::Box, (0, 4), log);
    if roomy.rows >= wanted {
        return spread(roomy, area, wanted);
    }
    let ruled = deal(area, Edge::Rule, (0, 3), log);
    if ruled.rows >= wanted && area.width >= 78 {
        return spread(ruled, area, wanted);
    }
    let tight = if area.height < 20 || area.width < 78 {
        deal(area, Edge::Rule, (0, COMPACT), 1 + NOTE)
    } else {
        deal(area, Edge::Rule, (0, 3), 2 + NOTE)
    };
    spread(tight, area, wanted)
}

/// From this height on, there are large digits; from the second one on, larger ones, and the panels too.
pub(super) const PRESENTABLE: u16 = 20;
const SPACIOUS: u16 = 40;
/// Lines of the digits with what they count, and of the larger ones.
const FIGURES: (u16, u16) = (7, 13);

fn presented(area: Rect, wanted: u16) -> Heights {
    let dealt = if area.height >= SPACIOUS {
        deal(area, Edge::Box, (FIGURES.1, 4), 3)
    } else {
        deal(area, Edge::Rule, (FIGURES.0, 0), 2)
    };
    spread(dealt, area, wanted)
}

/// The line of the first note.
const NOTE: u16 = 1;

/// Header, books and footer.
const FIXED: u16 = 3;

/// How many workers fit when the log gets `log` lines besides its edge.
fn deal(area: Rect, edge: Edge, (figures, panels): (u16, u16), log: u16) -> Heights {
    let reasons = log + log_edge(edge, area).map_or(0, Edge::lines);
    let rest = area.height.saturating_sub(FIXED + figures + panels + reasons);
    let rows = if beside(area) {
        rest.saturating_sub(edge.lines() + 1)
    } else {
        rest.saturating_sub(2 * edge.lines() + 1) / 2
    };
    Heights {
        edge,
        figures,
        panels,
        flow: 0,
        workers: 0,
        timeline: 0,
        reasons,
        rows,
        row_lines: 1,
    }
}

fn log_edge(edge: Edge, area: Rect) -> Option<Edge> {
    (edge == Edge::Box && area.height >= 30).then_some(edge)
}

/// Gives the flow of jobs and the log what the workers do not need; on a large screen a worker gets several lines.
fn spread(mut heights: Heights, area: Rect, wanted: u16) -> Heights {
    let rows = heights.rows.min(wanted);
    heights.rows = rows;
    heights.row_lines = row_lines(&heights, area);
    heights.workers = heights.edge.lines() + 1 + rows * heights.row_lines;
    let mut used = FIXED + heights.figures + heights.panels + heights.workers;
    if beside(area) {
        heights.timeline = heights.workers;
    } else {
        let axis = u16::from(area.height.saturating_sub(used + rows + heights.edge.lines()) > 8);
        heights.timeline = heights.edge.lines() + rows + axis;
        used += heights.timeline;
    }
    let rest = area.height.saturating_sub(used);
    heights.flow = flow(&heights, area, rest);
    heights.reasons = rest - heights.flow;
    heights
}

/// As many as leave half of the screen to all else.
fn row_lines(heights: &Heights, area: Rect) -> u16 {
    if !beside(area) || area.height < 45 {
        return 1;
    }
    let room = (area.height / 2).saturating_sub(FIXED + heights.figures + heights.panels);
    (room / heights.rows.max(1)).clamp(1, 3)
}

/// Lanes leave the log at least a dozen lines, one line of flow at least three.
fn flow(heights: &Heights, area: Rect, rest: u16) -> u16 {
    let lanes = heights.rows + heights.edge.lines();
    if area.width < FLOW_WIDTH {
        0
    } else if heights.edge == Edge::Box && heights.rows <= LANES && rest >= lanes + 15 {
        lanes
    } else {
        u16::from(rest >= 4)
    }
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
