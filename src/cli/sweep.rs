//! The options of `dispatch-lab sweep`.

use super::scenario::limit;
use crate::lab::LabTime;
use crate::scenario::{Axis, Fault, Measure};
use clap::Args;
use std::num::NonZero;

/// `dispatch-lab sweep`.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct SweepArgs {
    /// A file, or the name of a built-in scenario (round-robin, fair-dispatch, ...)
    #[arg(value_name = "FILE|NAME")]
    pub scenario: String,
    /// A setting of the file and its values: prefetch=0,1,5 or workers=2..16 or latency=0ms..40ms/10ms (a range with a
    /// step), all combinations of several; one value sets it
    #[arg(long, short, value_name = "KEY=LIST", value_parser = axis)]
    pub vary: Vec<Axis>,
    /// Run each combination with so many seeds: that of the file and the next ones
    #[arg(long, value_name = "N", default_value = "1")]
    pub seeds: NonZero<usize>,
    /// Publish so many jobs in the script's first `publish`, and allow in proportion more time for them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub jobs: Option<u32>,
    /// What the heat map shows: makespan, ratio (to the ideal), fairness, idle, wait.p95, lost, W1.busy and all other
    /// numbers that expectations may name
    #[arg(long, short, value_name = "NUMBER", default_value = "makespan", value_parser = measure)]
    pub measure: Measure,
    /// When a run ends at the latest, on the lab's clock: for example 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub limit: Option<LabTime>,
    /// On so many threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Print the results as JSON; the schema is in assets/sweep.schema.json
    #[arg(long, conflicts_with_all = ["csv", "table"])]
    pub json: bool,
    /// Print the results as CSV, a line for each run
    #[arg(long, conflicts_with = "table")]
    pub csv: bool,
    /// Print the table alone, with all its lines (as where standard output is no terminal)
    #[arg(long)]
    pub table: bool,
}

fn axis(text: &str) -> Result<Axis, String> {
    text.parse().map_err(|fault| told(&fault))
}

fn measure(text: &str) -> Result<Measure, String> {
    text.parse().map_err(|fault| told(&fault))
}

fn told(fault: &Fault) -> String {
    if fault.help.is_empty() {
        fault.to_string()
    } else {
        format!("{fault}\n{}", fault.help)
    }
}
