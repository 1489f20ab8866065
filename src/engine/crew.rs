//! All tasks that talk to the broker, and the orders they are given. The hub owns the crew and never waits for it.

use super::embedded;
use super::graves::Graves;
use super::line::CLOSE_WITHIN;
use super::mark::Marks;
use super::producer::{self, Producer};
use super::report::{Outbox, Report};
use super::task::Owned;
use super::topology::Topology;
use super::worker::{self, Worker};
use crate::lab::{Ask, Confirms, DownCause, Epoch, Seen, WorkerId};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// How long a task may take to close what it has open: channel, then connection, each with its own limit.
const END_WITHIN: Duration = CLOSE_WITHIN.saturating_mul(3);

/// The tasks and the channels to them.
#[derive(Debug)]
pub(super) struct Crew {
    topology: Topology,
    marks: Marks,
    reports: mpsc::Sender<Report>,
    broker_back: Arc<Notify>,
    /// As last asked: a new producer begins with it.
    confirms: Confirms,
    producer: Option<Post<producer::Order>>,
    workers: HashMap<WorkerId, Post<worker::Order>>,
    /// Only where the broker dead-letters by itself.
    graves: Option<Owned>,
    /// The tasks of removed workers, while they close what they have open.
    leaving: Vec<Owned>,
    /// Only where the broker is the lab's own.
    broker: Option<Outbox<embedded::Order>>,
    /// The embedded broker, or the monitor of another.
    watch: Option<Owned>,
    reset: Option<Owned>,
}

/// A task and the way to it.
#[derive(Debug)]
struct Post<T> {
    outbox: Outbox<T>,
    task: Owned,
}

impl Crew {
    pub(super) fn new(
        topology: Topology,
        marks: Marks,
        reports: mpsc::Sender<Report>,
        broker_back: Arc<Notify>,
        confirms: Confirms,
    ) -> Self {
        let mut crew = Self {
            topology,
            marks,
            reports,
            broker_back,
            confirms,
            producer: None,
            workers: HashMap::new(),
            graves: None,
            leaving: Vec::new(),
            broker: None,
            watch: None,
            reset: None,
        };
        crew.hire_for_a_round();
        crew
    }

    /// Who watches over the broker, and, where it is the lab's own, the way to tell it what to do.
    pub(super) fn set_watch(&mut self, watch: Owned, broker: Option<Outbox<embedded::Order>>) {
        self.watch = Some(watch);
        self.broker = broker;
    }

    /// Hands a wish of the lab to whom it concerns.
    pub(super) fn carry_out(&mut self, ask: Ask) {
        match ask {
            Ask::Publish { job, queue, delivery } => self.give_producer(producer::Order::Publish(job, queue, delivery)),
            Ask::SetConfirms(confirms) => {
                self.confirms = confirms;
                self.give_producer(producer::Order::SetConfirms(confirms));
            }
            Ask::Subscribe(id, epoch, subscription) => {
                self.hire(id);
                self.give_worker(id, worker::Order::Subscribe(epoch, subscription));
            }
            Ask::Unsubscribe(id, epoch) => self.give_worker(id, worker::Order::Unsubscribe(epoch)),
            Ask::Ack(id, epoch, tag) => self.give_worker(id, worker::Order::Ack(epoch, tag)),
            Ask::Reject(id, epoch, tag, requeue) => {
                self.give_worker(id, worker::Order::Reject(epoch, tag, requeue));
            }
            Ask::Qos(id, epoch, prefetch) => self.give_worker(id, worker::Order::Qos(epoch, prefetch)),
            Ask::Silence(id, epoch) => self.give_worker(id, worker::Order::Silence(epoch)),
            Ask::SetLine(quality) => self.topology.access().conditions().set_quality(quality),
            Ask::Cut(id, epoch, cut) => {
                // A cut is answered in any case, also where the task that had the line has ended.
                self.hire(id);
                self.give_worker(id, worker::Order::Cut(epoch, cut));
            }
            Ask::Broker(command) => self.give_broker(embedded::Order::Do(command)),
            Ask::SetVersion(version) => self.give_broker(embedded::Order::Be(version)),
            Ask::Reset => self.begin_reset(),
        }
    }

    /// The worker was removed: its task ends, and nothing of it is kept.
    pub(super) fn dismiss(&mut self, id: WorkerId) {
        self.leaving.retain(|task| !task.is_finished());
        if let Some(post) = self.workers.remove(&id) {
            post.task.cancel();
            self.leaving.push(post.task);
        }
    }

    /// Gives what did not fit before; true: nothing is left to give.
    pub(super) fn flush(&mut self) -> bool {
        let workers = self.workers.values_mut().map(|post| post.outbox.flush());
        let producer = self.producer.iter_mut().map(|post| post.outbox.flush());
        let broker = self.broker.iter_mut().map(Outbox::flush);
        // Counted, since `all` would stop at the first that is full.
        workers.chain(producer).chain(broker).filter(|all| !all).count() == 0
    }

