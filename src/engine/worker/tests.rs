use super::*;
use crate::broker::server::{Server, ServerConfig};
use crate::engine::bench::{Bench, E, SOON, W};
use crate::engine::line::Access;
use crate::engine::link::Conditions;
use crate::engine::mark::Run;
use crate::engine::target::BrokerUrl;
use crate::engine::topology::Owner;
use crate::lab::{Confirms, Delivered, Heartbeat, JobId, LineQuality, Prefetch, QueueKind};
use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueDeleteOptions};
use lapin::tcp::OwnedTLSConfig;
use tokio::time::timeout;

#[tokio::test]
async fn delivery_carries_job_dots_tag_and_mode() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=3).await;
    let got = bench.delivered(3).await;
    let want: Vec<_> = (1..=3)
        .map(|id| Delivered {
            job: JobId(id),
            dots: id % 4,
            tag: DeliveryTag(u64::from(id)),
            redelivered: false,
            ack: AckMode::Manual,
        })
        .collect();
    assert_eq!(got, want);
    bench.totals(0, 3, 1).await;
}

#[tokio::test]
async fn acks_reach_the_broker_also_many_at_once() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=50).await;
    for delivered in bench.delivered(50).await.into_iter().take(49) {
        bench.ask(Order::Ack(E, delivered.tag)).await;
    }
    bench.totals(0, 1, 1).await;
}

#[tokio::test]
async fn ack_of_an_earlier_epoch_is_let_go() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=2).await;
    let tags: Vec<_> = bench
        .delivered(2)
        .await
        .into_iter()
        .map(|delivered| delivered.tag)
        .collect();
    bench.subscribe(Epoch(2), 0, AckMode::Manual).await;
    bench.delivered(2).await;
    bench.ask(Order::Ack(E, tags[0])).await;
    bench.ask(Order::Ack(Epoch(2), tags[1])).await;
    bench.totals(0, 1, 1).await;
}

#[tokio::test]
async fn every_cut_gives_unacked_back_and_is_reported_once_after_all_deliveries() {
    for cut in [Cut::Channel, Cut::Connection, Cut::Reset] {
        let mut bench = Bench::new(Confirms::Off).await;
        bench.subscribe(E, 0, AckMode::Manual).await;
        bench.publish(1..=10).await;
        bench.delivered(10).await;
        bench.ask(Order::Cut(E, cut)).await;
        let down = Seen::Down(W, E, DownCause::Asked(cut));
        assert_eq!(
            bench.until(|seen| matches!(seen, Seen::Down(..))).await.last(),
            Some(&down),
            "{cut:?}"
        );
        bench.totals(10, 0, 0).await;
        bench.subscribe(Epoch(2), 1, AckMode::Manual).await;
        let again = bench.delivered(1).await;
        assert_eq!((again[0].job, again[0].redelivered), (JobId(1), true), "{cut:?}");
    }
}

#[tokio::test]
async fn rejected_delivery_goes_back_or_to_the_dead_letters() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 1, AckMode::Manual).await;
    bench.publish(1..=1).await;
    let first = bench.delivered(1).await[0];
    bench.ask(Order::Reject(E, first.tag, Requeue::Yes)).await;
    let again = bench.delivered(1).await[0];
    assert_eq!((again.job, again.redelivered), (first.job, true));
    bench.ask(Order::Reject(E, again.tag, Requeue::No)).await;
    bench.totals(0, 0, 1).await;
    let name = bench.topology.dead_letters();
    let mut totals = bench.server.totals();
    let there = totals.wait_for(|all| all.iter().any(|q| *q.name == *name && q.ready == 1));
    assert!(timeout(SOON, there).await.expect("in time").is_ok());
}

