//! The command line: what can be asked for, in which words, and with which limits.
#![expect(
    clippy::doc_markdown,
    reason = "these comments are the help's text, where backticks would show"
)]

mod broker;
mod check;
mod class;
mod lesson;
mod lessons;
mod line;
mod queues;
mod replay;
mod report;
mod room;
mod scenario;
mod sweep;

pub use broker::{BrokerArgs, LikeArg, UserArg};
pub use check::CheckArgs;
pub use class::{DoorArgs, JoinArgs};
pub use lesson::{LessonArgs, LessonMake};
pub use lessons::LessonsArgs;
pub use line::LineArgs;
pub use queues::{QueueArgs, QueueTypeArg, SharingArg};
pub use replay::{ReplayArgs, ScreenArgs};
pub use report::ReportFile;
pub use room::{RoomArgs, ThemeArg};
pub use scenario::{PlaceArgs, RunArgs};
pub use sweep::SweepArgs;

use crate::engine::BrokerCtl;
use crate::lab::{
    AckMode, Arrivals, Confirms, Delivery, MAX_WORKERS, Prefetch, QueueKind, Rate, Seed, Settings, Sizes, Speed,
    TimeScale, Version, Workload,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  dispatch-lab                                  three workers on the embedded broker
  dispatch-lab --workers 2 --workload odd-heavy --rate 0.7
                                                round-robin deals jobs, not load: one worker drowns, one idles
  dispatch-lab --workers 2 --workload odd-heavy --rate 0.7 --prefetch 1
                                                the same jobs, fair dispatch
  dispatch-lab --ack auto                       nothing is ever unacked; kill a worker and see what is lost
  dispatch-lab --url amqp://guest:guest@127.0.0.1:5672/%2f
                                                the same lab on a RabbitMQ that is already there
  dispatch-lab --record run.lab                 keep all that happens in a file …
  dispatch-lab replay run.lab                   … and look at it again, moment by moment
  dispatch-lab --report mine.html               write what happened as a page to hand in
  dispatch-lab broker --listen 127.0.0.1:5672   the embedded broker alone, for any AMQP 0-9-1 client
  dispatch-lab --listen 0.0.0.0:5672 --password-file pw
                                                a lab that a class can join …
  dispatch-lab join amqp://class@HOST:5672 --name ALICE
                                                … and one who joins: a worker that you are

In the lab, press ? for all keys.";

/// See how a message broker hands out work: prefetch, acks, kills, redelivery, and books that balance.
#[derive(Debug, Parser)]
#[command(name = "dispatch-lab", version, about, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to run instead of the lab.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The lab's options.
    #[command(flatten)]
    pub lab: LabArgs,
}

/// What can be run besides the lab.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the embedded broker alone, open to any AMQP 0-9-1 client
    Broker(Box<BrokerArgs>),
    /// Open what --record wrote, in the same screen: every moment of it can be looked at, and played
    Replay(ReplayArgs),
    /// Run scenarios without a screen: exit status 0 when all that they expect holds, else 1
    Run(Box<RunArgs>),
    /// Run a scenario in simulation with many settings: a table, and a heat map of what matters
    Sweep(SweepArgs),
    /// Check lessons and scenarios: typing errors with their lines, and whether they come out as they say
    Check(CheckArgs),
    /// Open a lesson on the screen, or begin one of your own (lesson new FILE)
    Lesson(Box<LessonArgs>),
    /// List the lessons, with your progress
    Lessons(LessonsArgs),
    /// Be a worker yourself, at a lab that listens: jobs come, you work them, ack them, or pull the plug
    Join(Box<JoinArgs>),
    /// Print shell completions
    Completions {
        /// For which shell
        shell: Shell,
    },
}

