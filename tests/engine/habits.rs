//! What a worker's program does wrong, on a real wire.

use crate::harness::{Bench, Place, instant, worker};
use crate::on_both;
use dispatch_lab::lab::{
    AckMode, Balance, Command, Entry, Habit, KillKind, Prefetch, Settings, Speed, WorkerId, WorkerState,
};

on_both!(
    forgotten_acks_come_back_with_the_death,
    requeued_jobs_come_again,
    rejected_jobs_are_dead_lettered,
    second_ack_costs_the_channel_and_the_line_opens_again,
    needless_ack_costs_the_channel,
);

const JOBS: u32 = 20;
const VICTIM: WorkerId = WorkerId(1);

fn two_workers(ack: AckMode, prefetch: u16) -> Settings {
    Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(prefetch),
        ack,
        ..instant()
    }
}

async fn with_habit(place: &Place, settings: Settings, habit: Habit) -> Bench {
    let mut bench = Bench::paused(place, settings).await;
    bench.ask(Command::SetHabit(VICTIM, habit)).await;
    bench.until("it has it", |s| worker(s, 1).habit == habit).await;
    bench.ask(Command::Resume).await;
    bench
}

async fn forgotten_acks_come_back_with_the_death(place: Place) {
    let mut bench = with_habit(&place, two_workers(AckMode::Manual, 3), Habit::Forgets).await;
    bench.publish(JOBS).await;
    let full = bench
        .until("it is full of what it has done", |s| {
            s.books.done == JOBS && s.books.balance == Balance::Balanced
        })
        .await;
    assert_eq!(
        (worker(&full, 1).unacked, worker(&full, 1).done, full.books.twice),
        (3, 3, 0)
    );
    bench.ask(Command::Kill(VICTIM, KillKind::Reset)).await;
    let end = bench
        .until("they are done again", |s| s.books.twice == 3 && s.books.done == JOBS)
        .await;
    assert_eq!(end.books.lost, 0);
    bench.end().await;
}

async fn requeued_jobs_come_again(place: Place) {
    let mut bench = with_habit(&place, two_workers(AckMode::Manual, 1), Habit::Requeues).await;
    bench.publish(JOBS).await;
    let end = bench
        .until("all are done", |s| {
            s.books.done == JOBS && s.books.balance == Balance::Balanced
        })
        .await;
    assert_eq!(
        (worker(&end, 1).done, worker(&end, 2).done, end.books.twice),
        (0, JOBS, 0)
    );
    assert!(end.queue.redelivered > 0);
    bench.end().await;
}

async fn rejected_jobs_are_dead_lettered(place: Place) {
    let mut bench = with_habit(&place, two_workers(AckMode::Manual, 1), Habit::Rejects).await;
    bench.publish(JOBS).await;
    let end = bench
        .until("all have an end", |s| {
            s.books.done + s.books.dead == JOBS && s.books.balance == Balance::Balanced
        })
        .await;
    assert!(end.books.dead > 0, "{:?}", end.books);
    assert_eq!((end.books.lost, end.queue.redelivered), (0, 0));
    bench.dead_letters(end.books.dead).await;
    bench.ask(Command::Reset).await;
    bench.until("all is as new", |s| s.books.published == 0).await;
    bench.dead_letters(0).await;
    bench.end().await;
}

async fn second_ack_costs_the_channel_and_the_line_opens_again(place: Place) {
    let mut bench = with_habit(&place, two_workers(AckMode::Manual, 5), Habit::AcksTwice).await;
    bench.publish(JOBS).await;
    let end = bench
        .until("all are done, and it is back", |s| {
            s.books.done == JOBS && s.books.balance == Balance::Balanced && worker(s, 1).state == WorkerState::Consuming
        })
        .await;
    let refused = |entry: &Entry| matches!(entry, Entry::Broke(VICTIM, why) if why.contains("406 PRECONDITION_FAILED"));
    assert!(end.log.iter().any(|(_, entry)| refused(entry)), "{:?}", end.log);
    assert_eq!(end.books.lost, 0);
    bench.end().await;
}

async fn needless_ack_costs_the_channel(place: Place) {
    let mut bench = with_habit(&place, two_workers(AckMode::Automatic, 0), Habit::AcksTwice).await;
    bench.publish(1).await;
    let refused = |entry: &Entry| matches!(entry, Entry::Broke(VICTIM, why) if why.contains("unknown delivery tag 1"));
    bench
        .until("its channel is closed", |s| {
            s.log.iter().any(|(_, entry)| refused(entry))
        })
        .await;
    bench.end().await;
}
