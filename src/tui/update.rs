//! Action × model × snapshot → model and effect. Nothing is done here; effects say what is to be done.

use super::action::Action;
use super::availability::why_not;
use super::keymap::BROKER_MENU;
use super::model::{Model, Overlay};
use super::steps::{self, Way};
use super::words;
use crate::lab::{
    AckMode, BrokerCommand, Command, Confirms, Delivery, KillKind, Pace, Producing, QueueKind, Snapshot, Speed,
    WorkerId, Workload,
};

#[cfg(test)]
mod tests;

/// What is to be done outside the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Effect {
    /// Ask the lab.
    Ask(Command),
    /// Leave.
    Quit,
}

/// Carries an action out on the model; what can't be done now is answered by its reason.
pub(super) fn update(model: &mut Model, snapshot: &Snapshot, action: Action) -> Option<Effect> {
    if let Some(reason) = why_not(action, model, snapshot) {
        model.say(reason);
        return None;
    }
    model.message = None;
    let command = match action {
        Action::Quit => return Some(Effect::Quit),
        Action::Kill(kind) => kill(model, snapshot, kind),
        Action::KillAgain => kill(model, snapshot, model.last_kill),
        Action::Broker(command) => close(model, Command::Broker(command)),
        Action::MenuPick => return pick(model, snapshot),
        Action::Remove => selected(model, snapshot).and_then(|id| close(model, Command::RemoveWorker(id))),
        Action::Revive => selected(model, snapshot).map(Command::Revive),
        Action::Faster => speed(model, snapshot, Way::Up),
        Action::Slower => speed(model, snapshot, Way::Down),
        Action::Publish(count) => Some(Command::Publish(count)),
        Action::AddWorker => Some(Command::AddWorker(Speed(1000))),
        Action::Step => Some(Command::Step),
        Action::Reset => Some(Command::Reset),
        _ => setting(model, snapshot, action).or_else(|| on_screen(model, snapshot, action)),
    };
    let command = command?;
    model.wish(command);
    Some(Effect::Ask(command))
}

/// A setting's key: its next value, counted from the last wish where that is not granted yet.
fn setting(model: &Model, snapshot: &Snapshot, action: Action) -> Option<Command> {
    match action {
        Action::PrefetchUp => prefetch(model, snapshot, Way::Up),
        Action::PrefetchDown => prefetch(model, snapshot, Way::Down),
        Action::RateUp => rate(model, snapshot, Way::Up),
        Action::RateDown => rate(model, snapshot, Way::Down),
        Action::ScaleUp => scale(model, snapshot, Way::Up),
        Action::ScaleDown => scale(model, snapshot, Way::Down),
        Action::ToggleAck => Some(toggle_ack(model, snapshot)),
        Action::ToggleMessages => Some(toggle_messages(model, snapshot)),
        Action::ToggleQueue => Some(toggle_queue(model, snapshot)),
        Action::ToggleConfirms => Some(toggle_confirms(model, snapshot)),
        Action::ToggleProducer => Some(toggle_producer(model, snapshot)),
        Action::TogglePause => Some(toggle_pause(model, snapshot)),
        Action::NextSizes => Some(next_sizes(model, snapshot)),
        Action::NextArrivals => Some(next_arrivals(model, snapshot)),
        _ => None,
    }
}

/// What concerns the screen alone.
fn on_screen(model: &mut Model, snapshot: &Snapshot, action: Action) -> Option<Command> {
    match action {
        Action::SelectPrevious => select(model, snapshot, model.selected_row(snapshot).saturating_sub(1)),
        Action::SelectNext => select(model, snapshot, model.selected_row(snapshot) + 1),
        Action::SelectRow(row) => select_exactly(model, snapshot, usize::from(row)),
        Action::OpenKillMenu => model.overlay = Overlay::Kill(kill_row(model.last_kill)),
        Action::OpenBrokerMenu => model.overlay = Overlay::Broker(broker_row(model, snapshot)),
        Action::OpenRemove => model.overlay = Overlay::Remove,
        Action::OpenHelp => model.overlay = Overlay::Help(0),
        Action::MenuPrevious => move_mark(&mut model.overlay, Way::Up),
        Action::MenuNext => move_mark(&mut model.overlay, Way::Down),
        Action::ScrollUp => scroll(model, snapshot, Way::Up),
        Action::ScrollDown => scroll(model, snapshot, Way::Down),
        Action::NextZoom => model.zoom = model.zoom.next(),
        Action::Close => escape(model),
        _ => {}
    }
    None
}

