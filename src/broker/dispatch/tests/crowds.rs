//! What one client may ask for in masses, and numbers at the edge.

use super::super::{
    AckMode, Binding, ChannelId, ConnectionId, DeleteRule, Destination, Dispatch, ExchangeKind, ExchangeSpec, Extent,
    Image, IntKind, LastStop, Like, QueueSpec, Refusal, Settlement, Table, UnixMillis, Value,
};
use super::durability::Keeper;
use super::job;
use std::sync::Arc;

const BY: ConnectionId = ConnectionId(1);
const CHANNEL: ChannelId = ChannelId {
    connection: BY,
    number: 1,
};

fn queue(name: &str, args: &[(&str, Value)]) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: args
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

fn declare(dispatch: &mut Dispatch, spec: QueueSpec) -> Result<(), Refusal> {
    dispatch.declare_queue(BY, spec, &mut Vec::new()).map(|_| ())
}

fn restored(image: &Image, like: Like) -> Dispatch {
    let mut dispatch = Dispatch::restore(image, LastStop::Orderly, UnixMillis(0), like, &mut Vec::new());
    dispatch.open_channel(CHANNEL);
    dispatch
}

fn bind(dispatch: &mut Dispatch, exchange: &str, to: Destination) {
    let binding = Binding {
        exchange: exchange.to_owned(),
        to,
        key: String::new(),
        args: Table::new(),
    };
    dispatch
        .bind(BY, binding, &mut Vec::new())
        .expect("both ends are there");
}

#[test]
fn long_chain_of_auto_delete_exchanges_goes_with_its_last_queue() {
    const LONG: usize = 20_000;
    let mut dispatch = restored(&Image::default(), Like::default());
    declare(&mut dispatch, queue("q", &[])).expect("a new queue");
    for number in 0..LONG {
        let spec = ExchangeSpec {
            name: format!("e{number}"),
            kind: ExchangeKind::Fanout,
            durable: false,
            auto_delete: true,
            internal: false,
            args: Table::new(),
        };
        dispatch.declare_exchange(spec, &mut Vec::new()).expect("a new one");
        let to = match number {
            0 => Destination::Queue("q".to_owned()),
            _ => Destination::Exchange(format!("e{}", number - 1)),
        };
        bind(&mut dispatch, &format!("e{number}"), to);
    }
    dispatch
        .delete_queue(BY, "q", DeleteRule::default(), &mut Vec::new())
        .expect("it is there");
    for number in [0, LONG - 1] {
        let gone = dispatch.check_exchange(&format!("e{number}"));
        assert!(matches!(gone, Err(Refusal::NoExchange(_))), "{number}: {gone:?}");
    }
}

#[test]
fn keys_that_an_exchange_does_not_look_at_or_that_lead_to_the_same_queues_cost_no_memory() {
    for (exchange, alike) in [("amq.fanout", true), ("amq.fanout", false), ("amq.topic", false)] {
        let mut dispatch = restored(&Image::default(), Like::default());
        for number in 0..100 {
            let name = format!("q{number}");
            declare(&mut dispatch, queue(&name, &[])).expect("a new queue");
            let binding = Binding {
                exchange: exchange.to_owned(),
                to: Destination::Queue(name),
                key: "#".to_owned(),
                args: Table::new(),
            };
            dispatch
                .bind(BY, binding, &mut Vec::new())
                .expect("both ends are there");
        }
        let keys = (0..1_000).map(|number| Value::text(&if alike { String::new() } else { number.to_string() }));
        let mut message = job(1, "");
        message.exchange = exchange.into();
        message.headers = Some(Arc::new([("CC".to_owned(), Value::Array(keys.collect()))].into()));
        let routed = dispatch.publish(Arc::new(message), &mut Vec::new());
        assert_eq!(routed.expect("it is there").queues, 100, "{exchange}: one copy each");
        let kept = dispatch.routes.queues.capacity();
        assert!(kept <= 8_192, "{exchange}: room for {kept} routes is kept");
    }
}

