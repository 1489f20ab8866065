//! What the runs of one combination came to together.

use super::measure::{Better, Measure};
use super::{Ended, Sweep};
use std::cmp::Ordering;

/// Of one measure: the middle, the lowest and the highest of all seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

/// What can be said of a combination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// None of its runs ended, or none has such a number.
    Nothing,
    /// Comparable with others.
    Sound(Spread),
    /// A run was out of time, was declined something, or did not do all its jobs where that matters: its number can't be
    /// compared.
    Doubtful(Spread),
}

impl Standing {
    pub(super) const fn spread(self) -> Option<Spread> {
        match self {
            Self::Nothing => None,
            Self::Sound(spread) | Self::Doubtful(spread) => Some(spread),
        }
    }

    pub(super) const fn sound(self) -> Option<f64> {
        match self {
            Self::Sound(spread) => Some(spread.median),
            Self::Nothing | Self::Doubtful(_) => None,
        }
    }
}

impl Ended {
    /// Whether the script was played as it is written.
    pub(super) fn is_played(&self) -> bool {
        self.outcome.in_time && self.outcome.declined.is_empty()
    }

    fn is_sound(&self, measure: Measure) -> bool {
        let all_done = self.outcome.done == self.outcome.published;
        self.is_played() && (all_done || !measure.needs_all_jobs())
    }
}

impl Sweep {
    /// The runs of a combination that came to their ends.
    pub(super) fn of(&self, combination: usize) -> impl Iterator<Item = &Ended> {
        let seeds = self.grid.seeds();
        self.runs[combination * seeds..(combination + 1) * seeds]
            .iter()
            .flatten()
    }

    /// How many runs came to their ends.
    pub fn ended(&self) -> usize {
        self.runs.iter().flatten().count()
    }

    /// How many of these did not play the script as it is written: out of time, or declined something.
    pub fn unplayed(&self) -> usize {
        self.runs.iter().flatten().filter(|run| !run.is_played()).count()
    }

    /// Of any number of the runs.
    pub(super) fn spread(&self, combination: usize, number: impl Fn(&Ended) -> Option<f64>) -> Option<Spread> {
        let mut numbers: Vec<f64> = self.of(combination).filter_map(number).collect();
        numbers.sort_by(f64::total_cmp);
        let (lowest, highest) = (*numbers.first()?, *numbers.last()?);
        let half = numbers.len() / 2;
        let median = if numbers.len().is_multiple_of(2) {
            f64::midpoint(numbers[half - 1], numbers[half])
        } else {
            numbers[half]
        };
        Some(Spread {
            median,
            lowest,
            highest,
        })
    }

    /// Of what is looked at.
    pub(super) fn standing(&self, combination: usize) -> Standing {
        match self.spread(combination, |run| run.measured) {
            None => Standing::Nothing,
            Some(spread) if self.of(combination).all(|run| run.is_sound(self.measure)) => Standing::Sound(spread),
            Some(spread) => Standing::Doubtful(spread),
        }
    }

    /// The best number, if there are several and one is best.
    pub(super) fn best(&self) -> Option<f64> {
        if self.measure.better() == Better::Neither {
            return None;
        }
        let sound: Vec<f64> = self.standings().filter_map(Standing::sound).collect();
        let best = sound.iter().copied().min_by(|a, b| self.measure.compare(*a, *b))?;
        let differ = |number: &f64| self.measure.compare(best, *number) != Ordering::Equal;
        sound.iter().any(differ).then_some(best)
    }

    pub(super) fn standings(&self) -> impl Iterator<Item = Standing> {
        (0..self.grid.combinations()).map(|combination| self.standing(combination))
    }
}
