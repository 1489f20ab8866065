//! Random histories on each version, with single active consumers and deliveries that time out: all invariants hold, and
//! one consumer is served until it leaves.

use super::super::super::{
    AckMode, ChannelId, ConnectionId, Consume, DeliveryTag, Dispatch, Effect, Extent, Image, LastStop, Like, Millis,
    QueueSpec, RequeueCause, Settlement, Table, UnixMillis, Value,
};
use super::super::job;
use super::steps::{Step, step};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where messages go says the routing key.
const QUEUES: [&str; 3] = ["classic", "quorum", "other"];

struct World {
    dispatch: Dispatch,
    now: u64,
    /// Tags that were handed out and not yet settled as far as the client knows.
    held: BTreeMap<ChannelId, BTreeSet<u64>>,
    alive: BTreeMap<String, ChannelId>,
    /// Who got the last message of a queue.
    served: BTreeMap<String, String>,
    consumers: u32,
    jobs: u32,
}

impl World {
    fn new(like: Like) -> Self {
        let empty = Image::default();
        let mut dispatch = Dispatch::restore(&empty, LastStop::Orderly, UnixMillis(0), like, &mut Vec::new());
        for name in QUEUES {
            let kind = if name == "quorum" { "quorum" } else { "classic" };
            let args: Table = [
                ("x-queue-type".to_owned(), Value::text(kind)),
                ("x-single-active-consumer".to_owned(), Value::Bool(true)),
            ]
            .into();
            let spec = QueueSpec {
                name: name.to_owned(),
                durable: true,
                exclusive: None,
                auto_delete: false,
                args,
            };
            let declared = dispatch.declare_queue(ConnectionId(0), spec, &mut Vec::new());
            declared.expect("a new queue");
        }
        dispatch.set_ack_timeout(Some(Millis(1_000)), Millis(300));
        Self {
            dispatch,
            now: 0,
            held: BTreeMap::new(),
            alive: BTreeMap::new(),
            served: BTreeMap::new(),
            consumers: 0,
            jobs: 0,
        }
    }

    fn channel(&mut self, index: usize) -> ChannelId {
        let id = ChannelId {
            connection: ConnectionId(1 + index as u64 / 2),
            number: u16::try_from(index % 2 + 1).expect("small"),
        };
        self.dispatch.open_channel(id);
        id
    }

    fn apply(&mut self, step: &Step) {
        let mut out = Vec::new();
        self.now += 100;
        self.dispatch.set_time(UnixMillis(self.now));
        self.dispatch.tick(&mut out);
        self.note(&out);
        self.dispatch.check();
        out.clear();
        self.ask(step, &mut out);
        self.note(&out);
        self.dispatch.check();
    }

    fn ask(&mut self, step: &Step, out: &mut Vec<Effect>) {
        match *step {
            Step::Publish { queue, count, .. } => {
                for _ in 0..count {
                    let message = Arc::new(job(self.jobs, QUEUES[queue]));
                    self.jobs += 1;
                    self.dispatch
                        .publish(message, out)
                        .expect("the default exchange is there");
                }
            }
            Step::Consume {
                channel, queue, ack, ..
            } => self.consume(channel, QUEUES[queue], ack, out),
            Step::Cancel { which } => {
                let all: Vec<String> = self.alive.keys().cloned().collect();
                if let Some(name) = all.get(which % all.len().max(1)) {
                    let channel = self.alive.remove(name).expect("it is alive");
                    self.dispatch.cancel(channel, name, out);
                }
            }
            Step::Settle {
                channel,
                which,
                extent,
                how,
            } => self.settle((channel, which), extent, how, out),
            Step::SettleAll { channel, how } => {
                let channel = self.channel(channel);
                self.held.remove(&channel);
                let settled = self.dispatch.settle(channel, DeliveryTag(0), Extent::UpTo, how, out);
                settled.expect("0 means all");
            }
            Step::Recover { channel } => {
                let channel = self.channel(channel);
                self.held.remove(&channel);
                self.dispatch.recover(channel, out);
            }
            Step::Qos {
                channel,
                prefetch,
                scope,
            } => {
                let channel = self.channel(channel);
                self.dispatch.qos(channel, prefetch, scope, out);
            }
            Step::Turn => self.dispatch.settle_automatic(out),
            Step::CloseChannel { channel } => {
                let channel = self.channel(channel);
                self.forget(channel);
                self.dispatch.close_channel(channel, RequeueCause::ChannelClosed, out);
            }
            Step::CloseConnection { connection } => {
                let channels = [self.channel(connection * 2), self.channel(connection * 2 + 1)];
                for channel in channels {
                    self.forget(channel);
                }
                self.dispatch.close_connection(channels[0].connection, out);
            }
            Step::Purge { queue } => {
                let purged = self.dispatch.purge_queue(ConnectionId(0), QUEUES[queue], out);
                purged.expect("the queue is there");
            }
            Step::Get { .. } | Step::Sent { .. } => {}
        }
    }

    fn settle(&mut self, (channel, which): (usize, usize), extent: Extent, how: Settlement, out: &mut Vec<Effect>) {
        let channel = self.channel(channel);
        let tags: Vec<u64> = self.held.get(&channel).into_iter().flatten().copied().collect();
        if let Some(tag) = tags.get(which % tags.len().max(1)) {
            let settled = self.dispatch.settle(channel, DeliveryTag(*tag), extent, how, out);
            settled.expect("it was handed out");
            let held = self.held.entry(channel).or_default();
            held.retain(|other| other != tag && (extent == Extent::One || other > tag));
        }
    }

    fn consume(&mut self, channel: usize, queue: &str, ack: AckMode, out: &mut Vec<Effect>) {
        let channel = self.channel(channel);
        let name = format!("{queue}-{}-{ack:?}", self.consumers);
        self.consumers += 1;
        let consume = Consume {
            queue: queue.to_owned(),
            tag: name.as_str().into(),
            ack,
            exclusive: false,
            args: Table::new(),
        };
        if self.dispatch.consume(channel, consume, out).is_ok() {
            self.alive.insert(name, channel);
        }
    }

    fn forget(&mut self, channel: ChannelId) {
        self.held.remove(&channel);
        self.alive.retain(|_, home| *home != channel);
    }

    /// Takes deliveries into account: whoever gets one is who got the last one, unless that one is gone or was too
    /// slow.
    fn note(&mut self, out: &[Effect]) {
        for effect in out {
            match effect {
                Effect::Deliver(delivery) => {
                    let queue = delivery.message.routing_key.to_string();
                    let name = delivery.consumer.to_string();
                    if name.ends_with("Manual") {
                        let held = self.held.entry(delivery.channel).or_default();
                        held.insert(delivery.tag.0);
                    }
                    let last = self.served.insert(queue, name.clone());
                    let followed = last.is_none_or(|last| last == name || !self.alive.contains_key(&last));
                    assert!(followed, "{name} is served while another is active");
                }
                Effect::ConsumerTimedOut { tag, .. } => self.served.retain(|_, name| **name != **tag),
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_version_serves_one_consumer_at_a_time(
        like in prop::sample::select(&[Like::V3_10, Like::V4_0, Like::V4_3][..]),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::new(like);
        for step in &steps {
            world.apply(step);
        }
    }
}
