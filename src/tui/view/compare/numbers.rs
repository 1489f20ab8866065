//! The numbers of both sides next to each other; the better one has a sign.

use super::super::Scene;
use super::super::pen::Pen;
use super::arena::span_or_dash;
use crate::lab::{Contest, Measures, Percentiles, Side, Thousandths};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cmp::Ordering;

/// Columns of a row's name, of a value, and of a group with the gap behind it.
const NAME: u16 = 14;
const VALUE: u16 = 9;
const GROUP: u16 = NAME + 2 * (VALUE + 2) + 3;
/// Lines of a group with the gap below it.
const BAND: u16 = 8;

/// A number of both sides.
struct Row {
    name: String,
    values: [String; 2],
    better: Option<Side>,
}

/// Numbers that belong together.
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

pub(super) fn draw(buf: &mut Buffer, area: Rect, scene: Scene<'_>, contest: &Contest) {
    let beside = (area.width / GROUP).max(1);
    let (mut column, mut top) = (0, 0);
    for group in groups(contest) {
        if column == beside {
            (column, top) = (0, top + BAND);
        }
        // What is first is shown as far as it goes; what follows whole, or not at all.
        if top > 0 && top + BAND > area.height + 1 {
            return;
        }
        let place = Rect {
            x: area.x + column * GROUP,
            y: area.y + top,
            width: GROUP.min(area.width),
            height: area.height - top,
        };
        table(buf, place, scene, &group);
        column += 1;
    }
    legend(buf, area, top + BAND, scene);
}

/// What the names mean, where there is room for all of it.
fn legend(buf: &mut Buffer, area: Rect, top: u16, scene: Scene<'_>) {
    if area.height < top + LEGEND_LINES || area.width < 110 {
        return;
    }
    for (line, (name, meaning)) in (top..).zip(LEGEND) {
        let mut pen = Pen::new(buf, area, line);
        pen.skip(1)
            .left(name, NAME, scene.theme.text)
            .put(meaning, scene.theme.dim);
    }
}

const LEGEND_LINES: u16 = 6;
const LEGEND: [(&str, &str); LEGEND_LINES as usize] = [
    (
        "makespan",
        "from the first publication to the last finish, on the lab clock",
    ),
    (
        "the ideal",
        "all work ÷ all speeds, or the longest job on the fastest worker: no run of all jobs is sooner",
    ),
    ("idle", "the part of all workers' time in which they had no job in hand"),
    (
        "Jain's index",
        "how evenly the time at work was shared: 1 when all worked equally long, 1/n when one of n did it all",
    ),
    (
        "wait, sojourn",
        "from published to begun, and to done; p95: 95 % of the jobs took no longer",
    ),
    ("✓", "the better one of the two"),
];

fn table(buf: &mut Buffer, area: Rect, scene: Scene<'_>, group: &Group) {
    let theme = scene.theme;
    let mut pen = Pen::new(buf, area, 0);
    pen.skip(1).left(group.title, NAME, theme.title);
    for side in Side::ALL {
        pen.right(side.letter(), VALUE, theme.title).skip(2);
    }
    for (line, row) in (1..).zip(&group.rows) {
        let mut pen = Pen::new(buf, area, line);
        pen.skip(1).left(&row.name, NAME, theme.dim);
        for side in Side::ALL {
            let better = row.better == Some(side);
            let style = if better { theme.figure } else { theme.text };
            pen.right(&row.values[side.slot()], VALUE, style);
            pen.put(if better { " ✓" } else { "  " }, theme.good);
        }
    }
}

fn groups(contest: &Contest) -> Vec<Group> {
    let [a, b] = Side::ALL.map(|side| &contest.side(side).measures);
    let over = contest.verdict().is_some();
    let judged = |row: Row| Row {
        better: row.better.filter(|_| over),
        ..row
    };
    let group = |title, rows: Vec<Row>| Group {
        title,
        rows: rows.into_iter().map(judged).collect(),
    };
    vec![
        group("the run", run(a, b)),
        group("from published", times(a, b)),
        group("the jobs", fates(a, b)),
        group("time at work", shares(a, b)),
    ]
}

