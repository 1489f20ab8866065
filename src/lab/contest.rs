//! A comparison: the same jobs under two settings, at the same time, each on a queue of its own.
//!
//! Two labs have one seed and one workload, so their jobs are the same, number by number. Their clocks stand until both
//! crews are complete, and are let run one right after the other: the two starts are as far apart as the machine takes
//! to schedule two tasks. What is done to a worker in the middle is done to both, asked for at one moment and off by as
//! much. It is over when neither side has an open job; who won, and by which number, is the [`Verdict`].

mod preset;
mod verdict;

#[cfg(test)]
mod tests;

pub use preset::Preset;
pub use verdict::{Decider, Verdict};

use super::command::KillKind;
use super::draws;
use super::ids::{Elapsed, JobId, LabTime, WorkerId};
use super::lab::Lab;
use super::measure::Measures;
use super::settings::{AckMode, Confirms, Latency, Rate, Settings, TimeScale, Version};
use super::snapshot::{BrokerRow, Snapshot};
use std::sync::Arc;

/// What the screen asks of whoever runs comparisons.
#[derive(Clone, Debug, PartialEq)]
pub enum ContestOrder {
    /// Begin, in place of the one that may be running.
    Begin(Box<Plan>),
    /// End it; its last picture stays.
    End,
}

/// What is to be compared, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Side A and side B. Seed, workload, speeds, rate and scale are side A's for both.
    pub sides: [Settings; 2],
    /// How many jobs, the same on both sides.
    pub jobs: u32,
    /// When they come.
    pub feed: Feed,
    /// What is done to workers, the same on both sides.
    pub blows: Vec<Blow>,
    /// As which RabbitMQ a broker behaves that is started for the comparison.
    pub version: Version,
}

/// When the jobs come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feed {
    /// All at once, at the start.
    AtOnce,
    /// At the rate and with the arrivals of the settings.
    AtRate,
}

/// Something done to a worker at a time of the lab clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blow {
    /// When, on the lab clock.
    pub at: LabTime,
    /// To whom.
    pub worker: WorkerId,
    /// What.
    pub what: BlowKind,
}

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlowKind {
    /// It is ended.
    Kill(KillKind),
    /// It is brought back.
    Revive,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The first, drawn above.
    A,
    /// The second.
    B,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// Its place in a pair.
    pub const fn slot(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    /// The one that is not this.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    /// Its letter.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

/// Where a comparison is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Broker, queues and workers are made ready; both clocks stand.
    Preparing,
    /// Both clocks run.
    Running,
    /// No job is open on either side.
    Over,
    /// Jobs are open that nobody finished in the time that the slowest way of doing them takes.
    TimedOut,
    /// A person ended it.
    Ended,
    /// It could not be run: one sentence.
    Failed(String),
}

/// A comparison under way, or its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// What is compared.
    pub plan: Arc<Plan>,
    /// Where it is.
    pub phase: Phase,
    /// Side A and side B.
    pub sides: [Contestant; 2],
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Contestant {
    /// Its lab.
    pub snapshot: Arc<Snapshot>,
    /// What its run comes to so far.
    pub measures: Measures,
}

impl Plan {
    /// Both sides with what is side A's for both.
    #[must_use]
    pub fn levelled(mut self) -> Self {
        let [a, b] = &mut self.sides;
        b.speeds.clone_from(&a.speeds);
        (b.seed, b.workload, b.rate, b.scale, b.heartbeat) = (a.seed, a.workload, a.rate, a.scale, a.heartbeat);
        self
    }

    /// How fast both clocks run.
    pub const fn scale(&self) -> TimeScale {
        self.sides[0].scale
    }

    /// Lab time after which it is given up: what the slowest worker takes for all jobs after the last one has come, and
    /// half as much again, and a minute.
    pub fn limit(&self) -> LabTime {
        let settings = &self.sides[0];
        let dots = |n| u64::from(draws::job(settings.seed, JobId(n), settings.workload.sizes).dots);
        let work: u64 = (1..=self.jobs).map(dots).sum();
        let slowest = settings.speeds.iter().map(|s| s.0).min().unwrap_or(1).max(1);
        let work_us = work * 1_000_000 * 1000 / u64::from(slowest);
        let arrivals_us = match self.feed {
            Feed::AtOnce => 0,
            Feed::AtRate => {
                let gap = |n| draws::gap_ns(settings.seed, JobId(n), settings.workload, settings.rate);
                (1..=self.jobs).map(gap).sum::<u64>() / 1000
            }
        };
        LabTime(arrivals_us + work_us * 3 / 2 + 60_000_000)
    }

    /// What a side is called: the settings in which it differs from the other, or its letter.
    pub fn name(&self, side: Side) -> String {
        let (this, other) = (&self.sides[side.slot()], &self.sides[side.other().slot()]);
        let mut words = Vec::new();
        let mut say = |differs: bool, word: String| {
            if differs {
                words.push(word);
            }
        };
        let prefetch = format!("prefetch {}", this.prefetch.0);
        say(this.prefetch != other.prefetch, prefetch);
        say(this.ack != other.ack, this.ack.to_string());
        say(this.queue != other.queue, format!("{} queue", this.queue));
        say(this.messages != other.messages, format!("{} messages", this.messages));
        say(this.confirms != other.confirms, this.confirms.to_string());
        say(this.line != other.line, this.line.to_string());
        if words.is_empty() {
            words.push(format!("side {}", side.letter()));
        }
        words.join(", ")
    }
}

impl Contest {
    /// Before anything was started on that broker.
    pub fn new(plan: Plan, broker: &BrokerRow) -> Self {
        let side = |settings: &Settings| Contestant {
            snapshot: Arc::new(Lab::new(settings.clone(), broker.clone()).snapshot(Elapsed(0))),
            measures: Measures::default(),
        };
        Self {
            sides: plan.sides.each_ref().map(side),
            plan: Arc::new(plan),
            phase: Phase::Preparing,
        }
    }

    /// Whether it goes on.
    pub const fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::Preparing | Phase::Running)
    }

    /// Whether no job of that side is open.
    pub fn is_settled(&self, side: Side) -> bool {
        self.sides[side.slot()].is_settled(self.plan.jobs)
    }

    /// One of the two.
    pub const fn side(&self, side: Side) -> &Contestant {
        &self.sides[side.slot()]
    }

    /// The clock of both: that of the side that is ahead, by one scheduling delay or by what its picture is newer.
    pub fn now(&self) -> LabTime {
        let [a, b] = self.sides.each_ref().map(|side| side.snapshot.clock.now);
        a.max(b)
    }

    /// Who won, and by which number; `None` while it goes on, or where it came to nothing.
    pub fn verdict(&self) -> Option<Verdict> {
        match self.phase {
            Phase::Over | Phase::TimedOut => Some(verdict::verdict(self)),
            Phase::Preparing | Phase::Running | Phase::Ended | Phase::Failed(_) => None,
        }
    }
}

impl Contestant {
    /// Whether all of so many jobs were published, and none is open.
    pub fn is_settled(&self, jobs: u32) -> bool {
        let (books, measures) = (&self.snapshot.books, &self.measures);
        books.published >= jobs
            && books.published == books.done + books.lost + books.returned + books.dead
            && measures.jobs >= jobs
            && measures.open() == 0
    }
}
