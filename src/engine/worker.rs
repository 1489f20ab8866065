//! A worker's line: one task, one connection, one channel, one consumer.
//!
//! 1. Orders come from the hub, in the order in which the lab asked; each is carried out before the next.
//! 2. Deliveries go to the hub by a task of their own ([`deliveries`]), all of them before the report that the line is
//!    down: whatever the lab has not heard of by then never reached this process.
//! 3. An end that nobody asked for (the broker closes the channel, the socket breaks, the queue is deleted) is
//!    noticed through the consumer or through lapin's events, whichever comes first, and reported once.

mod ends;
mod subscribe;

use super::deliveries::End;
use super::line::Line;
use super::mark::Marks;
use super::report::Report;
use super::task::all_in_order;
use super::topology::Topology;
use crate::lab::{AckMode, Cut, DeliveryTag, DownCause, Epoch, Seen, Subscription, WorkerId};
use futures_util::{Stream, StreamExt};
use lapin::options::BasicAckOptions;
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
    Ack(Epoch, DeliveryTag),
    Cut(Epoch, Cut),
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
                end = consumer_end(self.channel.as_mut()) => self.consumer_ended(end).await,
                error = line_error(self.connected.as_mut()) => self.look_after(&error).await,
            }
        }
    }

    async fn carry_out(&mut self, batch: &mut Vec<Order>) {
        let mut tags = Vec::new();
        for order in batch.drain(..) {
            if let Order::Ack(epoch, tag) = order {
                if self.is_current(epoch) {
                    tags.push(tag);
                }
                continue;
            }
            self.ack(&mut tags).await;
            match order {
                Order::Subscribe(epoch, subscription) => self.subscribe(epoch, subscription).await,
                Order::Unsubscribe(epoch) => self.unsubscribe(epoch).await,
                Order::Cut(epoch, cut) => self.cut(epoch, cut).await,
                Order::Ack(..) => {}
            }
        }
        self.ack(&mut tags).await;
    }

    fn is_current(&self, epoch: Epoch) -> bool {
        self.channel.as_ref().is_some_and(|open| open.epoch == epoch)
    }

    async fn ack(&mut self, tags: &mut Vec<DeliveryTag>) {
        let Some(open) = &self.channel else { return tags.clear() };
        let acks = tags
            .drain(..)
            .map(|tag| open.channel.basic_ack(tag.0, BasicAckOptions::default()));
        // A failed ack needs no answer: its channel is gone, and that is reported by who notices it first.
        let _ = tokio::time::timeout(ACKS_WITHIN, all_in_order(acks)).await;
    }

