//! Clients that ask and never listen. What they are owed may not grow without bound, and nobody waits for them.

use super::client::{Client, confirm_mode, consume, declare, frame, publish};
use super::{MB, Result, count, endures};
use amq_protocol::protocol::{AMQPClass, queue};
use amq_protocol::types::{AMQPValue, FieldTable};

/// Bytes of one message's body.
const BODY: usize = 4096;

/// A consumer that never reads, while another client publishes: how much comes together is what the queue holds.
fn deaf_consumer(kind: &str, no_ack: bool) -> Result {
    let messages = count(5000, 100_000);
    let held = u64::from(messages) * BODY as u64 / MB;
    let name = format!(
        "a deaf consumer, {kind}, {}",
        if no_ack { "automatic ack" } else { "manual ack" }
    );
    endures(&name, 64 + held * 2, |broker| {
        let mut kinds = FieldTable::default();
        kinds.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
        let mut deaf = Client::open(broker.address())?;
        deaf.say(&declare("deaf", kinds))?;
        deaf.say(&consume("deaf", "deaf", no_ack))?;
        let mut publisher = Client::open(broker.address())?;
        for _ in 0..messages / 100 {
            publisher.say(&publish("", "deaf", &[0; BODY], false).repeat(100))?;
            publisher.settle()?;
        }
        println!("{name}: {} MB with {held} MB of messages", broker.memory() / MB);
        Ok(())
    })
}

#[test]
fn consumer_of_a_classic_queue_with_automatic_ack() -> Result {
    deaf_consumer("classic", true)
}

#[test]
fn consumer_of_a_classic_queue_with_manual_ack() -> Result {
    deaf_consumer("classic", false)
}

#[test]
fn consumer_of_a_quorum_queue_with_automatic_ack() -> Result {
    deaf_consumer("quorum", true)
}

#[test]
fn consumer_of_a_quorum_queue_with_manual_ack() -> Result {
    deaf_consumer("quorum", false)
}

/// Presses requests upon the broker that it must answer. It stops to read when too many answers wait, and reads little
/// ahead of what it has answered.
fn deaf_asker(name: &str, before: &[u8], request: &[u8]) -> Result {
    let megabytes = count(8, 200) as usize;
    endures(name, 24, |broker| {
        let mut deaf = Client::open(broker.address())?;
        deaf.say(before)?;
        let requests = request.repeat(64 * 1024 / request.len() + 1);
        let mut taken = 0;
        for _ in 0..megabytes * 16 {
            let pressed = deaf.press(&requests)?;
            taken += pressed;
            if pressed < requests.len() {
                break;
            }
        }
        println!("{name}: {} KB taken", taken / 1024);
        Ok(())
    })
}

#[test]
fn publisher_that_never_reads_its_confirms() -> Result {
    let message = publish("", "nowhere", b"", false);
    deaf_asker("confirms that nobody reads", &confirm_mode(), &message)
}

#[test]
fn publisher_that_never_reads_what_is_returned() -> Result {
    let message = publish("", "nowhere", &[0; 1000], true);
    deaf_asker("returns that nobody reads", b"", &message)
}

#[test]
fn client_that_never_reads_its_answers() -> Result {
    let ask = queue::AMQPMethod::Declare(queue::Declare {
        queue: "bystander".into(),
        passive: true,
        ..queue::Declare::default()
    });
    deaf_asker("answers that nobody reads", b"", &frame(1, AMQPClass::Queue(ask)))
}
