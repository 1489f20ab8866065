//! The producer's line: its own connection and channel; publishes, confirms, returns.
//!
//! - Jobs are published in the order asked, in batches, with `mandatory`: what no queue takes comes back.
//! - In confirm mode another task awaits the confirms, so that publishing never waits for them.
//! - Broken, the line is opened again: at once, then after growing pauses, or when the broker is known to be back.
//!   Jobs that were asked for and not yet written are not sent later, when the books have been closed over them.

use super::confirms::{self, Awaiting};
use super::line::{CLOSE_WITHIN, Line, OPEN_WITHIN, sentence, within};
use super::mark::Marks;
use super::report::Report;
use super::task::all_in_order;
use super::topology::Topology;
use crate::lab::{Confirms, Delivery, Job, JobId, QueueKind, Seen};
use futures_util::StreamExt;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Error, Event, PublisherConfirm};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Jobs that are published together.
const BATCH: usize = 256;
/// How often returns are looked for, and for how long after the last job, when there are no confirms to bring them.
const RETURNS_EVERY: Duration = Duration::from_millis(200);
const RETURNS_LOOKS: u32 = 10;
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// What the hub asks of the producer's line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    Publish(Job, QueueKind, Delivery),
    SetConfirms(Confirms),
}

/// The producer's end of things.
pub(super) struct Producer {
    topology: Topology,
    marks: Marks,
    reports: mpsc::Sender<Report>,
    confirms: Confirms,
    broker_back: Arc<Notify>,
    open: Option<Open>,
    /// Whether the lab was told that there is no line.
    told_down: bool,
}

struct Open {
    line: Line,
    channel: Channel,
    /// In confirm mode.
    awaiting: Option<Awaiting>,
    /// How often returns are still looked for.
    looks: u32,
}

impl Producer {
    /// `broker_back` ends a pause between two attempts to connect.
    pub(super) fn new(
        topology: Topology,
        marks: Marks,
        reports: mpsc::Sender<Report>,
        confirms: Confirms,
        broker_back: Arc<Notify>,
    ) -> Self {
        Self {
            topology,
            marks,
            reports,
            confirms,
            broker_back,
            open: None,
            told_down: false,
        }
    }

