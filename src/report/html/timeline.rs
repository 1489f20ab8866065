//! The timelines as a drawing: what was open, and below it what each worker did. Each kind has a shape or a sign besides
//! its colour.

use super::parts::scrolling;
use super::plot::{Axis, LEFT, RIGHT, Tenths, WIDTH};
use crate::report::model::{Busy, Mark, Report, Row, Stretch, Timeline, Work, WorkEnd};
use maud::{Markup, html};
use std::fmt::Write as _;

/// The height of the part that shows what was open.
const OPEN: u64 = 84;
/// So many workers have high rows.
const ROOMY: usize = 12;
const TOP: u64 = 18;
/// So many blocks have a text of their own when pointed at.
const TOLD: usize = 800;
/// Letters of a guest's name beside its timeline.
const NAME: usize = 9;

/// The lengths of a worker's row.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    /// All of it.
    row: u64,
    /// For the signs above its blocks.
    signs: u64,
    block: u64,
}

impl Sizes {
    const fn of(rows: usize) -> Self {
        let (row, signs, block) = if rows > ROOMY { (24, 10, 12) } else { (40, 12, 22) };
        Self { row, signs, block }
    }
}

pub(super) fn draw(report: &Report) -> Markup {
    let line = &report.timeline;
    let axis = Axis::until(report.ended_ms);
    let sizes = Sizes::of(line.rows.len());
    let below = TOP + OPEN + 14;
    let height = below + line.rows.len() as u64 * sizes.row + 26;
    let class = if line.rows.len() > ROOMY {
        "timeline dense"
    } else {
        "timeline"
    };
    let told = line.rows.iter().map(|row| row.blocks.len()).sum::<usize>() <= TOLD;
    html! {
        (legend(line))
        (scrolling("Timeline", &html! {
            svg.(class) viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-labelledby="timeline-title timeline-desc" {
                title id="timeline-title" { "What was open, and what each worker did" }
                desc id="timeline-desc" { (description(report)) }
                (patterns())
                (outages(line, axis, height))
                (ticks(axis, height))
                (open(line, axis))
                @for (at, row) in (0_u64..).zip(&line.rows) {
                    (worker(row, line, axis, Place { top: below + at * sizes.row, sizes, told }))
                }
            }
        }))
        @if line.undrawn > 0 { p.note { (line.undrawn) " more workers are not drawn." } }
        @if line.rows.iter().any(|row| !row.cells.is_empty()) {
            p.note { "There was too much work to draw each job: the height says how busy a worker was within " (line.cell_ms) "." }
        }
    }
}

/// The same in words, for those who do not see it.
fn description(report: &Report) -> String {
    let mut text = format!("{} Up to {}.", report.sentence, report.ended_ms);
    for worker in report.workers.iter().take(report.timeline.rows.len()) {
        let _ = write!(
            text,
            " {}: {} done, worked {}, {}.",
            worker.name, worker.done, worker.busy_ms, worker.state
        );
    }
    text
}

fn patterns() -> Markup {
    let hatch = |id: &str, class: &str| {
        html! {
            pattern id=(id) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.(format!("{class}-ground")) width="6" height="6" {}
                line.(class) x1="0" y1="0" x2="0" y2="6" {}
            }
        }
    };
    html! { defs { (hatch("p-wait", "p-wait")) (hatch("p-down", "p-down")) (hatch("p-cut", "p-cut")) } }
}

/// A sample of each kind that occurs.
fn legend(line: &Timeline) -> Markup {
    let works = || line.rows.iter().flat_map(|row| &row.blocks);
    let cells = || line.rows.iter().flat_map(|row| &row.cells);
    let again = works().any(|w| w.redelivered) || cells().any(|cell| cell.redelivered > 0);
    let twice = works().any(|w| w.ended == WorkEnd::DoneTwice) || cells().any(|cell| cell.twice > 0);
    let mut signs: Vec<&Mark> = line.rows.iter().flat_map(|row| &row.signs).collect();
    signs.sort_by_key(|mark| mark.kind.sign());
    signs.dedup_by_key(|mark| mark.kind);
    html! {
        ul.legend {
            (sample("s-wait", "", "in the queue"))
            (sample("s-held", "", "with workers"))
            (sample("s-work", "7", "work on a job"))
            @if again { (sample("s-again", "↻", "redelivered")) }
            @if twice { (sample("s-twice", "²", "done before")) }
            @if works().any(|w| w.ended == WorkEnd::BrokenOff) { (sample("s-cut", "", "broken off")) }
            @if line.rows.iter().any(|row| !row.down.is_empty()) { (sample("s-down", "", "worker down")) }
            @if !line.outages.is_empty() { (sample("s-out", "", "no broker")) }
            @for mark in signs { li { b.sign { (mark.kind.sign()) } " " (meaning(mark)) } }
        }
    }
}

