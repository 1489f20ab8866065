//! The lab's own broker is killed, stopped and started: what survives depends on queue and messages alone.

use crate::harness::{Bench, Place, all_consume, holds, instant, settings};
use dispatch_lab::lab::{
    Balance, BrokerCommand, BrokerState, Command, Confirms, Delivery, Figure, Prefetch, QueueKind, Settings,
};

/// Queue, messages, and whether they outlive the broker.
const SURVIVAL: [(QueueKind, Delivery, bool); 4] = [
    (QueueKind::Durable, Delivery::Persistent, true),
    (QueueKind::Durable, Delivery::Transient, false),
    (QueueKind::Transient, Delivery::Persistent, false),
    (QueueKind::Transient, Delivery::Transient, false),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_persistent_messages_in_a_durable_queue_survive() {
    for how in [BrokerCommand::Kill, BrokerCommand::Stop] {
        for (queue, messages, survive) in SURVIVAL {
            let prefetch = Prefetch(1);
            let mut bench = Bench::paused(
                &Place::Embedded,
                Settings {
                    queue,
                    messages,
                    prefetch,
                    ..settings()
                },
            )
            .await;
            bench.publish(9).await;
            bench
                .until("all are safe in the broker", |s| {
                    (1..=3).all(|id| holds(s, id) == 1)
                        && s.producer.confirmed == 9
                        && s.queue.ready == Figure::Exact(6)
                        && s.queue.unacked == Figure::Exact(3)
                })
                .await;
            restart(&mut bench, how).await;
            let (done, lost) = if survive { (9, 0) } else { (0, 9) };
            bench.until("what survived is known", |s| s.books.lost == lost).await;
            bench.ask(Command::Resume).await;
            let end = bench
                .until("the rest is done", |s| {
                    s.books.done == done && balanced(s.books.balance)
                })
                .await;
            assert_eq!(
                (end.books.twice, end.books.lost),
                (0, lost),
                "{how:?} {queue:?} {messages:?}"
            );
            bench.publish(3).await;
            bench
                .until("it works again", |s| {
                    s.books.done == done + 3 && balanced(s.books.balance)
                })
                .await;
            bench.end().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn burst_that_is_cut_off_by_the_brokers_death_is_accounted_for() {
    for confirms in [Confirms::Off, Confirms::On] {
        let mut bench = Bench::paused(&Place::Embedded, Settings { confirms, ..instant() }).await;
        bench.ask(Command::Publish(20_000)).await;
        bench.until("it has begun", |s| s.books.published > 0).await;
        restart(&mut bench, BrokerCommand::Kill).await;
        bench.ask(Command::Resume).await;
        let end = bench
            .until("all is done or lost", |s| {
                let books = &s.books;
                books.published == books.done + books.lost && books.published == 20_000 && balanced(books.balance)
            })
            .await;
        assert_eq!(end.books.twice, 0, "{confirms:?}");
        bench.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broker_can_be_killed_again_and_again() {
    let mut bench = Bench::paused(
        &Place::Embedded,
        Settings {
            prefetch: Prefetch(2),
            ..settings()
        },
    )
    .await;
    bench.publish(12).await;
    bench.until("all are confirmed", |s| s.producer.confirmed == 12).await;
    for round in 0..5 {
        let how = if round % 2 == 0 {
            BrokerCommand::Kill
        } else {
            BrokerCommand::Stop
        };
        restart(&mut bench, how).await;
        bench
            .until("each has two again", |s| (1..=3).all(|id| holds(s, id) == 2))
            .await;
    }
    bench.ask(Command::Resume).await;
    let end = bench
        .until("all are done", |s| s.books.done == 12 && balanced(s.books.balance))
        .await;
    assert_eq!((end.books.lost, end.books.twice), (0, 0));
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engine_ends_in_order_while_its_broker_is_down() {
    let mut bench = Bench::paused(&Place::Embedded, settings()).await;
    bench.ask(Command::Broker(BrokerCommand::Kill)).await;
    bench
        .until("it is down", |s| s.broker.state == BrokerState::Ended)
        .await;
    bench.end().await;
}

async fn restart(bench: &mut Bench, how: BrokerCommand) {
    bench.ask(Command::Broker(how)).await;
    bench
        .until("it is down", |s| {
            s.broker.state == BrokerState::Ended && !s.producer.connected
        })
        .await;
    bench.ask(Command::Broker(BrokerCommand::Start)).await;
    bench
        .until("it is back", |s| {
            s.broker.state == BrokerState::Up && s.producer.connected && all_consume(s)
        })
        .await;
}

fn balanced(balance: Balance) -> bool {
    balance == Balance::Balanced
}
