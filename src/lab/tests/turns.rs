//! Who gets how much, and what the picture says of it.

use super::super::command::{Command, Producing};
use super::super::event::{Change, Entry, Happening, PassedOver};
use super::super::ids::{Elapsed, JobId, WorkerId};
use super::super::lab::{Input, Lab};
use super::super::insight::Insight;
use super::super::settings::{
    AckMode, Arrivals, Prefetch, QueueKind, Rate, Settings, Sizes, Speed, TimeScale, Workload,
};
use super::super::snapshot::{Balance, BrokerRow, BrokerState, Control, Figure};
use super::super::wire::{NoRoom, Seen};
use super::world::{Manner, World};

fn odd_heavy(prefetch: u16) -> Settings {
    Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(prefetch),
        rate: Rate(60),
        workload: Workload {
            sizes: Sizes::OddHeavy,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

fn quiet(settings: Settings) -> World {
    let mut world = World::new(settings).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world
}

#[test]
fn without_prefetch_each_gets_half_and_one_is_idle_most_of_the_time() {
    let mut world = World::new(odd_heavy(0)).started();
    world.run_s(120);
    let (heavy, light) = (world.row(1), world.row(2));
    let taken = |w: &super::super::WorkerRow| w.done + w.tray_len + u32::from(w.hand.is_some());
    assert!(taken(&heavy).abs_diff(taken(&light)) <= 1);
    assert!(heavy.tray_len > 5, "{}", heavy.tray_len);
    assert_eq!(heavy.busy, Some(1000));
    assert!(light.busy.expect("time has passed") < 500, "{:?}", light.busy);
    assert_eq!(light.tray_len, 0);
}

#[test]
fn with_prefetch_one_nobody_is_idle_while_jobs_wait() {
    let mut world = World::new(odd_heavy(1)).started();
    world.run_s(120);
    let snapshot = world.snapshot();
    for worker in &snapshot.workers {
        assert!(
            worker.busy.expect("time has passed") > 850,
            "{}: {:?}",
            worker.id,
            worker.busy
        );
        assert_eq!(worker.tray_len, 0);
        assert!(worker.unacked <= 1);
    }
}

#[test]
fn exact_reasons_come_from_the_broker() {
    let mut world = quiet(odd_heavy(1));
    world.command(Command::Publish(1));
    world.run_us(10_000);
    world.command(Command::Publish(1));
    world.run_us(10_000);
    world.command(Command::Publish(1));
    world.run_until("job 2 is done and job 3 handed out", |s| {
        s.books.done == 1 && s.books.hand == 2
    });
    let passed_over = [(WorkerId(1), PassedOver::NoRoom(NoRoom::Full(1)))];
    assert!(world.log().contains(&Entry::Dispatched {
        job: JobId(3),
        to: WorkerId(2),
        passed_over: passed_over.into(),
    }));
    let dispatched = world
        .log()
        .iter()
        .filter(|e| matches!(e, Entry::Dispatched { .. }))
        .count();
    assert_eq!(dispatched, 3, "one line for each job");
}

#[test]
fn guessed_reasons_say_that_they_are_guesses() {
    let mut world = World::new(odd_heavy(1));
    world.manner = Manner::Closed;
    let mut world = world.started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(3));
    world.run_until("two are done", |s| s.books.done >= 1 && s.books.hand == 2);
    assert!(world.log().contains(&Entry::Dispatched {
        job: JobId(3),
        to: WorkerId(2),
        passed_over: [(WorkerId(1), PassedOver::SeemsFull(1))].into(),
    }));
}

#[test]
fn changed_prefetch_resubscribes_and_old_deliveries_stay() {
    let mut world = quiet(odd_heavy(0));
    world.command(Command::Publish(12));
    world.run_us(10_000);
    assert_eq!(world.row(1).unacked, 6);
    world.command(Command::SetPrefetch(Prefetch(1)));
    world.run_us(10_000);
    let snapshot = world.snapshot();
    let over = Insight::OverLimit {
        worker: WorkerId(1),
        unacked: 6,
        limit: Prefetch(1),
    };
    assert!(world.tells(over), "{:?}", snapshot.insights);
    assert!(world.log().contains(&Entry::Changed(Change::Prefetch(Prefetch(1)))));
    world.command(Command::Publish(10));
    world.run_until("all is done", |s| s.books.done == 22);
    let snapshot = world.snapshot();
    assert!(!snapshot.insights.iter().any(|p| p.insight.is_like(&over)));
    assert_eq!((snapshot.books.twice, snapshot.queue.redelivered), (0, 0));
}

#[test]
fn switched_ack_mode_leaves_old_deliveries_as_they_were() {
    let mut world = quiet(odd_heavy(0));
    world.command(Command::Publish(4));
    world.run_us(10_000);
    world.command(Command::SetAck(AckMode::Automatic));
    world.run_us(10_000);
    world.command(Command::Publish(4));
    world.run_us(10_000);
    assert_eq!(world.row(1).unacked, 2);
    assert_eq!(world.row(1).tray_len, 3);
    world.run_until("all is done", |s| s.books.done == 8);
    assert_eq!(world.happened(|h| matches!(h, Happening::Acked(..))), 4);
    assert_eq!(world.row(1).unacked, 0);
}

#[test]
fn switched_queue_leaves_jobs_elsewhere() {
    let mut world = quiet(odd_heavy(1));
    world.command(Command::Publish(6));
    world.run_us(10_000);
    world.command(Command::SetQueue(QueueKind::Transient));
    world.run_s(10);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.elsewhere, 4);
    assert!(world.tells(Insight::JobsElsewhere(4)));
    assert!(world.tells(Insight::PersistentMessagesTransientQueue));
    assert_eq!(snapshot.books.balance, Balance::Balanced);
    world.command(Command::SetQueue(QueueKind::Durable));
    world.run_until("the others are done too", |s| s.books.done == 6);
}

