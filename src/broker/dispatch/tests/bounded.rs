//! Random histories of queues that expire, overflow and have priorities, while the clock goes on: after each step all
//! invariants hold, and the model has delivered, dropped and kept the same.

mod model;
mod steps;

use super::super::{
    AckMode, ChannelId, ConnectionId, Consume, DeliveryTag, Dispatch, Effect, Extent, Image, IntKind, LastStop, Like,
    Message, Priority, QosScope, QueueSpec, Settlement, Table, Ttl, UnixMillis, Value,
};
use super::durability::Keeper;
use super::{job, number};
use model::{Job, Model, Order, Overflow, Seen, Traits};
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use steps::{Step, queues, step};

const BY: ConnectionId = ConnectionId(1);
/// Where messages are fetched; the channel of each queue's consumer is numbered after it.
const FETCH: ChannelId = ChannelId {
    connection: BY,
    number: 100,
};

fn args(traits: &Traits) -> Table {
    let size = |value: usize| Value::Int(IntKind::Long, i64::try_from(value).expect("small"));
    let mut args = vec![
        ("x-dead-letter-exchange", Value::text("")),
        (
            "x-dead-letter-routing-key",
            Value::text(&format!("dead-{}", traits.name)),
        ),
    ];
    if traits.quorum {
        args.push(("x-queue-type", Value::text("quorum")));
        args.push(("x-delivery-limit", Value::Int(IntKind::Long, 1_000_000)));
    }
    args.extend(
        traits
            .ttl
            .map(|ttl| ("x-message-ttl", Value::Int(IntKind::Long, ttl.cast_signed()))),
    );
    args.extend(traits.max_length.map(|max| ("x-max-length", size(max))));
    args.extend(traits.max_bytes.map(|max| ("x-max-length-bytes", size(max))));
    if let Order::Capped(max) = traits.order {
        args.push(("x-max-priority", size(max.into())));
    }
    let overflow = match traits.overflow {
        Overflow::DropHead => "drop-head",
        Overflow::Reject | Overflow::RejectLate => "reject-publish",
        Overflow::RejectToDead => "reject-publish-dlx",
    };
    args.push(("x-overflow", Value::text(overflow)));
    args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn spec(name: String, args: Table) -> QueueSpec {
    QueueSpec {
        name,
        durable: true,
        exclusive: None,
        auto_delete: false,
        args,
    }
}

/// The broker, the model and a store, side by side.
struct Pair {
    like: Like,
    traits: [Traits; 6],
    now: u64,
    dispatch: Dispatch,
    model: Model,
    keeper: Keeper,
    /// Of what is held.
    tags: HashMap<(usize, u32), (ChannelId, DeliveryTag)>,
    numbers: u32,
    out: Vec<Effect>,
}

impl Pair {
    fn new(like: Like) -> Self {
        let traits = queues(like);
        let mut pair = Self {
            like,
            traits,
            now: 0,
            dispatch: Dispatch::restore(
                &Image::default(),
                LastStop::Orderly,
                UnixMillis(0),
                like,
                &mut Vec::new(),
            ),
            model: Model::new(&traits),
            keeper: Keeper::default(),
            tags: HashMap::new(),
            numbers: 0,
            out: Vec::new(),
        };
        for traits in traits {
            for spec in [
                spec(traits.name.to_owned(), args(&traits)),
                spec(format!("dead-{}", traits.name), Table::new()),
            ] {
                pair.dispatch
                    .declare_queue(BY, spec, &mut pair.out)
                    .expect("a new queue");
            }
        }
        pair.open();
        pair
    }

    fn open(&mut self) {
        self.dispatch.open_channel(FETCH);
        for queue in 0..self.traits.len() {
            self.dispatch.open_channel(channel_of(queue));
        }
    }

    fn apply(&mut self, step: &Step) {
        let mut seen = Vec::new();
        match *step {
            Step::Publish {
                queue,
                priority,
                size,
                ttl,
            } => self.publish(queue, priority, size, ttl),
            Step::Get { queue, keeps } => seen.extend(self.get(queue, keeps)),
            Step::Settle { which, how } => self.settle(which, how),
            Step::Consume { queue, prefetch } => self.consume(queue, prefetch),
            Step::Cancel { queue } => {
                if let Some(number) = self.model.cancel(queue) {
                    self.dispatch
                        .cancel(channel_of(queue), &number.to_string(), &mut self.out);
                }
            }
            Step::Purge { queue } => {
                let purged = self.dispatch.purge_queue(BY, self.traits[queue].name, &mut self.out);
                purged.expect("the queue is there");
                self.model.purge(queue);
            }
            Step::Advance { by } => self.advance(by),
        }
        self.compare(step, seen);
    }

    fn compare(&mut self, step: &Step, mut seen: Vec<Seen>) {
        self.keeper.keep(&self.out);
        for effect in std::mem::take(&mut self.out) {
            if let Effect::Deliver(delivery) = effect {
                let queue = usize::from(delivery.channel.number) - 1;
                let job = number(&delivery.message);
                self.tags.insert((queue, job), (delivery.channel, delivery.tag));
                seen.push((queue, job, delivery.redelivered));
            }
        }
        self.dispatch.check();
        assert_eq!(seen, self.model.take_seen(), "deliveries of {step:?}");
        for (queue, traits) in self.traits.iter().enumerate() {
            let ready = super::totals(&self.dispatch, traits.name).ready;
            assert_eq!(ready, self.model.ready(queue) as u64, "{} after {step:?}", traits.name);
        }
        if let Some(next) = self.model.next_expiry() {
            let due = self.dispatch.next_deadline().expect("something expires");
            assert!(due.0 <= next, "{due:?} is too late for {next}");
        }
    }

    fn publish(&mut self, queue: usize, priority: Option<u8>, size: usize, ttl: Option<u64>) {
        let number = self.numbers;
        self.numbers += 1;
        let body = format!("{number:0>size$}").into_bytes();
        let model_job = Job {
            number,
            priority,
            size: body.len(),
            ttl,
        };
        let message = Message {
            body: body.into(),
            priority: priority.map(Priority),
            expiration: ttl.map(|ttl| Ttl(u32::try_from(ttl).expect("small"))),
            ..job(number, self.traits[queue].name)
        };
        let routed = self
            .dispatch
            .publish(Arc::new(message), &mut self.out)
            .expect("routable");
        assert_eq!(routed.queues, 1);
        assert_eq!(routed.rejected, self.model.publish(queue, model_job), "{model_job:?}");
    }

    fn get(&mut self, queue: usize, keeps: bool) -> Option<Seen> {
        let ack = if keeps { AckMode::Manual } else { AckMode::Automatic };
        let got = self.dispatch.get(FETCH, self.traits[queue].name, ack, &mut self.out);
        let got = got.expect("the queue is there").map(|got| got.delivery);
        let seen = got.map(|delivery| {
            let job = number(&delivery.message);
            self.tags.insert((queue, job), (FETCH, delivery.tag));
            (queue, job, delivery.redelivered)
        });
        assert_eq!(seen, self.model.get(queue, keeps));
        None
    }

    fn settle(&mut self, which: usize, how: Settlement) {
        let held = self.model.held();
        let Some(at) = which.checked_rem(held.len()) else {
            return;
        };
        let (channel, tag) = self.tags[&held[at]];
        let settled = self.dispatch.settle(channel, tag, Extent::One, how, &mut self.out);
        settled.expect("outstanding");
        match how {
            Settlement::Ack => self.model.ack(at),
            Settlement::Drop => self.model.drop(at),
            Settlement::Requeue | Settlement::RejectRequeue => self.model.requeue(at),
        }
    }

    /// One consumer at a time.
    fn consume(&mut self, queue: usize, prefetch: u16) {
        if let Some(number) = self.model.cancel(queue) {
            self.dispatch
                .cancel(channel_of(queue), &number.to_string(), &mut self.out);
        }
        self.numbers += 1;
        self.dispatch
            .qos(channel_of(queue), prefetch, QosScope::Consumer, &mut self.out);
        let consume = Consume {
            queue: self.traits[queue].name.to_owned(),
            tag: self.numbers.to_string().into(),
            ack: AckMode::Manual,
            exclusive: false,
            args: Table::new(),
        };
        self.dispatch
            .consume(channel_of(queue), consume, &mut self.out)
            .expect("no rule against it");
        self.model.consume(queue, self.numbers, usize::from(prefetch));
    }

    fn advance(&mut self, by: u64) {
        self.now += by;
        self.dispatch.set_time(UnixMillis(self.now));
        self.dispatch.tick(&mut self.out);
        let later = |due: UnixMillis| due.0 > self.now;
        assert!(self.dispatch.next_deadline().is_none_or(later), "what is due is done");
        self.model.advance(by);
    }

    fn restart(&mut self, after: u64) {
        self.now += after;
        let (image, now) = (self.keeper.image(), UnixMillis(self.now));
        self.dispatch = Dispatch::restore(&image, LastStop::Orderly, now, self.like, &mut self.out);
        self.open();
        self.model.restart(after);
        self.compare(&Step::Advance { by: after }, Vec::new());
    }

    /// Fetches everything, from the dead letter queues too.
    fn drain(&mut self) {
        for queue in 0..self.traits.len() {
            while self.model.ready(queue) > 0 {
                self.get(queue, false);
            }
            let dead = format!("dead-{}", self.traits[queue].name);
            let fetch = || {
                let got = self.dispatch.get(FETCH, &dead, AckMode::Automatic, &mut self.out);
                got.expect("the queue is there")
            };
            let letters: Vec<_> = std::iter::from_fn(fetch)
                .map(|got| letter(&got.delivery.message))
                .collect();
            let expected = self.model.dead(queue).iter();
            let expected: Vec<_> = expected
                .map(|(number, reason)| (*number, (*reason).to_owned()))
                .collect();
            assert_eq!(letters, expected, "{dead}");
        }
    }
}

fn channel_of(queue: usize) -> ChannelId {
    ChannelId {
        connection: BY,
        number: u16::try_from(queue + 1).expect("small"),
    }
}

fn letter(message: &Message) -> (u32, String) {
    let added = message.added.as_ref().expect("a dead letter has a history");
    let reason = added.get("x-first-death-reason").and_then(Value::as_text);
    (number(message), reason.expect("a reason").to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_history_drops_and_orders_as_the_model_does(
        like in prop_oneof![Just(Like::V4_0), Just(Like::V4_3)],
        steps in prop::collection::vec(step(), 1..120),
        stopped_for in 0..60_u64,
    ) {
        let mut pair = Pair::new(like);
        for step in &steps {
            pair.apply(step);
        }
        pair.restart(stopped_for);
        pair.drain();
    }
}
