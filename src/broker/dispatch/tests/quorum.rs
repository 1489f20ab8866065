//! Quorum queues: the rows in which RabbitMQ 4.0's differ from classic ones. The rows that both share are played on
//! both where they stand.

use super::super::{IntKind, QueueSpec, Refusal, Table, Value};
use super::script::{Stage, play_all_quorum, play_on};

/// Acks make the order: a consumer without credit is out of the ring at once, and joins its tail when it has some.
const TURNS: &[(&str, &str)] = &[
    (
        "acks while nothing waits",
        "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=1
            pub 0-2 => c0:0 c1:1 c2:2
            ack c2:2
            ack c0:0
            ack c1:1
            pub 3-5 => c2:3 c0:4 c1:5",
    ),
    (
        "one place free of two",
        "
            consume c0 prefetch=2
            consume c1 prefetch=2
            pub 0-3 => c0:0 c1:1 c0:2 c1:3
            ack c1:1
            ack c0:0
            pub 4-6 => c1:4 c0:5
            ready 1",
    ),
    (
        "whoever has credit left keeps the turn",
        "
            consume c0 prefetch=2
            consume c1 prefetch=2
            pub 0-1 => c0:0 c1:1
            ack c1:1
            pub 2-3 => c0:2 c1:3",
    ),
];

/// Without a prefetch a consumer has a credit of 2000, and automatic acks give credit back a turn later.
const AUTOMATIC: &[(&str, &str)] = &[
    (
        "one takes a portion a turn",
        "
            pub 0-4
            consume c0 auto prefetch=2 => c0:0 c0:1
            turn => c0:2 c0:3
            turn => c0:4
            turn",
    ),
    (
        "two share a backlog by portions",
        "
            pub 0-19
            consume c0 auto prefetch=2 => c0:0 c0:1
            turn => c0:2 c0:3
            consume c1 auto prefetch=2 => c1:4 c1:5
            turn => c0:6 c0:7 c1:8 c1:9
            turn => c0:10 c0:11 c1:12 c1:13",
    ),
    (
        "what is delivered in a turn is settled in the next",
        "
            consume c0 auto prefetch=1
            pub 0-2 => c0:0
            turn => c0:1
            turn => c0:2
            turn
            pub 3 => c0:3",
    ),
    (
        "whoever left is owed nothing",
        "
            consume c0 auto prefetch=1
            consume c1 auto prefetch=1
            pub 0-2 => c0:0 c1:1
            cancel c0
            die c1
            turn
            ready 1
            consumers 0",
    ),
];

/// What came back is served first, in the order of its return.
const RETURNS: &[(&str, &str)] = &[
    (
        "several at once",
        "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            nack c0:2 multiple => c0:0R1 c0:1R1 c0:2R1
            nack c0:all => c0:3R1 c0:0R2 c0:1R2 c0:2R2",
    ),
    (
        "one by one, backwards",
        "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            cancel c0
            nack c0:3
            nack c0:2
            nack c0:1
            nack c0:0
            get g auto => 3R1 left=5
            get g auto => 2R1 left=4
            get g auto => 1R1 left=3
            get g auto => 0R1 left=2
            get g auto => 4 left=1
            get g auto => 5 left=0",
    ),
    (
        "later ones after earlier ones, all before the ready",
        "
            pub 0-2
            consume c0 => c0:0 c0:1 c0:2
            cancel c0
            pub 3-5
            nack c0:2
            nack c0:0
            get g auto => 2R1 left=4
            get g auto => 0R1 left=3
            get g auto => 3 left=2
            nack c0:1
            get g auto => 1R1 left=2
            get g auto => 4 left=1
            get g auto => 5 left=0",
    ),
    (
        "two deaths, one after the other",
        "
            consume v0 prefetch=3
            consume v1 prefetch=3
            pub 0-5 => v0:0 v1:1 v0:2 v1:3 v0:4 v1:5
            pub 6-7
            die v1
            ready 5
            die v0
            consume s => s:1R1 s:3R1 s:5R1 s:0R1 s:2R1 s:4R1 s:6 s:7",
    ),
    (
        "a channel's consumers give back one after the other, the eldest first, fetched ones last",
        "
            pub 9
            get z => 9 left=0
            consume z prefetch=2
            consume y@z
            pub 0-3 => z:0 y:1 z:2 y:3
            cancel z
            die y
            consume s => s:0R1 s:2R1 s:1R1 s:3R1 s:9R1",
    ),
];

/// Whoever holds a message is counted as a consumer.
const LINGERING: &[(&str, &str)] = &[
    (
        "a cancelled consumer until all is settled",
        "
            pub 0-2
            consume v prefetch=2 => v:0 v:1
            consumers 1
            cancel v
            consumers 1
            ack v:0
            consumers 1
            nack v:1
            consumers 0
            ready 2",
    ),
    (
        "a cancelled consumer that holds nothing is gone",
        "
            consume v
            consume w auto
            pub 0-1 => v:0 w:1
            ack v:0
            cancel v
            cancel w
            consumers 0",
    ),
    (
        "each fetched message",
        "
            pub 0-2
            get g => 0 left=2
            get g => 1 left=1
            get g auto => 2 left=0
            consumers 2
            ack g:0
            consumers 1
            die g
            consumers 0
            ready 1",
    ),
    (
        "until its channel closes",
        "
            pub 0-9
            consume v prefetch=5 => v:0 v:1 v:2 v:3 v:4
            cancel v
            ready 5
            consumers 1
            consume s => s:5 s:6 s:7 s:8 s:9
            ack v:1
            close v => s:0R1 s:2R1 s:3R1 s:4R1
            consumers 1",
    ),
];

