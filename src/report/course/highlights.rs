//! What happened, but for the daily round of publishing, dealing and acking: the first and the last lines of it.

use crate::lab::{Breakage, BrokerCommand, Change, Entry, Event, Happening, JobId, LabTime, Place, WorkerId};
use std::collections::VecDeque;
use std::sync::Arc;

/// So many of the first lines are kept,
const FIRST: usize = 120;
/// and so many of the last.
const LAST: usize = 60;
/// Jobs that a line may name.
const NAMED: usize = 5;

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Weight {
    /// Something was lost, or is.
    Loss,
    /// Something ended.
    End,
    /// Something was done again, or goes round.
    Again,
    /// Something was set, or is well again.
    Plain,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Line {
    pub(in super::super) at: LabTime,
    pub(in super::super) weight: Weight,
    pub(in super::super) text: String,
}

/// All that is kept.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Highlights {
    first: Vec<Line>,
    last: VecDeque<Line>,
    /// Lines between the first and the last that were let go.
    pub(in super::super) omitted: u64,
    /// The lab ended its broker, so its end is no news.
    asked: bool,
    down: bool,
}

impl Highlights {
    /// In their order; where some were let go, the number of lines before the gap.
    pub(in super::super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.first.iter().chain(&self.last)
    }

    /// How many lines come before those that were let go.
    pub(in super::super) const fn before_gap(&self) -> usize {
        self.first.len()
    }

    pub(super) fn twice(&mut self, at: LabTime, job: JobId, by: WorkerId) {
        self.push(at, Weight::Again, &Entry::Twice { job, by });
    }

    /// `place`: where jobs stand that go back with it.
    pub(super) fn note(&mut self, event: &Event, place: Place) {
        if let Some((weight, entry)) = self.entry(&event.what, place) {
            self.push(event.lab, weight, &entry);
        }
    }

    fn push(&mut self, at: LabTime, weight: Weight, entry: &Entry) {
        let text = entry.to_string();
        let line = Line { at, weight, text };
        if self.first.len() < FIRST {
            self.first.push(line);
            return;
        }
        self.last.push_back(line);
        if self.last.len() > LAST {
            self.last.pop_front();
            self.omitted += 1;
        }
    }

    fn entry(&mut self, what: &Happening, place: Place) -> Option<(Weight, Entry)> {
        Some(match what {
            Happening::WentBack { jobs, from, why } => (
                Weight::Again,
                Entry::WentBack {
                    jobs: first_few(jobs),
                    count: count(jobs),
                    from: *from,
                    why: *why,
                    place,
                },
            ),
            Happening::Lost { jobs, from, why } => (
                Weight::Loss,
                Entry::Lost {
                    jobs: first_few(jobs),
                    count: count(jobs),
                    from: *from,
                    why: *why,
                },
            ),
            Happening::StillThere(jobs) => (
                Weight::Again,
                Entry::StillThere {
                    jobs: first_few(jobs),
                    count: count(jobs),
                },
            ),
            Happening::DeadLettered(by, job) => (Weight::Loss, Entry::DeadLettered { job: *job, by: *by }),
            Happening::Buried(job, why) => (Weight::Loss, Entry::Buried { job: *job, why: *why }),
            Happening::Returned(job) => (Weight::Loss, Entry::Returned(*job)),
            Happening::Killed(worker, kind) => (Weight::End, Entry::Killed(*worker, *kind)),
            Happening::GaveUp(worker) => (Weight::End, Entry::GaveUp(*worker)),
            Happening::Broke(worker, how) => (Weight::End, Entry::Broke(*worker, broke(how))),
            Happening::Removed(worker) => (Weight::End, Entry::Removed(*worker)),
            _ => (Weight::Plain, self.plain(what)?),
        })
    }

    fn plain(&mut self, what: &Happening) -> Option<Entry> {
        Some(match what {
            Happening::Burst(n) => Entry::Burst(*n),
            Happening::Sample(n) => Entry::Sample(*n),
            Happening::Doomed(worker) => Entry::Doomed(*worker),
            Happening::Revived(worker) => Entry::Revived(*worker),
            Happening::Added(worker, speed) => Entry::Added(*worker, *speed),
            Happening::GuestCame(worker, name) => Entry::GuestCame(*worker, Arc::clone(name)),
            // The clock is the person's, not the run's.
            Happening::Changed(Change::Pace(_) | Change::Scale(_)) => return None,
            Happening::Changed(change) => Entry::Changed(*change),
            Happening::Declined(why) => Entry::Declined(Arc::clone(why)),
            Happening::BrokerAsked(command) => {
                self.asked |= *command != BrokerCommand::Start;
                Entry::Broker(*command)
            }
            Happening::BrokerDown(why) => {
                let first = !std::mem::replace(&mut self.down, true);
                return (first && !self.asked).then(|| Entry::BrokerAway(Arc::clone(why)));
            }
            Happening::BrokerStartFailed(why) => Entry::BrokerStartFailed(Arc::clone(why)),
            Happening::BrokerEndFailed(why) => {
                self.asked = false;
                Entry::BrokerEndFailed(Arc::clone(why))
            }
            Happening::BrokerUp(_) => {
                self.asked = false;
                return std::mem::take(&mut self.down).then_some(Entry::BrokerBack);
            }
            _ => return None,
        })
    }
}

fn broke(how: &Breakage) -> Arc<str> {
    match how {
        Breakage::Lost(why) | Breakage::Refused(why) => Arc::clone(why),
        Breakage::Cancelled => Arc::from("the broker cancelled its consumer"),
    }
}

fn first_few(jobs: &[JobId]) -> Arc<[JobId]> {
    jobs.iter().take(NAMED).copied().collect()
}

fn count(jobs: &[JobId]) -> u32 {
    u32::try_from(jobs.len()).unwrap_or(u32::MAX)
}
