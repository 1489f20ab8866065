//! The names that an expression may have.

use super::super::fault::{Fault, meant, nearest};
use crate::lab::{JobId, LabSpan, WorkerId};
use std::fmt;
use std::ops::Range;

/// A number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Of the whole run.
    Run(RunNumber),
    /// Of a worker: `W1.done`.
    Worker(WorkerId, WorkerNumber),
    /// Of a job: `#3.deliveries`.
    Job(JobId, JobNumber),
}

/// Of the whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunNumber {
    /// Jobs sent.
    Published,
    /// Jobs that the broker confirmed.
    Confirmed,
    /// Jobs finished at least once.
    Done,
    /// Jobs that nobody will ever do.
    Lost,
    /// Jobs finished more than once.
    Twice,
    /// Jobs in the dead-letter queue.
    Dead,
    /// Deliveries with the redelivered flag.
    Redelivered,
    /// Jobs in the queue.
    Ready,
    /// Deliveries not acked.
    Unacked,
    /// Time from the first publication to the last first finish.
    Makespan,
    /// Time: no order of work ends sooner.
    Ideal,
    /// Time on the lab clock at the end.
    Ended,
    /// Jain's index of the workers' busy times, 0 to 1.
    Fairness,
    /// The part of the workers' time without work, 0 to 1.
    Idle,
    /// Time: half of the jobs waited no longer.
    WaitP50,
    /// Time: 95 % of them.
    WaitP95,
    /// Time: 99 % of them.
    WaitP99,
}

/// Of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkerNumber {
    /// Jobs finished, each as often as it did.
    Done,
    /// Jobs in tray and hand.
    Held,
    /// Jobs in the tray.
    Tray,
    /// Jobs in the hand: 0 or 1.
    Hand,
    /// Deliveries that it has not acked.
    Unacked,
    /// Deliveries with the redelivered flag.
    Redelivered,
    /// Whether it consumes: 0 or 1.
    Consuming,
    /// Jobs it finished that had been finished before.
    Twice,
    /// Jobs lost with it.
    Lost,
    /// The part of the time in which it worked, 0 to 1.
    Busy,
}

/// Of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobNumber {
    /// How often it was delivered.
    Deliveries,
    /// How many of these carried the redelivered flag.
    Redelivered,
    /// How often it was finished.
    Finished,
    /// Whether it is lost: 0 or 1.
    Lost,
    /// Whether it is in the dead-letter queue: 0 or 1.
    Dead,
    /// The worker who got it last.
    Worker,
}

/// What kind of number it is: only numbers of one kind are compared, or added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Unit {
    /// A count.
    Count,
    /// A part of a whole, 0 to 1: is compared and counted with as a count is, and told in per cent.
    Part,
    /// Milliseconds.
    Time,
    /// The number of a worker.
    Worker,
}

const RUN: [(&str, RunNumber, Unit); 17] = [
    ("published", RunNumber::Published, Unit::Count),
    ("confirmed", RunNumber::Confirmed, Unit::Count),
    ("done", RunNumber::Done, Unit::Count),
    ("lost", RunNumber::Lost, Unit::Count),
    ("twice", RunNumber::Twice, Unit::Count),
    ("dead", RunNumber::Dead, Unit::Count),
    ("redelivered", RunNumber::Redelivered, Unit::Count),
    ("ready", RunNumber::Ready, Unit::Count),
    ("unacked", RunNumber::Unacked, Unit::Count),
    ("makespan", RunNumber::Makespan, Unit::Time),
    ("ideal", RunNumber::Ideal, Unit::Time),
    ("ended", RunNumber::Ended, Unit::Time),
    ("fairness", RunNumber::Fairness, Unit::Part),
    ("idle", RunNumber::Idle, Unit::Part),
    ("wait.p50", RunNumber::WaitP50, Unit::Time),
    ("wait.p95", RunNumber::WaitP95, Unit::Time),
    ("wait.p99", RunNumber::WaitP99, Unit::Time),
];

const WORKER: [(&str, WorkerNumber, Unit); 10] = [
    ("done", WorkerNumber::Done, Unit::Count),
    ("held", WorkerNumber::Held, Unit::Count),
    ("tray", WorkerNumber::Tray, Unit::Count),
    ("hand", WorkerNumber::Hand, Unit::Count),
    ("unacked", WorkerNumber::Unacked, Unit::Count),
    ("redelivered", WorkerNumber::Redelivered, Unit::Count),
    ("consuming", WorkerNumber::Consuming, Unit::Count),
    ("twice", WorkerNumber::Twice, Unit::Count),
    ("lost", WorkerNumber::Lost, Unit::Count),
    ("busy", WorkerNumber::Busy, Unit::Part),
];

const JOB: [(&str, JobNumber, Unit); 6] = [
    ("deliveries", JobNumber::Deliveries, Unit::Count),
    ("redelivered", JobNumber::Redelivered, Unit::Count),
    ("finished", JobNumber::Finished, Unit::Count),
    ("lost", JobNumber::Lost, Unit::Count),
    ("dead", JobNumber::Dead, Unit::Count),
    ("worker", JobNumber::Worker, Unit::Worker),
];

/// A word of an expression, understood.
pub(in crate::scenario) enum Named {
    Quantity(Quantity),
    Worker(WorkerId),
}

impl Quantity {
    /// Whether it is known while the lab runs, and not at the end of a run alone.
    pub const fn known_live(self) -> bool {
        match self {
            Self::Worker(..) => true,
            Self::Job(..) => false,
            Self::Run(what) => !matches!(
                what,
                RunNumber::Makespan
                    | RunNumber::Ideal
                    | RunNumber::Fairness
                    | RunNumber::Idle
                    | RunNumber::WaitP50
                    | RunNumber::WaitP95
                    | RunNumber::WaitP99
            ),
        }
    }

