//! Too much of everything: queues, messages, consumers, tables, transactions. What is kept may cost what it holds.

use super::client::{Client, begin, bind, consume, declare, frame, header, publish, raw, transaction_mode};
use super::words::enormous_table;
use super::{Result, count, endures};
use amq_protocol::protocol::{AMQPClass, basic, queue, tx};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::time::Instant;

/// Frames in one go; between two of them the answers are waited for, so that what is under way stays small.
const TOGETHER: u32 = 500;

fn say_all(client: &mut Client, all: u32, say: impl Fn(u32) -> Vec<u8>) -> Result {
    for first in (0..all).step_by(TOGETHER as usize) {
        let bytes: Vec<u8> = (first..all.min(first + TOGETHER)).flat_map(&say).collect();
        client.say(&bytes)?;
        client.settle()?;
    }
    Ok(())
}

#[test]
fn queues_by_the_hundred_thousand() -> Result {
    let queues = count(3000, 100_000);
    endures("queues declared", 32 + u64::from(queues) / 250, |broker| {
        let mut client = Client::open(broker.address())?;
        say_all(&mut client, queues, |number| {
            declare(&format!("hoard-{number}"), FieldTable::default())
        })
    })
}

#[test]
fn queues_that_expire_by_the_hundred_thousand() -> Result {
    let queues = count(2000, 100_000);
    endures("queues with times declared", 32 + u64::from(queues) / 150, |broker| {
        let mut client = Client::open(broker.address())?;
        let mut times = FieldTable::default();
        times.insert("x-expires".into(), AMQPValue::LongInt(3_600_000));
        times.insert("x-message-ttl".into(), AMQPValue::LongInt(1_800_000));
        say_all(&mut client, queues, |number| {
            let name = format!("hoard-{number}");
            [declare(&name, times.clone()), publish("", &name, b"", false)].concat()
        })?;
        let (began, rounds) = (Instant::now(), count(200, 2000));
        for _ in 0..rounds {
            client.settle()?;
        }
        println!(
            "{:.1?} for each round trip beside {queues} queues with times",
            began.elapsed() / rounds
        );
        Ok(())
    })
}

/// They go with their connection, all at once.
#[test]
fn exclusive_queues_that_are_bound_and_consumed_go_at_once() -> Result {
    let queues = count(2000, 100_000);
    endures("exclusive queues", 32 + u64::from(queues) / 100, |broker| {
        let mut client = Client::open(broker.address())?;
        say_all(&mut client, queues, |number| {
            let name = format!("own-{number}");
            let declare = queue::AMQPMethod::Declare(queue::Declare {
                queue: name.as_str().into(),
                exclusive: true,
                nowait: true,
                ..queue::Declare::default()
            });
            let declare = frame(1, AMQPClass::Queue(declare));
            [declare, bind(&name, "amq.fanout", "all"), consume(&name, &name, false)].concat()
        })?;
        drop(client);
        let began = Instant::now();
        Client::open(broker.address())?.settle()?;
        println!("the next client is served after {:.1?}", began.elapsed());
        Ok(())
    })
}

#[test]
fn queues_declared_and_deleted_leave_nothing() -> Result {
    let queues = count(5000, 100_000);
    endures("queues declared and deleted", 32, |broker| {
        let mut client = Client::open(broker.address())?;
        say_all(&mut client, queues, |number| {
            let queue = format!("passing-{number}");
            let delete = queue::AMQPMethod::Delete(queue::Delete {
                queue: queue.as_str().into(),
                nowait: true,
                ..queue::Delete::default()
            });
            [
                declare(&queue, FieldTable::default()),
                frame(1, AMQPClass::Queue(delete)),
            ]
            .concat()
        })
    })
}

#[test]
fn small_messages_by_the_million() -> Result {
    let messages = count(30_000, 1_000_000);
    endures("small messages", 32 + u64::from(messages) / 1000, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&declare("hoard", FieldTable::default()))?;
        say_all(&mut client, messages, |_| publish("", "hoard", b"small", false))
    })
}

#[test]
fn enormous_tables() -> Result {
    let queues = count(20, 500);
    endures("enormous tables", 64 + u64::from(queues) * 5, |broker| {
        let mut client = Client::open(broker.address())?;
        for number in 0..queues {
            client.say(&declare(&format!("table-{number}"), enormous_table()))?;
            client.settle()?;
        }
        Ok(())
    })
}

/// Nothing of it is kept with the message but its bytes, and what routing needs.
#[test]
fn enormous_headers() -> Result {
    let messages = count(20, 500);
    endures("enormous headers", 64 + u64::from(messages) * 5, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&declare("headers", FieldTable::default()))?;
        let fields = (0..12_000).flat_map(|number| [b"\x06", format!("{number:06}").as_bytes(), b"t\x01"].concat());
        let fields: Vec<u8> = fields.collect();
        let length = u32::try_from(fields.len())?.to_be_bytes();
        let header = header(0, &[&[0x20, 0], &length[..], &fields].concat());
        let message = [begin("", "headers", false), header].concat();
        for _ in 0..messages {
            client.say(&message)?;
            client.settle()?;
        }
        Ok(())
    })
}

#[test]
fn consumers_by_the_million() -> Result {
    let consumers = count(5000, 1_000_000);
    endures("consumers", 32 + u64::from(consumers) / 400, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&declare("consumed", FieldTable::default()))?;
        say_all(&mut client, consumers, |number| {
            consume("consumed", &format!("c{number}"), false)
        })?;
        client.say(&publish("", "consumed", b"once", false))?;
        client.until("a delivery", |method| {
            matches!(method, AMQPClass::Basic(basic::AMQPMethod::Deliver(_)))
        })?;
        Ok(())
    })
}

#[test]
fn transaction_without_end() -> Result {
    let messages = count(20_000, 500_000);
    endures("a transaction without end", 32 + u64::from(messages) / 500, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&declare("tx", FieldTable::default()))?;
        client.say(&transaction_mode())?;
        say_all(&mut client, messages, |_| publish("", "tx", b"held", false))?;
        client.say(&frame(1, AMQPClass::Tx(tx::AMQPMethod::Rollback(tx::Rollback {}))))?;
        client.until("tx.rollback-ok", |method| {
            matches!(method, AMQPClass::Tx(tx::AMQPMethod::RollbackOk(_)))
        })?;
        Ok(())
    })
}

/// A message in many small pieces is kept in one.
#[test]
fn body_of_single_bytes() -> Result {
    endures("a body of single bytes", 48, |broker| {
        let mut client = Client::open(broker.address())?;
        let length = count(100_000, 4_000_000);
        let header = header(u64::from(length) + 1, &[0, 0]);
        client.say(&[begin("", "nowhere", false), header].concat())?;
        let pieces = raw(3, 1, b"x").repeat(10_000);
        for _ in 0..length / 10_000 {
            client.say(&pieces)?;
        }
        client.say(&raw(3, 1, b"!"))?;
        client.settle()
    })
}
