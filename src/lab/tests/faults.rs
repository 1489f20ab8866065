//! A silent network, and programs that err.

use super::super::command::{Command, KillKind, Producing};
use super::super::event::{Cause, Entry, Happening};
use super::super::ids::{JobId, WorkerId};
use super::super::settings::{AckMode, Arrivals, Habit, Heartbeat, Prefetch, Settings, Sizes, Speed, Workload};
use super::super::snapshot::{Balance, GoneHow, Mark, Toll, WorkerState};
use super::world::World;

const W1: WorkerId = WorkerId(1);

fn settings(ack: AckMode, prefetch: u16) -> Settings {
    Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(prefetch),
        ack,
        workload: Workload {
            sizes: Sizes::Equal,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

/// Two workers, and that many jobs of two seconds.
fn with_jobs(settings: Settings, jobs: u32) -> World {
    let mut world = World::new(settings).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(jobs));
    world
}

fn with_habit(habit: Habit, ack: AckMode, prefetch: u16, jobs: u32) -> World {
    let mut world = World::new(settings(ack, prefetch)).started();
    world.command(Command::Produce(Producing::Held));
    world.command(Command::SetHabit(W1, habit));
    world.run_s(1);
    world.command(Command::Publish(jobs));
    world
}

fn lines(world: &World) -> Vec<String> {
    world.log().iter().map(ToString::to_string).collect()
}

#[test]
fn silent_worker_works_on_and_its_jobs_come_back_when_the_broker_finds_out() {
    let mut world = with_jobs(settings(AckMode::Manual, 0), 8);
    world.run_us(500_000);
    let since = world.snapshot().at;
    world.kill(1, KillKind::HalfOpen);
    assert_eq!(world.row(1).state, WorkerState::Silent(since, Heartbeat(2)));
    // Two jobs of two seconds are done before its own heartbeats run out, and the third is begun.
    world.run_us(4_900_000);
    let row = world.row(1);
    assert_eq!((row.done, row.unacked, row.tray_len), (2, 4, 1));
    assert!(row.hand.is_some());
    let books = world.snapshot().books;
    assert_eq!((books.done, books.waiting), (4, 0), "{books:?}");
    world.run_us(200_000);
    let toll = Toll { back: 4, lost: 0 };
    let silenced = GoneHow::Killed(KillKind::HalfOpen);
    assert_eq!(world.row(1).state, WorkerState::Gone(silenced, toll));
    world.run_s(30);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.twice, books.lost), (8, 2, 0), "{books:?}");
    assert_eq!(books.balance, Balance::Balanced);
    assert_eq!(world.row(1).done, 2);
    assert_eq!(world.replayed(), *world.lab.ledger());
    let marks: Vec<Mark> = world.row(1).timeline.iter().filter_map(|cell| cell.mark).collect();
    assert_eq!(marks, [Mark::Silenced, Mark::Killed]);
}

#[test]
fn log_tells_the_silence_and_what_came_of_it() {
    let mut world = with_jobs(settings(AckMode::Manual, 0), 4);
    world.kill(1, KillKind::HalfOpen);
    world.run_s(6);
    let said = lines(&world);
    let story = [
        "W1's network went silent: nobody is told, heartbeats have to run out",
        "#1 done by W1; its ack went nowhere",
        "W1 hears no heartbeat either, and stops; the broker still waits",
        "W1's line broke: heartbeats stayed away",
        "#1 #3 back at their old places: W1's heartbeats stayed away",
    ];
    let mut rest = said.iter();
    for line in story {
        assert!(rest.any(|said| said == line), "{line} is not in its place in {said:#?}");
    }
}

#[test]
fn what_was_acked_when_sent_is_lost_with_a_silent_worker() {
    let mut world = with_jobs(settings(AckMode::Automatic, 0), 8);
    world.run_us(500_000);
    world.kill(1, KillKind::HalfOpen);
    world.run_us(500_000);
    // It comes to the silent one by turns, and never arrives.
    world.command(Command::Publish(2));
    world.run_s(30);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.lost, books.twice), (7, 3, 0), "{books:?}");
    assert_eq!(books.balance, Balance::Balanced);
}

#[test]
fn what_is_sent_into_the_silence_is_not_a_difference_in_the_books() {
    let mut world = with_jobs(settings(AckMode::Manual, 0), 0);
    world.manner = super::world::Manner::Closed;
    world.kill(1, KillKind::HalfOpen);
    world.command(Command::Publish(6));
    for _ in 0..50 {
        world.run_us(100_000);
        let balance = world.snapshot().books.balance;
        assert!(!matches!(balance, Balance::Differs(_)), "{balance:?}");
    }
    world.run_s(20);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.twice), (6, 0), "{books:?}");
}

#[test]
fn revived_silent_worker_gets_a_new_line_at_once() {
    let mut world = with_jobs(settings(AckMode::Manual, 0), 8);
    world.run_us(500_000);
    world.kill(1, KillKind::HalfOpen);
    world.run_s(1);
    world.command(Command::Revive(W1));
    world.command(Command::Revive(W1));
    world.run_us(100_000);
    assert_eq!(world.row(1).state, WorkerState::Consuming);
    let why = Cause::Killed(KillKind::Reset);
    assert_eq!(
        world.happened(|what| matches!(what, Happening::WentBack { why: w, .. } if *w == why)),
        1
    );
    world.run_s(20);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.twice), (8, 0), "{books:?}");
}