#[tokio::test]
async fn silent_line_is_down_when_the_broker_has_found_out() {
    let conditions = Conditions::new(LineQuality::default(), Heartbeat(1));
    let mut bench = Bench::under(Confirms::Off, conditions).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=2).await;
    let tag = bench.delivered(2).await[0].tag;
    bench.ask(Order::Silence(E)).await;
    bench.ask(Order::Ack(E, tag)).await;
    let seen = bench.until(|seen| matches!(seen, Seen::Down(..))).await;
    let why = "heartbeats stayed away".to_owned();
    assert_eq!(seen.last(), Some(&Seen::Down(W, E, DownCause::Lost(why))));
    // The ack went nowhere.
    bench.totals(2, 0, 0).await;
}

#[tokio::test]
async fn silent_line_that_is_cut_is_reset_at_once() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=2).await;
    bench.delivered(2).await;
    bench.ask(Order::Silence(E)).await;
    bench.ask(Order::Cut(E, Cut::Connection)).await;
    let down = Seen::Down(W, E, DownCause::Asked(Cut::Connection));
    bench.until(|seen| *seen == down).await;
    bench.totals(2, 0, 0).await;
    bench.subscribe(Epoch(2), 0, AckMode::Manual).await;
    assert_eq!(bench.delivered(2).await.len(), 2);
}

#[tokio::test]
async fn in_good_order_nothing_that_was_acked_by_itself_is_lost_unseen() {
    for cut in [Cut::Channel, Cut::Connection] {
        let mut bench = Bench::new(Confirms::Off).await;
        bench.subscribe(E, 0, AckMode::Automatic).await;
        bench.publish(1..=500).await;
        bench.delivered(1).await;
        bench.ask(Order::Cut(E, cut)).await;
        let seen = bench.until(|seen| matches!(seen, Seen::Down(..))).await;
        let heard = 1 + seen.iter().filter(|seen| matches!(seen, Seen::Delivered(..))).count();
        // The rest of the five hundred is still coming in, so the queue is looked at when all are there.
        let name = bench.topology.name(QueueKind::Durable);
        let mut totals = bench.server.totals();
        let all = totals.wait_for(|all| all.iter().any(|q| *q.name == *name && q.published == 500));
        let ready = timeout(SOON, all)
            .await
            .expect("in time")
            .expect("the broker runs")
            .iter()
            .map(|q| q.ready)
            .sum::<u64>();
        assert_eq!(heard as u64 + ready, 500, "{cut:?}");
    }
}

#[tokio::test]
async fn resubscribing_keeps_the_channel_and_what_was_handed_out() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=3).await;
    bench.delivered(3).await;
    bench.subscribe(E, 1, AckMode::Manual).await;
    bench.totals(0, 3, 1).await;
    bench.ask(Order::Ack(E, DeliveryTag(2))).await;
    bench.totals(0, 2, 1).await;
    bench.publish(4..=5).await;
    assert_eq!(bench.delivered(1).await[0].tag, DeliveryTag(4));
    bench.totals(1, 3, 1).await;
}

#[tokio::test]
async fn unsubscribed_worker_gets_no_more_and_may_ack_what_it_has() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.publish(1..=2).await;
    bench.delivered(2).await;
    bench.ask(Order::Unsubscribe(E)).await;
    bench.totals(0, 2, 0).await;
    bench.publish(3..=3).await;
    bench.totals(1, 2, 0).await;
    bench.ask(Order::Ack(E, DeliveryTag(1))).await;
    bench.totals(1, 1, 0).await;
}

#[tokio::test]
async fn deleted_queue_is_a_cancel_by_the_broker() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    let (_line, channel) = bench.stranger().await;
    let name = bench.topology.name(QueueKind::Durable);
    channel
        .queue_delete(name.into(), QueueDeleteOptions::default())
        .await
        .expect("delete-ok");
    assert_eq!(bench.next().await, Seen::CancelledByBroker(W, E));
    // Without its queue a job comes back to the producer.
    bench.publish(9..=9).await;
    bench.until(|seen| *seen == Seen::Returned(JobId(9))).await;
}

