//! The rules that differ from one version of RabbitMQ to another: one small table.
//!
//! All else in dispatch and protocol is the same in 3.10, 4.0 and 4.3. Where a rule is named here, the code that
//! follows it asks the table; nothing else asks for the version.

use super::levels::Order;
use super::overflow::Weight;

/// The RabbitMQ that the broker behaves as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Like {
    /// 3.10 (measured: 3.10.8)
    V3_10,
    /// 4.0 (measured: 4.0.5)
    #[default]
    V4_0,
    /// 4.3 (measured: 4.3.6)
    V4_3,
}

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// How often a message may come back to a quorum queue that has no limit of its own.
    pub(super) delivery_limit: Option<u32>,
    /// How a quorum queue orders messages of different priority.
    pub(super) quorum_order: Order,
    /// What of a message counts for a quorum queue's `x-max-length-bytes`.
    pub(super) quorum_weight: Weight,
}

impl Rules {
    /// The table.
    pub(super) fn of(like: Like) -> Self {
        match like {
            Like::V3_10 => Self {
                delivery_limit: None,
                quorum_order: Order::Publish,
                quorum_weight: Weight::Body,
            },
            Like::V4_0 => Self {
                delivery_limit: Some(20),
                quorum_order: Order::TwoClasses,
                quorum_weight: Weight::Body,
            },
            Like::V4_3 => Self {
                delivery_limit: Some(20),
                quorum_order: Order::Strict,
                quorum_weight: Weight::BodyAndProperties,
            },
        }
    }
}