/// The lab's options.
#[derive(Args, Clone, Debug)]
pub struct LabArgs {
    /// Use the broker at this URL instead of the embedded one: amqp://USER:PASSWORD@HOST:PORT/VHOST
    #[arg(long, env = "AMQP_URL", hide_env_values = true, value_name = "URL")]
    pub url: Option<Secret>,
    /// The RabbitMQ that the embedded broker behaves as [default: 4.0]
    #[arg(long, value_enum, conflicts_with = "url")]
    pub like: Option<LikeArg>,
    /// Trust the certificates in this PEM file for amqps:// (besides the well-known ones)
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// A command that ends and starts the broker at --url: it is run with kill, stop or start as its last argument (words
    /// between blanks; no quoting)
    #[arg(long, value_name = "CMD", requires = "url")]
    pub broker_ctl: Option<BrokerCtl>,
    /// How many workers, 1 to 64 [default: 3, or as many as --speeds names]
    #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Their speeds, ×0.1 to ×10, repeated for further workers [default: 1,0.5,2; with --workers: all 1]
    #[arg(long, value_name = "S,S,...", value_delimiter = ',', value_parser = speed)]
    pub speeds: Vec<Speed>,
    /// How many unacked messages a worker may hold (basic.qos prefetch_count); 0 is no limit
    #[arg(long, short, value_name = "N", default_value_t = 0)]
    pub prefetch: u16,
    /// Ack after the work, or let the broker take each message as acked once it is sent
    #[arg(long, value_enum, default_value_t = AckArg::Manual)]
    pub ack: AckArg,
    /// Which queue, and which messages.
    #[command(flatten)]
    pub durability: DurabilityArgs,
    /// What queues there are.
    #[command(flatten)]
    pub queues: QueueArgs,
    /// Ask the broker to confirm each message
    #[arg(long)]
    pub confirms: bool,
    /// Jobs a second, 0.01 to 10000
    #[arg(long, short, value_name = "N", default_value = "1.5", value_parser = rate)]
    pub rate: Rate,
    /// How much work the jobs are
    #[arg(long, short, value_enum, default_value_t = SizesArg::Random)]
    pub workload: SizesArg,
    /// When the jobs come
    #[arg(long, value_enum, default_value_t = ArrivalsArg::Regular)]
    pub arrivals: ArrivalsArg,
    /// The same seed gives the same jobs
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
    /// How fast the lab's clock runs, ×0.1 to ×10
    #[arg(long, value_name = "X", default_value = "1", value_parser = scale)]
    pub scale: TimeScale,
    /// What lies between the workers and the broker.
    #[command(flatten)]
    pub line: LineArgs,
    /// Who else may come in.
    #[command(flatten)]
    pub door: DoorArgs,
    /// Keep all that happens in FILE, which must be new; `dispatch-lab replay FILE` opens it again
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Write a report to FILE at the end, which must be new: .html is a page to hand in, .md, .json and .csv are for
    /// other readers, .svg and .txt the screen as it was
    #[arg(long, value_name = "FILE")]
    pub report: Option<ReportFile>,
    /// Whose name reports bear
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// How it looks.
    #[command(flatten)]
    pub screen: ScreenArgs,
    /// Write a log to FILE
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}

/// Text that holds a password: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Two pairs of opposites: what the queue is, and what the messages are.
#[derive(Args, Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line; `settings` turns them into enums"
)]
pub struct DurabilityArgs {
    /// A durable queue (the default)
    #[arg(long, overrides_with = "transient")]
    durable: bool,
    /// A queue that goes with the broker
    #[arg(long, overrides_with = "durable")]
    transient: bool,
    /// Messages with delivery_mode=2 (the default)
    #[arg(long, overrides_with = "no_persistent")]
    persistent: bool,
    /// Messages with delivery_mode=1
    #[arg(long, overrides_with = "persistent")]
    no_persistent: bool,
}

/// `--ack`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AckArg {
    /// After the work
    Manual,
    /// Once sent
    Auto,
}

/// `--workload`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SizesArg {
    /// Two seconds each
    Equal,
    /// Odd jobs five seconds, even ones one
    OddHeavy,
    /// One to three seconds
    Random,
    /// Mostly one second, seldom up to thirty
    HeavyTail,
    /// Nearly no work
    Instant,
}

