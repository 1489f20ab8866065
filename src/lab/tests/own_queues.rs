//! A queue for each worker: every message is a job for each of them.

use super::super::command::{Command, KillKind, Producing};
use super::super::event::Entry;
use super::super::ids::{JobId, WorkerId};
use super::super::insight::Insight;
use super::super::settings::{Arrivals, Confirms, Prefetch, QueueKind, Settings, Sharing, Sizes, Speed, Workload};
use super::super::snapshot::{Balance, Snapshot};
use super::world::World;

const W2: WorkerId = WorkerId(2);

fn world(workers: usize, messages: u32) -> World {
    let mut world = World::new(Settings {
        speeds: vec![Speed(1000); workers],
        prefetch: Prefetch(1),
        confirms: Confirms::On,
        sharing: Sharing::QueueEach,
        workload: Workload {
            sizes: Sizes::Random,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    })
    .started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(messages));
    world.run_us(100_000);
    world
}

fn done(snapshot: &Snapshot) -> Vec<u32> {
    snapshot.workers.iter().map(|row| row.done).collect()
}

#[test]
fn each_message_is_done_once_by_each_worker_and_confirmed_with_all_its_copies() {
    let mut world = world(3, 4);
    let books = world.snapshot().books;
    assert_eq!((books.published, world.snapshot().producer.confirmed), (12, 12));
    let hands = world.snapshot().workers;
    let hands: Vec<_> = hands
        .iter()
        .filter_map(|row| row.hand.map(|hand| (hand.job, hand.dots)))
        .collect();
    let dots = hands[0].1;
    assert_eq!(hands, [(JobId(1), dots), (JobId(2), dots), (JobId(3), dots)]);
    world.run_until("all are done", |s| s.books.done == 12);
    assert_eq!(done(&world.snapshot()), [4, 4, 4]);
    world.run_s(3);
    let end = world.snapshot();
    assert_eq!((end.books.balance, end.books.twice), (Balance::Balanced, 0));
}

#[test]
fn copies_in_a_dead_workers_queue_wait_for_it_and_nobody_is_said_to_starve() {
    let mut world = world(2, 4);
    world.kill(2, KillKind::Reset);
    world.run_until("W1 is through", |s| done(s) == [4, 0]);
    world.run_s(15);
    let snapshot = world.snapshot();
    let waiting: Vec<u32> = snapshot.workers.iter().map(|row| row.waiting).collect();
    assert_eq!((waiting, snapshot.queue.waiting), (vec![0, 4], 4));
    assert!(
        world.tells(Insight::WaitsForOne { worker: W2, jobs: 4 }),
        "{:?}",
        snapshot.insights
    );
    let other = |insight: &Insight| {
        matches!(
            insight,
            Insight::Starving { .. } | Insight::Hoarding { .. } | Insight::NobodyConsumes(_) | Insight::OldPlace { .. }
        )
    };
    let told = snapshot.insights.iter().map(|present| present.insight);
    let earlier = snapshot.earlier.iter().map(|earlier| earlier.insight);
    assert!(!told.chain(earlier).any(|insight| other(&insight)));
    for entry in world.log() {
        if let Entry::Dispatched { passed_over, .. } = entry {
            assert_eq!(passed_over.len(), 0, "nobody else could have got it");
        }
    }

    world.command(Command::Revive(W2));
    world.run_until("W2 is through", |s| done(s) == [4, 4]);
}

#[test]
fn what_would_change_who_has_a_queue_is_declined() {
    let mut world = world(2, 1);
    for command in [
        Command::AddWorker(Speed(1000)),
        Command::RemoveWorker(W2),
        Command::SetQueue(QueueKind::Transient),
        Command::PublishSample(1),
        Command::CrashTest(1),
    ] {
        let before = world.snapshot();
        world.command(command);
        let last = world.log().pop();
        assert!(matches!(last, Some(Entry::Declined(_))), "{command:?}: {last:?}");
        assert_eq!(world.snapshot().workers.len(), before.workers.len());
        assert_eq!(world.snapshot().books.published, before.books.published);
    }
}

#[test]
fn a_broker_that_ends_gives_each_worker_its_own_copies_again() {
    let mut world = world(2, 3);
    world.run_until("some is done", |s| s.books.done >= 2);
    world.command(Command::Broker(super::super::command::BrokerCommand::Kill));
    world.run_s(1);
    world.command(Command::Broker(super::super::command::BrokerCommand::Start));
    world.run_until("all is done", |s| s.books.done == 6);
    assert_eq!(world.snapshot().books.lost, 0);
}

#[test]
fn back_to_zero_there_are_as_many_copies_as_before() {
    let mut world = world(3, 2);
    world.command(Command::Reset);
    world.run_s(1);
    world.command(Command::Publish(2));
    world.run_us(100_000);
    assert_eq!(world.snapshot().books.published, 6);
    world.run_until("all are done", |s| s.books.done == 6);
}
