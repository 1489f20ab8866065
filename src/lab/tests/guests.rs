//! Guests: what the broker tells of them becomes rows, fates and words, and the books balance.

use super::super::command::{BrokerCommand, Command, KillKind, Producing};
use super::super::event::{Breakage, Cause, Happening};
use super::super::guest::{GuestEnd, GuestKey, GuestSeen};
use super::super::ids::{DeliveryTag, JobId, WorkerId};
use super::super::settings::{AckMode, Habit, Prefetch, QueueKind, Settings, Speed};
use super::super::snapshot::{Books, GoneHow, Toll, WorkerRow, WorkerState};
use super::super::wire::{Delivered, Dispatched, NoRoom, Seen, Subscription};
use super::world::World;

const W2: WorkerId = WorkerId(2);
const ALICE: GuestKey = GuestKey(1);
const BOB: GuestKey = GuestKey(2);

fn subscription(ack: AckMode) -> Subscription {
    Subscription {
        queue: QueueKind::Durable,
        prefetch: Prefetch(1),
        ack,
    }
}

fn came(guest: GuestKey, name: &str) -> GuestSeen {
    GuestSeen::Came {
        guest,
        name: name.into(),
        subscription: subscription(AckMode::Manual),
    }
}

fn handed(guest: GuestKey, job: u32, redelivered: bool) -> GuestSeen {
    handed_as(guest, job, redelivered, AckMode::Manual)
}

fn handed_as(guest: GuestKey, job: u32, redelivered: bool, ack: AckMode) -> GuestSeen {
    let delivered = Delivered {
        job: JobId(job),
        dots: 3,
        tag: DeliveryTag(job.into()),
        redelivered,
        ack,
    };
    GuestSeen::Dispatched {
        to: Some((guest, delivered)),
        dispatched: Dispatched {
            job: JobId(job),
            to: None,
            ack,
            passed_over: Vec::new(),
        },
        passed_over: Vec::new(),
    }
}

/// One worker of the lab, and that many jobs that wait since it is killed.
fn waiting(jobs: u32) -> World {
    let settings = Settings {
        speeds: vec![Speed(1000)],
        prefetch: Prefetch(1),
        ..Settings::default()
    };
    let mut world = World::new(settings).started();
    world.command(Command::Produce(Producing::Held));
    world.kill(1, KillKind::CloseConnection);
    world.run_s(1);
    world.command(Command::Publish(jobs));
    world.run_s(1);
    world
}

fn with(world: &mut World, all: impl IntoIterator<Item = GuestSeen>) {
    for seen in all {
        world.feed_seen(Seen::Guest(seen));
    }
}

fn books(world: &World) -> [u32; 6] {
    let Books {
        waiting,
        tray,
        hand,
        done,
        dead,
        lost,
        ..
    } = world.snapshot().books;
    [waiting, tray, hand, done, dead, lost]
}

fn log(world: &World) -> Vec<String> {
    world.log().iter().map(ToString::to_string).collect()
}

fn held(row: &WorkerRow) -> (Option<u32>, Vec<u32>, u32) {
    let tray = row.tray.iter().map(|job| job.0).collect();
    (row.hand.map(|hand| hand.job.0), tray, row.unacked)
}

#[test]
fn guest_is_a_row_with_a_name_that_holds_what_it_was_handed() {
    let mut world = waiting(3);
    with(
        &mut world,
        [came(ALICE, "ALICE"), handed(ALICE, 1, false), handed(ALICE, 2, false)],
    );
    let row = world.row(2);
    assert_eq!(row.guest.as_deref(), Some("ALICE"));
    assert_eq!(held(&row), (Some(1), vec![2], 2));
    assert_eq!(books(&world), [1, 1, 1, 0, 0, 0]);
    assert!(log(&world).contains(&"W2 ALICE consumes: a guest".to_owned()));
    // However long she takes, nobody but her finishes it.
    world.run_s(100);
    assert_eq!(held(&world.row(2)), (Some(1), vec![2], 2));
}

#[test]
fn what_a_guest_settles_is_done_dead_or_back() {
    let rows: [(GuestSeen, [u32; 6]); 4] = [
        (GuestSeen::Acked(ALICE, vec![JobId(1)]), [0, 0, 1, 1, 0, 0]),
        // Out of turn, from the tray.
        (GuestSeen::Acked(ALICE, vec![JobId(2)]), [0, 0, 1, 1, 0, 0]),
        (GuestSeen::Rejected(ALICE, vec![JobId(1)]), [0, 0, 1, 0, 1, 0]),
        (GuestSeen::GaveBack(ALICE, vec![JobId(2), JobId(1)]), [2, 0, 0, 0, 0, 0]),
    ];
    for (seen, want) in rows {
        let mut world = waiting(2);
        with(
            &mut world,
            [
                came(ALICE, "ALICE"),
                handed(ALICE, 1, false),
                handed(ALICE, 2, false),
                seen.clone(),
            ],
        );
        assert_eq!(books(&world), want, "{seen:?}");
        // What is not in her hands any more can't be settled twice.
        with(&mut world, [seen.clone()]);
        assert_eq!(books(&world), want, "{seen:?} again");
    }
}

