//! What each worker did lately: a block for each job with its number inside, dots where it was idle, and a sign
//! where something happened. Where many jobs pass within a column, the column's height is how busy it was.

mod span;

pub(super) use span::{Span, axis_from_start, from_start};

use super::Scene;
use super::panel::{Edge, Title};
use super::pen::{Pen, columns};
use super::workers::widest_name;
use crate::lab::{Cell, JobId, Mark, WorkerRow, WorkerState};
use crate::tui::names;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::ops::Range;

/// Columns for the worker's name at least, with the gaps around it.
const NAME: u16 = 5;
/// A guest's number and name are cut beyond these columns.
const GUEST: u16 = 12;

/// What a column of a timeline shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// Before the start, or no worker.
    Void,
    /// Nothing to do.
    Idle,
    /// Work on one job.
    Job(JobId),
    /// Several jobs; per cent busy.
    Many(u8),
}

/// A column with what happened in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    column: Column,
    mark: Option<Mark>,
}

/// A job's block, before its marks are looked at.
#[derive(Clone, Copy)]
struct Block {
    job: JobId,
    style: Style,
    /// Whether the job is still in hand: then the block has no end.
    open: bool,
}

/// The cells that each column stands for, counted from the start of the run so that columns do not shimmer.
#[derive(Clone, Copy)]
struct Grid {
    /// Cells in a column.
    group: u64,
    /// The number of the newest cell.
    last: u64,
    /// Columns on screen.
    columns: u64,
}

/// `row_lines` is how many lines each worker has: its blocks are that high.
pub(super) fn draw(
    buf: &mut Buffer,
    area: Rect,
    (edge, row_lines): (Edge, u16),
    scene: Scene<'_>,
    visible: &Range<usize>,
) {
    let Scene {
        model, snapshot, theme, ..
    } = scene;
    let cell_us = snapshot.cell_us.max(1);
    let group = (model.zoom.micros() / cell_us).max(1);
    let tenths = group * cell_us / 100_000;
    let mut title = Title::new(scene, "Timeline");
    if area.width >= 70 {
        title = title.plain(format!("a column is {}.{} s", tenths / 10, tenths % 10), theme.dim);
        title = title.plain("✖ killed ▲ back ↻ redelivered ² twice", theme.dim);
    }
    let inner = edge.draw(buf, area, &title.line(), theme.frame);
    let rows = snapshot.workers.iter().skip(visible.start).take(visible.len());
    let guests = snapshot.workers.iter().filter(|worker| worker.guest.is_some());
    let guests = guests
        .map(|guest| columns(&names::of(guest)).min(GUEST))
        .max()
        .unwrap_or(0);
    let name = NAME.max(widest_name(&snapshot.workers).max(guests) + 2);
    let width = inner.width.saturating_sub(name);
    let grid = Grid {
        group,
        last: snapshot.clock.now.0 / cell_us,
        columns: u64::from(width),
    };
    let mut slots = Vec::with_capacity(usize::from(width));
    let selected = model.selected_row(snapshot);
    for (line, (row, worker)) in (0..).step_by(usize::from(row_lines)).zip((visible.start..).zip(rows)) {
        slots.clear();
        slots.extend((0..grid.columns).map(|column| slot(&worker.timeline, grid, column)));
        bury(&mut slots, worker);
        let block = if row % 2 == 0 { theme.block } else { theme.block_odd };
        // The last of several lines stays free, so that workers are told apart.
        for high in 0..(row_lines - 1).max(1) {
            let mut pen = Pen::new(buf, inner, line + high);
            let style = if row == selected { theme.selected } else { theme.text };
            let text = if high == 0 { names::of(worker) } else { String::new() };
            pen.skip(1).left(&text, name - 1, style);
            draw_slots(&mut pen, &slots, block, scene);
        }
    }
    let below = u16::try_from(visible.len())
        .unwrap_or(u16::MAX)
        .saturating_mul(row_lines);
    if below < inner.height {
        axis(
            Pen::new(buf, inner, below).skip(name),
            width,
            group * cell_us,
            theme.dim,
        );
    }
}

/// One column's cells as one.
fn slot(cells: &[Cell], grid: Grid, column: u64) -> Slot {
    let void = Slot {
        column: Column::Void,
        mark: None,
    };
    let newest = grid.last / grid.group;
    let Some(number) = (newest + 1 + column).checked_sub(grid.columns) else {
        return void;
    };
    let first = number * grid.group;
    let end = (first + grid.group).min(grid.last + 1);
    let place = |cell: u64| cells.len().checked_sub(1 + usize::try_from(grid.last - cell).ok()?);
    let taken = (first..end).filter_map(|cell| cells.get(place(cell)?));
    let (mut count, mut busy, mut begun, mut job, mut mark) = (0_u32, 0_u32, 0_u32, None, None);
    for cell in taken {
        count += 1;
        busy += u32::from(cell.busy);
        begun += u32::from(cell.begun);
        job = cell.job.or(job);
        mark = graver(mark, cell.mark);
    }
    let column = match (count, job) {
        (0, _) => Column::Void,
        (_, Some(job)) if begun < 2 => Column::Job(job),
        (_, None) if begun == 0 && busy == 0 => Column::Idle,
        (_, _) => Column::Many(u8::try_from((busy / count).min(100)).unwrap_or(100)),
    };
    Slot { column, mark }
}

