//! The requests of which random histories are made.

use super::super::super::{AckMode, Extent, QosScope, Settlement};
use proptest::prelude::*;

/// A request; what it names is taken modulo what there is.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Publish {
        queue: usize,
        count: u32,
        persistent: bool,
    },
    Consume {
        channel: usize,
        queue: usize,
        ack: AckMode,
        priority: i64,
    },
    Cancel {
        which: usize,
    },
    Settle {
        channel: usize,
        which: usize,
        extent: Extent,
        how: Settlement,
    },
    SettleAll {
        channel: usize,
        how: Settlement,
    },
    Get {
        channel: usize,
        queue: usize,
        ack: AckMode,
    },
    Qos {
        channel: usize,
        prefetch: u16,
        scope: QosScope,
    },
    Recover {
        channel: usize,
    },
    /// What automatic acks owe is settled.
    Turn,
    CloseChannel {
        channel: usize,
    },
    CloseConnection {
        connection: usize,
    },
    Purge {
        queue: usize,
    },
    Sent {
        channel: usize,
        queue: usize,
        count: u32,
    },
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let channel = 0..4_usize;
    let queue = 0..3_usize;
    let ack = prop_oneof![3 => Just(AckMode::Manual), 1 => Just(AckMode::Automatic)];
    let extent = prop_oneof![2 => Just(Extent::One), 1 => Just(Extent::UpTo)];
    let how = prop_oneof![3 => Just(Settlement::Ack), 2 => Just(Settlement::Requeue), 1 => Just(Settlement::Drop)];
    let scope = prop_oneof![Just(QosScope::Consumer), Just(QosScope::Channel)];
    let count = prop_oneof![8 => 1..4_u32, 1 => 50..150_u32];
    let priority = prop_oneof![4 => Just(0_i64), 1 => -1..2_i64];
    prop_oneof![
        8 => (queue.clone(), count, any::<bool>())
            .prop_map(|(queue, count, persistent)| Step::Publish { queue, count, persistent }),
        4 => (channel.clone(), queue.clone(), ack.clone(), priority)
            .prop_map(|(channel, queue, ack, priority)| Step::Consume { channel, queue, ack, priority }),
        1 => any::<usize>().prop_map(|which| Step::Cancel { which }),
        10 => (channel.clone(), any::<usize>(), extent, how.clone())
            .prop_map(|(channel, which, extent, how)| Step::Settle { channel, which, extent, how }),
        2 => (channel.clone(), how).prop_map(|(channel, how)| Step::SettleAll { channel, how }),
        1 => (channel.clone(), queue.clone(), ack).prop_map(|(channel, queue, ack)| Step::Get { channel, queue, ack }),
        4 => (channel.clone(), 0..4_u16, scope)
            .prop_map(|(channel, prefetch, scope)| Step::Qos { channel, prefetch, scope }),
        1 => channel.clone().prop_map(|channel| Step::Recover { channel }),
        2 => Just(Step::Turn),
        1 => channel.clone().prop_map(|channel| Step::CloseChannel { channel }),
        1 => (0..2_usize).prop_map(|connection| Step::CloseConnection { connection }),
        1 => queue.clone().prop_map(|queue| Step::Purge { queue }),
        1 => (channel, queue, 1..120_u32)
            .prop_map(|(channel, queue, count)| Step::Sent { channel, queue, count }),
    ]
}
