//! The number that is looked at.

use super::super::expression::{Named, Numbers, Quantity, RunNumber, Unit, WorkerNumber, named};
use super::super::fault::{Fault, meant};
use super::super::outcome::Outcome;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Makespan divided by ideal; 1 is perfect. None where not all jobs were done.
    Ratio,
    /// One that expectations may name, of the run or of a worker.
    Of(Quantity),
}

/// Whether more of it is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Better {
    Less,
    More,
    /// It is neither good nor bad.
    Neither,
}

impl FromStr for Measure {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text == "ratio" {
            return Ok(Self::Ratio);
        }
        match named(text, 0..text.len()) {
            Ok(Named::Quantity(quantity @ (Quantity::Run(_) | Quantity::Worker(..)))) => Ok(Self::Of(quantity)),
            Ok(_) => {
                let what = format!("`{text}` is no number of a run");
                Err(Fault::new(0..text.len(), what).hint("for example makespan, wait.p95 or W1.busy"))
            }
            Err(fault) => Err(match meant(text, ["ratio"]) {
                near if near.is_empty() => fault,
                near => fault.hint(near),
            }),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio => f.write_str("ratio"),
            Self::Of(quantity) => quantity.fmt(f),
        }
    }
}

impl Measure {
    pub(super) const fn run(what: RunNumber) -> Self {
        Self::Of(Quantity::Run(what))
    }

    /// The number; `None` where the run has none.
    pub fn of(self, outcome: &Outcome) -> Option<f64> {
        match self {
            Self::Ratio => {
                let makespan = outcome.makespan_ms?;
                let all = outcome.done == outcome.published && outcome.ideal_ms > 0.0;
                all.then(|| makespan / outcome.ideal_ms)
            }
            Self::Of(quantity) => outcome.number(quantity),
        }
    }

    pub(super) const fn better(self) -> Better {
        match self {
            Self::Ratio => Better::Less,
            Self::Of(Quantity::Run(what)) => match what {
                RunNumber::Confirmed | RunNumber::Done | RunNumber::Fairness => Better::More,
                RunNumber::Published | RunNumber::Ideal => Better::Neither,
                _ => Better::Less,
            },
            Self::Of(Quantity::Worker(_, what)) => match what {
                WorkerNumber::Done | WorkerNumber::Busy => Better::More,
                WorkerNumber::Twice | WorkerNumber::Lost => Better::Less,
                _ => Better::Neither,
            },
            Self::Of(Quantity::Job(..)) => Better::Neither,
        }
    }

    /// The better one comes first.
    pub(super) fn compare(self, one: f64, other: f64) -> Ordering {
        match self.better() {
            Better::Less => one.total_cmp(&other),
            Better::More => other.total_cmp(&one),
            Better::Neither => Ordering::Equal,
        }
    }

    /// Whether it says something only of a run that did all its jobs: who does half of them is sooner ready.
    pub(super) fn needs_all_jobs(self) -> bool {
        matches!(self.unit(), Unit::Time | Unit::Part)
    }

    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Ratio => Unit::Part,
            Self::Of(quantity) => quantity.unit(),
        }
    }

    /// The number in words: `61.3 s`, `1.67`, `24%`, `40`.
    pub(super) fn say(self, number: Option<f64>) -> String {
        match (self, number) {
            (_, None) => "-".to_owned(),
            (Self::Ratio, Some(number)) => format!("{number:.2}"),
            (Self::Of(quantity), number) => quantity.say(number),
        }
    }
}
