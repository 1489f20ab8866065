//! Between a desk, the person who sits there, and the client.

use super::super::ids::DeliveryTag;
use super::{Again, DeskJob};

/// What the client of a desk has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskSeen {
    /// It tries to connect.
    Connecting,
    /// It consumes.
    Consuming,
    /// A delivery.
    Delivered(DeskJob),
    /// The socket was reset, as asked.
    Unplugged,
    /// The line broke, or could not be opened: one sentence.
    Lost(String, Again),
}

/// What is asked of the client of a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeskAsk {
    /// `basic.ack`
    Ack(DeliveryTag),
    /// `basic.nack` with requeue.
    GiveBack(DeliveryTag),
    /// `basic.reject` without.
    Reject(DeliveryTag),
    /// Reset the socket, without a goodbye.
    PullPlug,
    /// Connect, now.
    PlugIn,
}

/// What a person at a desk wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeskWish {
    /// Do one dot.
    Work,
    /// Let the clock do it, or no longer.
    WorkAlone,
    /// Say that it is done.
    Ack,
    /// Give it back to the queue.
    GiveBack,
    /// Refuse it.
    Reject,
    /// Vanish.
    PullPlug,
    /// Come back.
    PlugIn,
}
