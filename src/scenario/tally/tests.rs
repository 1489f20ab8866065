//! From events to an outcome.

use super::*;
use crate::lab::{
    AckMode, BrokerCommand, Burial, Cause, Confirms, Delivered, Delivery, DeliveryTag, JobId, KillKind, Prefetch,
    Published, QueueKind, Speed, Subscription, WorkerId,
};
use crate::scenario::outcome::{JobFate, OutcomeWorker};

const W1: WorkerId = WorkerId(1);
const W2: WorkerId = WorkerId(2);

struct Story {
    tally: Tally,
    second: u64,
}

impl Story {
    fn begun() -> Self {
        let settings = Settings {
            speeds: vec![Speed(1000); 2],
            ..Settings::default()
        };
        let mut story = Self {
            tally: Tally::new(&settings),
            second: 0,
        };
        for worker in [W1, W2] {
            story.tell([Happening::Subscribed(worker, SUBSCRIPTION)]);
        }
        story
    }

    fn tell(&mut self, what: impl IntoIterator<Item = Happening>) {
        for what in what {
            self.tally.note(&Event {
                at: Elapsed(self.second * 1_000_000),
                lab: LabTime(self.second * 1_000_000),
                what,
            });
        }
    }

    fn after_s(&mut self, seconds: u64, what: impl IntoIterator<Item = Happening>) {
        self.second += seconds;
        self.tell(what);
    }

    fn outcome(&mut self) -> Outcome {
        self.tell([Happening::Over(Over::Reached)]);
        self.tally.outcome()
    }
}

const SUBSCRIPTION: Subscription = Subscription {
    queue: QueueKind::Durable,
    prefetch: Prefetch(1),
    ack: AckMode::Manual,
};

fn published(job: u32) -> Happening {
    Happening::Published(Published {
        job: JobId(job),
        queue: QueueKind::Durable,
        delivery: Delivery::Persistent,
        confirms: Confirms::On,
    })
}

fn delivered(to: WorkerId, job: u32, redelivered: bool, ack: AckMode) -> Happening {
    Happening::Delivered(
        to,
        Delivered {
            job: JobId(job),
            dots: 1,
            tag: DeliveryTag(1),
            redelivered,
            ack,
        },
    )
}

/// Begun and finished.
fn worked(by: WorkerId, job: u32) -> [Happening; 2] {
    [Happening::Begun(by, JobId(job)), Happening::Finished(by, JobId(job))]
}

fn fate(outcome: &Outcome, job: usize) -> &JobFate {
    &outcome.jobs[job - 1]
}

#[test]
fn each_fate_has_its_word_and_its_count() {
    let mut story = Story::begun();
    story.tell((1..=8).map(published));
    story.tell([Happening::Confirmed(JobId(1)), Happening::Confirmed(JobId(7))]);
    // 1 is done, 2 done and not acked, 3 in hand, 4 in the tray.
    for job in 1..=4 {
        story.tell([delivered(W1, job, false, AckMode::Manual)]);
    }
    story.tell(worked(W1, 1));
    story.tell([Happening::Acked(W1, JobId(1))]);
    story.tell(worked(W1, 2));
    story.tell([Happening::Forgot(W1, JobId(2)), Happening::Begun(W1, JobId(3))]);
    // 5 is lost, 6 dead, 7 returned, 8 waits.
    story.tell([
        delivered(W2, 5, false, AckMode::Automatic),
        Happening::Killed(W2, KillKind::Reset),
        Happening::Lost {
            jobs: [JobId(5)].into(),
            from: Some(W2),
            why: Cause::Killed(KillKind::Reset),
        },
        delivered(W1, 6, false, AckMode::Manual),
        Happening::DeadLettered(W1, JobId(6)),
        Happening::Nacked(JobId(7)),
    ]);
    let outcome = story.outcome();
    let fates: Vec<&str> = outcome.jobs.iter().map(|job| job.fate).collect();
    assert_eq!(
        fates,
        ["done", "unacked", "hand", "tray", "lost", "dead", "returned", "ready"]
    );
    let counts = (outcome.published, outcome.confirmed, outcome.done, outcome.lost);
    assert_eq!(counts, (8, 1, 2, 1));
    let left = (outcome.dead, outcome.ready, outcome.unacked, outcome.redelivered);
    assert_eq!(left, (1, 1, 3, 0));
    let [one, two] = &outcome.workers[..] else {
        panic!("{:?}", outcome.workers);
    };
    assert_eq!((one.done, one.unacked, one.tray, one.hand), (2, 3, 1, 1));
    assert_eq!((two.lost, two.tray, two.consuming, one.consuming), (1, 0, false, true));
}

#[test]
fn second_finish_is_told_of_the_job_and_of_who_did_it_again() {
    let mut story = Story::begun();
    story.tell([published(1), delivered(W1, 1, false, AckMode::Manual)]);
    story.tell(worked(W1, 1));
    story.tell([
        Happening::Killed(W1, KillKind::CrashBeforeAck),
        Happening::WentBack {
            jobs: [JobId(1)].into(),
            from: W1,
            why: Cause::Killed(KillKind::CrashBeforeAck),
        },
        delivered(W2, 1, true, AckMode::Manual),
    ]);
    story.tell(worked(W2, 1));
    story.tell([Happening::Acked(W2, JobId(1)), Happening::Revived(W1)]);
    let outcome = story.outcome();
    let expected = JobFate {
        job: 1,
        fate: "done",
        deliveries: 2,
        redelivered: 1,
        finished: 2,
        worker: "W2".into(),
    };
    assert_eq!(*fate(&outcome, 1), expected);
    assert_eq!((outcome.done, outcome.twice, outcome.redelivered), (1, 1, 1));
    let twice: Vec<_> = outcome
        .workers
        .iter()
        .map(|w| (w.done, w.twice, w.redelivered))
        .collect();
    assert_eq!(twice, [(1, 0, 0), (1, 1, 1)]);
}

