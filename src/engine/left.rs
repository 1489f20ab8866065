//! How an engine cleans up, and what it leaves behind where it could not, in words.

use super::line::sentence;
use super::topology::{Owner, Topology};

/// What could not be cleaned up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the queues {} may be left on {place} ({why}): they expire ten minutes after their last use, or delete them there",
    queues.join(" and ")
)]
pub struct LeftBehind {
    /// Their names.
    pub queues: Vec<String>,
    /// `host:port`.
    pub place: String,
    /// Why they could not be deleted.
    pub why: String,
}

pub(super) async fn farewell(topology: &Topology, owner: Owner) -> Result<(), String> {
    match owner {
        // Its queues end with it.
        Owner::Lab => Ok(()),
        Owner::Others => topology.delete_all().await.map_err(|error| sentence(&error)),
    }
}

pub(super) fn left_behind(topology: &Topology, why: String) -> LeftBehind {
    LeftBehind {
        queues: topology.all(),
        place: topology.access().url().place(),
        why,
    }
}
