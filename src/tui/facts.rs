//! All that the screen was told; the views are drawn from it, and keys are judged by it.

use crate::lab::{Contest, Frames, Sight, Snapshot};
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
        }
    }

    /// Whether the past is shown.
    pub(super) fn is_past(&self) -> bool {
        !Arc::ptr_eq(&self.snapshot, &self.live)
    }
}
