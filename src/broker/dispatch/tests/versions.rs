//! What differs from one version of RabbitMQ to another, a row at a time (rows B, D and E of the measured answers).

use super::super::{
    ArgSeen, ChannelId, ConnectionId, DeliveryTag, Dispatch, Effect, ExchangeKind, ExchangeSpec, Extent, Image,
    IntKind, LastStop, Like, Message, QueueSpec, Refusal, Settlement, Table, UnixMillis, Value,
};
use super::job;
use super::script::{Stage, play_on};
use std::sync::Arc;

const ALL: [Like; 3] = [Like::V3_10, Like::V4_0, Like::V4_3];

fn broker(like: Like) -> Dispatch {
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

fn spec(args: &[(&str, Value)]) -> QueueSpec {
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

/// Declares once, then again if there is a second declaration; the last answer.
fn declare(like: Like, first: &[(&str, Value)], second: Option<&[(&str, Value)]>) -> Result<(), Refusal> {
    let mut dispatch = broker(like);
    let mut declare = |args: &[(&str, Value)]| {
        let declared = dispatch.declare_queue(ConnectionId(1), spec(args), &mut Vec::new());
        declared.map(|_| ())
    };
    let answer = declare(first);
    second.map_or(answer, declare)
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
    let ack = super::super::AckMode::Manual;
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

#[test]
fn queue_mode_is_checked_up_to_4_0() {
    let mode = |mode| [("x-queue-mode", Value::text(mode))];
    for (like, is_checked) in [(Like::V3_10, true), (Like::V4_0, true), (Like::V4_3, false)] {
        let odd = declare(like, &mode("zzz"), None);
        let other = declare(like, &mode("lazy"), Some(&mode("default")));
        assert_eq!((odd.is_err(), other.is_err()), (is_checked, is_checked), "{like:?}");
    }
}

#[test]
fn missing_queue_type_is_shown_as_none_in_3_10_and_as_classic_later() {
    let classic = [("x-queue-type", Value::text("classic"))];
    let quorum = [("x-queue-type", Value::text("quorum"))];
    let differs = |received, current| {
        Err(Refusal::InequivalentArg {
            what: "queue",
            name: "q".to_owned(),
            arg: "x-queue-type",
            received,
            current,
        })
    };
    let plain = |text: &str| ArgSeen::Plain(text.to_owned());
    for like in ALL {
        assert_eq!(declare(like, &[], Some(&classic)), Ok(()), "{like:?}");
        assert_eq!(declare(like, &classic, Some(&[])), Ok(()), "{like:?}");
        let (to_quorum, to_none) = match like {
            Like::V3_10 => (
                differs(ArgSeen::Typed(Value::text("quorum")), ArgSeen::None),
                differs(ArgSeen::None, ArgSeen::Typed(Value::text("quorum"))),
            ),
            Like::V4_0 | Like::V4_3 => (
                differs(plain("quorum"), plain("classic")),
                differs(plain("classic"), plain("quorum")),
            ),
        };
        assert_eq!(declare(like, &[], Some(&quorum)), to_quorum, "{like:?}");
        assert_eq!(declare(like, &quorum, Some(&[])), to_none, "{like:?}");
    }
}

#[test]
fn consumer_timeout_is_unknown_then_for_all_then_for_quorum_queues() {
    let timeout = |ms| ("x-consumer-timeout", Value::Int(IntKind::SignedInt, ms));
    let kind = |kind| ("x-queue-type", Value::text(kind));
    let rows = [
        (Like::V3_10, "classic", Ok(()), true),
        (Like::V3_10, "quorum", Ok(()), true),
        (Like::V4_0, "classic", Ok(()), false),
        (Like::V4_0, "quorum", Ok(()), false),
        (Like::V4_3, "quorum", Ok(()), false),
        (
            Like::V4_3,
            "classic",
            Err(Refusal::ArgNotForType {
                arg: "x-consumer-timeout".to_owned(),
                queue: "q".to_owned(),
                module: "rabbit_classic_queue",
            }),
            true,
        ),
    ];
    for (like, name, expected, may_change) in rows {
        let declared = declare(like, &[kind(name), timeout(2000)], None);
        assert_eq!(declared, expected, "{like:?} {name}");
        if expected.is_ok() {
            let again = declare(like, &[kind(name), timeout(2000)], Some(&[kind(name), timeout(3000)]));
            assert_eq!(again.is_ok(), may_change, "{like:?} {name}");
        }
    }
}

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
    let ack = super::super::AckMode::Manual;
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

#[test]
fn transient_exchange_is_stored_in_4_3() {
    for (like, stored) in [(Like::V3_10, 0), (Like::V4_0, 0), (Like::V4_3, 1)] {
        let spec = ExchangeSpec {
            name: "x".to_owned(),
            kind: ExchangeKind::Direct,
            durable: false,
            auto_delete: false,
            internal: false,
            args: Table::new(),
        };
        let mut out = Vec::new();
        broker(like).declare_exchange(spec, &mut out).expect("a new exchange");
        assert_eq!(out.len(), stored, "{like:?}");
    }
}
