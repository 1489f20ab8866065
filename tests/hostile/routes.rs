//! Bindings without number, and keys that are hard to match.

use super::client::{Client, bind, declare, publish};
use super::{Result, count, endures};
use amq_protocol::types::FieldTable;
use std::time::Instant;

/// Publishes to an exchange with many bindings, of which one fits; tells the cost of each publish.
fn bindings(exchange: &str, key: impl Fn(u32) -> String) -> Result {
    let (bindings, publishes) = (count(3000, 100_000), count(200, 2000));
    endures(
        &format!("bindings at {exchange}"),
        32 + u64::from(bindings) / 400,
        |broker| {
            let mut client = Client::open(broker.address())?;
            client.say(&declare("bound", FieldTable::default()))?;
            for first in (0..bindings).step_by(500) {
                let all: Vec<u8> = (first..bindings.min(first + 500))
                    .flat_map(|number| bind("bound", exchange, &key(number)))
                    .collect();
                client.say(&all)?;
                client.settle()?;
            }
            let began = Instant::now();
            let message = publish(exchange, &key(7), b"", false);
            for _ in 0..publishes / 100 {
                client.say(&message.repeat(100))?;
                client.settle()?;
            }
            println!(
                "{exchange}: {:.1?} for each publish at {bindings} bindings",
                began.elapsed() / publishes
            );
            Ok(())
        },
    )
}

#[test]
fn bindings_of_a_direct_exchange() -> Result {
    bindings("amq.direct", |number| format!("key-{number}"))
}

#[test]
fn bindings_of_a_fanout_exchange() -> Result {
    bindings("amq.fanout", |number| format!("key-{number}"))
}

#[test]
fn bindings_of_a_topic_exchange() -> Result {
    bindings("amq.topic", |number| format!("a.{number}.*.#"))
}

/// Each hash may stand for any number of words: a careless matcher tries them all.
#[test]
fn keys_of_many_hashes() -> Result {
    endures("keys of many hashes", 32, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&declare("hashes", FieldTable::default()))?;
        for hashes in 1..100 {
            client.say(&bind("hashes", "amq.topic", &format!("{}z", "#.".repeat(hashes))))?;
        }
        let key = "a.".repeat(127);
        for _ in 0..count(20, 1000) {
            client.say(&publish("amq.topic", &key, b"", false))?;
            client.settle()?;
        }
        Ok(())
    })
}

/// As many queues as one message can reach.
#[test]
fn fanout_to_many_queues() -> Result {
    let queues = count(1000, 20_000);
    endures("a fanout to many queues", 32 + u64::from(queues) / 100, |broker| {
        let mut client = Client::open(broker.address())?;
        for number in 0..queues {
            let name = format!("fan-{number}");
            client.say(&declare(&name, FieldTable::default()))?;
            client.say(&bind(&name, "amq.fanout", ""))?;
        }
        client.settle()?;
        for _ in 0..10 {
            client.say(&publish("amq.fanout", "", &[0; 10_000], false))?;
            client.settle()?;
        }
        Ok(())
    })
}
