//! Which arguments each version knows and compares, and what it stores (rows E4, E6 and C14 of the measured answers).

use super::super::{ArgSeen, ConnectionId, ExchangeKind, ExchangeSpec, IntKind, Like, Refusal, Table, Value};
use super::versions::{ALL, broker, spec};

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
fn queue_mode_is_checked_up_to_4_0_and_compared_always() {
    let mode = |mode| [("x-queue-mode", Value::text(mode))];
    for (like, is_checked) in [(Like::V3_10, true), (Like::V4_0, true), (Like::V4_3, false)] {
        let odd = declare(like, &mode("zzz"), None);
        let other = declare(like, &mode("lazy"), Some(&mode("default")));
        assert_eq!((odd.is_err(), other.is_err()), (is_checked, true), "{like:?}");
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
