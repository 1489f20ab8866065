//! All that the screen was told; the views are drawn from it, and keys are judged by it.

use super::lesson::Lessons;
use crate::lab::{Contest, Forecast, Frames, Sight, Snapshot};
use crate::scenario::Outcome;
use std::sync::Arc;

/// The newest of everything.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// The picture that is shown: of the present, or of the moment looked back at.
    pub(super) snapshot: Arc<Snapshot>,
    /// The picture of the present.
    pub(super) live: Arc<Snapshot>,
    /// What else was looked at.
    pub(super) sight: Arc<Sight>,
    /// The comparison, if there was one.
    pub(super) contest: Option<Arc<Contest>>,
    /// The frames that passed.
    pub(super) frames: Arc<Frames>,
    /// Where the broker is, as it may be shown.
    pub(super) broker_url: Option<Arc<str>>,
    /// What others type to join, if they can.
    pub(super) join_line: Option<Arc<str>>,
    /// What is foreseen of this run.
    pub(super) forecast: Option<Arc<Forecast>>,
    /// The lessons, and the one that is played.
    pub(super) lessons: Lessons,
    /// What the run of the lesson came to, once its script was over.
    pub(super) outcome: Option<Arc<Outcome>>,
}

impl Facts {
    /// Nothing but a picture of the present.
    pub(super) fn of(snapshot: Arc<Snapshot>) -> Self {
        Self {
            live: Arc::clone(&snapshot),
            snapshot,
            sight: Arc::default(),
            contest: None,
            frames: Arc::default(),
            broker_url: None,
            join_line: None,
            forecast: None,
            lessons: Lessons::default(),
            outcome: None,
        }
    }

    /// Whether the past is shown.
    pub(super) fn is_past(&self) -> bool {
        !Arc::ptr_eq(&self.snapshot, &self.live)
    }
}
