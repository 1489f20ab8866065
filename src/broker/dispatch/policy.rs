//! What the server says of a queue, beside what its declaration says.
//!
//! RabbitMQ calls it a policy: set by who runs the broker, matched by name, and no part of the queue's declaration; so a
//! client that declares the queue without arguments finds it equal. Where a queue's own arguments say the same thing,
//! they count (RabbitMQ's documentation, "Parameters and Policies"). Here a policy matches one name and sets where dead
//! letters go.

use super::Dispatch;
use super::ids::QueueId;
use super::queue::DeadLetter;
use std::sync::Arc;

/// Where the dead letters of a queue go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The queue's name.
    pub queue: String,
    /// `dead-letter-exchange`
    pub dead_letter_exchange: String,
    /// `dead-letter-routing-key`; `None`: the message's own.
    pub dead_letter_routing_key: Option<String>,
}

impl Dispatch {
    /// From now on these hold, for queues that are there and for those to come; none other does.
    pub fn set_policies(&mut self, policies: &[Policy]) {
        self.policies = policies.into();
        let all: Vec<QueueId> = self.names.values().copied().collect();
        for id in all {
            self.apply_policy(id);
        }
    }

    /// Of a queue whose own arguments name no exchange.
    pub(super) fn apply_policy(&mut self, id: QueueId) {
        let queue = &mut self.queues[id];
        if queue.names_dead_letter_exchange() {
            return;
        }
        let policy = self.policies.iter().find(|policy| *policy.queue == *queue.name);
        queue.dead_letter = policy.map(|policy| {
            Arc::new(DeadLetter {
                exchange: policy.dead_letter_exchange.as_str().into(),
                routing_key: policy.dead_letter_routing_key.as_deref().map(Arc::from),
            })
        });
    }
}
