//! Every way to end a worker, with manual and automatic acks.

use super::super::command::{Command, KillKind, Producing};
use super::super::event::{Cause, Entry, Happening};
use super::super::ids::{DeliveryTag, Epoch, JobId, WorkerId};
use super::super::insight::Insight;
use super::super::settings::{AckMode, Arrivals, Prefetch, Settings, Sizes, Speed, Workload};
use super::super::snapshot::{Balance, GoneHow, Toll, WorkerState};
use super::super::wire::{Delivered, Dispatched, DownCause, Seen};
use super::world::World;

fn settings(ack: AckMode) -> Settings {
    Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(0),
        ack,
        workload: Workload {
            sizes: Sizes::Equal,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

/// Two workers with four jobs each, the first one halfway.
fn loaded(ack: AckMode) -> World {
    let mut world = World::new(settings(ack)).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(8));
    world.run_s(1);
    assert_eq!((world.row(1).tray_len, world.row(2).tray_len), (3, 3));
    world
}

struct Outcome {
    kind: KillKind,
    ack: AckMode,
    back: u32,
    lost: u32,
    done_by_victim: u32,
    twice: u32,
}

const fn row(kind: KillKind, ack: AckMode, (back, lost): (u32, u32), (done, twice): (u32, u32)) -> Outcome {
    Outcome {
        kind,
        ack,
        back,
        lost,
        done_by_victim: done,
        twice,
    }
}

const OUTCOMES: [Outcome; 12] = [
    row(KillKind::Cancel, AckMode::Manual, (0, 0), (4, 0)),
    row(KillKind::Cancel, AckMode::Automatic, (0, 0), (4, 0)),
    row(KillKind::CloseChannel, AckMode::Manual, (4, 0), (0, 0)),
    row(KillKind::CloseChannel, AckMode::Automatic, (0, 4), (0, 0)),
    row(KillKind::CloseConnection, AckMode::Manual, (4, 0), (0, 0)),
    row(KillKind::CloseConnection, AckMode::Automatic, (0, 4), (0, 0)),
    row(KillKind::Reset, AckMode::Manual, (4, 0), (0, 0)),
    row(KillKind::Reset, AckMode::Automatic, (0, 4), (0, 0)),
    row(KillKind::Freeze, AckMode::Manual, (0, 0), (0, 0)),
    row(KillKind::Freeze, AckMode::Automatic, (0, 0), (0, 0)),
    row(KillKind::CrashBeforeAck, AckMode::Manual, (4, 0), (1, 1)),
    row(KillKind::CrashBeforeAck, AckMode::Automatic, (0, 3), (1, 0)),
];

#[test]
fn each_kill_has_its_price() {
    for expected in OUTCOMES {
        let case = format!("{}, {}", expected.kind, expected.ack);
        let mut world = loaded(expected.ack);
        world.kill(1, expected.kind);
        world.run_s(30);
        let victim = world.row(1);
        let books = world.snapshot().books;
        let frozen = if expected.kind == KillKind::Freeze { 4 } else { 0 };
        assert_eq!(victim.done, expected.done_by_victim, "{case}: done by the victim");
        assert_eq!(victim.lost, expected.lost, "{case}: lost");
        assert_eq!(
            (books.lost, books.twice),
            (expected.lost, expected.twice),
            "{case}: {books:?}"
        );
        assert_eq!(books.done, 8 - expected.lost - frozen, "{case}: {books:?}");
        assert_eq!(world.row(2).redelivered, expected.back, "{case}: redelivered");
        assert_eq!(world.row(2).twice, expected.twice, "{case}: done twice");
        assert_eq!(books.balance, Balance::Balanced, "{case}");
        assert_eq!(
            victim.tray_len + u32::from(victim.hand.is_some()),
            frozen,
            "{case}: held"
        );
        let toll = Toll {
            back: expected.back,
            lost: expected.lost,
        };
        assert_eq!(victim.state, state_after(expected.kind, toll), "{case}");
    }
}

fn state_after(kind: KillKind, toll: Toll) -> WorkerState {
    match kind {
        KillKind::Cancel => WorkerState::Cancelled,
        KillKind::CloseChannel => WorkerState::ChannelClosed(toll),
        KillKind::Freeze => WorkerState::Frozen,
        _ => WorkerState::Gone(GoneHow::Killed(kind), toll),
    }
}

#[test]
fn every_killed_worker_can_be_revived() {
    for kind in KillKind::ALL {
        for ack in [AckMode::Manual, AckMode::Automatic] {
            let mut world = loaded(ack);
            world.kill(1, kind);
            world.run_s(5);
            world.command(Command::Revive(WorkerId(1)));
            world.run_s(20);
            assert_eq!(world.row(1).state, WorkerState::Consuming, "{kind}, {ack}");
            let done = world.row(1).done;
            world.command(Command::Publish(2));
            world.run_s(10);
            assert_eq!(world.row(1).done, done + 1, "{kind}, {ack}: it works again");
            let books = world.snapshot().books;
            assert_eq!(books.done + books.lost, 10, "{kind}, {ack}");
            assert_eq!(world.replayed(), *world.lab.ledger());
        }
    }
}

#[test]
fn revived_while_the_line_still_ends() {
    let mut world = loaded(AckMode::Manual);
    world.kill(1, KillKind::Reset);
    world.command(Command::Revive(WorkerId(1)));
    world.run_s(20);
    assert_eq!(world.row(1).state, WorkerState::Consuming);
    assert_eq!(world.snapshot().books.done, 8);
}

#[test]
fn log_names_what_went_back() {
    let mut world = loaded(AckMode::Manual);
    world.kill(1, KillKind::Reset);
    world.run_us(10_000);
    let lines: Vec<String> = world.log().iter().map(ToString::to_string).collect();
    let expected = "#1 #3 #5 #7 back at their old places: W1's socket was reset";
    assert!(lines.iter().any(|line| line == expected), "{lines:?}");
}

#[test]
fn doomed_idle_worker_crashes_at_its_next_job() {
    let mut world = World::new(settings(AckMode::Manual)).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.kill(1, KillKind::CrashBeforeAck);
    world.run_s(1);
    assert_eq!(world.row(1).state, WorkerState::Doomed);
    world.command(Command::Publish(1));
    world.run_s(3);
    assert_eq!(
        world.row(1).state,
        WorkerState::Gone(GoneHow::Killed(KillKind::CrashBeforeAck), Toll { back: 1, lost: 0 })
    );
    assert_eq!(world.snapshot().books.hand, 1, "it is under way again");
    world.run_s(3);
    let books = world.snapshot().books;
    assert_eq!((books.done, books.twice), (1, 1));
    assert!(world.log().contains(&Entry::Twice {
        job: JobId(1),
        by: WorkerId(2),
    }));
}

#[test]
fn work_goes_on_where_a_worker_is_told_not_to_crash_after_all() {
    let mut world = World::new(settings(AckMode::Manual)).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(1));
    world.run_s(1);
    world.kill(1, KillKind::CrashBeforeAck);
    let before = world.row(1).hand.expect("it is at work").progress;
    world.command(Command::Revive(WorkerId(1)));
    assert_eq!(world.row(1).hand.map(|hand| hand.progress), Some(before));
    assert!(before > 0);
}