#[test]
fn hoarding_is_noticed() {
    let mut world = quiet(Settings {
        speeds: vec![Speed(1000)],
        ..odd_heavy(0)
    });
    world.command(Command::Publish(9));
    world.run_us(10_000);
    world.command(Command::AddWorker(Speed(1000)));
    world.run_s(3);
    let hoarding = Insight::Hoarding {
        worker: WorkerId(1),
        tray: 8,
        idle: WorkerId(2),
    };
    assert!(world.tells(hoarding), "{:?}", world.snapshot().insights);
}

#[test]
fn speed_changed_in_mid_job_keeps_the_work_done() {
    let mut world = quiet(odd_heavy(0));
    world.command(Command::Publish(1));
    world.run_us(2_500_500);
    let before = world.row(1).hand.expect("job 1 is in hand").progress;
    assert!((495..=505).contains(&before), "{before}");
    world.command(Command::SetSpeed(WorkerId(1), Speed(10_000)));
    assert_eq!(world.row(1).hand.expect("it still is").progress, before);
    world.run_us(260_000);
    assert_eq!(world.row(1).done, 1);
}

#[test]
fn step_does_the_next_thing_and_just_that() {
    let mut world = World::new(odd_heavy(1)).started();
    world.run_s(1);
    world.command(Command::Pause);
    let steps: Vec<(u32, u32)> = (0..12)
        .map(|_| {
            world.run_us(10_000);
            let before = world.snapshot();
            world.command(Command::Step);
            let after = world.snapshot();
            (
                after.books.published - before.books.published,
                after.workers.iter().map(|w| w.done).sum::<u32>() - before.workers.iter().map(|w| w.done).sum::<u32>(),
            )
        })
        .collect();
    for step in &steps {
        assert!(matches!(step, (1, 0) | (0, 1)), "{steps:?}");
    }
    assert!(steps.contains(&(0, 1)), "{steps:?}");
    let standing = world.snapshot().clock;
    world.run_s(5);
    assert_eq!(world.snapshot().clock, standing);
}

