//! Between the pure lab and the driver that has the sockets: what the lab asks for, what the driver has seen.
//!
//! The same two enums serve the real driver (`engine`) and a simulated one; neither side knows how the other works.

use super::command::BrokerCommand;
use super::event::{Burial, Requeue};
use super::guest::GuestSeen;
use super::ids::{DeliveryTag, Epoch, JobId, WorkerId};
use super::job::Job;
use super::settings::{AckMode, Confirms, Delivery, LineQuality, Prefetch, QueueKind, Version};
use super::snapshot::Figure;

/// What the lab asks of the driver. Answers come as [`Seen`].
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Publish a message. `Seen::Confirmed`, `Nacked`, `Returned` or `NeverSent` may follow, once and with the same number.
    ///
    /// Where each worker has a queue of its own (`Settings::sharing`), it goes to the exchange that all of them are bound
    /// to. `job` is then the first worker's copy; that of worker k is `job + k - 1`, and whatever is seen of a copy (a
    /// delivery, a decision, a burial, a survivor) names it so.
    Publish {
        /// The job.
        job: Job,
        /// The queue it goes to; with queues of their own, what kind these are.
        queue: QueueKind,
        /// Its `delivery_mode`.
        delivery: Delivery,
    },
    /// Reopen the producer's channel in or out of confirm mode.
    SetConfirms(Confirms),
    /// Open connection and channel (where they are not open), set qos, consume; answered by `Subscribed` or `Down`.
    /// On an open channel with a consumer the old consumer is cancelled first; what it was handed stays valid.
    /// Everything that is then seen of the worker carries this epoch. The epoch changes only with a new channel, and an
    /// epoch that is down stays down: an ask for it that crosses with its `Down` is dropped without an answer.
    Subscribe(WorkerId, Epoch, Subscription),
    /// `basic.cancel`; what was handed out stays valid.
    Unsubscribe(WorkerId, Epoch),
    /// `basic.qos` on the open channel, and nothing else: the consumer that is there keeps its limit. No answer.
    Qos(WorkerId, Epoch, Prefetch),
    /// Ack one delivery.
    Ack(WorkerId, Epoch, DeliveryTag),
    /// Refuse one delivery: `basic.nack` where it goes back, else `basic.reject`.
    Reject(WorkerId, Epoch, DeliveryTag, Requeue),
    /// From now on the network swallows everything on this line, both ways. `GaveUp` follows when the worker's client
    /// finds out, `Down` when the broker does.
    Silence(WorkerId, Epoch),
    /// What lies between every worker and the broker, now and later.
    SetLine(LineQuality),
    /// End the channel or the connection; answered by `Down`.
    Cut(WorkerId, Epoch, Cut),
    /// The broker itself, where the driver owns it.
    Broker(BrokerCommand),
    /// From its next start on, that broker behaves as this RabbitMQ.
    SetVersion(Version),
    /// Drop every worker's connection, empty both queues, forget all in flight; answered by `ResetDone`.
    Reset,
}

/// How a worker consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// From which queue.
    pub queue: QueueKind,
    /// `basic.qos` before the consume.
    pub prefetch: Prefetch,
    /// `no_ack` or not.
    pub ack: AckMode,
}

/// How a worker's line is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cut {
    /// `channel.close`, awaited; the connection lives on.
    Channel,
    /// `connection.close`, awaited.
    Connection,
    /// TCP reset.
    Reset,
}

