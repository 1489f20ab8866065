//! The JSON of a sweep. It has a version.

use super::super::file::{Written, written};
use super::super::outcome::{Outcome, WaitMs};
use super::measure::Measure;
use super::{Ended, Sweep};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version of the JSON: it grows when a field changes its meaning or goes. New fields do not change it.
pub const SWEEP_SCHEMA: u32 = 1;

/// What a sweep came to. All times are lab time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Swept {
    /// [`SWEEP_SCHEMA`].
    pub schema: u32,
    /// The scenario's name.
    pub scenario: Arc<str>,
    /// The settings that varied, in their order, as a scenario's file calls them.
    pub varied: Vec<Arc<str>>,
    /// How many seeds each combination was run with.
    pub seeds: usize,
    /// What was looked at.
    pub measure: String,
    /// How many runs were asked for; more than there are in `runs` where the sweep was broken off.
    pub asked: usize,
    /// The settings with which the measure is best (the median of all seeds); none where none is better than the others.
    pub best: Option<BTreeMap<String, Value>>,
    /// In the order of the combinations: the setting that was named last turns fastest, and the seeds of a combination
    /// come one after another.
    pub runs: Vec<SweptRun>,
}

/// What one run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct SweptRun {
    /// The settings that varied, as in a scenario's file.
    pub settings: BTreeMap<String, Value>,
    /// The seed.
    pub seed: u64,
    /// The number that was looked at; none where the run has none. Times are in milliseconds, parts from 0 to 1.
    pub measured: Option<f64>,
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
    /// Makespan divided by ideal; none where not all jobs were done.
    pub ratio: Option<f64>,
    /// Jain's index of the workers' busy times, 0 to 1.
    pub fairness: Option<f64>,
    /// The part of the workers' time without work, 0 to 1.
    pub idle: Option<f64>,
    /// From publication to the begin of the work.
    pub wait_ms: Option<WaitMs>,
    /// Lab time at the end.
    pub ended_ms: f64,
    /// Whether the script came to its end within its limit.
    pub in_time: bool,
    /// What the script wanted and did not get. One sentence each.
    pub declined: Vec<Arc<str>>,
}

impl Sweep {
    /// For programs.
    pub fn told(&self) -> Swept {
        let best = self.best().and_then(|best| {
            let mut combinations = 0..self.grid.combinations();
            combinations.find(|n| self.standing(*n).sound() == Some(best))
        });
        let runs = self.runs.iter().enumerate();
        let told = |(number, run): (usize, &Option<Ended>)| {
            let settings = self.values(number / self.grid.seeds());
            Some(run.as_ref()?.told(settings))
        };
        Swept {
            schema: SWEEP_SCHEMA,
            scenario: Arc::clone(&self.scenario),
            varied: self.grid.axes().iter().map(|axis| Arc::clone(&axis.setting)).collect(),
            seeds: self.grid.seeds(),
            measure: self.measure.to_string(),
            asked: self.grid.runs(),
            best: best.map(|combination| self.values(combination)),
            runs: runs.filter_map(told).collect(),
        }
    }

    fn values(&self, combination: usize) -> BTreeMap<String, Value> {
        let set = self.grid.combination(combination).into_iter();
        set.map(|(setting, said)| (setting.to_owned(), value(setting, said)))
            .collect()
    }
}

fn value(setting: &str, said: &str) -> Value {
    match written(setting, said) {
        Ok(Written::Number(number)) => serde_json::from_str(&number).unwrap_or(Value::String(number)),
        Ok(Written::Switch(on)) => on.into(),
        _ => said.into(),
    }
}

impl Ended {
    fn told(&self, settings: BTreeMap<String, Value>) -> SweptRun {
        let o: &Outcome = &self.outcome;
        SweptRun {
            settings,
            seed: o.seed,
            measured: self.measured,
            published: o.published,
            confirmed: o.confirmed,
            done: o.done,
            lost: o.lost,
            twice: o.twice,
            dead: o.dead,
            redelivered: o.redelivered,
            ready: o.ready,
            unacked: o.unacked,
            makespan_ms: o.makespan_ms,
            ideal_ms: o.ideal_ms,
            ratio: Measure::Ratio.of(o),
            fairness: o.fairness,
            idle: o.idle,
            wait_ms: o.wait_ms,
            ended_ms: o.ended_ms,
            in_time: o.in_time,
            declined: o.declined.clone(),
        }
    }
}

/// The JSON schema of a [`Swept`], as it is handed out in `assets/sweep.schema.json`.
pub fn sweep_schema() -> String {
    let schema = schemars::schema_for!(Swept);
    let mut text = format!("{:#}", schema.as_value());
    text.push('\n');
    text
}
