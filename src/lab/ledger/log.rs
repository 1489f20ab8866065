//! The newest lines of the log.
//!
//! Who was passed over is known exactly only from a broker that can be looked into. Until one has told of a first
//! decision, a delivery gives the line, as far as clients can tell; the broker's own line then takes its place.

use super::super::event::{Entry, PassedOver};
use super::super::ids::{JobId, LabTime, WorkerId};
use super::super::snapshot::LOG_LINES;
use super::super::words::NAMED;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Log {
    lines: VecDeque<(LabTime, Entry)>,
    /// Whether the broker tells of its decisions.
    source: Source,
    /// Shared, so that a decision that passed over nobody allocates nothing.
    nobody: Arc<[(WorkerId, PassedOver)]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Clients,
    Broker,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            lines: VecDeque::with_capacity(LOG_LINES),
            source: Source::Clients,
            nobody: Arc::from([]),
        }
    }

    pub(super) fn push(&mut self, at: LabTime, entry: Entry) {
        if self.lines.len() == LOG_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back((at, entry));
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }

    pub(super) fn lines(&self) -> Vec<(LabTime, Entry)> {
        self.lines.iter().cloned().collect()
    }

    pub(super) fn nobody(&self) -> Arc<[(WorkerId, PassedOver)]> {
        Arc::clone(&self.nobody)
    }

    pub(super) fn guesses(&self) -> bool {
        self.source == Source::Clients
    }

    /// The broker's own word on a decision.
    pub(super) fn told(&mut self, at: LabTime, entry: Entry) {
        if self.source == Source::Clients {
            self.source = Source::Broker;
            self.lines.retain(|(_, e)| !matches!(e, Entry::Dispatched { .. }));
        }
        self.push(at, entry);
    }
}

/// The jobs that a line names.
pub(super) fn first_few(jobs: &[JobId]) -> Arc<[JobId]> {
    jobs.iter().copied().take(NAMED).collect()
}
