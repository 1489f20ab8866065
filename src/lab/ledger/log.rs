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
    /// Nothing is kept.
    Nobody,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            lines: VecDeque::with_capacity(LOG_LINES),
            source: Source::Clients,
            nobody: Arc::from([]),
        }
    }

    pub(super) fn mute(&mut self) {
        self.source = Source::Nobody;
    }

    pub(super) fn push(&mut self, at: LabTime, entry: Entry) {
        if self.source == Source::Nobody {
            return;
        }
        if self.lines.len() == LOG_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back((at, entry));
    }

    /// What the end of `worker` brought about. The broker deals the jobs out again before the worker's own client has
    /// seen the end; so the line goes where it belongs in the story, right after the kill.
    pub(super) fn push_after_end(&mut self, at: LabTime, worker: WorkerId, entry: Entry) {
        let of_worker = |e: &Entry| matches!(e, Entry::Killed(w, _) | Entry::Revived(w) if *w == worker);
        let last = self.lines.iter().rposition(|(_, e)| of_worker(e));
        let killed = last.filter(|&i| matches!(self.lines[i].1, Entry::Killed(..)));
        let dealt_since = |i: usize| {
            self.lines
                .range(i + 1..)
                .all(|(_, e)| matches!(e, Entry::Dispatched { .. }))
        };
        if self.source == Source::Nobody {
            return;
        }
        match killed.filter(|&i| i + 1 < self.lines.len() && dealt_since(i)) {
            Some(i) => self.lines.insert(i + 1, (self.lines[i].0, entry)),
            None => self.push(at, entry),
        }
        if self.lines.len() > LOG_LINES {
            self.lines.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }

    pub(super) fn lines(&self) -> Vec<(LabTime, Entry)> {
        self.lines.iter().cloned().collect()
    }

    /// Bytes that the lines take; what they name is shared.
    pub(super) fn own_bytes(&self) -> usize {
        super::weight::bytes(&self.lines)
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

#[cfg(test)]
mod tests {
    use super::super::super::command::KillKind;
    use super::super::super::event::Cause;
    use super::super::super::place::Place;
    use super::*;

    fn dealt(job: u32) -> Entry {
        Entry::Dispatched {
            job: JobId(job),
            to: WorkerId(2),
            passed_over: Arc::from([]),
        }
    }

    fn went_back() -> Entry {
        Entry::WentBack {
            jobs: Arc::from([JobId(1)]),
            count: 1,
            from: WorkerId(1),
            why: Cause::Killed(KillKind::Reset),
            place: Place::Old,
        }
    }

    #[test]
    fn jobs_go_back_before_they_are_dealt_again_whatever_is_heard_first() {
        let killed = Entry::Killed(WorkerId(1), KillKind::Reset);
        let mut log = Log::new();
        for entry in [dealt(1), killed.clone(), dealt(1)] {
            log.push(LabTime(5), entry);
        }
        log.push_after_end(LabTime(6), WorkerId(1), went_back());
        let told: Vec<Entry> = log.lines().into_iter().map(|(_, entry)| entry).collect();
        assert_eq!(told, [dealt(1), killed, went_back(), dealt(1)]);
    }

    #[test]
    fn what_an_older_kill_brought_stays_where_it_is() {
        let mut log = Log::new();
        for entry in [
            Entry::Killed(WorkerId(1), KillKind::Reset),
            Entry::Revived(WorkerId(1)),
            dealt(2),
        ] {
            log.push(LabTime(5), entry);
        }
        log.push_after_end(LabTime(6), WorkerId(1), went_back());
        assert_eq!(log.lines().last(), Some(&(LabTime(6), went_back())));
    }
}
