//! Connections that never come to work: too many, too slow, too silent.

use super::client::{Client, frame, handshake, open_channel, raw};
use super::{MB, PATIENCE, Result, count, endures};
use amq_protocol::protocol::{AMQPClass, channel};
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

#[test]
fn connections_opened_and_dropped() -> Result {
    endures("connections opened and dropped", 64, |broker| {
        for number in 0..count(600, 10_000) {
            let mut client = Client::silent(broker.address())?;
            match number % 4 {
                0 => {}
                1 => client.say(b"AMQP")?,
                2 => client.say(&handshake())?,
                _ => drop(Client::open(broker.address())?),
            }
        }
        Ok(())
    })
}

/// One byte every quarter of a second is a sign of life, but no handshake.
#[test]
fn handshake_byte_by_byte_is_dropped_after_ten_seconds() -> Result {
    let trickling = count(20, 500);
    endures("handshakes byte by byte", 16 + u64::from(trickling) / 8, |broker| {
        let mut clients = Vec::new();
        for _ in 0..trickling {
            let client = Client::silent(broker.address())?;
            client.stream.set_nonblocking(true)?;
            clients.push(client);
        }
        let (bytes, began) = (handshake(), Instant::now());
        // Nothing is ever sent there: waiting for it is the pace.
        let (_silent, silence) = mpsc::sync_channel::<()>(1);
        for byte in bytes {
            let _ = silence.recv_timeout(Duration::from_millis(250));
            clients.retain_mut(|client| client.say(&[byte]).is_ok() && !is_closed(&client.stream));
            if clients.is_empty() {
                break;
            }
            anyhow::ensure!(began.elapsed() < PATIENCE, "they are not dropped");
        }
        anyhow::ensure!(clients.is_empty(), "{} are still there", clients.len());
        Ok(())
    })
}

fn is_closed(mut stream: &TcpStream) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn channels_beyond_the_limit_are_refused() -> Result {
    let clients = count(3, 50);
    endures(
        "2,047 channels on each connection",
        u64::from(24 + clients * 4),
        |broker| {
            let mut open = Vec::new();
            for _ in 0..clients {
                let mut client = Client::open(broker.address())?;
                let channels: Vec<u8> = (2..=2047).flat_map(open_channel).collect();
                client.say(&channels)?;
                client.settle()?;
                open.push(client);
            }
            for client in &mut open {
                client.say(&(2048..=u16::MAX).flat_map(open_channel).collect::<Vec<u8>>())?;
                let (code, text) = client.refusal()?;
                anyhow::ensure!(code == 530 && text.contains("channel_max"), "{code} {text}");
            }
            Ok(())
        },
    )
}

#[test]
fn channels_opened_and_closed_leave_nothing() -> Result {
    endures("channels opened and closed", 32, |broker| {
        let mut client = Client::open(broker.address())?;
        let close = AMQPClass::Channel(channel::AMQPMethod::Close(channel::Close::default()));
        let both = [open_channel(2), frame(2, close)].concat().repeat(100);
        for _ in 0..count(50, 5000) {
            client.say(&both)?;
            client.settle()?;
        }
        Ok(())
    })
}

#[test]
fn half_a_frame_holds_no_more_than_its_bytes() -> Result {
    let clients = count(50, 1000);
    let frame = raw(3, 1, &vec![0; 100_000]);
    endures("half a frame", 24 + u64::from(clients) * 4 * 131_072 / MB, |broker| {
        let mut waiting = Vec::new();
        for number in 0..clients {
            let mut client = Client::open(broker.address())?;
            let part = if number % 2 == 0 { 7 } else { frame.len() - 1 };
            client.say(&frame[..part])?;
            waiting.push(client);
        }
        Ok(())
    })
}
