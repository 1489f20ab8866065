//! What the screen is drawn from: one immutable picture of the lab, cheap to make and to drop.

use super::command::{KillKind, Producing};
use super::event::Entry;
use super::ids::{Elapsed, JobId, LabTime, WorkerId};
use super::insight::{Earlier, Present};
use super::matrix::Matrix;
use super::script::Play;
use super::settings::{Habit, Heartbeat, Prefetch, Settings, Speed, Version};
use super::travel::Travel;
use std::sync::Arc;

/// The whole picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Real time since the lab started.
    pub at: Elapsed,
    /// The settings in force. `speeds` is what the run began with; each worker's own speed is in its row.
    pub settings: Arc<Settings>,
    /// The lab clock.
    pub clock: Clock,
    /// Which broker, and how it is.
    pub broker: BrokerRow,
    /// The producer.
    pub producer: ProducerRow,
    /// The queue in use.
    pub queue: QueueRow,
    /// Jobs that wait in the queue that is not in use (after durable ⇄ transient was switched).
    pub elsewhere: u32,
    /// The workers, in order of their numbers; removed ones are gone from here, not from the books.
    pub workers: Vec<WorkerRow>,
    /// The sum of all fates.
    pub books: Books,
    /// What the broker's last end left; before the first one, and after a new sample, what it has to keep.
    pub matrix: Matrix,
    /// How many jobs the broker has to keep now, by queue and `delivery_mode`.
    pub at_stake: [[u32; 2]; 2],
    /// The newest log entries, oldest first, at most [`LOG_LINES`].
    pub log: Vec<(LabTime, Entry)>,
    /// What is true here, the gravest first.
    pub insights: Vec<Present>,
    /// What was true earlier in this run and is not now, the latest first.
    pub earlier: Vec<Earlier>,
    /// Jobs on their way.
    pub travel: Travel,
    /// Where the script is; `None` where there is none, and in pictures of the past.
    pub play: Option<Play>,
    /// The width of a timeline cell, in lab microseconds.
    pub cell_us: u64,
}

/// How many log entries a snapshot carries.
pub const LOG_LINES: usize = 100;

/// How many timeline cells a worker's row carries at most.
pub const TIMELINE_CELLS: usize = 480;

/// The lab clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Now.
    pub now: LabTime,
    /// Whether it runs.
    pub pace: Pace,
}

/// Whether the lab clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// At the time scale of the settings.
    Running,
    /// Held; connections live on.
    Paused,
}

/// A number and how well it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Figure {
    /// Counted where it happens.
    Exact(u64),
    /// Worked out from what clients saw, or a little old.
    Estimated(u64),
    /// Not to be known on this broker, or not yet.
    #[default]
    Unknown,
}

/// The broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRow {
    /// `embedded broker`, or `RabbitMQ 4.0.5 at host:port`; never with a password.
    pub name: Arc<str>,
    /// How it is.
    pub state: BrokerState,
    /// Whether the lab may end and start it; else why not.
    pub control: Control,
    /// As which RabbitMQ the lab's own broker behaves; `None`: it is not the lab's, and its name says what it is.
    pub version: Option<Version>,
}

impl BrokerRow {
    /// What it is: `RabbitMQ`, also of what behaves as such; `None`: it did not say.
    pub fn product(&self) -> Option<&str> {
        let (product, _) = self.maker()?;
        Some(product)
    }

    /// Of which release it is, or behaves as; `None`: it is no RabbitMQ, or did not say.
    pub fn release(&self) -> Option<Release> {
        if let Some(version) = self.version {
            return Some(version.release());
        }
        let (product, release) = self.maker()?;
        release.filter(|_| product == RABBITMQ)
    }

    /// As which RabbitMQ that the lab knows it behaves, as far as can be told; `None`: it is none, or did not say.
    pub fn likeness(&self) -> Option<Version> {
        self.version.or_else(|| {
            let Release { major, minor } = self.release()?;
            Some(match (major, minor) {
                (..=3, _) => Version::V3_10,
                (4, ..=2) => Version::V4_0,
                _ => Version::V4_3,
            })
        })
    }

    /// Taken from its name, which begins with it.
    fn maker(&self) -> Option<(&str, Option<Release>)> {
        if self.version.is_some() {
            return Some((RABBITMQ, None));
        }
        let (told, _) = self.name.rsplit_once(" at ")?;
        let told = told.rsplit_once(" as ").map_or(told, |(_, likeness)| likeness);
        let (product, release) = match told.rsplit_once(' ') {
            Some((product, version)) if version.starts_with(|c: char| c.is_ascii_digit()) => {
                (product, Release::parse(version))
            }
            _ => (told, None),
        };
        (product != NAMELESS).then_some((product, release))
    }
}

/// The product that the lab knows.
pub(super) const RABBITMQ: &str = "RabbitMQ";
/// The name of a broker that does not say what it is.
const NAMELESS: &str = "AMQP broker";

/// The first two numbers of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    /// 4 of 4.0.5.
    pub major: u16,
    /// 0 of 4.0.5.
    pub minor: u16,
}

impl Release {
    /// Of a version such as `4.0.5` or `3.10.8-rc.1`.
    pub fn parse(version: &str) -> Option<Self> {
        let mut numbers = version.split(|c: char| !c.is_ascii_digit());
        let mut number = || numbers.next()?.parse().ok();
        Some(Self {
            major: number()?,
            minor: number()?,
        })
    }
}

/// Whether the lab owns the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// It can be killed, stopped and started.
    Owned,
    /// The same, by a command that a person named; what it is, and what it keeps, is its own affair.
    ByCommand,
    /// It can't; the reason in a few words.
    NotOurs(&'static str),
}

