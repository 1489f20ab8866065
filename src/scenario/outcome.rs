//! What a run came to. The same for a run in real time and a simulated one; its JSON has a version.

use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// The version of the JSON: it grows when a field changes its meaning or goes. New fields do not change it.
pub const SCHEMA: u32 = 1;

/// What a run came to. All times are lab time.
///
/// What is told of the end is told of the moment at which the script was over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Outcome {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// The seed.
    pub seed: u64,
    /// On which broker; `simulation` where there was none.
    pub broker: Arc<str>,
    /// Jobs sent.
    pub published: u32,
    /// Jobs that the broker confirmed.
    pub confirmed: u32,
    /// Jobs finished at least once.
    pub done: u32,
    /// Jobs that nobody will ever do.
    pub lost: u32,
    /// Jobs finished more than once.
    pub twice: u32,
    /// Jobs in the dead-letter queue.
    pub dead: u32,
    /// Deliveries with the redelivered flag.
    pub redelivered: u32,
    /// Jobs in the queue at the end.
    pub ready: u32,
    /// Deliveries not acked at the end.
    pub unacked: u32,
    /// From the first publication to the last first finish; none where nothing was done.
    pub makespan_ms: Option<f64>,
    /// No order of work ends sooner.
    pub ideal_ms: f64,
    /// Jain's index of the workers' busy times, 0 to 1.
    pub fairness: Option<f64>,
    /// The part of the workers' time without work, 0 to 1.
    pub idle: Option<f64>,
    /// From publication to the begin of the work.
    pub wait_ms: Option<WaitMs>,
    /// In the order of their numbers.
    pub workers: Vec<OutcomeWorker>,
    /// What was expected.
    pub expectations: Vec<Expected>,
    /// What was asked before, and which choice was right.
    pub predictions: Vec<Answered>,
    /// What the script wanted and did not get: such a run did not do what the scenario says. One sentence each.
    pub declined: Vec<Arc<str>>,
    /// Lab time at the end.
    pub ended_ms: f64,
    /// Whether the script came to its end within its limit.
    pub in_time: bool,
    /// What became of each job, in the order of their numbers; absent where there are more than 100,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<JobFate>,
}

/// Percentiles of the wait, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct WaitMs {
    /// Half of the jobs waited no longer.
    pub p50: f64,
    /// 95 % of them.
    pub p95: f64,
    /// 99 % of them.
    pub p99: f64,
}

/// What a worker came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct OutcomeWorker {
    /// Its name.
    pub name: Arc<str>,
    /// Jobs it finished, each as often as it did.
    pub done: u32,
    /// Deliveries with the redelivered flag.
    pub redelivered: u32,
    /// Jobs it finished that had been finished before.
    pub twice: u32,
    /// Jobs lost with it.
    pub lost: u32,
    /// Deliveries that it has not acked at the end.
    pub unacked: u32,
    /// Jobs in its tray at the end.
    pub tray: u32,
    /// Jobs in its hand at the end: 0 or 1.
    pub hand: u32,
    /// Whether it consumes at the end.
    pub consuming: bool,
    /// The part of the makespan in which it worked, 0 to 1.
    pub busy: Option<f64>,
}

/// An expectation and whether it holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Expected {
    /// As written.
    pub text: Arc<str>,
    /// Whether it holds.
    pub holds: bool,
    /// The numbers that were seen, for example `W1.done = 20, W2.done = 20`.
    pub seen: String,
}

/// A question, answered by the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answered {
    /// The question.
    pub question: Arc<str>,
    /// The choices that turned out to be right: one, if the scenario is a good one.
    pub right: Vec<Arc<str>>,
}

/// What became of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct JobFate {
    /// Its number.
    pub job: u32,
    /// `done`, `lost`, `dead`, `returned`, `ready`, `tray`, `hand` or `unacked`.
    pub fate: &'static str,
    /// How often it was delivered.
    pub deliveries: u32,
    /// How many of these carried the redelivered flag.
    pub redelivered: u32,
    /// How often it was finished.
    pub finished: u32,
    /// Who got it last; empty: nobody.
    pub worker: Arc<str>,
}

/// The JSON schema of an [`Outcome`], as it is handed out in `assets/outcome.schema.json`.
pub fn outcome_schema() -> String {
    let schema = schemars::schema_for!(Outcome);
    let mut text = format!("{:#}", schema.as_value());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
