//! A small true AMQP 0-9-1 broker. It knows nothing of the lab, the screen or any client library.
//!
//! Bytes come in at [`server`], become frames in `codec`, requests in `protocol`, and decisions in [`dispatch`];
//! effects go the same way back. Everything but `server` is pure.

mod codec;
mod core;
pub mod dispatch;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod protocol;
pub mod server;
pub mod store;