fn sample(class: &str, sign: &str, meaning: &str) -> Markup {
    html! { li { span.(format!("sample {class}")) aria-hidden="true" { (sign) } " " (meaning) } }
}

fn meaning(mark: &Mark) -> &'static str {
    use crate::report::model::MarkKind as K;
    match mark.kind {
        K::Ended => "ended",
        K::Cancelled => "consumer cancelled",
        K::Silenced => "network silent",
        K::Revived => "back",
        K::Removed => "removed",
    }
}

fn ticks(axis: Axis, height: u64) -> Markup {
    html! {
        g.ticks {
            @for (at, label) in axis.ticks() {
                @let x = axis.x(at);
                line x1=(x) x2=(x) y1=(TOP) y2=(height - 20) {}
                text x=(x) y=(height - 6) { (label) }
            }
        }
    }
}

fn outages(line: &Timeline, axis: Axis, height: u64) -> Markup {
    html! {
        @for out in &line.outages {
            (stretch("outage", *out, axis, (TOP, height - 20 - TOP), "no broker"))
        }
    }
}

fn stretch(class: &str, when: Stretch, axis: Axis, (y, height): (u64, u64), what: &str) -> Markup {
    let from = axis.x(when.from_ms);
    let width = axis.x(when.to_ms).minus(from).max(Tenths(10));
    html! {
        rect.(class) x=(from) y=(y) width=(width) height=(height) {
            title { (what) ", " (when.from_ms) " to " (when.to_ms) }
        }
    }
}

/// What was in the queue, on top of what was with workers.
fn open(line: &Timeline, axis: Axis) -> Markup {
    let sums = line
        .waiting
        .iter()
        .zip(&line.held)
        .map(|(waiting, held)| waiting + held);
    let most = sums.clone().max().unwrap_or(0);
    let top = u64::from(most.max(1));
    let y = |count: u32| Tenths((TOP + OPEN) * 10 - u64::from(count) * OPEN * 10 / top);
    let held = area(line, axis, line.held.iter().map(|&n| y(n)));
    let both = area(line, axis, sums.map(y));
    html! {
        g.open {
            path.waiting d=(both) {}
            path.held d=(held) {}
            line.base x1=(LEFT) x2=(WIDTH - RIGHT) y1=(TOP + OPEN) y2=(TOP + OPEN) {}
            text.name x="0" y=(TOP + OPEN) { "open" }
            text.most x=(LEFT - 6) y=(TOP + 9) { (most) }
        }
    }
}

/// Steps from cell to cell, closed along the ground.
fn area(line: &Timeline, axis: Axis, heights: impl Iterator<Item = Tenths>) -> String {
    let ground = Tenths((TOP + OPEN) * 10);
    let mut path = format!("M{} {}", Tenths(LEFT * 10).text(), ground.text());
    let mut before = ground;
    let mut at = 0;
    for height in heights {
        at += 1;
        if height != before {
            let _ = write!(path, "H{}V{}", axis.x(times(line, at - 1)).text(), height.text());
        }
        before = height;
    }
    let _ = write!(
        path,
        "H{}V{}Z",
        axis.x(times(line, at.max(1) + 1_000)).text(),
        ground.text()
    );
    path
}

fn times(line: &Timeline, cells: u64) -> crate::report::model::Micros {
    crate::report::model::Micros(line.cell_ms.0.saturating_mul(cells))
}

/// Where a row is.
#[derive(Clone, Copy, Debug)]
struct Place {
    top: u64,
    sizes: Sizes,
    /// Whether each block tells what it is.
    told: bool,
}

fn worker(row: &Row, line: &Timeline, axis: Axis, place: Place) -> Markup {
    let Sizes { signs, block: high, .. } = place.sizes;
    let blocks = place.top + signs;
    html! {
        g.worker {
            text.name x="0" y=(blocks + high - 3) { (row.worker) }
            @if let Some(guest) = &row.guest {
                text.guest x="0" y=(blocks - 2) { (clipped(guest)) title { (guest) } }
            }
            line.rail x1=(axis.x(row.since_ms)) x2=(WIDTH - RIGHT) y1=(blocks + high) y2=(blocks + high) {}
            @for down in &row.down { (stretch("down", *down, axis, (blocks, high), "down")) }
            @for work in &row.blocks { (block(work, axis, place)) }
            @for (kind, class) in CellKind::ALL {
                @if let Some(path) = busy(row, kind, line, axis, place) { path.(class) d=(path) {} }
            }
            @for mark in &row.signs {
                text.sign x=(axis.x(mark.at_ms)) y=(blocks - 2) {
                    (mark.kind.sign())
                    title { (row.worker) ": " (mark.text) ", " (mark.at_ms) }
                }
            }
        }
    }
}