#[test]
fn what_is_sent_with_automatic_ack_is_done() {
    let mut world = waiting(1);
    with(
        &mut world,
        [came(ALICE, "ALICE"), handed_as(ALICE, 1, false, AckMode::Automatic)],
    );
    assert_eq!(books(&world), [0, 0, 0, 1, 0, 0]);
    with(&mut world, [GuestSeen::Ended(ALICE, GuestEnd::Lost)]);
    assert_eq!(books(&world), [0, 0, 0, 1, 0, 0]);
}

#[test]
fn end_of_a_guest_gives_its_jobs_back_and_says_why() {
    let toll = Toll { back: 1, lost: 0 };
    let lost = |text: &str| WorkerState::Gone(GoneHow::Lost(text.into()), toll);
    let rows = [
        (
            GuestEnd::Lost,
            lost("gone without a goodbye"),
            "#1 back at its old place: W2's connection was lost",
        ),
        (
            GuestEnd::Silent,
            lost("heartbeats stayed away"),
            "#1 back at its old place: W2's heartbeats stayed away",
        ),
        (
            GuestEnd::ClosedConnection,
            WorkerState::Gone(GoneHow::Killed(KillKind::CloseConnection), toll),
            "#1 back at its old place: W2's connection was closed",
        ),
        (
            GuestEnd::ClosedChannel,
            WorkerState::ChannelClosed(toll),
            "#1 back at its old place: W2's channel was closed",
        ),
        (
            GuestEnd::Refused("406 PRECONDITION_FAILED".into()),
            WorkerState::Gone(GoneHow::Refused("406 PRECONDITION_FAILED".into()), toll),
            "#1 back at its old place: W2's connection was lost",
        ),
    ];
    for (end, state, line) in rows {
        let mut world = waiting(1);
        with(
            &mut world,
            [
                came(ALICE, "ALICE"),
                handed(ALICE, 1, false),
                GuestSeen::Ended(ALICE, end.clone()),
            ],
        );
        assert_eq!(books(&world), [1, 0, 0, 0, 0, 0], "{end:?}");
        assert_eq!(world.row(2).state, state, "{end:?}");
        assert!(log(&world).iter().any(|l| l == line), "{end:?}: {:?}", log(&world));
    }
}

#[test]
fn neighbour_gets_the_job_with_the_flag() {
    let mut world = waiting(1);
    with(
        &mut world,
        [
            came(ALICE, "ALICE"),
            came(BOB, "BOB"),
            handed(ALICE, 1, false),
            GuestSeen::Ended(ALICE, GuestEnd::Lost),
            handed(BOB, 1, true),
        ],
    );
    let bob = world.row(3);
    assert_eq!((held(&bob), bob.redelivered), ((Some(1), vec![], 1), 1));
    assert!(bob.hand.is_some_and(|hand| hand.redelivered));
    with(&mut world, [GuestSeen::Acked(BOB, vec![JobId(1)])]);
    assert_eq!(books(&world), [0, 0, 0, 1, 0, 0]);
    assert_eq!(world.row(3).done, 1);
}

#[test]
fn cancelled_guest_keeps_what_it_holds() {
    let mut world = waiting(1);
    with(
        &mut world,
        [
            came(ALICE, "ALICE"),
            handed(ALICE, 1, false),
            GuestSeen::Cancelled(ALICE),
        ],
    );
    assert_eq!(world.row(2).state, WorkerState::Cancelled);
    assert_eq!(held(&world.row(2)), (Some(1), vec![], 1));
    with(&mut world, [came(ALICE, "ALICE")]);
    assert_eq!(world.row(2).state, WorkerState::Consuming);
}

#[test]
fn guest_that_comes_back_has_its_old_row() {
    let mut world = waiting(0);
    with(
        &mut world,
        [came(ALICE, "ALICE"), GuestSeen::Ended(ALICE, GuestEnd::Lost)],
    );
    with(&mut world, [came(GuestKey(9), "BOB"), came(GuestKey(10), "ALICE")]);
    let names: Vec<_> = world.snapshot().workers.iter().map(|w| w.guest.clone()).collect();
    assert_eq!(names, [None, Some("ALICE".into()), Some("BOB".into())]);
    // The one is there, so the other of that name is someone else.
    with(&mut world, [came(GuestKey(11), "ALICE")]);
    assert_eq!(world.snapshot().workers.len(), 4);
}

