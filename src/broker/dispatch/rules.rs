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
    /// `basic.qos` with `global=true`.
    pub(super) shared_prefetch: SharedPrefetch,
    /// How often a message may come back to a quorum queue that has no limit of its own.
    pub(super) delivery_limit: Option<u32>,
    /// How a quorum queue orders messages of different priority.
    pub(super) quorum_order: Order,
    /// What of a message counts for a quorum queue's `x-max-length-bytes`.
    pub(super) quorum_weight: Weight,
    /// What a delivery limit counts.
    pub(super) limit_counts: LimitCounts,
    /// Where messages go that came back to a quorum queue.
    pub(super) returned: Returned,
    /// What a quorum queue's consumers are told about earlier deliveries.
    pub(super) delivery_headers: DeliveryHeaders,
    /// Who is the single active consumer of a quorum queue.
    pub(super) takeover: Takeover,
    /// How a quorum queue names itself when it refuses `basic.get` for its single active consumer.
    pub(super) quorum_name: &'static str,
    /// Where a dead letter's history is kept.
    pub(super) deaths: Deaths,
    /// Which dead letters are flagged redelivered.
    pub(super) dead_letter_flag: DeadLetterFlag,
    /// How deliveries that are not acked in time are found, and what becomes of them.
    pub(super) ack_timeout: AckTimeoutRule,
    /// Whether `x-queue-mode` must be a known one.
    pub(super) queue_mode: QueueMode,
    /// How a redeclaration shows a queue type that is not given.
    pub(super) default_type: DefaultType,
    /// Whether exchanges that are not durable survive an orderly stop and a crash.
    pub(super) transient_exchanges: TransientExchanges,
}

/// See [`Rules::shared_prefetch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SharedPrefetch {
    /// One limit for all consumers of the channel; quorum queues refuse.
    ForChannel,
    /// Taken for `global=false`.
    ForEachConsumer,
}

/// See [`Rules::limit_counts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitCounts {
    /// Every return.
    Returns,
    /// Only failures: `basic.reject` and the end of the channel, not `basic.nack` and `basic.recover`.
    Failures,
}

/// See [`Rules::returned`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Returned {
    /// Behind all ready messages when a client gave them back; before these when its channel ended.
    Last,
    /// Before all that have not come back, in the order in which they did.
    First,
}

/// See [`Rules::delivery_headers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryHeaders {
    /// `x-delivery-count` counts all returns; `basic.get` shows even 0.
    CountAlsoZero,
    /// `x-delivery-count` counts all returns.
    Count,
    /// `x-acquired-count` counts all returns, `x-delivery-count` failures.
    CountAndAcquired,
}

/// See [`Rules::takeover`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takeover {
    /// Whoever came first, for as long as it stays.
    Never,
    /// The highest priority, once the one before has settled all it holds.
    ByPriority,
}

/// See [`Rules::deaths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deaths {
    /// In the message's headers: what a client publishes there counts, and the last death is not named.
    InHeaders,
    /// With the broker, which names the first and the last.
    Kept,
}

/// See [`Rules::dead_letter_flag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeadLetterFlag {
    /// None.
    Never,
    /// Those that failed at a quorum queue and go to a quorum queue.
    QuorumToQuorum,
    /// All that failed: rejected, or lost with a consumer.
    Failed,
}

/// See [`Rules::ack_timeout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AckTimeoutRule {
    /// The channel's oldest delivery is looked at now and then; the channel is closed. One timeout for all.
    Channel,
    /// The same, but the queue argument `x-consumer-timeout` goes first.
    ChannelByQueue,
    /// Quorum queues alone: the message goes back at once and its consumer gets no more. A consumer may have a
    /// timeout of its own.
    Consumer,
}

/// See [`Rules::queue_mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueueMode {
    /// `default` or `lazy`.
    Checked,
    /// Any value; a redeclaration must give the same all the same.
    Ignored,
}

/// See [`Rules::default_type`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DefaultType {
    /// As no argument.
    Absent,
    /// As `classic`.
    Classic,
}

/// See [`Rules::transient_exchanges`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransientExchanges {
    /// They are gone.
    Lost,
    /// They are there.
    Kept,
}

impl Rules {
    /// The table.
    pub(super) fn of(like: Like) -> &'static Self {
        match like {
            Like::V3_10 => &V3_10,
            Like::V4_0 => &V4_0,
            Like::V4_3 => &V4_3,
        }
    }
}

const V3_10: Rules = Rules {
    shared_prefetch: SharedPrefetch::ForChannel,
    delivery_limit: None,
    quorum_order: Order::Publish,
    quorum_weight: Weight::Body,
    limit_counts: LimitCounts::Returns,
    returned: Returned::Last,
    delivery_headers: DeliveryHeaders::CountAlsoZero,
    takeover: Takeover::Never,
    quorum_name: "quorum",
    deaths: Deaths::InHeaders,
    dead_letter_flag: DeadLetterFlag::Never,
    ack_timeout: AckTimeoutRule::Channel,
    queue_mode: QueueMode::Checked,
    default_type: DefaultType::Absent,
    transient_exchanges: TransientExchanges::Lost,
};

const V4_0: Rules = Rules {
    shared_prefetch: SharedPrefetch::ForChannel,
    delivery_limit: Some(20),
    quorum_order: Order::TwoClasses,
    quorum_weight: Weight::Body,
    limit_counts: LimitCounts::Returns,
    returned: Returned::First,
    delivery_headers: DeliveryHeaders::Count,
    takeover: Takeover::ByPriority,
    quorum_name: "quorum",
    deaths: Deaths::Kept,
    dead_letter_flag: DeadLetterFlag::QuorumToQuorum,
    ack_timeout: AckTimeoutRule::ChannelByQueue,
    queue_mode: QueueMode::Checked,
    default_type: DefaultType::Classic,
    transient_exchanges: TransientExchanges::Lost,
};

const V4_3: Rules = Rules {
    shared_prefetch: SharedPrefetch::ForEachConsumer,
    delivery_limit: Some(20),
    quorum_order: Order::Strict,
    quorum_weight: Weight::BodyAndProperties,
    limit_counts: LimitCounts::Failures,
    returned: Returned::First,
    delivery_headers: DeliveryHeaders::CountAndAcquired,
    takeover: Takeover::ByPriority,
    quorum_name: "<<\"quorum\">>",
    deaths: Deaths::Kept,
    dead_letter_flag: DeadLetterFlag::Failed,
    ack_timeout: AckTimeoutRule::Consumer,
    queue_mode: QueueMode::Ignored,
    default_type: DefaultType::Classic,
    transient_exchanges: TransientExchanges::Kept,
};
