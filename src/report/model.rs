//! A report as data: words and numbers, so that each of its texts says the same.

use crate::lab::{LabSpan, Measures, Thousandths};
use crate::scenario::Outcome;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// All that a report says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Version of this JSON.
    pub(super) schema: u32,
    /// `dispatch-lab 0.1.0`.
    pub(super) program: String,
    /// When it was written: `2026-11-23T01:40:00Z`.
    pub(super) written: String,
    #[serde(skip)]
    pub(super) written_words: String,
    /// Who hands it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<Arc<str>>,
    pub(super) title: String,
    /// What happened, in one sentence.
    pub(super) sentence: String,
    pub(super) played: Played,
    pub(super) broker: String,
    pub(super) seed: u64,
    /// Lab time at the end.
    pub(super) ended_ms: Micros,
    /// In words.
    #[serde(skip)]
    pub(super) figures: Vec<Fact>,
    pub(super) numbers: Numbers,
    pub(super) books: Sum,
    /// Something was changed by hand while a script played: what is expected of it may not hold.
    pub(super) meddled: bool,
    pub(super) predictions: Vec<Answer>,
    pub(super) outcome: Option<Outcome>,
    pub(super) workers: Vec<Worker>,
    pub(super) timeline: Timeline,
    /// What survived the broker's end; empty where it did not end.
    pub(super) survived: Vec<Aftermath>,
    pub(super) survived_words: String,
    pub(super) insights: Vec<Taught>,
    pub(super) happened: Vec<Happened>,
    /// Lines between the first and the last of `happened` that are left out, and after how many of them.
    pub(super) left_out: (usize, u64),
    pub(super) settings: Vec<Fact>,
    /// What repeats the run.
    pub(super) command: String,
    /// What that command does not bring back.
    pub(super) unrepeated: String,
}

/// How the run came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Played {
    /// Workers and a broker, in real time.
    #[default]
    Live,
    /// On a virtual clock.
    Simulated,
    /// Recorded earlier.
    Recording,
}

/// A prediction, what was answered and what was right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The question.
    pub question: Arc<str>,
    /// What was chosen; none: nothing.
    pub chosen: Option<Arc<str>>,
    /// What was right; none: that was not to be told by then.
    pub right: Option<Arc<str>>,
    /// Why.
    pub because: Arc<str>,
}

impl Answer {
    /// Whether it was right; `None`: not answered, or not to be told.
    pub(super) fn verdict(&self) -> Option<bool> {
        Some(self.chosen.as_ref()? == self.right.as_ref()?)
    }
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// What it means, or when it takes effect; empty: nothing is to be said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
}

/// The books as an equation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Sum {
    pub(super) published: u32,
    /// Names and numbers; they add up to `published`.
    #[serde(serialize_with = "as_map")]
    pub(super) terms: Vec<(&'static str, u32)>,
    pub(super) done_twice: u32,
    pub(super) balanced: bool,
    /// In words.
    pub(super) verdict: String,
}

fn as_map<S: Serializer>(terms: &[(&'static str, u32)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(terms.iter().copied())
}

/// The run in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Numbers {
    pub(super) jobs: u32,
    pub(super) done: u32,
    pub(super) lost: u32,
    pub(super) returned: u32,
    pub(super) dead: u32,
    pub(super) twice: u32,
    pub(super) redelivered: u32,
    pub(super) makespan_ms: Option<Micros>,
    pub(super) ideal_ms: Micros,
    /// Jain's index, 0 to 1.
    pub(super) fairness: Option<f64>,
    /// 0 to 1.
    pub(super) idle: Option<f64>,
    pub(super) wait_ms: Option<Waits>,
}

/// Percentiles of the wait from publication to the begin of the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Waits {
    pub(super) p50: Micros,
    pub(super) p95: Micros,
    pub(super) p99: Micros,
}

impl Worker {
    /// With the name of a guest.
    pub(super) fn called(&self) -> String {
        match &self.guest {
            Some(guest) => format!("{} {guest}", self.name),
            None => self.name.clone(),
        }
    }

    /// As a table has it.
    pub(super) fn speed(&self) -> &str {
        self.speed.as_deref().unwrap_or("—")
    }
}

impl Numbers {
    pub(super) fn of(m: &Measures) -> Self {
        let part = |part: Thousandths| f64::from(part.0) / 1000.0;
        let millis = |span: LabSpan| Micros(span.0);
        Self {
            jobs: m.jobs,
            done: m.done,
            lost: m.lost,
            returned: m.returned,
            dead: m.dead,
            twice: m.twice,
            redelivered: m.redelivered,
            makespan_ms: m.makespan.map(millis),
            ideal_ms: millis(m.ideal),
            fairness: m.fairness.map(part),
            idle: m.idle.map(part),
            wait_ms: m.wait.map(|wait| Waits {
                p50: millis(wait.p50),
                p95: millis(wait.p95),
                p99: millis(wait.p99),
            }),
        }
    }
}

