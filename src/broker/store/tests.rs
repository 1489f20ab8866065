//! What a store gives back.

use super::MemoryStore;
use crate::broker::dispatch::Charge;
use crate::broker::dispatch::{
    Binding, Destination, ExchangeKind, ExchangeSpec, Failures, LastStop, Message, Persistence, Position, QueueSpec,
    Returns, Standing, StoreOp, StoreSeq, Table,
};
use std::sync::Arc;

fn queue(name: &str) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: Table::new(),
    }
}

fn exchange(name: &str) -> ExchangeSpec {
    ExchangeSpec {
        name: name.to_owned(),
        kind: ExchangeKind::Topic,
        durable: true,
        auto_delete: false,
        internal: false,
        args: Table::new(),
    }
}

fn binding(exchange: &str, queue: &str) -> Binding {
    Binding {
        exchange: exchange.to_owned(),
        to: Destination::Queue(queue.to_owned()),
        key: "k".to_owned(),
        args: Table::new(),
    }
}

fn enqueued(queue: &str, position: u64) -> StoreOp {
    let message = Message {
        exchange: "".into(),
        routing_key: queue.into(),
        properties: Arc::from([0, 0]),
        body: Arc::from(position.to_be_bytes()),
        persistence: Persistence::Persistent,
        headers: None,
        priority: None,
        expiration: None,
        added: None,
        failures: Failures::default(),
        charge: Charge::default(),
    };
    StoreOp::Enqueued {
        queue: queue.into(),
        position: Position(position),
        message: Arc::new(message),
        expires: None,
    }
}

fn written(ops: Vec<StoreOp>) -> MemoryStore {
    let mut store = MemoryStore::new();
    let count = ops.len() as u64;
    let mut batch = ops.into_iter().zip(1..).map(|(op, seq)| (StoreSeq(seq), op)).collect();
    assert_eq!(store.write(&mut batch), Some(StoreSeq(count)));
    store
}

fn at(queue: &str, position: u64) -> (Arc<str>, Position) {
    (queue.into(), Position(position))
}

#[test]
fn messages_come_back_in_order_with_what_is_known_of_their_delivery() {
    let (queue_name, second) = at("q", 2);
    let (_, first) = at("q", 1);
    let (_, third) = at("q", 3);
    let store = written(vec![
        StoreOp::QueueDeclared(queue("q")),
        enqueued("q", 3),
        enqueued("q", 1),
        enqueued("q", 2),
        StoreOp::Delivered {
            queue: Arc::clone(&queue_name),
            position: second,
        },
        StoreOp::Removed {
            queue: Arc::clone(&queue_name),
            position: third,
        },
        StoreOp::Returned {
            queue: queue_name,
            position: first,
            returns: Returns(2),
            failures: Failures(1),
        },
    ]);
    let image = store.image();
    let messages = image.queues[0].messages.iter();
    let known: Vec<_> = messages
        .map(|stored| (stored.position.0, stored.standing, stored.returns.0))
        .collect();
    let expected = [
        (1, Standing::Back(StoreSeq(7)), 2),
        (2, Standing::HandedOut(StoreSeq(5)), 0),
    ];
    assert_eq!(known, expected);
    assert_eq!(image.seq, StoreSeq(7));
}

#[test]
fn deleting_an_end_of_a_binding_deletes_the_binding() {
    let declared = || {
        vec![
            StoreOp::ExchangeDeclared(exchange("x")),
            StoreOp::QueueDeclared(queue("q")),
            StoreOp::Bound(binding("x", "q")),
            StoreOp::Bound(binding("amq.topic", "q")),
        ]
    };
    let rows = [
        (None, 2),
        (Some(StoreOp::ExchangeDeleted("x".to_owned())), 1),
        (Some(StoreOp::Unbound(binding("x", "q"))), 1),
        (Some(StoreOp::QueueDeleted("q".to_owned())), 0),
    ];
    for (last, left) in rows {
        let ops = declared().into_iter().chain(last.clone()).collect();
        assert_eq!(written(ops).image().bindings.len(), left, "{last:?}");
    }
}

#[test]
fn empty_store_looks_like_one_after_an_orderly_stop_and_stores_nothing() {
    let mut store = MemoryStore::new();
    assert_eq!(store.last_stop(), LastStop::Orderly);
    assert_eq!(store.write(&mut Vec::new()), None);
    store.end(LastStop::Crash);
    assert_eq!(store.last_stop(), LastStop::Crash);
}
