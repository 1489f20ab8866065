//! The broker's end: what survives, and what the books say of the rest.

use super::super::command::{BrokerCommand, Command, KillKind, Producing};
use super::super::event::{Cause, Entry, Happening};
use super::super::ids::WorkerId;
use super::super::settings::{
    AckMode, Arrivals, Confirms, Delivery, Prefetch, QueueKind, Settings, Sizes, Speed, Workload,
};
use super::super::snapshot::{Balance, BrokerState, WorkerState};
use super::super::wire::{Seen, Survivors};
use super::world::{Manner, World};

fn settings(queue: QueueKind, messages: Delivery) -> Settings {
    Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(1),
        queue,
        messages,
        confirms: Confirms::On,
        workload: Workload {
            sizes: Sizes::Equal,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

/// Ten jobs: two are done, two in hand, six wait.
fn loaded(settings: Settings, manner: Manner) -> World {
    let mut world = World::new(settings);
    world.manner = manner;
    let mut world = world.started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(10));
    world.run_s(3);
    assert_eq!((world.snapshot().books.done, world.snapshot().books.hand), (2, 2));
    world
}

#[test]
fn only_persistent_messages_in_a_durable_queue_survive() {
    let rows = [
        (QueueKind::Durable, Delivery::Persistent, None),
        (
            QueueKind::Durable,
            Delivery::Transient,
            Some(Cause::BrokerTransientMessage),
        ),
        (
            QueueKind::Transient,
            Delivery::Persistent,
            Some(Cause::BrokerTransientQueue),
        ),
        (
            QueueKind::Transient,
            Delivery::Transient,
            Some(Cause::BrokerTransientQueue),
        ),
    ];
    for (queue, messages, cause) in rows {
        for manner in [Manner::Open, Manner::Closed] {
            for end in [BrokerCommand::Kill, BrokerCommand::Stop] {
                let case = format!("{queue} queue, {messages} messages, {manner:?}, {end}");
                let mut world = loaded(settings(queue, messages), manner);
                world.command(Command::Broker(end));
                world.run_s(1);
                assert_eq!(world.snapshot().broker.state, BrokerState::Ended, "{case}");
                assert!(world.snapshot().workers.iter().all(|w| w.state == WorkerState::Waiting));
                assert_eq!(world.snapshot().books.waiting, 8, "{case}: not known yet");
                world.command(Command::Broker(BrokerCommand::Start));
                world.run_s(30);
                let books = world.snapshot().books;
                let lost = if cause.is_some() { 8 } else { 0 };
                assert_eq!((books.done, books.lost), (10 - lost, lost), "{case}");
                assert_eq!(books.balance, Balance::Balanced, "{case}");
                let told = world.happened(|h| matches!(h, Happening::Lost { why, .. } if Some(*why) == cause));
                assert_eq!(told, usize::from(cause.is_some()), "{case}");
                assert_eq!(world.replayed(), *world.lab.ledger());
            }
        }
    }
}

#[test]
fn auto_acked_jobs_die_with_the_lines() {
    let mut world = loaded(
        Settings {
            ack: AckMode::Automatic,
            ..settings(QueueKind::Durable, Delivery::Persistent)
        },
        Manner::Open,
    );
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_s(1);
    let books = world.snapshot().books;
    assert_eq!((books.lost, books.waiting, books.done), (8, 0, 2));
}

#[test]
fn killed_workers_stay_killed_over_a_restart() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.kill(1, KillKind::Reset);
    world.run_s(1);
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_s(1);
    world.command(Command::Broker(BrokerCommand::Start));
    world.run_s(2);
    assert!(matches!(world.row(1).state, WorkerState::Gone(..)));
    assert_eq!(world.row(2).state, WorkerState::Consuming);
    world.command(Command::Revive(WorkerId(1)));
    world.run_s(30);
    assert_eq!(world.snapshot().books.done, 10);
}

#[test]
fn finished_job_whose_ack_was_forgotten_is_done_again() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_s(1);
    let everything = (1..=10).map(super::super::JobId).collect();
    world.feed_seen(Seen::BrokerUp(Survivors::Known(everything)));
    let books = world.snapshot().books;
    assert_eq!((books.done, books.waiting), (0, 10));
    assert!(
        world
            .log()
            .iter()
            .any(|e| matches!(e, Entry::StillThere { count: 2, .. }))
    );
}

#[test]
fn job_that_the_broker_never_had_is_lost() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_s(1);
    let all_but_the_last = (3..=9).map(super::super::JobId).collect();
    world.feed_seen(Seen::BrokerUp(Survivors::Known(all_but_the_last)));
    let never = |e: &Entry| {
        matches!(
            e,
            Entry::Lost {
                why: Cause::BrokerNeverHad,
                count: 1,
                ..
            }
        )
    };
    assert!(world.log().iter().any(never));
}