#[test]
fn nobody_drives_a_guest() {
    let mut world = waiting(1);
    with(&mut world, [came(ALICE, "ALICE"), handed(ALICE, 1, false)]);
    let wishes = [
        (
            Command::Kill(W2, KillKind::Reset),
            "ALICE is a guest: only ALICE can pull that plug",
        ),
        (
            Command::Revive(W2),
            "ALICE is a guest, and comes back by itself or not at all",
        ),
        (Command::RemoveWorker(W2), "ALICE is a guest, and still there"),
        (
            Command::SetSpeed(W2, Speed(500)),
            "ALICE is a guest: how ALICE works is not the lab's to say",
        ),
        (
            Command::SetHabit(W2, Habit::Forgets),
            "ALICE is a guest: how ALICE works is not the lab's to say",
        ),
    ];
    for (wish, why) in wishes {
        world.command(wish);
        assert_eq!(log(&world).last().map(String::as_str), Some(why), "{wish:?}");
    }
    world.command(Command::RemoveWorker(WorkerId(1)));
    assert_eq!(log(&world).last().map(String::as_str), Some("the last worker stays"));
    with(&mut world, [GuestSeen::Ended(ALICE, GuestEnd::ClosedConnection)]);
    world.command(Command::RemoveWorker(W2));
    assert_eq!(world.snapshot().workers.len(), 1);
    // The next one to come is someone else.
    with(&mut world, [came(BOB, "BOB")]);
    assert_eq!(world.row(3).guest.as_deref(), Some("BOB"));
}

#[test]
fn job_that_a_worker_seems_to_have_still_waits_for_the_news_of_its_end() {
    let mut world = waiting(0);
    world.command(Command::Revive(WorkerId(1)));
    world.run_s(1);
    world.command(Command::Publish(1));
    world.run_us(300_000);
    assert_eq!(held(&world.row(1)).0, Some(1));
    // The broker found out before the lab did, and so did the guest.
    with(
        &mut world,
        [
            came(ALICE, "ALICE"),
            handed(ALICE, 1, true),
            GuestSeen::Acked(ALICE, vec![JobId(1)]),
            GuestSeen::Cancelled(ALICE),
        ],
    );
    assert_eq!(held(&world.row(1)).0, Some(1));
    assert_eq!(world.row(2).state, WorkerState::Consuming, "told in order");
    world.break_line(1);
    world.run_us(200_000);
    let row = world.row(2);
    assert_eq!((row.done, row.redelivered, row.state), (1, 1, WorkerState::Cancelled));
}

#[test]
fn decision_names_the_guests_that_had_no_room() {
    let mut world = waiting(2);
    with(
        &mut world,
        [came(ALICE, "ALICE"), came(BOB, "BOB"), handed(ALICE, 1, false)],
    );
    let GuestSeen::Dispatched { to, dispatched, .. } = handed(BOB, 2, false) else {
        unreachable!("it is one");
    };
    let passed_over = vec![(ALICE, NoRoom::Full(1))];
    with(
        &mut world,
        [GuestSeen::Dispatched {
            to,
            dispatched,
            passed_over,
        }],
    );
    let line = "#2 → W3  next in turn; W2 is full (1/1), W1 is gone";
    assert!(log(&world).iter().any(|l| l == line), "{:?}", log(&world));
}

#[test]
fn broker_takes_the_guests_with_it() {
    let mut world = waiting(1);
    with(&mut world, [came(ALICE, "ALICE"), handed(ALICE, 1, false)]);
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_s(1);
    let broke =
        |what: &Happening| matches!(what, Happening::Broke(W2, Breakage::Lost(why)) if **why == *"the broker ended");
    assert_eq!(world.happened(broke), 1);
    let back = |what: &Happening| {
        matches!(
            what,
            Happening::WentBack {
                from: W2,
                why: Cause::BrokerEnded,
                ..
            }
        )
    };
    assert_eq!(world.happened(back), 1);
    world.command(Command::Broker(BrokerCommand::Start));
    world.run_s(1);
    with(&mut world, [came(BOB, "ALICE")]);
    assert_eq!(world.row(2).state, WorkerState::Consuming);
}

#[test]
fn back_at_zero_the_guests_that_are_there_are_still_there() {
    let mut world = waiting(2);
    with(
        &mut world,
        [
            came(ALICE, "ALICE"),
            came(BOB, "BOB"),
            handed(ALICE, 1, false),
            GuestSeen::Ended(BOB, GuestEnd::ClosedConnection),
        ],
    );
    world.command(Command::Reset);
    world.run_s(1);
    let rows = world.snapshot().workers;
    let names: Vec<_> = rows.iter().map(|w| w.guest.as_deref()).collect();
    assert_eq!(names, [None, Some("ALICE")]);
    assert_eq!(held(&rows[1]), (None, vec![], 0));
    assert_eq!(world.replayed(), *world.lab.ledger());
}
