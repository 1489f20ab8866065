//! What may be declared, and what a second declaration may not change.

use super::super::{
    ArgSeen, Binding, ConnectionId, Destination, Dispatch, Effect, ExchangeKind, ExchangeSpec, IntKind, QueueCounts,
    QueueSpec, Refusal, Table, Value,
};

const BY: ConnectionId = ConnectionId(1);
const OTHER: ConnectionId = ConnectionId(2);

fn int(value: i64) -> Value {
    Value::Int(IntKind::SignedInt, value)
}

fn queue(args: &[(&str, Value)]) -> QueueSpec {
    QueueSpec {
        name: "q".to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: args
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

fn exchange(name: &str, kind: ExchangeKind) -> ExchangeSpec {
    ExchangeSpec {
        name: name.to_owned(),
        kind,
        durable: true,
        auto_delete: false,
        internal: false,
        args: Table::new(),
    }
}

fn declare(dispatch: &mut Dispatch, spec: QueueSpec) -> Result<QueueCounts, Refusal> {
    let mut out: Vec<Effect> = Vec::new();
    let result = dispatch.declare_queue(BY, spec, &mut out);
    assert!(result.is_ok() || out.is_empty(), "a refusal changes nothing");
    result
}

/// The argument that differs, what was received, what is current.
type Difference = (&'static str, ArgSeen, ArgSeen);

/// A queue, its second declaration, and what is wrong with that.
fn redeclarations() -> Vec<(QueueSpec, QueueSpec, Option<Difference>)> {
    let plain = |text: &str| ArgSeen::Plain(text.to_owned());
    let typed = ArgSeen::Typed;
    let ttl = |value| queue(&[("x-message-ttl", int(value))]);
    let of_type = |name| queue(&[("x-queue-type", Value::text(name))]);
    vec![
        (
            queue(&[]),
            QueueSpec {
                durable: false,
                ..queue(&[])
            },
            Some(("durable", plain("false"), plain("true"))),
        ),
        (
            queue(&[]),
            QueueSpec {
                auto_delete: true,
                ..queue(&[])
            },
            Some(("auto_delete", plain("true"), plain("false"))),
        ),
        (
            queue(&[]),
            ttl(1000),
            Some(("x-message-ttl", typed(int(1000)), ArgSeen::None)),
        ),
        (
            ttl(1000),
            queue(&[]),
            Some(("x-message-ttl", ArgSeen::None, typed(int(1000)))),
        ),
        (
            ttl(1000),
            ttl(2000),
            Some(("x-message-ttl", plain("2000"), plain("1000"))),
        ),
        (
            ttl(1000),
            queue(&[("x-message-ttl", Value::Int(IntKind::Long, 1000))]),
            None,
        ),
        (
            queue(&[("x-dead-letter-exchange", Value::text("a"))]),
            queue(&[("x-dead-letter-exchange", Value::text("b"))]),
            Some(("x-dead-letter-exchange", plain("b"), plain("a"))),
        ),
        (
            queue(&[("x-single-active-consumer", Value::Bool(true))]),
            queue(&[]),
            Some(("x-single-active-consumer", ArgSeen::None, typed(Value::Bool(true)))),
        ),
        (queue(&[("x-foo", int(1))]), queue(&[("x-foo", int(2))]), None),
        (queue(&[]), of_type("classic"), None),
        (of_type("classic"), queue(&[]), None),
        (
            queue(&[]),
            of_type("quorum"),
            Some(("x-queue-type", plain("quorum"), plain("classic"))),
        ),
    ]
}

#[test]
fn redeclaration_must_be_equivalent() {
    for (first, second, difference) in redeclarations() {
        let mut dispatch = Dispatch::default();
        declare(&mut dispatch, first.clone()).expect("a new queue");
        let expected = difference.map(|(arg, received, current)| Refusal::InequivalentArg {
            what: "queue",
            name: "q".to_owned(),
            arg,
            received,
            current,
        });
        let seen = declare(&mut dispatch, second.clone()).err();
        assert_eq!(seen, expected, "{first:?} then {second:?}");
    }
}

#[test]
fn unusable_arguments_are_refused() {
    let rows = [
        ("x-queue-type", Value::text("nope"), "\"unsupported queue type 'nope'\""),
        ("x-message-ttl", int(-1), "{value_negative,-1}"),
        ("x-message-ttl", Value::text("a"), "\"expected integer, got longstr\""),
        ("x-message-ttl", int(315_360_000_001), "{value_too_large,315360000001}"),
        ("x-expires", int(315_360_000_001), "{value_too_large,315360000001}"),
        ("x-expires", int(0), "{value_zero,0}"),
        ("x-max-priority", int(256), "{max_value_exceeded,256}"),
        ("x-max-length", int(-5), "{value_negative,-5}"),
        ("x-overflow", Value::text("zzz"), "invalid_overflow"),
        (
            "x-dead-letter-routing-key",
            Value::text("k"),
            "routing_key_but_no_dlx_defined",
        ),
        ("x-queue-mode", Value::text("zzz"), "\"unsupported queue mode 'zzz'\""),
        ("x-single-active-consumer", int(1), "{unacceptable_type,signedint}"),
    ];
    for (arg, value, reason) in rows {
        let refused = declare(&mut Dispatch::default(), queue(&[(arg, value)]));
        let expected = Refusal::InvalidArg {
            arg: arg.to_owned(),
            queue: "q".to_owned(),
            reason: reason.to_owned(),
        };
        assert_eq!(refused, Err(expected));
    }
    let stream = declare(
        &mut Dispatch::default(),
        queue(&[("x-queue-type", Value::text("stream"))]),
    );
    assert_eq!(
        stream,
        Err(Refusal::NotImplemented(
            "this broker has no streams (queue type 'stream')".to_owned()
        ))
    );
    let limit = declare(&mut Dispatch::default(), queue(&[("x-delivery-limit", int(2))]));
    let foreign = Refusal::ArgNotForType {
        arg: "x-delivery-limit".to_owned(),
        queue: "q".to_owned(),
        module: "rabbit_classic_queue",
    };
    assert_eq!(limit, Err(foreign));
}

#[test]
fn usable_arguments_are_accepted() {
    let args = [
        ("x-expires", int(1)),
        ("x-message-ttl", int(0)),
        ("x-dead-letter-exchange", Value::text("")),
        ("x-dead-letter-routing-key", Value::text("k")),
        ("x-max-length", int(0)),
        ("x-max-length-bytes", int(10)),
        ("x-max-priority", int(255)),
        ("x-overflow", Value::text("reject-publish")),
        ("x-queue-mode", Value::text("lazy")),
        ("x-queue-version", int(2)),
        ("x-single-active-consumer", Value::Bool(true)),
        ("x-queue-type", Value::text("classic")),
        ("x-anything-else", Value::Void),
    ];
    let mut dispatch = Dispatch::default();
    let empty = QueueCounts { ready: 0, consumers: 0 };
    assert_eq!(declare(&mut dispatch, queue(&args)), Ok(empty));
    assert_eq!(declare(&mut dispatch, queue(&args)), Ok(empty));
}

#[test]
fn exclusive_queue_is_for_its_connection_alone() {
    let mut dispatch = Dispatch::default();
    let exclusive = |owner| QueueSpec {
        exclusive: Some(owner),
        ..queue(&[])
    };
    declare(&mut dispatch, exclusive(BY)).expect("a new queue");
    let locked = Refusal::QueueLocked("q".to_owned());
    let mut out = Vec::new();
    assert_eq!(
        dispatch.declare_queue(OTHER, exclusive(OTHER), &mut out),
        Err(locked.clone())
    );
    assert_eq!(dispatch.declare_queue(OTHER, queue(&[]), &mut out), Err(locked.clone()));
    assert_eq!(dispatch.declare_queue(BY, queue(&[]), &mut out), Err(locked.clone()));
    assert_eq!(dispatch.check_queue(OTHER, "q"), Err(locked.clone()));
    assert_eq!(dispatch.purge_queue(OTHER, "q", &mut out), Err(locked.clone()));
    assert_eq!(
        dispatch.delete_queue(OTHER, "q", super::super::DeleteRule::default(), &mut out),
        Err(locked.clone())
    );
    let binding = |queue: &str| Binding {
        exchange: "amq.direct".to_owned(),
        to: Destination::Queue(queue.to_owned()),
        key: "k".to_owned(),
        args: Table::new(),
    };
    assert_eq!(dispatch.bind(OTHER, binding("q"), &mut out), Err(locked));
    assert!(dispatch.declare_queue(BY, exclusive(BY), &mut out).is_ok());
    dispatch.close_connection(BY, &mut out);
    assert_eq!(dispatch.check_queue(BY, "q"), Err(Refusal::NoQueue("q".to_owned())));
    assert_eq!(out, [], "an exclusive queue leaves no record");
    declare(&mut dispatch, queue(&[])).expect("a new queue");
    assert_eq!(
        dispatch.declare_queue(BY, exclusive(BY), &mut out),
        Err(Refusal::QueueLocked("q".to_owned()))
    );
}

#[test]
fn names_that_begin_with_amq_are_the_brokers_own() {
    let mut dispatch = Dispatch::default();
    let mut out = Vec::new();
    let reserved = |what| Refusal::ReservedName {
        what,
        name: "amq.foo".to_owned(),
    };
    let spec = QueueSpec {
        name: "amq.foo".to_owned(),
        ..queue(&[])
    };
    assert_eq!(declare(&mut dispatch, spec.clone()), Err(reserved("queue")));
    assert!(dispatch.declare_generated_queue(BY, spec, &mut out).is_ok());
    let mut declare = |spec| dispatch.declare_exchange(spec, &mut out);
    assert_eq!(
        declare(exchange("amq.foo", ExchangeKind::Direct)),
        Err(reserved("exchange"))
    );
    assert_eq!(declare(exchange("amq.direct", ExchangeKind::Direct)), Ok(()));
    assert_eq!(
        declare(exchange("", ExchangeKind::Direct)),
        Err(Refusal::DefaultExchange)
    );
    assert_eq!(
        declare(exchange("amq.direct", ExchangeKind::Fanout)),
        Err(Refusal::InequivalentArg {
            what: "exchange",
            name: "amq.direct".to_owned(),
            arg: "type",
            received: ArgSeen::Plain("fanout".to_owned()),
            current: ArgSeen::Plain("direct".to_owned()),
        })
    );
    let system = Refusal::SystemExchange("amq.direct".to_owned());
    assert_eq!(dispatch.delete_exchange("amq.direct", false, &mut out), Err(system));
    assert_eq!(
        dispatch.delete_exchange("", false, &mut out),
        Err(Refusal::DefaultExchange)
    );
    assert_eq!(dispatch.delete_exchange("nsx", false, &mut out), Ok(()));
}

#[test]
fn missing_names_are_reported() {
    let mut dispatch = Dispatch::default();
    let mut out = Vec::new();
    let no_queue = Refusal::NoQueue("nsq".to_owned());
    let no_exchange = Refusal::NoExchange("nsx".to_owned());
    assert_eq!(dispatch.check_queue(BY, "nsq"), Err(no_queue.clone()));
    assert_eq!(dispatch.check_exchange("nsx"), Err(no_exchange.clone()));
    assert_eq!(dispatch.purge_queue(BY, "nsq", &mut out), Err(no_queue.clone()));
    assert_eq!(
        dispatch.delete_queue(BY, "nsq", super::super::DeleteRule::default(), &mut out),
        Ok(0)
    );
    declare(&mut dispatch, queue(&[])).expect("a new queue");
    for (exchange, queue, expected) in [
        ("amq.direct", "nsq", no_queue),
        ("nsx", "q", no_exchange.clone()),
        ("nsx", "nsq", no_exchange),
        ("", "q", Refusal::DefaultExchange),
    ] {
        let binding = Binding {
            exchange: exchange.to_owned(),
            to: Destination::Queue(queue.to_owned()),
            key: String::new(),
            args: Table::new(),
        };
        assert_eq!(dispatch.bind(BY, binding.clone(), &mut out), Err(expected));
        let unbound = dispatch.unbind(BY, &binding, &mut out);
        assert_eq!(unbound.is_err(), exchange.is_empty(), "unbinding nothing is fine");
    }
}