/// A worker's row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Worker {
    pub(super) name: String,
    /// What it is called, if it is a client that is not of the lab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guest: Option<Arc<str>>,
    /// How fast a guest is nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) speed: Option<String>,
    pub(super) done: u32,
    pub(super) redelivered: u32,
    pub(super) twice: u32,
    pub(super) lost: u32,
    pub(super) unacked: u32,
    pub(super) busy_ms: Micros,
    /// Per cent of all that was worked.
    pub(super) share_percent: Option<u32>,
    pub(super) state: String,
}

/// The run's timelines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Timeline {
    pub(super) cell_ms: Micros,
    /// Jobs in the queue at the end of each cell.
    pub(super) waiting: Vec<u32>,
    /// Jobs in trays and hands at the end of each cell.
    pub(super) held: Vec<u32>,
    pub(super) rows: Vec<Row>,
    /// Workers that have no row.
    pub(super) undrawn: usize,
    /// Times without a broker.
    pub(super) outages: Vec<Stretch>,
}

/// A worker's timeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) worker: String,
    /// What it is called, if it is a client that is not of the lab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guest: Option<Arc<str>>,
    /// When it came.
    pub(super) since_ms: Micros,
    /// Its work, job by job; empty where there was too much of it.
    pub(super) blocks: Vec<Work>,
    /// Its work by cells, where `blocks` does not have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cells: Vec<Busy>,
    pub(super) down: Vec<Stretch>,
    pub(super) signs: Vec<Mark>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Stretch {
    pub(super) from_ms: Micros,
    pub(super) to_ms: Micros,
}

/// Work on one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Work {
    pub(super) job: u32,
    #[serde(flatten)]
    pub(super) when: Stretch,
    /// Delivered with the redelivered flag.
    pub(super) redelivered: bool,
    pub(super) ended: WorkEnd,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WorkEnd {
    Done,
    DoneTwice,
    BrokenOff,
    GoesOn,
}

/// A cell's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Busy {
    pub(super) percent: u8,
    pub(super) done: u32,
    pub(super) redelivered: u32,
    pub(super) twice: u32,
}

impl Busy {
    pub(super) const NONE: Self = Self {
        percent: 0,
        done: 0,
        redelivered: 0,
        twice: 0,
    };
}

/// A sign in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Mark {
    pub(super) at_ms: Micros,
    pub(super) kind: MarkKind,
    pub(super) text: String,
}

/// What it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MarkKind {
    Ended,
    Cancelled,
    Silenced,
    Revived,
    Removed,
}

impl MarkKind {
    /// As it is drawn.
    pub(super) const fn sign(self) -> char {
        match self {
            Self::Ended => '✖',
            Self::Cancelled => '⊘',
            Self::Silenced => '¦',
            Self::Revived => '▲',
            Self::Removed => '−',
        }
    }
}

/// What became of one kind of message in one kind of queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Aftermath {
    pub(super) queue: String,
    pub(super) messages: String,
    pub(super) kept: u32,
    pub(super) confirmed: u32,
    pub(super) survived: String,
    pub(super) lost: String,
    pub(super) done_and_there_again: u32,
}

/// An insight, and what it teaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Taught {
    pub(super) title: &'static str,
    /// `loss`, `stuck`, `no effect`, `waste`, `risk`, `worth knowing` or `verdict`.
    pub(super) weight: String,
    pub(super) seen: String,
    /// When.
    pub(super) when: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) belief: &'static str,
    pub(super) rule: &'static str,
    pub(super) source: &'static str,
    pub(super) try_next: String,
}

/// A line of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Happened {
    pub(super) at_ms: Micros,
    pub(super) sign: &'static str,
    pub(super) what: String,
}

/// Microseconds of lab time; the JSON has milliseconds, as its names say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Micros(pub(super) u64);

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

/// `61.3 s`, from ten minutes on `12 min 3 s`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..600_000_000 => write!(f, "{}", LabSpan(self.0)),
            us => write!(f, "{} min {} s", us / 60_000_000, us / 1_000_000 % 60),
        }
    }
}

impl Played {
    /// What it was.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Live => "a live run",
            Self::Simulated => "a simulated run",
            Self::Recording => "a recorded run",
        }
    }
}