#[test]
fn scale_speeds_up_everything() {
    let mut slow = World::new(odd_heavy(1)).started();
    let mut fast = World::new(odd_heavy(1)).started();
    slow.run_s(50);
    fast.command(Command::SetScale(TimeScale(10_000)));
    fast.run_s(5);
    let (a, b) = (slow.snapshot(), fast.snapshot());
    assert!(a.books.published.abs_diff(b.books.published) <= 1);
    assert!(a.books.done.abs_diff(b.books.done) <= 2);
}

#[test]
fn same_seed_gives_the_same_run() {
    let run = |seed_delays: Vec<u64>| {
        let settings = Settings {
            prefetch: Prefetch(1),
            workload: Workload {
                sizes: Sizes::HeavyTail,
                arrivals: Arrivals::Poisson,
            },
            ..Settings::default()
        };
        let mut world = World::new(settings).with_delays(seed_delays).started();
        world.run_s(60);
        let jobs = world.events.iter().filter_map(|e| match e.what {
            Happening::Published(p) => Some((e.lab, p.job)),
            _ => None,
        });
        jobs.collect::<Vec<_>>()
    };
    let (near, far) = (run(vec![100]), run(vec![40_000, 3_000]));
    assert_eq!(near, far, "what the network does moves no arrival");
}

#[test]
fn reset_gives_the_same_run_again() {
    let mut world = World::new(odd_heavy(1)).started();
    world.run_s(20);
    let first = world.snapshot();
    world.command(Command::Reset);
    world.run_until("zero", |s| s.books.published == 0);
    let began = world.now;
    world.run_until("the clock runs", |s| s.clock.now.0 > 0);
    assert!(world.now.0 - began.0 < 100_000);
    world.run_until("as far as before", |s| s.clock.now >= first.clock.now);
    let again = world.snapshot();
    assert_eq!(first.books.published, again.books.published);
    assert!(first.books.done.abs_diff(again.books.done) <= 1);
    assert_eq!(world.replayed(), *world.lab.ledger());
}

#[test]
fn a_loss_that_nobody_told_of_shows_in_the_balance() {
    let mut world = quiet(odd_heavy(1));
    world.command(Command::Publish(6));
    world.run_us(100_000);
    world.command(Command::Pause);
    world.drop_one_ready();
    world.run_s(1);
    assert_eq!(world.snapshot().books.balance, Balance::Settling);
    let version = world.lab.version();
    world.run_s(2);
    assert_eq!(world.snapshot().books.balance, Balance::Differs(-1));
    assert!(world.lab.version() > version);
    assert_eq!(world.snapshot().queue.ready, Figure::Exact(3));
    assert_eq!(world.snapshot().queue.waiting, 4);
}

#[test]
fn lab_that_was_stopped_does_not_catch_up_with_all_of_it() {
    let mut world = World::new(Settings {
        rate: Rate(1000),
        ..odd_heavy(1)
    })
    .started();
    world.run_s(10);
    let before = world.snapshot();
    world.stand_still_s(600);
    let after = world.snapshot();
    let published = after.books.published - before.books.published;
    assert!((18..=22).contains(&published), "two seconds' worth, not {published}");
    let lab_us = after.clock.now.0 - before.clock.now.0;
    assert!((1_900_000..=2_200_000).contains(&lab_us), "{lab_us}");
    assert_eq!(world.replayed(), *world.lab.ledger());
}

#[test]
fn one_step_does_a_bounded_number_of_things() {
    let settings = Settings {
        rate: Rate::MAX,
        scale: TimeScale::MAX,
        ..odd_heavy(1)
    };
    let broker = BrokerRow {
        name: "none".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("there is none"),
        version: None,
    };
    let mut lab = Lab::new(settings, broker);
    let mut out = Vec::new();
    lab.start(Elapsed(0), &mut out);
    lab.handle(Elapsed(0), Input::Seen(Seen::ProducerUp), &mut out);
    lab.handle(Elapsed(3_000_000), Input::Tick, &mut out);
    assert_eq!(lab.snapshot(Elapsed(3_000_000)).books.published, 0);
    lab.handle(Elapsed(4_000_000), Input::Tick, &mut out);
    let published = lab.snapshot(Elapsed(4_000_000)).books.published;
    assert!((10_000..10_200).contains(&published), "{published} of 100,000");
}
