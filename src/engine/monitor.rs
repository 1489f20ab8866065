//! What a broker that is not ours can be asked: a passive `queue.declare` tells how many messages are ready and how
//! many consumers there are. Unacked messages are not told by AMQP, so they stay unknown.
//!
//! The monitor also notices that the broker went away and came back: workers and producer see broken lines, but only
//! a fresh connection that can't be had means that the broker is gone.

use super::line::{Line, OPEN_WITHIN, sentence, within};
use super::report::Report;
use super::topology::{Topology, Trouble};
use crate::lab::{BrokerSays, Figure, QueueKind, QueueSays, Seen, Survivors};
use futures_util::FutureExt;
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Channel, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// How often it looks whether something happened.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Looks between two questions while nothing happens.
const IDLE_LOOKS: u32 = 8;
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Watches a broker from outside.
#[derive(Debug)]
pub(super) struct Monitor {
    pub(super) topology: Topology,
    pub(super) reports: mpsc::Sender<Report>,
    pub(super) broker_back: Arc<Notify>,
    /// Whoever ended the broker has seen that it is gone; it may be back sooner than the monitor looks.
    pub(super) broker_gone: Arc<Notify>,
    /// Grows while something happens in the lab.
    pub(super) activity: Arc<AtomicU64>,
}

struct Open {
    line: Line,
    channel: Channel,
}

/// The figures of several queues together; one that does not tell makes the sum unknown.
pub(super) fn sum(queues: &[QueueSays]) -> QueueSays {
    let of = |figure: fn(&QueueSays) -> Figure| {
        let all = queues.iter().map(figure);
        all.fold(Figure::Exact(0), |sum, one| match (sum, one) {
            (Figure::Exact(sum), Figure::Exact(one)) => Figure::Exact(sum + one),
            _ => Figure::Unknown,
        })
    };
    QueueSays {
        ready: of(|says| says.ready),
        unacked: of(|says| says.unacked),
        consumers: of(|says| says.consumers),
    }
}

impl Monitor {
    /// Asks until cancelled.
    pub(super) async fn run(self, cancel: CancellationToken) {
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.watch() => {}
        }
    }

    async fn watch(&self) {
        loop {
            let why = tokio::select! {
                () = self.broker_gone.notified() => Some("it ended".to_owned()),
                error = self.ask() => self.why_gone(&error).await,
            };
            if let Some(why) = why {
                self.tell(Seen::BrokerDown(why)).await;
                let survivors = self.wait_for_broker().await;
                // That it was gone is told; whoever saw it, too, says nothing new.
                let _ = self.broker_gone.notified().now_or_never();
                self.tell(Seen::BrokerUp(survivors)).await;
                self.broker_back.notify_one();
            } else {
                // A broker that lets one connect but not ask must not be asked in a tight loop.
                tokio::time::sleep(PAUSE_MAX).await;
            }
        }
    }

    /// Asks until the line breaks, and says why it broke.
    async fn ask(&self) -> Error {
        match self.open().await {
            Ok(open) => self.ask_until_broken(open).await,
            Err(error) => error,
        }
    }

    /// One line may break by itself, or be closed by an operator; the broker is gone if there is no other.
    async fn why_gone(&self, broke: &Error) -> Option<String> {
        tracing::info!(error = %broke, "the monitor's line broke");
        self.try_open().await.err().map(|error| sentence(&error))
    }

    async fn open(&self) -> Result<Open, Error> {
        let (line, channel) = self.topology.access().open_with_channel("monitor").await?;
        Ok(Open { line, channel })
    }

    async fn try_open(&self) -> Result<(), Error> {
        let line = self.topology.access().open("monitor").await?;
        line.close().await;
        Ok(())
    }

    async fn wait_for_broker(&self) -> Survivors {
        let mut pause = PAUSE_MIN;
        loop {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
            match self.topology.declare_again().await {
                Ok(counts) => return Survivors::Counted(counts),
                Err(Trouble::Away(error)) => tracing::debug!(%error, "the broker is still away"),
                // It answers, so it is there; the refusal will show where the queue is used.
                Err(Trouble::Refused(why)) => {
                    tracing::warn!(%why, "a queue could not be declared again");
                    return Survivors::Unknown;
                }
            }
        }
    }

    async fn ask_until_broken(&self, mut open: Open) -> Error {
        let mut told = BrokerSays::default();
        let mut seen = self.activity.load(Ordering::Relaxed);
        let mut looks = IDLE_LOOKS;
        loop {
            let activity = self.activity.load(Ordering::Relaxed);
            if activity != seen || looks >= IDLE_LOOKS {
                (seen, looks) = (activity, 0);
                match self.ask_once(&mut open).await {
                    Ok(says) if says == told => {}
                    Ok(says) => {
                        told = says;
                        self.tell(Seen::Broker(told.clone())).await;
                    }
                    Err(error) => return error,
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
            looks += 1;
        }
    }

    async fn ask_once(&self, open: &mut Open) -> Result<BrokerSays, Error> {
        let mut says = BrokerSays::default();
        // A question keeps a queue that nobody consumes from expiring while the lab lives.
        let _ = self.ask_for(open, self.topology.dead_letters()).await?;
        for kind in self.topology.declared().await {
            let mut all = Vec::new();
            for name in self.topology.names(kind) {
                all.push(self.ask_for(open, name).await?);
            }
            let figures = sum(&all);
            match kind {
                QueueKind::Durable => says.durable = figures,
                QueueKind::Transient => says.transient = figures,
            }
        }
        Ok(says)
    }

    async fn ask_for(&self, open: &mut Open, queue: String) -> Result<QueueSays, Error> {
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let asking = open.channel.queue_declare(queue.into(), options, FieldTable::default());
        match within(OPEN_WITHIN, asking).await {
            Ok(queue) => Ok(QueueSays {
                ready: Figure::Exact(u64::from(queue.message_count())),
                unacked: Figure::Unknown,
                consumers: Figure::Exact(u64::from(queue.consumer_count())),
            }),
            // Someone deleted the queue: the channel is closed for asking. A reset declares the queue again.
            Err(error) if error.is_amqp_soft_error() => {
                open.channel = within(OPEN_WITHIN, open.line.connection.create_channel()).await?;
                Ok(QueueSays::default())
            }
            Err(error) => Err(error),
        }
    }

    async fn tell(&self, seen: Seen) {
        // The hub is gone only when all ends.
        let _ = self.reports.send(Report::Seen(seen)).await;
    }
}
