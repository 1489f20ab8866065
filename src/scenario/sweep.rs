//! A sweep: one script, run once for each combination of the settings that vary, and for each seed.
//!
//! | file | what |
//! |---|---|
//! | `axis` | what varies: `prefetch=0,1,2`, `workers=2..16` |
//! | `grid` | all combinations, in their order |
//! | `measure` | the number that is looked at, and whether more of it is better |
//! | `standing` | what the runs of one combination came to together |
//! | `jobs` | how many jobs the script publishes, and another number of them |
//! | `table` | a line for each combination |
//! | `heat_map` | the measure over one, two or three settings |
//! | `told` | the JSON |

mod axis;
mod grid;
mod heat_map;
mod jobs;
mod measure;
mod standing;
mod table;
mod told;

#[cfg(test)]
mod tests;

pub use axis::Axis;
pub use grid::{Grid, GridError, RUNS_MAX};
pub use heat_map::{Look, Paint, heat_map};
pub use jobs::{publishes, with_jobs};
pub use measure::Measure;
pub use table::{Page, table};
pub use told::{SWEEP_SCHEMA, Swept, SweptRun, sweep_schema};

use super::outcome::Outcome;
use std::sync::Arc;

/// What a sweep came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// What varied.
    pub grid: Grid,
    /// What is looked at.
    pub measure: Measure,
    /// In the order of the grid, the seeds of a combination one after another; `None`: it did not come to its end before
    /// the sweep was broken off.
    pub runs: Vec<Option<Ended>>,
}

/// What one run came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// Without its jobs and workers: there may be very many runs.
    pub outcome: Outcome,
    /// The number that is looked at.
    pub measured: Option<f64>,
}

impl Ended {
    /// Keeps what a sweep needs.
    pub fn new(outcome: Outcome, measure: Measure) -> Self {
        let measured = measure.of(&outcome);
        let outcome = Outcome {
            workers: Vec::new(),
            jobs: Vec::new(),
            ..outcome
        };
        Self { outcome, measured }
    }
}

/// `1 run`, `1,000 runs`.
pub fn counted(many: usize, what: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(many))
}

/// `12,345`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
