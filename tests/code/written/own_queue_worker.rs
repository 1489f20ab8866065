//! A worker. Each dot in the body of a job is a second of work.
use futures_util::StreamExt;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties, ExchangeKind, Result};
use std::time::Duration;

const URL: &str = "amqp://guest:guest@localhost:5672/%2F";
const DOT: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("AMQP_URL").unwrap_or(URL.to_owned());
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let options = ExchangeDeclareOptions::default();
    channel
        .exchange_declare(
            "tasks".into(),
            ExchangeKind::Fanout,
            options,
            FieldTable::default(),
        )
        .await?;
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare("tasks_w2".into(), options, FieldTable::default())
        .await?;
    // A copy of each job.
    let options = QueueBindOptions::default();
    channel
        .queue_bind(
            "tasks_w2".into(),
            "tasks".into(),
            "".into(),
            options,
            FieldTable::default(),
        )
        .await?;
    channel.basic_qos(1, BasicQosOptions::default()).await?;

    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume("tasks_w2".into(), "".into(), options, FieldTable::default())
        .await?;
    while let Some(delivery) = consumer.next().await {
        let delivery = delivery?;
        let again = if delivery.redelivered { " (redelivered)" } else { "" };
        println!(" [x] {}{again}", String::from_utf8_lossy(&delivery.data));
        let dots = delivery.data.iter().map(|byte| u32::from(*byte == b'.')).sum::<u32>();
        tokio::time::sleep(DOT * dots).await;
        let options = BasicAckOptions::default();
        channel.basic_ack(delivery.delivery_tag, options).await?;
    }
    Ok(())
}
