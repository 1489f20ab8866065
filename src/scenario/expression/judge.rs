//! Whether an expression holds, and the numbers that were seen.

use super::super::outcome::{JobFate, Outcome, OutcomeWorker};
use super::{Arithmetic, Claim, Expr, JobNumber, Node, Quantity, RunNumber, WorkerNumber};
use crate::lab::{Compare, JobId, Snapshot, WorkerId, WorkerRow, WorkerState};

/// Who knows the numbers.
pub trait Numbers {
    /// A number, times in milliseconds of lab time; `None` where it is not known (yet), or there is no such worker or
    /// job.
    fn number(&self, quantity: Quantity) -> Option<f64>;
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether it holds; `None`: a number is not known.
    pub holds: Option<bool>,
    /// The numbers that were seen, in the order of the text, each once: `W1.done = 20, W2.done = 20`.
    pub seen: String,
}

impl Expr {
    /// Whether it holds for these numbers.
    pub fn judge(&self, numbers: &dyn Numbers) -> Judged {
        let mut holds = Some(true);
        for claim in &self.claims {
            holds = match (holds, claim.holds(numbers)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (None, _) | (_, None) => None,
                _ => Some(true),
            };
        }
        let mut seen: Vec<String> = Vec::new();
        for (quantity, _) in &self.names {
            let one = format!("{quantity} = {}", quantity.say(numbers.number(*quantity)));
            if !seen.contains(&one) {
                seen.push(one);
            }
        }
        Judged {
            holds,
            seen: seen.join(", "),
        }
    }
}

impl Claim {
    fn holds(&self, numbers: &dyn Numbers) -> Option<bool> {
        Some(match self {
            Self::Compare(left, how, right) => compare(left.number(numbers)?, *how, right.number(numbers)?),
            Self::Within(left, by, right) => {
                near(left.number(numbers)?, right.number(numbers)?, by.number(numbers)?.abs())
            }
            Self::WithinPart(left, part, right) => {
                let right = right.number(numbers)?;
                near(left.number(numbers)?, right, right.abs() * part)
            }
        })
    }
}

/// What rounding may do to a sum of times; far below a microsecond.
fn slack(left: f64, right: f64) -> f64 {
    left.abs().max(right.abs()) * 1e-12
}

fn near(left: f64, right: f64, by: f64) -> bool {
    (left - right).abs() <= by + slack(left, right)
}

fn compare(left: f64, how: Compare, right: f64) -> bool {
    if near(left, right, 0.0) {
        how.holds(&0.0, &0.0)
    } else {
        how.holds(&left, &right)
    }
}

impl Node {
    fn number(&self, numbers: &dyn Numbers) -> Option<f64> {
        let number = match self {
            Self::Is(number) => *number,
            Self::Name(quantity) => numbers.number(*quantity)?,
            Self::Negative(node) => -node.number(numbers)?,
            Self::Of(left, how, right) => {
                let (left, right) = (left.number(numbers)?, right.number(numbers)?);
                match how {
                    Arithmetic::Plus => left + right,
                    Arithmetic::Minus => left - right,
                    Arithmetic::Times => left * right,
                    Arithmetic::By => left / right,
                }
            }
        };
        // What is divided by nothing is not known.
        number.is_finite().then_some(number)
    }
}

impl Numbers for Outcome {
    fn number(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::Run(what) => of_outcome(self, what),
            Quantity::Worker(id, what) => {
                let name = id.to_string();
                let worker = self.workers.iter().find(|worker| *worker.name == *name)?;
                of_outcome_worker(worker, what)
            }
            Quantity::Job(JobId(number), what) => {
                // They come in the order of their numbers.
                let place = self.jobs.binary_search_by_key(&number, |fate| fate.job).ok()?;
                of_fate(self.jobs.get(place)?, what)
            }
        }
    }
}

