//! Ends of every kind, and what becomes of the jobs.

use super::script::{at, carried_out, of, settled, when, workers};
use crate::lab::{
    AckMode, Cause, Command, Compare, Condition, Count, Event, Habit, Happening, Heartbeat, KillKind, Prefetch,
    Settings, Sizes, WorkerCount, WorkerId, Workload,
};
use crate::sim::{Ran, Run};

const W1: WorkerId = WorkerId(1);
const W2: WorkerId = WorkerId(2);

fn equal() -> Settings {
    Settings {
        prefetch: Prefetch(0),
        heartbeat: Heartbeat(2),
        workload: Workload {
            sizes: Sizes::Equal,
            ..Settings::default().workload
        },
        ..workers(&[1000, 1000])
    }
}

fn worker_has(id: WorkerId, what: WorkerCount, than: u32) -> Condition {
    Condition {
        what: Count::Worker(id, what),
        is: Compare::AtLeast,
        than,
    }
}

/// Twenty jobs; the second worker is ended so when it has done two.
fn killed(settings: Settings, kind: KillKind) -> Run {
    let done_two = worker_has(W2, WorkerCount::Done, 2);
    let script = settled(vec![
        at(0, vec![Command::Publish(20)]),
        when(done_two, vec![Command::Kill(W2, kind)]),
    ]);
    of(settings, script)
}

fn went_back(events: &[Event]) -> Vec<(usize, Cause)> {
    let back = events.iter().filter_map(|event| match &event.what {
        Happening::WentBack { jobs, why, .. } => Some((jobs.len(), *why)),
        _ => None,
    });
    back.collect()
}

fn twice(ran: &Ran) -> u32 {
    ran.snapshot.books.twice
}

#[test]
fn jobs_of_a_dead_worker_go_back_however_it_died() {
    for kind in [
        KillKind::CloseChannel,
        KillKind::CloseConnection,
        KillKind::Reset,
        KillKind::HalfOpen,
        KillKind::CrashBeforeAck,
    ] {
        let (ran, events) = carried_out(&killed(equal(), kind));
        assert_eq!(ran.snapshot.books.done, 20, "{kind:?}: {:?}", ran.snapshot.books);
        assert_eq!(ran.snapshot.books.lost, 0, "{kind:?}");
        let back = went_back(&events);
        let (count, why) = back.first().copied().expect("some went back");
        assert!(matches!(why, Cause::Killed(_)), "{kind:?}: {back:?}");
        let expected = if kind == KillKind::HalfOpen { 5..=8 } else { 8..=8 };
        assert!(expected.contains(&count), "{kind:?}: {back:?}");
        let again = twice(&ran) > 0;
        let done_and_not_acked = matches!(kind, KillKind::CrashBeforeAck | KillKind::HalfOpen);
        assert_eq!(again, done_and_not_acked, "{kind:?}: {:?}", ran.snapshot.books);
    }
}

#[test]
fn cancelled_worker_works_off_what_it_has() {
    let (ran, events) = carried_out(&killed(equal(), KillKind::Cancel));
    assert_eq!(ran.snapshot.books.done, 20);
    assert_eq!(went_back(&events), []);
    assert!(ran.snapshot.workers.iter().all(|worker| worker.done == 10));
}

#[test]
fn automatic_acks_lose_what_a_dead_worker_had() {
    let settings = Settings {
        ack: AckMode::Automatic,
        ..equal()
    };
    for kind in [KillKind::Reset, KillKind::CloseConnection] {
        let (ran, _) = carried_out(&killed(settings.clone(), kind));
        assert_eq!((ran.snapshot.books.done, ran.snapshot.books.lost), (12, 8), "{kind:?}");
    }
}

#[test]
fn frozen_worker_keeps_its_jobs_until_it_is_revived() {
    let run = Run {
        script: settled(vec![
            at(0, vec![Command::Publish(6)]),
            at(1_000, vec![Command::Kill(W2, KillKind::Freeze)]),
            at(30_000, vec![Command::Revive(W2)]),
        ]),
        ..killed(equal(), KillKind::Freeze)
    };
    let (ran, events) = carried_out(&run);
    assert_eq!(ran.snapshot.books.done, 6);
    assert_eq!(went_back(&events), []);
    assert_eq!(ran.snapshot.clock.now.seconds(), 35);
}

#[test]
fn revived_worker_takes_its_turn_again() {
    let done_two = worker_has(W2, WorkerCount::Done, 2);
    let run = of(
        Settings {
            prefetch: Prefetch(1),
            ..equal()
        },
        settled(vec![
            at(0, vec![Command::Publish(20)]),
            when(done_two, vec![Command::Kill(W2, KillKind::Reset), Command::Revive(W2)]),
        ]),
    );
    let (ran, _) = carried_out(&run);
    assert_eq!(ran.snapshot.books.done, 20);
    let done: Vec<u32> = ran.snapshot.workers.iter().map(|worker| worker.done).collect();
    assert_eq!(done, [10, 10], "the job in hand was begun anew");
}

#[test]
fn second_ack_closes_the_channel_and_the_worker_comes_again() {
    let run = of(
        Settings {
            prefetch: Prefetch(1),
            ..equal()
        },
        settled(vec![at(
            0,
            vec![Command::SetHabit(W1, Habit::AcksTwice), Command::Publish(4)],
        )]),
    );
    let (ran, events) = carried_out(&run);
    assert_eq!(ran.snapshot.books.done, 4);
    let closed = events.iter().any(|event| match &event.what {
        Happening::Broke(W1, crate::lab::Breakage::Refused(text)) => {
            text.starts_with("406 PRECONDITION_FAILED - unknown delivery tag")
        }
        _ => false,
    });
    assert!(closed);
}

#[test]
fn rejected_jobs_die_and_requeued_ones_come_again() {
    let scripted = |habit| {
        let habit = Command::SetHabit(W1, habit);
        of(equal(), settled(vec![at(0, vec![habit, Command::Publish(10)])]))
    };
    let (ran, _) = carried_out(&scripted(Habit::Rejects));
    assert_eq!((ran.snapshot.books.done, ran.snapshot.books.dead), (5, 5));
    let (ran, _) = carried_out(&scripted(Habit::Requeues));
    assert_eq!((ran.snapshot.books.done, ran.snapshot.books.dead), (10, 0));
    assert!(ran.snapshot.queue.redelivered >= 5);
}

#[test]
fn removed_worker_leaves_its_jobs_to_the_others() {
    let run = of(
        equal(),
        settled(vec![
            at(0, vec![Command::Publish(10)]),
            at(3_000, vec![Command::RemoveWorker(W2)]),
        ]),
    );
    let (ran, events) = carried_out(&run);
    assert_eq!(ran.snapshot.books.done, 10);
    assert_eq!(went_back(&events), [(4, Cause::Removed)]);
    assert_eq!(ran.snapshot.workers.len(), 1);
}
