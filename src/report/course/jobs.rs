//! Where each of the first jobs is, in a byte for each.

use super::grid::Level;
use crate::lab::{JobId, MEASURED_JOBS, QueueKind};

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Closed,
    Queue,
    Held,
}

const QUEUE: u8 = 1;
const HELD: u8 = 2;
const FINISHED: u8 = 4;
const FLAGGED: u8 = 8;
/// It was published to the transient queue.
const TRANSIENT: u8 = 16;

/// A byte for each of the first jobs.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    states: Vec<u8>,
    pub(super) level: Level,
}

impl Jobs {
    pub(super) fn publish(&mut self, job: JobId, queue: QueueKind) {
        self.go(job, Stand::Queue);
        if let (Some(state), QueueKind::Transient) = (self.state(job), queue) {
            *state |= TRANSIENT;
        }
    }

    /// The one it was published to; of jobs beyond the first it is not kept.
    pub(super) fn queue(&self, job: JobId) -> QueueKind {
        let at = usize::try_from(job.0).ok().and_then(|job| job.checked_sub(1));
        match at.and_then(|at| self.states.get(at)) {
            Some(state) if *state & TRANSIENT > 0 => QueueKind::Transient,
            _ => QueueKind::Durable,
        }
    }

    pub(super) fn go(&mut self, job: JobId, to: Stand) {
        let Some(state) = self.state(job) else { return };
        let (before, bits) = (*state & (QUEUE | HELD), *state & !(QUEUE | HELD));
        let after = match to {
            Stand::Closed => 0,
            Stand::Queue => QUEUE,
            Stand::Held => HELD,
        };
        *state = bits | after;
        for (bit, count) in [(QUEUE, &mut self.level.waiting), (HELD, &mut self.level.held)] {
            *count = *count + u32::from(after == bit) - u32::from(before == bit);
        }
    }

    pub(super) fn flag(&mut self, job: JobId, redelivered: bool) {
        if let Some(state) = self.state(job) {
            *state = *state & !FLAGGED | if redelivered { FLAGGED } else { 0 };
        }
    }

    pub(super) fn is_flagged(&mut self, job: JobId) -> bool {
        self.state(job).is_some_and(|state| *state & FLAGGED > 0)
    }

    /// Whether it had been finished before.
    pub(super) fn finish(&mut self, job: JobId) -> bool {
        self.go(job, Stand::Closed);
        self.state(job).is_some_and(|state| {
            let again = *state & FINISHED > 0;
            *state |= FINISHED;
            again
        })
    }

    fn state(&mut self, job: JobId) -> Option<&mut u8> {
        if job.0 == 0 || job.0 > MEASURED_JOBS {
            return None;
        }
        let at = usize::try_from(job.0 - 1).ok()?;
        if self.states.len() <= at {
            self.states.resize(at + 1, 0);
        }
        self.states.get_mut(at)
    }
}
