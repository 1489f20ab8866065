//! From lapin's consumer to the hub: each delivery is taken at once, so that lapin's own buffer stays empty and the
//! worker's tray, which the lab counts, is the only one.

use super::mark::{self, Marks};
use super::report::Report;
use crate::lab::{AckMode, Delivered, DeliveryTag, Epoch, Seen, WorkerId};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use lapin::{Consumer, Error};
use tokio::sync::mpsc;

/// How many deliveries one report carries at most.
const BATCH: usize = 128;

/// For whom deliveries are taken.
#[derive(Clone, Debug)]
pub(super) struct Addressee {
    pub(super) id: WorkerId,
    pub(super) epoch: Epoch,
    pub(super) ack: AckMode,
    /// Whose own queue it consumes from, where it has one.
    pub(super) own: Option<WorkerId>,
    pub(super) marks: Marks,
    pub(super) reports: mpsc::Sender<Report>,
}

/// How a consumer ended.
#[derive(Debug)]
pub(super) enum End {
    /// Cancelled, by us or by the broker.
    Cancelled,
    /// With its channel or connection.
    Failed(Error),
}

/// Reports all deliveries until the consumer ends.
pub(super) async fn forward(consumer: Consumer, to: Addressee) -> End {
    let mut chunks = consumer.ready_chunks(BATCH);
    while let Some(chunk) = chunks.next().await {
        let mut seen = Vec::with_capacity(chunk.len());
        let mut failed = None;
        for next in chunk {
            match next {
                Ok(delivery) => seen.push(to.look_at(&delivery).await),
                Err(error) => failed = Some(error),
            }
        }
        if to.reports.send(Report::Many(seen)).await.is_err() {
            return End::Cancelled;
        }
        if let Some(error) = failed {
            return End::Failed(error);
        }
    }
    End::Cancelled
}

impl Addressee {
    async fn look_at(&self, delivery: &Delivery) -> Seen {
        let Some(job) = self.marks.copy(&delivery.properties, self.own) else {
            return self.let_go(delivery).await;
        };
        Seen::Delivered(
            self.id,
            self.epoch,
            Delivered {
                job,
                dots: mark::dots(&delivery.data),
                tag: DeliveryTag(delivery.delivery_tag),
                redelivered: delivery.redelivered,
                ack: self.ack,
            },
        )
    }

    /// The rule for messages of others: acked at once, since unacked it would take up prefetch for ever and come back
    /// after each death; counted, so that its sender can be told what became of it.
    async fn let_go(&self, delivery: &Delivery) -> Seen {
        tracing::warn!(worker = %self.id, tag = delivery.delivery_tag, "a message of someone else was acked");
        if self.ack == AckMode::Manual {
            // Should the channel be gone, the message goes back and is met again.
            let _ = delivery.ack(BasicAckOptions::default()).await;
        }
        Seen::Foreign(self.id)
    }
}
