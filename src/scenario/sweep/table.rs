//! A line for each combination.

use super::super::expression::RunNumber;
use super::measure::{Better, Measure};
use super::standing::{Spread, Standing};
use super::{Axis, Sweep, counted, thousands};
use std::cmp::Ordering;
use std::fmt::Write;

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// So many columns of text; `None`: as many as it takes.
    pub columns: Option<usize>,
    /// Where there are more combinations, so many are told; `None`: all.
    pub rows: Option<usize>,
}

/// The numbers of each line: above the head, the head, and which goes first where there is no room (0: it stays).
const NUMBERS: [(&str, &str, Measure, u8); 9] = [
    ("", "makespan", Measure::run(RunNumber::Makespan), 0),
    ("", "×ideal", Measure::Ratio, 6),
    ("", "idle", Measure::run(RunNumber::Idle), 5),
    ("", "fair", Measure::run(RunNumber::Fairness), 4),
    ("wait", "p50", Measure::run(RunNumber::WaitP50), 3),
    ("wait", "p95", Measure::run(RunNumber::WaitP95), 7),
    ("", "lost", Measure::run(RunNumber::Lost), 2),
    ("", "twice", Measure::run(RunNumber::Twice), 1),
    ("", "done", Measure::run(RunNumber::Done), 8),
];

/// A column of the table.
struct Column {
    above: &'static str,
    head: String,
    cells: Vec<String>,
    /// Which goes first; 0: it stays.
    goes: u8,
}

impl Column {
    fn width(&self) -> usize {
        let cells = self.cells.iter().map(|cell| cell.chars().count());
        cells
            .chain([self.above.len(), self.head.chars().count()])
            .max()
            .unwrap_or(0)
    }
}

/// The whole of it, with its line ends.
pub fn table(sweep: &Sweep, page: Page) -> String {
    let shown = shown(sweep, page.rows);
    let marks = Column {
        above: "",
        head: String::new(),
        cells: shown.iter().map(|n| mark(sweep, *n).to_string()).collect(),
        goes: 0,
    };
    let mut columns = vec![marks];
    columns.extend(settings(sweep, &shown));
    columns.extend(numbers(sweep, &shown));
    let (gap, left_out) = fit(&mut columns, page.columns);
    let mut text = format!("{}\n", title(sweep));
    if columns.iter().any(|column| !column.above.is_empty()) {
        line(&mut text, &columns, gap, |column| column.above);
    }
    line(&mut text, &columns, gap, |column| &column.head);
    for row in 0..shown.len() {
        line(&mut text, &columns, gap, |column| &column.cells[row]);
    }
    notes(&mut text, sweep, shown.len());
    if !left_out.is_empty() {
        let _ = writeln!(text, "  no room for {}: --csv has all", left_out.join(", "));
    }
    text
}

