//! Guests: clients that are not of the lab and consume from its queue. Someone's own program, or a person at `join`.
//!
//! A guest is a worker whose life nobody here drives: the broker tells what it was handed and what it settled, and that
//! is all that is known of it. What it holds is unacked; the first of that counts as in its hand, since nobody else is
//! told when the work begins; and it is done when it is acked.

use super::ids::JobId;
use super::wire::{Delivered, Dispatched, NoRoom, Subscription};
use std::sync::Arc;

/// One life of a guest's channel, by a number that is not given twice in one run of the lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GuestKey(pub u64);

/// What the broker tells of guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestSeen {
    /// A consumer came; on a channel that has one already it is one more.
    Came {
        /// Its channel.
        guest: GuestKey,
        /// Its connection's name, or user and address.
        name: Arc<str>,
        /// How it consumes.
        subscription: Subscription,
    },
    /// A job was handed out, to a guest or past guests.
    Dispatched {
        /// Who got it, and as what; `None`: whom `dispatched` names.
        to: Option<(GuestKey, Delivered)>,
        /// The rest of the decision.
        dispatched: Dispatched,
        /// Guests that had no room.
        passed_over: Vec<(GuestKey, NoRoom)>,
    },
    /// It acked these jobs.
    Acked(GuestKey, Vec<JobId>),
    /// It refused them for good.
    Rejected(GuestKey, Vec<JobId>),
    /// They are in their queue again, and its channel lives on.
    GaveBack(GuestKey, Vec<JobId>),
    /// It consumes no more, and keeps what it holds.
    Cancelled(GuestKey),
    /// Its channel has ended; what it held is in its queue again.
    Ended(GuestKey, GuestEnd),
}

/// How a guest's channel ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestEnd {
    /// It closed the channel.
    ClosedChannel,
    /// It closed the connection.
    ClosedConnection,
    /// Without a goodbye: the socket was closed or reset.
    Lost,
    /// It sent nothing for too long.
    Silent,
    /// The broker closed it: code and text.
    Refused(String),
}
