//! Results on standard output: a table and a heat map for people, JSON or CSV for programs.

use crate::cli::SweepArgs;
use crate::run::scenario::write_out;
use crate::scenario::{Look, Page, Paint, Sweep, SweptRun, heat_map, table};
use anyhow::Result;
use std::io::{IsTerminal, stdout};

/// A terminal shows so many lines of a table (beyond them, the best), and so many rows of a map.
const ROWS: usize = 40;

pub(super) fn print(sweep: &Sweep, args: &SweepArgs) -> Result<()> {
    if sweep.ended() == 0 {
        return Ok(());
    }
    if args.json {
        let mut text = serde_json::to_vec_pretty(&sweep.told())?;
        text.push(b'\n');
        return write_out(&text);
    }
    if args.csv {
        return write_out(&csv(sweep)?);
    }
    if args.table || !stdout().is_terminal() {
        return write_out(table(sweep, Page::default()).as_bytes());
    }
    let columns = crate::tui::columns();
    let page = Page {
        columns: Some(columns),
        rows: Some(ROWS),
    };
    let mut text = table(sweep, page);
    let look = Look {
        columns,
        rows: ROWS,
        paint: paint(&|name| std::env::var(name).ok()),
    };
    if let Some(map) = heat_map(sweep, look) {
        text.push('\n');
        text.push_str(&map);
    }
    write_out(text.as_bytes())
}

fn paint(env: &dyn Fn(&str) -> Option<String>) -> Paint {
    let is = |name: &str, of: &dyn Fn(&str) -> bool| env(name).is_some_and(|value| of(&value));
    let many = is("COLORTERM", &|value| !value.is_empty())
        || is("TERM", &|term| {
            ["256color", "kitty", "alacritty", "ghostty", "direct"]
                .iter()
                .any(|word| term.contains(word))
        });
    if is("NO_COLOR", &|value| !value.is_empty()) || !many {
        Paint::Plain
    } else {
        Paint::Coloured
    }
}

/// The columns after the settings that vary.
const COLUMNS: [&str; 22] = [
    "seed",
    "measured",
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
    "ratio",
    "fairness",
    "idle",
    "wait_p50_ms",
    "wait_p95_ms",
    "wait_p99_ms",
    "ended_ms",
    "in_time",
    "declined",
];

fn csv(sweep: &Sweep) -> Result<Vec<u8>> {
    let told = sweep.told();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let varied = told.varied.iter().map(ToString::to_string);
    writer.write_record(varied.chain(COLUMNS.map(str::to_owned)))?;
    for run in &told.runs {
        let settings = told.varied.iter().map(|setting| match &run.settings[&**setting] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        writer.write_record(settings.chain(row(run)))?;
    }
    Ok(writer.into_inner()?)
}

fn row(run: &SweptRun) -> Vec<String> {
    let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
    let wait = run.wait_ms;
    let mut row = vec![run.seed.to_string(), number(run.measured)];
    let counts = [
        run.published,
        run.confirmed,
        run.done,
        run.lost,
        run.twice,
        run.dead,
        run.redelivered,
        run.ready,
        run.unacked,
    ];
    row.extend(counts.map(|count| count.to_string()));
    let figures = [
        run.makespan_ms,
        Some(run.ideal_ms),
        run.ratio,
        run.fairness,
        run.idle,
        wait.map(|w| w.p50),
        wait.map(|w| w.p95),
        wait.map(|w| w.p99),
        Some(run.ended_ms),
    ];
    row.extend(figures.map(number));
    row.extend([run.in_time.to_string(), run.declined.len().to_string()]);
    row
}
