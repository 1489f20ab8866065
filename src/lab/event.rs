//! What happened: the only truth. The ledger is a fold over events; recordings are lists of them.

use super::command::{BrokerCommand, KillKind, Producing};
use super::ids::{Elapsed, JobId, LabTime, WorkerId};
use super::matrix::Knowledge;
use super::place::Place;
use super::script::Over;
use super::settings::{
    AckMode, Confirms, Delivery, Habit, LineQuality, Prefetch, QueueKind, Rate, Speed, TimeScale, Version, Workload,
};
use super::snapshot::Pace;
use super::wire::{BrokerSays, Delivered, NoRoom, RefusedSetting, Subscription};
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
    /// The crew is complete: the lab clock runs.
    Started,
    /// The producer can publish.
    ProducerUp,
    /// It can't: one sentence.
    ProducerDown(Arc<str>),
    /// A job was sent to the broker.
    Published(Published),
    /// The broker confirmed it.
    Confirmed(JobId),
    /// The broker refused it (`basic.nack`), or it never left because the line broke.
    Nacked(JobId),
    /// No queue took it (`basic.return`).
    Returned(JobId),
    /// That many jobs are published at once, on command.
    Burst(u32),
    /// That many jobs of each kind are published, on command.
    Sample(u32),
    /// The broker handed a job out, and says whom it passed over.
    Dispatched {
        /// The job.
        job: JobId,
        /// Who got it; `None`: a consumer that is not of this lab.
        to: Option<WorkerId>,
        /// Whether it counts as gone at once.
        ack: AckMode,
        /// Who was tried first and had no room.
        passed_over: Arc<[(WorkerId, NoRoom)]>,
    },
    /// A job reached a worker's tray.
    Delivered(WorkerId, Delivered),
    /// It moved from the tray into the hand.
    Begun(WorkerId, JobId),
    /// The work on it is done.
    Finished(WorkerId, JobId),
    /// The worker acked it.
    Acked(WorkerId, JobId),
    /// The work is done, and the worker forgot to ack: the job stays unacked.
    Forgot(WorkerId, JobId),
    /// The worker refused it after the work; where it is to go back, `WentBack` follows, else `DeadLettered`.
    Rejected(WorkerId, JobId, Requeue),
    /// The broker took it out of its queue and into the dead-letter queue.
    DeadLettered(WorkerId, JobId),
    /// The broker put it there by itself, and nobody knew.
    Buried(JobId, Burial),
    /// What a worker held is in the queue again ([`Place`] says where).
    WentBack {
        /// All of them, in the order of their numbers.
        jobs: Arc<[JobId]>,
        /// Who held them.
        from: WorkerId,
        /// Why.
        why: Cause,
    },
    /// Nobody will ever do these jobs.
    Lost {
        /// All of them, in the order of their numbers.
        jobs: Arc<[JobId]>,
        /// Who held them; `None`: nobody, they were in a queue.
        from: Option<WorkerId>,
        /// Why.
        why: Cause,
    },
    /// A restarted broker still holds jobs that were thought to be done or lost (an ack did not reach its disk).
    StillThere(Arc<[JobId]>),
    /// A worker was added.
    Added(WorkerId, Speed),
    /// A worker was removed.
    Removed(WorkerId),
    /// A worker opens its channel, or asks for its first subscription on it.
    Starting(WorkerId),
    /// It consumes, as subscribed.
    Subscribed(WorkerId, Subscription),
    /// It was brought back from a kill.
    Revived(WorkerId),
    /// It will crash after its next finished job, before the ack.
    Doomed(WorkerId),
    /// It was ended.
    Killed(WorkerId, KillKind),
    /// Silenced by the network, it missed the broker's heartbeats: its program knows now, and stops.
    GaveUp(WorkerId),
    /// Its line broke by itself; nobody killed it.
    Broke(WorkerId, Breakage),
    /// The broker is away, so it waits.
    Waiting(WorkerId),
    /// A setting changed.
    Changed(Change),
    /// A wish could not be met: one sentence.
    Declined(Arc<str>),
    /// The broker refused this setting; the one before holds again.
    Refused(RefusedSetting, Arc<str>),
    /// While paused, the lab clock jumped to this time.
    Stepped(LabTime),
    /// The lab could not keep up, or stood still with its process: its clock did not count that much real time.
    Slipped(Elapsed),
    /// The lab ends or starts its broker.
    BrokerAsked(BrokerCommand),
    /// The broker is gone: one sentence.
    BrokerDown(Arc<str>),
    /// It was to be started and could not be: one sentence.
    BrokerStartFailed(Arc<str>),
    /// It was to be ended and could not be: one sentence.
    BrokerEndFailed(Arc<str>),
    /// It answers; how well it is known what it still holds, by queue.
    BrokerUp([Knowledge; 2]),
    /// What it says of the queues; boxed, so that all other events stay small.
    BrokerSays(Box<BrokerSays>),
    /// That many dispatch decisions went untold.
    DecisionsLost(u64),
    /// A message that is none of ours came to a worker and was acked.
    Foreign(WorkerId),
    /// The run began again, with workers of these speeds and numbers from 1.
    Reset(Arc<[Speed]>),
    /// The script's cue of that number, from 0, has come: what it says is done now, and what follows at this very
    /// moment is its doing. Where the clock was held for it, this comes when it runs again.
    Cued(u16),
    /// The script is at its end.
    Over(Over),
    /// A client that is not of the lab consumes from its queue, for the first time or again.
    GuestCame(WorkerId, Arc<str>),
}

