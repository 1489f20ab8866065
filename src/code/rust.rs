//! Rust with lapin.

use super::{Case, Role, declare, per_second, times};
use crate::lab::{AckMode, Arrivals, Confirms, Delivery, HEAVY_TAIL, Habit, Sizes, Speed};
use std::fmt::Write as _;

/// A package of its own for both programs.
pub(super) const MANIFEST: &str = r#"[package]
name = "dispatch-lab-code"
version = "0.1.0"
edition = "2024"

[[bin]]
name = "producer"
path = "producer.rs"

[[bin]]
name = "worker"
path = "worker.rs"

[dependencies]
futures-util = "0.3"
lapin = { version = "4.12", default-features = false, features = ["tokio"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread", "time"] }

# Wherever this folder is, it belongs to no other package.
[workspace]
"#;

pub(super) fn worker(case: &Case) -> String {
    let (url, queue, name) = (&case.url, declare::rust(case, Role::Worker), case.queue_name());
    let (options, types) = (options(case), declare::rust_types(case, Role::Worker));
    let kinds = declare::rust_kinds(case);
    let qos = match (case.prefetch.0, case.ack) {
        (0, _) => " // 0: no limit",
        (_, AckMode::Automatic) => " // no effect with no_ack",
        (_, AckMode::Manual) => "",
    };
    let work = if case.speed == Speed(1000) {
        "DOT * dots".to_owned()
    } else {
        format!("(DOT * dots).div_f64({})", float(&times(case.speed)))
    };
    let (prefetch, settle, no_ack) = (case.prefetch.0, settle(case), no_ack(case));
    format!(
        r#"//! A worker. Each dot in the body of a job is a second of work.
use futures_util::StreamExt;
use lapin::options::{{{options}}};
use lapin::types::{types};
use lapin::{{Connection, ConnectionProperties, {kinds}Result}};
use std::time::Duration;

const URL: &str = "{url}";
const DOT: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> Result<()> {{
    let url = std::env::var("AMQP_URL").unwrap_or(URL.to_owned());
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
{queue}
    channel.basic_qos({prefetch}, BasicQosOptions::default()).await?;{qos}

{no_ack}
    let mut consumer = channel
        .basic_consume("{name}".into(), "".into(), options, FieldTable::default())
        .await?;
    while let Some(delivery) = consumer.next().await {{
        let delivery = delivery?;
        let again = if delivery.redelivered {{ " (redelivered)" }} else {{ "" }};
        println!(" [x] {{}}{{again}}", String::from_utf8_lossy(&delivery.data));
        let dots = delivery.data.iter().map(|byte| u32::from(*byte == b'.')).sum::<u32>();
        tokio::time::sleep({work}).await;
{settle}    }}
    Ok(())
}}
"#
    )
}

fn options(case: &Case) -> String {
    let settle = match (case.ack, case.habit) {
        (AckMode::Automatic, _) | (_, Habit::Forgets) => "",
        (_, Habit::Acks | Habit::AcksTwice) => "BasicAckOptions, ",
        (_, Habit::Requeues) => "BasicNackOptions, ",
        (_, Habit::Rejects) => "BasicRejectOptions, ",
    };
    let sorted = match settle {
        "" | "BasicAckOptions, " => format!("{settle}BasicConsumeOptions, BasicQosOptions, "),
        "BasicNackOptions, " => format!("BasicConsumeOptions, {settle}BasicQosOptions, "),
        _ => format!("BasicConsumeOptions, BasicQosOptions, {settle}"),
    };
    format!("{sorted}{}", declare::rust_options(case, Role::Worker))
}

fn no_ack(case: &Case) -> &'static str {
    match case.ack {
        AckMode::Manual => "    let options = BasicConsumeOptions::default();",
        AckMode::Automatic => {
            "    let options = BasicConsumeOptions {\n        no_ack: true,\n        \
             ..BasicConsumeOptions::default()\n    };"
        }
    }
}

fn settle(case: &Case) -> &'static str {
    match (case.ack, case.habit) {
        (AckMode::Automatic, _) => "        // no ack: the broker took it as acked when it was sent\n",
        (AckMode::Manual, Habit::Acks) => {
            "        let options = BasicAckOptions::default();\n        \
             channel.basic_ack(delivery.delivery_tag, options).await?;\n"
        }
        (AckMode::Manual, Habit::Forgets) => "        // basic_ack is forgotten: the job stays unacked\n",
        (AckMode::Manual, Habit::Requeues) => {
            "        let options = BasicNackOptions {\n            requeue: true,\n            \
             ..BasicNackOptions::default()\n        };\n        \
             channel.basic_nack(delivery.delivery_tag, options).await?;\n"
        }
        (AckMode::Manual, Habit::Rejects) => {
            "        let options = BasicRejectOptions { requeue: false };\n        \
             channel.basic_reject(delivery.delivery_tag, options).await?;\n"
        }
        (AckMode::Manual, Habit::AcksTwice) => {
            "        let options = BasicAckOptions::default();\n        \
             channel.basic_ack(delivery.delivery_tag, options).await?;\n        \
             // Again: 406 PRECONDITION_FAILED closes the channel.\n        \
             channel.basic_ack(delivery.delivery_tag, options).await?;\n"
        }
    }
}

