//! What differs from one version of RabbitMQ to another, a row at a time (rows B and D of the measured answers).

use super::super::{
    AckMode, ChannelId, ConnectionId, DeliveryTag, Dispatch, Extent, Image, IntKind, LastStop, Like, QueueSpec,
    Settlement, UnixMillis, Value,
};
use super::job;
use super::script::{Stage, play_on};
use std::sync::Arc;

pub(super) const ALL: [Like; 3] = [Like::V3_10, Like::V4_0, Like::V4_3];

pub(super) fn broker(like: Like) -> Dispatch {
    Dispatch::restore(
        &Image::default(),
        LastStop::Orderly,
        UnixMillis(0),
        like,
        &mut Vec::new(),
    )
}

/// A row: its name, and a script for each version.
type Row = (&'static str, [&'static str; 3]);

const QUORUM: &[Row] = &[
    (
        "a single consumer gives back: reject, nack, reject",
        [
            "
            pub 0-5
            consume c0 prefetch=1 => c0:0
            reject c0:0 => c0:1
            nack c0:1 => c0:2
            ack c0:2 => c0:3
            ack c0:3 => c0:4
            ack c0:4 => c0:5
            ack c0:5 => c0:0R1
            ack c0:0 => c0:1R1",
            "
            pub 0-5
            consume c0 prefetch=1 => c0:0
            reject c0:0 => c0:0R1
            nack c0:0 => c0:0R2
            reject c0:0 => c0:0R3",
            "
            pub 0-5
            consume c0 prefetch=1 => c0:0
            reject c0:0 => c0:0R1a1
            nack c0:0 => c0:0R1a2
            reject c0:0 => c0:0R2a3",
        ],
    ),
    (
        "several at once",
        [
            "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            nack c0:2 multiple => c0:4 c0:5 c0:0R1",
            "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            nack c0:2 multiple => c0:0R1 c0:1R1 c0:2R1",
            "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            nack c0:2 multiple => c0:0Ra1 c0:1Ra1 c0:2Ra1",
        ],
    ),
    (
        "a channel's end puts back in front in every version",
        [
            "
            pub 0-2
            consume c0 prefetch=2 => c0:0 c0:1
            die c0
            consume c1 => c1:0R1 c1:1R1 c1:2",
            "
            pub 0-2
            consume c0 prefetch=2 => c0:0 c0:1
            die c0
            consume c1 => c1:0R1 c1:1R1 c1:2",
            "
            pub 0-2
            consume c0 prefetch=2 => c0:0 c0:1
            die c0
            consume c1 => c1:0R1a1 c1:1R1a1 c1:2",
        ],
    ),
    (
        "what is fetched tells 0 in 3.10",
        [
            "
            pub 0
            get g => 00 left=0
            nack g:0
            get g => 0R1 left=0",
            "
            pub 0
            get g => 0 left=0
            nack g:0
            get g => 0R1 left=0",
            "
            pub 0
            get g => 0 left=0
            nack g:0
            get g => 0Ra1 left=0",
        ],
    ),
    (
        "shared prefetch",
        [
            "
            pub 0-5
            qos-global c0 2
            consume c0 => no-global-qos",
            "
            pub 0-5
            qos-global c0 2
            consume c0 => no-global-qos",
            "
            pub 0-5
            qos-global c0 2
            consume c0 => c0:0 c0:1
            consume c1@c0 => c1:2 c1:3
            qos-global c0 5",
        ],
    ),
];

const LIMITED: &[Row] = &[(
    "two returns",
    [
        "
            pub 0-1
            consume c0 prefetch=1 => c0:0
            nack c0:0 => c0:0R1
            reject c0:0 => c0:0R2
            nack c0:0 => c0:1",
        "
            pub 0-1
            consume c0 prefetch=1 => c0:0
            nack c0:0 => c0:0R1
            reject c0:0 => c0:0R2
            nack c0:0 => c0:1",
        "
            pub 0-1
            consume c0 prefetch=1 => c0:0
            nack c0:0 => c0:0Ra1
            reject c0:0 => c0:0R1a2
            nack c0:0 => c0:0R1a3
            reject c0:0 => c0:0R2a4
            nack c0:0 => c0:0R2a5
            reject c0:0 => c0:1",
    ],
)];

