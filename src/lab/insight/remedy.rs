//! What to try next: an experiment that shows the rule, or ends the trouble.

use super::super::settings::{AckMode, Settings};
use super::Insight;

/// Something a person can do about an insight, or to see more of it. The screen knows the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// The worker acks after the work.
    ManualAck,
    /// From no limit to a limit of one.
    LimitPrefetch,
    /// A smaller limit.
    LowerPrefetch,
    /// A larger limit.
    RaisePrefetch,
    /// Mark messages as persistent.
    Persist,
    /// Use the durable queue.
    UseDurable,
    /// Ask for confirms.
    Confirm,
    /// Use the queue where the jobs are.
    SwitchQueue,
    /// End the worker.
    Kill,
    /// Bring the worker back.
    Revive,
    /// Let it ack again.
    MendHabit,
    /// Make the worker faster.
    Faster,
    /// One more worker.
    AddWorker,
    /// Fewer workers.
    RemoveWorker,
    /// Jobs all at once.
    Burst,
    /// Look at what survived.
    Table,
    /// Look at the job's whole way.
    Journeys,
    /// Let it run on.
    Wait,
}

impl Insight {
    /// What to try next under these settings.
    pub const fn remedy(&self, settings: &Settings) -> Remedy {
        match self {
            Self::LostWithWorker { .. } | Self::PrefetchWithoutAcks(_) => Remedy::ManualAck,
            Self::BooksDiffer(_)
            | Self::RequeueLoop { .. }
            | Self::DeadLettered { .. }
            | Self::DeliveryLimit { .. }
            | Self::OldPlace { .. }
            | Self::DoneTwice { .. }
            | Self::FlaggedUndone { .. }
            | Self::Unroutable(_) => Remedy::Journeys,
            Self::Unconfirmed(_) => Remedy::Table,
            Self::NobodyConsumes(_) | Self::WaitsForOne { .. } | Self::DoubleAck(_) => Remedy::Revive,
            Self::Frozen { .. }
            | Self::CancelledHolds { .. }
            | Self::QosForNewOnly { .. }
            | Self::NothingWrong { .. } => Remedy::Kill,
            Self::ForgottenAck { .. } => Remedy::MendHabit,
            Self::RedeliveryStorm { .. }
            | Self::Starving { .. }
            | Self::Hoarding { .. }
            | Self::AllUnacked { .. }
            | Self::CountsNotLoad { .. }
            | Self::HeadOfLine { .. } => fewer_in_trays(settings),
            Self::JobsElsewhere(_) => Remedy::SwitchQueue,
            Self::Overload { .. } => Remedy::AddWorker,
            Self::RoundTrips { .. } => Remedy::RaisePrefetch,
            Self::DurableQueueTransientMessages => Remedy::Persist,
            Self::PersistentMessagesTransientQueue => Remedy::UseDurable,
            Self::PersistentWithoutConfirms => Remedy::Confirm,
            Self::OutOfOrder { .. } => Remedy::RemoveWorker,
            Self::AllIdle(_) => Remedy::Burst,
            Self::Fair { .. } => Remedy::Faster,
            Self::OverLimit { .. }
            | Self::HalfOpen { .. }
            | Self::NotRoundRobin
            | Self::NotRabbitMq
            | Self::DecisionsLost(_)
            | Self::ForeignMessages(_)
            | Self::NotEnoughData { .. } => Remedy::Wait,
        }
    }
}

const fn fewer_in_trays(settings: &Settings) -> Remedy {
    match (settings.ack, settings.prefetch.0) {
        (AckMode::Automatic, _) => Remedy::ManualAck,
        (AckMode::Manual, 0) => Remedy::LimitPrefetch,
        (AckMode::Manual, 1) => Remedy::Wait,
        (AckMode::Manual, _) => Remedy::LowerPrefetch,
    }
}
