//! What settings mean, and small refusals.

use super::super::command::Command;
use super::super::event::Entry;
use super::super::ids::WorkerId;
use super::super::insight::{Insight, Severity};
use super::super::settings::{AckMode, Confirms, Delivery, Prefetch, QueueKind, Settings, Speed};
use super::super::wire::{RefusedSetting, Seen};
use super::world::World;

/// What is told of the settings alone.
fn told(settings: Settings) -> Vec<Insight> {
    let insights = World::new(settings).snapshot().insights;
    let all = insights.into_iter().map(|p| p.insight);
    all.filter(|i| i.severity() != Severity::Verdict).collect()
}

#[test]
fn settings_without_effect_are_named() {
    let base = Settings {
        confirms: Confirms::On,
        ..Settings::default()
    };
    assert_eq!(told(base.clone()), []);
    let with = |change: fn(&mut Settings)| {
        let mut settings = base.clone();
        change(&mut settings);
        told(settings)
    };
    let auto = with(|s| {
        s.ack = AckMode::Automatic;
        s.prefetch = Prefetch(1);
    });
    assert_eq!(auto, [Insight::PrefetchWithoutAcks(Prefetch(1))]);
    assert_eq!(with(|s| s.ack = AckMode::Automatic), []);
    assert_eq!(
        with(|s| s.messages = Delivery::Transient),
        [Insight::DurableQueueTransientMessages]
    );
    assert_eq!(
        with(|s| s.queue = QueueKind::Transient),
        [Insight::PersistentMessagesTransientQueue]
    );
    assert_eq!(with(|s| s.confirms = Confirms::Off), [Insight::PersistentWithoutConfirms]);
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
