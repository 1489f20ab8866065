//! Queues of limited length, as measured on RabbitMQ; where no version is named, all do the same.

use super::super::{ExchangeKind, ExchangeSpec, IntKind, Like, Message, Table, Value};
use super::script::{Stage, play_on};
use super::{job, totals};
use std::sync::Arc;

fn limited(stage: Stage, max: i64, overflow: &str) -> Stage {
    let stage = stage.with_number("x-max-length", max);
    stage.with("x-overflow", Value::text(overflow))
}

fn quorum() -> Stage {
    Stage::quorum().uncounted()
}

#[test]
fn first_message_makes_room() {
    for (stage, kind) in [(Stage::default(), "classic"), (quorum(), "quorum")] {
        play_on(
            limited(stage, 3, "drop-head").dead_lettering(),
            kind,
            "
            pub 0-5
            ready 3
            letters => 0:maxlen 1:maxlen 2:maxlen
            consume v prefetch=2 => v:3 v:4
            pub 10-13
            ready 3
            letters => 5:maxlen 10:maxlen
            cancel v
            get g => 11 left=2
            pub 14
            ready 3
            nack g:11
            ready 3
            letters => 11:maxlen",
        );
    }
}

#[test]
fn classic_queue_refuses_what_is_too_much() {
    for (overflow, letters) in [
        ("reject-publish", ""),
        ("reject-publish-dlx", "3:maxlen 4:maxlen 5:maxlen"),
    ] {
        play_on(
            limited(Stage::default(), 3, overflow).dead_lettering(),
            overflow,
            &format!(
                "
                pub 0-5 => refused:3 refused:4 refused:5
                ready 3
                letters => {letters}
                consume v prefetch=2 => v:0 v:1
                pub 10-13 => refused:12 refused:13
                ready 3
                cancel v
                nack v:0
                ready 4"
            ),
        );
    }
}

#[test]
fn quorum_queue_refuses_one_later_until_it_is_at_four_fifths() {
    play_on(
        limited(quorum(), 3, "reject-publish"),
        "one too many",
        "
        pub 0-5 => refused:4 refused:5
        ready 4
        get g => 0 left=3
        pub 6 => refused:6
        get g => 1 left=2
        pub 10-13 => refused:12 refused:13
        ready 4
        purge 4
        pub 14
        ready 1",
    );
    play_on(
        limited(quorum(), 3, "reject-publish-dlx").dead_lettering(),
        "it knows no letters for refused ones",
        "
        pub 0-3
        ready 3
        letters => 0:maxlen",
    );
}

#[test]
fn bytes_count_too() {
    let rows = [
        (Stage::default(), "2"),
        (quorum().like(Like::V3_10), "2"),
        (quorum().like(Like::V4_0), "2"),
        (quorum().like(Like::V4_3), "1"),
    ];
    for (number, (stage, kept)) in rows.into_iter().enumerate() {
        let mut stage = stage.with_number("x-max-length-bytes", 10);
        stage.queue("q");
        for number in 1000..1006 {
            // The flags of a message without properties.
            let message = Message {
                properties: Arc::new([0, 0]),
                ..job(number, "q")
            };
            stage
                .dispatch
                .publish(Arc::new(message), &mut Vec::new())
                .expect("routable");
            stage.dispatch.check();
        }
        assert_eq!(totals(&stage.dispatch, "q").ready.to_string(), kept, "row {number}");
    }
}

#[test]
fn queue_without_room_for_one_still_serves_a_waiting_consumer() {
    play_on(
        limited(Stage::default(), 0, "drop-head"),
        "drop-head",
        "
        pub 0
        ready 0
        consume v prefetch=1
        pub 1-2 => v:1
        ready 0",
    );
    play_on(
        limited(Stage::default(), 0, "reject-publish"),
        "reject-publish",
        "
        consume v
        pub 0 => refused:0",
    );
}

#[test]
fn each_queue_decides_for_itself() {
    let mut stage = limited(Stage::default(), 1, "reject-publish");
    stage.queue("full");
    stage.declare("free", Table::new());
    let fanout = ExchangeSpec {
        name: "all".to_owned(),
        kind: ExchangeKind::Fanout,
        durable: true,
        auto_delete: false,
        internal: false,
        args: Table::new(),
    };
    stage
        .dispatch
        .declare_exchange(fanout, &mut Vec::new())
        .expect("a new exchange");
    stage.bind("all", "full");
    stage.bind("all", "free");
    for (number, rejected) in [(0, false), (1, true)] {
        let message = Message {
            exchange: "all".into(),
            ..job(number, "")
        };
        let routed = stage.dispatch.publish(Arc::new(message), &mut Vec::new());
        let routed = routed.expect("routable");
        assert_eq!((routed.queues, routed.rejected), (2, rejected));
    }
    let ready = ["full", "free"].map(|queue| totals(&stage.dispatch, queue).ready);
    assert_eq!(ready, [1, 2]);
}

#[test]
fn long_chain_of_full_queues_passes_a_message_on() {
    let mut stage = Stage::default();
    let length = 3000_u32;
    for number in 0..length {
        let args: Table = [
            ("x-max-length".to_owned(), Value::Int(IntKind::Long, 0)),
            ("x-dead-letter-exchange".to_owned(), Value::text("")),
            (
                "x-dead-letter-routing-key".to_owned(),
                Value::text(&format!("q{}", (number + 1) % length)),
            ),
        ]
        .into();
        stage.declare(&format!("q{number}"), args);
    }
    let sent = stage.dispatch.publish(Arc::new(job(0, "q0")), &mut Vec::new());
    sent.expect("routable");
    let dropped: u64 = stage.dispatch.totals().map(|totals| totals.dropped).sum();
    assert_eq!(
        dropped,
        u64::from(length),
        "each queue had it once: the circle is not closed"
    );
}
