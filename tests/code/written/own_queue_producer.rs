//! A producer. Each dot in the body of a job is a second of work.
use lapin::options::{BasicPublishOptions, ExchangeDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties, ExchangeKind, Result};
use std::time::Duration;

const URL: &str = "amqp://guest:guest@localhost:5672/%2F";

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::var("AMQP_URL").unwrap_or(URL.to_owned());
    let jobs = std::env::args().nth(1).and_then(|jobs| jobs.parse().ok()).unwrap_or(20);
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
                "tasks".into(),
                "".into(),
                options,
                body.as_bytes(),
                properties.clone(),
            )
            .await?;
        sent.await?; // nothing to wait for: no confirms
        println!(" [x] sent {body}");
        tokio::time::sleep(Duration::from_secs_f64(1.0 / 1.5)).await;
    }
    connection.close(200, "goodbye".into()).await
}
