use super::*;
use crate::broker::server::{Server, ServerConfig};
use crate::engine::bench::{Bench, E, W};
use crate::lab::{AckMode, DownCause};
use lapin::options::QueueDeleteOptions;

#[tokio::test]
async fn crash_of_the_broker_is_a_lost_line_and_a_producer_that_is_down() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    let spare = Server::start(ServerConfig::default()).await.expect("loopback");
    let server = std::mem::replace(&mut bench.server, spare);
    server.crash().await;
    let (mut worker, mut producer) = (0, 0);
    while worker == 0 || producer == 0 {
        match bench.next().await {
            Seen::Down(W, E, DownCause::Lost(_)) => worker += 1,
            Seen::ProducerDown(_) => producer += 1,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn each_job_is_confirmed_once_in_confirm_mode() {
    let mut bench = Bench::new(Confirms::On).await;
    bench.topology.ensure(QueueKind::Durable).await.expect("declared");
    bench.publish(1..=300).await;
    let mut confirmed = Vec::new();
    while confirmed.len() < 300 {
        match bench.next().await {
            Seen::Confirmed(job) => confirmed.push(job.0),
            other => panic!("{other:?}"),
        }
    }
    confirmed.sort_unstable();
    assert_eq!(confirmed, (1..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn changed_confirms_reopen_the_channel_and_lose_no_confirm() {
    let mut bench = Bench::new(Confirms::On).await;
    bench.publish(1..=20).await;
    bench
        .producer
        .send(Order::SetConfirms(Confirms::Off))
        .await
        .expect("the producer runs");
    bench.publish(21..=40).await;
    bench
        .producer
        .send(Order::SetConfirms(Confirms::On))
        .await
        .expect("the producer runs");
    bench.publish(41..=60).await;
    let mut confirmed = Vec::new();
    while confirmed.len() < 40 {
        match bench.next().await {
            Seen::Confirmed(job) => confirmed.push(job.0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(confirmed, (1..=20).chain(41..=60).collect::<Vec<_>>());
    bench.totals(60, 0, 0).await;
}

#[tokio::test]
async fn unroutable_job_is_returned_with_and_without_confirms() {
    for confirms in [Confirms::Off, Confirms::On] {
        let mut bench = Bench::new(confirms).await;
        bench.topology.ensure(QueueKind::Durable).await.expect("declared");
        let (_line, channel) = bench.stranger().await;
        let name = bench.topology.name(QueueKind::Durable);
        channel
            .queue_delete(name.into(), QueueDeleteOptions::default())
            .await
            .expect("delete-ok");
        bench.publish(7..=7).await;
        assert_eq!(bench.next().await, Seen::Returned(JobId(7)), "{confirms:?}");
    }
}

#[tokio::test]
async fn returns_are_collected_while_jobs_keep_coming_without_confirms() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.topology.ensure(QueueKind::Durable).await.expect("declared");
    let (_line, channel) = bench.stranger().await;
    let name = bench.topology.name(QueueKind::Durable);
    channel
        .queue_delete(name.into(), QueueDeleteOptions::default())
        .await
        .expect("delete-ok");
    let producer = bench.producer.clone();
    let steady = async {
        let mut ticks = tokio::time::interval(RETURNS_EVERY / 8);
        for id in 1.. {
            ticks.tick().await;
            let order = Order::Publish(job(id), QueueKind::Durable, Delivery::Transient);
            producer.send(order).await.expect("the producer runs");
        }
    };
    tokio::select! {
        () = steady => {}
        seen = bench.next() => assert_eq!(seen, Seen::Returned(JobId(1))),
    }
}

#[tokio::test]
async fn rest_of_a_batch_on_a_broken_line_is_told_as_never_sent() {
    let bench = Bench::new(Confirms::Off).await;
    bench.topology.ensure(QueueKind::Durable).await.expect("declared");
    let (outlet, mut reports) = mpsc::channel(16);
    let (topology, marks) = (bench.topology.clone(), bench.marks.clone());
    let mut producer = Producer::new(topology, marks, outlet, Confirms::Off, Arc::default());
    let open = producer.try_connect().await.expect("the broker is there");
    open.line.link.reset();
    producer.open = Some(open);
    let publish = |id| Order::Publish(job(id), QueueKind::Durable, Delivery::Persistent);
    let mut batch = vec![publish(1), Order::SetConfirms(Confirms::On), publish(2), publish(3)];
    assert!(producer.carry_out(&mut batch).await.is_err());
    assert_eq!(producer.confirms, Confirms::On);
    drop(producer);
    let mut never_sent = Vec::new();
    while let Some(report) = reports.recv().await {
        match report {
            Report::Seen(Seen::NeverSent(job)) => never_sent.push(job.0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(never_sent, [1, 2, 3]);
}

fn job(id: u32) -> Job {
    Job {
        id: JobId(id),
        word: "maple",
        dots: 1,
    }
}
