//! A silent network, on a real wire: nobody is told, and heartbeats find out.

use crate::harness::{Bench, Place, holds, settings, worker};
use crate::on_both;
use dispatch_lab::lab::{
    AckMode, Balance, Command, Entry, GoneHow, Heartbeat, KillKind, Settings, Sizes, Toll, WorkerId, WorkerState,
};

on_both!(
    jobs_come_back_between_two_and_three_heartbeats,
    silent_worker_works_on_and_what_it_does_is_done_twice,
    revived_worker_has_a_new_connection_at_once,
    lab_ends_while_a_network_is_silent,
);

const JOBS: u32 = 12;
const EACH: u32 = JOBS / 3;
const VICTIM: WorkerId = WorkerId(1);
const SECOND: u64 = 1_000_000;

fn with_heartbeat(seconds: u16) -> Settings {
    let mut settings = Settings {
        ack: AckMode::Manual,
        heartbeat: Heartbeat(seconds),
        ..settings()
    };
    settings.workload.sizes = Sizes::Equal;
    settings
}

fn is_silent(state: &WorkerState) -> bool {
    matches!(state, WorkerState::Silent(..))
}

/// In real time, since that is what heartbeats are measured in. Earlier than after two heartbeats no broker may close
/// the connection; a busy machine may take longer than three.
async fn jobs_come_back_between_two_and_three_heartbeats(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with_heartbeat(2), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::HalfOpen)).await;
    let silent = bench.until("it is silent", |s| is_silent(&worker(s, 1).state)).await;
    let WorkerState::Silent(since, Heartbeat(2)) = worker(&silent, 1).state else {
        panic!("not at this heartbeat: {:?}", worker(&silent, 1).state);
    };
    assert_eq!((holds(&silent, 1), worker(&silent, 1).unacked), (EACH, EACH));
    let toll = Toll { back: EACH, lost: 0 };
    let gone = WorkerState::Gone(GoneHow::Killed(KillKind::HalfOpen), toll);
    let after = bench.until("its jobs go back", |s| worker(s, 1).state == gone).await;
    let waited = after.at.0 - since.0;
    println!("back after {}.{:03} s", waited / SECOND, waited / 1000 % 1000);
    assert!((4 * SECOND..8 * SECOND).contains(&waited), "{waited} us");
    let after = bench
        .until("the others have them all", |s| holds(s, 2) + holds(s, 3) == JOBS)
        .await;
    assert_eq!((after.books.lost, after.queue.redelivered), (0, EACH));
    bench.end().await;
}

async fn silent_worker_works_on_and_what_it_does_is_done_twice(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with_heartbeat(2), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::HalfOpen)).await;
    bench.until("it is silent", |s| is_silent(&worker(s, 1).state)).await;
    // Ten times as fast as life, its four jobs of two seconds take less than one.
    bench.ask(Command::Resume).await;
    let vain = bench
        .until("it is done with all that it holds", |s| worker(s, 1).done == EACH)
        .await;
    assert_eq!(
        (worker(&vain, 1).unacked, holds(&vain, 1)),
        (EACH, 0),
        "nobody heard of it"
    );
    let end = bench
        .until("they are done again", |s| {
            s.books.twice == EACH && s.books.done == JOBS && s.books.balance == Balance::Balanced
        })
        .await;
    assert_eq!(end.books.lost, 0);
    assert!(
        end.log
            .iter()
            .any(|(_, entry)| matches!(entry, Entry::AckedInVain(VICTIM, _)))
    );
    bench.end().await;
}

async fn revived_worker_has_a_new_connection_at_once(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with_heartbeat(20), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::HalfOpen)).await;
    bench.until("it is silent", |s| is_silent(&worker(s, 1).state)).await;
    bench.ask(Command::Revive(VICTIM)).await;
    // Long before heartbeats run out.
    bench
        .until("it consumes again", |s| worker(s, 1).state == WorkerState::Consuming)
        .await;
    bench.ask(Command::Resume).await;
    let end = bench.until("all are done", |s| s.books.done == JOBS).await;
    assert_eq!((end.books.lost, end.books.twice), (0, 0));
    bench.end().await;
}

async fn lab_ends_while_a_network_is_silent(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with_heartbeat(60), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::HalfOpen)).await;
    bench.until("it is silent", |s| is_silent(&worker(s, 1).state)).await;
    bench.end().await;
}
