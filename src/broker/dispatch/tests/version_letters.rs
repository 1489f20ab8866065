//! What a dead letter carries, by version (rows D4 and F6 of the measured answers).

use super::super::{
    AckMode, ChannelId, ConnectionId, Effect, Extent, IntKind, Like, Message, QueueSpec, Settlement, Table, Value,
};
use super::job;
use super::versions::{broker, spec};
use std::sync::Arc;

/// The only message of a queue that another was dead-lettered to: its flag and the names of its added headers.
fn letter(like: Like, kinds: [&str; 2], published: Message) -> (bool, Vec<String>, usize) {
    let mut dispatch = broker(like);
    let mut out = Vec::new();
    let channel = ChannelId {
        connection: ConnectionId(1),
        number: 1,
    };
    dispatch.open_channel(channel);
    for (name, kind) in ["q", "dead"].into_iter().zip(kinds) {
        let args = [
            ("x-queue-type", Value::text(kind)),
            ("x-dead-letter-exchange", Value::text("")),
            ("x-dead-letter-routing-key", Value::text("dead")),
        ];
        let spec = QueueSpec {
            name: name.to_owned(),
            ..spec(&args[..])
        };
        let declared = dispatch.declare_queue(ConnectionId(1), spec, &mut out);
        declared.expect("a new queue");
    }
    let sent = dispatch.publish(Arc::new(published), &mut out);
    sent.expect("the default exchange is there");
    let ack = AckMode::Manual;
    let mut get = |queue: &str, out: &mut Vec<Effect>| {
        let got = dispatch
            .get(channel, queue, ack, out)
            .expect("it is there")
            .expect("a message");
        let dropped = dispatch.settle(channel, got.delivery.tag, Extent::One, Settlement::Drop, out);
        dropped.expect("it was delivered");
        got.delivery
    };
    get("q", &mut out);
    let dead = get("dead", &mut out);
    let added = dead.message.added.as_ref().expect("x-death");
    let deaths = match added.get("x-death") {
        Some(Value::Array(deaths)) => deaths.len(),
        _ => 0,
    };
    let names = added.keys().filter(|name| name.contains("-death-")).cloned();
    (dead.redelivered, names.collect(), deaths)
}

#[test]
fn dead_letter_is_flagged_by_version() {
    let rows = [
        (Like::V3_10, ["classic", "classic"], false),
        (Like::V3_10, ["quorum", "quorum"], false),
        (Like::V4_0, ["classic", "classic"], false),
        (Like::V4_0, ["quorum", "classic"], false),
        (Like::V4_0, ["quorum", "quorum"], true),
        (Like::V4_3, ["classic", "classic"], true),
        (Like::V4_3, ["quorum", "classic"], true),
        (Like::V4_3, ["quorum", "quorum"], true),
    ];
    for (like, kinds, expected) in rows {
        assert_eq!(letter(like, kinds, job(0, "q")).0, expected, "{like:?} {kinds:?}");
    }
}

#[test]
fn last_death_is_named_and_a_clients_history_ignored_from_4_0_on() {
    let earlier: Table = [
        ("queue".to_owned(), Value::text("elsewhere")),
        ("reason".to_owned(), Value::text("rejected")),
        ("count".to_owned(), Value::Int(IntKind::Long, 1)),
    ]
    .into();
    let headers: Table = [("x-death".to_owned(), Value::Array(vec![Value::Table(earlier)]))].into();
    for (like, names, own, both) in [(Like::V3_10, 3, 1, 2), (Like::V4_0, 6, 1, 1), (Like::V4_3, 6, 1, 1)] {
        let kinds = ["classic", "classic"];
        let (_, named, deaths) = letter(like, kinds, job(0, "q"));
        assert_eq!((named.len(), deaths), (names, own), "{like:?} {named:?}");
        let message = Message {
            headers: Some(Arc::new(headers.clone())),
            ..job(0, "q")
        };
        assert_eq!(letter(like, kinds, message).2, both, "{like:?}: a client's own entry");
    }
}
