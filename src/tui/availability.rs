//! Which action can't be done now, and why. The same sentence dims a key and answers a press of it.

use super::action::Action;
use super::foresee::Offered;
use super::model::{Model, View};
use super::rewind::Footage;
use super::room;
use super::steps::{self, Way};
use super::{compare, lesson};
use crate::lab::{
    BrokerCommand, Control, KillKind, MAX_WORKERS, Pace, Sharing, Snapshot, Wish, WorkerRow, broker_objection,
    objection, silence_objection, version_objection,
};
use std::borrow::Cow;

/// A reason, in one sentence.
pub(super) type Reason = Cow<'static, str>;

/// Why this can't be done now; `None`: it can.
pub(super) fn why_not(action: Action, model: &Model, snapshot: &Snapshot) -> Option<Reason> {
    let refusal = model.rewind.refusal();
    if let Some(refusal) = refusal.filter(|_| asks(action) || orders_in_a_recording(action, model)) {
        return Some(refusal.into());
    }
    match action {
        Action::OpenKillMenu => selected(model, snapshot, |worker| cannot_end(worker, snapshot)),
        Action::KillAgain => targeted(model, snapshot, |w| objects(w, snapshot, Wish::Kill(model.last_kill))),
        Action::Kill(kind) => targeted(model, snapshot, |w| objects(w, snapshot, Wish::Kill(kind))),
        Action::LatencyUp => last_step(action, model, snapshot, "this is the highest latency"),
        Action::LatencyDown => last_step(action, model, snapshot, "there is no latency already"),
        Action::NextHabit => selected(model, snapshot, |_| None),
        Action::Revive => selected(model, snapshot, |w| objects(w, snapshot, Wish::Revive)),
        Action::Faster => selected(model, snapshot, |w| end_of(model, w, Way::Up)),
        Action::Slower => selected(model, snapshot, |w| end_of(model, w, Way::Down)),
        Action::PrefetchUp => last_step(action, model, snapshot, "this is the largest prefetch here"),
        Action::PrefetchDown => last_step(action, model, snapshot, "prefetch is 0 already: no limit"),
        Action::RateUp => last_step(action, model, snapshot, "this is the highest rate"),
        Action::RateDown => last_step(action, model, snapshot, "this is the lowest rate"),
        Action::ScaleUp => last_step(action, model, snapshot, "the clock runs no faster"),
        Action::ScaleDown => last_step(action, model, snapshot, "the clock runs no slower"),
        Action::AddWorker | Action::OpenRemove | Action::Remove | Action::ToggleQueue if each_has_a_queue(snapshot) => {
            Some("each worker has a queue of its own, fixed for the run".into())
        }
        Action::PublishSample | Action::CrashTest if each_has_a_queue(snapshot) => {
            Some("a sample goes to the two shared queues: here each worker has its own".into())
        }
        Action::Publish(_) | Action::PublishSample => cannot_publish(snapshot),
        Action::AddWorker if snapshot.workers.len() >= MAX_WORKERS => {
            Some(format!("{MAX_WORKERS} workers are the most").into())
        }
        Action::OpenRemove | Action::Remove => {
            let wish = Wish::Remove(snapshot.workers.len());
            targeted(model, snapshot, |w| objects(w, snapshot, wish))
        }
        Action::TogglePause | Action::Step if let Some(held) = lesson::holds_the_clock(model) => Some(held),
        Action::Step if model.wishes.intent(snapshot).pace == Pace::Running => {
            Some("the clock runs: space pauses it first".into())
        }
        Action::OpenBrokerMenu => not_ours(&snapshot.broker.control),
        Action::NextVersion => version_objection(&snapshot.broker.control).map(Cow::Borrowed),
        Action::Broker(command) => cannot_order(snapshot, command),
        Action::CrashTest => cannot_order(snapshot, BrokerCommand::Kill).or_else(|| cannot_publish(snapshot)),
        Action::Foresee if model.foresee.offered == Offered::No => {
            Some("there is no forecast here: a lesson or a recording goes its own way".into())
        }
        Action::Foresee if model.view != View::Lab => Some("the forecast is the Lab view's: F2 shows it".into()),
        Action::Room(deed) => room::why_not(deed, model),
        Action::Lesson(deed) => lesson::why_not(deed, model),
        _ => None,
    }
}

