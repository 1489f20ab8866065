//! The client of one person who is a worker: one connection of that person's name, one channel, one consumer.
//!
//! It consumes until it is told to leave, whatever breaks: a line that broke is tried again every two seconds, or when
//! asked. What the person settles goes to the broker as it is; a pulled plug is a TCP reset, by the link under lapin.

use super::line::{Line, OPEN_WITHIN, cause, within};
use super::mark::dots;
use super::probe::{self, StartError};
use super::target::BrokerUrl;
use super::task::Owned;
use crate::lab::{AckMode, Again, DeliveryTag, DeskAsk, DeskJob, DeskSeen, DownCause, Prefetch};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer, Error};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Who joins, where and how.
#[derive(Clone, Debug)]
pub struct JoinOptions {
    /// The broker.
    pub url: BrokerUrl,
    /// The connection's name.
    pub name: String,
    /// The queue.
    pub queue: String,
    /// `basic.qos` before the consume.
    pub prefetch: Prefetch,
    /// `no_ack` or not.
    pub ack: AckMode,
}

/// A client at work.
#[derive(Debug)]
pub struct Join {
    asks: mpsc::Sender<DeskAsk>,
    task: Owned,
}

/// Asks on their way to the client; when it is full, the screen keeps the wish and says so.
const ASKS: usize = 64;
/// What was seen on its way to the screen; when it is full, the client waits, and reads no more from the broker.
const SEEN: usize = 64;
/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(2);
/// How long the goodbye may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(3);

impl Join {
    /// Begins to connect. What is seen comes from the receiver.
    pub fn start(options: JoinOptions) -> (Self, mpsc::Receiver<DeskSeen>) {
        let (asks, inlet) = mpsc::channel(ASKS);
        let (outlet, seen) = mpsc::channel(SEEN);
        let cancel = CancellationToken::new();
        let client = Client {
            options,
            asks: inlet,
            seen: outlet.clone(),
            cancel: cancel.clone(),
        };
        let task = Owned::spawn(cancel, client.run(), async move |why| {
            let _ = outlet.send(DeskSeen::Lost(why, Again::WhenAsked)).await;
        });
        (Self { asks, task }, seen)
    }

    /// Where asks go; bounded.
    pub fn asks(&self) -> mpsc::Sender<DeskAsk> {
        self.asks.clone()
    }

    /// Says goodbye; bounded in time. What is held goes back to the queue.
    pub async fn leave(self) {
        self.task.end(GOODBYE_WITHIN).await;
    }
}

struct Client {
    options: JoinOptions,
    asks: mpsc::Receiver<DeskAsk>,
    seen: mpsc::Sender<DeskSeen>,
    cancel: CancellationToken,
}

/// How a session ended.
enum Ended {
    /// The person, or the screen, left.
    Left,
    /// As asked.
    Unplugged,
    /// One sentence.
    Lost(String, Again),
}

/// What is open in a session.
struct Open {
    line: Line,
    channel: Channel,
    consumer: Consumer,
}

impl Client {
    async fn run(mut self) {
        let cancel = self.cancel.clone();
        loop {
            let (seen, again) = match self.session().await {
                Ended::Left => return,
                Ended::Unplugged => (DeskSeen::Unplugged, Again::WhenAsked),
                Ended::Lost(why, again) => (DeskSeen::Lost(why, again), again),
            };
            self.tell(seen).await;
            tokio::select! {
                () = cancel.cancelled() => return,
                asked = self.asked_to_plug_in() => if !asked { return },
                () = tokio::time::sleep(PAUSE), if again == Again::Soon => {}
            }
        }
    }

    async fn session(&mut self) -> Ended {
        self.tell(DeskSeen::Connecting).await;
        let cancel = self.cancel.clone();
        let opened = tokio::select! {
            () = cancel.cancelled() => return Ended::Left,
            opened = Box::pin(open(&self.options)) => opened,
        };
        let Open {
            line,
            channel,
            mut consumer,
        } = match opened {
            Ok(open) => open,
            Err((why, again)) => return Ended::Lost(why, again),
        };
        self.tell(DeskSeen::Consuming).await;
        let ended = loop {
            let step = tokio::select! {
                () = cancel.cancelled() => break Ended::Left,
                ask = self.asks.recv() => match ask {
                    None => break Ended::Left,
                    Some(DeskAsk::PullPlug) => break Ended::Unplugged,
                    Some(ask) => settle(&channel, ask).await,
                },
                next = consumer.next() => match next {
                    Some(Ok(delivery)) => {
                        self.tell(DeskSeen::Delivered(job(&delivery))).await;
                        Ok(())
                    }
                    Some(Err(error)) => Err(error),
                    None => break Ended::Lost(self.cancelled(), Again::Soon),
                },
            };
            if let Err(error) = step {
                break Ended::Lost(sentence(&error, &self.options.queue), Again::Soon);
            }
        };
        match ended {
            Ended::Unplugged => line.link.reset(),
            _ => line.close().await,
        }
        ended
    }

