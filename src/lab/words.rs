//! The words for it all: each setting, reason and consequence has one plain sentence, the same wherever it is shown.

mod entry;
mod insight;
mod journey;
mod setting;

use super::command::{BrokerCommand, KillKind, Producing};
use super::event::{Cause, PassedOver};
use super::ids::{JobId, LabTime, WorkerId};
use super::wire::NoRoom;
use std::fmt;

/// How many jobs a sentence names before it only counts them.
pub(super) const NAMED: usize = 5;

impl fmt::Display for KillKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancel => "cancel the consumer",
            Self::CloseChannel => "close the channel",
            Self::CloseConnection => "close the connection",
            Self::Reset => "reset the socket",
            Self::HalfOpen => "half-open network",
            Self::Freeze => "freeze",
            Self::CrashBeforeAck => "crash before the ack",
        })
    }
}

impl KillKind {
    /// What happened, of the worker: `socket reset`.
    pub const fn past(self) -> &'static str {
        match self {
            Self::Cancel => "consumer cancelled",
            Self::CloseChannel => "channel closed",
            Self::CloseConnection => "connection closed",
            Self::Reset => "socket reset",
            Self::HalfOpen => "network silent",
            Self::Freeze => "frozen",
            Self::CrashBeforeAck => "crashed before the ack",
        }
    }

    /// What it teaches, in a line of the menu.
    pub const fn lesson(self) -> &'static str {
        match self {
            Self::Cancel => "no new deliveries; it works off what it holds",
            Self::CloseChannel => "what it holds goes back; the connection lives on",
            Self::CloseConnection => "a goodbye: what it holds goes back",
            Self::HalfOpen => "nobody is told: it takes two heartbeats to find out",
            Self::Reset => "no goodbye: what it holds goes back all the same",
            Self::Freeze => "alive, but never works or acks: it keeps what it holds",
            Self::CrashBeforeAck => "the work is done, the ack is not: it will be done twice",
        }
    }
}

impl fmt::Display for BrokerCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kill => "kill the broker",
            Self::Stop => "stop the broker in good order",
            Self::Start => "start the broker",
        })
    }
}

impl fmt::Display for Producing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "the producer publishes",
            Self::Held => "the producer holds",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        because(f, None, *self)
    }
}

/// `W3's socket was reset`, or the same without a name.
fn because(f: &mut fmt::Formatter<'_>, worker: Option<WorkerId>, why: Cause) -> fmt::Result {
    let of_worker = match why {
        Cause::Killed(KillKind::Cancel) => "consumer was cancelled",
        Cause::Killed(KillKind::CloseChannel) => "channel was closed",
        Cause::Killed(KillKind::CloseConnection) => "connection was closed",
        Cause::Killed(KillKind::Reset) => "socket was reset",
        Cause::Killed(KillKind::HalfOpen) => "heartbeats stayed away",
        Cause::Killed(KillKind::Freeze) => "process froze",
        Cause::Killed(KillKind::CrashBeforeAck) => "process crashed before the ack",
        Cause::ConnectionLost => "connection was lost",
        Cause::Removed => "worker was removed",
        Cause::Requeued => "program gave it back",
        Cause::BrokerTransientQueue => return f.write_str("a transient queue, and the broker ended"),
        Cause::BrokerTransientMessage => return f.write_str("transient messages, and the broker ended"),
        Cause::BrokerNeverHad => return f.write_str("the broker ended before it had stored them"),
        Cause::BrokerEnded => return f.write_str("the broker ended"),
        Cause::TakenByOthers => return f.write_str("a consumer of someone else took them"),
    };
    match (worker, why) {
        (Some(worker), Cause::Removed) => write!(f, "{worker} was removed"),
        (Some(worker), _) => write!(f, "{worker}'s {of_worker}"),
        (None, _) => write!(f, "the {of_worker}"),
    }
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoom(NoRoom::Full(n)) => write!(f, "is full ({n}/{n})"),
            Self::NoRoom(NoRoom::Unsent) => f.write_str("does not read what it is sent"),
            Self::Gone => f.write_str("is gone"),
            Self::SeemsFull(n) => write!(f, "seems full ({n}/{n})"),
        }
    }
}

impl fmt::Display for LabTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds();
        write!(f, "{:02}:{:02}", seconds / 60, seconds % 60)
    }
}

/// `#161 #165 #166`, or the first few and how many in all.
fn jobs(f: &mut fmt::Formatter<'_>, first: &[JobId], count: u32) -> fmt::Result {
    let all = usize::try_from(count).is_ok_and(|n| n <= NAMED);
    let shown = if all { NAMED } else { NAMED - 1 };
    for (i, job) in first.iter().take(shown).enumerate() {
        if i > 0 {
            f.write_str(" ")?;
        }
        write!(f, "{job}")?;
    }
    if all { Ok(()) } else { write!(f, " … {count} jobs") }
}

#[cfg(test)]
mod tests;
