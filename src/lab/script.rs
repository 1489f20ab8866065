//! A script: what is to happen in a run, and when. The lab performs it on its own clock, so that a run in real time and a
//! simulated one are the same play.
//!
//! Cues come one after another: a cue is looked at once all before it have come. Several may come at one moment.

use super::command::Command;
use super::ids::{LabTime, WorkerId};
use std::sync::Arc;

/// What is to happen in a run. It begins when the lab clock begins, and again after each reset, with the settings with
/// which it began; only a broker that became another version stays one.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// In their order.
    pub cues: Vec<Cue>,
    /// When the run is over. Nothing stops by itself then: the lab says [`Over`] once, and whoever runs it ends it.
    pub end: End,
    /// When it is over at the latest, with [`Over::OutOfTime`]: lab time.
    pub limit: LabTime,
}

/// A moment, and what is done then.
#[derive(Clone, Debug, PartialEq)]
pub struct Cue {
    /// What others call it; empty: nothing.
    pub name: Arc<str>,
    /// The moment.
    pub when: CueWhen,
    /// Whether the clock stops there until a person lets it run again.
    pub hold: Hold,
    /// Done in this order, at that moment (after a hold: when the clock runs again). What follows a publication waits until
    /// all of it is sent.
    pub does: Vec<Command>,
}

/// When a cue comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CueWhen {
    /// At this lab time, or at once if it is over.
    At(LabTime),
    /// So long after the cue before it (the first one: after the beginning).
    After(LabTime),
    /// As soon as this is so.
    When(Condition),
}

/// Whether the clock stops at a cue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// It runs on.
    #[default]
    No,
    /// It stops: a question is asked.
    Ask,
}

/// Where the play of a script is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Play {
    /// How many cues have come, which is the number of the next one.
    pub next: u16,
    /// The cue for which the clock stands: its question is asked now. Its commands are done when the clock runs again
    /// ([`Command::Resume`]), or by a [`Command::Step`]; then it has come.
    pub asked: Option<u16>,
    /// How the script ended, if it did.
    pub over: Option<Over>,
}

/// When a run is over. All cues have come before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// When nothing more is to be published, no confirm is to come, and each job is done and settled, lost, dead or
    /// returned: none waits, none is with a worker, none is unacked.
    Settled,
    /// At this lab time.
    At(LabTime),
    /// So long after the last cue.
    After(LabTime),
    /// As soon as this is so.
    When(Condition),
}

/// A comparison of a count with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Of what.
    pub what: Count,
    /// How it compares.
    pub is: Compare,
    /// With what.
    pub than: u32,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `!=`
    Other,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

/// What the ledger knows at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Jobs published.
    Published,
    /// Jobs confirmed.
    Confirmed,
    /// Jobs finished at least once.
    Done,
    /// Jobs that nobody will ever do.
    Lost,
    /// Jobs finished more than once.
    Twice,
    /// Deliveries with the redelivered flag.
    Redelivered,
    /// Jobs in the queue, as clients saw it.
    Ready,
    /// Jobs in the dead-letter queue.
    Dead,
    /// Of one worker.
    Worker(WorkerId, WorkerCount),
}

/// What the ledger knows of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerCount {
    /// Jobs finished.
    Done,
    /// Jobs in tray and hand.
    Held,
    /// Jobs in the tray.
    Tray,
    /// Jobs in the hand: 0 or 1.
    Hand,
    /// Deliveries that the broker holds as unacked for it.
    Unacked,
    /// Deliveries with the redelivered flag.
    Redelivered,
    /// Whether it consumes: 0 or 1.
    Consuming,
}

/// How a script came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Over {
    /// As written.
    Reached,
    /// Its end, or one of its cues, did not come within the limit, or before more jobs were published than there is
    /// [`Room`](super::Room) for.
    OutOfTime,
}

impl Script {
    /// The same for a run that nobody watches: it stops for no question.
    #[must_use]
    pub fn without_holds(&self) -> Self {
        let mut script = self.clone();
        script.cues.iter_mut().for_each(|cue| cue.hold = Hold::No);
        script
    }
}

impl Compare {
    /// Whether `left` compares so with `right`.
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::Other => left != right,
            Self::AtLeast => left >= right,
            Self::More => left > right,
        }
    }
}
