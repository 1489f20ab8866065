//! Exchanges bound to exchanges, and those that delete themselves.

use super::super::{
    Binding, ConnectionId, Destination, Dispatch, Effect, ExchangeKind, ExchangeSpec, Message, QueueSpec, Refusal,
    StoreOp, Table, Value,
};
use super::job;
use std::sync::Arc;

const BY: ConnectionId = ConnectionId(1);

fn exchange(name: &str) -> ExchangeSpec {
    ExchangeSpec {
        name: name.to_owned(),
        kind: ExchangeKind::Fanout,
        durable: false,
        auto_delete: name.starts_with("auto"),
        internal: name.starts_with("inner"),
        args: Table::new(),
    }
}

fn broker(exchanges: &[&str], queues: &[&str]) -> Dispatch {
    let mut dispatch = Dispatch::default();
    for name in exchanges {
        let declared = dispatch.declare_exchange(exchange(name), &mut Vec::new());
        declared.expect("a new exchange");
    }
    for name in queues {
        let spec = QueueSpec {
            name: (*name).to_owned(),
            durable: false,
            exclusive: None,
            auto_delete: false,
            args: Table::new(),
        };
        dispatch.declare_queue(BY, spec, &mut Vec::new()).expect("a new queue");
    }
    dispatch
}

/// `a>b`: from exchange `a` to exchange `b`; `a>=q`: to queue `q`.
fn binding(text: &str) -> Binding {
    let (exchange, to) = text.split_once('>').expect("source>destination");
    let to = match to.strip_prefix('=') {
        Some(queue) => Destination::Queue(queue.to_owned()),
        None => Destination::Exchange(to.to_owned()),
    };
    Binding {
        exchange: exchange.to_owned(),
        to,
        key: "k".to_owned(),
        args: Table::new(),
    }
}

fn bind(dispatch: &mut Dispatch, bindings: &[&str]) {
    for text in bindings {
        let bound = dispatch.bind(BY, binding(text), &mut Vec::new());
        bound.expect("both ends are there");
    }
}

fn unbind(dispatch: &mut Dispatch, text: &str) {
    let unbound = dispatch.unbind(BY, &binding(text), &mut Vec::new());
    unbound.expect("it may be missing");
    dispatch.check();
}

fn send(dispatch: &mut Dispatch, to: &str) -> Result<u32, Refusal> {
    let message = Message {
        exchange: to.into(),
        ..job(0, "k")
    };
    let sent = dispatch.publish(Arc::new(message), &mut Vec::new());
    dispatch.check();
    sent.map(|routed| routed.queues)
}

#[test]
fn message_follows_bindings_and_reaches_each_queue_once() {
    let rows: [(&[&str], u32); 5] = [
        (&["a>b", "b>=q"], 1),
        (&["a>b", "b>c", "c>=q", "b>=p"], 2),
        (&["a>b", "a>c", "b>=q", "c>=q", "a>=q"], 1),
        (&["a>b", "b>a", "b>=q"], 1),
        (&["a>a", "b>=q"], 0),
    ];
    for (bindings, expected) in rows {
        let mut dispatch = broker(&["a", "b", "c"], &["q", "p"]);
        bind(&mut dispatch, bindings);
        assert_eq!(send(&mut dispatch, "a"), Ok(expected), "{bindings:?}");
    }
}

#[test]
fn unmatched_message_takes_the_alternate_of_the_exchange_where_it_is() {
    let mut dispatch = broker(&["a", "b"], &["q"]);
    let mut lost = exchange("lost");
    lost.args.insert("alternate-exchange".to_owned(), Value::text("b"));
    dispatch
        .declare_exchange(lost, &mut Vec::new())
        .expect("a new exchange");
    bind(&mut dispatch, &["a>lost", "b>=q"]);
    assert_eq!(send(&mut dispatch, "a"), Ok(1));
}

