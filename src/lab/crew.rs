//! The crew: how the producer and the workers behave. Everything here decides from the ledger, and what it decides
//! becomes events and asks.

mod broker;
mod commands;
mod deliveries;
mod guests;
mod kills;
mod line;
mod play;
mod producer;
mod roll;
mod seen;
mod sequel;
mod work;

pub(super) use guests::Guests;
pub(super) use line::Line;
pub(super) use play::Performance;
pub(super) use producer::{Producer, SAMPLE_DOTS};
pub(super) use roll::RollCall;
pub(super) use sequel::Sequel;