#[test]
fn what_was_done_once_is_not_lost() {
    let mut story = Story::begun();
    story.tell([published(1), delivered(W1, 1, false, AckMode::Manual)]);
    story.tell(worked(W1, 1));
    story.tell([Happening::Lost {
        jobs: [JobId(1)].into(),
        from: None,
        why: Cause::BrokerTransientMessage,
    }]);
    let outcome = story.outcome();
    assert_eq!((outcome.done, outcome.lost, fate(&outcome, 1).fate), (1, 0, "done"));
}

#[test]
fn times_are_lab_milliseconds_and_busy_is_a_part_of_the_makespan() {
    let mut story = Story::begun();
    story.after_s(1, [published(1), published(2)]);
    story.tell([delivered(W1, 1, false, AckMode::Manual), Happening::Begun(W1, JobId(1))]);
    story.after_s(5, [Happening::Finished(W1, JobId(1)), Happening::Acked(W1, JobId(1))]);
    story.tell([delivered(W2, 2, false, AckMode::Manual), Happening::Begun(W2, JobId(2))]);
    story.after_s(15, [Happening::Finished(W2, JobId(2)), Happening::Acked(W2, JobId(2))]);
    story.after_s(2, []);
    let outcome = story.outcome();
    assert_eq!(outcome.makespan_ms, Some(20_000.0));
    assert_eq!((outcome.ended_ms, outcome.in_time), (23_000.0, true));
    let busy: Vec<_> = outcome.workers.iter().map(|w| w.busy).collect();
    assert_eq!(busy, [Some(0.25), Some(0.75)]);
    assert_eq!(outcome.fairness, Some(0.8));
    assert_eq!(outcome.idle, Some(0.5));
    let wait = WaitMs {
        p50: 0.0,
        p95: 5_000.0,
        p99: 5_000.0,
    };
    assert_eq!(outcome.wait_ms, Some(wait));
}

#[test]
fn nothing_that_comes_after_the_end_counts_but_a_new_beginning() {
    let mut story = Story::begun();
    story.tell([published(1)]);
    let end = story.outcome();
    story.after_s(1, [published(2), Happening::Declined("no".into())]);
    assert_eq!(story.tally.outcome(), end);
    story.tell([Happening::Reset([Speed(1000); 3].into()), published(1)]);
    let again = story.tally.outcome();
    assert_eq!((again.published, again.workers.len(), again.in_time), (1, 3, false));
    assert_eq!(story.tally.over(), None);
}

#[test]
fn only_what_is_declined_to_the_script_is_told() {
    let no = |what: &str| Happening::Declined(what.into());
    let mut story = Story::begun();
    story.after_s(1, [no("to a person")]);
    story.after_s(1, [Happening::Cued(0), no("to the script")]);
    story.after_s(1, [no("to a person again")]);
    story.tell([
        Happening::BrokerAsked(BrokerCommand::Start),
        Happening::BrokerStartFailed("it can't".into()),
    ]);
    let outcome = story.outcome();
    let declined: Vec<&str> = outcome.declined.iter().map(|why| &**why).collect();
    assert_eq!(declined, ["to the script", "it can't"]);
    assert!(!outcome.holds());
}

#[test]
fn more_jobs_than_can_be_told_are_counted_all_the_same() {
    let count = u32::try_from(JOBS_TOLD).expect("it fits") + 1;
    let mut story = Story::begun();
    story.tell((1..=count).map(published));
    let outcome = story.outcome();
    assert_eq!((outcome.published, outcome.ready), (count, count));
    assert!(outcome.jobs.is_empty());
}

#[test]
fn worker_that_came_later_is_told_too() {
    let mut story = Story::begun();
    story.tell([Happening::Added(WorkerId(3), Speed(500))]);
    let outcome = story.outcome();
    let names: Vec<&str> = outcome.workers.iter().map(|w: &OutcomeWorker| &*w.name).collect();
    assert_eq!(names, ["W1", "W2", "W3"]);
    assert!(!outcome.workers[2].consuming);
}

#[test]
fn job_that_the_broker_buried_is_dead_and_nobody_owes_it() {
    let mut story = Story::begun();
    story.tell([published(1), delivered(W1, 1, false, AckMode::Manual)]);
    story.tell([Happening::Buried(JobId(1), Burial::DeliveryLimit)]);
    let outcome = story.outcome();
    assert_eq!((outcome.dead, outcome.unacked, fate(&outcome, 1).fate), (1, 0, "dead"));
}

#[test]
fn guest_is_told_like_a_worker_and_consumes() {
    let mut story = Story::begun();
    let guest = WorkerId(3);
    story.tell([
        Happening::GuestCame(guest, "ALICE".into()),
        published(1),
        delivered(guest, 1, false, AckMode::Manual),
        Happening::Killed(guest, KillKind::Reset),
        Happening::GuestCame(guest, "ALICE".into()),
    ]);
    let outcome = story.outcome();
    assert_eq!(outcome.workers.len(), 3);
    assert_eq!((outcome.workers[2].tray, outcome.workers[2].consuming), (1, true));
}
