use super::*;
use crate::engine::bench::{Bench, E, SOON, W};
use crate::lab::{AckMode, Prefetch, QueueKind, Subscription};

const SUBSCRIPTION: Subscription = Subscription {
    queue: QueueKind::Durable,
    prefetch: Prefetch(1),
    ack: AckMode::Manual,
};

async fn crew(bench: &Bench) -> (Crew, mpsc::Receiver<Report>) {
    bench.topology.ensure(QueueKind::Durable).await.expect("declared");
    let (outlet, reports) = mpsc::channel(64);
    let (topology, marks) = (bench.topology.clone(), bench.marks.clone());
    (
        Crew::new(topology, marks, outlet, Arc::default(), Confirms::Off),
        reports,
    )
}

async fn until(reports: &mut mpsc::Receiver<Report>, wanted: &Seen) {
    let found = async {
        while let Some(report) = reports.recv().await {
            if matches!(&report, Report::Seen(seen) if seen == wanted) {
                return;
            }
        }
        panic!("the crew ended");
    };
    tokio::time::timeout(SOON, found).await.expect("a report in time");
}

#[tokio::test]
async fn nothing_is_kept_of_a_dismissed_worker() {
    let bench = Bench::new(Confirms::Off).await;
    let (mut crew, mut reports) = crew(&bench).await;
    crew.carry_out(Ask::Subscribe(W, E, SUBSCRIPTION));
    until(&mut reports, &Seen::Subscribed(W, E)).await;
    bench.totals(0, 0, 1).await;
    crew.dismiss(W);
    assert!(crew.workers.is_empty());
    bench.totals(0, 0, 0).await;
    crew.end(async || ()).await;
}

#[tokio::test]
async fn worker_whose_task_has_ended_is_hired_anew() {
    let bench = Bench::new(Confirms::Off).await;
    let (mut crew, mut reports) = crew(&bench).await;
    crew.hire(W);
    let cancel = CancellationToken::new();
    let ended = Owned::spawn(cancel, async {}, async |_| ());
    while !ended.is_finished() {
        tokio::task::yield_now().await;
    }
    crew.workers.get_mut(&W).expect("hired").task = ended;
    crew.carry_out(Ask::Subscribe(W, E, SUBSCRIPTION));
    until(&mut reports, &Seen::Subscribed(W, E)).await;
    crew.end(async || ()).await;
}
