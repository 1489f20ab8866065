//! Notes and small refusals.

use super::super::command::Command;
use super::super::event::Entry;
use super::super::ids::WorkerId;
use super::super::note::Note;
use super::super::settings::{AckMode, Confirms, Delivery, Prefetch, QueueKind, Settings, Speed};
use super::super::wire::{RefusedSetting, Seen};
use super::world::World;

fn notes(settings: Settings) -> Vec<Note> {
    World::new(settings).snapshot().notes
}

#[test]
fn settings_without_effect_are_named() {
    let base = Settings {
        confirms: Confirms::On,
        ..Settings::default()
    };
    assert_eq!(notes(base.clone()), []);
    let with = |change: fn(&mut Settings)| {
        let mut settings = base.clone();
        change(&mut settings);
        notes(settings)
    };
    let auto = with(|s| {
        s.ack = AckMode::Automatic;
        s.prefetch = Prefetch(1);
    });
    assert_eq!(auto, [Note::PrefetchWithoutAcks]);
    assert_eq!(with(|s| s.ack = AckMode::Automatic), []);
    assert_eq!(
        with(|s| s.messages = Delivery::Transient),
        [Note::DurableQueueTransientMessages]
    );
    assert_eq!(
        with(|s| s.queue = QueueKind::Transient),
        [Note::PersistentMessagesTransientQueue]
    );
    assert_eq!(with(|s| s.confirms = Confirms::Off), [Note::PersistentWithoutConfirms]);
}

#[test]
fn refused_queue_stays_as_it_was() {
    let mut world = World::new(Settings::default()).started();
    world.run_s(1);
    world.command(Command::SetQueue(QueueKind::Transient));
    world.feed_seen(Seen::Refused {
        what: RefusedSetting::Queue(QueueKind::Transient),
        why: "this broker takes no transient queues".into(),
    });
    assert_eq!(world.snapshot().settings.queue, QueueKind::Durable);
    world.run_s(10);
    assert!(world.row(1).done > 0);
}

#[test]
fn what_can_not_be_is_declined_in_words() {
    let mut world = World::new(Settings::default()).started();
    world.run_s(1);
    let rows = [
        (Command::Step, "pause first, then step"),
        (Command::Revive(WorkerId(1)), "W1 is not killed"),
        (Command::RemoveWorker(WorkerId(9)), "there is no W9"),
        (Command::SetSpeed(WorkerId(9), Speed(1)), "there is no W9"),
    ];
    for (command, why) in rows {
        world.command(command);
        assert_eq!(world.log().last(), Some(&Entry::Declined(why.into())));
    }
    for _ in 0..70 {
        world.command(Command::AddWorker(Speed(1000)));
    }
    assert_eq!(world.snapshot().workers.len(), 64);
    assert_eq!(
        world.log().last(),
        Some(&Entry::Declined("64 workers are the most".into()))
    );
}
