//! The options that say what queues the lab has.
use crate::lab::{DeliveryLimit, QueueType, Sharing};
use clap::{Args, ValueEnum};

/// What queues there are, fixed for a run.
#[derive(Args, Clone, Debug)]
pub struct QueueArgs {
    /// What kind of queue the durable one is
    #[arg(long, value_enum, default_value_t = QueueTypeArg::Classic)]
    queue_type: QueueTypeArg,
    /// How often a message may come back to a quorum queue before it is dead-lettered; 0 is the broker's default
    #[arg(long, value_name = "N", default_value_t = 0)]
    delivery_limit: u16,
    /// Whether all workers consume from one queue, or each from its own, which gets a copy of every message (fanout)
    #[arg(long, value_enum, default_value_t = SharingArg::OneQueue)]
    sharing: SharingArg,
}

/// `--queue-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueueTypeArg {
    /// Kept by one node; what goes back goes to its old place
    Classic,
    /// Replicated; counts returns, and has a delivery limit
    Quorum,
}

/// `--sharing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SharingArg {
    /// Each message goes to one worker
    OneQueue,
    /// Each message goes to all workers
    QueueEach,
}

impl QueueArgs {
    /// The durable queue's.
    pub fn queue_type(&self) -> QueueType {
        match self.queue_type {
            QueueTypeArg::Classic => QueueType::Classic,
            QueueTypeArg::Quorum => QueueType::Quorum(DeliveryLimit(self.delivery_limit)),
        }
    }

    /// Who gets a copy.
    pub fn sharing(&self) -> Sharing {
        match self.sharing {
            SharingArg::OneQueue => Sharing::OneQueue,
            SharingArg::QueueEach => Sharing::QueueEach,
        }
    }

    /// What does not go together, in one sentence.
    pub fn contradiction(&self) -> Option<&'static str> {
        (self.queue_type == QueueTypeArg::Classic && self.delivery_limit > 0)
            .then_some("--delivery-limit is for quorum queues: add --queue-type quorum")
    }
}