#[test]
fn inner_exchange_is_reached_by_binding_only() {
    let mut dispatch = broker(&["a", "inner"], &["q"]);
    bind(&mut dispatch, &["a>inner", "inner>=q"]);
    assert_eq!(send(&mut dispatch, "a"), Ok(1));
    let refused = Err(Refusal::InternalExchange("inner".to_owned()));
    assert_eq!(send(&mut dispatch, "inner"), refused);
}

#[test]
fn exchange_that_deletes_itself_goes_with_the_last_binding_from_it() {
    let mut dispatch = broker(&["a", "auto", "auto2"], &["q"]);
    bind(&mut dispatch, &["a>auto", "auto>auto2", "auto2>=q", "auto2>a"]);
    unbind(&mut dispatch, "a>auto");
    assert!(dispatch.check_exchange("auto").is_ok(), "it is the source of a binding");
    bind(&mut dispatch, &["a>auto"]);
    unbind(&mut dispatch, "auto2>=q");
    assert!(dispatch.check_exchange("auto2").is_ok(), "it has another");
    unbind(&mut dispatch, "auto2>a");
    for gone in ["auto2", "auto"] {
        assert_eq!(dispatch.check_exchange(gone), Err(Refusal::NoExchange(gone.to_owned())));
    }
    assert_eq!(send(&mut dispatch, "a"), Ok(0));
}

#[test]
fn exchange_that_goes_takes_its_bindings_along() {
    let mut dispatch = broker(&["a", "b", "c"], &["q"]);
    bind(&mut dispatch, &["a>b", "b>c", "c>=q"]);
    let used = dispatch.delete_exchange("b", true, &mut Vec::new());
    assert_eq!(used, Err(Refusal::ExchangeInUse("b".to_owned())));
    let deleted = dispatch.delete_exchange("b", false, &mut Vec::new());
    deleted.expect("no condition");
    assert_eq!(send(&mut dispatch, "a"), Ok(0));
    dispatch
        .declare_exchange(exchange("b"), &mut Vec::new())
        .expect("new again");
    assert_eq!(send(&mut dispatch, "a"), Ok(0), "the old binding is gone");
    unbind(&mut dispatch, "a>b");
}

#[test]
fn binding_to_what_is_missing_is_refused_and_unbinding_is_not() {
    let mut dispatch = broker(&["a"], &[]);
    let mut bind = |text| dispatch.bind(BY, binding(text), &mut Vec::new());
    let missing = |name: &str| Err(Refusal::NoExchange(name.to_owned()));
    assert_eq!(bind("a>x"), missing("x"));
    assert_eq!(bind("x>a"), missing("x"));
    assert_eq!(bind(">a"), Err(Refusal::DefaultExchange));
    assert_eq!(bind("a>"), Err(Refusal::DefaultExchange));
    unbind(&mut dispatch, "a>x");
    unbind(&mut dispatch, "x>a");
}

#[test]
fn binding_between_durable_exchanges_is_stored() {
    let mut dispatch = broker(&["a"], &[]);
    let mut out = Vec::new();
    let durable = ExchangeSpec {
        durable: true,
        ..exchange("d")
    };
    dispatch.declare_exchange(durable, &mut out).expect("a new exchange");
    for text in ["a>d", "d>a", "amq.fanout>d"] {
        dispatch.bind(BY, binding(text), &mut out).expect("both are there");
    }
    dispatch.delete_exchange("d", false, &mut out).expect("no condition");
    let ops = out.into_iter().filter_map(|effect| match effect {
        Effect::Store(_, op) => Some(op),
        _ => None,
    });
    let ops: Vec<StoreOp> = ops.skip(1).collect();
    let bound = binding("amq.fanout>d");
    let expected = [
        StoreOp::Bound(bound.clone()),
        StoreOp::Unbound(bound),
        StoreOp::ExchangeDeleted("d".to_owned()),
    ];
    assert_eq!(ops, expected);
}
