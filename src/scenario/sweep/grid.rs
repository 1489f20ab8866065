//! All combinations, in their order: the setting that was named last turns fastest.

use super::axis::Axis;
use super::thousands;
use std::num::NonZero;

/// The most runs of one sweep.
pub const RUNS_MAX: usize = 100_000;

/// What varies, and how often each combination is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    axes: Vec<Axis>,
    /// How many seeds: the first is that of the combination, each further one is greater by one.
    seeds: usize,
}

/// Why there is no such sweep.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// More than [`RUNS_MAX`].
    #[error(
        "that would be {} runs, and {} is the most: fewer values, or fewer seeds",
        thousands(*.0),
        thousands(RUNS_MAX)
    )]
    TooMany(usize),
    /// It would have two values at once.
    #[error("{0} varies twice: give all its values in one --vary")]
    Twice(String),
    /// Both the grid and `--seeds` would say which seed it is.
    #[error("either the seed varies, or each combination has several seeds: leave --vary seed=… or --seeds out")]
    Seeds,
}

impl Grid {
    /// Of settings that vary.
    pub fn new(axes: Vec<Axis>, seeds: NonZero<usize>) -> Result<Self, GridError> {
        let seeds = seeds.get();
        for (place, axis) in axes.iter().enumerate() {
            if axes[..place].iter().any(|other| other.setting == axis.setting) {
                return Err(GridError::Twice(axis.setting.to_string()));
            }
        }
        if seeds > 1 && axes.iter().any(|axis| &*axis.setting == "seed") {
            return Err(GridError::Seeds);
        }
        let product = |runs: usize, axis: &Axis| runs.saturating_mul(axis.values.len());
        let runs = axes.iter().fold(seeds, product);
        if runs > RUNS_MAX {
            return Err(GridError::TooMany(runs));
        }
        Ok(Self { axes, seeds })
    }

    /// In the order in which they were named.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How many seeds each combination is run with.
    pub const fn seeds(&self) -> usize {
        self.seeds
    }

    /// How many there are.
    pub fn combinations(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    /// How many runs there are: the nth belongs to the combination n / [`Self::seeds`].
    pub fn runs(&self) -> usize {
        self.combinations() * self.seeds
    }

    /// The settings of a combination, with their values.
    pub fn combination(&self, number: usize) -> Vec<(&str, &str)> {
        let mut rest = number;
        let mut set = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            let value = &axis.values[rest % axis.values.len()];
            rest /= axis.values.len();
            set.push((&*axis.setting, &**value));
        }
        set.reverse();
        set
    }

    /// In words: `prefetch=1, workers=4`.
    pub fn words(&self, number: usize) -> String {
        let set = self.combination(number).into_iter();
        set.map(|(setting, value)| format!("{setting}={value}"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The number of the combination in which each axis has the value at this place.
    pub(super) fn number(&self, places: &[usize]) -> usize {
        let turn = |number: usize, (axis, place): (&Axis, &usize)| number * axis.values.len() + place;
        self.axes.iter().zip(places).fold(0, turn)
    }
}
