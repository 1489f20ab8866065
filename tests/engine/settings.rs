//! What each setting does on the wire, and the return to zero.

use crate::harness::{Bench, Place, all_consume, holds, instant, settings, worker};
use crate::on_both;
use dispatch_lab::lab::{
    AckMode, Balance, Command, Confirms, Delivery, Entry, Figure, KillKind, NoRoom, PassedOver, Prefetch, QueueKind,
    Settings, Speed, WorkerId,
};

on_both!(
    jobs_are_dealt_round_robin_without_a_limit,
    prefetch_one_leaves_the_rest_ready,
    who_was_full_is_told_with_each_decision,
    new_prefetch_is_taken_on_while_jobs_are_held,
    other_queue_is_used_from_now_on,
    other_ack_mode_is_used_from_now_on,
    every_job_is_confirmed,
    confirms_can_be_switched_while_jobs_flow,
    reset_begins_again_with_empty_queues,
    reset_in_full_flow_leaves_nothing_of_before,
    sixty_four_workers_share_the_work,
    added_worker_takes_its_turn,
);

async fn jobs_are_dealt_round_robin_without_a_limit(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, settings(), 10).await;
    let after = bench
        .until("all are dealt", |s| {
            [holds(s, 1), holds(s, 2), holds(s, 3)] == [4, 3, 3]
        })
        .await;
    assert_eq!(worker(&after, 1).hand.map(|hand| hand.job.0), Some(1));
    assert_eq!(
        worker(&after, 2).tray.iter().map(|job| job.0).collect::<Vec<_>>(),
        [5, 8]
    );
    bench.end().await;
}

