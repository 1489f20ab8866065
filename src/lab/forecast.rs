//! What a simulation says of a run, to be held beside what really happens.

use super::ids::{LabTime, WorkerId};
use super::measure::LabSpan;

/// Whether a forecast is wanted: it costs computing time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Foresight {
    /// It is not.
    #[default]
    Off,
    /// It is, again and again while the run goes on.
    On,
}

/// What was foreseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// A run with the present settings from the beginning, and as many jobs.
    Of(Prospect),
    /// The run has more jobs than are simulated beside it.
    TooMany(u32),
}

/// The most jobs of a run that is simulated beside the real one.
pub const FORESEEN_JOBS: u32 = 20_000;

/// A run with the present settings from the beginning, the same seed, and as many jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The moment of the real run that was looked at.
    pub at: LabTime,
    /// Jobs that were really published by then.
    pub published: u32,
    /// Jobs of them that had been published by then in the simulation: at the rate, from the beginning on.
    pub on_time: u32,
    /// Jobs that each worker had finished by then, in the order of the workers.
    pub done: Vec<(WorkerId, u32)>,
    /// When all of them are done; `None`: not within an hour.
    pub ends: Option<LabTime>,
    /// How long 95 % of them wait at most.
    pub wait_p95: Option<LabSpan>,
}
