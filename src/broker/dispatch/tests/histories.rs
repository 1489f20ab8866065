//! Random histories: after each step all invariants hold, the model has made the same deliveries, and a restart at
//! that moment would bring back what it should.

mod steps;
mod versions;

use super::super::{
    AckMode, ChannelId, ConnectionId, Consume, DeliveryTag, Dispatch, Effect, Extent, Image, IntKind, LastStop, Like,
    Persistence, QueueId, QueueSpec, RequeueCause, Settlement, Table, UnixMillis, Value,
};
use super::durability::Keeper;
use super::model::{Kind, Model, Place, Seen};
use super::script::returns;
use super::{job, number};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use steps::{Step, step};

/// Their order is that of their names, in which a channel's queues get back what it held.
const QUEUES: [&str; 3] = ["durable", "quorum", "transient"];

/// Small enough to be reached.
const LIMIT: i64 = 3;

fn spec(name: &str) -> QueueSpec {
    let args: Table = match name {
        "quorum" => [
            ("x-queue-type".to_owned(), Value::text("quorum")),
            ("x-delivery-limit".to_owned(), Value::Int(IntKind::Long, LIMIT)),
        ]
        .into(),
        _ => Table::new(),
    };
    QueueSpec {
        name: name.to_owned(),
        durable: name != "transient",
        exclusive: None,
        auto_delete: false,
        args,
    }
}

/// The broker, the model and a store, side by side.
struct Pair {
    dispatch: Dispatch,
    model: Model,
    keeper: Keeper,
    queues: BTreeMap<&'static str, QueueId>,
    consumers: u32,
    published: u32,
}

impl Pair {
    fn new() -> Self {
        let mut dispatch = Dispatch::default();
        let mut out = Vec::new();
        for name in QUEUES {
            dispatch
                .declare_queue(ConnectionId(0), spec(name), &mut out)
                .expect("a new queue");
        }
        let mut keeper = Keeper::default();
        keeper.keep(&out);
        Self {
            dispatch,
            model: Model::new(&[Kind::Classic, Kind::Quorum(LIMIT), Kind::Classic]),
            keeper,
            queues: BTreeMap::new(),
            consumers: 0,
            published: 0,
        }
    }

    fn channel(&mut self, index: usize) -> ChannelId {
        let id = ChannelId {
            connection: ConnectionId(1 + index as u64 / 2),
            number: u16::try_from(index % 2 + 1).expect("small"),
        };
        self.dispatch.open_channel(id);
        self.model.open(id);
        id
    }

    fn apply(&mut self, step: &Step) {
        let mut out = Vec::new();
        let fetched = match *step {
            Step::Get { channel, queue, ack } => self.get(channel, queue, ack, &mut out),
            Step::Settle {
                channel,
                which,
                extent,
                how,
            } => {
                let channel = self.channel(channel);
                let tags = self.model.tags(channel);
                // Now and then a tag that is not outstanding.
                let tag = if tags.is_empty() {
                    1
                } else {
                    tags[which % tags.len()] + u64::from(which % 13 == 0)
                };
                self.settle((channel, tag), extent, how, &mut out);
                None
            }
            _ => {
                self.ask(step, &mut out);
                None
            }
        };
        let mut seen: Vec<Seen> = fetched.into_iter().collect();
        for effect in &out {
            if let Effect::Deliver(delivery) = effect {
                let name = QUEUES
                    .iter()
                    .find(|name| **name == &*delivery.message.routing_key)
                    .expect("known");
                self.queues.insert(name, delivery.queue);
                let (consumer, job) = (delivery.consumer.to_string(), number(&delivery.message));
                let told = (job, delivery.redelivered, returns(delivery));
                seen.push((delivery.channel, consumer, delivery.tag, told.0, told.1, told.2));
            }
        }
        self.keeper.keep(&out);
        self.dispatch.check();
        assert_eq!(seen, self.model.take_seen(), "deliveries of {step:?}");
        for (queue, name) in QUEUES.iter().enumerate() {
            let counts = self
                .dispatch
                .check_queue(ConnectionId(0), name)
                .expect("the queue is there");
            assert_eq!(
                counts.consumers as usize,
                self.model.counted(queue),
                "{name} after {step:?}"
            );
        }
    }

