//! Bytes that are no AMQP, or no sensible AMQP.

use super::client::{Client, begin, declare, frame, handshake, header, open_channel, publish, raw};
use super::words::{nested_array, nested_table, short};
use super::{Result, count, endures};
use amq_protocol::protocol::{AMQPClass, basic, channel, connection};
use amq_protocol::types::FieldTable;
use anyhow::Context;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

#[test]
fn random_bytes() -> Result {
    endures("random bytes", 64, |broker| {
        let mut random = StdRng::seed_from_u64(7);
        for round in 0..count(60, 2000) {
            let mut bytes = vec![0; random.random_range(1..20_000)];
            random.fill_bytes(&mut bytes);
            let mut client = Client::silent(broker.address())?;
            if round % 3 > 0 {
                client.say(&handshake())?;
            }
            if round % 3 > 1 {
                client.say(&open_channel(1))?;
                // Whole frames of random content.
                bytes = bytes
                    .chunks(40)
                    .flat_map(|piece| raw(piece[0] % 4, 1, &piece[1..]))
                    .collect();
            }
            client.press(&bytes)?;
            client.hear_out()?;
        }
        Ok(())
    })
}

#[test]
fn frames_cut_short_anywhere() -> Result {
    let all = [
        handshake(),
        open_channel(1),
        declare("cut", FieldTable::default()),
        publish("", "cut", b"body", false),
    ]
    .concat();
    endures("frames cut short", 32, |broker| {
        for end in (0..all.len()).step_by(count(7, 1) as usize) {
            let mut client = Client::silent(broker.address())?;
            client.say(&all[..end])?;
            client.hear_out()?;
        }
        Ok(())
    })
}

/// What can't be on that channel, is no method, or has strings and tables that go beyond their end.
fn nonsense() -> Vec<(&'static str, Vec<u8>)> {
    let method = |class: u16, number: u16, arguments: &[u8]| {
        raw(1, 1, &[&class.to_be_bytes(), &number.to_be_bytes(), arguments].concat())
    };
    let declare_with = |table: &[u8]| method(50, 10, &[&[0, 0], &short("q")[..], &[0], table].concat());
    let publish_with = |table: &[u8]| {
        let header = header(1, &[&[0x20, 0], table].concat());
        [begin("", "q", false), header].concat()
    };
    let close = AMQPClass::Connection(connection::AMQPMethod::CloseOk(connection::CloseOk {}));
    let deep = 1000;
    vec![
        (
            "a channel that is not open",
            frame(9, AMQPClass::Basic(basic::AMQPMethod::Get(basic::Get::default()))),
        ),
        ("a channel's method on channel 0", open_channel(0)),
        ("a connection's method on a channel", frame(1, close)),
        ("a channel opened twice", open_channel(1)),
        ("no such class", method(99, 10, b"")),
        ("no such method", method(60, 99, b"")),
        (
            "what only a broker says",
            frame(1, AMQPClass::Channel(channel::AMQPMethod::OpenOk(channel::OpenOk {}))),
        ),
        ("no such frame type", raw(7, 1, b"?")),
        ("another end octet", [&raw(1, 1, &[0, 60, 0, 10])[..11], b"!"].concat()),
        ("a frame of 4 GB", vec![1, 0, 1, 0xff, 0xff, 0xff, 0xff]),
        ("a method of two bytes", raw(1, 1, &[0, 60])),
        ("a short string beyond its frame", method(60, 70, &[0, 0, 200, b'q', 0])),
        (
            "a short string that is no text",
            method(60, 70, &[0, 0, 2, 0xff, 0xfe, 0]),
        ),
        (
            "a long string beyond its table",
            declare_with(b"\x00\x00\x00\x08\x01nS\xff\xff\xff\xff!"),
        ),
        ("a table beyond its frame", declare_with(&[0xff, 0xff, 0xff, 0xff])),
        ("a table that ends in a name", declare_with(b"\x00\x00\x00\x02\xffn")),
        ("tables 1,000 deep", declare_with(&nested_table(deep))),
        ("arrays 1,000 deep", declare_with(&nested_array(deep))),
        ("tables as deep as a frame allows", declare_with(&nested_table(18_000))),
        ("a header's tables 1,000 deep", publish_with(&nested_table(deep))),
        ("a header's arrays 1,000 deep", publish_with(&nested_array(deep))),
        ("a header before its method", header(1, &[0, 0])),
        ("a body before its method", raw(3, 1, b"body")),
        (
            "a body of 8 EB",
            [begin("", "q", false), header(1 << 63, &[0, 0])].concat(),
        ),
    ]
}

#[test]
fn nonsense_ends_the_connection_or_the_channel() -> Result {
    endures("nonsense", 48, |broker| {
        for (what, bytes) in nonsense() {
            let mut client = Client::open(broker.address())?;
            client.say(&bytes)?;
            client.hear_out().with_context(|| what)?;
        }
        Ok(())
    })
}

#[test]
fn body_of_eight_exabytes_is_refused_when_it_is_announced() -> Result {
    endures("a body of 8 EB", 16, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&[begin("", "q", false), header(1 << 63, &[0, 0])].concat())?;
        let (code, text) = client.refusal()?;
        anyhow::ensure!(code == 406, "{code} {text}");
        Ok(())
    })
}

#[test]
fn bodies_announced_and_never_sent_cost_nothing() -> Result {
    endures("16 MB announced, often", 64, |broker| {
        let mut clients = Vec::new();
        for _ in 0..count(50, 1000) {
            let mut client = Client::open(broker.address())?;
            client.say(
                &[
                    begin("", "q", false),
                    header(16 * 1024 * 1024, &[0, 0]),
                    raw(3, 1, b"x"),
                ]
                .concat(),
            )?;
            clients.push(client);
        }
        Ok(())
    })
}

#[test]
fn empty_body_frames_without_end() -> Result {
    endures("empty body frames", 32, |broker| {
        let mut client = Client::open(broker.address())?;
        client.say(&[begin("", "q", false), header(10, &[0, 0])].concat())?;
        let empty = raw(3, 1, b"").repeat(10_000);
        for _ in 0..count(20, 2000) {
            client.say(&empty)?;
        }
        client.say(&raw(3, 1, b"0123456789"))?;
        client.settle()
    })
}

#[test]
fn flood_of_heartbeats() -> Result {
    endures("heartbeats", 32, |broker| {
        let mut client = Client::open(broker.address())?;
        let beats = raw(8, 0, b"").repeat(10_000);
        for _ in 0..count(20, 2000) {
            client.say(&beats)?;
        }
        client.settle()
    })
}
