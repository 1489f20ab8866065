//! Limits: of a consumer, by `basic.qos` alone, and of a queue, for how often a message may come back.

use super::super::command::{Command, KillKind, Producing};
use super::super::event::{Burial, Entry, Happening};
use super::super::ids::{JobId, WorkerId};
use super::super::insight::Insight;
use super::super::settings::{Arrivals, DeliveryLimit, Habit, Prefetch, QueueType, Settings, Sizes, Speed, Workload};
use super::super::snapshot::Balance;
use super::world::World;

const W1: WorkerId = WorkerId(1);

fn settings(workers: usize, prefetch: u16) -> Settings {
    Settings {
        speeds: vec![Speed(1000); workers],
        prefetch: Prefetch(prefetch),
        workload: Workload {
            sizes: Sizes::Equal,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

fn limited(limit: u16, workers: usize, prefetch: u16) -> Settings {
    Settings {
        queue_type: QueueType::Quorum(DeliveryLimit(limit)),
        ..settings(workers, prefetch)
    }
}

fn held(settings: Settings) -> World {
    let mut world = World::new(settings).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world
}

fn prefetches(world: &World) -> Vec<Option<u16>> {
    let rows = world.snapshot().workers;
    rows.iter().map(|row| row.prefetch.map(|prefetch| prefetch.0)).collect()
}

fn subscriptions(world: &World) -> usize {
    world.happened(|what| matches!(what, Happening::Subscribed(..)))
}

#[test]
fn qos_alone_holds_for_consumers_that_start_after_it() {
    let mut world = held(settings(2, 0));
    let before = subscriptions(&world);
    world.command(Command::SetQos(Prefetch(1)));
    world.run_s(1);
    assert_eq!(subscriptions(&world), before, "nobody subscribed anew");
    assert_eq!(prefetches(&world), [Some(0), Some(0)]);
    let told = Insight::QosForNewOnly {
        worker: W1,
        has: Prefetch(0),
        limit: Prefetch(1),
        workers: 2,
    };
    assert!(world.tells(told), "{:?}", world.snapshot().insights);

    world.kill(1, KillKind::Reset);
    world.run_s(1);
    world.command(Command::Revive(W1));
    world.command(Command::AddWorker(Speed(1000)));
    world.run_s(1);
    assert_eq!(prefetches(&world), [Some(1), Some(0), Some(1)]);
    world.command(Command::Publish(9));
    world.run_us(100_000);
    let rows = world.snapshot().workers;
    let unacked: Vec<u32> = rows.iter().map(|row| row.unacked).collect();
    assert_eq!(unacked, [1, 7, 1], "only the one from before takes more than one");
}

#[test]
fn the_prefetch_key_reaches_those_that_qos_alone_did_not() {
    let mut world = held(settings(2, 0));
    world.command(Command::SetQos(Prefetch(5)));
    world.run_s(1);
    assert_eq!(prefetches(&world), [Some(0), Some(0)]);
    world.command(Command::SetPrefetch(Prefetch(5)));
    world.run_s(1);
    assert_eq!(prefetches(&world), [Some(5), Some(5)]);
    let told = world.snapshot().insights;
    let qos = |insight: &Insight| matches!(insight, Insight::QosForNewOnly { .. });
    assert!(!told.iter().any(|present| qos(&present.insight)), "{told:?}");
}

#[test]
fn a_job_that_comes_back_too_often_is_dead_and_the_books_balance() {
    let mut world = held(limited(2, 1, 1));
    world.command(Command::SetHabit(W1, Habit::Requeues));
    world.command(Command::Publish(1));
    world.run_until("it is dead", |s| s.books.dead == 1);
    let job = JobId(1);
    let entry = Entry::Buried {
        job,
        why: Burial::DeliveryLimit,
    };
    assert!(world.log().contains(&entry), "{:?}", world.log());
    let deliveries = world.happened(|what| matches!(what, Happening::Delivered(..)));
    assert_eq!(deliveries, 3, "once, and twice more");
    assert!(world.tells(Insight::DeliveryLimit { job, jobs: 1 }));
    world.run_s(5);
    assert_eq!(world.snapshot().books.balance, Balance::Balanced);
}

#[test]
fn a_burial_is_believed_when_its_holder_is_known_to_be_down_whatever_is_heard_first() {
    for delays in [vec![500], vec![40_000, 500], vec![500, 40_000, 5_000]] {
        let mut world = World::new(limited(1, 2, 3)).with_delays(delays.clone()).started();
        world.command(Command::Produce(Producing::Held));
        world.run_s(1);
        world.command(Command::Publish(6));
        world.run_us(300_000);
        for round in 0..3 {
            world.kill(1 + round % 2, KillKind::Reset);
            world.run_us(300_000);
            world.command(Command::Revive(WorkerId(1 + round % 2)));
            world.run_us(300_000);
        }
        world.run_until("nothing is under way", |s| {
            s.books.done + s.books.dead == s.books.published
        });
        let books = world.snapshot().books;
        assert!(books.dead > 0, "{delays:?}: {books:?}");
        world.run_s(3);
        assert_eq!(world.snapshot().books.balance, Balance::Balanced, "{delays:?}");
        let replayed = world.replayed().books(world.now);
        assert_eq!(replayed.dead, books.dead, "{delays:?}");
    }
}
