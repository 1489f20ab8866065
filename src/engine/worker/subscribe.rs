//! Connection, channel, qos, consume, cancel.

use super::{Connected, Consuming, Open, Worker, finish};
use crate::engine::deliveries::{self, Addressee};
use crate::engine::line::{CLOSE_WITHIN, OPEN_WITHIN, cause, within};
use crate::engine::topology::Trouble;
use crate::lab::{AckMode, DownCause, Epoch, Prefetch, QueueKind, RefusedSetting, Seen, Subscription};
use lapin::Error;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use std::sync::atomic::Ordering;

impl Worker {
    pub(super) async fn subscribe(&mut self, epoch: Epoch, subscription: Subscription) {
        match self.topology.ensure(subscription.queue).await {
            Ok(()) => {}
            Err(Trouble::Refused(why)) => return self.refused(epoch, subscription.queue, why).await,
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
        let Some(open) = &mut self.channel else { return Ok(()) };
        open.prefetch = subscription.prefetch;
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
        let queue = self.topology.queue_of(self.id, subscription.queue);
        let own = self.topology.owner_of(&queue);
        let consuming = channel.basic_consume(queue.into(), tag.as_str().into(), options, FieldTable::default());
        let consumer = within(OPEN_WITHIN, consuming).await?;
        tracing::debug!(%tag, ?subscription, "consuming");
        // Before the first delivery is reported.
        self.tell(Seen::Subscribed(self.id, epoch)).await;
        let to = Addressee {
            id: self.id,
            epoch,
            ack: subscription.ack,
            own,
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
            prefetch: Prefetch(0),
            consumer: None,
        });
        Ok(())
    }

    pub(super) async fn unsubscribe(&mut self, epoch: Epoch) {
        if !self.is_current(epoch) {
            return;
        }
        if let Err(error) = self.cancel_consumer().await {
            self.broke(&error).await;
        }
    }

    /// `basic.qos` alone: the consumer that there is keeps its limit.
    pub(super) async fn set_qos(&mut self, epoch: Epoch, prefetch: Prefetch) {
        if !self.is_current(epoch) {
            return;
        }
        let Some(open) = &mut self.channel else { return };
        open.prefetch = prefetch;
        let asking = open.channel.basic_qos(prefetch.0, BasicQosOptions::default());
        if let Err(error) = within(OPEN_WITHIN, asking).await
            && self.silent.is_none()
        {
            self.broke(&error).await;
        }
    }

    /// `basic.cancel`, after which all that was on its way has been reported.
    pub(super) async fn cancel_consumer(&mut self) -> Result<(), Error> {
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

    /// The broker refuses this kind of queue. A consumer that there is goes on; without one the line is down.
    async fn refused(&self, epoch: Epoch, queue: QueueKind, why: String) {
        self.tell(Seen::Refused {
            what: RefusedSetting::Queue(queue),
            why: why.clone(),
        })
        .await;
        if !self.is_current(epoch) {
            self.down(epoch, DownCause::Lost(why)).await;
        }
    }
}