/// Which combinations are told: all, or the best.
fn shown(sweep: &Sweep, most: Option<usize>) -> Vec<usize> {
    let mut all: Vec<usize> = (0..sweep.grid.combinations()).collect();
    // What was broken off before it began has no line.
    all.retain(|n| sweep.of(*n).next().is_some());
    let Some(most) = most.filter(|most| all.len() > *most) else {
        return all;
    };
    let number = |n: &usize| sweep.standing(*n).sound();
    all.sort_by(|a, b| match (number(a), number(b)) {
        (Some(a), Some(b)) => sweep.measure.compare(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    all.truncate(most);
    all
}

fn mark(sweep: &Sweep, combination: usize) -> char {
    match sweep.standing(combination) {
        Standing::Doubtful(_) => '!',
        Standing::Sound(spread) if reads_best(sweep, spread) => '*',
        _ => ' ',
    }
}

/// Whether it looks like the best number: two that read the same are both best.
pub(super) fn reads_best(sweep: &Sweep, spread: Spread) -> bool {
    let say = |number| sweep.measure.say(Some(number));
    sweep.best().is_some_and(|best| say(best) == say(spread.median))
}

fn settings(sweep: &Sweep, shown: &[usize]) -> Vec<Column> {
    let varied = |(_, axis): &(usize, &Axis)| axis.values.len() > 1;
    let axes = sweep.grid.axes().iter().enumerate().filter(varied);
    let column = |(place, axis): (usize, &Axis)| Column {
        above: "",
        head: axis.setting.to_string(),
        cells: shown
            .iter()
            .map(|n| sweep.grid.combination(*n)[place].1.to_owned())
            .collect(),
        goes: 0,
    };
    axes.map(column).collect()
}

fn numbers(sweep: &Sweep, shown: &[usize]) -> Vec<Column> {
    let mut columns = Vec::new();
    if NUMBERS.iter().all(|row| row.2 != sweep.measure) {
        measured(sweep, shown, ("", &sweep.measure.to_string()), &mut columns);
    }
    for (above, head, measure, goes) in NUMBERS {
        if measure == sweep.measure {
            measured(sweep, shown, (above, head), &mut columns);
            continue;
        }
        let cell = |n: &usize| {
            let spread = sweep.spread(*n, |run| measure.of(&run.outcome));
            measure.say(spread.map(|spread| spread.median))
        };
        columns.push(Column {
            above,
            head: head.to_owned(),
            cells: shown.iter().map(cell).collect(),
            goes,
        });
    }
    columns
}

/// What is looked at; of several seeds, how far they are apart too.
fn measured(sweep: &Sweep, shown: &[usize], (above, head): (&'static str, &str), columns: &mut Vec<Column>) {
    let spreads: Vec<Option<Spread>> = shown.iter().map(|n| sweep.standing(*n).spread()).collect();
    let mut column = |head: &str, of: fn(Spread) -> f64| {
        let cell = |spread: &Option<Spread>| sweep.measure.say(spread.map(of));
        columns.push(Column {
            above,
            head: head.to_owned(),
            cells: spreads.iter().map(cell).collect(),
            goes: 0,
        });
    };
    column(head, |spread| spread.median);
    if sweep.grid.seeds() > 1 {
        column("lowest", |spread| spread.lowest);
        column("highest", |spread| spread.highest);
    }
}

/// Narrows the table until it fits: the gap between columns, and what had to go.
fn fit(columns: &mut Vec<Column>, room: Option<usize>) -> (usize, Vec<String>) {
    let Some(room) = room else { return (2, Vec::new()) };
    let width = |columns: &[Column], gap: usize| {
        let sum: usize = columns.iter().map(|column| column.width() + gap).sum();
        sum.saturating_sub(gap)
    };
    let mut left_out = Vec::new();
    for gap in [2, 1] {
        if width(columns, gap) <= room {
            return (gap, left_out);
        }
    }
    while width(columns, 1) > room {
        let goes = (0..columns.len()).filter(|n| columns[*n].goes > 0);
        let Some(first) = goes.min_by_key(|n| columns[*n].goes) else {
            break;
        };
        let column = columns.remove(first);
        left_out.push(format!("{} {}", column.above, column.head).trim().to_owned());
    }
    (1, left_out)
}

fn line<'a>(text: &mut String, columns: &'a [Column], gap: usize, cell: impl Fn(&'a Column) -> &'a str) {
    let cells = columns
        .iter()
        .map(|column| format!("{:>1$}", cell(column), column.width()));
    let line = cells.collect::<Vec<_>>().join(&" ".repeat(gap));
    let _ = writeln!(text, "{}", line.trim_end());
}

/// What was run, and with which settings that do not vary.
pub(super) fn title(sweep: &Sweep) -> String {
    let grid = &sweep.grid;
    let mut title = format!("{} (simulation)", sweep.scenario);
    let fixed = grid.axes().iter().filter(|axis| axis.values.len() == 1);
    let fixed: Vec<String> = fixed.map(ToString::to_string).collect();
    if !fixed.is_empty() {
        let _ = write!(title, ", {}", fixed.join(", "));
    }
    if grid.seeds() > 1 {
        let _ = write!(title, ", median of {}", counted(grid.seeds(), "seed"));
    }
    title
}

fn notes(text: &mut String, sweep: &Sweep, shown: usize) {
    broken_off(text, sweep);
    let combinations = sweep.grid.combinations();
    let any = (0..combinations).filter(|n| sweep.of(*n).next().is_some()).count();
    if shown < any {
        let which = match sweep.measure.better() {
            Better::Neither => "the first",
            Better::Less | Better::More => "the best",
        };
        let all = counted(any, "combination");
        let _ = writeln!(text, "  {which} {shown} of {all}: --table has all");
    }
    if sweep.best().is_some() {
        let _ = writeln!(text, "  * {}", best_is(sweep.measure));
    }
    if sweep.standings().any(|s| matches!(s, Standing::Doubtful(_))) {
        let _ = writeln!(text, "  ! {DOUBT}");
    }
}

/// How much of a sweep there is, if not all.
pub(super) fn broken_off(text: &mut String, sweep: &Sweep) {
    let (ended, all) = (sweep.ended(), sweep.grid.runs());
    if ended < all {
        let (ended, all) = (thousands(ended), counted(all, "run"));
        let _ = writeln!(text, "  broken off: {ended} of {all} ended");
    }
}

/// What the star says.
pub(super) fn best_is(measure: Measure) -> String {
    let which = match measure.better() {
        Better::More => "the highest",
        Better::Less | Better::Neither => "the lowest",
    };
    format!("{which} {measure}")
}

/// What the exclamation mark says.
pub(super) const DOUBT: &str = "not comparable: not all jobs done, out of time, or a step declined";
