//! Clients that are not of the lab, on a real wire: rows with their names, and what becomes of what they hold.

use crate::harness::{Bench, Place, settings, worker};
use dispatch_lab::lab::{Balance, Command, GoneHow, KillKind, Snapshot, Speed, Toll, WorkerId, WorkerState};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, BasicRejectOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, Consumer};

/// A client of a connection name, or of none.
struct Client {
    connection: Connection,
    channel: Channel,
    consumer: Consumer,
}

impl Client {
    async fn consuming(bench: &Bench, name: Option<&str>) -> Self {
        let (url, queue) = bench.door();
        let properties = match name {
            Some(name) => ConnectionProperties::default().with_connection_name(name.into()),
            None => ConnectionProperties::default(),
        };
        let connection = Connection::connect(&url, properties).await.expect("let in");
        let channel = connection.create_channel().await.expect("a channel");
        channel.basic_qos(1, BasicQosOptions::default()).await.expect("qos-ok");
        let consumer = channel
            .basic_consume(
                queue.into(),
                "".into(),
                BasicConsumeOptions::default(),
                FieldTable::default(),
            )
            .await
            .expect("consume-ok");
        Self {
            connection,
            channel,
            consumer,
        }
    }

    async fn job(&mut self) -> Delivery {
        self.consumer.next().await.expect("a delivery").expect("it is open")
    }
}

/// One worker of the lab, which holds a job for as long as the test lasts, so that all others go to guests.
async fn with_a_busy_worker() -> Bench {
    let mut settings = settings();
    settings.speeds = vec![Speed(1000)];
    settings.prefetch = dispatch_lab::lab::Prefetch(1);
    Bench::with_jobs_handed_out(&Place::Embedded, settings, 1).await
}

fn guest(snapshot: &Snapshot, id: u16) -> Option<String> {
    let row = snapshot.workers.iter().find(|w| w.id == WorkerId(id))?;
    row.guest.as_ref().map(ToString::to_string)
}

fn settled(snapshot: &Snapshot) -> bool {
    snapshot.books.balance == Balance::Balanced
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guest_is_shown_with_its_name_and_what_it_holds_until_it_acks() {
    let mut bench = with_a_busy_worker().await;
    let mut alice = Client::consuming(&bench, Some("ALICE")).await;
    bench
        .until("she is there", |s| guest(s, 2).as_deref() == Some("ALICE"))
        .await;
    bench.publish(1).await;
    let job = alice.job().await;
    bench
        .until("she holds it", |s| {
            worker(s, 2).hand.is_some_and(|hand| hand.job.0 == 2)
        })
        .await;
    job.ack(BasicAckOptions::default()).await.expect("sent");
    bench
        .until("it is done", |s| {
            (worker(s, 2).done, s.books.done) == (1, 1) && settled(s)
        })
        .await;
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guest_without_a_name_is_called_by_user_and_address() {
    let mut bench = with_a_busy_worker().await;
    let client = Client::consuming(&bench, None).await;
    bench
        .until("it is there", |s| {
            guest(s, 2).is_some_and(|name| name.starts_with("guest@127.0.0.1:"))
        })
        .await;
    drop(client);
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn job_of_a_guest_that_is_gone_goes_to_the_neighbour_with_the_flag() {
    let mut bench = with_a_busy_worker().await;
    let mut alice = Client::consuming(&bench, Some("ALICE")).await;
    bench.until("she is there", |s| guest(s, 2).is_some()).await;
    bench.publish(1).await;
    let first = alice.job().await;
    assert!(!first.redelivered);
    let mut bob = Client::consuming(&bench, Some("BOB")).await;
    bench.until("he is there", |s| guest(s, 3).is_some()).await;
    alice.connection.close(200, "bye".into()).await.expect("close-ok");
    let again = bob.job().await;
    assert!(again.redelivered);
    bench
        .until("the lab knows it all", |s| {
            let gone = WorkerState::Gone(GoneHow::Killed(KillKind::CloseConnection), Toll { back: 1, lost: 0 });
            worker(s, 2).state == gone && worker(s, 3).hand.is_some_and(|hand| hand.redelivered) && settled(s)
        })
        .await;
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_guest_refuses_is_dead_or_back_and_what_it_keeps_after_a_cancel_is_its_own() {
    let mut bench = with_a_busy_worker().await;
    let mut alice = Client::consuming(&bench, Some("ALICE")).await;
    bench.publish(1).await;
    let refused = alice.job().await;
    refused
        .reject(BasicRejectOptions { requeue: false })
        .await
        .expect("sent");
    bench.until("it is dead", |s| s.books.dead == 1 && settled(s)).await;
    bench.publish(1).await;
    let back = alice.job().await;
    let requeue = BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    };
    back.nack(requeue).await.expect("sent");
    let again = alice.job().await;
    assert!(again.redelivered);
    bench.until("it came twice", |s| worker(s, 2).redelivered == 1).await;
    let tag = alice.consumer.tag();
    alice
        .channel
        .basic_cancel(tag, BasicCancelOptions::default())
        .await
        .expect("cancel-ok");
    bench
        .until("she works it off", |s| {
            worker(s, 2).state == WorkerState::Cancelled && worker(s, 2).unacked == 1
        })
        .await;
    again.ack(BasicAckOptions::default()).await.expect("sent");
    bench
        .until("it is done", |s| worker(s, 2).done == 1 && settled(s))
        .await;
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_broker_refuses_a_guest_is_told() {
    let mut bench = with_a_busy_worker().await;
    let alice = Client::consuming(&bench, Some("ALICE")).await;
    bench.until("she is there", |s| guest(s, 2).is_some()).await;
    alice
        .channel
        .basic_ack(77, BasicAckOptions::default())
        .await
        .expect("sent");
    bench
        .until("its channel is gone", |s| {
            matches!(&worker(s, 2).state, WorkerState::Gone(GoneHow::Refused(text), _) if text.contains("unknown delivery tag"))
        })
        .await;
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guests_end_with_the_broker() {
    let mut bench = with_a_busy_worker().await;
    let _alice = Client::consuming(&bench, Some("ALICE")).await;
    bench.until("she is there", |s| guest(s, 2).is_some()).await;
    bench.ask(Command::Broker(dispatch_lab::lab::BrokerCommand::Kill)).await;
    bench
        .until("she is gone", |s| matches!(worker(s, 2).state, WorkerState::Gone(..)))
        .await;
    bench.end().await;
}
