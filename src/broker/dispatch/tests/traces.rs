//! The decisions as an observer is told them.

use super::super::{
    AckMode, Blocked, ChannelId, ConnectionId, Consume, DeliveryTag, Dispatch, Effect, Extent, QosScope, QueueSpec,
    RequeueCause, Settlement, Table, Trace, Tracing,
};
use super::{job, number};
use std::sync::Arc;

const BY: ConnectionId = ConnectionId(1);

fn channel(number: u16) -> ChannelId {
    ChannelId { connection: BY, number }
}

/// A broker with consumers `c1`, `c2` … on channels of that number, with these prefetches.
fn broker(prefetches: &[u16]) -> Dispatch {
    let mut dispatch = Dispatch::default();
    let mut out = Vec::new();
    let spec = QueueSpec {
        name: "q".to_owned(),
        durable: false,
        exclusive: None,
        auto_delete: false,
        args: Table::new(),
    };
    dispatch.declare_queue(BY, spec, &mut out).expect("a new queue");
    for (number, prefetch) in (1..).zip(prefetches) {
        dispatch.open_channel(channel(number));
        dispatch.qos(channel(number), *prefetch, QosScope::Consumer, &mut out);
        let consume = Consume {
            queue: "q".to_owned(),
            tag: format!("c{number}").into(),
            ack: AckMode::Manual,
            exclusive: false,
            args: Table::new(),
        };
        dispatch
            .consume(channel(number), consume, &mut out)
            .expect("the queue is there");
    }
    dispatch
}

fn publish(dispatch: &mut Dispatch, number: u32) -> Vec<Effect> {
    let mut out = Vec::new();
    dispatch
        .publish(Arc::new(job(number, "q")), &mut out)
        .expect("routable");
    out
}

/// Trace and delivery effects in a few words.
fn tell(effects: &[Effect]) -> Vec<String> {
    let tell = |effect: &Effect| match effect {
        Effect::Trace(Trace::Dispatched {
            consumer,
            message,
            redelivered,
            passed_over,
            ..
        }) => {
            let passed: Vec<String> = passed_over.iter().map(|(tag, why)| format!("{tag} {why:?}")).collect();
            format!(
                "{} to {consumer} {redelivered} past [{}]",
                number(message),
                passed.join(", ")
            )
        }
        Effect::Trace(Trace::Requeued {
            channel, messages, why, ..
        }) => {
            let jobs: Vec<u32> = messages.iter().map(|message| number(message)).collect();
            format!("{jobs:?} back from {channel} {why:?}")
        }
        Effect::Deliver(delivery) => format!("deliver {}", number(&delivery.message)),
        other => panic!("{other:?}"),
    };
    effects.iter().map(tell).collect()
}

#[test]
fn each_delivery_is_told_first_with_those_passed_over_and_why() {
    let mut dispatch = broker(&[1, 2, 0]);
    dispatch.qos(channel(3), 1, QosScope::Channel, &mut Vec::new());
    dispatch.set_tracing(Tracing::On);
    assert_eq!(tell(&publish(&mut dispatch, 0)), ["0 to c1 false past []", "deliver 0"]);
    publish(&mut dispatch, 1);
    publish(&mut dispatch, 2);
    let seen = tell(&publish(&mut dispatch, 3));
    assert_eq!(seen, ["3 to c2 false past [c1 Prefetch(1)]", "deliver 3"]);
    assert_eq!(tell(&publish(&mut dispatch, 4)), Vec::<String>::new());
    let mut out = Vec::new();
    dispatch
        .settle(channel(2), DeliveryTag(1), Extent::One, Settlement::Ack, &mut out)
        .expect("outstanding");
    assert_eq!(
        tell(&out),
        [
            "4 to c2 false past [c1 Prefetch(1), c3 ChannelPrefetch(1)]",
            "deliver 4"
        ],
        "those that wait for room since an earlier turn are told as well"
    );
}

#[test]
fn shared_limit_and_full_socket_are_reasons() {
    let mut dispatch = broker(&[0, 0]);
    dispatch.set_tracing(Tracing::On);
    dispatch.qos(channel(1), 1, QosScope::Channel, &mut Vec::new());
    let mut told = Vec::new();
    for number in 0..202 {
        told.extend(
            publish(&mut dispatch, number)
                .into_iter()
                .filter_map(|effect| match effect {
                    Effect::Trace(Trace::Dispatched { passed_over, .. }) if !passed_over.is_empty() => {
                        Some(passed_over)
                    }
                    _ => None,
                }),
        );
    }
    assert_eq!(
        told.len(),
        199,
        "all to c2 since the turn of c1 came, until the socket of c2 is full"
    );
    assert!(
        told.iter()
            .all(|past| *past == [("c1".into(), Blocked::ChannelPrefetch(1))]),
        "{told:?}"
    );
    dispatch.set_tracing(Tracing::Off);
    let mut out = Vec::new();
    dispatch
        .settle(channel(1), DeliveryTag(1), Extent::One, Settlement::Ack, &mut out)
        .expect("outstanding");
    assert!(matches!(out.as_slice(), [Effect::Deliver(_)]), "silent again: {out:?}");
    let mut dispatch = broker(&[0, 250]);
    dispatch.set_tracing(Tracing::On);
    for number in 0..400 {
        publish(&mut dispatch, number);
    }
    let third = ChannelId {
        connection: ConnectionId(2),
        number: 1,
    };
    dispatch.open_channel(third);
    let consume = Consume {
        queue: "q".to_owned(),
        tag: "c3".into(),
        ack: AckMode::Manual,
        exclusive: false,
        args: Table::new(),
    };
    dispatch
        .consume(third, consume, &mut Vec::new())
        .expect("the queue is there");
    let seen = tell(&publish(&mut dispatch, 400));
    assert_eq!(seen, ["400 to c3 false past [c1 Unsent, c2 Unsent]", "deliver 400"]);
}

#[test]
fn returns_are_told_in_queue_order_with_their_cause() {
    let mut dispatch = broker(&[0]);
    dispatch.set_tracing(Tracing::On);
    for number in 0..3 {
        publish(&mut dispatch, number);
    }
    let mut out = Vec::new();
    dispatch
        .settle(channel(1), DeliveryTag(2), Extent::One, Settlement::Requeue, &mut out)
        .expect("outstanding");
    assert_eq!(
        tell(&out),
        ["[1] back from 1:1 Nacked", "1 to c1 true past []", "deliver 1"]
    );
    out.clear();
    dispatch.cancel(channel(1), "c1", &mut out);
    dispatch.close_channel(channel(1), RequeueCause::ChannelClosed, &mut out);
    assert_eq!(tell(&out), ["[0, 1, 2] back from 1:1 ChannelClosed"]);
}