#[test]
fn acks_make_the_order() {
    play_all_quorum(TURNS);
}

#[test]
fn automatic_acks_share_a_backlog_by_portions() {
    play_all_quorum(AUTOMATIC);
}

#[test]
fn returned_messages_go_first_in_the_order_of_their_return() {
    play_all_quorum(RETURNS);
}

#[test]
fn whoever_holds_a_message_counts_as_a_consumer() {
    play_all_quorum(LINGERING);
}

#[test]
fn consumer_without_prefetch_holds_two_thousand() {
    for consume in ["consume c0", "consume c0 auto"] {
        let mut stage = Stage::quorum();
        stage.queue("q");
        assert!(stage.perform("pub 0-2002").is_empty());
        assert_eq!(stage.perform(consume).len(), 2000, "{consume}");
        stage.perform("ready 3");
    }
}

#[test]
fn slow_socket_and_exclusive_consumers_are_ignored() {
    let mut stage = Stage::quorum();
    stage.queue("q");
    stage.perform("consume slow auto exclusive");
    assert_eq!(stage.perform("pub 0-249").len(), 250);
    assert!(stage.perform("consume other exclusive").is_empty());
    stage.perform("consumers 2");
}

#[test]
fn shared_prefetch_is_refused_and_a_later_one_does_not_hold() {
    play_all_quorum(&[
        (
            "set before",
            "
            qos-global c0 2
            consume c0 => no-global-qos
            qos-global c0 0
            consume c0",
        ),
        (
            "set after",
            "
            consume c0
            qos-global c0 1
            pub 0-2 => c0:0 c0:1 c0:2",
        ),
    ]);
}

#[test]
fn message_that_comes_back_too_often_is_dropped() {
    let rows = [(Some(2), 3), (Some(0), 1), (None, 21)];
    for (limit, deliveries) in rows {
        for how in ["nack c0:0", "recover c0", "close c0", "die c0"] {
            let stage = Stage::quorum();
            let mut stage = match limit {
                Some(limit) => stage.with("x-delivery-limit", Value::Int(IntKind::SignedInt, limit)),
                None => stage,
            };
            stage.queue("q");
            stage.perform("pub 0-1");
            let mut seen = stage.perform("consume c0 prefetch=1");
            for count in 0..deliveries {
                let flag = if count == 0 { String::new() } else { format!("R{count}") };
                assert_eq!(seen, [format!("c0:0{flag}")], "{limit:?} {how}");
                seen = stage.perform(how);
                stage.dispatch.check();
                if seen.is_empty() {
                    seen = stage.perform("consume c0 prefetch=1");
                }
            }
            assert_eq!(seen, ["c0:1"], "{limit:?} {how}: 0 is gone");
        }
    }
}

#[test]
fn negative_or_senseless_limit_is_none() {
    for limit in [Value::Int(IntKind::Long, -1), Value::text("2")] {
        let mut stage = Stage::quorum().with("x-delivery-limit", limit);
        stage.queue("q");
        stage.perform("consume c0");
        stage.perform("pub 0");
        for count in 1..=50 {
            assert_eq!(stage.perform("nack c0:0"), [format!("c0:0R{count}")]);
        }
    }
}

#[test]
fn consumer_whose_message_was_dropped_has_room_for_the_next() {
    let limit = Value::Int(IntKind::SignedInt, 0);
    let script = "
        pub 0-3
        consume c0 prefetch=2 => c0:0 c0:1
        nack c0:all => c0:2 c0:3
        ready 0";
    play_on(
        Stage::quorum().with("x-delivery-limit", limit),
        "both came back too often",
        script,
    );
}

#[test]
fn only_lasting_shared_queues_can_be_quorum_queues() {
    let mut stage = Stage::quorum();
    let by = stage.channel("c").connection;
    let args: Table = [("x-queue-type".to_owned(), Value::text("quorum"))].into();
    let good = QueueSpec {
        name: "q".to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: args.clone(),
    };
    let property = |property| {
        Err(Refusal::InvalidProperty {
            property,
            queue: "q".to_owned(),
        })
    };
    let foreign = |arg: &str| {
        Err(Refusal::ArgNotForType {
            arg: arg.to_owned(),
            queue: "q".to_owned(),
            module: "rabbit_quorum_queue",
        })
    };
    let with = |arg: &str, value| QueueSpec {
        args: args.clone().into_iter().chain([(arg.to_owned(), value)]).collect(),
        ..good.clone()
    };
    let number = Value::Int(IntKind::SignedInt, 5);
    #[rustfmt::skip]
    let rows = [
        (QueueSpec { durable: false, ..good.clone() }, property("non-durable")),
        (QueueSpec { exclusive: Some(by), ..good.clone() }, property("exclusive-owner")),
        (QueueSpec { auto_delete: true, ..good.clone() }, property("auto-delete")),
        (with("x-max-priority", number.clone()), foreign("x-max-priority")),
        (with("x-queue-mode", Value::text("lazy")), foreign("x-queue-mode")),
        (with("x-max-age", Value::text("1D")), foreign("x-max-age")),
    ];
    let mut out = Vec::new();
    for (spec, expected) in rows {
        let declared = stage.dispatch.declare_queue(by, spec.clone(), &mut out);
        assert_eq!(declared.map(|_| ()), expected, "{spec:?}");
    }
    let strategy = with("x-dead-letter-strategy", Value::text("at-least-once"));
    for spec in [with("x-delivery-limit", number), strategy] {
        let spec = QueueSpec {
            name: format!("{:?}", spec.args.keys()),
            ..spec
        };
        assert!(stage.dispatch.declare_queue(by, spec, &mut out).is_ok());
    }
}