/// How the broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// It answers.
    Up,
    /// The lab ended it.
    Ended,
    /// It went away; the lab tries again. One sentence.
    Away(String),
}

/// The producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerRow {
    /// Whether it publishes at its rate.
    pub producing: Producing,
    /// Jobs sent.
    pub published: u32,
    /// Jobs confirmed by the broker.
    pub confirmed: u32,
    /// Jobs sent in confirm mode and not confirmed yet.
    pub unconfirmed: u32,
    /// Whether it is connected.
    pub connected: bool,
}

/// The queue in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// Waiting, as the broker says.
    pub ready: Figure,
    /// With consumers, not acked, as the broker says.
    pub unacked: Figure,
    /// Deliveries that carried the redelivered flag, since the start.
    pub redelivered: u32,
    /// Consumers, as the broker says.
    pub consumers: Figure,
    /// What clients saw: published and not delivered.
    pub waiting: u32,
}

/// One worker.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkerRow {
    /// Its name.
    pub id: WorkerId,
    /// What it is called, if it is a client that is not of the lab: nobody here drives it.
    pub guest: Option<Arc<str>>,
    /// Its speed now.
    pub speed: Speed,
    /// What it does after the work.
    pub habit: Habit,
    /// How it is.
    pub state: WorkerState,
    /// The job in hand.
    pub hand: Option<Hand>,
    /// The first jobs of the tray, in order (at most 32).
    pub tray: Vec<JobId>,
    /// How many the tray holds.
    pub tray_len: u32,
    /// Deliveries that the broker holds as unacked for it.
    pub unacked: u32,
    /// `basic.qos` of the subscription that it has, or had last; `None` before the first.
    pub prefetch: Option<Prefetch>,
    /// Jobs that wait in the queue that is its own; 0 where all workers share one.
    pub waiting: u32,
    /// Jobs finished, each as often as this worker finished it.
    pub done: u32,
    /// Deliveries with the redelivered flag.
    pub redelivered: u32,
    /// Jobs finished here that had been finished before (by any worker).
    pub twice: u32,
    /// Jobs lost with it.
    pub lost: u32,
    /// Per mille of the last [`BUSY_WINDOW_S`] seconds of lab time spent working; `None` before there is any.
    pub busy: Option<u16>,
    /// The newest timeline cells, oldest first; the last one is now.
    pub timeline: Vec<Cell>,
}

/// Over how many seconds of lab time `busy` is taken.
pub const BUSY_WINDOW_S: u64 = 10;

/// The job in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hand {
    /// The job.
    pub job: JobId,
    /// Its dots.
    pub dots: u32,
    /// Per mille done.
    pub progress: u16,
    /// Whether it was delivered with the redelivered flag.
    pub redelivered: bool,
}

/// How a worker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// Connecting, or subscribing.
    Starting,
    /// Consuming.
    Consuming,
    /// Cancelled: it works off what it holds.
    Cancelled,
    /// Its channel was closed.
    ChannelClosed(Toll),
    /// Its connection is gone.
    Gone(GoneHow, Toll),
    /// Alive and doing nothing, for good.
    Frozen,
    /// The network swallows everything since then (real time); both sides wait for two heartbeats that do not come.
    Silent(Elapsed, Heartbeat),
    /// It will crash after this job, before the ack.
    Doomed,
    /// The broker is away: it comes back with it.
    Waiting,
}

/// How a connection went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoneHow {
    /// By a kill of this kind.
    Killed(KillKind),
    /// By the broker: its text.
    Refused(String),
    /// Lost.
    Lost(String),
}

/// What a death cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toll {
    /// Jobs that went back to the queue.
    pub back: u32,
    /// Jobs that are lost.
    pub lost: u32,
}

/// A piece of a worker's timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The job worked on at the end of the cell, or the last one in it.
    pub job: Option<JobId>,
    /// How many jobs were begun in it.
    pub begun: u16,
    /// Per cent of it spent working.
    pub busy: u8,
    /// Something that happened in it.
    pub mark: Option<Mark>,
}

/// What a timeline marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// The worker ended.
    Killed,
    /// The network went silent; it works on, and does not know.
    Silenced,
    /// It came back.
    Revived,
    /// It began a redelivered job.
    Redelivered,
    /// It finished a job that had been finished before.
    Twice,
}

impl Mark {
    /// Which of two marks in one place is kept: the heavier. An end and a return are kept over what a job went through,
    /// since they say whether the worker lived.
    pub const fn weight(self) -> u8 {
        match self {
            Self::Redelivered => 0,
            Self::Twice => 1,
            Self::Revived => 2,
            Self::Silenced => 3,
            Self::Killed => 4,
        }
    }
}

/// The sum of all fates: `published = done + waiting + tray + hand + lost + returned + dead`, at every moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Jobs sent.
    pub published: u32,
    /// Jobs finished at least once, and not on their way round again.
    pub done: u32,
    /// Jobs in a queue or on the wire.
    pub waiting: u32,
    /// Jobs in trays.
    pub tray: u32,
    /// Jobs in hands.
    pub hand: u32,
    /// Jobs that nobody will ever do.
    pub lost: u32,
    /// Jobs that no queue took (returned or refused).
    pub returned: u32,
    /// Jobs in the dead-letter queue.
    pub dead: u32,
    /// Jobs finished more than once.
    pub twice: u32,
    /// Whether the sums agree, here and with what the broker says.
    pub balance: Balance,
}

/// Whether the books balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Balance {
    /// The sums agree, and the broker agrees as far as it can be asked.
    #[default]
    Balanced,
    /// Messages are under way: the broker's count differs for a moment.
    Settling,
    /// The broker holds this many more (or fewer) than clients saw, for over two seconds of real time.
    Differs(i64),
}
