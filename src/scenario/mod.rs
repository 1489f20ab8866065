//! Scenarios: data that becomes runs. One file is a lesson on the screen, a run without a screen, and a test.
//!
//! | file | what |
//! |---|---|
//! | `open` | the text of a file |
//! | `model` | what a scenario is, once it was read |
//! | `file` | a scenario from its TOML, or all the mistakes in it, each with its place (`mistake`) |
//! | `action`, `condition` | what a step does, and what it waits for |
//! | `amount`, `words` | numbers and times with their limits; the words for what can be set |
//! | `describe` | a scenario in a few words |
//! | `expression` | what has to be so: the small language of expectations, and its judgement |
//! | `token`, `fault` | what the small languages share: their words, and what is wrong with a text |
//! | `schema` | the JSON schema of the files, for editors |
//! | `outcome` | what a run came to: the numbers that expectations speak of, and the JSON that is handed out |
//! | `staging` | the script as it is played before a person |
//! | `shelf` | the lessons that are built in, and those of a teacher's folder |
//! | `progress` | how far a person came, kept in a file |
//! | `sweep` | many runs of one script: what varies, what is measured, the table, the heat map, the JSON |
//! | `tally` | counts what a run comes to, from its events |
//! | `verdict` | whether a run did what its scenario says |

mod action;
mod amount;
mod condition;
mod describe;
mod expression;
mod fault;
mod file;
mod mistake;
mod model;
mod open;
mod outcome;
mod progress;
mod schema;
mod shelf;
mod staging;
mod sweep;
mod tally;
mod token;
mod verdict;
mod words;

pub use amount::{JOBS_MAX, WORKERS_MAX, lab_time};
pub use expression::{EXPRESSION_MAX, Expr, JobNumber, Judged, Numbers, Quantity, RunNumber, WorkerNumber};
pub use fault::Fault;
pub use file::{FILE_MAX, FORMAT, Part, Unfit, Variations, Varied, read};
pub use mistake::Mistake;
pub use model::{Choice, Expectation, Flip, Goal, Prediction, Prose, Scenario, Tolerance};
pub use open::read_scenario_file;
pub use outcome::{Answered, Expected, JobFate, Outcome, OutcomeWorker, SCHEMA, WaitMs, outcome_schema};
pub use progress::{Changed, LessonRecord, Loaded, Progress, ProgressError, ProgressFile, SetAside, Step, UnixTime};
pub use schema::schema;
pub use shelf::{NoSuchLesson, Shelf, ShelfError, Shelved, Unreadable};
pub use staging::{staged, staged_number, unstaged};
pub use sweep::{
    Axis, Ended, Grid, GridError, Look, Measure, Page, Paint, RUNS_MAX, SWEEP_SCHEMA, Sweep, Swept, SweptRun, counted,
    heat_map, publishes, sweep_schema, table, with_jobs,
};
pub use tally::{JOBS_TOLD, Tally};

#[cfg(test)]
mod guide_tests;
