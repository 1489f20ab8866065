//! A worker's line: one task, one connection, one channel, one consumer.
//!
//! 1. Orders come from the hub, in the order in which the lab asked; each is carried out before the next.
//! 2. Deliveries go to the hub by a task of their own ([`deliveries`]), all of them before the report that the line is
//!    down: whatever the lab has not heard of by then never reached this process.
//! 3. A silenced worker keeps its channel, and its acks go nowhere, until its client gives up; it is down when the
//!    broker has closed the socket, since what it holds goes back then and not before ([`silent`]).
//! 4. An end that nobody asked for (the broker closes the channel, the socket breaks, the queue is deleted) is
//!    noticed through the consumer or through lapin's events, whichever comes first, and reported once.

mod ends;
mod silent;
mod subscribe;

use self::silent::Silent;
use super::deliveries::End;
use super::line::Line;
use super::mark::Marks;
use super::report::Report;
use super::task::all_in_order;
use super::topology::Topology;
use crate::lab::{AckMode, Cut, DeliveryTag, DownCause, Epoch, Prefetch, Requeue, Seen, Subscription, WorkerId};
use futures_util::{Stream, StreamExt};
use lapin::options::{BasicAckOptions, BasicNackOptions, BasicRejectOptions};
use lapin::{Channel, Error, Event};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How many orders are looked at together, so that acks can share a write.
const BATCH: usize = 256;
/// Acks are written within this, or the next order is carried out without waiting for them.
const ACKS_WITHIN: Duration = Duration::from_millis(250);

/// What the hub asks of a worker's line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Order {
    Subscribe(Epoch, Subscription),
    Unsubscribe(Epoch),
    Qos(Epoch, Prefetch),
    Ack(Epoch, DeliveryTag),
    Reject(Epoch, DeliveryTag, Requeue),
    Silence(Epoch),
    Cut(Epoch, Cut),
}

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug)]
enum Settled {
    Acked,
    Rejected(Requeue),
}

/// A worker's end of things.
pub(super) struct Worker {
    id: WorkerId,
    topology: Topology,
    marks: Marks,
    reports: mpsc::Sender<Report>,
    /// The epoch of what is reported, also for whoever reports a panic of this task.
    epoch: Arc<AtomicU32>,
    connected: Option<Connected>,
    channel: Option<Open>,
    /// The network swallows everything.
    silent: Option<Silent>,
    /// Consumers are named by worker and generation; the broker refuses a name twice on one channel.
    generation: u32,
}

struct Connected {
    line: Line,
    events: Pin<Box<dyn Stream<Item = Event> + Send + Sync>>,
}

struct Open {
    channel: Channel,
    epoch: Epoch,
    /// The limit of its consumers, as last set.
    prefetch: Prefetch,
    consumer: Option<Consuming>,
}

struct Consuming {
    tag: String,
    ack: AckMode,
    forwarder: JoinHandle<End>,
}

impl Worker {
    pub(super) fn new(id: WorkerId, topology: Topology, marks: Marks, reports: mpsc::Sender<Report>) -> Self {
        Self {
            id,
            topology,
            marks,
            reports,
            epoch: Arc::default(),
            connected: None,
            channel: None,
            silent: None,
            generation: 0,
        }
    }

