//! What is fixed for a run: a queue with a delivery limit, a queue for each worker; and a limit sent by `basic.qos` alone.

use crate::harness::{Bench, Place, all_consume, holds, instant, settings, worker};
use crate::on_both;
use dispatch_lab::lab::{
    Balance, Burial, Command, DeliveryLimit, Entry, Habit, Insight, JobId, KillKind, Prefetch, QueueType, Settings,
    Sharing, Snapshot, Speed, WorkerId,
};

on_both!(
    qos_alone_holds_for_consumers_that_start_after_it,
    the_broker_tells_what_it_buries,
    a_death_counts_against_the_limit_for_all_that_the_worker_held,
    back_at_zero_the_dead_letters_are_gone_and_read_again,
    each_worker_gets_a_copy_in_its_own_queue,
    copies_of_a_dead_worker_wait_for_it,
);

const W1: WorkerId = WorkerId(1);

fn prefetches(s: &Snapshot) -> Vec<Option<u16>> {
    s.workers.iter().map(|w| w.prefetch.map(|p| p.0)).collect()
}

async fn qos_alone_holds_for_consumers_that_start_after_it(place: Place) {
    let mut two = settings();
    two.speeds.truncate(2);
    let mut bench = Bench::paused(&place, two).await;
    bench.ask(Command::SetQos(Prefetch(1))).await;
    bench
        .until("it is told that old consumers do not mind", |s| {
            let older = |insight: &Insight| matches!(insight, Insight::QosForNewOnly { workers: 2, .. });
            s.insights.iter().any(|present| older(&present.insight))
        })
        .await;
    bench.publish(6).await;
    let dealt = bench
        .until("all is handed out", |s| holds(s, 1) + holds(s, 2) == 6)
        .await;
    assert_eq!((holds(&dealt, 1), holds(&dealt, 2)), (3, 3), "both have no limit yet");
    bench.ask(Command::Kill(W1, KillKind::Reset)).await;
    bench.until("the other has all", |s| holds(s, 2) == 6).await;
    bench.ask(Command::Revive(W1)).await;
    let back = bench.until("it is back", all_consume).await;
    assert_eq!(prefetches(&back), [Some(1), Some(0)]);
    bench.publish(6).await;
    let dealt = bench
        .until("the old one takes all it can get", |s| holds(s, 1) + holds(s, 2) == 12)
        .await;
    assert_eq!(holds(&dealt, 1), 1);
    bench.end().await;
}

fn limited(limit: u16, workers: usize, prefetch: u16) -> Settings {
    Settings {
        speeds: vec![Speed(1000); workers],
        prefetch: Prefetch(prefetch),
        queue_type: QueueType::Quorum(DeliveryLimit(limit)),
        ..instant()
    }
}

/// Its worker crashes with the job until that is dead.
async fn until_dead(bench: &mut Bench) {
    for death in 0..9 {
        let deaths = format!("after {death} deaths the job is dead, or in a tray");
        let now = bench
            .until(&deaths, |s| s.books.dead == 1 || (holds(s, 1) == 1 && all_consume(s)))
            .await;
        if now.books.dead == 1 {
            return;
        }
        bench.ask(Command::Kill(W1, KillKind::Reset)).await;
        bench.until("it is down", |s| holds(s, 1) == 0).await;
        bench.ask(Command::Revive(W1)).await;
    }
    panic!("it came back nine times");
}

async fn the_broker_tells_what_it_buries(place: Place) {
    let mut bench = Bench::paused(&place, limited(2, 1, 1)).await;
    bench.publish(1).await;
    until_dead(&mut bench).await;
    let told = Entry::Buried {
        job: JobId(1),
        why: Burial::DeliveryLimit,
    };
    let end = bench
        .until("the broker agrees", |s| {
            s.books.balance == Balance::Balanced && s.queue.waiting == 0
        })
        .await;
    assert!(end.log.iter().any(|(_, entry)| *entry == told), "{:?}", end.log);
    assert_eq!(worker(&end, 1).redelivered, 2, "delivered once, and twice more");
    bench.end().await;
}