/// `--arrivals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ArrivalsArg {
    /// At equal distances
    Regular,
    /// Independently of each other
    Poisson,
    /// Eight at once
    Bursty,
}

impl LabArgs {
    /// The settings that the options say.
    pub fn settings(&self) -> Settings {
        Settings {
            speeds: self.worker_speeds(),
            prefetch: Prefetch(self.prefetch),
            ack: match self.ack {
                AckArg::Manual => AckMode::Manual,
                AckArg::Auto => AckMode::Automatic,
            },
            queue: if self.durability.transient {
                QueueKind::Transient
            } else {
                QueueKind::Durable
            },
            messages: if self.durability.no_persistent {
                Delivery::Transient
            } else {
                Delivery::Persistent
            },
            confirms: if self.confirms { Confirms::On } else { Confirms::Off },
            rate: self.rate,
            workload: Workload {
                sizes: self.workload.into(),
                arrivals: self.arrivals.into(),
            },
            seed: Seed(self.seed),
            scale: self.scale,
            line: self.line.quality(),
            heartbeat: self.line.heartbeat,
            queue_type: self.queues.queue_type(),
            sharing: self.queues.sharing(),
        }
    }

    /// As which RabbitMQ the embedded broker begins.
    pub fn version(&self) -> Version {
        self.like.map_or(Version::default(), Into::into)
    }

    /// What does not go together, in one sentence.
    pub fn contradiction(&self) -> Option<&'static str> {
        let of_door = || self.door.contradiction(&self.queues);
        self.queues.contradiction().or_else(of_door)
    }

    fn worker_speeds(&self) -> Vec<Speed> {
        let given = match (self.speeds.as_slice(), self.workers) {
            ([], None) => &[Speed(1000), Speed(500), Speed(2000)][..],
            ([], Some(_)) => &[Speed(1000)],
            (speeds, _) => speeds,
        };
        let count = self.workers.map_or(given.len(), usize::from).min(MAX_WORKERS);
        given.iter().copied().cycle().take(count).collect()
    }
}

impl From<LikeArg> for Version {
    fn from(arg: LikeArg) -> Self {
        match arg {
            LikeArg::V3_10 => Self::V3_10,
            LikeArg::V4_0 => Self::V4_0,
            LikeArg::V4_3 => Self::V4_3,
        }
    }
}

impl From<SizesArg> for Sizes {
    fn from(arg: SizesArg) -> Self {
        match arg {
            SizesArg::Equal => Self::Equal,
            SizesArg::OddHeavy => Self::OddHeavy,
            SizesArg::Random => Self::Random,
            SizesArg::HeavyTail => Self::HeavyTail,
            SizesArg::Instant => Self::Instant,
        }
    }
}

impl From<ArrivalsArg> for Arrivals {
    fn from(arg: ArrivalsArg) -> Self {
        match arg {
            ArrivalsArg::Regular => Self::Regular,
            ArrivalsArg::Poisson => Self::Poisson,
            ArrivalsArg::Bursty => Self::Bursty,
        }
    }
}

fn speed(text: &str) -> Result<Speed, String> {
    decimal(text, 0.1, 10.0, 1000.0).map(Speed)
}

fn scale(text: &str) -> Result<TimeScale, String> {
    decimal(text, 0.1, 10.0, 1000.0).map(TimeScale)
}

fn rate(text: &str) -> Result<Rate, String> {
    decimal(text, 0.01, 10_000.0, 100.0).map(Rate)
}

/// A number between `low` and `high`, in units of 1/`unit`.
fn decimal(text: &str, low: f64, high: f64, unit: f64) -> Result<u32, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| format!("not a number; a number from {low} to {high} is wanted"))?;
    if !(low..=high).contains(&number) {
        return Err(format!("out of range; from {low} to {high} is allowed"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked: at most 1,000,000"
    )]
    Ok((number * unit).round() as u32)
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "not an address and port; for example 127.0.0.1:5672, or 127.0.0.1:0 for a free port".to_owned())
}

#[cfg(test)]
mod tests;
