//! The words for the lines of the log.

use super::super::command::{BrokerCommand, KillKind};
use super::super::event::{Burial, Entry, PassedOver};
use super::super::ids::{JobId, WorkerId};
use super::super::place::Place;
use super::{because, jobs};
use std::fmt;

/// How many of the passed over a line names.
const NAMED_PASSED_OVER: usize = 3;

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dispatched { job, to, passed_over } => dispatched(f, *job, *to, passed_over),
            Self::WentBack {
                jobs: first,
                count,
                from,
                why,
                place,
            } => {
                jobs(f, first, *count)?;
                f.write_str(back(*place, *count))?;
                because(f, Some(*from), *why)
            }
            Self::Lost {
                jobs: first,
                count,
                from,
                why,
            } => {
                jobs(f, first, *count)?;
                f.write_str(" lost: ")?;
                because(f, *from, *why)
            }
            Self::StillThere { jobs: first, count } => {
                jobs(f, first, *count)?;
                f.write_str(" again in the queue: the broker had not stored the ack")
            }
            Self::DeadLettered { job, by } => write!(f, "{job} rejected by {by}: it is in the dead-letter queue"),
            Self::Buried { job, why } => write!(f, "{job} {why}: the broker put it into the dead-letter queue"),
            Self::Twice { job, by } => write!(f, "{job} done again, by {by}"),
            Self::Killed(worker, kind) => killed(f, *worker, *kind),
            Self::AckedInVain(worker, job) => write!(f, "{job} done by {worker}; its ack went nowhere"),
            Self::GaveUp(worker) => write!(
                f,
                "{worker} hears no heartbeat either, and stops; the broker still waits"
            ),
            Self::Doomed(worker) => write!(f, "{worker} will crash after its next finished job, before the ack"),
            Self::Revived(worker) => write!(f, "{worker} consumes again"),
            Self::Added(worker, speed) => write!(f, "{worker} added, {speed}"),
            Self::GuestCame(worker, name) => write!(f, "{worker} {name} consumes: a guest"),
            Self::Removed(worker) => write!(f, "{worker} removed"),
            Self::Broke(worker, why) => write!(f, "{worker}'s line broke: {why}"),
            Self::Changed(change) => write!(f, "{change}"),
            Self::Declined(why) | Self::BrokerAway(why) => f.write_str(why),
            Self::Broker(BrokerCommand::Kill) => f.write_str("the broker was killed"),
            Self::Broker(BrokerCommand::Stop) => f.write_str("the broker was stopped in good order"),
            Self::Broker(BrokerCommand::Start) => f.write_str("the broker starts"),
            Self::BrokerStartFailed(why) => write!(f, "the broker could not be started: {why}"),
            Self::BrokerEndFailed(why) => write!(f, "the broker could not be ended: {why}"),
            Self::BrokerBack => f.write_str("the broker answers again"),
            Self::Returned(job) => write!(f, "{job} returned: no queue took it"),
            Self::Burst(1) => f.write_str("one job published on command"),
            Self::Burst(n) => write!(f, "{n} jobs published at once, on command"),
            Self::Sample(n) => write!(
                f,
                "{n} jobs of each kind: durable and transient queue, persistent and transient"
            ),
            Self::Reset => f.write_str("back to zero, with the same seed"),
        }
    }
}

const fn back(place: Place, count: u32) -> &'static str {
    match (place, count) {
        (Place::Old, 1) => " back at its old place: ",
        (Place::Old, _) => " back at their old places: ",
        (Place::Front, _) => " back, before all others: ",
        (Place::Back, _) => " back, behind all others: ",
        (Place::Somewhere, _) => " back in the queue: ",
    }
}

impl fmt::Display for Burial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeliveryLimit => "came back too often",
            Self::Rejected => "was rejected",
            Self::Other => "was given up",
        })
    }
}

fn dispatched(
    f: &mut fmt::Formatter<'_>,
    job: JobId,
    to: WorkerId,
    passed_over: &[(WorkerId, PassedOver)],
) -> fmt::Result {
    write!(f, "{job} → {to}  next in turn")?;
    for (i, (worker, why)) in passed_over.iter().take(NAMED_PASSED_OVER).enumerate() {
        let comma = if i == 0 { ";" } else { "," };
        write!(f, "{comma} {worker} {why}")?;
    }
    match passed_over.len().saturating_sub(NAMED_PASSED_OVER) {
        0 => Ok(()),
        more => write!(f, ", {more} more"),
    }
}

fn killed(f: &mut fmt::Formatter<'_>, worker: WorkerId, kind: KillKind) -> fmt::Result {
    match kind {
        KillKind::Cancel => write!(f, "{worker} cancelled its consumer: it works off what it holds"),
        KillKind::CloseChannel => write!(f, "{worker} closed its channel"),
        KillKind::CloseConnection => write!(f, "{worker} closed its connection"),
        KillKind::Reset => write!(f, "{worker}'s socket was reset"),
        KillKind::HalfOpen => write!(
            f,
            "{worker}'s network went silent: nobody is told, heartbeats have to run out"
        ),
        KillKind::Freeze => write!(f, "{worker} froze: alive, but it never works or acks"),
        KillKind::CrashBeforeAck => write!(f, "{worker} crashed after the work, before the ack"),
    }
}