async fn a_death_counts_against_the_limit_for_all_that_the_worker_held(place: Place) {
    let mut bench = Bench::paused(&place, limited(1, 1, 3)).await;
    bench.publish(3).await;
    for deaths in 0..2 {
        let full = format!("it holds all three again, after {deaths}");
        bench.until(&full, |s| holds(s, 1) == 3 && all_consume(s)).await;
        bench.ask(Command::Kill(W1, KillKind::CloseChannel)).await;
        bench.until("it is down", |s| holds(s, 1) == 0).await;
        bench.ask(Command::Revive(W1)).await;
    }
    let end = bench.until("all three are dead", |s| s.books.dead == 3).await;
    assert_eq!(end.books.lost, 0);
    bench.end().await;
}

async fn back_at_zero_the_dead_letters_are_gone_and_read_again(place: Place) {
    let mut bench = Bench::paused(&place, limited(1, 1, 1)).await;
    for _ in 0..2 {
        bench.publish(1).await;
        until_dead(&mut bench).await;
        bench.ask(Command::Reset).await;
        bench
            .until("it begins again", |s| {
                s.books.published == 0 && all_consume(s) && s.producer.connected
            })
            .await;
    }
    bench.ask(Command::SetHabit(W1, Habit::Rejects)).await;
    bench.ask(Command::Resume).await;
    bench.publish(2).await;
    let end = bench
        .until("what it rejects is dead at once", |s| s.books.dead == 2)
        .await;
    let buried = |entry: &Entry| matches!(entry, Entry::Buried { .. });
    assert!(!end.log.iter().any(|(_, entry)| buried(entry)), "each is told once");
    bench.end().await;
}

fn each(workers: usize) -> Settings {
    Settings {
        speeds: vec![Speed(1000); workers],
        prefetch: Prefetch(1),
        sharing: Sharing::QueueEach,
        ..instant()
    }
}

async fn each_worker_gets_a_copy_in_its_own_queue(place: Place) {
    let mut bench = Bench::paused(&place, each(3)).await;
    bench.publish(4).await;
    let first = bench
        .until("each has the first", |s| (1..=3).all(|w| holds(s, w) == 1))
        .await;
    let hands: Vec<_> = first
        .workers
        .iter()
        .filter_map(|w| w.hand.map(|hand| hand.job))
        .collect();
    assert_eq!(hands, [JobId(1), JobId(2), JobId(3)]);
    let waiting: Vec<u32> = first.workers.iter().map(|w| w.waiting).collect();
    assert_eq!(waiting, [3, 3, 3]);
    bench.ask(Command::Resume).await;
    let end = bench
        .until("all are done, and confirmed", |s| {
            s.books.done == 12 && s.producer.confirmed == 12 && s.books.balance == Balance::Balanced
        })
        .await;
    let done: Vec<u32> = end.workers.iter().map(|w| w.done).collect();
    assert_eq!(done, [4, 4, 4]);
    bench.ask(Command::Reset).await;
    bench
        .until("it begins again", |s| {
            s.books.published == 0 && all_consume(s) && s.producer.connected
        })
        .await;
    bench.publish(2).await;
    bench.until("they are done again", |s| s.books.done == 6).await;
    bench.end().await;
}

async fn copies_of_a_dead_worker_wait_for_it(place: Place) {
    let mut bench = Bench::paused(&place, each(2)).await;
    bench.ask(Command::Kill(W1, KillKind::Reset)).await;
    bench.ask(Command::Resume).await;
    bench.publish(5).await;
    let one = bench
        .until("the other is through, and the broker agrees", |s| {
            worker(s, 2).done == 5 && s.books.balance == Balance::Balanced
        })
        .await;
    assert_eq!((worker(&one, 1).waiting, worker(&one, 1).done), (5, 0));
    bench.ask(Command::Revive(W1)).await;
    bench.until("it gets its own", |s| worker(s, 1).done == 5).await;
    bench.end().await;
}