#[test]
fn silent_worker_can_be_removed_and_the_broker_can_end() {
    let mut world = with_jobs(settings(AckMode::Manual, 0), 8);
    world.kill(1, KillKind::HalfOpen);
    world.run_s(1);
    world.command(Command::RemoveWorker(W1));
    world.run_s(20);
    let snapshot = world.snapshot();
    assert_eq!((snapshot.workers.len(), snapshot.books.done), (1, 8));

    let mut world = with_jobs(settings(AckMode::Manual, 0), 8);
    world.kill(1, KillKind::HalfOpen);
    world.run_s(1);
    world.command(Command::Broker(super::super::command::BrokerCommand::Kill));
    world.run_s(1);
    let silenced = GoneHow::Killed(KillKind::HalfOpen);
    let toll = Toll { back: 4, lost: 0 };
    assert_eq!(world.row(1).state, WorkerState::Gone(silenced, toll));
    assert!(lines(&world).contains(&"W1's line broke: the broker ended".to_owned()));
}

#[test]
fn silence_is_refused_where_it_could_not_be_found_out() {
    let mut off = settings(AckMode::Manual, 0);
    off.heartbeat = Heartbeat(0);
    let mut world = with_jobs(off, 0);
    world.kill(1, KillKind::HalfOpen);
    let why = "heartbeats are off: nobody would ever find out";
    assert_eq!(world.log().last(), Some(&Entry::Declined(why.into())));
    assert_eq!(world.row(1).state, WorkerState::Consuming);

    let mut world = with_jobs(settings(AckMode::Manual, 0), 0);
    world.kill(1, KillKind::HalfOpen);
    for kind in KillKind::ALL {
        world.kill(1, kind);
        let why = "W1 is cut off already: nothing it does arrives";
        assert_eq!(world.log().last(), Some(&Entry::Declined(why.into())), "{kind}");
    }
}

#[test]
fn forgotten_acks_fill_the_prefetch_and_come_back_with_the_death() {
    let mut world = with_habit(Habit::Forgets, AckMode::Manual, 3, 12);
    world.run_s(30);
    let (row, books) = (world.row(1), world.snapshot().books);
    assert_eq!((row.done, row.unacked, row.tray_len), (3, 3, 0));
    assert_eq!((books.done, books.twice), (12, 0), "{books:?}");
    assert_eq!(
        books.balance,
        Balance::Balanced,
        "done, but owed: the broker has it so, too"
    );
    world.kill(1, KillKind::Reset);
    world.run_s(30);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.twice, world.row(2).twice), (12, 3, 3), "{books:?}");
    assert_eq!(world.replayed(), *world.lab.ledger());
}

#[test]
fn requeued_job_is_not_done_and_comes_again() {
    let mut world = with_habit(Habit::Requeues, AckMode::Manual, 1, 2);
    world.run_s(20);
    let (row, books) = (world.row(1), world.snapshot().books);
    assert_eq!((row.done, books.done, books.twice), (0, 2, 0), "{books:?}");
    assert!(world.happened(|what| matches!(what, Happening::Rejected(W1, ..))) >= 1);
    assert!(world.snapshot().queue.redelivered >= 1);
    assert!(row.timeline.iter().any(|cell| cell.busy > 0), "its time is spent");
    assert!(lines(&world).contains(&"#1 back at its old place: W1's program gave it back".to_owned()));
}

#[test]
fn rejected_job_goes_to_the_dead_letters() {
    let mut world = with_habit(Habit::Rejects, AckMode::Manual, 1, 6);
    world.run_s(20);
    let books = world.snapshot().books;
    assert_eq!((books.dead, books.done), (3, 3), "{books:?}");
    assert_eq!(books.balance, Balance::Balanced);
    assert!(lines(&world).contains(&"#1 rejected by W1: it is in the dead-letter queue".to_owned()));
}

#[test]
fn second_ack_closes_the_channel_and_the_worker_goes_on() {
    let mut world = with_habit(Habit::AcksTwice, AckMode::Manual, 0, 6);
    world.run_us(2_100_000);
    let text = "406 PRECONDITION_FAILED - unknown delivery tag 1".to_owned();
    let toll = Toll { back: 2, lost: 0 };
    assert_eq!(world.row(1).state, WorkerState::Gone(GoneHow::Refused(text), toll));
    world.run_s(1);
    assert_eq!(world.row(1).state, WorkerState::Consuming, "it opens a channel again");
    world.run_s(20);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.twice, books.lost), (6, 0, 0), "{books:?}");
}

#[test]
fn settling_what_needs_no_ack_closes_the_channel_and_loses_the_rest() {
    for habit in [Habit::Requeues, Habit::Rejects, Habit::AcksTwice] {
        let mut world = with_habit(habit, AckMode::Automatic, 0, 6);
        world.run_s(20);
        let books = world.snapshot().books;
        assert_eq!((books.done, books.lost, books.dead), (4, 2, 0), "{habit}: {books:?}");
        assert_eq!(
            world.happened(|what| matches!(what, Happening::Broke(W1, _))),
            1,
            "{habit}"
        );
        assert_eq!(books.balance, Balance::Balanced);
    }
    let mut world = with_habit(Habit::Forgets, AckMode::Automatic, 0, 6);
    world.run_s(20);
    assert_eq!(world.snapshot().books.done, 6, "there is nothing to forget");
}

#[test]
fn habits_outlive_a_return_to_zero() {
    let mut world = with_habit(Habit::Forgets, AckMode::Manual, 1, 1);
    world.run_s(5);
    world.command(Command::Reset);
    world.run_s(1);
    assert_eq!((world.row(1).habit, world.row(2).habit), (Habit::Forgets, Habit::Acks));
    assert_eq!(world.snapshot().books.published, 0);
    world.command(Command::SetHabit(WorkerId(9), Habit::Acks));
    assert_eq!(world.log().last(), Some(&Entry::Declined("there is no W9".into())));
    assert!(world.lab.ledger().jobs().get(JobId(1)).is_none());
}
