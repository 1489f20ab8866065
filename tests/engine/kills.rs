//! Every way a worker ends, with manual and with automatic acks: what goes back, what is lost, what is done twice.

use crate::harness::{Bench, Place, holds, settings, worker};
use crate::on_both;
use dispatch_lab::lab::{
    AckMode, Balance, Command, Figure, GoneHow, KillKind, Settings, Sizes, Toll, WorkerId, WorkerState,
};

on_both!(
    kill_gives_back_what_is_unacked,
    kill_loses_what_was_acked_on_delivery,
    cancelled_worker_works_off_what_it_holds,
    frozen_worker_keeps_what_it_holds,
    crash_before_ack_does_a_job_twice,
    crash_with_automatic_ack_loses_the_rest,
    killed_worker_comes_back,
    removed_worker_gives_back_what_it_held,
);

const JOBS: u32 = 12;
const EACH: u32 = JOBS / 3;
const VICTIM: WorkerId = WorkerId(1);
/// The kills that end the worker's channel at once.
const ENDS: [KillKind; 3] = [KillKind::CloseChannel, KillKind::CloseConnection, KillKind::Reset];

/// The state that each of these leaves.
fn ended(kind: KillKind, toll: Toll) -> WorkerState {
    match kind {
        KillKind::CloseChannel => WorkerState::ChannelClosed(toll),
        _ => WorkerState::Gone(GoneHow::Killed(kind), toll),
    }
}

fn with(ack: AckMode) -> Settings {
    let mut settings = Settings { ack, ..settings() };
    settings.workload.sizes = Sizes::Equal;
    settings
}

async fn kill_gives_back_what_is_unacked(place: Place) {
    for kind in ENDS {
        let mut bench = Bench::with_jobs_handed_out(&place, with(AckMode::Manual), JOBS).await;
        bench.ask(Command::Kill(VICTIM, kind)).await;
        let toll = Toll { back: EACH, lost: 0 };
        let after = bench
            .until("the others have them all", |s| {
                worker(s, 1).state == ended(kind, toll) && holds(s, 2) + holds(s, 3) == JOBS
            })
            .await;
        assert_eq!((after.books.lost, after.queue.redelivered), (0, EACH), "{kind:?}");
        bench.ask(Command::Resume).await;
        let end = bench
            .until("all are done", |s| s.books.done == JOBS && balanced(s.books.balance))
            .await;
        assert_eq!((end.books.lost, end.books.twice), (0, 0), "{kind:?}");
        bench.end().await;
    }
}

async fn kill_loses_what_was_acked_on_delivery(place: Place) {
    for kind in ENDS {
        let mut bench = Bench::with_jobs_handed_out(&place, with(AckMode::Automatic), JOBS).await;
        bench.ask(Command::Kill(VICTIM, kind)).await;
        let toll = Toll { back: 0, lost: EACH };
        bench
            .until("its jobs are lost", |s| {
                worker(s, 1).state == ended(kind, toll) && s.books.lost == EACH
            })
            .await;
        bench.ask(Command::Resume).await;
        let done = JOBS - EACH;
        let end = bench
            .until("the rest is done", |s| {
                s.books.done == done && balanced(s.books.balance)
            })
            .await;
        assert_eq!((end.books.lost, end.queue.redelivered), (EACH, 0), "{kind:?}");
        bench.end().await;
    }
}

async fn cancelled_worker_works_off_what_it_holds(place: Place) {
    for ack in [AckMode::Manual, AckMode::Automatic] {
        let mut bench = Bench::with_jobs_handed_out(&place, with(ack), JOBS).await;
        bench.ask(Command::Kill(VICTIM, KillKind::Cancel)).await;
        bench
            .until("it is cancelled, also at the broker", |s| {
                worker(s, 1).state == WorkerState::Cancelled
                    && holds(s, 1) == EACH
                    && s.queue.consumers == Figure::Exact(2)
            })
            .await;
        bench.publish(2).await;
        bench
            .until("the others get what comes", |s| {
                holds(s, 2) + holds(s, 3) == JOBS - EACH + 2
            })
            .await;
        bench.ask(Command::Resume).await;
        let end = bench
            .until("all are done", |s| {
                s.books.done == JOBS + 2 && balanced(s.books.balance)
            })
            .await;
        assert_eq!(
            (worker(&end, 1).done, end.books.lost, end.books.twice),
            (EACH, 0, 0),
            "{ack:?}"
        );
        bench.end().await;
    }
}

async fn frozen_worker_keeps_what_it_holds(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with(AckMode::Manual), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::Freeze)).await;
    bench
        .until("it is frozen", |s| worker(s, 1).state == WorkerState::Frozen)
        .await;
    bench.ask(Command::Resume).await;
    let end = bench
        .until("the others are done", |s| {
            s.books.done == JOBS - EACH && balanced(s.books.balance)
        })
        .await;
    assert_eq!((holds(&end, 1), worker(&end, 1).unacked), (EACH, EACH));
    bench.ask(Command::Kill(VICTIM, KillKind::Reset)).await;
    bench
        .until("its end frees them", |s| s.books.done == JOBS && s.books.lost == 0)
        .await;
    bench.end().await;
}

async fn crash_before_ack_does_a_job_twice(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with(AckMode::Manual), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::CrashBeforeAck)).await;
    bench.ask(Command::Resume).await;
    let end = bench
        .until("all are done", |s| s.books.done == JOBS && balanced(s.books.balance))
        .await;
    assert_eq!((end.books.twice, end.books.lost), (1, 0));
    assert_eq!(worker(&end, 1).done, 1);
    bench.end().await;
}

async fn crash_with_automatic_ack_loses_the_rest(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with(AckMode::Automatic), JOBS).await;
    bench.ask(Command::Kill(VICTIM, KillKind::CrashBeforeAck)).await;
    bench.ask(Command::Resume).await;
    let lost = EACH - 1;
    let end = bench
        .until("the rest is done or lost", |s| {
            (s.books.done, s.books.lost) == (JOBS - lost, lost) && balanced(s.books.balance)
        })
        .await;
    assert_eq!(end.books.twice, 0);
    bench.end().await;
}

async fn killed_worker_comes_back(place: Place) {
    let mut bench = Bench::paused(&place, with(AckMode::Manual)).await;
    for kind in [
        KillKind::Cancel,
        KillKind::CloseChannel,
        KillKind::CloseConnection,
        KillKind::Reset,
    ] {
        bench.ask(Command::Kill(VICTIM, kind)).await;
        bench
            .until("it is killed", |s| worker(s, 1).state != WorkerState::Consuming)
            .await;
        bench.ask(Command::Revive(VICTIM)).await;
        bench
            .until("it consumes again", |s| worker(s, 1).state == WorkerState::Consuming)
            .await;
    }
    bench.publish(3).await;
    bench
        .until("each has one", |s| (1..=3).all(|id| holds(s, id) == 1))
        .await;
    bench.end().await;
}

async fn removed_worker_gives_back_what_it_held(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, with(AckMode::Manual), JOBS).await;
    bench.ask(Command::RemoveWorker(VICTIM)).await;
    bench
        .until("the others have them", |s| {
            s.workers.len() == 2 && holds(s, 2) + holds(s, 3) == JOBS
        })
        .await;
    bench.end().await;
}

fn balanced(balance: Balance) -> bool {
    balance == Balance::Balanced
}