#[test]
fn broker_that_could_not_be_started_is_told_and_can_be_started_again() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_s(1);
    world.feed_seen(Seen::BrokerStartFailed("the port is taken".into()));
    assert!(
        world
            .log()
            .contains(&Entry::BrokerStartFailed("the port is taken".into()))
    );
    assert_eq!(world.snapshot().broker.state, BrokerState::Ended);
    world.command(Command::Broker(BrokerCommand::Start));
    world.run_s(30);
    assert_eq!(world.snapshot().books.done, 10);
    assert_eq!(world.replayed(), *world.lab.ledger());
}

#[test]
fn job_that_never_left_is_refused_unless_the_survivors_will_tell() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.feed_seen(Seen::NeverSent(super::super::JobId(10)));
    let books = world.snapshot().books;
    assert_eq!((books.returned, books.waiting), (1, 5));
    world.command(Command::Broker(BrokerCommand::Kill));
    world.feed_seen(Seen::NeverSent(super::super::JobId(9)));
    world.run_s(1);
    world.feed_seen(Seen::NeverSent(super::super::JobId(8)));
    assert_eq!(world.snapshot().books.returned, 1);
    let there = (3..=7).map(super::super::JobId).collect();
    world.feed_seen(Seen::BrokerUp(Survivors::Known(there)));
    world.feed_seen(Seen::NeverSent(super::super::JobId(8)));
    let books = world.snapshot().books;
    assert_eq!((books.returned, books.lost, books.waiting), (1, 2, 5));
}

#[test]
fn producer_holds_while_a_broker_that_is_not_ours_is_away() {
    let mut world = World::new(settings(QueueKind::Durable, Delivery::Transient));
    world.manner = Manner::Closed;
    let mut world = world.started();
    world.run_s(10);
    world.feed_seen(Seen::BrokerDown("no answer".into()));
    let published = world.snapshot().books.published;
    world.run_s(10);
    assert_eq!(world.snapshot().books.published, published);
    assert_eq!(world.snapshot().broker.state, BrokerState::Away("no answer".into()));
    world.feed_seen(Seen::BrokerUp(Survivors::Unknown));
    world.feed_seen(Seen::ProducerUp);
    world.run_s(5);
    let snapshot = world.snapshot();
    assert!(
        (6..=8).contains(&(snapshot.books.published - published)),
        "no burst after the hold"
    );
    assert_eq!(snapshot.books.lost, 0, "it may never have been down");
    assert!(snapshot.workers.iter().all(|w| w.state == WorkerState::Consuming));
}

#[test]
fn broker_that_is_not_ours_is_left_alone() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.command(Command::Broker(BrokerCommand::Start));
    assert!(world.log().contains(&Entry::Declined("the broker is up".into())));
    world.command(Command::Broker(BrokerCommand::Kill));
    world.command(Command::Broker(BrokerCommand::Kill));
    assert!(
        world
            .log()
            .contains(&Entry::Declined("the broker is down already".into()))
    );
    world.run_s(1);
    world.command(Command::Reset);
    world.command(Command::Publish(1));
    let declined = world.log().iter().filter(|e| matches!(e, Entry::Declined(_))).count();
    assert_eq!(declined, 4);
}

#[test]
fn confirms_are_counted() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    let producer = world.snapshot().producer;
    assert_eq!((producer.confirmed, producer.unconfirmed), (10, 0));
    world.command(Command::Publish(3));
    assert_eq!(world.snapshot().producer.unconfirmed, 3);
    world.command(Command::SetConfirms(Confirms::Off));
    world.run_s(1);
    world.command(Command::Publish(3));
    world.run_s(1);
    let producer = world.snapshot().producer;
    assert_eq!(
        (producer.published, producer.confirmed, producer.unconfirmed),
        (16, 13, 0)
    );
}

#[test]
fn workers_whose_lines_went_come_back_when_the_broker_was_not_ended_after_all() {
    let mut world = loaded(settings(QueueKind::Durable, Delivery::Persistent), Manner::Open);
    world.broker.stubborn = true;
    world.command(Command::Broker(BrokerCommand::Kill));
    world.break_line(1);
    world.run_s(1);
    assert_eq!(world.row(1).state, WorkerState::Waiting);
    assert_eq!(world.row(2).state, WorkerState::Consuming);
    world.feed_seen(Seen::BrokerEndFailed("the command failed".into()));
    world.run_s(30);
    assert_eq!(world.row(1).state, WorkerState::Consuming);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.balance), (10, Balance::Balanced));
}
