//! Which action can't be done now, and why. The same sentence dims a key and answers a press of it.

use super::action::Action;
use super::model::Model;
use super::steps::{self, Way};
use crate::lab::{BrokerCommand, BrokerState, Control, KillKind, MAX_WORKERS, Pace, Snapshot, WorkerRow, WorkerState};
use std::borrow::Cow;

/// A reason, in one sentence.
pub(super) type Reason = Cow<'static, str>;

/// Why this can't be done now; `None`: it can.
pub(super) fn why_not(action: Action, model: &Model, snapshot: &Snapshot) -> Option<Reason> {
    match action {
        Action::OpenKillMenu => selected(model, snapshot, cannot_end),
        Action::KillAgain => targeted(model, snapshot, |worker| cannot_kill(worker, model.last_kill)),
        Action::Kill(kind) => targeted(model, snapshot, |worker| cannot_kill(worker, kind)),
        Action::Revive => selected(model, snapshot, cannot_revive),
        Action::Faster => selected(model, snapshot, |w| end_of(model, w, Way::Up)),
        Action::Slower => selected(model, snapshot, |w| end_of(model, w, Way::Down)),
        Action::PrefetchUp => last_step(action, model, snapshot, "this is the largest prefetch here"),
        Action::PrefetchDown => last_step(action, model, snapshot, "prefetch is 0 already: no limit"),
        Action::RateUp => last_step(action, model, snapshot, "this is the highest rate"),
        Action::RateDown => last_step(action, model, snapshot, "this is the lowest rate"),
        Action::ScaleUp => last_step(action, model, snapshot, "the clock runs no faster"),
        Action::ScaleDown => last_step(action, model, snapshot, "the clock runs no slower"),
        Action::Publish(_) if !snapshot.producer.connected => Some("the producer is not connected".into()),
        Action::AddWorker if snapshot.workers.len() >= MAX_WORKERS => {
            Some(format!("{MAX_WORKERS} workers are the most").into())
        }
        Action::OpenRemove | Action::Remove if snapshot.workers.len() <= 1 => Some("the last worker stays".into()),
        Action::Step if model.wishes.intent(snapshot).pace == Pace::Running => {
            Some("the clock runs: space pauses it first".into())
        }
        Action::OpenBrokerMenu => not_ours(&snapshot.broker.control),
        Action::Broker(command) => {
            not_ours(&snapshot.broker.control).or_else(|| cannot_order(&snapshot.broker.state, command))
        }
        _ => None,
    }
}

fn selected(model: &Model, snapshot: &Snapshot, ask: impl Fn(&WorkerRow) -> Option<Reason>) -> Option<Reason> {
    of_worker(model.selected_worker(snapshot), ask)
}

fn targeted(model: &Model, snapshot: &Snapshot, ask: impl Fn(&WorkerRow) -> Option<Reason>) -> Option<Reason> {
    of_worker(model.target(snapshot), ask)
}

fn of_worker(worker: Option<&WorkerRow>, ask: impl Fn(&WorkerRow) -> Option<Reason>) -> Option<Reason> {
    worker.map_or(Some("there is no worker".into()), ask)
}

fn end_of(model: &Model, worker: &WorkerRow, way: Way) -> Option<Reason> {
    let next = steps::speed(model.wishes.speed(worker.id, worker.speed), way);
    let end = match way {
        Way::Up => "fastest",
        Way::Down => "slowest",
    };
    next.is_none().then(|| format!("{} is at its {end}", worker.id).into())
}

fn last_step(action: Action, model: &Model, snapshot: &Snapshot, end: &'static str) -> Option<Reason> {
    let next = model.wishes.intent(snapshot).next(action);
    next.is_none().then_some(Cow::Borrowed(end))
}

fn cannot_end(worker: &WorkerRow) -> Option<Reason> {
    match worker.state {
        WorkerState::ChannelClosed(_) | WorkerState::Gone(..) => {
            Some(format!("{} is gone already: r revives it", worker.id).into())
        }
        WorkerState::Waiting => Some(format!("{} waits for the broker", worker.id).into()),
        _ => None,
    }
}

fn cannot_kill(worker: &WorkerRow, kind: KillKind) -> Option<Reason> {
    let already = match (&worker.state, kind) {
        (WorkerState::Cancelled, KillKind::Cancel) => Some("cancelled"),
        (WorkerState::Frozen, KillKind::Freeze) => Some("frozen"),
        (WorkerState::Doomed, KillKind::CrashBeforeAck) => Some("about to crash"),
        _ => None,
    };
    match already {
        Some(word) => Some(format!("{} is {word} already", worker.id).into()),
        None if worker.state == WorkerState::Frozen && kind == KillKind::CrashBeforeAck => {
            Some(format!("{} is frozen: it will never finish a job", worker.id).into())
        }
        None => cannot_end(worker),
    }
}

fn cannot_revive(worker: &WorkerRow) -> Option<Reason> {
    match worker.state {
        WorkerState::Consuming => Some(format!("{} is consuming", worker.id).into()),
        WorkerState::Starting => Some(format!("{} is starting", worker.id).into()),
        WorkerState::Doomed => Some(format!("{} still lives: it crashes after this job", worker.id).into()),
        WorkerState::Waiting => Some(format!("{} comes back with the broker", worker.id).into()),
        WorkerState::Cancelled | WorkerState::ChannelClosed(_) | WorkerState::Gone(..) | WorkerState::Frozen => None,
    }
}

fn not_ours(control: &Control) -> Option<Reason> {
    match control {
        Control::Owned => None,
        Control::NotOurs(why) => Some(Cow::Borrowed(why)),
    }
}

fn cannot_order(state: &BrokerState, command: BrokerCommand) -> Option<Reason> {
    match (state, command) {
        (BrokerState::Up, BrokerCommand::Start) => Some("the broker is up".into()),
        (BrokerState::Ended, BrokerCommand::Kill | BrokerCommand::Stop) => Some("the broker is down already".into()),
        (BrokerState::Away(_), BrokerCommand::Kill | BrokerCommand::Stop) => Some("the broker is away".into()),
        _ => None,
    }
}
