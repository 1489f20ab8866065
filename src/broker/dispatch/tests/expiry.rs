//! Messages and queues whose time is over, as measured on RabbitMQ; where no version is named, all do the same.

use super::super::{
    AckMode, ConnectionId, Effect, Extent, IntKind, Like, Message, Settlement, Table, Ttl, UnixMillis, Value,
};
use super::script::{Stage, play_on};
use super::{job, totals};
use std::sync::Arc;

const TTL: &str = "x-message-ttl";

fn both() -> [(Stage, &'static str); 2] {
    [(Stage::default(), "classic"), (Stage::quorum().uncounted(), "quorum")]
}

#[test]
fn message_dies_of_its_queues_time() {
    for (stage, kind) in both() {
        play_on(
            stage.with_number(TTL, 300).dead_lettering(),
            kind,
            "
            pub 0-2
            at 299
            ready 3
            at 300
            ready 0
            letters => 0:expired 1:expired 2:expired",
        );
    }
}

#[test]
fn message_expires_only_as_the_first() {
    for (stage, kind) in both() {
        play_on(
            stage,
            kind,
            "
            pub 0 ttl=200
            pub 1
            pub 2 ttl=200
            at 600
            ready 2
            get g => 1 left=0
            get g => empty
            pub 3 ttl=500
            at 700
            pub 4 ttl=100
            at 800
            ready 2
            at 1100
            ready 0",
        );
    }
}

#[test]
fn smaller_time_wins() {
    for (stage, kind) in both() {
        play_on(
            stage.with_number(TTL, 300),
            kind,
            "
            pub 0 ttl=100
            at 99
            ready 1
            at 100
            ready 0
            pub 1 ttl=1000
            at 399
            ready 1
            at 400
            ready 0",
        );
    }
}

#[test]
fn held_message_keeps_its_time() {
    for (stage, kind) in both() {
        play_on(
            stage.with_number(TTL, 300).dead_lettering(),
            kind,
            "
            pub 0-2
            get g => 0 left=2
            get g => 1 left=1
            get g => 2 left=0
            at 200
            nack g:0
            ready 1
            at 300
            ready 0
            at 600
            nack g:1
            ready 0
            ack g:2
            letters => 0:expired 1:expired",
        );
    }
}

#[test]
fn time_of_zero_is_for_a_consumer_at_hand() {
    let script = |gone: &str| {
        format!(
            "
            pub 0 ttl=0
            {gone}
            ready 0
            consume v prefetch=1
            pub 1 ttl=0 => v:1
            pub 2 ttl=0
            {gone}
            ready 0
            pub 3
            pub 4 ttl=0
            ready 2
            at 10
            ack v:1 => v:3
            ready 0"
        )
    };
    let [(classic, _), (quorum, _)] = both();
    play_on(classic, "at once", &script(""));
    let later = script("at 1").replacen("at 1", "at 2", 2).replacen("at 2", "at 1", 1);
    play_on(quorum, "a millisecond later", &later);
}

#[test]
fn no_expired_message_is_handed_out_though_the_clock_rings_late() {
    for (stage, kind) in both() {
        play_on(
            stage.dead_lettering(),
            kind,
            "
            pub 0-1 ttl=100
            pub 2
            pub 3 ttl=100
            clock 100
            get g => 2 left=0
            pub 4 ttl=50
            clock 150
            consume v
            nack g:2 => v:2R
            letters => 0:expired 1:expired 3:expired 4:expired",
        );
    }
}

#[test]
fn each_priority_has_a_first_of_its_own_in_4_3_only() {
    for (like, left) in [(Like::V4_0, 3), (Like::V4_3, 2)] {
        play_on(
            Stage::quorum().like(like),
            "a short life behind a higher priority",
            &format!(
                "
                pub 0 priority=9
                pub 1 priority=1 ttl=100
                pub 2 priority=1
                at 100
                ready {left}"
            ),
        );
    }
    play_on(
        Stage::default().with_number("x-max-priority", 5),
        "a classic queue",
        "
        pub 0 priority=5
        pub 1 priority=1 ttl=100
        at 100
        ready 2
        get g => 0 left=0",
    );
}

#[test]
fn dead_letter_tells_the_time_it_had_and_has_none_any_more() {
    let mut stage = Stage::default().with_number(TTL, 50).dead_lettering();
    stage.queue("q");
    let message = Message {
        expiration: Some(Ttl(100)),
        ..job(0, "q")
    };
    let sent = stage.dispatch.publish(Arc::new(message), &mut Vec::new());
    sent.expect("routable");
    stage.perform("at 50");
    let channel = stage.channel("g");
    let got = stage.dispatch.get(channel, "dead", AckMode::Manual, &mut Vec::new());
    let letter = got.expect("the queue is there").expect("a letter").delivery.message;
    assert_eq!(letter.expiration, None);
    let Some(Value::Array(deaths)) = letter.added.as_ref().and_then(|added| added.get("x-death")) else {
        panic!("{letter:?} has no history")
    };
    let expected: Table = [
        ("count", Value::Int(IntKind::Long, 1)),
        ("reason", Value::text("expired")),
        ("queue", Value::text("q")),
        ("time", Value::Timestamp(0)),
        ("exchange", Value::text("")),
        ("routing-keys", Value::Array(vec![Value::text("q")])),
        ("original-expiration", Value::text("100")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    assert_eq!(deaths, &[Value::Table(expected)]);
}

#[test]
fn letters_that_nobody_rejected_do_not_go_in_circles() {
    for (stage, kind) in both() {
        let stage = stage.with("x-dead-letter-exchange", Value::text(""));
        let to_itself = stage.with("x-dead-letter-routing-key", Value::text("q"));
        play_on(
            to_itself,
            kind,
            "
            pub 0 ttl=100
            at 100
            ready 0
            pub 1
            get g => 1 left=0
            drop g:1
            ready 1",
        );
    }
}

#[test]
fn rejected_letter_may_expire_on_its_way_round() {
    let mut stage = Stage::default().with("x-dead-letter-exchange", Value::text(""));
    let mut there = |name: &str, key: &str, ttl: Option<i64>| {
        let mut args: Table = [
            ("x-dead-letter-exchange".to_owned(), Value::text("")),
            ("x-dead-letter-routing-key".to_owned(), Value::text(key)),
        ]
        .into();
        args.extend(ttl.map(|ttl| (TTL.to_owned(), Value::Int(IntKind::Long, ttl))));
        stage.declare(name, args);
    };
    there("work", "wait", None);
    there("wait", "work", Some(100));
    let message = Arc::new(job(0, "work"));
    let sent = stage.dispatch.publish(message, &mut Vec::new());
    sent.expect("routable");
    let channel = stage.channel("g");
    for round in 1..4 {
        let got = stage.dispatch.get(channel, "work", AckMode::Manual, &mut Vec::new());
        let tag = got.expect("the queue is there").expect("it came round").delivery.tag;
        let dropped = stage
            .dispatch
            .settle(channel, tag, Extent::One, Settlement::Drop, &mut Vec::new());
        dropped.expect("outstanding");
        assert_eq!(totals(&stage.dispatch, "wait").ready, 1);
        stage.perform(&format!("at {}", round * 100));
        stage.dispatch.check();
        assert_eq!(totals(&stage.dispatch, "work").ready, 1);
    }
}

#[test]
fn unused_queue_goes() {
    let rows = [
        ("never used", "at 399", true),
        ("never used for long", "at 399 | at 400", false),
        ("declared again", "at 399 | there | at 798 | there | at 1197", true),
        ("asked for a message", "at 399 | get | at 798 | get | at 1197", true),
        ("published to", "at 399 | pub | at 400", false),
        ("consumed from", "consume | at 5000", true),
        ("consumed from until now", "consume | at 5000 | cancel | at 5399", true),
        ("no longer consumed from", "consume | at 5000 | cancel | at 5400", false),
    ];
    for (name, script, expected) in rows {
        assert_eq!(survives(Stage::default(), script), expected, "classic, {name}");
    }
    let rows = [
        ("never used", "at 4999", true),
        ("never used for long", "at 4999 | at 5000", false),
        ("declared again", "at 4999 | there | at 5000", false),
        ("asked for a message", "at 4700 | get | at 9999", true),
        (
            "asked for a message long ago",
            "at 4700 | get | at 9999 | at 10000",
            false,
        ),
        ("consumed from", "consume | at 20000", true),
        (
            "no longer consumed from",
            "consume | at 20000 | cancel | at 24999 | at 25000",
            false,
        ),
    ];
    for (name, script, expected) in rows {
        assert_eq!(survives(Stage::quorum(), script), expected, "quorum, {name}");
    }
}

/// Whether a queue with `x-expires` 400 is there after the script.
fn survives(stage: Stage, script: &str) -> bool {
    let mut stage = stage.with_number("x-expires", 400);
    stage.queue("q");
    for request in script.split(" | ") {
        match request {
            "there" => drop(stage.dispatch.check_queue(ConnectionId(0), "q")),
            "get" => drop(stage.perform("get g")),
            "pub" => drop(stage.dispatch.publish(Arc::new(job(0, "q")), &mut Vec::new())),
            "consume" => drop(stage.perform("consume v")),
            "cancel" => drop(stage.perform("cancel v")),
            clock => drop(stage.perform(clock)),
        }
        stage.dispatch.check();
    }
    stage.dispatch.check_queue(ConnectionId(0), "q").is_ok()
}

#[test]
fn held_message_keeps_an_abandoned_quorum_queue() {
    let mut stage = Stage::quorum().with_number("x-expires", 400);
    stage.queue("q");
    for request in [
        "pub 0",
        "consume v",
        "at 3000",
        "cancel v",
        "at 10000",
        "ack v:0",
        "at 14999",
    ] {
        stage.perform(request);
        stage.dispatch.check();
    }
    assert!(stage.dispatch.check_queue(ConnectionId(0), "q").is_ok());
    stage.perform("at 15000");
    assert!(stage.dispatch.check_queue(ConnectionId(0), "q").is_err());
}

#[test]
fn expired_queue_takes_its_messages_along() {
    let mut stage = Stage::default().with_number("x-expires", 400).dead_lettering();
    stage.queue("q");
    stage.perform("pub 0-2");
    let mut out = Vec::new();
    stage.dispatch.set_time(UnixMillis(400));
    stage.dispatch.tick(&mut out);
    let deleted = |effect: &Effect| format!("{effect:?}").contains("QueueDeleted(\"q\")");
    assert!(out.iter().any(deleted), "the store learns of it: {out:?}");
    assert_eq!(totals(&stage.dispatch, "dead").ready, 0, "no letters");
}

#[test]
fn deadline_is_the_first_of_all_queues() {
    let mut stage = Stage::default();
    for number in 0..1000 {
        let ttl = 1000 + (number * 7) % 1000;
        stage.perform(&format!("pub {number} ttl={ttl} queue=q{number}"));
    }
    assert_eq!(stage.dispatch.next_deadline(), Some(UnixMillis(1000)));
    stage.perform("at 1500");
    assert_eq!(stage.dispatch.next_deadline(), Some(UnixMillis(1501)));
    let left: u64 = stage.dispatch.totals().map(|totals| totals.ready).sum();
    assert_eq!(left, 499);
    stage.perform("at 2000");
    assert_eq!(stage.dispatch.next_deadline(), None);
}
