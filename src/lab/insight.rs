//! What is going on, and why: a closed set of insights into a run.
//!
//! Each has a condition, which the ledger judges (`ledger/insights`), a sentence about this very case (`words`), and a
//! lesson: what many believe, the rule, and where it is written. Not enough data is a verdict too, and so is that nothing
//! is wrong.

#[cfg(test)]
mod examples;
mod lesson;
mod remedy;

#[cfg(test)]
pub(crate) use examples::examples;
pub use lesson::Lesson;
pub use remedy::Remedy;

use super::ids::{JobId, LabTime, WorkerId};
use super::settings::Prefetch;

/// One thing that is true of the run now. The figures are those of the moment at which it was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insight {
    /// Jobs were lost with a worker: they were auto-acked.
    LostWithWorker {
        /// The last one that took some with it.
        worker: WorkerId,
        /// How many it took.
        jobs: u32,
    },
    /// The broker holds this many more (or fewer) than clients saw, for over two seconds of real time.
    BooksDiffer(i64),
    /// The broker ended while so many jobs were unconfirmed.
    Unconfirmed(u32),
    /// Jobs are ready, and there is no consumer.
    NobodyConsumes(u32),
    /// A worker froze and keeps its unacked jobs.
    Frozen {
        /// Who.
        worker: WorkerId,
        /// How many it holds.
        unacked: u32,
    },
    /// A worker's network swallows everything: its jobs are unacked until heartbeats have run out.
    HalfOpen {
        /// Who.
        worker: WorkerId,
        /// How many it holds.
        unacked: u32,
        /// The heartbeat in seconds.
        heartbeat: u16,
    },
    /// A worker finishes jobs and does not ack them.
    ForgottenAck {
        /// Who.
        worker: WorkerId,
        /// How many it finished and never acked on this channel.
        jobs: u32,
    },
    /// The same job comes back again and again.
    RequeueLoop {
        /// Which.
        job: JobId,
        /// How often it was redelivered, each time within half a minute of the time before.
        times: u32,
        /// Who got it last.
        worker: WorkerId,
    },
    /// A worker acked a delivery tag that the channel does not know (any more), which closed it.
    DoubleAck(WorkerId),
    /// A worker's end gave back many jobs at once.
    RedeliveryStorm {
        /// Who.
        worker: WorkerId,
        /// How many.
        jobs: u32,
    },
    /// A worker cancelled its consumer and keeps what it had.
    CancelledHolds {
        /// Who.
        worker: WorkerId,
        /// How many it holds.
        unacked: u32,
    },
    /// All that there is has been handed out, and is not acked.
    AllUnacked {
        /// How many jobs.
        jobs: u32,
        /// How many workers hold them.
        workers: u32,
    },
    /// Auto-ack is on: prefetch has no effect.
    PrefetchWithoutAcks(Prefetch),
    /// Prefetch changed: a worker still holds more than the new limit from before.
    OverLimit {
        /// The one that is furthest above it.
        worker: WorkerId,
        /// How many it holds.
        unacked: u32,
        /// The limit.
        limit: Prefetch,
    },
    /// `basic.qos` alone was sent: a consumer from before has the limit that it had.
    QosForNewOnly {
        /// One of them.
        worker: WorkerId,
        /// Its limit.
        has: Prefetch,
        /// That of consumers that start now.
        limit: Prefetch,
        /// How many consumers are from before.
        workers: u32,
    },
    /// Jobs wait in the queues of workers that do not consume; nobody else can get them.
    WaitsForOne {
        /// Whose queue is the longest of these.
        worker: WorkerId,
        /// How many jobs wait in it.
        jobs: u32,
    },
    /// Jobs wait in the other queue, from which nobody consumes now.
    JobsElsewhere(u32),
    /// A worker has been idle for long while jobs wait in the trays of others.
    Starving {
        /// Who.
        worker: WorkerId,
        /// For how many seconds of lab time.
        seconds: u32,
        /// How many jobs wait in other trays.
        trays: u32,
    },
    /// A worker's tray holds jobs while another is idle.
    Hoarding {
        /// Who has too much.
        worker: WorkerId,
        /// How many in its tray.
        tray: u32,
        /// Who is idle.
        idle: WorkerId,
    },
    /// More work comes in than the workers can do.
    Overload {
        /// Work that comes in, in hundredths of a second of work a second.
        work: u32,
        /// What the workers can do, in the same unit.
        speed: u32,
    },
    /// Equal counts, unequal work.
    CountsNotLoad {
        /// How many jobs each got, about.
        jobs: u32,
        /// Who got the most work.
        most: WorkerId,
        /// How many seconds of its own time that takes.
        most_s: u32,
        /// Who got the least.
        least: WorkerId,
        /// How many seconds of its own time that takes.
        least_s: u32,
    },
    /// A tray waits behind one heavy job.
    HeadOfLine {
        /// Whose.
        worker: WorkerId,
        /// How many wait.
        tray: u32,
        /// For how many seconds of lab time more.
        seconds: u32,
        /// The job in hand.
        job: JobId,
        /// Its dots.
        dots: u32,
    },
    /// With prefetch 1 each job pays for a round trip.
    RoundTrips {
        /// The worker that loses most by it.
        worker: WorkerId,
        /// The round trip in milliseconds of real time.
        millis: u32,
        /// Per cent of its time that goes by so.
        percent: u32,
    },
    /// The queue is durable, the messages are not.
    DurableQueueTransientMessages,
    /// The messages are persistent, the queue is not.
    PersistentMessagesTransientQueue,
    /// Persistent without confirms: the producer does not know which are safe.
    PersistentWithoutConfirms,
    /// No queue took so many jobs.
    Unroutable(u32),
    /// A job was finished again.
    DoneTwice {
        /// The last one.
        job: JobId,
        /// By whom.
        worker: WorkerId,
        /// How many jobs were done more than once so far.
        jobs: u32,
    },
    /// A worker refused jobs for good.
    DeadLettered {
        /// The last one that did.
        worker: WorkerId,
        /// How many it refused.
        jobs: u32,
    },
    /// The broker dead-lettered jobs that came back too often.
    DeliveryLimit {
        /// The last one.
        job: JobId,
        /// How many so far.
        jobs: u32,
    },
    /// Jobs that went back stand before newer ones.
    OldPlace {
        /// The first of them.
        job: JobId,
        /// How many.
        jobs: u32,
    },
    /// Deliveries were flagged as redelivered, and most of those jobs had not been done.
    FlaggedUndone {
        /// How many deliveries.
        redelivered: u32,
        /// How many jobs were done more than once.
        twice: u32,
    },
    /// Jobs are finished in another order than they were published in.
    OutOfOrder {
        /// How many were finished after a later one.
        late: u32,
        /// Of how many.
        of: u32,
    },
    /// This broker is one that does not deal in turns.
    NotRoundRobin,
    /// This broker is no RabbitMQ.
    NotRabbitMq,
    /// That many dispatch decisions went untold: more happened than the log can take.
    DecisionsLost(u64),
    /// That many messages came that are none of this lab's: someone else publishes to its queue.
    ForeignMessages(u64),
    /// Nothing is ready, and nobody has anything to do.
    AllIdle(u32),
    /// Shares of the work follow the speeds.
    Fair {
        /// The worker that is furthest from its share.
        worker: WorkerId,
        /// Per cent of all work that it did.
        share: u32,
        /// Per cent of all speed that it has.
        speed: u32,
    },
    /// Enough was seen since the last change of crew or settings, and nothing of the above.
    NothingWrong {
        /// Jobs done since.
        done: u32,
        /// Seconds of lab time since.
        seconds: u32,
    },
    /// Too early to say.
    NotEnoughData {
        /// Jobs done since the last change.
        done: u32,
        /// Seconds of lab time since.
        seconds: u32,
    },
}