async fn prefetch_one_leaves_the_rest_ready(place: Place) {
    let mut bench = Bench::paused(
        &place,
        Settings {
            prefetch: Prefetch(1),
            ..settings()
        },
    )
    .await;
    bench.publish(9).await;
    let after = bench
        .until("each has one", |s| {
            (1..=3).all(|id| holds(s, id) == 1) && s.queue.ready == Figure::Exact(6) && s.queue.waiting == 6
        })
        .await;
    assert_eq!(after.queue.consumers, Figure::Exact(3));
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == 9 && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn who_was_full_is_told_with_each_decision(place: Place) {
    let mut bench = Bench::paused(
        &place,
        Settings {
            prefetch: Prefetch(1),
            ..settings()
        },
    )
    .await;
    bench.publish(3).await;
    bench
        .until("each has one", |s| (1..=3).all(|id| holds(s, id) == 1))
        .await;
    for full in [1, 2] {
        bench.ask(Command::Kill(WorkerId(full), KillKind::Freeze)).await;
    }
    bench.ask(Command::Resume).await;
    bench
        .until("the third is done and free", |s| {
            // The broker must have the ack before it gets the next job: they come on different connections.
            let acked = !matches!(place, Place::Embedded) || s.queue.unacked == Figure::Exact(2);
            worker(s, 3).done == 1 && worker(s, 3).unacked == 0 && acked
        })
        .await;
    bench.publish(1).await;
    let after = bench
        .until("it gets the next", |s| holds(s, 3) == 1 || worker(s, 3).done == 2)
        .await;
    let told = after.log.iter().find_map(|(_, entry)| match entry {
        Entry::Dispatched { job, to, passed_over } if job.0 == 4 => Some((*to, passed_over.to_vec())),
        _ => None,
    });
    let full = match place {
        Place::Embedded => PassedOver::NoRoom(NoRoom::Full(1)),
        Place::Url(_) => PassedOver::SeemsFull(1),
    };
    assert_eq!(
        told,
        Some((WorkerId(3), vec![(WorkerId(1), full), (WorkerId(2), full)]))
    );
    bench.end().await;
}

async fn new_prefetch_is_taken_on_while_jobs_are_held(place: Place) {
    let mut bench = Bench::paused(
        &place,
        Settings {
            prefetch: Prefetch(1),
            ..settings()
        },
    )
    .await;
    bench.publish(12).await;
    bench
        .until("each has one", |s| (1..=3).all(|id| holds(s, id) == 1))
        .await;
    bench.ask(Command::SetPrefetch(Prefetch(3))).await;
    bench
        .until("each has three more", |s| (1..=3).all(|id| holds(s, id) == 4))
        .await;
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == 12 && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn other_queue_is_used_from_now_on(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, settings(), 3).await;
    bench.ask(Command::SetQueue(QueueKind::Transient)).await;
    bench
        .until("it is in use", |s| {
            s.settings.queue == QueueKind::Transient && all_consume(s)
        })
        .await;
    bench.publish(3).await;
    bench
        .until("these are handed out too", |s| s.books.tray + s.books.hand == 6)
        .await;
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == 6 && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn other_ack_mode_is_used_from_now_on(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, settings(), 3).await;
    bench.ask(Command::SetAck(AckMode::Automatic)).await;
    // Workers take the mode on one after another, and no picture tells when: what comes before is still to be acked.
    let (mut jobs, mut to_be_acked) = (3, 3);
    loop {
        bench.publish(3).await;
        jobs += 3;
        let after = bench
            .until("these are handed out", |s| s.books.tray + s.books.hand == jobs)
            .await;
        let unacked: u32 = after.workers.iter().map(|worker| worker.unacked).sum();
        if unacked == to_be_acked {
            break;
        }
        assert!(jobs < 300, "still {unacked} to be acked");
        to_be_acked = unacked;
    }
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == jobs && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn every_job_is_confirmed(place: Place) {
    for messages in [Delivery::Persistent, Delivery::Transient] {
        let mut bench = Bench::paused(&place, Settings { messages, ..settings() }).await;
        bench.publish(500).await;
        bench
            .until("all are confirmed", |s| {
                s.producer.confirmed == 500 && s.producer.unconfirmed == 0
            })
            .await;
        bench.end().await;
    }
}

async fn confirms_can_be_switched_while_jobs_flow(place: Place) {
    let mut bench = Bench::paused(&place, instant()).await;
    for confirms in [Confirms::Off, Confirms::On, Confirms::Off, Confirms::On] {
        bench.ask(Command::Publish(100)).await;
        bench.ask(Command::SetConfirms(confirms)).await;
    }
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == 400 && s.producer.unconfirmed == 0 && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn reset_begins_again_with_empty_queues(place: Place) {
    let mut bench = Bench::paused(
        &place,
        Settings {
            prefetch: Prefetch(1),
            ..settings()
        },
    )
    .await;
    bench.publish(12).await;
    bench
        .until("each has one", |s| (1..=3).all(|id| holds(s, id) == 1))
        .await;
    bench.ask(Command::Reset).await;
    bench
        .until("all is gone", |s| s.books.published == 0 && all_consume(s))
        .await;
    bench.publish(3).await;
    let again = bench
        .until("each has one", |s| (1..=3).all(|id| holds(s, id) == 1))
        .await;
    assert_eq!(worker(&again, 1).hand.map(|hand| hand.job.0), Some(1));
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == 3 && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn reset_in_full_flow_leaves_nothing_of_before(place: Place) {
    let mut bench = Bench::paused(&place, instant()).await;
    bench.ask(Command::Resume).await;
    for _ in 0..3 {
        bench.ask(Command::Publish(2000)).await;
        bench.until("they flow", |s| s.books.done > 100).await;
        bench.ask(Command::Reset).await;
        bench
            .until("all is gone", |s| s.books.published == 0 && all_consume(s))
            .await;
    }
    bench.publish(30).await;
    let end = bench
        .until("all are done", |s| {
            s.books.done == 30 && s.books.balance == Balance::Balanced
        })
        .await;
    assert_eq!((end.books.lost, end.books.twice, end.queue.redelivered), (0, 0, 0));
    bench.end().await;
}

async fn sixty_four_workers_share_the_work(place: Place) {
    let mut bench = Bench::paused(
        &place,
        Settings {
            speeds: vec![Speed(1000); 64],
            ..instant()
        },
    )
    .await;
    bench.publish(640).await;
    bench
        .until("each has ten", |s| (1..=64).all(|id| holds(s, id) == 10))
        .await;
    bench.ask(Command::Resume).await;
    bench
        .until("all are done", |s| {
            s.books.done == 640 && s.books.balance == Balance::Balanced
        })
        .await;
    bench.end().await;
}

async fn added_worker_takes_its_turn(place: Place) {
    let mut bench = Bench::paused(&place, settings()).await;
    bench.ask(Command::AddWorker(Speed(2000))).await;
    bench
        .until("it consumes", |s| s.workers.len() == 4 && all_consume(s))
        .await;
    bench.publish(4).await;
    bench
        .until("each has one", |s| (1..=4).all(|id| holds(s, id) == 1))
        .await;
    bench.ask(Command::RemoveWorker(WorkerId(4))).await;
    bench
        .until("it is gone", |s| {
            s.workers.len() == 3 && s.books.tray + s.books.hand == 4
        })
        .await;
    bench.end().await;
}
