//! What an engine leaves behind where it could not clean up, in words.

use super::topology::Topology;

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

pub(super) fn left_behind(topology: &Topology, why: String) -> LeftBehind {
    LeftBehind {
        queues: topology.all(),
        place: topology.access().url().place(),
        why,
    }
}