#[test]
fn highest_count_of_deaths_that_a_client_can_write_is_not_exceeded() {
    let mut dispatch = restored(&Image::default(), Like::V3_10);
    let args = [
        ("x-max-length", Value::Int(IntKind::Long, 0)),
        ("x-dead-letter-exchange", Value::text("")),
        ("x-dead-letter-routing-key", Value::text("dead")),
    ];
    declare(&mut dispatch, queue("q", &args)).expect("a new queue");
    declare(&mut dispatch, queue("dead", &[])).expect("a new queue");
    let death: Table = [
        ("queue".to_owned(), Value::text("q")),
        ("reason".to_owned(), Value::text("maxlen")),
        ("count".to_owned(), Value::Int(IntKind::Long, i64::MAX)),
    ]
    .into();
    let deaths = Value::Array(vec![Value::Table(death)]);
    let mut message = job(1, "q");
    message.headers = Some(Arc::new([("x-death".to_owned(), deaths)].into()));
    dispatch
        .publish(Arc::new(message), &mut Vec::new())
        .expect("the queue is there");
    let counts = dispatch.check_queue(BY, "dead").expect("it is there");
    assert_eq!(counts.ready, 1);
}

#[test]
fn dead_letter_that_counts_as_redelivered_still_does_after_an_orderly_restart() {
    let mut dispatch = restored(&Image::default(), Like::V4_3);
    let mut out = Vec::new();
    let args = [
        ("x-dead-letter-exchange", Value::text("")),
        ("x-dead-letter-routing-key", Value::text("dead")),
    ];
    for spec in [queue("q", &args), queue("dead", &[])] {
        dispatch.declare_queue(BY, spec, &mut out).expect("a new queue");
    }
    dispatch
        .publish(Arc::new(job(1, "q")), &mut out)
        .expect("the queue is there");
    let got = dispatch.get(CHANNEL, "q", AckMode::Manual, &mut out);
    let tag = got.expect("the queue is there").expect("a message").delivery.tag;
    dispatch
        .settle(CHANNEL, tag, Extent::One, Settlement::Drop, &mut out)
        .expect("it is outstanding");
    let mut keeper = Keeper::default();
    keeper.keep(&out);
    let mut again = restored(&keeper.image(), Like::V4_3);
    for dispatch in [&mut dispatch, &mut again] {
        let got = dispatch.get(CHANNEL, "dead", AckMode::Manual, &mut Vec::new());
        assert!(got.expect("the queue is there").expect("a letter").delivery.redelivered);
    }
}

#[test]
fn queues_bindings_and_entries_weigh_until_they_are_gone() {
    let mut dispatch = restored(&Image::default(), Like::default());
    let empty = dispatch.weight();
    declare(&mut dispatch, queue("r", &[])).expect("a new queue");
    let short = dispatch.weight() - empty;
    let long = Value::text(&"x".repeat(10_000));
    declare(&mut dispatch, queue("q", &[("x-dead-letter-exchange", long)])).expect("a new queue");
    let queues = dispatch.weight();
    assert!(queues >= empty + 2 * short + 10_000, "arguments weigh: {queues}");
    bind(&mut dispatch, "amq.fanout", Destination::Queue("q".to_owned()));
    bind(&mut dispatch, "amq.fanout", Destination::Queue("r".to_owned()));
    let bound = dispatch.weight();
    assert!(bound > queues, "bindings weigh: {bound}");
    let mut message = job(1, "");
    message.exchange = "amq.fanout".into();
    let message = Arc::new(message);
    for number in 1..=1_000 {
        dispatch
            .publish(Arc::clone(&message), &mut Vec::new())
            .expect("the exchange is there");
        assert!(dispatch.weight() >= bound + number * 2 * 24, "each entry weighs");
    }
    let full = dispatch.weight();
    let got = dispatch.get(CHANNEL, "r", AckMode::Manual, &mut Vec::new());
    let tag = got.expect("the queue is there").expect("a message").delivery.tag;
    assert_eq!(dispatch.weight(), full, "unacked ones weigh as much");
    dispatch
        .settle(CHANNEL, tag, Extent::One, Settlement::Ack, &mut Vec::new())
        .expect("it is outstanding");
    assert!(dispatch.weight() < full, "acked ones do not");
    dispatch
        .purge_queue(BY, "r", &mut Vec::new())
        .expect("the queue is there");
    for name in ["q", "r"] {
        dispatch
            .delete_queue(BY, name, DeleteRule::default(), &mut Vec::new())
            .expect("it is there");
    }
    assert_eq!(dispatch.weight(), empty);
}
