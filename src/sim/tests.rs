//! Runs from begin to end, as a person would script them.

mod broker_ends;
mod kills;
mod lines;
mod queues;
mod script;
mod sweeps;
mod turns;