#[test]
fn frozen_worker_still_takes_deliveries_and_thaws() {
    let mut world = loaded(AckMode::Manual);
    world.kill(1, KillKind::Freeze);
    let progress = world.row(1).hand.expect("a job is in hand").progress;
    world.command(Command::Publish(2));
    world.run_s(30);
    assert_eq!(world.row(1).tray_len, 4);
    assert_eq!(world.row(1).hand.expect("it stays").progress, progress);
    world.command(Command::Revive(WorkerId(1)));
    world.run_s(30);
    assert_eq!(world.snapshot().books.done, 10);
    assert_eq!(world.snapshot().books.twice, 0);
}

#[test]
fn deliveries_that_race_with_a_kill_are_void_too() {
    for (ack, lost) in [(AckMode::Manual, 0), (AckMode::Automatic, 5)] {
        let mut world = loaded(ack);
        world.racing = true;
        world.command(Command::Publish(2));
        world.kill(1, KillKind::Reset);
        world.run_s(40);
        let books = world.snapshot().books;
        assert_eq!((books.lost, books.done), (lost, 10 - lost), "{ack}");
        assert_eq!(books.balance, Balance::Balanced);
    }
}

#[test]
fn auto_acked_jobs_that_never_arrived_are_named_as_lost() {
    let mut world = loaded(AckMode::Automatic);
    world.command(Command::Publish(2));
    world.kill(1, KillKind::Reset);
    world.run_s(40);
    let books = world.snapshot().books;
    assert_eq!((books.lost, books.done), (5, 5));
    assert_eq!(world.row(1).lost, 5);
    assert_eq!(books.balance, Balance::Balanced);
}

/// The broker's decision is told before the news of the crash, while the job still counts as done by the first.
#[test]
fn auto_acked_redelivery_into_silence_is_lost() {
    let mut world = World::new(settings(AckMode::Manual)).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(1));
    world.kill(1, KillKind::CrashBeforeAck);
    world.command(Command::SetAck(AckMode::Automatic));
    world.run_us(100_000);
    world.kill(2, KillKind::HalfOpen);
    world.run_s(30);
    let books = world.snapshot().books;
    assert_eq!((books.waiting, books.lost), (0, 1), "{books:?}");
    assert_eq!(world.row(2).lost, 1);
    assert_eq!(books.balance, Balance::Balanced);
    assert_eq!(world.replayed(), *world.lab.ledger());
}