    /// The epoch that reports carry now.
    pub(super) fn epoch(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.epoch)
    }

    /// Carries out orders until cancelled, then closes the connection.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>, cancel: CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.serve(&mut orders) => {}
        }
        self.break_silence();
        self.finish_consumer(Duration::ZERO).await;
        if let Some(connected) = self.connected.take() {
            connected.line.close().await;
        }
    }

    async fn serve(&mut self, orders: &mut mpsc::Receiver<Order>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                count = orders.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.carry_out(&mut batch).await;
                }
                () = silent::ended(self.silent.as_mut()) => self.silence_ended().await,
                end = consumer_end(self.channel.as_mut()) => self.consumer_ended(end).await,
                error = line_error(self.connected.as_mut()) => self.look_after(&error).await,
            }
        }
    }

    async fn carry_out(&mut self, batch: &mut Vec<Order>) {
        let mut settled = Vec::new();
        for order in batch.drain(..) {
            let (epoch, tag, how) = match order {
                Order::Ack(epoch, tag) => (epoch, tag, Settled::Acked),
                Order::Reject(epoch, tag, requeue) => (epoch, tag, Settled::Rejected(requeue)),
                _ => {
                    self.settle(&mut settled).await;
                    self.obey(order).await;
                    continue;
                }
            };
            if self.is_current(epoch) {
                settled.push((tag, how));
            }
        }
        self.settle(&mut settled).await;
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Subscribe(epoch, subscription) => self.subscribe(epoch, subscription).await,
            Order::Unsubscribe(epoch) => self.unsubscribe(epoch).await,
            Order::Qos(epoch, prefetch) => self.set_qos(epoch, prefetch).await,
            Order::Silence(epoch) => self.silence(epoch).await,
            Order::Cut(epoch, cut) => self.cut(epoch, cut).await,
            Order::Ack(..) | Order::Reject(..) => {}
        }
    }

    fn is_current(&self, epoch: Epoch) -> bool {
        self.channel.as_ref().is_some_and(|open| open.epoch == epoch)
    }

    async fn settle(&mut self, settled: &mut Vec<(DeliveryTag, Settled)>) {
        let Some(open) = &self.channel else {
            return settled.clear();
        };
        let frames = settled.drain(..).map(|(tag, how)| settle(&open.channel, tag, how));
        // A failed ack needs no answer: its channel is gone, and that is reported by who notices it first.
        let _ = tokio::time::timeout(ACKS_WITHIN, all_in_order(frames)).await;
    }

    async fn finish_consumer(&mut self, patience: Duration) {
        let consuming = self.channel.as_mut().and_then(|open| open.consumer.take());
        finish(consuming, patience).await;
    }

    async fn down(&self, epoch: Epoch, cause: DownCause) {
        self.tell(Seen::Down(self.id, epoch, cause)).await;
    }

    async fn tell(&self, seen: Seen) {
        // The hub is gone only when all ends.
        let _ = self.reports.send(Report::Seen(seen)).await;
    }
}

async fn settle(channel: &Channel, DeliveryTag(tag): DeliveryTag, how: Settled) -> Result<(), Error> {
    match how {
        Settled::Acked => channel.basic_ack(tag, BasicAckOptions::default()).await,
        Settled::Rejected(Requeue::Yes) => {
            let options = BasicNackOptions {
                requeue: true,
                ..BasicNackOptions::default()
            };
            channel.basic_nack(tag, options).await
        }
        Settled::Rejected(Requeue::No) => {
            let options = BasicRejectOptions { requeue: false };
            channel.basic_reject(tag, options).await
        }
    }
}

/// Waits until all that a consumer was handed has been reported.
async fn finish(consuming: Option<Consuming>, patience: Duration) {
    let Some(mut consuming) = consuming else { return };
    if tokio::time::timeout(patience, &mut consuming.forwarder).await.is_err() {
        consuming.forwarder.abort();
        // Cancelled: it reports nothing any more.
        let _ = consuming.forwarder.await;
    }
}

/// Waits for the consumer's end; without a consumer, for ever.
async fn consumer_end(open: Option<&mut Open>) -> End {
    match open.and_then(|open| open.consumer.as_mut()) {
        // A forwarder that panicked has stopped reading: to the lab that is a cancelled consumer.
        Some(consuming) => (&mut consuming.forwarder).await.unwrap_or(End::Cancelled),
        None => std::future::pending().await,
    }
}

/// Waits for an error of the connection or one of its channels; without a connection, for ever.
async fn line_error(connected: Option<&mut Connected>) -> Error {
    if let Some(connected) = connected {
        while let Some(event) = connected.events.next().await {
            if let Event::Error(error) = event {
                return error;
            }
        }
    }
    std::future::pending().await
}

#[cfg(test)]
mod tests;