/// What the driver has seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// The producer can publish.
    ProducerUp,
    /// It can't: what it sent and had no confirm for may or may not have arrived.
    ProducerDown(String),
    /// `basic.ack` from the broker.
    Confirmed(JobId),
    /// `basic.nack` from the broker: refused.
    Nacked(JobId),
    /// `basic.return`: no queue took it.
    Returned(JobId),
    /// The line broke before the job was written to it; it will not be sent later.
    NeverSent(JobId),
    /// A worker's consume was answered.
    Subscribed(WorkerId, Epoch),
    /// The broker cancelled the consumer (its queue was deleted).
    CancelledByBroker(WorkerId, Epoch),
    /// A delivery reached the worker's process.
    Delivered(WorkerId, Epoch, Delivered),
    /// The worker's channel is gone, by request or not.
    Down(WorkerId, Epoch, DownCause),
    /// The client of a silenced worker missed the broker's heartbeats and gave up; the broker may not know yet.
    GaveUp(WorkerId, Epoch),
    /// What the broker says of the lab's queues.
    Broker(BrokerSays),
    /// The broker handed a job to a consumer; told only by a broker that can be looked into.
    Dispatched(Dispatched),
    /// That many dispatch decisions could not be told in time.
    DecisionsLost(u64),
    /// The broker went away.
    BrokerDown(String),
    /// It was to be started and could not be: one sentence. It is as far away as before, and may be started again.
    BrokerStartFailed(String),
    /// It was to be ended and could not be: one sentence. It runs on.
    BrokerEndFailed(String),
    /// The broker put a job into the dead-letter queue, where the driver has found it. Told for quorum queues; a job may be
    /// told again (after a reconnect), and one that a worker rejected is told too.
    Buried(JobId, Burial),
    /// It answers again; what survived, where that can be known.
    BrokerUp(Survivors),
    /// `Ask::Reset` is done.
    ResetDone,
    /// The broker refused a setting, which stays as it was.
    Refused {
        /// The setting.
        what: RefusedSetting,
        /// One sentence.
        why: String,
    },
    /// A message that is none of ours reached a worker (someone else publishes to the queue); it was acked and let go.
    Foreign(WorkerId),
    /// Something of a client that is not of the lab; told only by a broker that can be looked into.
    Guest(GuestSeen),
}

/// Settings that a broker may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusedSetting {
    /// A queue kind (RabbitMQ 4.3 refuses transient ones).
    Queue(QueueKind),
}

/// A delivery as the worker's client got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The job, from the message.
    pub job: JobId,
    /// Its dots, counted in the body.
    pub dots: u32,
    /// Its number on the channel.
    pub tag: DeliveryTag,
    /// The flag.
    pub redelivered: bool,
    /// As subscribed when it was delivered.
    pub ack: AckMode,
}

/// Why a worker's channel is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownCause {
    /// As asked.
    Asked(Cut),
    /// The broker closed the channel or connection: code and text.
    Refused(u16, String),
    /// The connection was lost, or could not be opened: one sentence.
    Lost(String),
}

/// The broker's own figures for the lab's queues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrokerSays {
    /// The durable queue.
    pub durable: QueueSays,
    /// The transient queue.
    pub transient: QueueSays,
}

impl BrokerSays {
    /// The figures for one of the two.
    pub const fn queue(&self, kind: QueueKind) -> QueueSays {
        match kind {
            QueueKind::Durable => self.durable,
            QueueKind::Transient => self.transient,
        }
    }
}

/// The broker's figures for one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueSays {
    /// Waiting.
    pub ready: Figure,
    /// With consumers, not acked.
    pub unacked: Figure,
    /// Consumers, ours and others'.
    pub consumers: Figure,
}

/// A dispatch decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatched {
    /// The job.
    pub job: JobId,
    /// Who got it; `None`: a consumer that is not of this lab.
    pub to: Option<WorkerId>,
    /// Whether it counts as gone at once.
    pub ack: AckMode,
    /// Who was tried first and had no room.
    pub passed_over: Vec<(WorkerId, NoRoom)>,
}

/// Why a consumer was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoRoom {
    /// Its prefetch is full: that many unacked.
    Full(u16),
    /// It does not read what it is sent.
    Unsent,
}

/// What a restarted broker still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Survivors {
    /// Exactly these jobs.
    Known(Vec<JobId>),
    /// It told how many messages each queue has, the durable one first; `None`: not even that, or they are being
    /// consumed.
    Counted([Option<u64>; 2]),
    /// It can't be asked at all.
    Unknown,
}
