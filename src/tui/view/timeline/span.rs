//! A timeline that begins at the start of the run on the left, for runs that end: all of it is seen at once.

use super::super::Scene;
use super::super::pen::{Pen, columns as columns_of};
use super::{Grid, Slot, bury, draw_slots, slot};
use crate::lab::{LabSpan, LabTime, WorkerRow};
use ratatui::style::Style;

/// A timeline that begins at the start of the run, and how much of it a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Span {
    now: LabTime,
    ideal: LabSpan,
    cell_us: u64,
    /// Cells in a column.
    group: u64,
    /// Columns on screen.
    width: u16,
}

impl Span {
    /// So many cells to a column that all up to now fits, and what would be ideal.
    pub(in super::super) fn new(now: LabTime, ideal: LabSpan, cell_us: u64, width: u16) -> Self {
        const STEPS: [u64; 20] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 40, 60, 120, 240];
        let cell_us = cell_us.max(1);
        let cells = now.0.max(ideal.0) / cell_us + 1;
        let least = cells.div_ceil(u64::from(width.max(1)));
        Self {
            now,
            ideal,
            cell_us,
            group: STEPS.into_iter().find(|step| *step >= least).unwrap_or(least),
            width,
        }
    }

    fn column(self, us: u64) -> u16 {
        u16::try_from(us / (self.cell_us * self.group)).unwrap_or(u16::MAX)
    }
}

/// What a worker did, from the start of the run on the left.
pub(in super::super) fn from_start(pen: &mut Pen<'_>, worker: &WorkerRow, span: Span, block: Style, scene: Scene<'_>) {
    let last = span.now.0 / span.cell_us;
    let grid = Grid {
        group: span.group,
        last,
        columns: last / span.group + 1,
    };
    let mut slots: Vec<Slot> = (0..grid.columns.min(u64::from(span.width)))
        .map(|column| slot(&worker.timeline, grid, column))
        .collect();
    bury(&mut slots, worker);
    draw_slots(pen, &slots, block, scene);
}

/// Seconds from the start, and where the ideal would be done.
pub(in super::super) fn axis_from_start(pen: &mut Pen<'_>, span: Span, scene: Scene<'_>) {
    const STEPS: [u64; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
    const APART: u16 = 10;
    let columns = |seconds: u64| span.column(seconds * 1_000_000);
    let step = STEPS.into_iter().find(|step| columns(*step) >= APART).unwrap_or(2_000);
    let ideal = span.column(span.ideal.0);
    let mark = format!("▲ ideal {}", span.ideal);
    let mark_ends = ideal + columns_of(&mark);
    let has_ideal = span.ideal.0 > 0 && mark_ends <= span.width.saturating_add(12);
    let mut at = 0;
    let mut second = 0;
    while columns(second) < span.width {
        let column = columns(second);
        let text = format!("╷{second} s");
        let ends = column + columns_of(&text);
        if has_ideal && at <= ideal && ends > ideal {
            pen.skip(ideal - at).put(&mark, scene.theme.good);
            at = mark_ends;
        }
        if column >= at {
            pen.skip(column - at).put(&text, scene.theme.dim);
            at = ends;
        }
        second += step;
    }
    if has_ideal && at <= ideal {
        pen.skip(ideal - at).put(&mark, scene.theme.good);
    }
}
