//! What happened: the only truth. The ledger is a fold over events; recordings are lists of them.

use super::command::{BrokerCommand, KillKind, Producing};
use super::ids::{Elapsed, JobId, LabTime, WorkerId};
use super::settings::{AckMode, Confirms, Delivery, Prefetch, QueueKind, Rate, Speed, TimeScale, Workload};
use super::wire::NoRoom;
use std::sync::Arc;

/// An event with its times.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Real time.
    pub at: Elapsed,
    /// Lab time.
    pub lab: LabTime,
    /// What.
    pub what: Happening,
}

/// Everything that can happen. A closed set: the ledger, the log and recordings know no other.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// Stands in until the ledger names its own.
    Reset,
}

/// A line of the log: a decision or a consequence, in a closed set of reasons.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A worker got a job.
    Dispatched {
        /// The job.
        job: JobId,
        /// Who got it.
        to: WorkerId,
        /// Who was passed over, and why.
        passed_over: Arc<[(WorkerId, PassedOver)]>,
    },
    /// Jobs went back to their old places in the queue.
    WentBack {
        /// The first few of them, in order.
        jobs: Arc<[JobId]>,
        /// How many.
        count: u32,
        /// Who held them.
        from: WorkerId,
        /// Why.
        why: LossCause,
    },
    /// Jobs are lost.
    Lost {
        /// The first few of them.
        jobs: Arc<[JobId]>,
        /// How many.
        count: u32,
        /// Who held them; `None`: nobody, they were in the queue.
        from: Option<WorkerId>,
        /// Why.
        why: LossCause,
    },
    /// A job was finished a second time (or more).
    Twice {
        /// The job.
        job: JobId,
        /// Who finished it now.
        by: WorkerId,
    },
    /// A worker was ended; what it held goes back, is lost, or stays with it (the next lines say so).
    Killed(WorkerId, KillKind),
    /// It consumes again.
    Revived(WorkerId),
    /// A worker was added.
    Added(WorkerId, Speed),
    /// A worker was removed.
    Removed(WorkerId),
    /// A worker's line broke by itself: one sentence.
    Broke(WorkerId, Arc<str>),
    /// A setting changed, and when it takes effect.
    Changed(Change),
    /// A wish that could not be met: one sentence.
    Declined(Arc<str>),
    /// The broker was ended or started by the lab.
    Broker(BrokerCommand),
    /// The broker went away by itself: one sentence.
    BrokerAway(Arc<str>),
    /// It answers again.
    BrokerBack,
    /// No queue took the job.
    Returned(JobId),
    /// A burst was published on command.
    Burst(u32),
    /// The run began again.
    Reset,
}

/// Why a worker did not get the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PassedOver {
    /// The broker found no room: exact.
    NoRoom(NoRoom),
    /// It is not consuming.
    Gone,
    /// It seems full, as far as clients can tell.
    SeemsFull(u16),
}

/// Why jobs went back or were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LossCause {
    /// The worker was ended.
    Killed(KillKind),
    /// The worker was removed.
    Removed,
    /// Its connection was lost.
    ConnectionLost,
    /// The broker ended, and the queue was transient.
    BrokerTransientQueue,
    /// The broker ended, and the messages were transient.
    BrokerTransientMessage,
    /// The broker ended before it had them.
    BrokerNeverHad,
    /// The broker ended: unacked ones go back.
    BrokerEnded,
    /// A consumer that is not of this lab took them.
    TakenByOthers,
}

/// A changed setting; its text says when it takes effect.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Workers re-subscribed.
    Prefetch(Prefetch),
    /// Workers re-subscribed.
    Ack(AckMode),
    /// The other queue is in use now.
    Queue(QueueKind),
    /// From the next job on.
    Messages(Delivery),
    /// The producer's channel was reopened.
    Confirms(Confirms),
    /// At once.
    Rate(Rate),
    /// From the next job on.
    Workload(Workload),
    /// Also for the job in hand.
    Speed(WorkerId, Speed),
    /// At once.
    Scale(TimeScale),
    /// At once.
    Producing(Producing),
    /// At once.
    Paused(bool),
}
