//! What a person can set: the vocabulary shared by command line, keys, engine and screen.

use super::ids::JobId;
use super::snapshot::Release;

/// All settings of a run. Everything but the seed can be changed while it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The speed of each worker at the start; its length is their number (1 to [`MAX_WORKERS`]).
    pub speeds: Vec<Speed>,
    /// `basic.qos(prefetch_count)` of each worker.
    pub prefetch: Prefetch,
    /// Who tells the broker that a message is done with, and when.
    pub ack: AckMode,
    /// Which of the lab's two queues is used.
    pub queue: QueueKind,
    /// `delivery_mode` of published messages.
    pub messages: Delivery,
    /// Whether the producer's channel is in confirm mode.
    pub confirms: Confirms,
    /// Jobs a second of lab time while the producer runs.
    pub rate: Rate,
    /// What the jobs are like.
    pub workload: Workload,
    /// The same seed gives the same jobs at the same lab times.
    pub seed: Seed,
    /// How fast the lab's clock runs.
    pub scale: TimeScale,
    /// What lies between each worker and the broker.
    pub line: LineQuality,
    /// How often each side shows a worker's connection that it lives.
    pub heartbeat: Heartbeat,
    /// What kind of queue the durable one is. Fixed for a run, since it can't be changed on a queue that is there.
    pub queue_type: QueueType,
    /// Who gets a copy of each message. Fixed for a run.
    pub sharing: Sharing,
}

impl Default for Settings {
    /// Three workers, one at half and one at double speed, RabbitMQ's own defaults (no prefetch limit, manual acks),
    /// and jobs that just about fit.
    fn default() -> Self {
        Self {
            speeds: vec![Speed(1000), Speed(500), Speed(2000)],
            prefetch: Prefetch(0),
            ack: AckMode::Manual,
            queue: QueueKind::Durable,
            messages: Delivery::Persistent,
            confirms: Confirms::Off,
            rate: Rate(150),
            workload: Workload {
                sizes: Sizes::Random,
                arrivals: Arrivals::Regular,
            },
            seed: Seed(7),
            scale: TimeScale(1000),
            line: LineQuality::default(),
            heartbeat: Heartbeat(2),
            queue_type: QueueType::Classic,
            sharing: Sharing::OneQueue,
        }
    }
}

impl Settings {
    /// How many copies there are of each message, each a job: one, or one for each worker.
    pub fn copies(&self) -> u32 {
        match self.sharing {
            Sharing::OneQueue => 1,
            Sharing::QueueEach => u32::try_from(self.speeds.len().max(1)).unwrap_or(1),
        }
    }

    /// The number of the message that a job is a copy of; its word and its dots are drawn by that.
    pub fn message_of(&self, job: JobId) -> JobId {
        JobId(job.0.saturating_sub(1) / self.copies() + 1)
    }

    /// Whether such a message in such a queue outlives the broker, by RabbitMQ's rule. A quorum queue keeps all it has.
    pub const fn outlives(&self, queue: QueueKind, delivery: Delivery) -> bool {
        matches!(
            (queue, delivery, self.queue_type),
            (QueueKind::Durable, Delivery::Persistent, _) | (QueueKind::Durable, _, QueueType::Quorum(_))
        )
    }

    /// Whether the queue in use is a quorum queue.
    pub const fn uses_quorum(&self) -> bool {
        matches!(
            (self.queue, self.queue_type),
            (QueueKind::Durable, QueueType::Quorum(_))
        )
    }
}

/// The most workers a lab has.
pub const MAX_WORKERS: usize = 64;

/// `prefetch_count`: how many unacked deliveries a consumer may hold; 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefetch(pub u16);

impl Prefetch {
    /// The steps of the prefetch key.
    pub const STEPS: [Self; 10] = [
        Self(0),
        Self(1),
        Self(2),
        Self(3),
        Self(5),
        Self(10),
        Self(20),
        Self(50),
        Self(100),
        Self(250),
    ];
}

/// When a delivery counts as acked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckMode {
    /// The worker acks after the work.
    Manual,
    /// The broker takes it as acked once it is sent (`no_ack`).
    Automatic,
}

/// The lab has a queue of each kind, so that switching redeclares nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueKind {
    /// `durable=true`: the queue survives a broker restart.
    Durable,
    /// `durable=false`.
    Transient,
}

impl QueueKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Durable, Self::Transient];

    /// Its place in `ALL`.
    pub const fn slot(self) -> usize {
        match self {
            Self::Durable => 0,
            Self::Transient => 1,
        }
    }

    /// The one that is not this.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Durable => Self::Transient,
            Self::Transient => Self::Durable,
        }
    }
}

/// `x-queue-type` of the durable queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueueType {
    /// A classic queue.
    #[default]
    Classic,
    /// A quorum queue, with its `x-delivery-limit`.
    Quorum(DeliveryLimit),
}