    pub(in crate::scenario) fn unit(self) -> Unit {
        self.row().1
    }

    /// The name without the worker or job, and the unit.
    fn row(self) -> (&'static str, Unit) {
        let found = match self {
            Self::Run(what) => RUN.iter().find(|row| row.1 == what).map(|row| (row.0, row.2)),
            Self::Worker(_, what) => WORKER.iter().find(|row| row.1 == what).map(|row| (row.0, row.2)),
            Self::Job(_, what) => JOB.iter().find(|row| row.1 == what).map(|row| (row.0, row.2)),
        };
        found.unwrap_or(("?", Unit::Count))
    }

    /// The names of the numbers of a run, of a worker, and of a job: for guides and tests.
    pub fn all_names() -> [Vec<&'static str>; 3] {
        [
            RUN.iter().map(|row| row.0).collect(),
            WORKER.iter().map(|row| row.0).collect(),
            JOB.iter().map(|row| row.0).collect(),
        ]
    }

    /// A number of this quantity in words, as it may be written in an expression: `20`, `61.3 s`, `24%`, `W2`.
    pub(in crate::scenario) fn say(self, number: Option<f64>) -> String {
        let Some(number) = number else {
            return "not known".to_owned();
        };
        match self.unit() {
            Unit::Time => span(number).to_string(),
            Unit::Part if self == Self::Run(RunNumber::Fairness) => format!("{number:.2}"),
            Unit::Part => format!("{}%", plain(number * 100.0)),
            Unit::Worker => format!("W{}", plain(number)),
            Unit::Count => plain(number),
        }
    }
}

/// At most one digit after the point.
fn plain(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and no run is as long"
)]
fn span(milliseconds: f64) -> LabSpan {
    LabSpan((milliseconds * 1000.0).round() as u64)
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.row().0;
        match self {
            Self::Run(_) => f.write_str(name),
            Self::Worker(worker, _) => write!(f, "{worker}.{name}"),
            Self::Job(job, _) => write!(f, "{job}.{name}"),
        }
    }
}

/// Finds out what a word names.
pub(in crate::scenario) fn named(word: &str, at: Range<usize>) -> Result<Named, Fault> {
    if let Some(row) = RUN.iter().find(|row| row.0 == word) {
        return Ok(Named::Quantity(Quantity::Run(row.1)));
    }
    let (head, field) = word.split_once('.').map_or((word, None), |(a, b)| (a, Some(b)));
    let inside = field.map_or(at.start, |field| at.end - field.len())..at.end;
    if let Some(number) = numbered(head, 'W') {
        return worker(WorkerId(of(number, &at, "worker")?), field, inside);
    }
    if let Some(number) = numbered(head, '#') {
        return job(JobId(of(number, &at, "job")?), field, inside);
    }
    Err(unknown(word, head, field, at))
}

/// The digits of `W12`; none where it is something else.
pub(super) fn numbered(head: &str, sign: char) -> Option<&str> {
    head.strip_prefix(sign)
        .filter(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
}

fn of<T: std::str::FromStr + PartialOrd + From<u8>>(digits: &str, at: &Range<usize>, what: &str) -> Result<T, Fault> {
    digits
        .parse()
        .ok()
        .filter(|number: &T| *number >= T::from(1))
        .ok_or_else(|| {
            Fault::new(
                at.clone(),
                format!("there is no {what} {digits}: they are numbered from 1"),
            )
        })
}

fn worker(id: WorkerId, field: Option<&str>, at: Range<usize>) -> Result<Named, Fault> {
    let Some(field) = field else {
        return Ok(Named::Worker(id));
    };
    match WORKER.iter().find(|row| row.0 == field) {
        Some(row) => Ok(Named::Quantity(Quantity::Worker(id, row.1))),
        None => Err(no_field("worker", field, &WORKER.map(|row| row.0), at)),
    }
}

fn job(id: JobId, field: Option<&str>, at: Range<usize>) -> Result<Named, Fault> {
    let names = JOB.map(|row| row.0);
    let Some(field) = field else {
        return Err(Fault::new(at, format!("what of job {id}?"))
            .hint(format!("for example `{id}.deliveries`"))
            .help(format!("a job has: {}", names.join(", "))));
    };
    match JOB.iter().find(|row| row.0 == field) {
        Some(row) => Ok(Named::Quantity(Quantity::Job(id, row.1))),
        None => Err(no_field("job", field, &names, at)),
    }
}

fn no_field(whose: &str, field: &str, names: &[&str], at: Range<usize>) -> Fault {
    Fault::new(at, format!("a {whose} has no number `{field}`"))
        .hint(meant(field, names.iter().copied()))
        .help(format!("a {whose} has: {}", names.join(", ")))
}

fn unknown(word: &str, head: &str, field: Option<&str>, at: Range<usize>) -> Fault {
    let runs = RUN.map(|row| row.0);
    let fault = Fault::new(at, format!("`{word}` is not the name of a number"));
    if let Some((number, field)) = numbered(&head.to_uppercase(), 'W').zip(field) {
        let field = nearest(field, WORKER.map(|row| row.0)).unwrap_or("done");
        return fault.hint(format!("did you mean `W{number}.{field}`?"));
    }
    let percentile = if head == "wait" {
        "did you mean `wait.p95`?".to_owned()
    } else {
        meant(word, runs)
    };
    fault.hint(percentile).help(format!(
        "a run has: {}; a worker has W1.done and more, a job #3.deliveries and more",
        runs.join(", ")
    ))
}