    fn ask(&mut self, step: &Step, out: &mut Vec<Effect>) {
        match *step {
            Step::Publish {
                queue,
                count,
                persistent,
            } => self.publish(queue, count, persistent, out),
            Step::Consume {
                channel,
                queue,
                ack,
                priority,
            } => self.consume(channel, queue, (ack, priority), out),
            Step::Cancel { which } => {
                let all = self.model.consumers();
                if let Some((channel, name)) = all.get(which % all.len().max(1)) {
                    self.dispatch.cancel(*channel, name, out);
                    self.model.cancel(name);
                }
            }
            Step::SettleAll { channel, how } => {
                let channel = self.channel(channel);
                self.settle((channel, 0), Extent::UpTo, how, out);
            }
            Step::Qos {
                channel,
                prefetch,
                scope,
            } => {
                let channel = self.channel(channel);
                self.dispatch.qos(channel, prefetch, scope, out);
                self.model.qos(channel, usize::from(prefetch), scope);
            }
            Step::Recover { channel } => {
                let channel = self.channel(channel);
                self.dispatch.recover(channel, out);
                self.model.recover(channel);
            }
            Step::Turn => {
                self.dispatch.settle_automatic(out);
                self.model.turn();
            }
            Step::CloseChannel { channel } => {
                let channel = self.channel(channel);
                self.dispatch.close_channel(channel, RequeueCause::ChannelClosed, out);
                self.model.close(&[channel]);
            }
            Step::CloseConnection { connection } => {
                let channels = [self.channel(connection * 2), self.channel(connection * 2 + 1)];
                self.dispatch.close_connection(channels[0].connection, out);
                self.model.close(&channels);
            }
            Step::Purge { queue } => {
                self.dispatch
                    .purge_queue(ConnectionId(0), QUEUES[queue], out)
                    .expect("the queue is there");
                self.model.purge(queue);
            }
            Step::Sent { channel, queue, count } => {
                let channel = self.channel(channel);
                if let Some(id) = self.queues.get(QUEUES[queue]) {
                    self.dispatch.sent(channel, *id, count, out);
                    self.model.sent(channel, queue, count);
                }
            }
            Step::Settle { .. } | Step::Get { .. } => unreachable!("handled by the caller"),
        }
    }

    fn publish(&mut self, queue: usize, count: u32, persistent: bool, out: &mut Vec<Effect>) {
        for _ in 0..count {
            let mut message = job(self.published, QUEUES[queue]);
            if !persistent {
                message.persistence = Persistence::Transient;
            }
            self.dispatch
                .publish(Arc::new(message), out)
                .expect("the default exchange is there");
            self.model.publish(queue, self.published, persistent);
            self.published += 1;
        }
    }

    fn consume(&mut self, channel: usize, queue: usize, (ack, priority): (AckMode, i64), out: &mut Vec<Effect>) {
        let channel = self.channel(channel);
        let name = format!("c{:03}", self.consumers);
        self.consumers += 1;
        let consume = Consume {
            queue: QUEUES[queue].to_owned(),
            tag: name.as_str().into(),
            ack,
            exclusive: false,
            args: [("x-priority".to_owned(), Value::Int(IntKind::Long, priority))].into(),
        };
        let refused = self.dispatch.consume(channel, consume, out).is_err();
        assert_eq!(
            refused,
            self.model.refuses(channel, queue),
            "consumers of a shared limit"
        );
        if !refused {
            self.model.consume(channel, queue, &name, (ack, priority));
        }
    }

    fn settle(&mut self, (channel, tag): (ChannelId, u64), extent: Extent, how: Settlement, out: &mut Vec<Effect>) {
        let known = self.model.settle(channel, tag, extent, how);
        let result = self.dispatch.settle(channel, DeliveryTag(tag), extent, how, out);
        assert_eq!(result.is_ok(), known, "tag {tag}");
    }

    fn get(&mut self, channel: usize, queue: usize, ack: AckMode, out: &mut Vec<Effect>) -> Option<Seen> {
        let channel = self.channel(channel);
        self.model.get(channel, queue, ack);
        let got = self
            .dispatch
            .get(channel, QUEUES[queue], ack, out)
            .expect("the queue is there")?;
        let delivery = got.delivery;
        let returns = returns(&delivery);
        Some((
            channel,
            String::new(),
            delivery.tag,
            number(&delivery.message),
            delivery.redelivered,
            returns,
        ))
    }

    /// What a queue would hold after a restart now: job, flag and returns.
    fn restarted(&self, queue: &str, last_stop: LastStop) -> Vec<(u32, bool, Option<i64>)> {
        let image: Image = self.keeper.image();
        let mut dispatch = Dispatch::restore(&image, last_stop, UnixMillis(0), Like::default(), &mut Vec::new());
        dispatch.check();
        let channel = ChannelId {
            connection: ConnectionId(1),
            number: 1,
        };
        dispatch.open_channel(channel);
        let fetch = || {
            dispatch
                .get(channel, queue, AckMode::Automatic, &mut Vec::new())
                .expect("it survived")
        };
        std::iter::from_fn(fetch)
            .map(|got| got.delivery)
            .map(|delivery| (number(&delivery.message), delivery.redelivered, returns(&delivery)))
            .collect()
    }

    fn check_restart(&self) {
        let jobs = self.model.jobs(0).iter();
        let kept: Vec<_> = jobs.filter(|job| job.persistent && job.place != Place::Gone).collect();
        let after_crash: Vec<_> = kept.iter().map(|job| (job.number, true, None)).collect();
        assert_eq!(self.restarted("durable", LastStop::Crash), after_crash);
        let after_stop: Vec<_> = kept.iter().map(|job| (job.number, job.delivered, None)).collect();
        assert_eq!(self.restarted("durable", LastStop::Orderly), after_stop);
        let quorum = self.model.after_restart(1).into_iter();
        let quorum: Vec<_> = quorum.map(|(job, returns)| (job, returns.is_some(), returns)).collect();
        for last_stop in [LastStop::Crash, LastStop::Orderly] {
            assert_eq!(self.restarted("quorum", last_stop), quorum, "{last_stop:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_history_keeps_the_invariants_and_deals_as_the_model_does(steps in prop::collection::vec(step(), 1..80)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.apply(step);
        }
    }

    #[test]
    fn any_moment_can_be_the_last(steps in prop::collection::vec(step(), 1..30)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.apply(step);
            pair.check_restart();
        }
    }
}
