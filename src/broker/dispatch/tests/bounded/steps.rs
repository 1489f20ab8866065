//! The queues, and the requests of which random histories are made.

use super::super::super::{Like, Settlement};
use super::model::{Order, Overflow, Traits};
use proptest::prelude::*;

const PLAIN: Traits = Traits {
    name: "",
    quorum: false,
    ttl: None,
    max_length: None,
    max_bytes: None,
    overflow: Overflow::DropHead,
    order: Order::Publish,
};

pub(super) fn queues(like: Like) -> [Traits; 6] {
    let quorum = Traits {
        quorum: true,
        order: match like {
            Like::V3_10 => Order::Publish,
            Like::V4_0 => Order::TwoClasses,
            Like::V4_3 => Order::Strict,
        },
        ..PLAIN
    };
    [
        Traits {
            name: "a-classic-short-lived-dropping",
            ttl: Some(60),
            max_length: Some(4),
            ..PLAIN
        },
        Traits {
            name: "b-classic-prior-rejecting",
            order: Order::Capped(3),
            max_length: Some(5),
            overflow: Overflow::Reject,
            ..PLAIN
        },
        Traits {
            name: "c-classic-bytes-to-dead",
            max_bytes: Some(12),
            overflow: Overflow::RejectToDead,
            ..PLAIN
        },
        Traits {
            name: "d-quorum-rejecting",
            max_length: Some(4),
            overflow: Overflow::RejectLate,
            ..quorum
        },
        Traits {
            name: "e-quorum-short-lived",
            ttl: Some(60),
            ..quorum
        },
        Traits {
            name: "f-quorum-bytes-dropping",
            max_bytes: Some(12),
            ..quorum
        },
    ]
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Publish {
        queue: usize,
        priority: Option<u8>,
        size: usize,
        ttl: Option<u64>,
    },
    Get {
        queue: usize,
        keeps: bool,
    },
    Settle {
        which: usize,
        how: Settlement,
    },
    Consume {
        queue: usize,
        prefetch: u16,
    },
    Cancel {
        queue: usize,
    },
    Purge {
        queue: usize,
    },
    Advance {
        by: u64,
    },
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let queue = || 0..6_usize;
    let priority = prop_oneof![Just(None), (0..8_u8).prop_map(Some), Just(Some(200))];
    let ttl = prop_oneof![3 => Just(None), 1 => Just(Some(0)), 3 => (1..90_u64).prop_map(Some)];
    let how = prop_oneof![2 => Just(Settlement::Ack), 3 => Just(Settlement::Requeue), 1 => Just(Settlement::Drop)];
    prop_oneof![
        12 => (queue(), priority, 1..6_usize, ttl)
            .prop_map(|(queue, priority, size, ttl)| Step::Publish { queue, priority, size, ttl }),
        3 => (queue(), any::<bool>()).prop_map(|(queue, keeps)| Step::Get { queue, keeps }),
        5 => (any::<usize>(), how).prop_map(|(which, how)| Step::Settle { which, how }),
        2 => (queue(), 1..3_u16).prop_map(|(queue, prefetch)| Step::Consume { queue, prefetch }),
        2 => queue().prop_map(|queue| Step::Cancel { queue }),
        1 => queue().prop_map(|queue| Step::Purge { queue }),
        4 => (1..50_u64).prop_map(|by| Step::Advance { by }),
    ]
}