    /// The producer's line broke: what it was to publish and was not given yet never will be. What is to be said of it.
    pub(super) fn producer_down(&mut self) -> Vec<Seen> {
        let Some(post) = &mut self.producer else {
            return Vec::new();
        };
        let mut never_sent = Vec::new();
        for order in post.outbox.take_back() {
            match order {
                producer::Order::Publish(job, ..) => never_sent.push(Seen::NeverSent(job.id)),
                producer::Order::SetConfirms(_) => post.outbox.give(order),
            }
        }
        never_sent
    }

    /// The old tasks have ended and the queues are empty: a new producer begins.
    pub(super) fn reset_done(&mut self) {
        self.reset = None;
        self.hire_for_a_round();
    }

    /// Those who serve one round each: what they tell is of that round.
    fn hire_for_a_round(&mut self) {
        self.producer = Some(self.hire_producer());
        self.graves = self.topology.buries().then(|| self.hire_graves());
    }

    /// Ends everything: workers and producer, then who watches over the broker. The queues stay.
    pub(super) async fn end(self, farewell: impl AsyncFnOnce()) {
        let Self {
            producer,
            workers,
            graves,
            leaving,
            reset,
            watch,
            ..
        } = self;
        let tasks = workers
            .into_values()
            .map(|post| post.task)
            .chain(leaving)
            .chain(producer.map(|post| post.task))
            .chain(graves)
            .chain(reset);
        end_all(tasks).await;
        farewell().await;
        end_all(watch).await;
    }

    fn give_producer(&mut self, order: producer::Order) {
        if let Some(post) = &mut self.producer {
            post.outbox.give(order);
        }
    }

    fn give_broker(&mut self, order: embedded::Order) {
        if let Some(broker) = &mut self.broker {
            broker.give(order);
        }
    }

    fn give_worker(&mut self, id: WorkerId, order: worker::Order) {
        if let Some(post) = self.workers.get_mut(&id) {
            post.outbox.give(order);
        }
    }

    fn hire(&mut self, id: WorkerId) {
        if self.workers.get(&id).is_some_and(|post| !post.task.is_finished()) {
            return;
        }
        let worker = Worker::new(id, self.topology.clone(), self.marks.clone(), self.reports.clone());
        let (outbox, orders) = Outbox::new();
        let (epoch, reports) = (worker.epoch(), self.reports.clone());
        let cancel = CancellationToken::new();
        let task = Owned::spawn(cancel.clone(), worker.run(orders, cancel), async move |why| {
            let epoch = Epoch(epoch.load(Ordering::Relaxed));
            let _ = reports
                .send(Report::Seen(Seen::Down(id, epoch, DownCause::Lost(why))))
                .await;
        });
        self.workers.insert(id, Post { outbox, task });
    }

    fn hire_producer(&self) -> Post<producer::Order> {
        let producer = Producer::new(
            self.topology.clone(),
            self.marks.clone(),
            self.reports.clone(),
            self.confirms,
            Arc::clone(&self.broker_back),
        );
        let (outbox, orders) = Outbox::new();
        let reports = self.reports.clone();
        let cancel = CancellationToken::new();
        let task = Owned::spawn(cancel.clone(), producer.run(orders, cancel), async move |why| {
            let _ = reports.send(Report::Seen(Seen::ProducerDown(why))).await;
        });
        Post { outbox, task }
    }

    fn hire_graves(&self) -> Owned {
        let graves = Graves {
            topology: self.topology.clone(),
            marks: self.marks.clone(),
            reports: self.reports.clone(),
        };
        let cancel = CancellationToken::new();
        Owned::spawn(cancel.clone(), graves.run(cancel), async |why| {
            tracing::error!(%why, "nobody reads the dead letters any more");
        })
    }

    /// Whatever was reported of the old round is in the hub's channel before `ResetDone`: its tasks have ended by then.
    fn begin_reset(&mut self) {
        if self.reset.is_some() {
            return;
        }
        let workers = self.workers.drain().map(|(_, post)| post.task);
        let leaving = self.leaving.drain(..);
        let producer = self.producer.take().map(|post| post.task);
        let tasks: Vec<Owned> = workers
            .chain(leaving)
            .chain(producer)
            .chain(self.graves.take())
            .collect();
        let (topology, marks, reports) = (self.topology.clone(), self.marks.clone(), self.reports.clone());
        let panicked = self.reports.clone();
        let reset = async move {
            end_all(tasks).await;
            marks.next_round();
            if let Err(error) = topology.empty().await {
                // What is left is of an old round, and emptied as soon as the broker can be asked again.
                tracing::warn!(%error, "the queues could not be emptied");
            }
            let _ = reports.send(Report::ResetDone).await;
        };
        self.reset = Some(Owned::spawn(CancellationToken::new(), reset, async move |_| {
            let _ = panicked.send(Report::ResetDone).await;
        }));
    }
}

async fn end_all(tasks: impl IntoIterator<Item = Owned>) {
    let all = tasks.into_iter().map(|task| task.end(END_WITHIN));
    futures_util::future::join_all(all).await;
}

#[cfg(test)]
mod tests;