fn run(a: &Measures, b: &Measures) -> Vec<Row> {
    vec![
        makespan(a, b),
        same("the ideal", (a, b), |m| {
            span_or_dash(Some(m.ideal).filter(|ideal| ideal.0 > 0))
        }),
        of_all_jobs(
            least("÷ the ideal", (a, b), Measures::ratio, |ratio| ratio.to_string()),
            (a, b),
        ),
        least("idle", (a, b), |m| m.idle, percent),
        most("Jain's index", (a, b), |m| m.fairness, |jain| jain.to_string()),
        least("lost", (a, b), |m| Some(m.lost), |n| n.to_string()),
    ]
}

/// With a sign that it is not the last word while jobs are open.
fn makespan(a: &Measures, b: &Measures) -> Row {
    let mut row = least("makespan", (a, b), |m| m.makespan, |span| span.to_string());
    for (value, measures) in row.values.iter_mut().zip([a, b]) {
        if measures.open() > 0 && measures.makespan.is_some() {
            value.insert(0, '≥');
        }
    }
    of_all_jobs(row, (a, b))
}

/// A side that lost jobs is not better for the time of those that were left.
fn of_all_jobs(row: Row, (a, b): (&Measures, &Measures)) -> Row {
    Row {
        better: row.better.filter(|side| [a, b][side.slot()].lost == 0),
        ..row
    }
}

fn times(a: &Measures, b: &Measures) -> Vec<Row> {
    let wait = |m: &Measures| m.wait;
    let sojourn = |m: &Measures| m.sojourn;
    let mut rows = Vec::new();
    for (name, of) in [
        ("wait", wait as fn(&Measures) -> Option<Percentiles>),
        ("sojourn", sojourn),
    ] {
        let mut row = |percent: &str, pick: fn(Percentiles) -> crate::lab::LabSpan| {
            let row = least(
                &format!("{name} {percent}"),
                (a, b),
                |m| of(m).map(pick),
                |span| span.to_string(),
            );
            rows.push(of_all_jobs(row, (a, b)));
        };
        row("p50", |p| p.p50);
        row("p95", |p| p.p95);
        row("p99", |p| p.p99);
    }
    rows
}

fn fates(a: &Measures, b: &Measures) -> Vec<Row> {
    vec![
        same("published", (a, b), |m| m.jobs.to_string()),
        most("done", (a, b), |m| Some(m.done), |n| n.to_string()),
        least("done twice", (a, b), |m| Some(m.twice), |n| n.to_string()),
        same("redelivered", (a, b), |m| m.redelivered.to_string()),
        least("returned", (a, b), |m| Some(m.returned), |n| n.to_string()),
        least("dead-lettered", (a, b), |m| Some(m.dead), |n| n.to_string()),
    ]
}

fn shares(a: &Measures, b: &Measures) -> Vec<Row> {
    let workers = a.workers.len().max(b.workers.len());
    let value = |m: &Measures, at: usize| span_or_dash(m.workers.get(at).map(|w| w.busy));
    let row = |at: usize| Row {
        name: a
            .workers
            .get(at)
            .or(b.workers.get(at))
            .map_or(String::new(), |w| w.worker.to_string()),
        values: [value(a, at), value(b, at)],
        better: None,
    };
    (0..workers).map(row).collect()
}

fn percent(part: Thousandths) -> String {
    format!("{} %", part.percent())
}

/// Of which less is better.
fn least<T: Ord + Copy>(
    name: &str,
    (a, b): (&Measures, &Measures),
    of: impl Fn(&Measures) -> Option<T>,
    say: impl Fn(T) -> String,
) -> Row {
    let better = match of(a).zip(of(b)).map(|(a, b)| a.cmp(&b)) {
        Some(Ordering::Less) => Some(Side::A),
        Some(Ordering::Greater) => Some(Side::B),
        _ => None,
    };
    let values = [a, b].map(|m| of(m).map_or("—".to_owned(), &say));
    // What looks the same is the same.
    Row {
        name: name.to_owned(),
        better: better.filter(|_| values[0] != values[1]),
        values,
    }
}

/// Of which more is better.
fn most<T: Ord + Copy>(
    name: &str,
    both: (&Measures, &Measures),
    of: impl Fn(&Measures) -> Option<T>,
    say: impl Fn(T) -> String,
) -> Row {
    let row = least(name, both, of, say);
    Row {
        better: row.better.map(Side::other),
        ..row
    }
}

/// That judges nothing.
fn same(name: &str, (a, b): (&Measures, &Measures), say: impl Fn(&Measures) -> String) -> Row {
    Row {
        name: name.to_owned(),
        values: [say(a), say(b)],
        better: None,
    }
}