/// How much an insight matters, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Jobs are lost, or may be.
    Loss,
    /// Something stands still or goes round in circles.
    Stuck,
    /// A setting does not do what one may think.
    NoEffect,
    /// Time is wasted.
    Waste,
    /// Something would be lost if the broker ended.
    Risk,
    /// Worth knowing.
    Fact,
    /// How it looks on the whole.
    Verdict,
}

/// An insight that holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Present {
    /// What.
    pub insight: Insight,
    /// Since when.
    pub since: LabTime,
    /// When it was last seen to hold; a while ago if it comes and goes.
    pub seen: LabTime,
}

/// An insight that held earlier in this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What, as it was the last time.
    pub insight: Insight,
    /// Since when, the last time.
    pub since: LabTime,
    /// Until when, the last time.
    pub until: LabTime,
    /// How often it came.
    pub times: u32,
}

impl Insight {
    /// How much it matters.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::LostWithWorker { .. } | Self::BooksDiffer(_) | Self::Unconfirmed(_) => Severity::Loss,
            Self::NobodyConsumes(_)
            | Self::Frozen { .. }
            | Self::HalfOpen { .. }
            | Self::ForgottenAck { .. }
            | Self::RequeueLoop { .. }
            | Self::DoubleAck(_)
            | Self::WaitsForOne { .. }
            | Self::CancelledHolds { .. } => Severity::Stuck,
            Self::PrefetchWithoutAcks(_)
            | Self::OverLimit { .. }
            | Self::QosForNewOnly { .. }
            | Self::JobsElsewhere(_) => Severity::NoEffect,
            Self::RedeliveryStorm { .. }
            | Self::Starving { .. }
            | Self::Hoarding { .. }
            | Self::AllUnacked { .. }
            | Self::Overload { .. }
            | Self::CountsNotLoad { .. }
            | Self::HeadOfLine { .. }
            | Self::RoundTrips { .. } => Severity::Waste,
            Self::DurableQueueTransientMessages
            | Self::PersistentMessagesTransientQueue
            | Self::PersistentWithoutConfirms
            | Self::Unroutable(_) => Severity::Risk,
            Self::DoneTwice { .. }
            | Self::DeadLettered { .. }
            | Self::DeliveryLimit { .. }
            | Self::OldPlace { .. }
            | Self::FlaggedUndone { .. }
            | Self::OutOfOrder { .. }
            | Self::NotRoundRobin
            | Self::NotRabbitMq
            | Self::DecisionsLost(_)
            | Self::ForeignMessages(_) => Severity::Fact,
            Self::AllIdle(_) | Self::Fair { .. } | Self::NothingWrong { .. } | Self::NotEnoughData { .. } => {
                Severity::Verdict
            }
        }
    }

    /// The worker it is about.
    pub const fn worker(&self) -> Option<WorkerId> {
        match self {
            Self::LostWithWorker { worker, .. }
            | Self::Frozen { worker, .. }
            | Self::HalfOpen { worker, .. }
            | Self::ForgottenAck { worker, .. }
            | Self::RequeueLoop { worker, .. }
            | Self::DoubleAck(worker)
            | Self::RedeliveryStorm { worker, .. }
            | Self::CancelledHolds { worker, .. }
            | Self::OverLimit { worker, .. }
            | Self::QosForNewOnly { worker, .. }
            | Self::WaitsForOne { worker, .. }
            | Self::Starving { worker, .. }
            | Self::Hoarding { worker, .. }
            | Self::CountsNotLoad { most: worker, .. }
            | Self::HeadOfLine { worker, .. }
            | Self::RoundTrips { worker, .. }
            | Self::DoneTwice { worker, .. }
            | Self::DeadLettered { worker, .. }
            | Self::Fair { worker, .. } => Some(*worker),
            _ => None,
        }
    }

    /// Whether two are the same insight into perhaps different cases.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}
