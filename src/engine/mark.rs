//! The marks that make a message a job of this run: written by the producer, read back by workers and by the embedded
//! broker's observer.
//!
//! `message_id` is the job's number, `app_id` is `dispatch-lab`, and `correlation_id` is the run and its round (a reset
//! begins a new round, in which numbers start again). A message that lacks one of them, or has others, is foreign.

use crate::lab::{Delivery, Job, JobId, WorkerId};
use lapin::BasicProperties;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const APP: &str = "dispatch-lab";

/// The marks of this run; all clones share the round.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    run: Run,
    round: Arc<AtomicU32>,
}

/// A short random name for one run of the lab, so that two labs on one broker never share a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run(u32);

impl Run {
    pub(super) fn random() -> Self {
        // The standard library's hash seeds are random, and all the randomness that a name needs.
        let bits = RandomState::new().build_hasher().finish();
        Self((bits >> 32) as u32)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Marks {
    pub(super) fn new(run: Run) -> Self {
        Self {
            run,
            round: Arc::default(),
        }
    }

    pub(super) fn run(&self) -> Run {
        self.run
    }

    /// From here on, messages of earlier rounds are foreign.
    pub(super) fn next_round(&self) {
        self.round.fetch_add(1, Ordering::Relaxed);
    }

    /// The properties that a job is published with.
    pub(super) fn properties(&self, job: &Job, delivery: Delivery) -> BasicProperties {
        BasicProperties::default()
            .with_app_id(APP.into())
            .with_content_type("text/plain".into())
            .with_correlation_id(self.text().into())
            .with_message_id(job.id.0.to_string().into())
            .with_delivery_mode(match delivery {
                Delivery::Persistent => 2,
                Delivery::Transient => 1,
            })
    }

    /// Which job of this round a message is; `None`: it is foreign.
    pub(super) fn job(&self, properties: &BasicProperties) -> Option<JobId> {
        let ours = properties.app_id().as_ref()?.as_str() == APP
            && properties.correlation_id().as_ref()?.as_str() == self.text();
        if ours {
            properties.message_id().as_ref()?.as_str().parse().ok().map(JobId)
        } else {
            None
        }
    }

    /// The same of a message in a worker's queue, where each has one: its own copy. A message has the number of the first
    /// worker's, and the others follow in their order.
    pub(super) fn copy(&self, properties: &BasicProperties, of: Option<WorkerId>) -> Option<JobId> {
        let first = self.job(properties)?;
        let further = of.map_or(0, |worker| u32::from(worker.0.saturating_sub(1)));
        first.0.checked_add(further).map(JobId)
    }

    fn text(&self) -> String {
        format!("{}.{}", self.run, self.round.load(Ordering::Relaxed))
    }
}

/// How much work a body asks for: a dot is a second.
pub(super) fn dots(body: &[u8]) -> u32 {
    body.iter().map(|byte| u32::from(*byte == b'.')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            id: JobId(42),
            word: "maple",
            dots: 3,
        }
    }

    #[test]
    fn job_is_read_back_from_its_marks() {
        let marks = Marks::new(Run(7));
        let properties = marks.properties(&job(), Delivery::Persistent);
        assert_eq!(marks.job(&properties), Some(JobId(42)));
        assert_eq!(*properties.delivery_mode(), Some(2));
        assert_eq!(dots(job().body().as_bytes()), 3);
    }

    #[test]
    fn copies_are_numbered_in_the_order_of_the_workers() {
        let marks = Marks::new(Run(7));
        let properties = marks.properties(&job(), Delivery::Persistent);
        let copy = |of| marks.copy(&properties, of);
        assert_eq!(copy(None), Some(JobId(42)), "one queue for all");
        assert_eq!(copy(Some(WorkerId(1))), Some(JobId(42)));
        assert_eq!(copy(Some(WorkerId(3))), Some(JobId(44)));
    }

    #[test]
    fn message_with_other_marks_is_foreign() {
        let marks = Marks::new(Run(7));
        let ours = marks.properties(&job(), Delivery::Transient);
        let foreign = [
            BasicProperties::default(),
            ours.clone().with_app_id("other".into()),
            ours.clone().with_message_id("forty-two".into()),
            ours.clone().with_correlation_id("00000008.0".into()),
            Marks::new(Run(8)).properties(&job(), Delivery::Transient),
        ];
        for properties in foreign {
            assert_eq!(marks.job(&properties), None, "{properties:?}");
        }
    }

    #[test]
    fn message_of_the_round_before_a_reset_is_foreign() {
        let marks = Marks::new(Run(7));
        let before = marks.properties(&job(), Delivery::Transient);
        marks.clone().next_round();
        assert_eq!(marks.job(&before), None);
    }

    #[test]
    fn runs_have_names_of_their_own() {
        assert_ne!(Run::random(), Run::random());
        assert_eq!(Run(7).to_string(), "00000007");
    }
}
