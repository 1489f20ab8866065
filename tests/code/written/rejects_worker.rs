//! A worker. Each dot in the body of a job is a second of work.
use futures_util::StreamExt;
use lapin::options::{BasicConsumeOptions, BasicQosOptions, BasicRejectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Connection, ConnectionProperties, Result};
use std::time::Duration;

const URL: &str = "amqp://guest:guest@localhost:5672/%2F";
const DOT: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("AMQP_URL").unwrap_or(URL.to_owned());
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    // For what is rejected.
    let lasting = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    channel
        .queue_declare("task_queue_dead".into(), lasting, FieldTable::default())
        .await?;
    let mut arguments = FieldTable::default();
    arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
    let value = AMQPValue::LongString("task_queue_dead".into());
    arguments.insert("x-dead-letter-routing-key".into(), value);
    let options = QueueDeclareOptions::default();
    channel
        .queue_declare("task_dlx_transient".into(), options, arguments)
        .await?;
    channel.basic_qos(0, BasicQosOptions::default()).await?; // 0: no limit

    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume("task_dlx_transient".into(), "".into(), options, FieldTable::default())
        .await?;
    while let Some(delivery) = consumer.next().await {
        let delivery = delivery?;
        let again = if delivery.redelivered { " (redelivered)" } else { "" };
        println!(" [x] {}{again}", String::from_utf8_lossy(&delivery.data));
        let dots = delivery.data.iter().map(|byte| u32::from(*byte == b'.')).sum::<u32>();
        tokio::time::sleep(DOT * dots).await;
        let options = BasicRejectOptions { requeue: false };
        channel.basic_reject(delivery.delivery_tag, options).await?;
    }
    Ok(())
}
