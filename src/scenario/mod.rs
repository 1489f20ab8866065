//! Scenarios: data that becomes runs. One file is a lesson on the screen, a run without a screen, and a test.
//!
//! | file | what |
//! |---|---|
//! | `model` | what a scenario is, once it was read |
//! | `outcome` | what a run came to: the numbers that expectations speak of, and the JSON that is handed out |

mod model;
mod outcome;

pub use model::{Choice, Expectation, Flip, Goal, Prediction, Prose, Scenario, Tolerance};
pub use outcome::{Expected, JobFate, Outcome, OutcomeWorker, SCHEMA, WaitMs};