#[test]
fn redelivery_may_overtake_the_news_of_a_death() {
    let mut world = loaded(AckMode::Manual);
    world.feed_seen(Seen::Delivered(
        WorkerId(2),
        Epoch(2),
        Delivered {
            job: JobId(1),
            dots: 2,
            tag: DeliveryTag(99),
            redelivered: true,
            ack: AckMode::Manual,
        },
    ));
    assert_eq!(
        (world.row(1).tray_len, world.row(2).tray_len),
        (3, 3),
        "one of them is mistaken"
    );
    world.feed_seen(Seen::Down(WorkerId(1), Epoch(1), DownCause::Lost("gone".into())));
    assert_eq!((world.row(1).tray_len, world.row(2).tray_len), (0, 4));
    let toll = Toll { back: 4, lost: 0 };
    assert_eq!(
        world.row(1).state,
        WorkerState::Gone(GoneHow::Lost("gone".into()), toll)
    );
}

#[test]
fn older_delivery_on_a_dead_line_takes_no_job_from_the_living() {
    let mut world = loaded(AckMode::Manual);
    let again = Delivered {
        job: JobId(1),
        dots: 2,
        tag: DeliveryTag(99),
        redelivered: true,
        ack: AckMode::Manual,
    };
    world.feed_seen(Seen::Delivered(WorkerId(2), Epoch(2), again));
    world.feed_seen(Seen::Down(WorkerId(2), Epoch(2), DownCause::Lost("gone".into())));
    world.run_us(10_000);
    assert_eq!(world.row(1).hand.expect("it goes on").job, JobId(1));
}

#[test]
fn stale_epochs_are_ignored() {
    let mut world = loaded(AckMode::Manual);
    let before = world.events.len();
    world.feed_seen(Seen::Down(WorkerId(1), Epoch(77), DownCause::Lost("old".into())));
    world.feed_seen(Seen::Subscribed(WorkerId(1), Epoch(77)));
    world.feed_seen(Seen::Delivered(
        WorkerId(9),
        Epoch(1),
        Delivered {
            job: JobId(1),
            dots: 1,
            tag: DeliveryTag(1),
            redelivered: false,
            ack: AckMode::Manual,
        },
    ));
    assert_eq!(world.events.len(), before);
}

#[test]
fn broken_line_comes_back_by_itself_and_later_each_time() {
    let mut world = loaded(AckMode::Manual);
    world.break_line(1);
    world.run_us(10_000);
    assert!(matches!(
        world.row(1).state,
        WorkerState::Gone(GoneHow::Lost(_), Toll { back: 4, .. })
    ));
    world.run_us(300_000);
    assert_eq!(world.row(1).state, WorkerState::Consuming);
    let due: Vec<u64> = (0..3)
        .map(|_| {
            world.break_line(1);
            world.run_us(10_000);
            let broke = world.now;
            world.run_until("it is back", |s| s.workers[0].state == WorkerState::Consuming);
            world.now.0 - broke.0
        })
        .collect();
    assert!(due.is_sorted() && due[2] > 900_000, "{due:?}");
}

#[test]
fn refused_line_waits_for_a_person() {
    let mut world = loaded(AckMode::Manual);
    world.feed_seen(Seen::Down(
        WorkerId(1),
        Epoch(1),
        DownCause::Refused(406, "PRECONDITION_FAILED".into()),
    ));
    world.run_s(60);
    let gone = GoneHow::Refused("406 PRECONDITION_FAILED".into());
    assert!(matches!(world.row(1).state, WorkerState::Gone(how, _) if how == gone));
}

#[test]
fn removed_worker_leaves_its_jobs_and_its_tallies_in_the_books() {
    let mut world = loaded(AckMode::Manual);
    world.run_s(2);
    world.command(Command::RemoveWorker(WorkerId(1)));
    world.run_s(30);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.workers.len(), 1);
    assert_eq!((snapshot.books.done, snapshot.books.lost), (8, 0));
    assert!(
        world.happened(|h| matches!(
            h,
            Happening::WentBack {
                why: Cause::Removed,
                ..
            }
        )) == 1
    );
    world.command(Command::RemoveWorker(WorkerId(2)));
    assert!(world.log().contains(&Entry::Declined("the last worker stays".into())));
    world.command(Command::AddWorker(Speed(1000)));
    world.run_s(1);
    assert_eq!(world.row(3).state, WorkerState::Consuming);
}

#[test]
fn job_taken_by_a_stranger_is_lost_to_the_lab() {
    let mut world = World::new(settings(AckMode::Manual)).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(Command::Publish(1));
    assert_eq!(world.snapshot().books.waiting, 1);
    world.feed_seen(Seen::Dispatched(Dispatched {
        job: JobId(1),
        to: None,
        ack: AckMode::Automatic,
        passed_over: Vec::new(),
    }));
    assert_eq!(world.snapshot().books.lost, 1);
}

#[test]
fn foreign_messages_are_acked_and_counted() {
    let mut world = loaded(AckMode::Manual);
    world.feed_seen(Seen::Foreign(WorkerId(1)));
    assert!(world.tells(Insight::ForeignMessages(1)));
}
