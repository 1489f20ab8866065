//! AMQP frames as they passed a connection of the lab, for whoever wants to see them.

use super::ids::{Elapsed, WorkerId};
use std::sync::Arc;

/// Whether frames are listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tap {
    /// Nobody listens, and nothing is spent on it.
    #[default]
    Off,
    /// The newest ones are kept.
    On,
}

/// The newest frames, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frames {
    /// Those kept.
    pub list: Vec<Arc<Frame>>,
    /// How many older ones were let go since the tap was opened.
    pub dropped: u64,
    /// Bytes that passed too fast to be looked at.
    pub missed: u64,
    /// Whether anything can be heard.
    pub state: TapState,
}

/// What the tap is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TapState {
    /// Closed.
    #[default]
    Off,
    /// Open.
    On,
    /// It can't listen here: one sentence (TLS).
    Deaf(Arc<str>),
}

/// A method, with its content header and body counted in, or a heartbeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Its number since the tap was opened.
    pub number: u64,
    /// When it passed.
    pub at: Elapsed,
    /// Whose connection.
    pub party: Party,
    /// Which way.
    pub way: Way,
    /// The channel; 0 is the connection itself.
    pub channel: u16,
    /// `basic.deliver`, or `heartbeat`.
    pub method: Arc<str>,
    /// Bytes on the wire.
    pub size: u32,
    /// The fields that matter most, in a line.
    pub summary: Arc<str>,
    /// All fields: name and value.
    pub fields: Arc<[(Arc<str>, Arc<str>)]>,
}

/// Whose connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The producer's.
    Producer,
    /// A worker's.
    Worker(WorkerId),
}

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// From the client.
    ToBroker,
    /// To the client.
    FromBroker,
}