    /// Carries out orders until cancelled, then closes the connection in good order: what was published has arrived.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>, cancel: CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.serve(&mut orders) => {}
        }
        if let Some(open) = self.open.take() {
            open.close().await;
        }
    }

    async fn serve(&mut self, orders: &mut mpsc::Receiver<Order>) {
        loop {
            self.connect(orders).await;
            self.told_down = false;
            self.tell(Seen::ProducerUp).await;
            let Err(error) = self.publish_until_broken(orders).await else {
                return;
            };
            tracing::info!(%error, "the producer's line broke");
            self.went_down(&error, orders).await;
        }
    }

    async fn connect(&mut self, orders: &mut mpsc::Receiver<Order>) {
        let mut pause = PAUSE_MIN;
        loop {
            match self.try_connect().await {
                Ok(open) => {
                    self.open = Some(open);
                    return;
                }
                Err(error) => self.went_down(&error, orders).await,
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
                () = self.broker_back.notified() => pause = PAUSE_MIN,
            }
        }
    }

    async fn went_down(&mut self, error: &Error, orders: &mut mpsc::Receiver<Order>) {
        if let Some(open) = self.open.take() {
            open.line.link.reset();
        }
        if !self.told_down {
            self.told_down = true;
            self.tell(Seen::ProducerDown(sentence(error))).await;
        }
        while let Ok(order) = orders.try_recv() {
            match order {
                Order::Publish(job, ..) => self.tell(Seen::NeverSent(job.id)).await,
                Order::SetConfirms(confirms) => self.confirms = confirms,
            }
        }
    }

    async fn try_connect(&self) -> Result<Open, Error> {
        let line = self.topology.access().open("producer").await?;
        self.open_channel(line).await
    }

    async fn open_channel(&self, line: Line) -> Result<Open, Error> {
        let channel = within(OPEN_WITHIN, line.connection.create_channel()).await?;
        let awaiting = match self.confirms {
            Confirms::Off => None,
            Confirms::On => {
                within(OPEN_WITHIN, channel.confirm_select(ConfirmSelectOptions::default())).await?;
                Some(Awaiting::start(self.marks.clone(), self.reports.clone()))
            }
        };
        Ok(Open {
            line,
            channel,
            awaiting,
            looks: 0,
        })
    }

    /// `Ok`: there will be no more orders.
    async fn publish_until_broken(&mut self, orders: &mut mpsc::Receiver<Order>) -> Result<(), Error> {
        let Some(open) = &self.open else { return Ok(()) };
        let mut events = Box::pin(open.line.connection.events_listener());
        let mut batch = Vec::with_capacity(BATCH);
        // Made once: a pause made anew each turn would never end while jobs come faster than it.
        let mut returns = tokio::time::interval(RETURNS_EVERY);
        returns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let looks = self.open.as_ref().map_or(0, |open| open.looks);
            tokio::select! {
                count = orders.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return Ok(());
                    }
                    self.carry_out(&mut batch).await?;
                }
                Some(event) = events.next() => match event {
                    Event::Error(error) if !self.can_publish() => return Err(error),
                    Event::ConnectionBlocked(why) => tracing::warn!(%why, "the broker takes no messages now"),
                    _ => {}
                },
                _ = returns.tick(), if looks > 0 => self.look_for_returns().await,
            }
        }
    }

    fn can_publish(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.channel.status().connected())
    }

    /// Carries out the whole batch. Once the line is broken, the rest of it is noted for the next line, or told as never
    /// sent.
    async fn carry_out(&mut self, batch: &mut Vec<Order>) -> Result<(), Error> {
        let mut jobs = Vec::with_capacity(batch.len());
        let mut result = Ok(());
        for order in batch.drain(..) {
            match order {
                Order::Publish(job, queue, delivery) if result.is_ok() => jobs.push((job, queue, delivery)),
                Order::Publish(job, ..) => self.tell(Seen::NeverSent(job.id)).await,
                Order::SetConfirms(confirms) => {
                    if result.is_ok() {
                        result = self.publish(&mut jobs).await;
                    }
                    match result {
                        Ok(()) => result = self.set_confirms(confirms).await,
                        Err(_) => self.confirms = confirms,
                    }
                }
            }
        }
        if result.is_ok() {
            result = self.publish(&mut jobs).await;
        }
        result
    }

    async fn publish(&mut self, jobs: &mut Vec<(Job, QueueKind, Delivery)>) -> Result<(), Error> {
        for kind in [QueueKind::Durable, QueueKind::Transient] {
            if jobs.iter().any(|(_, queue, _)| *queue == kind) {
                // Without its queue a job comes back as unroutable, which says it all.
                let _ = self.topology.ensure(kind).await;
            }
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let jobs = std::mem::take(jobs);
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let bodies: Vec<String> = jobs.iter().map(|(job, ..)| job.body()).collect();
        let sends = jobs.iter().zip(&bodies).map(|((job, queue, delivery), body)| {
            let properties = self.marks.properties(job, *delivery);
            let (exchange, key) = match self.topology.fanout() {
                Some(exchange) => (exchange, String::new()),
                None => (String::new(), self.topology.name(*queue)),
            };
            open.channel
                .basic_publish(exchange.into(), key.into(), options, body.as_bytes(), properties)
        });
        let sent = all_in_order(sends).await;
        open.looks = RETURNS_LOOKS;
        let mut broken = None;
        for ((job, ..), sent) in jobs.iter().zip(sent) {
            match sent {
                Ok(confirm) => open.await_confirm(job.id, confirm).await,
                // lapin completes a publish when it is written, so this one never was.
                Err(error) => {
                    broken = Some(error);
                    let _ = self.reports.send(Report::Seen(Seen::NeverSent(job.id))).await;
                }
            }
        }
        broken.map_or(Ok(()), Err)
    }

    async fn set_confirms(&mut self, confirms: Confirms) -> Result<(), Error> {
        if self.confirms == confirms {
            return Ok(());
        }
        self.confirms = confirms;
        self.look_for_returns().await;
        let Some(open) = self.open.take() else { return Ok(()) };
        let line = open.close_channel().await;
        self.open = Some(self.open_channel(line).await?);
        Ok(())
    }

    /// Without confirms, lapin keeps returned messages until it is asked for them.
    async fn look_for_returns(&mut self) {
        let Some(open) = &mut self.open else { return };
        open.looks = open.looks.saturating_sub(1);
        if open.awaiting.is_some() {
            return;
        }
        let returned = open.channel.wait_for_confirms().await.unwrap_or_default();
        for message in &returned {
            if let Some(seen) = confirms::returned(&self.marks, message) {
                self.tell(seen).await;
            }
        }
    }

    async fn tell(&self, seen: Seen) {
        // The hub is gone only when all ends.
        let _ = self.reports.send(Report::Seen(seen)).await;
    }
}

impl Open {
    async fn await_confirm(&self, job: JobId, confirm: PublisherConfirm) {
        if let Some(awaiting) = &self.awaiting {
            awaiting.add(job, confirm).await;
        }
    }

    /// Awaits what is outstanding, then `channel.close`: after close-ok all that was published is in its queue.
    async fn close_channel(self) -> Line {
        if let Some(awaiting) = self.awaiting {
            awaiting.finish().await;
        }
        if within(CLOSE_WITHIN, self.channel.close(200, "goodbye".into()))
            .await
            .is_err()
        {
            self.line.link.reset();
        }
        self.line
    }

    async fn close(self) {
        self.close_channel().await.close().await;
    }
}

#[cfg(test)]
mod tests;
