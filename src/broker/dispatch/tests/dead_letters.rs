//! Dropped messages and their dead letter exchange.

use super::super::{
    AckMode, ChannelId, ConnectionId, DeliveryTag, Dispatch, Effect, Extent, Got, IntKind, Message, Persistence,
    QueueSpec, Settlement, StoreOp, Table, UnixMillis, Value,
};
use super::{job, number, totals};
use std::sync::Arc;

const BY: ConnectionId = ConnectionId(1);
const CHANNEL: ChannelId = ChannelId {
    connection: BY,
    number: 1,
};

/// A broker at second 7 with a queue `q` that dead-letters by the default exchange with `key`, and queue `dead`.
fn broker(key: Option<&str>) -> Dispatch {
    let mut dispatch = Dispatch::default();
    dispatch.set_time(UnixMillis(7_000));
    dispatch.open_channel(CHANNEL);
    let key = key.map(|key| ("x-dead-letter-routing-key".to_owned(), Value::text(key)));
    let args = [("x-dead-letter-exchange".to_owned(), Value::text(""))]
        .into_iter()
        .chain(key)
        .collect();
    for (name, args) in [("q", args), ("dead", Table::new())] {
        let spec = QueueSpec {
            name: name.to_owned(),
            durable: true,
            exclusive: None,
            auto_delete: false,
            args,
        };
        dispatch.declare_queue(BY, spec, &mut Vec::new()).expect("a new queue");
    }
    dispatch
}

fn get(dispatch: &mut Dispatch, queue: &str) -> Option<Got> {
    dispatch
        .get(CHANNEL, queue, AckMode::Manual, &mut Vec::new())
        .expect("the queue is there")
}

/// Takes a message from `q` and drops it.
fn reject(dispatch: &mut Dispatch) -> Vec<Effect> {
    let got = get(dispatch, "q").expect("a message");
    let mut out = Vec::new();
    let settled = dispatch.settle(CHANNEL, got.delivery.tag, Extent::One, Settlement::Drop, &mut out);
    settled.expect("outstanding");
    dispatch.check();
    out
}

fn publish(dispatch: &mut Dispatch, message: Message) {
    dispatch.publish(Arc::new(message), &mut Vec::new()).expect("routable");
}

fn table(fields: &[(&str, Value)]) -> Table {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn texts(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|text| Value::text(text)).collect())
}

#[test]
fn rejected_message_carries_its_death() {
    let mut dispatch = broker(Some("dead"));
    let headers = Arc::new(table(&[("a", Value::Int(IntKind::SignedInt, 1))]));
    publish(
        &mut dispatch,
        Message {
            headers: Some(Arc::clone(&headers)),
            ..job(0, "q")
        },
    );
    let out = reject(&mut dispatch);
    let letter = get(&mut dispatch, "dead").expect("a dead letter").delivery;
    assert!(!letter.redelivered);
    assert_eq!((&*letter.message.exchange, &*letter.message.routing_key), ("", "dead"));
    assert_eq!(letter.message.persistence, Persistence::Persistent);
    assert_eq!(letter.message.headers, Some(headers));
    let death = table(&[
        ("count", Value::Int(IntKind::Long, 1)),
        ("reason", Value::text("rejected")),
        ("queue", Value::text("q")),
        ("time", Value::Timestamp(7)),
        ("exchange", Value::text("")),
        ("routing-keys", texts(&["q"])),
    ]);
    let expected = table(&[
        ("x-death", Value::Array(vec![Value::Table(death)])),
        ("x-first-death-exchange", Value::text("")),
        ("x-first-death-queue", Value::text("q")),
        ("x-first-death-reason", Value::text("rejected")),
        ("x-last-death-exchange", Value::text("")),
        ("x-last-death-queue", Value::text("q")),
        ("x-last-death-reason", Value::text("rejected")),
    ]);
    assert_eq!(letter.message.added.as_deref(), Some(&expected));
    let written =
        |effect: &Effect| matches!(effect, Effect::Store(_, StoreOp::Enqueued { queue, .. }) if &**queue == "dead");
    assert!(out.iter().any(written), "it is as durable as any other");
    assert_eq!(totals(&dispatch, "q").dropped, 1);
}

#[test]
fn message_in_a_circle_counts_its_deaths() {
    let mut dispatch = broker(None);
    publish(&mut dispatch, job(0, "q"));
    for count in 1..4 {
        dispatch.set_time(UnixMillis((6 + count) * 1000));
        reject(&mut dispatch);
        let got = get(&mut dispatch, "q").expect("it comes back").delivery;
        let added = got.message.added.clone().expect("a history");
        let Some(Value::Array(deaths)) = added.get("x-death") else {
            panic!("{added:?}")
        };
        let [Value::Table(death)] = deaths.as_slice() else {
            panic!("{deaths:?}")
        };
        assert_eq!(
            death.get("count"),
            Some(&Value::Int(IntKind::Long, i64::try_from(count).expect("small")))
        );
        assert_eq!(death.get("time"), Some(&Value::Timestamp(7)), "the first death's time");
        assert!(!got.redelivered);
        dispatch
            .settle(CHANNEL, got.tag, Extent::One, Settlement::Requeue, &mut Vec::new())
            .expect("outstanding");
    }
}

#[test]
fn queues_own_key_replaces_all_others() {
    for (key, reached) in [(Some("dead"), [0, 1, 0]), (None, [1, 0, 1])] {
        let mut dispatch = broker(key);
        let spec = QueueSpec {
            name: "copy".to_owned(),
            durable: false,
            exclusive: None,
            auto_delete: false,
            args: Table::new(),
        };
        publish(
            &mut dispatch,
            Message {
                headers: Some(Arc::new(table(&[("CC", texts(&["copy"]))]))),
                ..job(0, "q")
            },
        );
        dispatch.declare_queue(BY, spec, &mut Vec::new()).expect("a new queue");
        reject(&mut dispatch);
        let ready = ["q", "dead", "copy"].map(|queue| totals(&dispatch, queue).ready);
        assert_eq!(ready, reached, "{key:?}");
    }
}

#[test]
fn letter_to_nowhere_is_lost() {
    let mut dispatch = broker(Some("nowhere"));
    publish(&mut dispatch, job(0, "q"));
    reject(&mut dispatch);
    assert!(get(&mut dispatch, "q").is_none() && get(&mut dispatch, "dead").is_none());
}

#[test]
fn several_dropped_at_once_keep_their_order() {
    let mut dispatch = broker(Some("dead"));
    for number in 0..3 {
        publish(&mut dispatch, job(number, "q"));
        get(&mut dispatch, "q");
    }
    let all = dispatch.settle(CHANNEL, DeliveryTag(0), Extent::UpTo, Settlement::Drop, &mut Vec::new());
    all.expect("tag 0 means all");
    let letters = std::iter::from_fn(|| get(&mut dispatch, "dead")).map(|got| number(&got.delivery.message));
    assert_eq!(letters.collect::<Vec<_>>(), [0, 1, 2]);
}
