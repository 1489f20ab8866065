//! The virtual driver: the lab, the real dispatch, and what lies between, on a clock that jumps from one thing to the
//! next. No sockets, no threads, no real time; the same run gives the same events each time.
//!
//! | file | what |
//! |---|---|
//! | `run` | what is simulated, and what is left of it |
//! | `world` | the loop: the next thing, what was seen, what the lab asks for |
//! | `agenda` | what happens when |
//! | `client` | a worker's client: orders in, requests out |
//! | `line` | what a client knows, and the frames between it and the broker |
//! | `pipe` | one way of a line: latency, bandwidth |
//! | `serve` | the broker's side: requests, publications, confirms |
//! | `effects` | what dispatch wants done |
//! | `broker` | the dispatch, what it owes, what it tells |
//! | `queues` | the lab's queues on it |
//! | `disk` | what outlives the broker |
//! | `ends` | silence, resets, the broker's end and start |
//! | `mark` | jobs as messages |
//! | `sweep` | many runs at once |

mod agenda;
mod broker;
mod client;
mod disk;
mod effects;
mod ends;
mod line;
mod mark;
mod pipe;
mod queues;
mod run;
mod serve;
mod sweep;
mod world;

pub use run::{Ran, Run, Telling, run};
pub use sweep::{SweepError, measure, sweep};

#[cfg(test)]
mod tests;
