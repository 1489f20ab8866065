//! Results on standard output: a table for people, JSON or CSV for programs.

use super::table;
use crate::cli::RunArgs;
use crate::scenario::{Outcome, Scenario};
use anyhow::{Context, Result};
use std::io::{ErrorKind, Write};

/// Tells each result, or all of them at the end.
#[derive(Debug)]
pub(super) struct Printer {
    format: Format,
    /// What is told at the end.
    kept: Vec<Outcome>,
    told: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Each as it comes.
    Table,
    /// One object; of several runs an array.
    Json(Number),
    /// A line for each run, under a heading for all of them.
    Csv,
}

/// How many runs were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    One,
    Several,
}

impl Printer {
    pub(super) fn new(args: &RunArgs) -> Self {
        let number = if args.scenarios.len() == 1 {
            Number::One
        } else {
            Number::Several
        };
        let format = match (args.json, args.csv) {
            (true, _) => Format::Json(number),
            (_, true) => Format::Csv,
            _ => Format::Table,
        };
        Self {
            format,
            kept: Vec::new(),
            told: 0,
        }
    }

    pub(super) fn tell(&mut self, scenario: &Scenario, outcome: Outcome) -> Result<()> {
        if self.format == Format::Table {
            let gap = if self.told > 0 { "\n" } else { "" };
            self.told += 1;
            write_out(format!("{gap}{}", table::table(scenario, &outcome)).as_bytes())
        } else {
            self.kept.push(outcome);
            Ok(())
        }
    }

    /// Tells what was kept; after a signal, what there is.
    pub(super) fn end(self) -> Result<()> {
        let mut text = match (self.format, self.kept.as_slice()) {
            (Format::Table, _) | (_, []) => return Ok(()),
            (Format::Json(Number::One), [outcome]) => serde_json::to_vec_pretty(outcome)?,
            (Format::Json(_), all) => serde_json::to_vec_pretty(all)?,
            (Format::Csv, all) => csv(all)?,
        };
        if text.last() != Some(&b'\n') {
            text.push(b'\n');
        }
        write_out(&text)
    }
}

pub(in crate::run) fn write_out(text: &[u8]) -> Result<()> {
    let mut out = std::io::stdout();
    match out.write_all(text).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("can't write the results"),
    }
}

/// The columns of the run itself; those of its workers follow, as many as the largest of the runs has.
const COLUMNS: [&str; 23] = [
    "scenario",
    "broker",
    "seed",
    "holds",
    "published",
    "confirmed",
    "done",
    "lost",
    "twice",
    "dead",
    "redelivered",
    "ready",
    "unacked",
    "makespan_ms",
    "ideal_ms",
    "fairness",
    "idle",
    "wait_p50_ms",
    "wait_p95_ms",
    "wait_p99_ms",
    "ended_ms",
    "expectations",
    "failed",
];

fn csv(outcomes: &[Outcome]) -> Result<Vec<u8>> {
    let workers = outcomes.iter().map(|outcome| outcome.workers.len()).max().unwrap_or(0);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = COLUMNS.into_iter().map(str::to_owned);
    let of_workers = (1..=workers).flat_map(|n| ["done", "busy"].map(|what| format!("W{n}.{what}")));
    writer.write_record(heads.chain(of_workers))?;
    for outcome in outcomes {
        writer.write_record(row(outcome, workers))?;
    }
    Ok(writer.into_inner()?)
}

fn row(o: &Outcome, workers: usize) -> Vec<String> {
    let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
    let wait = o.wait_ms;
    let counts = [
        o.published,
        o.confirmed,
        o.done,
        o.lost,
        o.twice,
        o.dead,
        o.redelivered,
        o.ready,
        o.unacked,
    ];
    let figures = [
        o.makespan_ms,
        Some(o.ideal_ms),
        o.fairness,
        o.idle,
        wait.map(|w| w.p50),
        wait.map(|w| w.p95),
        wait.map(|w| w.p99),
        Some(o.ended_ms),
    ];
    let failed = o.expectations.iter().filter(|e| !e.holds).count();
    let mut row = vec![
        o.scenario.to_string(),
        o.broker.to_string(),
        o.seed.to_string(),
        o.holds().to_string(),
    ];
    row.extend(counts.map(|count| count.to_string()));
    row.extend(figures.map(number));
    row.extend([o.expectations.len(), failed].map(|count| count.to_string()));
    for n in 0..workers {
        let worker = o.workers.get(n);
        row.push(worker.map(|w| w.done.to_string()).unwrap_or_default());
        row.push(number(worker.and_then(|w| w.busy)));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::OutcomeWorker;

    #[test]
    fn csv_has_a_line_for_each_run_and_columns_for_the_most_workers() {
        let worker = |done| OutcomeWorker {
            done,
            busy: Some(0.5),
            ..OutcomeWorker::default()
        };
        let one = Outcome {
            scenario: "a, b".into(),
            in_time: true,
            published: 3,
            workers: vec![worker(3)],
            ..Outcome::default()
        };
        let two = Outcome {
            workers: vec![worker(1), worker(2)],
            ..Outcome::default()
        };
        let text = csv(&[one, two]).expect("it can be written");
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let heads = reader.headers().expect("it has heads").clone();
        let column = |name: &str| {
            heads
                .iter()
                .position(|head| head == name)
                .expect("there is such a column")
        };
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("all are as long");
        let seen = |row: usize, name: &str| rows[row][column(name)].to_owned();
        assert_eq!((seen(0, "scenario"), seen(0, "holds")), ("a, b".into(), "true".into()));
        assert_eq!(
            (seen(0, "published"), seen(0, "makespan_ms")),
            ("3".into(), String::new())
        );
        assert_eq!((seen(0, "W1.done"), seen(0, "W2.done")), ("3".into(), String::new()));
        assert_eq!((seen(1, "W2.done"), seen(1, "W2.busy")), ("2".into(), "0.5".into()));
    }
}