/// The line marked in a menu, as if its own key had been pressed.
fn pick(model: &mut Model, snapshot: &Snapshot) -> Option<Effect> {
    let action = match model.overlay {
        Overlay::Kill(row) => KillKind::ALL.get(usize::from(row)).copied().map(Action::Kill),
        Overlay::Broker(row) => BROKER_MENU.get(usize::from(row)).copied().map(Action::Broker),
        Overlay::Closed | Overlay::Remove | Overlay::Help(_) => None,
    };
    update(model, snapshot, action?)
}

fn selected(model: &Model, snapshot: &Snapshot) -> Option<WorkerId> {
    model.selected_worker(snapshot).map(|w| w.id)
}

fn close(model: &mut Model, command: Command) -> Option<Command> {
    model.overlay = Overlay::Closed;
    Some(command)
}

fn kill(model: &mut Model, snapshot: &Snapshot, kind: KillKind) -> Option<Command> {
    model.last_kill = kind;
    let id = selected(model, snapshot)?;
    close(model, Command::Kill(id, kind))
}

fn speed(model: &Model, snapshot: &Snapshot, way: Way) -> Option<Command> {
    let worker = model.selected_worker(snapshot)?;
    let wished = model.wished(|c| match *c {
        Command::SetSpeed(id, speed) if id == worker.id => Some(speed),
        _ => None,
    });
    steps::speed(wished.unwrap_or(worker.speed), way).map(|speed| Command::SetSpeed(worker.id, speed))
}

fn prefetch(model: &Model, snapshot: &Snapshot, way: Way) -> Option<Command> {
    let wished = model.wished(|c| {
        if let Command::SetPrefetch(p) = c {
            Some(*p)
        } else {
            None
        }
    });
    steps::prefetch(wished.unwrap_or(snapshot.settings.prefetch), way).map(Command::SetPrefetch)
}

fn rate(model: &Model, snapshot: &Snapshot, way: Way) -> Option<Command> {
    let wished = model.wished(|c| {
        if let Command::SetRate(rate) = c {
            Some(*rate)
        } else {
            None
        }
    });
    steps::rate(wished.unwrap_or(snapshot.settings.rate), way).map(Command::SetRate)
}

fn scale(model: &Model, snapshot: &Snapshot, way: Way) -> Option<Command> {
    let wished = model.wished(|c| {
        if let Command::SetScale(scale) = c {
            Some(*scale)
        } else {
            None
        }
    });
    steps::scale(wished.unwrap_or(snapshot.settings.scale), way).map(Command::SetScale)
}

fn toggle_ack(model: &Model, snapshot: &Snapshot) -> Command {
    let wished = model.wished(|c| if let Command::SetAck(ack) = c { Some(*ack) } else { None });
    Command::SetAck(match wished.unwrap_or(snapshot.settings.ack) {
        AckMode::Manual => AckMode::Automatic,
        AckMode::Automatic => AckMode::Manual,
    })
}

fn toggle_messages(model: &Model, snapshot: &Snapshot) -> Command {
    let wished = model.wished(|c| {
        if let Command::SetMessages(delivery) = c {
            Some(*delivery)
        } else {
            None
        }
    });
    Command::SetMessages(match wished.unwrap_or(snapshot.settings.messages) {
        Delivery::Persistent => Delivery::Transient,
        Delivery::Transient => Delivery::Persistent,
    })
}

fn toggle_queue(model: &Model, snapshot: &Snapshot) -> Command {
    let wished = model.wished(|c| {
        if let Command::SetQueue(queue) = c {
            Some(*queue)
        } else {
            None
        }
    });
    Command::SetQueue(match wished.unwrap_or(snapshot.settings.queue) {
        QueueKind::Durable => QueueKind::Transient,
        QueueKind::Transient => QueueKind::Durable,
    })
}

fn toggle_confirms(model: &Model, snapshot: &Snapshot) -> Command {
    let wished = model.wished(|c| {
        if let Command::SetConfirms(confirms) = c {
            Some(*confirms)
        } else {
            None
        }
    });
    Command::SetConfirms(match wished.unwrap_or(snapshot.settings.confirms) {
        Confirms::On => Confirms::Off,
        Confirms::Off => Confirms::On,
    })
}