<<<<<<< HEAD
    async fn subscribe(&mut self, epoch: Epoch, subscription: Subscription) {
        match self.topology.ensure(subscription.queue).await {
            Ok(()) => {}
            Err(Trouble::Refused(why)) => return self.refused(subscription.queue, why).await,
            Err(Trouble::Away(error)) => return self.down(epoch, cause(&error)).await,
        }
        if let Err(error) = self.try_subscribe(epoch, subscription).await {
            self.drop_what_is_dead();
            self.finish_consumer(CLOSE_WITHIN).await;
            self.channel = None;
            self.down(epoch, cause(&error)).await;
        }
    }

    async fn try_subscribe(&mut self, epoch: Epoch, subscription: Subscription) -> Result<(), Error> {
        self.connect().await?;
        self.epoch.store(epoch.0, Ordering::Relaxed);
        if !self.is_current(epoch) {
            self.open_channel(epoch).await?;
        }
        self.cancel_consumer().await?;
        let Some(open) = &self.channel else { return Ok(()) };
        let channel = open.channel.clone();
        within(
            OPEN_WITHIN,
            channel.basic_qos(subscription.prefetch.0, BasicQosOptions::default()),
        )
        .await?;
        self.generation += 1;
        let tag = format!("{}.{}", self.id, self.generation);
        let options = BasicConsumeOptions {
            no_ack: subscription.ack == AckMode::Automatic,
            ..BasicConsumeOptions::default()
        };
        let queue = self.topology.name(subscription.queue);
        let consuming = channel.basic_consume(queue.into(), tag.as_str().into(), options, FieldTable::default());
        let consumer = within(OPEN_WITHIN, consuming).await?;
        tracing::debug!(%tag, ?subscription, "consuming");
        // Before the first delivery is reported.
        self.tell(Seen::Subscribed(self.id, epoch)).await;
        let to = Addressee {
            id: self.id,
            epoch,
            ack: subscription.ack,
            marks: self.marks.clone(),
            reports: self.reports.clone(),
        };
        let forwarder = tokio::spawn(deliveries::forward(consumer, to));
        if let Some(open) = &mut self.channel {
            open.consumer = Some(Consuming {
                tag,
                ack: subscription.ack,
                forwarder,
            });
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<(), Error> {
        self.drop_what_is_dead();
        if self.connected.is_none() {
            let line = self.topology.access().open(&self.id.to_string()).await?;
            let events = Box::pin(line.connection.events_listener());
            self.connected = Some(Connected { line, events });
        }
        Ok(())
    }

    async fn open_channel(&mut self, epoch: Epoch) -> Result<(), Error> {
        if let Some(old) = self.channel.take() {
            let _ = within(CLOSE_WITHIN, old.channel.close(200, "replaced".into())).await;
            finish(old.consumer, CLOSE_WITHIN).await;
        }
        let Some(connected) = &self.connected else {
            return Ok(());
        };
        let channel = within(OPEN_WITHIN, connected.line.connection.create_channel()).await?;
        self.channel = Some(Open {
            channel,
            epoch,
            consumer: None,
        });
        Ok(())
    }

    async fn unsubscribe(&mut self, epoch: Epoch) {
        if !self.is_current(epoch) {
            return;
        }
        match self.cancel_consumer().await {
            Ok(()) => self.tell(Seen::Unsubscribed(self.id, epoch)).await,
            Err(error) => self.broke(&error).await,
        }
    }

    /// `basic.cancel`, after which all that was on its way has been reported.
    async fn cancel_consumer(&mut self) -> Result<(), Error> {
        let Some(open) = &mut self.channel else { return Ok(()) };
        let Some(consuming) = open.consumer.take() else {
            return Ok(());
        };
        let tag = consuming.tag.as_str().into();
        let result = within(
            CLOSE_WITHIN,
            open.channel.basic_cancel(tag, BasicCancelOptions::default()),
        )
        .await;
        finish(Some(consuming), CLOSE_WITHIN).await;
        result
    }

    async fn cut(&mut self, epoch: Epoch, cut: Cut) {
        let automatic = self.consumer_acks_by_itself();
        match cut {
            Cut::Channel | Cut::Connection if automatic => {
                // What is on its way counts as acked, so it must be known before the end; the cancel gathers it.
                // A failure here is one of the close below, too.
                let _ = self.cancel_consumer().await;
            }
            _ => {}
        }
        match cut {
            Cut::Channel => self.close_channel().await,
            Cut::Connection => self.close_connection().await,
            Cut::Reset => self.reset(),
        }
        self.finish_consumer(CLOSE_WITHIN).await;
        self.channel = None;
        self.down(epoch, DownCause::Asked(cut)).await;
    }

    fn consumer_acks_by_itself(&self) -> bool {
        let consumer = self.channel.as_ref().and_then(|open| open.consumer.as_ref());
        consumer.is_some_and(|consuming| consuming.ack == AckMode::Automatic)
    }

    async fn close_channel(&mut self) {
        let Some(open) = &self.channel else { return };
        if within(CLOSE_WITHIN, open.channel.close(200, "closed by the lab".into()))
            .await
            .is_err()
        {
            self.reset();
        }
    }

    async fn close_connection(&mut self) {
        if let Some(connected) = self.connected.take() {
            connected.line.close().await;
        }
    }

    fn reset(&mut self) {
        if let Some(connected) = self.connected.take() {
            connected.line.link.reset();
        }
    }

    /// The consumer ended, and nobody here asked for it.
    async fn consumer_ended(&mut self, end: End) {
        let Some(open) = &mut self.channel else { return };
        open.consumer = None;
        match end {
            End::Cancelled if open.channel.status().connected() => {
                let epoch = open.epoch;
                self.tell(Seen::CancelledByBroker(self.id, epoch)).await;
            }
            End::Cancelled => self.lost("the connection was closed").await,
            End::Failed(error) => self.broke(&error).await,
        }
    }

    /// lapin told of an error: it may be of a channel that was left long ago.
    async fn look_after(&mut self, error: &Error) {
        let dead = self
            .channel
            .as_ref()
            .is_some_and(|open| !open.channel.status().connected());
        if dead {
            self.broke(error).await
        } else {
            self.drop_what_is_dead()
        }
    }

    async fn lost(&mut self, why: &str) {
        self.gone(DownCause::Lost(why.to_owned())).await;
    }

    async fn broke(&mut self, error: &Error) {
        tracing::info!(worker = %self.id, %error, "line broke");
        self.gone(cause(error)).await;
    }

    async fn gone(&mut self, cause: DownCause) {
        self.finish_consumer(CLOSE_WITHIN).await;
        let epoch = self.channel.take().map(|open| open.epoch);
        self.drop_what_is_dead();
        if let Some(epoch) = epoch {
            self.down(epoch, cause).await;
        }
    }

    fn drop_what_is_dead(&mut self) {
        if self
            .connected
            .as_ref()
            .is_some_and(|connected| !connected.line.connection.status().connected())
        {
            self.reset();
        }
    }

=======
>>>>>>> engine
    async fn finish_consumer(&mut self, patience: Duration) {
        let consuming = self.channel.as_mut().and_then(|open| open.consumer.take());
        finish(consuming, patience).await;
    }

<<<<<<< HEAD
    async fn refused(&self, queue: QueueKind, why: String) {
        self.tell(Seen::Refused {
            what: RefusedSetting::Queue(queue),
            why,
        })
        .await;
    }

=======
>>>>>>> engine
    async fn down(&self, epoch: Epoch, cause: DownCause) {
        self.tell(Seen::Down(self.id, epoch, cause)).await;
    }

    async fn tell(&self, seen: Seen) {
        // The hub is gone only when all ends.
        let _ = self.reports.send(Report::Seen(seen)).await;
    }
}

/// Waits until all that a consumer was handed has been reported.
async fn finish(consuming: Option<Consuming>, patience: Duration) {
    let Some(mut consuming) = consuming else { return };
    if tokio::time::timeout(patience, &mut consuming.forwarder).await.is_err() {
        consuming.forwarder.abort();
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
