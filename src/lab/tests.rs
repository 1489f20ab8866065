//! The lab as a whole, against a small broker, on a virtual clock.

mod broker_ends;
mod choices;
mod contests;
mod faults;
mod guests;
pub(super) mod histories;
mod insights;
mod kills;
mod limits;
mod matrix;
mod own_queues;
mod scripts;
mod small_broker;
mod turns;
mod world;
