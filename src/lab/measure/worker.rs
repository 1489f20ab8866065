//! How long a worker had a job in hand and worked on it.

use super::super::ids::{JobId, LabTime, WorkerId};
use super::super::settings::Speed;
use super::figures::part;
use super::{LabSpan, WorkerShare};

#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub(super) worker: WorkerId,
    pub(super) speed: Speed,
    pub(super) done: u32,
    busy_us: u64,
    /// The same up to `then`, the last first finish of a job when the worker last did something.
    busy_then_us: u64,
    then: LabTime,
    pub(super) hand: Option<InHand>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct InHand {
    pub(super) job: JobId,
    pub(super) begun: LabTime,
    /// Since when it is worked on; `None`: the worker stands still.
    since: Option<LabTime>,
}

impl Tally {
    pub(super) const fn new(worker: WorkerId, speed: Speed) -> Self {
        Self {
            worker,
            speed,
            done: 0,
            busy_us: 0,
            busy_then_us: 0,
            then: LabTime(0),
            hand: None,
        }
    }

    /// Before it does something: notes how long it was busy up to the last first finish of a job, by whomever.
    pub(super) fn settle(&mut self, last: LabTime) {
        self.busy_then_us = self.busy_then(last);
        self.then = last;
    }

    /// How long it was busy up to that, the last first finish of a job.
    pub(super) fn busy_then(&self, last: LabTime) -> u64 {
        if self.then == last {
            self.busy_then_us
        } else {
            self.busy_until(last)
        }
    }

    pub(super) fn begin(&mut self, at: LabTime, job: JobId) {
        self.let_go(at);
        self.hand = Some(InHand {
            job,
            begun: at,
            since: Some(at),
        });
    }

    /// It stands still, with what it has in hand.
    pub(super) fn stop(&mut self, at: LabTime) {
        self.busy_us = self.busy_until(at);
        if let Some(hand) = &mut self.hand {
            hand.since = None;
        }
    }

    pub(super) fn go_on(&mut self, at: LabTime) {
        if let Some(hand) = &mut self.hand {
            hand.since.get_or_insert(at);
        }
    }

    pub(super) fn let_go(&mut self, at: LabTime) {
        self.stop(at);
        self.hand = None;
    }

    pub(super) fn release(&mut self, at: LabTime, jobs: &[JobId]) {
        if self.hand.is_some_and(|hand| jobs.contains(&hand.job)) {
            self.let_go(at);
        }
    }

    pub(super) fn busy_until(&self, end: LabTime) -> u64 {
        let since = self.hand.and_then(|hand| hand.since);
        self.busy_us + since.map_or(0, |since| end.0.saturating_sub(since.0))
    }

    pub(super) fn share(&self, busy_us: u64, of_us: u64) -> WorkerShare {
        WorkerShare {
            worker: self.worker,
            done: self.done,
            busy: LabSpan(busy_us),
            share: part(busy_us, of_us),
        }
    }
}