fn toggle_producer(model: &Model, snapshot: &Snapshot) -> Command {
    let wished = model.wished(|c| {
        if let Command::Produce(producing) = c {
            Some(*producing)
        } else {
            None
        }
    });
    Command::Produce(match wished.unwrap_or(snapshot.producer.producing) {
        Producing::On => Producing::Held,
        Producing::Held => Producing::On,
    })
}

fn toggle_pause(model: &Model, snapshot: &Snapshot) -> Command {
    let wished = model.wished(|c| match c {
        Command::Pause => Some(Pace::Paused),
        Command::Resume => Some(Pace::Running),
        _ => None,
    });
    match wished.unwrap_or(snapshot.clock.pace) {
        Pace::Running => Command::Pause,
        Pace::Paused => Command::Resume,
    }
}

fn workload(model: &Model, snapshot: &Snapshot) -> Workload {
    let wished = model.wished(|c| {
        if let Command::SetWorkload(workload) = c {
            Some(*workload)
        } else {
            None
        }
    });
    wished.unwrap_or(snapshot.settings.workload)
}

fn next_sizes(model: &Model, snapshot: &Snapshot) -> Command {
    let now = workload(model, snapshot);
    Command::SetWorkload(Workload {
        sizes: steps::next_sizes(now.sizes),
        ..now
    })
}

fn next_arrivals(model: &Model, snapshot: &Snapshot) -> Command {
    let now = workload(model, snapshot);
    Command::SetWorkload(Workload {
        arrivals: steps::next_arrivals(now.arrivals),
        ..now
    })
}

fn select(model: &mut Model, snapshot: &Snapshot, row: usize) {
    if let Some(worker) = snapshot.workers.get(row) {
        model.selected = worker.id;
    }
}

fn select_exactly(model: &mut Model, snapshot: &Snapshot, row: usize) {
    if row >= snapshot.workers.len() {
        model.say(words::no_such_row(row + 1, snapshot.workers.len()));
    }
    select(model, snapshot, row);
}

fn kill_row(kind: KillKind) -> u16 {
    let row = KillKind::ALL.iter().position(|&k| k == kind);
    row.and_then(|row| u16::try_from(row).ok()).unwrap_or(0)
}

/// The first line that can be done now.
fn broker_row(model: &Model, snapshot: &Snapshot) -> u16 {
    let can = |command: &BrokerCommand| why_not(Action::Broker(*command), model, snapshot).is_none();
    BROKER_MENU
        .iter()
        .position(can)
        .and_then(|row| u16::try_from(row).ok())
        .unwrap_or(0)
}

fn move_mark(overlay: &mut Overlay, way: Way) {
    let (row, rows) = match overlay {
        Overlay::Kill(row) => (row, KillKind::ALL.len()),
        Overlay::Broker(row) => (row, BROKER_MENU.len()),
        Overlay::Closed | Overlay::Remove | Overlay::Help(_) => return,
    };
    let last = u16::try_from(rows).unwrap_or(u16::MAX).saturating_sub(1);
    *row = match way {
        Way::Up => row.saturating_sub(1),
        Way::Down => (*row + 1).min(last),
    };
}

/// Lines that one press scrolls.
const SCROLL: u16 = 4;

fn scroll(model: &mut Model, snapshot: &Snapshot, way: Way) {
    let lines = u16::try_from(snapshot.log.len()).unwrap_or(u16::MAX);
    match (&mut model.overlay, way) {
        (Overlay::Help(top), Way::Up) => *top = top.saturating_sub(SCROLL),
        (Overlay::Help(top), Way::Down) => {
            *top = top
                .saturating_add(SCROLL)
                .min(super::view::help_scroll_limit(model.size))
        }
        (_, Way::Up) => model.log_back = model.log_back.saturating_add(SCROLL).min(lines.saturating_sub(1)),
        (_, Way::Down) => model.log_back = model.log_back.saturating_sub(SCROLL),
    }
}

fn escape(model: &mut Model) {
    if model.overlay == Overlay::Closed {
        model.log_back = 0;
    }
    model.overlay = Overlay::Closed;
}
