//! dispatch-lab: a terminal lab that shows how a message broker hands out work.

pub mod broker;
pub mod lab;
pub mod tui;
