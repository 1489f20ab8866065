//! Who reads the dead-letter queue, so that the lab learns from the broker itself what a delivery limit has ended.
//!
//! The lab's reader holds every letter, unacked, so that none is taken away: counts of the queue show them as unacked,
//! and no other consumer gets them before the lab has ended. After a reconnect they come again, when the lab knows them
//! already. Which job it is its own marks say; why it died, and in which queue, the first entry of `x-death`, which is the
//! latest (<https://www.rabbitmq.com/docs/dlx#effects>).

use super::line::{OPEN_WITHIN, within};
use super::mark::Marks;
use super::report::Report;
use super::topology::Topology;
use crate::lab::{Burial, Seen, WorkerId};
use futures_util::StreamExt;
use lapin::options::BasicConsumeOptions;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Error};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Between two attempts: while the broker is away, or its queue is declared anew.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads the dead-letter queue.
#[derive(Debug)]
pub(super) struct Graves {
    pub(super) topology: Topology,
    pub(super) marks: Marks,
    pub(super) reports: mpsc::Sender<Report>,
}

impl Graves {
    /// Reads until cancelled.
    pub(super) async fn run(self, cancel: CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.watch() => {}
        }
    }

    async fn watch(&self) {
        loop {
            if let Err(error) = self.read().await {
                tracing::debug!(%error, "the dead letters can't be read now");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Until the queue or the line is gone.
    async fn read(&self) -> Result<(), Error> {
        let (line, channel) = self.topology.access().open_with_channel("graves").await?;
        let queue = self.topology.dead_letters();
        let options = BasicConsumeOptions::default();
        let consuming = channel.basic_consume(queue.into(), "graves".into(), options, FieldTable::default());
        let result = match within(OPEN_WITHIN, consuming).await {
            Ok(mut letters) => loop {
                match letters.next().await {
                    Some(Ok(letter)) => self.tell(&letter.properties).await,
                    Some(Err(error)) => break Err(error),
                    None => break Ok(()),
                }
            },
            Err(error) => Err(error),
        };
        line.close().await;
        result
    }

    async fn tell(&self, properties: &BasicProperties) {
        let (why, owner) = death(properties, &self.topology);
        if let Some(job) = self.marks.copy(properties, owner) {
            // The hub is gone only when all ends.
            let _ = self.reports.send(Report::Seen(Seen::Buried(job, why))).await;
        }
    }
}

/// Why it died last, and in whose own queue, where each worker has one.
fn death(properties: &BasicProperties, topology: &Topology) -> (Burial, Option<WorkerId>) {
    let Some(death) = last_death(properties) else {
        return (Burial::Other, None);
    };
    let text = |key: &str| match death.inner().get(key) {
        Some(AMQPValue::LongString(text)) => text.to_string(),
        _ => String::new(),
    };
    let why = match text("reason").as_str() {
        "delivery_limit" => Burial::DeliveryLimit,
        "rejected" => Burial::Rejected,
        _ => Burial::Other,
    };
    (why, topology.owner_of(&text("queue")))
}

fn last_death(properties: &BasicProperties) -> Option<&FieldTable> {
    let AMQPValue::FieldArray(deaths) = properties.headers().as_ref()?.inner().get("x-death")? else {
        return None;
    };
    match deaths.as_slice().first()? {
        AMQPValue::FieldTable(death) => Some(death),
        _ => None,
    }
}