fn graver(one: Option<Mark>, other: Option<Mark>) -> Option<Mark> {
    let weight = |mark: &Option<Mark>| mark.map(Mark::weight);
    if weight(&other) >= weight(&one) { other } else { one }
}

/// A dead worker is not idle: its columns from the kill to the revival are void.
fn bury(slots: &mut [Slot], worker: &WorkerRow) {
    let dead_now = matches!(worker.state, WorkerState::ChannelClosed(_) | WorkerState::Gone(..));
    let turn = slots
        .iter()
        .find_map(|s| s.mark.filter(|m| matches!(m, Mark::Killed | Mark::Revived)));
    let mut dead = turn.map_or(dead_now, |mark| mark == Mark::Revived);
    for slot in slots {
        match slot.mark {
            Some(Mark::Killed) => dead = true,
            Some(Mark::Revived) => dead = false,
            _ => {}
        }
        if dead && slot.column == Column::Idle {
            slot.column = Column::Void;
        }
    }
}

fn draw_slots(pen: &mut Pen<'_>, slots: &[Slot], plain: Style, scene: Scene<'_>) {
    let mut at = 0;
    while let Some(slot) = slots.get(at) {
        let run = match slot.column {
            Column::Job(_) => slots[at..].iter().take_while(|s| s.column == slot.column).count(),
            _ => 1,
        };
        let run = &slots[at..at + run];
        match slot.column {
            Column::Job(job) => {
                let ordinary = Block {
                    job,
                    style: plain,
                    open: at + run.len() == slots.len(),
                };
                block(pen, ordinary, run, scene);
            }
            Column::Many(busy) => height(pen, busy, slot.mark, plain, scene),
            Column::Idle => sign_or(pen, slot.mark, "·", scene.theme.dim, scene),
            Column::Void => sign_or(pen, slot.mark, " ", scene.theme.text, scene),
        }
        at += run.len();
    }
}

/// One job: full columns with its number inside where it fits, and a half column at the end, so that the next
/// block is seen to be another. A job still in hand has no end yet.
fn block(pen: &mut Pen<'_>, ordinary: Block, run: &[Slot], scene: Scene<'_>) {
    let theme = scene.theme;
    let Block { job, style, open } = ordinary;
    let marked = |mark: Mark| run.iter().any(|s| s.mark == Some(mark));
    let style = if marked(Mark::Twice) {
        theme.block_twice
    } else if marked(Mark::Redelivered) {
        theme.block_again
    } else {
        style
    };
    let number = job.0.to_string();
    let free_from = run.iter().position(|s| s.mark.is_none()).unwrap_or(run.len());
    let free = run[free_from..].iter().take_while(|s| s.mark.is_none()).count();
    let end = usize::from(!open && free_from + free == run.len());
    let inside = free.saturating_sub(end);
    let fits = number.len() <= inside;
    let number_from = free_from + usize::from(inside >= number.len() + 2);
    let lettering = theme.on_block(style);
    let mut column = 0;
    while column < run.len() {
        if fits && column == number_from {
            pen.put(&number, lettering);
            column += number.len();
            continue;
        }
        match run[column].mark {
            Some(mark) => sign(pen, mark, Some(style), scene),
            None if column + 1 == run.len() && !open => {
                pen.put("▌", style);
            }
            None => {
                pen.put("█", style);
            }
        }
        column += 1;
    }
}

fn height(pen: &mut Pen<'_>, busy: u8, mark: Option<Mark>, style: Style, scene: Scene<'_>) {
    let levels = ["▁", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let level = usize::from(busy.min(100)) * 8 / 100;
    match mark {
        Some(mark @ (Mark::Killed | Mark::Silenced | Mark::Revived)) => sign(pen, mark, None, scene),
        Some(Mark::Twice) => {
            pen.put(levels[level], scene.theme.block_twice);
        }
        Some(Mark::Redelivered) => {
            pen.put(levels[level], scene.theme.block_again);
        }
        None => {
            pen.put(levels[level], style);
        }
    }
}

fn sign_or(pen: &mut Pen<'_>, mark: Option<Mark>, otherwise: &str, style: Style, scene: Scene<'_>) {
    match mark {
        Some(mark) => sign(pen, mark, None, scene),
        None => {
            pen.put(otherwise, style);
        }
    }
}

fn sign(pen: &mut Pen<'_>, mark: Mark, block: Option<Style>, scene: Scene<'_>) {
    let theme = scene.theme;
    let on = |style: Style| block.map_or(style, |block| theme.on_block(block));
    match mark {
        Mark::Killed => pen.put("✖", theme.alarm),
        Mark::Silenced => pen.put("¦", theme.alarm),
        Mark::Revived => pen.put("▲", theme.good),
        Mark::Redelivered => pen.put("↻", on(theme.block_again)),
        Mark::Twice => pen.put("²", on(theme.block_twice)),
    };
}

/// Seconds back from now, every twenty columns.
fn axis(pen: &mut Pen<'_>, width: u16, column_us: u64, style: Style) {
    const STEP: u16 = 20;
    let label = |columns: u16| {
        let tenths = u64::from(columns) * column_us / 100_000;
        if tenths.is_multiple_of(10) {
            format!("-{} s", tenths / 10)
        } else {
            format!("-{}.{} s", tenths / 10, tenths % 10)
        }
    };
    let first = width % STEP;
    pen.skip(first);
    for back in (1..=width / STEP).rev() {
        pen.left(&format!("╷{}", label(back * STEP)), STEP, style);
        if back == 1 {
            break;
        }
    }
}
