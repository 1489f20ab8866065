//! dispatch-lab: a terminal lab that shows how a message broker hands out work.
//!
//! [`lab`] is what we mean (jobs, workers, books), [`broker`] a small true AMQP broker; both are pure but for the
//! broker's sockets, and neither knows the other. [`engine`] drives real clients against any broker and feeds the
//! lab; [`recording`] keeps what happened and looks back; [`tui`] draws the lab and turns keys into commands; [`code`]
//! writes the client programs for what is on the screen; [`sim`] drives the lab without any wire, on a virtual clock;
//! [`scenario`] turns a file into a run, a lesson or a test.
//! [`cli`] and [`run`] put them together.

pub mod broker;
pub mod cli;
pub mod code;
pub mod engine;
pub mod lab;
pub mod recording;
pub mod report;
pub mod run;
pub mod scenario;
pub mod sim;
pub mod tui;