    fn cancelled(&self) -> String {
        format!(
            "the broker cancelled your consumer: the queue {} was deleted",
            self.options.queue
        )
    }

    /// Waits until it is asked to connect; false: there is nobody to ask.
    async fn asked_to_plug_in(&mut self) -> bool {
        while let Some(ask) = self.asks.recv().await {
            if ask == DeskAsk::PlugIn {
                return true;
            }
        }
        false
    }

    async fn tell(&self, seen: DeskSeen) {
        // The screen is gone only when all ends.
        let _ = self.seen.send(seen).await;
    }
}

async fn open(options: &JoinOptions) -> Result<Open, (String, Again)> {
    let found = probe::probe(options.url.clone()).await.map_err(|error| {
        let again = match error {
            StartError::Login { .. } | StartError::Vhost { .. } | StartError::NotAmqp { .. } => Again::WhenAsked,
            _ => Again::Soon,
        };
        (error.to_string(), again)
    })?;
    found.line.close().await;
    let told = |error: Error| (sentence(&error, &options.queue), Again::Soon);
    let line = found.access.open_as(options.name.clone()).await.map_err(told)?;
    match consume(options, &line).await {
        Ok((channel, consumer)) => Ok(Open {
            line,
            channel,
            consumer,
        }),
        Err(error) => {
            line.close().await;
            Err(told(error))
        }
    }
}

async fn consume(options: &JoinOptions, line: &Line) -> Result<(Channel, Consumer), Error> {
    let channel = within(OPEN_WITHIN, line.connection.create_channel()).await?;
    let qos = channel.basic_qos(options.prefetch.0, BasicQosOptions::default());
    within(OPEN_WITHIN, qos).await?;
    let how = BasicConsumeOptions {
        no_ack: options.ack == AckMode::Automatic,
        ..BasicConsumeOptions::default()
    };
    let queue = options.queue.as_str().into();
    let consuming = channel.basic_consume(queue, "".into(), how, FieldTable::default());
    let consumer = within(OPEN_WITHIN, consuming).await?;
    Ok((channel, consumer))
}

async fn settle(channel: &Channel, ask: DeskAsk) -> Result<(), Error> {
    match ask {
        DeskAsk::Ack(tag) => channel.basic_ack(tag.0, BasicAckOptions::default()).await,
        DeskAsk::GiveBack(tag) => {
            let requeue = BasicNackOptions {
                requeue: true,
                ..BasicNackOptions::default()
            };
            channel.basic_nack(tag.0, requeue).await
        }
        DeskAsk::Reject(tag) => channel.basic_reject(tag.0, BasicRejectOptions { requeue: false }).await,
        DeskAsk::PullPlug | DeskAsk::PlugIn => Ok(()),
    }
}

fn job(delivery: &Delivery) -> DeskJob {
    let body: String = String::from_utf8_lossy(&delivery.data)
        .chars()
        .filter(|c| !c.is_control())
        .take(BODY)
        .collect();
    let number = delivery.properties.message_id().as_ref().map(ToString::to_string);
    let numbered = number.filter(|id| !id.is_empty() && id.len() <= 10 && id.bytes().all(|b| b.is_ascii_digit()));
    let name = numbered.map_or_else(|| body.chars().take(NAME).collect(), |number| format!("#{number}"));
    DeskJob {
        tag: DeliveryTag(delivery.delivery_tag),
        name,
        body,
        dots: dots(&delivery.data),
        redelivered: delivery.redelivered,
    }
}

/// Characters of a body that are shown.
const BODY: usize = 200;
/// Characters of a body that stand for a number that is missing.
const NAME: usize = 12;

fn sentence(error: &Error, queue: &str) -> String {
    match cause(error) {
        DownCause::Refused(404, text) => {
            format!("there is no queue {queue} (404 {text}): is the lab there, and is that its queue?")
        }
        DownCause::Refused(code, text) => format!("the broker said {code} {text}"),
        DownCause::Lost(text) => text,
        DownCause::Asked(_) => "the connection ended".to_owned(),
    }
}
