//! The embedded broker as a real client sees it: lapin over loopback.

mod kills;
mod limits;
mod messages;
mod quorum;
mod restarts;
mod server;
mod slow;

use dispatch_lab::broker::dispatch::QueueTotals;
use dispatch_lab::broker::server::{Server, ServerConfig};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

type Result<T = ()> = anyhow::Result<T>;

/// A condition that does not come true fails the test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(20);

async fn within<F: Future>(what: &str, future: F) -> F::Output {
    let output = tokio::time::timeout(PATIENCE, future).await;
    output.unwrap_or_else(|_| panic!("timed out: {what}"))
}

async fn start() -> Result<Server> {
    Ok(Server::start(ServerConfig::default()).await?)
}

/// A broker that keeps what is durable in that folder.
async fn start_on(folder: &Path) -> Result<Server> {
    let config = ServerConfig {
        data: Some(folder.to_owned()),
        ..ServerConfig::default()
    };
    Ok(Server::start(config).await?)
}

fn url(address: SocketAddr) -> String {
    // A small frame_max: lapin reserves buffers for many frames.
    format!("amqp://guest:guest@{address}/%2f?frame_max=8192")
}

async fn connect(address: SocketAddr) -> Result<Connection> {
    Ok(within(
        "connect",
        Connection::connect(&url(address), ConnectionProperties::default()),
    )
    .await?)
}

async fn channel(address: SocketAddr) -> Result<(Connection, Channel)> {
    let connection = connect(address).await?;
    let channel = connection.create_channel().await?;
    Ok((connection, channel))
}

async fn declare(channel: &Channel, queue: &str, durable: bool) -> Result {
    let options = QueueDeclareOptions {
        durable,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare(queue.into(), options, FieldTable::default())
        .await?;
    Ok(())
}

async fn publish(channel: &Channel, queue: &str, body: &str, delivery_mode: u8) -> Result {
    let properties = BasicProperties::default().with_delivery_mode(delivery_mode);
    let options = BasicPublishOptions::default();
    channel
        .basic_publish("".into(), queue.into(), options, body.as_bytes(), properties)
        .await?
        .await?;
    Ok(())
}

/// A consumer named after its tag.
async fn consume(channel: &Channel, queue: &str, tag: &str, prefetch: u16) -> Result<Consumer> {
    channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    Ok(channel
        .basic_consume(queue.into(), tag.into(), options, FieldTable::default())
        .await?)
}

/// A consumer without prefetch and acks.
async fn consume_automatically(channel: &Channel, queue: &str) -> Result<Consumer> {
    let options = BasicConsumeOptions {
        no_ack: true,
        ..BasicConsumeOptions::default()
    };
    let tag = "automatic".into();
    Ok(channel
        .basic_consume(queue.into(), tag, options, FieldTable::default())
        .await?)
}

async fn next(consumer: &mut Consumer) -> Result<Delivery> {
    let delivery = within("a delivery", consumer.next()).await;
    Ok(delivery.ok_or_else(|| anyhow::anyhow!("the consumer ended"))??)
}

/// The next deliveries as text: the body, and `R` if flagged redelivered.
async fn texts(consumer: &mut Consumer, count: usize) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for _ in 0..count {
        texts.push(text(&next(consumer).await?));
    }
    Ok(texts)
}

fn text(delivery: &Delivery) -> String {
    let flag = if delivery.redelivered { "R" } else { "" };
    format!("{}{flag}", String::from_utf8_lossy(&delivery.data))
}

/// Waits until the broker's own totals of a queue are as wished.
async fn until(server: &Server, queue: &str, wished: impl Fn(&QueueTotals) -> bool) -> Result {
    let mut totals = server.totals();
    let seen = |all: &std::sync::Arc<[QueueTotals]>| all.iter().any(|one| &*one.name == queue && wished(one));
    within(&format!("totals of {queue}"), totals.wait_for(seen)).await?;
    Ok(())
}
