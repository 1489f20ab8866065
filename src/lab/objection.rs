//! Why a worker or the broker can't be killed, brought back or removed now: the one rule that the lab and the screen
//! share.

use super::command::{BrokerCommand, KillKind};
use super::settings::Heartbeat;
use super::snapshot::{BrokerRow, BrokerState, Control, WorkerRow, WorkerState};

/// What is to be done to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// End it.
    Kill(KillKind),
    /// Bring it back.
    Revive,
    /// Remove it, of that many workers.
    Remove(usize),
}

/// Why the wish can't be met now, in one sentence; `None`: it can.
pub fn objection(worker: &WorkerRow, broker: &BrokerRow, wish: Wish) -> Option<String> {
    if let Some(name) = &worker.guest {
        return guest(name, &worker.state, wish);
    }
    let named = |why: &str| format!("{} {why}", worker.id);
    match wish {
        Wish::Kill(kind) => kill(&worker.state, kind).map(named),
        Wish::Revive => revive(&worker.state, &broker.state).map(named),
        Wish::Remove(of) => (of <= 1).then(|| "the last worker stays".to_owned()),
    }
}

/// Why the broker can't be ended or started now; `None`: it can.
pub const fn broker_objection(broker: &BrokerRow, command: BrokerCommand) -> Option<&'static str> {
    if let Control::NotOurs(why) = broker.control {
        return Some(why);
    }
    match (command, &broker.state) {
        (BrokerCommand::Start, BrokerState::Up) => Some("the broker is up"),
        (BrokerCommand::Kill | BrokerCommand::Stop, BrokerState::Ended) => Some("the broker is down already"),
        (BrokerCommand::Kill | BrokerCommand::Stop, BrokerState::Away(_)) => Some("the broker is away"),
        (BrokerCommand::Start, _) | (_, BrokerState::Up) => None,
    }
}

/// Why the broker can't be told which RabbitMQ to be; `None`: it can.
pub const fn version_objection(control: &Control) -> Option<&'static str> {
    match control {
        Control::Owned => None,
        Control::ByCommand => Some("it is what it is: only the lab's own broker takes another's likeness"),
        Control::NotOurs(why) => Some(why),
    }
}

/// Why a worker's network can't go silent at this heartbeat; `None`: it can.
pub const fn silence_objection(heartbeat: Heartbeat) -> Option<&'static str> {
    match heartbeat {
        Heartbeat(0) => Some("heartbeats are off: nobody would ever find out"),
        Heartbeat(_) => None,
    }
}

fn guest(name: &str, state: &WorkerState, wish: Wish) -> Option<String> {
    let has_left = matches!(state, WorkerState::Gone(..) | WorkerState::ChannelClosed(_));
    match wish {
        Wish::Kill(_) if has_left => Some(format!("{name} is gone already")),
        Wish::Kill(_) => Some(format!("{name} is a guest: only {name} can pull that plug")),
        Wish::Revive => Some(format!("{name} is a guest, and comes back by itself or not at all")),
        Wish::Remove(_) => (!has_left).then(|| format!("{name} is a guest, and still there")),
    }
}

fn kill(state: &WorkerState, kind: KillKind) -> Option<&'static str> {
    let ends_connection = matches!(kind, KillKind::CloseConnection | KillKind::Reset);
    match (state, kind) {
        (WorkerState::Gone(..), _) => Some("is gone already"),
        (WorkerState::Silent(..), _) => Some("is cut off already: nothing it does arrives"),
        (WorkerState::Waiting, KillKind::HalfOpen) => Some("has no connection that could go silent"),
        (WorkerState::Frozen, KillKind::HalfOpen) => Some("is frozen: bring it back first"),
        (WorkerState::ChannelClosed(_), _) if !ends_connection => Some("has no channel any more"),
        (WorkerState::Frozen, KillKind::Freeze) => Some("is frozen already"),
        (WorkerState::Frozen, KillKind::Cancel) => Some("is frozen: it can't cancel its consumer"),
        (WorkerState::Frozen, KillKind::CrashBeforeAck) => Some("is frozen: it finishes no job"),
        (WorkerState::Cancelled, KillKind::Cancel) => Some("has cancelled its consumer already"),
        (WorkerState::Doomed, KillKind::CrashBeforeAck) => Some("will crash already"),
        _ => None,
    }
}

fn revive(state: &WorkerState, broker: &BrokerState) -> Option<&'static str> {
    match state {
        WorkerState::Waiting if *broker != BrokerState::Up => Some("comes back with the broker"),
        WorkerState::Consuming | WorkerState::Starting | WorkerState::Waiting => Some("is not killed"),
        _ => None,
    }
}