/// Whether it would begin a comparison where there is no lab that runs.
const fn orders_in_a_recording(action: Action, model: &Model) -> bool {
    matches!(action, Action::Compare(compare::Deed::Begin)) && matches!(model.rewind.footage(), Footage::Recording(_))
}

/// Whether it asks the lab for something, or opens a menu of what to ask for.
pub(super) const fn asks(action: Action) -> bool {
    match action {
        Action::OpenKillMenu
        | Action::KillAgain
        | Action::Kill(_)
        | Action::Revive
        | Action::PrefetchUp
        | Action::PrefetchDown
        | Action::NextQos
        | Action::ToggleAck
        | Action::ToggleMessages
        | Action::ToggleQueue
        | Action::ToggleConfirms
        | Action::LatencyUp
        | Action::LatencyDown
        | Action::NextBandwidth
        | Action::NextHabit
        | Action::Faster
        | Action::Slower
        | Action::RateUp
        | Action::RateDown
        | Action::NextSizes
        | Action::NextArrivals
        | Action::Publish(_)
        | Action::PublishSample
        | Action::ToggleProducer
        | Action::AddWorker
        | Action::OpenRemove
        | Action::Remove
        | Action::TogglePause
        | Action::Step
        | Action::ScaleUp
        | Action::ScaleDown
        | Action::OpenBrokerMenu
        | Action::Broker(_)
        | Action::CrashTest
        | Action::NextVersion
        | Action::Reset => true,
        Action::SelectPrevious
        | Action::SelectNext
        | Action::SelectRow(_)
        | Action::OpenMatrix
        | Action::OpenDoor
        | Action::NextZoom
        | Action::Foresee
        | Action::ScrollUp
        | Action::ScrollDown
        | Action::OpenHelp
        | Action::MenuPrevious
        | Action::MenuNext
        | Action::MenuPick
        | Action::Close
        | Action::NextView
        | Action::PreviousView
        | Action::Show(_)
        | Action::Messages(_)
        | Action::Compare(_)
        | Action::Wire(_)
        | Action::Code(_)
        | Action::Why(_)
        | Action::Lesson(_)
        | Action::Rewind(_)
        | Action::Report(_)
        | Action::Room(_)
        | Action::Type(_)
        | Action::Erase
        | Action::Quit => false,
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

/// The menu opens while there is a way to end the worker.
fn cannot_end(worker: &WorkerRow, snapshot: &Snapshot) -> Option<Reason> {
    let reasons: Option<Vec<Reason>> = KillKind::ALL
        .map(|kind| objects(worker, snapshot, Wish::Kill(kind)))
        .into_iter()
        .collect();
    reasons?.into_iter().next()
}

/// The lab's own rule.
fn objects(worker: &WorkerRow, snapshot: &Snapshot, wish: Wish) -> Option<Reason> {
    let heartbeat = snapshot.settings.heartbeat;
    let silence = || silence_objection(heartbeat).filter(|_| wish == Wish::Kill(KillKind::HalfOpen));
    let objection = objection(worker, &snapshot.broker, wish).map(Cow::Owned);
    objection.or_else(|| silence().map(Cow::Borrowed))
}

fn each_has_a_queue(snapshot: &Snapshot) -> bool {
    snapshot.settings.sharing == Sharing::QueueEach
}

fn not_ours(control: &Control) -> Option<Reason> {
    match control {
        Control::Owned | Control::ByCommand => None,
        Control::NotOurs(why) => Some(Cow::Borrowed(why)),
    }
}

fn cannot_order(snapshot: &Snapshot, command: BrokerCommand) -> Option<Reason> {
    broker_objection(&snapshot.broker, command).map(Cow::Borrowed)
}

fn cannot_publish(snapshot: &Snapshot) -> Option<Reason> {
    (!snapshot.producer.connected).then_some(Cow::Borrowed("the producer is not connected"))
}
