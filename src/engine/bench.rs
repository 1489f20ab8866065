//! A worker and a producer on an embedded broker, with the test in the hub's place.

use super::line::{Access, Line};
use super::link::Conditions;
use super::mark::{Marks, Run};
use super::producer::{self, Producer};
use super::report::Report;
use super::target::BrokerUrl;
use super::topology::{Layout, Owner, Topology};
use super::worker::{Order, Worker};
use crate::broker::server::{Server, ServerConfig};
use crate::lab::{
    AckMode, Confirms, Delivered, Delivery, Epoch, Job, JobId, Prefetch, QueueKind, Seen, Settings, Subscription,
    WorkerId,
};
use lapin::Channel;
use lapin::tcp::OwnedTLSConfig;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(super) const SOON: Duration = Duration::from_secs(20);
pub(super) const W: WorkerId = WorkerId(1);
pub(super) const E: Epoch = Epoch(1);

pub(super) struct Bench {
    pub(super) server: Server,
    pub(super) topology: Topology,
    pub(super) marks: Marks,
    reports: mpsc::Receiver<Report>,
    pub(super) outlet: mpsc::Sender<Report>,
    pub(super) worker: mpsc::Sender<Order>,
    pub(super) producer: mpsc::Sender<producer::Order>,
    pending: VecDeque<Seen>,
    _cancel: tokio_util::sync::DropGuard,
}

impl Bench {
    pub(super) async fn new(confirms: Confirms) -> Self {
        Self::under(confirms, Conditions::default()).await
    }

    pub(super) async fn under(confirms: Confirms, conditions: Conditions) -> Self {
        let server = Server::start(ServerConfig::default()).await.expect("loopback");
        let access = Access::new(BrokerUrl::loopback(server.address().port()), OwnedTLSConfig::default());
        let access = access.under(conditions);
        let topology = Topology::new(access, Run::random(), Owner::Lab, Layout::of(&Settings::default()));
        let marks = Marks::new(topology.run());
        let (outlet, reports) = mpsc::channel(64);
        let cancel = CancellationToken::new();
        let (worker, orders) = mpsc::channel(64);
        let line = Worker::new(W, topology.clone(), marks.clone(), outlet.clone());
        tokio::spawn(line.run(orders, cancel.clone()));
        let (producer, orders) = mpsc::channel(64);
        let line = Producer::new(
            topology.clone(),
            marks.clone(),
            outlet.clone(),
            confirms,
            Arc::new(Notify::new()),
        );
        tokio::spawn(line.run(orders, cancel.clone()));
        let mut bench = Self {
            server,
            topology,
            marks,
            reports,
            outlet,
            worker,
            producer,
            pending: VecDeque::new(),
            _cancel: cancel.drop_guard(),
        };
        bench.until(|seen| *seen == Seen::ProducerUp).await;
        bench
    }

    pub(super) async fn ask(&self, order: Order) {
        self.worker.send(order).await.expect("the worker runs");
    }

    pub(super) async fn subscribe(&mut self, epoch: Epoch, prefetch: u16, ack: AckMode) {
        let subscription = Subscription {
            queue: QueueKind::Durable,
            prefetch: Prefetch(prefetch),
            ack,
        };
        self.ask(Order::Subscribe(epoch, subscription)).await;
        self.until(|seen| *seen == Seen::Subscribed(W, epoch)).await;
    }

    pub(super) async fn publish(&self, ids: std::ops::RangeInclusive<u32>) {
        for id in ids {
            let job = Job {
                id: JobId(id),
                word: "maple",
                dots: id % 4,
            };
            let order = producer::Order::Publish(job, QueueKind::Durable, Delivery::Persistent);
            self.producer.send(order).await.expect("the producer runs");
        }
    }

    pub(super) async fn next(&mut self) -> Seen {
        while self.pending.is_empty() {
            match timeout(SOON, self.reports.recv()).await.expect("a report in time") {
                Some(Report::Seen(seen)) => self.pending.push_back(seen),
                Some(Report::Many(many)) => self.pending.extend(many),
                _ => panic!("neither window nor reset here"),
            }
        }
        self.pending.pop_front().expect("not empty")
    }

    /// Everything up to the first that is `wanted`.
    pub(super) async fn until(&mut self, wanted: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let mut all = Vec::new();
        loop {
            let seen = self.next().await;
            let found = wanted(&seen);
            all.push(seen);
            if found {
                return all;
            }
        }
    }

    pub(super) async fn delivered(&mut self, count: usize) -> Vec<Delivered> {
        let mut got = Vec::new();
        while got.len() < count {
            if let Seen::Delivered(_, _, delivered) = self.next().await {
                got.push(delivered);
            }
        }
        got
    }

    /// Waits until the broker has that many ready and unacked messages, and that many consumers.
    pub(super) async fn totals(&self, ready: u64, unacked: u64, consumers: u32) {
        let mut totals = self.server.totals();
        let name = self.topology.name(QueueKind::Durable);
        let wait = totals.wait_for(|all| {
            all.iter()
                .any(|q| *q.name == *name && (q.ready, q.unacked, q.consumers) == (ready, unacked, consumers))
        });
        let reached = timeout(SOON, wait).await.map(|waited| waited.is_ok());
        assert_eq!(
            reached,
            Ok(true),
            "wanted {ready} {unacked} {consumers}, got {:?}",
            self.server.totals().borrow()
        );
    }

    pub(super) async fn stranger(&self) -> (Line, Channel) {
        self.topology
            .access()
            .open_with_channel("stranger")
            .await
            .expect("the broker is there")
    }
}