pub(super) fn producer(case: &Case) -> String {
    let (url, queue) = (&case.url, declare::rust(case, Role::Producer));
    let ((exchange, key), kinds) = (case.address(), declare::rust_kinds(case));
    let declares = declare::rust_options(case, Role::Producer);
    let (select, option) = match case.confirms {
        Confirms::On => (
            "    channel.confirm_select(ConfirmSelectOptions::default()).await?;\n",
            "BasicPublishOptions, ConfirmSelectOptions, ",
        ),
        Confirms::Off => ("", "BasicPublishOptions, "),
    };
    let mode = match case.messages {
        Delivery::Persistent => "2); // persistent",
        Delivery::Transient => "1); // transient",
    };
    let confirm = match case.confirms {
        Confirms::On => {
            "        let confirmed = sent.await?.is_ack();\n        \
             println!(\" [x] sent {body}, confirmed: {confirmed}\");"
        }
        Confirms::Off => {
            "        sent.await?; // nothing to wait for: no confirms\n        println!(\" [x] sent {body}\");"
        }
    };
    let (types, random, dots, pause) = (
        declare::rust_types(case, Role::Producer),
        random(case),
        dots(case.sizes),
        pause(case),
    );
    format!(
        r#"//! A producer. Each dot in the body of a job is a second of work.
use lapin::options::{{{option}{declares}}};
use lapin::types::{types};
use lapin::{{BasicProperties, Connection, ConnectionProperties, {kinds}Result}};
use std::time::Duration;

const URL: &str = "{url}";

#[tokio::main]
async fn main() -> Result<()> {{
    let url = std::env::var("AMQP_URL").unwrap_or(URL.to_owned());
    let jobs = std::env::args().nth(1).and_then(|jobs| jobs.parse().ok()).unwrap_or(20);
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
{queue}
{select}
    let properties = BasicProperties::default().with_delivery_mode({mode}
    let options = BasicPublishOptions::default();
{random}    for number in 1..=jobs {{
        let dots = {dots};
        let dots: String = (0..dots).map(|_| '.').collect();
        let body = format!("job-{{number}}{{dots}}");
        let sent = channel
            .basic_publish(
                "{exchange}".into(),
                "{key}".into(),
                options,
                body.as_bytes(),
                properties.clone(),
            )
            .await?;
{confirm}
{pause}    }}
    connection.close(200, "goodbye".into()).await
}}
"#
    )
}

/// Dice of the standard library, where they are thrown.
fn random(case: &Case) -> &'static str {
    match (case.sizes, case.arrivals) {
        (Sizes::Random | Sizes::HeavyTail, _) | (_, Arrivals::Poisson) => {
            "    let dice = |sides: u64| {\n        use std::collections::hash_map::RandomState;\n        \
             use std::hash::{BuildHasher, Hasher};\n        \
             RandomState::new().build_hasher().finish() % sides\n    };\n"
        }
        _ => "",
    }
}

fn dots(sizes: Sizes) -> String {
    let text = match sizes {
        Sizes::Equal => "2",
        Sizes::OddHeavy => "if number % 2 == 1 { 5 } else { 1 }",
        Sizes::Random => "1 + dice(3)",
        Sizes::HeavyTail => return heavy_tail(),
        Sizes::Instant => "0",
    };
    text.to_owned()
}

/// The lab's own dice for sizes that are mostly small.
fn heavy_tail() -> String {
    let mut text = "match dice(100) {\n".to_owned();
    let mut from = 0;
    for (share, low, high) in HEAVY_TAIL {
        let until = from + share;
        let places = if until == 100 {
            "_".to_owned()
        } else {
            format!("{from}..{until}")
        };
        let dots = if low == high {
            low.to_string()
        } else {
            format!("{low} + dice({})", high - low + 1)
        };
        let _ = writeln!(text, "            {places} => {dots},");
        from = until;
    }
    text + "        }"
}

fn pause(case: &Case) -> String {
    let rate = float(&per_second(case.rate));
    match case.arrivals {
        Arrivals::Regular => format!("        tokio::time::sleep(Duration::from_secs_f64(1.0 / {rate})).await;\n"),
        Arrivals::Poisson => format!(
            "        let luck = dice(1_000_000) as f64 / 1e6;\n        \
             tokio::time::sleep(Duration::from_secs_f64(-(1.0 - luck).ln() / {rate})).await;\n"
        ),
        Arrivals::Bursty => format!(
            "        if number % 8 == 0 {{\n            \
             tokio::time::sleep(Duration::from_secs_f64(8.0 / {rate})).await;\n        }}\n"
        ),
    }
}

/// A number that Rust takes for a fraction.
fn float(number: &str) -> String {
    if number.contains('.') {
        number.to_owned()
    } else {
        format!("{number}.0")
    }
}