/// What is known of a job when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub job: JobId,
    /// Where to.
    pub queue: QueueKind,
    /// Its `delivery_mode`.
    pub delivery: Delivery,
    /// Whether a confirm is to come.
    pub confirms: Confirms,
}

/// Why the broker put a message into the dead-letter queue: `reason` of its `x-death` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Burial {
    /// `delivery_limit`: it came back too often.
    DeliveryLimit,
    /// `rejected`: a consumer refused it with `requeue=false`.
    Rejected,
    /// Another reason, or none that can be read.
    Other,
}

/// `requeue` of `basic.nack` and `basic.reject`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requeue {
    /// Back to its place in the queue.
    Yes,
    /// Out of the queue.
    No,
}

/// How a line broke by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Breakage {
    /// The connection was lost, or could not be opened: one sentence.
    Lost(Arc<str>),
    /// The broker closed it: its text.
    Refused(Arc<str>),
    /// The broker cancelled the consumer.
    Cancelled,
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
    /// Jobs went back to the queue.
    WentBack {
        /// The first few of them, in order.
        jobs: Arc<[JobId]>,
        /// How many.
        count: u32,
        /// Who held them.
        from: WorkerId,
        /// Why.
        why: Cause,
        /// Where they stand now.
        place: Place,
    },
    /// A restarted broker still holds jobs that were thought to be done or lost.
    StillThere {
        /// The first few of them, in order.
        jobs: Arc<[JobId]>,
        /// How many.
        count: u32,
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
        why: Cause,
    },
    /// A worker refused a job, and the broker put it into the dead-letter queue.
    DeadLettered {
        /// The job.
        job: JobId,
        /// Who refused it.
        by: WorkerId,
    },
    /// The broker put a job into the dead-letter queue by itself.
    Buried {
        /// The job.
        job: JobId,
        /// Why.
        why: Burial,
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
    /// A worker finished a job and acked it; the network swallowed the ack.
    AckedInVain(WorkerId, JobId),
    /// A silenced worker's own heartbeats ran out.
    GaveUp(WorkerId),
    /// A worker was told to crash after its next finished job, before the ack.
    Doomed(WorkerId),
    /// It consumes again.
    Revived(WorkerId),
    /// A worker was added.
    Added(WorkerId, Speed),
    /// A guest of that name consumes.
    GuestCame(WorkerId, Arc<str>),
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
    /// It could not be started: one sentence.
    BrokerStartFailed(Arc<str>),
    /// It could not be ended: one sentence.
    BrokerEndFailed(Arc<str>),
    /// It answers again.
    BrokerBack,
    /// No queue took the job.
    Returned(JobId),
    /// A burst was published on command.
    Burst(u32),
    /// That many jobs of each kind were published on command.
    Sample(u32),
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
pub enum Cause {
    /// The worker was ended.
    Killed(KillKind),
    /// The worker was removed.
    Removed,
    /// Its connection was lost.
    ConnectionLost,
    /// The worker gave it back: `basic.nack` with `requeue=true`.
    Requeued,
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
    Line(LineQuality),
    /// From the job in hand on.
    Habit(WorkerId, Habit),
    /// At once.
    Producing(Producing),
    /// At once.
    Pace(Pace),
    /// With the broker's next start.
    Version(Version),
    /// `basic.qos` on the channels as they are: only consumers that start after it have it.
    Qos(Prefetch),
}
