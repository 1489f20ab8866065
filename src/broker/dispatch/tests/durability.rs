//! What is written to the store, and what comes back from it.

use super::super::{
    AckMode, Binding, ChannelId, ConnectionId, DeleteRule, DeliveryTag, Destination, Dispatch, Effect, ExchangeKind,
    ExchangeSpec, Extent, Image, LastStop, Like, Persistence, QueueImage, QueueSpec, Settlement, StoreOp, StoreSeq,
    StoredMessage, Table, UnixMillis,
};
use super::script::returns;
use super::{job, number, totals};
use std::sync::Arc;

/// A store that keeps its image by doing what each record says.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeper(Image);

impl Keeper {
    pub(super) fn image(&self) -> Image {
        self.0.clone()
    }

    pub(super) fn keep(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Store(seq, op) = effect {
                assert_eq!(seq.0, self.0.seq.0 + 1, "records are numbered without gaps");
                self.0.seq = *seq;
                self.apply(*seq, op);
            }
        }
    }

    fn apply(&mut self, seq: StoreSeq, op: &StoreOp) {
        let image = &mut self.0;
        match op {
            StoreOp::ExchangeDeclared(spec) => image.exchanges.push(spec.clone()),
            StoreOp::ExchangeDeleted(name) => image.exchanges.retain(|spec| spec.name != *name),
            StoreOp::QueueDeclared(spec) => image.queues.push(QueueImage {
                spec: spec.clone(),
                messages: Vec::new(),
            }),
            StoreOp::QueueDeleted(name) => image.queues.retain(|queue| queue.spec.name != *name),
            StoreOp::Bound(binding) => image.bindings.push(binding.clone()),
            StoreOp::Unbound(binding) => image.bindings.retain(|other| other != binding),
            StoreOp::Enqueued {
                queue,
                position,
                message,
                expires,
            } => {
                let stored = StoredMessage::new(*position, Arc::clone(message), *expires);
                self.queue(queue).messages.push(stored);
            }
            StoreOp::Removed { queue, position } => {
                let messages = &mut self.queue(queue).messages;
                let at = messages.iter().position(|stored| stored.position == *position);
                messages.remove(at.expect("only what was stored is removed"));
            }
            StoreOp::Delivered { queue, position } | StoreOp::Returned { queue, position, .. } => {
                let mut messages = self.queue(queue).messages.iter_mut();
                let message = messages.find(|stored| stored.position == *position);
                message.expect("only what was stored is marked").note(seq, op);
            }
        }
    }

    fn queue(&mut self, name: &str) -> &mut QueueImage {
        let mut queues = self.0.queues.iter_mut();
        queues
            .find(|queue| queue.spec.name == name)
            .expect("the store knows the queue")
    }
}

pub(super) const BY: ConnectionId = ConnectionId(1);
pub(super) const CHANNEL: ChannelId = ChannelId {
    connection: BY,
    number: 1,
};

fn queue(name: &str, durable: bool, exclusive: bool) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable,
        exclusive: exclusive.then_some(BY),
        auto_delete: false,
        args: Table::new(),
    }
}

