//! A producer. Each dot in the body of a job is a second of work.
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Connection, ConnectionProperties, Result};
use std::time::Duration;

const URL: &str = "amqp://guest:guest@localhost:5672/%2F";

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("AMQP_URL").unwrap_or(URL.to_owned());
    let jobs = std::env::args().nth(1).and_then(|jobs| jobs.parse().ok()).unwrap_or(20);
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
    channel.confirm_select(ConfirmSelectOptions::default()).await?;

    let properties = BasicProperties::default().with_delivery_mode(2); // persistent
    let options = BasicPublishOptions::default();
    let dice = |sides: u64| {
        use std::collections::hash_map::RandomState;
        use std::hash::{BuildHasher, Hasher};
        RandomState::new().build_hasher().finish() % sides
    };
    for number in 1..=jobs {
        let dots = 1 + dice(3);
        let dots: String = (0..dots).map(|_| '.').collect();
        let body = format!("job-{number}{dots}");
        let sent = channel
            .basic_publish(
                "".into(),
                "task_dlx_transient".into(),
                options,
                body.as_bytes(),
                properties.clone(),
            )
            .await?;
        let confirmed = sent.await?.is_ack();
        println!(" [x] sent {body}, confirmed: {confirmed}");
        tokio::time::sleep(Duration::from_secs_f64(1.0 / 1.5)).await;
    }
    connection.close(200, "goodbye".into()).await
}
