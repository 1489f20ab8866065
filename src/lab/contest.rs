//! A comparison: the same jobs under two settings, at the same time, each on a queue of its own.

use super::settings::Settings;
use super::snapshot::Snapshot;
use std::sync::Arc;

/// What the screen asks of whoever runs comparisons.
#[derive(Clone, Debug, PartialEq)]
pub enum ContestOrder {
    /// Begin, in place of the one that may be running.
    Begin(Box<[Settings; 2]>),
    /// End it; its last picture stays.
    End,
}

/// A comparison under way, or its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// Both sides.
    pub sides: [Contestant; 2],
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Contestant {
    /// Its lab.
    pub snapshot: Arc<Snapshot>,
}