/// How often a message may come back before a quorum queue dead-letters it; 0: nothing is declared, and the broker's own
/// default holds (none up to RabbitMQ 3.13, 20 from 4.0 on).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeliveryLimit(pub u16);

/// Who gets a copy of each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sharing {
    /// All workers consume from one queue: each message goes to one of them.
    #[default]
    OneQueue,
    /// Each worker has a queue of its own, all bound to one fanout exchange: each message goes to all of them.
    ///
    /// Each copy is a job of its own. With n workers, the m-th message is the jobs (m-1)·n+1 to m·n, in the order of the
    /// workers.
    QueueEach,
}

/// `delivery_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// 2: survives in a durable queue.
    Persistent,
    /// 1.
    Transient,
}

impl Delivery {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Persistent, Self::Transient];

    /// Its place in `ALL`.
    pub const fn slot(self) -> usize {
        match self {
            Self::Persistent => 0,
            Self::Transient => 1,
        }
    }
}

/// The RabbitMQ that the lab's own broker behaves as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// 3.10.
    V3_10,
    /// 4.0.
    #[default]
    V4_0,
    /// 4.3, set to permit transient queues.
    V4_3,
}

impl Version {
    /// Its numbers.
    pub const fn release(self) -> Release {
        let (major, minor) = match self {
            Self::V3_10 => (3, 10),
            Self::V4_0 => (4, 0),
            Self::V4_3 => (4, 3),
        };
        Release { major, minor }
    }
    /// All of them, the oldest first.
    pub const ALL: [Self; 3] = [Self::V3_10, Self::V4_0, Self::V4_3];

    /// The one that the key goes to from here, round and round.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::V3_10 => Self::V4_0,
            Self::V4_0 => Self::V4_3,
            Self::V4_3 => Self::V3_10,
        }
    }
}

/// Publisher confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confirms {
    /// The broker confirms each message.
    On,
    /// Nobody tells the producer anything.
    Off,
}

/// Jobs in 100 seconds: 1 is 0.01/s, 100 is 1/s, up to 1,000,000 (10,000/s).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rate(pub u32);

/// A worker's speed in thousandths: 1000 is ×1. From ×0.1 to ×10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Speed(pub u32);

/// What the link between a worker and the broker does to what passes, in real time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LineQuality {
    /// Added each way.
    pub latency: Latency,
    /// Let through each way.
    pub bandwidth: Bandwidth,
}

/// Milliseconds, each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Latency(pub u16);

/// Bytes a second, each way; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bandwidth(pub u32);

/// The heartbeat interval in seconds, as AMQP's `connection.tune` has it; 0 is none. A side that hears nothing for two
/// intervals takes the other for dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Heartbeat(pub u16);

/// What a worker's program does when a job's work is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Habit {
    /// It acks: `basic.ack`.
    #[default]
    Acks,
    /// It forgets to ack.
    Forgets,
    /// It gives the job back: `basic.nack` with `requeue=true`.
    Requeues,
    /// It refuses the job: `basic.reject` with `requeue=false`; the broker dead-letters it.
    Rejects,
    /// It acks twice, which closes its channel.
    AcksTwice,
}

impl Habit {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 5] = [
        Self::Acks,
        Self::Forgets,
        Self::Requeues,
        Self::Rejects,
        Self::AcksTwice,
    ];
}

/// The lab clock's speed in thousandths of real time: 1000 is ×1. From ×0.1 to ×10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeScale(pub u32);

/// The seed of all that is random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

/// What the jobs are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Workload {
    /// How much work each is.
    pub sizes: Sizes,
    /// When they come.
    pub arrivals: Arrivals,
}

/// How much work a job is, in dots (a dot is a second of lab time at speed ×1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sizes {
    /// All two dots.
    Equal,
    /// Odd jobs five dots, even ones one.
    OddHeavy,
    /// One to three dots, uniformly.
    Random,
    /// Mostly one dot, seldom up to thirty.
    HeavyTail,
    /// No dots: nearly no work.
    Instant,
}

impl Sizes {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 5] = [
        Self::Random,
        Self::OddHeavy,
        Self::Equal,
        Self::HeavyTail,
        Self::Instant,
    ];
}

/// When jobs come, at a given mean rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrivals {
    /// At equal distances.
    Regular,
    /// Independently of each other (exponential gaps).
    Poisson,
    /// Eight at once, then a gap.
    Bursty,
}

impl Arrivals {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 3] = [Self::Regular, Self::Poisson, Self::Bursty];
}

impl Rate {
    /// The slowest: a job in 100 seconds.
    pub const MIN: Self = Self(1);
    /// The fastest: 10,000 jobs a second.
    pub const MAX: Self = Self(1_000_000);
}

impl Speed {
    /// The slowest: ×0.1.
    pub const MIN: Self = Self(100);
    /// The fastest: ×10.
    pub const MAX: Self = Self(10_000);
}

impl TimeScale {
    /// The slowest: ×0.1.
    pub const MIN: Self = Self(100);
    /// The fastest: ×10.
    pub const MAX: Self = Self(10_000);
}
