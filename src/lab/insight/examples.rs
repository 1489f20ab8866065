//! One case of each insight, with figures as long as they get.

use super::super::ids::{JobId, WorkerId};
use super::super::settings::Prefetch;
use super::Insight;

const W: WorkerId = WorkerId(64);
const JOB: JobId = JobId(123_456);
const MANY: u32 = 12_345;

/// All of them.
pub(crate) fn examples() -> Vec<Insight> {
    let mut all = of_workers();
    all.extend(of_waste());
    all.extend([
        Insight::BooksDiffer(-12_345),
        Insight::Unconfirmed(MANY),
        Insight::NobodyConsumes(MANY),
        Insight::PrefetchWithoutAcks(Prefetch(250)),
        Insight::JobsElsewhere(MANY),
        Insight::QosForNewOnly {
            worker: W,
            has: Prefetch(250),
            limit: Prefetch(100),
            workers: 64,
        },
        Insight::WaitsForOne { worker: W, jobs: MANY },
        Insight::DeliveryLimit { job: JOB, jobs: MANY },
        Insight::NotRabbitMq,
        Insight::DurableQueueTransientMessages,
        Insight::PersistentMessagesTransientQueue,
        Insight::PersistentWithoutConfirms,
        Insight::Unroutable(MANY),
        Insight::OldPlace { job: JOB, jobs: MANY },
        Insight::FlaggedUndone {
            redelivered: MANY,
            twice: 1_234,
        },
        Insight::OutOfOrder {
            late: 123_456,
            of: 1_234_567,
        },
        Insight::NotRoundRobin,
        Insight::DecisionsLost(1_234_567),
        Insight::ForeignMessages(1_234_567),
        Insight::AllIdle(64),
        Insight::Fair {
            worker: W,
            share: 100,
            speed: 100,
        },
        Insight::NothingWrong {
            done: 1_234_567,
            seconds: 12_345,
        },
        Insight::NotEnoughData { done: 19, seconds: 999 },
    ]);
    all
}

fn of_workers() -> Vec<Insight> {
    let (worker, jobs, unacked) = (W, MANY, MANY);
    vec![
        Insight::LostWithWorker { worker, jobs },
        Insight::Frozen { worker, unacked },
        Insight::HalfOpen {
            worker,
            unacked,
            heartbeat: 60,
        },
        Insight::ForgottenAck { worker, jobs },
        Insight::RequeueLoop {
            job: JOB,
            times: 1_234,
            worker,
        },
        Insight::DoubleAck(worker),
        Insight::RedeliveryStorm { worker, jobs },
        Insight::CancelledHolds { worker, unacked },
        Insight::DoneTwice { job: JOB, worker, jobs },
        Insight::DeadLettered { worker, jobs },
    ]
}

fn of_waste() -> Vec<Insight> {
    vec![
        Insight::AllUnacked {
            jobs: MANY,
            workers: 64,
        },
        Insight::OverLimit {
            worker: W,
            unacked: MANY,
            limit: Prefetch(250),
        },
        Insight::Starving {
            worker: W,
            seconds: 1_234,
            trays: MANY,
        },
        Insight::Hoarding {
            worker: W,
            tray: MANY,
            idle: WorkerId(63),
        },
        Insight::Overload {
            work: 3_000_000,
            speed: 64_000,
        },
        Insight::CountsNotLoad {
            jobs: MANY,
            most: W,
            most_s: 12_345,
            least: WorkerId(63),
            least_s: 12_345,
        },
        Insight::HeadOfLine {
            worker: W,
            tray: MANY,
            seconds: 300,
            job: JOB,
            dots: 30,
        },
        Insight::RoundTrips {
            worker: W,
            millis: 10_000,
            percent: 100,
        },
    ]
}