fn of_outcome(outcome: &Outcome, what: RunNumber) -> Option<f64> {
    let wait = outcome.wait_ms;
    Some(match what {
        RunNumber::Published => f64::from(outcome.published),
        RunNumber::Confirmed => f64::from(outcome.confirmed),
        RunNumber::Done => f64::from(outcome.done),
        RunNumber::Lost => f64::from(outcome.lost),
        RunNumber::Twice => f64::from(outcome.twice),
        RunNumber::Dead => f64::from(outcome.dead),
        RunNumber::Redelivered => f64::from(outcome.redelivered),
        RunNumber::Ready => f64::from(outcome.ready),
        RunNumber::Unacked => f64::from(outcome.unacked),
        RunNumber::Makespan => outcome.makespan_ms?,
        RunNumber::Ideal => outcome.ideal_ms,
        RunNumber::Ended => outcome.ended_ms,
        RunNumber::Fairness => outcome.fairness?,
        RunNumber::Idle => outcome.idle?,
        RunNumber::WaitP50 => wait?.p50,
        RunNumber::WaitP95 => wait?.p95,
        RunNumber::WaitP99 => wait?.p99,
    })
}

fn of_outcome_worker(worker: &OutcomeWorker, what: WorkerNumber) -> Option<f64> {
    Some(match what {
        WorkerNumber::Done => f64::from(worker.done),
        WorkerNumber::Unacked => f64::from(worker.unacked),
        WorkerNumber::Redelivered => f64::from(worker.redelivered),
        WorkerNumber::Twice => f64::from(worker.twice),
        WorkerNumber::Lost => f64::from(worker.lost),
        WorkerNumber::Busy => worker.busy?,
        WorkerNumber::Tray => f64::from(worker.tray),
        WorkerNumber::Hand => f64::from(worker.hand),
        WorkerNumber::Held => f64::from(worker.tray + worker.hand),
        WorkerNumber::Consuming => f64::from(u8::from(worker.consuming)),
    })
}

fn of_fate(fate: &JobFate, what: JobNumber) -> Option<f64> {
    Some(match what {
        JobNumber::Deliveries => f64::from(fate.deliveries),
        JobNumber::Redelivered => f64::from(fate.redelivered),
        JobNumber::Finished => f64::from(fate.finished),
        JobNumber::Lost => f64::from(u8::from(fate.fate == "lost")),
        JobNumber::Dead => f64::from(u8::from(fate.fate == "dead")),
        JobNumber::Worker => fate.worker.strip_prefix('W')?.parse().ok()?,
    })
}

/// The lab as it is now: for goals. What only the end of a run tells is not known; `busy` is that of the last seconds.
impl Numbers for Snapshot {
    fn number(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::Run(what) => of_snapshot(self, what),
            Quantity::Worker(id, what) => of_row(self, id, what),
            Quantity::Job(..) => None,
        }
    }
}

fn of_snapshot(now: &Snapshot, what: RunNumber) -> Option<f64> {
    let count = match what {
        RunNumber::Published => now.books.published,
        RunNumber::Confirmed => now.producer.confirmed,
        RunNumber::Done => now.books.done,
        RunNumber::Lost => now.books.lost,
        RunNumber::Twice => now.books.twice,
        RunNumber::Dead => now.books.dead,
        RunNumber::Redelivered => now.queue.redelivered,
        RunNumber::Ready => now.queue.waiting,
        RunNumber::Unacked => now.workers.iter().map(|worker| worker.unacked).sum(),
        #[expect(clippy::cast_precision_loss, reason = "exact for 285 years of lab time")]
        RunNumber::Ended => return Some(now.clock.now.0 as f64 / 1000.0),
        RunNumber::Makespan
        | RunNumber::Ideal
        | RunNumber::Fairness
        | RunNumber::Idle
        | RunNumber::WaitP50
        | RunNumber::WaitP95
        | RunNumber::WaitP99 => return None,
    };
    Some(f64::from(count))
}

fn of_row(now: &Snapshot, id: WorkerId, what: WorkerNumber) -> Option<f64> {
    let row: &WorkerRow = now.workers.iter().find(|row| row.id == id)?;
    let hand = u32::from(row.hand.is_some());
    Some(f64::from(match what {
        WorkerNumber::Done => row.done,
        WorkerNumber::Held => row.tray_len + hand,
        WorkerNumber::Tray => row.tray_len,
        WorkerNumber::Hand => hand,
        WorkerNumber::Unacked => row.unacked,
        WorkerNumber::Redelivered => row.redelivered,
        WorkerNumber::Consuming => u32::from(row.state == WorkerState::Consuming),
        WorkerNumber::Twice => row.twice,
        WorkerNumber::Lost => row.lost,
        WorkerNumber::Busy => return row.busy.map(|mille| f64::from(mille) / 1000.0),
    }))
}