const CLASSIC: &[Row] = &[
    (
        "shared prefetch",
        [
            "
            pub 0-5
            qos-global c0 2
            consume c0 => c0:0 c0:1
            consume c1@c0
            qos-global c0 3 => c0:2
            qos c0 0 => c1:3 c0:4 c1:5",
            "
            pub 0-5
            qos-global c0 2
            consume c0 => c0:0 c0:1
            consume c1@c0
            qos-global c0 3 => c0:2
            qos c0 0 => c1:3 c0:4 c1:5",
            "
            pub 0-5
            qos-global c0 2
            consume c0 => c0:0 c0:1
            consume c1@c0 => c1:2 c1:3
            qos-global c0 3
            qos c0 0",
        ],
    ),
    (
        "what comes back takes its old place in every version",
        [
            "
            pub 0-3
            consume c0 prefetch=1 => c0:0
            reject c0:0 => c0:0R",
            "
            pub 0-3
            consume c0 prefetch=1 => c0:0
            reject c0:0 => c0:0R",
            "
            pub 0-3
            consume c0 prefetch=1 => c0:0
            reject c0:0 => c0:0R",
        ],
    ),
];

#[test]
fn each_version_deals_as_it_was_measured() {
    let limit = Value::Int(IntKind::SignedInt, 2);
    for (column, like) in ALL.into_iter().enumerate() {
        for (name, scripts) in QUORUM {
            play_on(
                Stage::quorum().like(like),
                &format!("{name} ({like:?})"),
                scripts[column],
            );
        }
        for (name, scripts) in LIMITED {
            let stage = Stage::quorum().like(like).with("x-delivery-limit", limit.clone());
            play_on(stage, &format!("{name} ({like:?})"), scripts[column]);
        }
        for (name, scripts) in CLASSIC {
            play_on(
                Stage::default().like(like),
                &format!("{name} ({like:?})"),
                scripts[column],
            );
        }
    }
}

pub(super) fn spec(args: &[(&str, Value)]) -> QueueSpec {
    QueueSpec {
        name: "q".to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: args
            .iter()
            .map(|(arg, value)| ((*arg).to_owned(), value.clone()))
            .collect(),
    }
}

#[test]
fn default_limit_is_none_then_20_then_20_failures() {
    for (like, by_nack, by_reject) in [(Like::V3_10, 40, 40), (Like::V4_0, 21, 21), (Like::V4_3, 40, 21)] {
        for (settlement, expected) in [(Settlement::Requeue, by_nack), (Settlement::RejectRequeue, by_reject)] {
            assert_eq!(deliveries(like, settlement), expected, "{like:?} {settlement:?}");
        }
    }
}

/// How often a message comes, at most 40 times, when it is given back each time.
fn deliveries(like: Like, settlement: Settlement) -> usize {
    let mut dispatch = broker(like);
    let mut out = Vec::new();
    let quorum = [("x-queue-type", Value::text("quorum"))];
    let declared = dispatch.declare_queue(ConnectionId(1), spec(&quorum), &mut out);
    declared.expect("a new queue");
    let published = dispatch.publish(Arc::new(job(0, "q")), &mut out);
    published.expect("the default exchange is there");
    let channel = ChannelId {
        connection: ConnectionId(1),
        number: 1,
    };
    dispatch.open_channel(channel);
    let ack = AckMode::Manual;
    (0..40)
        .take_while(|_| {
            let got = dispatch.get(channel, "q", ack, &mut out).expect("it is there");
            got.is_some_and(|got| {
                let tag: DeliveryTag = got.delivery.tag;
                let settled = dispatch.settle(channel, tag, Extent::One, settlement, &mut out);
                settled.is_ok()
            })
        })
        .count()
}