#[tokio::test]
async fn wrong_ack_is_the_brokers_refusal_with_code_and_text() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    bench.ask(Order::Ack(E, DeliveryTag(99))).await;
    let text = "PRECONDITION_FAILED - unknown delivery tag 99".to_owned();
    assert_eq!(bench.next().await, Seen::Down(W, E, DownCause::Refused(406, text)));
    bench.subscribe(Epoch(2), 0, AckMode::Manual).await;
    bench.totals(0, 0, 1).await;
}

#[tokio::test]
async fn stop_of_the_broker_is_a_refusal_with_320() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 0, AckMode::Manual).await;
    let spare = Server::start(ServerConfig::default()).await.expect("loopback");
    let server = std::mem::replace(&mut bench.server, spare);
    server.stop().await;
    let seen = bench.until(|seen| matches!(seen, Seen::Down(..))).await;
    assert!(
        matches!(seen.last(), Some(Seen::Down(W, E, DownCause::Refused(320, _)))),
        "{seen:?}"
    );
}

#[tokio::test]
async fn foreign_message_is_acked_and_counted() {
    let mut bench = Bench::new(Confirms::Off).await;
    bench.subscribe(E, 1, AckMode::Manual).await;
    let (_line, channel) = bench.stranger().await;
    let name = bench.topology.name(QueueKind::Durable);
    let publish = channel.basic_publish(
        "".into(),
        name.into(),
        BasicPublishOptions::default(),
        b"hi",
        BasicProperties::default(),
    );
    publish.await.expect("sent");
    assert_eq!(bench.next().await, Seen::Foreign(W));
    bench.totals(0, 0, 1).await;
}

#[tokio::test]
async fn subscribing_where_no_broker_listens_is_a_line_that_is_down() {
    let bench = Bench::new(Confirms::Off).await;
    let access = Access::new(BrokerUrl::loopback(1), OwnedTLSConfig::default());
    let topology = Topology::new(
        access,
        Run::random(),
        Owner::Lab,
        super::super::topology::Layout::of(&crate::lab::Settings::default()),
    );
    let (worker, orders) = mpsc::channel(8);
    let (outlet, mut reports) = mpsc::channel(8);
    tokio::spawn(Worker::new(W, topology, bench.marks.clone(), outlet).run(orders, CancellationToken::new()));
    let subscription = Subscription {
        queue: QueueKind::Durable,
        prefetch: Prefetch(0),
        ack: AckMode::Manual,
    };
    worker
        .send(Order::Subscribe(E, subscription))
        .await
        .expect("the worker runs");
    let report = timeout(SOON, reports.recv()).await.expect("in time");
    let lost = "nothing listens at the broker's address".to_owned();
    match report {
        Some(Report::Seen(seen)) => assert_eq!(seen, Seen::Down(W, E, DownCause::Lost(lost))),
        other => panic!("{other:?}"),
    }
    drop(bench.outlet);
}

#[tokio::test]
async fn refused_queue_kind_leaves_the_consumer_that_there_is() {
    let mut bench = Bench::new(Confirms::Off).await;
    let why = "INTERNAL_ERROR - transient queues are not permitted";
    bench.topology.refuse(QueueKind::Transient, why).await;
    let refused = Seen::Refused {
        what: crate::lab::RefusedSetting::Queue(QueueKind::Transient),
        why: why.to_owned(),
    };
    let subscription = Subscription {
        queue: QueueKind::Transient,
        prefetch: Prefetch(0),
        ack: AckMode::Manual,
    };
    bench.ask(Order::Subscribe(E, subscription)).await;
    assert_eq!(bench.next().await, refused);
    assert_eq!(bench.next().await, Seen::Down(W, E, DownCause::Lost(why.to_owned())));
    let second = Epoch(2);
    bench.subscribe(second, 0, AckMode::Manual).await;
    bench.ask(Order::Subscribe(second, subscription)).await;
    assert_eq!(bench.next().await, refused);
    bench.publish(1..=1).await;
    assert_eq!(bench.delivered(1).await[0].job, JobId(1));
}