/// As much of a guest's name as there is room for before the timeline.
fn clipped(name: &str) -> String {
    let mut letters = name.chars();
    let mut text: String = letters.by_ref().take(NAME).collect();
    if letters.next().is_some() {
        text.pop();
        text.push('…');
    }
    text
}

fn block(work: &Work, axis: Axis, place: Place) -> Markup {
    let y = place.top + place.sizes.signs;
    let from = axis.x(work.when.from_ms);
    // A little gap at the end parts it from the next.
    let width = axis.x(work.when.to_ms).minus(from).minus(Tenths(10)).max(Tenths(8));
    let sign = match (work.ended, work.redelivered) {
        (WorkEnd::DoneTwice, _) => "²",
        (_, true) => "↻",
        _ => "",
    };
    let number = work.job.to_string();
    let fits = |signs: usize| width.0 >= (signs as u64) * 70 + 30;
    let text = if fits(number.len() + sign.chars().count()) {
        Some(format!("{sign}{number}"))
    } else if !sign.is_empty() && fits(1) {
        Some(sign.to_owned())
    } else if fits(number.len()) {
        Some(number)
    } else {
        None
    };
    html! {
        g.(class(work)) {
            rect x=(from) y=(y) width=(width) height=(place.sizes.block) rx="2" {
                @if place.told { title { (told_of(work)) } }
            }
            @if let Some(text) = text {
                text x=(Tenths(from.0 + width.0 / 2)) y=(y + place.sizes.block * 7 / 10) { (text) }
            }
        }
    }
}

fn class(work: &Work) -> &'static str {
    match (work.ended, work.redelivered, work.job % 2) {
        (WorkEnd::DoneTwice, ..) => "b twice",
        (WorkEnd::BrokenOff, ..) => "b cut",
        (_, true, _) => "b again",
        (_, _, 1) => "b odd",
        _ => "b even",
    }
}

fn told_of(work: &Work) -> String {
    let ended = match work.ended {
        WorkEnd::Done => "done",
        WorkEnd::DoneTwice => "done, not for the first time",
        WorkEnd::BrokenOff => "broken off",
        WorkEnd::GoesOn => "goes on",
    };
    let again = if work.redelivered { ", redelivered" } else { "" };
    format!(
        "#{}{again}: {} to {}, {ended}",
        work.job, work.when.from_ms, work.when.to_ms
    )
}

/// The cells of one kind as one shape: each as high as it was busy.
fn busy(row: &Row, kind: CellKind, line: &Timeline, axis: Axis, place: Place) -> Option<String> {
    let block = place.sizes.block;
    let ground = Tenths((place.top + place.sizes.signs + block) * 10);
    let high = |cell: &Busy| Tenths((u64::from(cell.percent) * block / 10).max(10));
    let mut path = String::new();
    let mut before = Tenths(0);
    let cells = row.cells.iter().chain([&Busy::NONE]);
    for (at, cell) in (0_u64..).zip(cells) {
        let now = if CellKind::of(*cell) == Some(kind) {
            high(cell)
        } else {
            Tenths(0)
        };
        if now == before {
            continue;
        }
        let (x, top) = (axis.x(times(line, at)).text(), ground.minus(now).text());
        if before == Tenths(0) {
            let _ = write!(path, "M{x} {}V{top}", ground.text());
        } else {
            let _ = write!(path, "H{x}V{top}");
        }
        before = now;
    }
    (!path.is_empty()).then_some(path)
}

/// What a cell is painted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CellKind {
    Plain,
    Again,
    Twice,
}

impl CellKind {
    const ALL: [(Self, &str); 3] = [
        (Self::Plain, "b odd"),
        (Self::Again, "b again"),
        (Self::Twice, "b twice"),
    ];

    const fn of(cell: Busy) -> Option<Self> {
        match cell {
            Busy {
                percent: 0, done: 0, ..
            } => None,
            Busy { twice: 1.., .. } => Some(Self::Twice),
            Busy { redelivered: 1.., .. } => Some(Self::Again),
            _ => Some(Self::Plain),
        }
    }
}
