//! What becomes of a quorum queue's messages: after a restart, as dead letters, and as an observer is told.

use super::super::{
    AckMode, Blocked, Consume, Delivery, DeliveryTag, Effect, Extent, IntKind, LastStop, Persistence, QosScope,
    QueueSpec, RequeueCause, Settlement, Table, Trace, Tracing, Value,
};
use super::durability::{BY, Broker, CHANNEL};
use super::script::returns;
use super::{number, totals};

fn queue(name: &str, args: &[(&str, Value)]) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args: args
            .iter()
            .map(|(arg, value)| ((*arg).to_owned(), value.clone()))
            .collect(),
    }
}

fn quorum(name: &str, args: &[(&str, Value)]) -> QueueSpec {
    let mut spec = queue(name, args);
    spec.args.insert("x-queue-type".to_owned(), Value::text("quorum"));
    spec
}

fn limit(limit: i64) -> (&'static str, Value) {
    ("x-delivery-limit", Value::Int(IntKind::SignedInt, limit))
}

/// Dead letters go to that queue.
fn to(queue: &str) -> [(&'static str, Value); 2] {
    [
        ("x-dead-letter-exchange", Value::text("")),
        ("x-dead-letter-routing-key", Value::text(queue)),
    ]
}

impl Broker {
    fn get(&mut self, queue: &str) -> Delivery {
        let got = self.ask(|dispatch, out| dispatch.get(CHANNEL, queue, AckMode::Manual, out));
        got.expect("the queue is there").expect("a message").delivery
    }

    fn settle(&mut self, delivery: &Delivery, how: Settlement) {
        let settled = self.ask(|dispatch, out| dispatch.settle(CHANNEL, delivery.tag, Extent::One, how, out));
        settled.expect("outstanding");
    }
}

const STOPS: [LastStop; 2] = [LastStop::Crash, LastStop::Orderly];

#[test]
fn every_message_survives_and_none_is_flagged_that_was_never_delivered() {
    for last_stop in STOPS {
        let mut broker = Broker::new(&[quorum("q", &[])]);
        for (number, persistence) in [(0, Persistence::Transient), (1, Persistence::Persistent)] {
            let stored = broker.publish(number, "q", persistence);
            assert!(stored.is_some(), "a confirm waits for the record of {number}");
        }
        broker.restart(last_stop);
        assert_eq!(broker.drain("q"), "0 1", "{last_stop:?}");
        broker.restart(last_stop);
        assert_eq!(broker.drain("q"), "", "what was fetched is gone");
    }
}

#[test]
fn what_was_held_comes_back_first_and_counted() {
    for last_stop in STOPS {
        let mut broker = Broker::new(&[quorum("q", &[])]);
        for number in 0..6 {
            broker.publish(number, "q", Persistence::Persistent);
        }
        let held: Vec<Delivery> = (0..3).map(|_| broker.get("q")).collect();
        broker.settle(&held[0], Settlement::Ack);
        broker.restart(last_stop);
        assert_eq!(totals(&broker.dispatch, "q").unacked, 0);
        assert_eq!(
            broker.dispatch.check_queue(BY, "q").map(|counts| counts.consumers),
            Ok(0)
        );
        assert_eq!(broker.drain("q"), "1R1 2R1 3 4 5", "{last_stop:?}");
    }
}

#[test]
fn counts_and_order_of_return_survive_any_number_of_restarts() {
    let mut broker = Broker::new(&[quorum("q", &[])]);
    for number in 0..4 {
        broker.publish(number, "q", Persistence::Persistent);
    }
    let held: Vec<Delivery> = (0..3).map(|_| broker.get("q")).collect();
    broker.settle(&held[2], Settlement::Requeue);
    broker.settle(&held[0], Settlement::Requeue);
    broker.restart(LastStop::Crash);
    broker.restart(LastStop::Crash);
    let first = broker.get("q");
    assert_eq!((number(&first.message), returns(&first)), (2, Some(1)));
    broker.restart(LastStop::Crash);
    broker.restart(LastStop::Orderly);
    assert_eq!(
        broker.drain("q"),
        "0R1 1R1 2R2 3",
        "without a delivery nothing is counted"
    );
}

#[test]
fn restart_counts_against_the_limit() {
    let args = [limit(1), to("dead")[0].clone(), to("dead")[1].clone()];
    let mut broker = Broker::new(&[quorum("q", &args), queue("dead", &[])]);
    broker.publish(0, "q", Persistence::Persistent);
    for left in ["1", "0"] {
        broker.get("q");
        broker.restart(LastStop::Crash);
        let ready = broker
            .dispatch
            .check_queue(BY, "q")
            .map(|counts| counts.ready.to_string());
        assert_eq!(ready, Ok(left.to_owned()));
    }
    broker.restart(LastStop::Orderly);
    let letter = broker.get("dead");
    assert_eq!(reason(&letter), "delivery_limit");
    assert_eq!(time(&letter), Some(&Value::Timestamp(7)));
    assert_eq!(totals(&broker.dispatch, "q").published, 0, "its record is gone");
}

fn reason(letter: &Delivery) -> &str {
    let added = letter.message.added.as_ref().expect("a dead letter has a history");
    added["x-last-death-reason"].as_text().expect("a text")
}

fn time(letter: &Delivery) -> Option<&Value> {
    let added = letter.message.added.as_ref()?;
    match &added["x-death"] {
        Value::Array(deaths) => match deaths.first() {
            Some(Value::Table(death)) => death.get("time"),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn message_beyond_the_limit_is_dead_lettered_with_that_reason() {
    let args = [limit(1), to("dead")[0].clone(), to("dead")[1].clone()];
    let mut broker = Broker::new(&[quorum("q", &args), queue("dead", &[])]);
    broker.publish(0, "q", Persistence::Persistent);
    for count in [None, Some(1)] {
        let delivery = broker.get("q");
        assert_eq!(returns(&delivery), count);
        broker.settle(&delivery, Settlement::Requeue);
    }
    let letter = broker.get("dead");
    assert_eq!(reason(&letter), "delivery_limit");
    assert_eq!((letter.redelivered, returns(&letter)), (false, None));
    let books = totals(&broker.dispatch, "q");
    assert_eq!((books.ready, books.unacked, books.dropped), (0, 0, 1));
}

#[test]
fn failures_go_with_the_letter_to_the_next_quorum_queue() {
    // How the message ends at q, and what the queue of its letters tells: flag and count.
    let rows = [(Settlement::Drop, Some(1)), (Settlement::Requeue, None)];
    for (how, expected) in rows {
        let args = [limit(0), to("dead")[0].clone(), to("dead")[1].clone()];
        let mut broker = Broker::new(&[quorum("q", &args), quorum("dead", &[])]);
        broker.publish(0, "q", Persistence::Persistent);
        let delivery = broker.get("q");
        broker.settle(&delivery, how);
        let letter = broker.get("dead");
        assert_eq!(
            (letter.redelivered, returns(&letter)),
            (expected.is_some(), expected),
            "{how:?}"
        );
        broker.settle(&letter, Settlement::Requeue);
        let again = broker.get("dead");
        assert_eq!(
            (again.redelivered, returns(&again)),
            (true, Some(1)),
            "its own returns count now"
        );
    }
}

#[test]
fn rejected_message_that_comes_round_is_flagged() {
    let mut broker = Broker::new(&[quorum("q", &to("q"))]);
    broker.publish(0, "q", Persistence::Persistent);
    for failures in [None, Some(1), Some(2)] {
        let delivery = broker.get("q");
        assert_eq!(
            (delivery.redelivered, returns(&delivery)),
            (failures.is_some(), failures)
        );
        broker.settle(&delivery, Settlement::Drop);
    }
}

#[test]
fn observer_is_told_of_consumers_without_credit_and_of_returns_in_their_order() {
    let mut broker = Broker::new(&[quorum("q", &[])]);
    broker.dispatch.set_tracing(Tracing::On);
    let mut out = Vec::new();
    broker.dispatch.qos(CHANNEL, 1, QosScope::Consumer, &mut out);
    for tag in ["a", "b"] {
        let consume = Consume {
            queue: "q".to_owned(),
            tag: tag.into(),
            ack: AckMode::Manual,
            exclusive: false,
            args: Table::new(),
        };
        broker.ask(|dispatch, out| dispatch.consume(CHANNEL, consume, out).expect("the queue is there"));
    }
    broker.publish(0, "q", Persistence::Persistent);
    let message = std::sync::Arc::new(super::job(1, "q"));
    broker.dispatch.publish(message, &mut out).expect("routable");
    let passed = out.iter().find_map(|effect| match effect {
        Effect::Trace(Trace::Dispatched { passed_over, .. }) => Some(passed_over.clone()),
        _ => None,
    });
    assert_eq!(passed, Some(vec![("a".into(), Blocked::Prefetch(1))]));
    for tag in ["a", "b"] {
        broker.dispatch.cancel(CHANNEL, tag, &mut out);
    }
    out.clear();
    for tag in [2, 1] {
        let settled = broker
            .dispatch
            .settle(CHANNEL, DeliveryTag(tag), Extent::One, Settlement::Requeue, &mut out);
        settled.expect("outstanding");
    }
    let back: Vec<(u32, RequeueCause)> = out
        .iter()
        .filter_map(|effect| match effect {
            Effect::Trace(Trace::Requeued { messages, why, .. }) => Some((number(&messages[0]), *why)),
            _ => None,
        })
        .collect();
    assert_eq!(back, [(1, RequeueCause::Nacked), (0, RequeueCause::Nacked)]);
}