fn exchange(name: &str, durable: bool) -> ExchangeSpec {
    ExchangeSpec {
        name: name.to_owned(),
        kind: ExchangeKind::Direct,
        durable,
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

/// A broker with one open channel and a store.
pub(super) struct Broker {
    pub(super) dispatch: Dispatch,
    keeper: Keeper,
}

impl Broker {
    pub(super) fn new(queues: &[QueueSpec]) -> Self {
        let mut broker = Self {
            dispatch: Dispatch::default(),
            keeper: Keeper::default(),
        };
        broker.dispatch.open_channel(CHANNEL);
        for spec in queues {
            broker.ask(|dispatch, out| dispatch.declare_queue(BY, spec.clone(), out).expect("a new queue"));
        }
        broker
    }

    pub(super) fn ask<T>(&mut self, request: impl FnOnce(&mut Dispatch, &mut Vec<Effect>) -> T) -> T {
        let mut out = Vec::new();
        let answer = request(&mut self.dispatch, &mut out);
        self.keeper.keep(&out);
        self.dispatch.check();
        answer
    }

    pub(super) fn publish(&mut self, number: u32, queue: &str, persistence: Persistence) -> Option<StoreSeq> {
        let message = Arc::new(super::Message {
            persistence,
            ..job(number, queue)
        });
        self.ask(|dispatch, out| dispatch.publish(message, out).expect("routable"))
            .stored_by
    }

    pub(super) fn restart(&mut self, last_stop: LastStop) {
        let image = self.keeper.image();
        let mut out = Vec::new();
        self.dispatch = Dispatch::restore(&image, last_stop, UnixMillis(7_000), Like::default(), &mut out);
        self.keeper.keep(&out);
        self.dispatch.open_channel(CHANNEL);
        self.dispatch.check();
    }

    /// Fetches everything: job, `R` if redelivered, and the returns if told.
    pub(super) fn drain(&mut self, queue: &str) -> String {
        let mut jobs = Vec::new();
        while let Some(got) = self.ask(|dispatch, out| {
            dispatch
                .get(CHANNEL, queue, AckMode::Automatic, out)
                .expect("the queue is there")
        }) {
            let flag = if got.delivery.redelivered { "R" } else { "" };
            let count = returns(&got.delivery).map(|count| count.to_string());
            let job = number(&got.delivery.message);
            jobs.push(format!("{job}{flag}{}", count.unwrap_or_default()));
        }
        jobs.join(" ")
    }
}

#[test]
fn persistent_messages_in_durable_queues_survive_in_order() {
    for (last_stop, expected) in [(LastStop::Crash, "0R 2R 4R"), (LastStop::Orderly, "0R 2 4")] {
        let mut broker = Broker::new(&[queue("q", true, false)]);
        for number in 0..5 {
            let persistence = [Persistence::Persistent, Persistence::Transient][number as usize % 2];
            let stored = broker.publish(number, "q", persistence);
            assert_eq!(
                stored.is_some(),
                number % 2 == 0,
                "a confirm waits for the record of {number}"
            );
        }
        let got = broker.ask(|dispatch, out| dispatch.get(CHANNEL, "q", AckMode::Manual, out).expect("there"));
        assert!(got.is_some());
        broker.restart(last_stop);
        assert_eq!(broker.drain("q"), expected, "{last_stop:?}");
    }
}

#[test]
fn delivery_is_remembered_by_an_orderly_stop_only() {
    for (last_stop, expected) in [(LastStop::Crash, "1R 2R 3R 4R 5R"), (LastStop::Orderly, "1R 2R 3 4 5")] {
        let mut broker = Broker::new(&[queue("q", true, false)]);
        for number in 0..6 {
            broker.publish(number, "q", Persistence::Persistent);
        }
        for _ in 0..3 {
            broker.ask(|dispatch, out| dispatch.get(CHANNEL, "q", AckMode::Manual, out).expect("there"));
        }
        broker.ask(|dispatch, out| {
            dispatch
                .settle(CHANNEL, DeliveryTag(1), Extent::One, Settlement::Ack, out)
                .expect("outstanding");
        });
        broker.restart(last_stop);
        assert_eq!(broker.drain("q"), expected, "{last_stop:?}");
        broker.restart(last_stop);
        assert_eq!(broker.drain("q"), "", "what was fetched is gone");
    }
}

#[test]
fn new_messages_come_after_restored_ones() {
    let mut broker = Broker::new(&[queue("q", true, false)]);
    for number in 0..3 {
        broker.publish(number, "q", Persistence::Persistent);
    }
    broker.restart(LastStop::Crash);
    broker.publish(3, "q", Persistence::Persistent);
    broker.restart(LastStop::Orderly);
    assert_eq!(totals(&broker.dispatch, "q").published, 4);
    assert_eq!(
        broker.drain("q"),
        "0 1 2 3",
        "flags are of deliveries and of the last stop"
    );
}

#[test]
fn only_durable_shared_queues_and_their_bindings_survive() {
    let mut broker = Broker::new(&[
        queue("durable", true, false),
        queue("transient", false, false),
        queue("exclusive", true, true),
    ]);
    for spec in [exchange("lasting", true), exchange("fleeting", false)] {
        broker.ask(|dispatch, out| dispatch.declare_exchange(spec, out).expect("a new exchange"));
    }
    for exchange in ["lasting", "fleeting", "amq.direct"] {
        for queue in ["durable", "transient", "exclusive"] {
            broker.ask(|dispatch, out| {
                dispatch
                    .bind(BY, binding(exchange, queue), out)
                    .expect("both ends are there");
            });
        }
    }
    broker.restart(LastStop::Orderly);
    let names: Vec<_> = broker.dispatch.totals().map(|totals| totals.name.to_string()).collect();
    assert_eq!(names, ["durable"]);
    assert!(broker.dispatch.check_exchange("lasting").is_ok());
    assert!(broker.dispatch.check_exchange("fleeting").is_err());
    assert_eq!(
        broker.keeper.image().bindings,
        [binding("lasting", "durable"), binding("amq.direct", "durable")]
    );
    let message = Arc::new(super::Message {
        exchange: "lasting".into(),
        ..job(0, "k")
    });
    assert_eq!(
        broker
            .ask(|dispatch, out| dispatch.publish(message, out))
            .map(|routed| routed.queues),
        Ok(1)
    );
}

#[test]
fn deletions_are_written_down() {
    let mut broker = Broker::new(&[queue("q", true, false), queue("p", true, false)]);
    broker.ask(|dispatch, out| {
        dispatch
            .declare_exchange(exchange("x", true), out)
            .expect("a new exchange");
    });
    for queue in ["q", "p"] {
        broker.ask(|dispatch, out| {
            dispatch
                .bind(BY, binding("x", queue), out)
                .expect("both ends are there");
        });
        broker.publish(0, queue, Persistence::Persistent);
    }
    broker.ask(|dispatch, out| {
        dispatch
            .delete_queue(BY, "q", DeleteRule::default(), out)
            .expect("no condition")
    });
    assert_eq!(broker.keeper.image().bindings, [binding("x", "p")]);
    broker.ask(|dispatch, out| dispatch.unbind(BY, &binding("x", "p"), out).expect("bound"));
    assert_eq!(broker.keeper.image().bindings, []);
    broker.ask(|dispatch, out| dispatch.bind(BY, binding("x", "p"), out).expect("both ends are there"));
    broker.ask(|dispatch, out| dispatch.delete_exchange("x", false, out).expect("no condition"));
    broker.ask(|dispatch, out| dispatch.purge_queue(BY, "p", out).expect("the queue is there"));
    let image = broker.keeper.image();
    assert!(image.exchanges.is_empty() && image.bindings.is_empty());
    assert_eq!(
        image.queues,
        [QueueImage {
            spec: queue("p", true, false),
            messages: Vec::new()
        }]
    );
}

#[test]
fn message_that_is_gone_at_once_needs_no_record() {
    let mut broker = Broker::new(&[queue("q", true, false)]);
    let consume = super::super::Consume {
        queue: "q".to_owned(),
        tag: "c".into(),
        ack: AckMode::Automatic,
        exclusive: false,
        args: Table::new(),
    };
    broker.ask(|dispatch, out| dispatch.consume(CHANNEL, consume, out).expect("the queue is there"));
    let before = broker.keeper.image().seq;
    assert_eq!(broker.publish(0, "q", Persistence::Persistent), None);
    assert_eq!(broker.keeper.image().seq, before);
    assert_eq!(totals(&broker.dispatch, "q").acked, 1);
}
