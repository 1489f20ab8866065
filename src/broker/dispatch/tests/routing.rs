//! Which queues a message reaches.

use super::super::{
    Binding, ConnectionId, Destination, Dispatch, ExchangeKind, ExchangeSpec, IntKind, Message, QueueSpec, Refusal,
    Table, Value,
};
use super::job;
use std::sync::Arc;

const BY: ConnectionId = ConnectionId(1);

fn table(fields: &[(&str, Value)]) -> Table {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn exchange(name: &str, kind: ExchangeKind) -> ExchangeSpec {
    ExchangeSpec {
        name: name.to_owned(),
        kind,
        durable: false,
        auto_delete: false,
        internal: false,
        args: Table::new(),
    }
}

fn declare(dispatch: &mut Dispatch, name: &str) {
    let spec = QueueSpec {
        name: name.to_owned(),
        durable: false,
        exclusive: None,
        auto_delete: false,
        args: Table::new(),
    };
    dispatch.declare_queue(BY, spec, &mut Vec::new()).expect("a new queue");
}

fn bind(dispatch: &mut Dispatch, exchange: &str, queue: &str, key: &str, args: Table) {
    let binding = Binding {
        exchange: exchange.to_owned(),
        to: Destination::Queue(queue.to_owned()),
        key: key.to_owned(),
        args,
    };
    dispatch
        .bind(BY, binding, &mut Vec::new())
        .expect("both ends are there");
}

fn send(dispatch: &mut Dispatch, exchange: &str, key: &str, headers: Option<Table>) -> Result<u32, Refusal> {
    let message = Message {
        exchange: exchange.into(),
        headers: headers.map(Arc::new),
        ..job(0, key)
    };
    let sent = dispatch.publish(Arc::new(message), &mut Vec::new());
    dispatch.check();
    sent.map(|routed| routed.queues)
}

/// How many each queue got, then empties them.
fn take(dispatch: &mut Dispatch, queues: usize) -> String {
    let count = |queue: usize| dispatch.purge_queue(BY, &format!("q{queue}"), &mut Vec::new());
    let counts: Vec<String> = (0..queues)
        .map(count)
        .map(|count| count.expect("there").to_string())
        .collect();
    counts.join("")
}

/// An exchange `x` with one queue for each binding.
fn bound(kind: ExchangeKind, bindings: &[(&str, Table)]) -> Dispatch {
    let mut dispatch = Dispatch::default();
    dispatch
        .declare_exchange(exchange("x", kind), &mut Vec::new())
        .expect("a new exchange");
    for (number, (key, args)) in bindings.iter().enumerate() {
        let queue = format!("q{number}");
        declare(&mut dispatch, &queue);
        bind(&mut dispatch, "x", &queue, key, args.clone());
    }
    dispatch
}

/// Publishes each key and compares what each binding's queue got.
fn compare(kind: ExchangeKind, bindings: &[&str], rows: &[(&str, &str)]) {
    let bindings: Vec<_> = bindings.iter().map(|key| (*key, Table::new())).collect();
    let mut dispatch = bound(kind, &bindings);
    for (key, expected) in rows {
        let queues = send(&mut dispatch, "x", key, None).expect("the exchange is there");
        let seen = take(&mut dispatch, bindings.len());
        assert_eq!(seen, *expected, "{kind:?}: {key:?}");
        assert_eq!(queues as usize, expected.matches('1').count(), "{kind:?}: {key:?}");
    }
}

#[test]
fn fanout_and_direct_exchanges_route_as_rabbitmq_does() {
    compare(
        ExchangeKind::Fanout,
        &["", "a"],
        &[("", "11"), ("a", "11"), ("zz", "11")],
    );
    compare(
        ExchangeKind::Direct,
        &["a", "b", "a"],
        &[("a", "101"), ("b", "010"), ("c", "000"), ("", "000")],
    );
}

#[test]
fn topic_exchange_matches_words_as_rabbitmq_does() {
    let bindings = ["a.*", "a.#", "#", "*.b", "a.*.c", "#.c", "*", "a.#.c.#", ""];
    compare(
        ExchangeKind::Topic,
        &bindings,
        &[
            ("a", "011000100"),
            ("a.b", "111100000"),
            ("a.b.c", "011011010"),
            ("", "001000001"),
            ("c", "001001100"),
            (".", "001000000"),
            ("a.", "111000000"),
            (".b", "001100000"),
            ("a..c", "011011010"),
            ("b.b", "001100000"),
            ("a.x.y.c", "011001010"),
        ],
    );
}

#[test]
fn headers_exchange_matches_as_rabbitmq_does() {
    let int = |value| Value::Int(IntKind::SignedInt, value);
    let rule = |rule: &str| ("x-match", Value::text(rule));
    let both = [("k", int(1)), ("j", Value::text("b"))];
    let with = |first, rest: &[(&str, Value)]| table(&[&[first], rest].concat());
    let bindings = [
        with(rule("all"), &both),
        with(rule("any"), &both),
        Table::new(),
        table(&[rule("any")]),
        table(&[("k", Value::Void)]),
        with(rule("all"), &[("x-k", int(1))]),
        with(rule("all-with-x"), &[("x-k", int(1))]),
        with(rule("any-with-x"), &[("x-k", int(1)), ("k", int(7))]),
    ];
    let mut dispatch = bound(ExchangeKind::Headers, &bindings.clone().map(|args| ("", args)));
    let rows = [
        (None, "00100100"),
        (Some(table(&[])), "00100100"),
        (Some(table(&[("k", int(1))])), "01101100"),
        (Some(table(&[("k", Value::Int(IntKind::Long, 1))])), "01101100"),
        (Some(table(&both)), "11101100"),
        (Some(table(&[("k", int(2)), ("j", Value::text("b"))])), "01101100"),
        (Some(table(&[("k", Value::text("1"))])), "00101100"),
        (Some(table(&[("x-k", int(1))])), "00100111"),
        (Some(table(&[("x-k", int(2)), ("k", int(7))])), "00101101"),
    ];
    for (headers, expected) in rows {
        send(&mut dispatch, "x", "", headers.clone()).expect("the exchange is there");
        assert_eq!(take(&mut dispatch, bindings.len()), expected, "{headers:?}");
    }
    for (value, text) in [
        (
            Value::text("some"),
            "Invalid x-match field value <<\"some\">>; expected all, any, all-with-x, or any-with-x",
        ),
        (int(1), "Invalid x-match field type signedint; expected longstr"),
    ] {
        let binding = Binding {
            exchange: "x".to_owned(),
            to: Destination::Queue("q0".to_owned()),
            key: String::new(),
            args: table(&[("x-match", value)]),
        };
        let refused = dispatch.bind(BY, binding, &mut Vec::new());
        assert_eq!(refused, Err(Refusal::InvalidBinding(text.to_owned())));
    }
}

#[test]
fn queue_gets_one_copy_however_many_bindings_match() {
    for (kind, keys) in [
        (ExchangeKind::Topic, ["a.#", "#.b"]),
        (ExchangeKind::Fanout, ["a.b", ""]),
    ] {
        let mut dispatch = bound(kind, &[(keys[0], Table::new())]);
        bind(&mut dispatch, "x", "q0", keys[1], Table::new());
        assert_eq!(send(&mut dispatch, "x", "a.b", None), Ok(1));
        assert_eq!(take(&mut dispatch, 1), "1", "{kind:?}");
    }
}

#[test]
fn unbinding_ends_one_binding_and_leaves_its_twin() {
    for kind in [
        ExchangeKind::Direct,
        ExchangeKind::Fanout,
        ExchangeKind::Topic,
        ExchangeKind::Headers,
    ] {
        let mut dispatch = bound(kind, &[("k", Table::new())]);
        let twin = table(&[("note", Value::Void)]);
        bind(&mut dispatch, "x", "q0", "k", twin.clone());
        bind(&mut dispatch, "x", "q0", "k", twin.clone());
        let headers = Some(table(&[("note", Value::Bool(true))]));
        for (args, left) in [(Table::new(), 1), (twin, 0)] {
            let binding = Binding {
                exchange: "x".to_owned(),
                to: Destination::Queue("q0".to_owned()),
                key: "k".to_owned(),
                args,
            };
            dispatch.unbind(BY, &binding, &mut Vec::new()).expect("bound");
            dispatch
                .unbind(BY, &binding, &mut Vec::new())
                .expect("unbinding nothing is fine");
            assert_eq!(send(&mut dispatch, "x", "k", headers.clone()), Ok(left), "{kind:?}");
        }
    }
}

#[test]
fn default_exchange_routes_by_queue_name_and_further_keys() {
    let mut dispatch = Dispatch::default();
    for queue in ["q0", "q1", "q2"] {
        declare(&mut dispatch, queue);
    }
    assert_eq!(send(&mut dispatch, "", "q1", None), Ok(1));
    assert_eq!(take(&mut dispatch, 3), "010");
    assert_eq!(send(&mut dispatch, "", "nope", None), Ok(0));
    let list = |name: &str| Value::Array(vec![Value::text(name), Value::text("q0")]);
    let headers = table(&[("CC", list("q1")), ("BCC", list("q2"))]);
    assert_eq!(send(&mut dispatch, "", "q0", Some(headers)), Ok(3));
    assert_eq!(take(&mut dispatch, 3), "111");
}

#[test]
fn predeclared_exchanges_are_there() {
    let mut dispatch = Dispatch::default();
    declare(&mut dispatch, "q0");
    for name in ["amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"] {
        bind(&mut dispatch, name, "q0", "k", Table::new());
        assert_eq!(send(&mut dispatch, name, "k", None), Ok(1), "{name}");
    }
    assert!(dispatch.check_exchange("amq.rabbitmq.trace").is_ok());
}

#[test]
fn unroutable_message_goes_to_the_alternate_exchange() {
    let mut dispatch = bound(ExchangeKind::Direct, &[("k", Table::new())]);
    declare(&mut dispatch, "q1");
    let alternate = |to: &str| table(&[("alternate-exchange", Value::text(to))]);
    let first = ExchangeSpec {
        args: alternate("second"),
        ..exchange("first", ExchangeKind::Direct)
    };
    let second = ExchangeSpec {
        args: alternate("first"),
        ..exchange("second", ExchangeKind::Direct)
    };
    for spec in [first, second] {
        dispatch
            .declare_exchange(spec, &mut Vec::new())
            .expect("a new exchange");
    }
    assert_eq!(send(&mut dispatch, "first", "k", None), Ok(0), "a circle ends");
    bind(&mut dispatch, "second", "q1", "k", Table::new());
    assert_eq!(send(&mut dispatch, "first", "k", None), Ok(1));
    bind(&mut dispatch, "first", "q0", "k", Table::new());
    assert_eq!(send(&mut dispatch, "first", "k", None), Ok(1));
    assert_eq!(take(&mut dispatch, 2), "11");
}

#[test]
fn publishing_needs_an_exchange_that_clients_may_use() {
    let mut dispatch = Dispatch::default();
    assert_eq!(
        send(&mut dispatch, "nsx", "k", None),
        Err(Refusal::NoExchange("nsx".to_owned()))
    );
    let spec = ExchangeSpec {
        internal: true,
        ..exchange("x", ExchangeKind::Fanout)
    };
    dispatch
        .declare_exchange(spec, &mut Vec::new())
        .expect("a new exchange");
    assert_eq!(
        send(&mut dispatch, "x", "k", None),
        Err(Refusal::InternalExchange("x".to_owned()))
    );
}
