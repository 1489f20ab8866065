//! How much a broker moves: one publisher, some consumers, raw sockets, so that the client costs little.
//!
//! `cargo bench --bench load -- [--url HOST:PORT | --data DIR] [--messages N] [--consumers N] [--prefetch N]
//! [--durable] [--confirms WINDOW]`. Without `--url` it starts the embedded broker, which keeps what is durable in DIR.
//! Prefetch 0 means automatic ack; otherwise each delivery is acked on its own. Bodies have 100 bytes. With
//! `--consumers 0` messages stay, and the broker crashes at the end; `--open --data DIR` then tells how long it takes
//! to start on what was kept, and how much memory.

use amq_protocol::frame::{AMQPFrame, gen_frame, parse_frame};
use amq_protocol::protocol::{AMQPClass, BasicProperties, basic, channel, confirm, connection, queue};
use anyhow::{Context, Result, bail};
use dispatch_lab::broker::server::{Server, ServerConfig};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

#[derive(Clone, Debug)]
struct Load {
    address: String,
    messages: u64,
    consumers: u64,
    prefetch: u16,
    durable: bool,
    /// Unconfirmed publishes allowed; 0 is no confirms.
    window: u64,
}

const QUEUE: &str = "load";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        arguments
            .iter()
            .position(|a| a == name)
            .and_then(|i| arguments.get(i + 1))
    };
    let number = |name: &str, default: u64| option(name).map_or(Ok(default), |text| text.parse::<u64>());
    let config = ServerConfig {
        data: option("--data").map(Into::into),
        ..ServerConfig::default()
    };
    if arguments.iter().any(|a| a == "--open") {
        return open(config).await;
    }
    let mut server = None;
    let address = match option("--url") {
        Some(address) => address.clone(),
        None => server.insert(Server::start(config).await?).address().to_string(),
    };
    let load = Load {
        address,
        messages: number("--messages", 500_000)?,
        consumers: number("--consumers", 1)?,
        prefetch: u16::try_from(number("--prefetch", 0)?)?,
        durable: arguments.iter().any(|a| a == "--durable"),
        window: number("--confirms", 0)?,
    };
    let stay = load.consumers == 0;
    let rate = tokio::task::spawn_blocking(move || run(&load)).await??;
    println!("{rate:.0} messages/s");
    match server {
        Some(server) if stay => server.crash().await,
        Some(server) => server.stop().await,
        None => {}
    }
    Ok(())
}

/// Starts on a folder, and tells what that took.
async fn open(config: ServerConfig) -> Result<()> {
    let (start, before) = (Instant::now(), resident_kib());
    let mut server = Server::start(config).await?;
    let time = start.elapsed();
    let after = resident_kib();
    let restored = server.take_restored();
    let queues = restored.iter().flat_map(|(_, image)| &image.queues);
    println!(
        "{} messages in {:.2} s, {} KiB of memory",
        queues.map(|queue| queue.messages.len()).sum::<usize>(),
        time.as_secs_f64(),
        after.saturating_sub(before)
    );
    server.crash().await;
    Ok(())
}

/// This process's memory, where Linux tells it; else 0.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

fn run(load: &Load) -> Result<f64> {
    let mut publisher = Client::connect(&load.address)?;
    publisher.call(AMQPClass::Queue(queue::AMQPMethod::Delete(queue::Delete {
        queue: QUEUE.into(),
        ..queue::Delete::default()
    })))?;
    publisher.call(AMQPClass::Queue(queue::AMQPMethod::Declare(queue::Declare {
        queue: QUEUE.into(),
        durable: load.durable,
        ..queue::Declare::default()
    })))?;
    let (total, seen) = (load.messages, Arc::new(AtomicU64::new(0)));
    let mut consumers = Vec::new();
    for _ in 0..load.consumers {
        let client = Client::connect(&load.address)?;
        let (prefetch, seen) = (load.prefetch, Arc::clone(&seen));
        let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
        consumers.push(std::thread::spawn(move || {
            client.consume(total, &seen, prefetch, &ready)
        }));
        is_ready.recv().context("a consumer failed to start")?;
    }
    let start = Instant::now();
    publisher.publish(total, load)?;
    for consumer in consumers {
        match consumer.join() {
            Ok(result) => result?,
            Err(_) => bail!("a consumer panicked"),
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
    Ok(total as f64 / start.elapsed().as_secs_f64())
}

struct Client {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Client {
    fn connect(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            stream,
            bytes: Vec::new(),
        };
        client.stream.write_all(b"AMQP\x00\x00\x09\x01")?;
        client.answer()?;
        let own = |method| AMQPClass::Connection(method);
        client.send(
            0,
            own(connection::AMQPMethod::StartOk(connection::StartOk {
                mechanism: "PLAIN".into(),
                response: "\0guest\0guest".into(),
                locale: "en_US".into(),
                ..connection::StartOk::default()
            })),
        )?;
        client.answer()?;
        client.send(
            0,
            own(connection::AMQPMethod::TuneOk(connection::TuneOk {
                channel_max: 2047,
                frame_max: 131_072,
                heartbeat: 0,
            })),
        )?;
        client.send(
            0,
            own(connection::AMQPMethod::Open(connection::Open {
                virtual_host: "/".into(),
            })),
        )?;
        client.answer()?;
        client.call(AMQPClass::Channel(channel::AMQPMethod::Open(channel::Open {})))?;
        Ok(client)
    }

    fn send(&mut self, channel: u16, method: AMQPClass) -> Result<()> {
        Ok(self.stream.write_all(&bytes(&AMQPFrame::Method(channel, method))?)?)
    }

    fn call(&mut self, method: AMQPClass) -> Result<()> {
        self.send(1, method)?;
        self.answer()
    }

    /// Waits for one frame.
    fn answer(&mut self) -> Result<()> {
        loop {
            if let Ok((rest, frame)) = parse_frame(&self.bytes[..]) {
                let taken = self.bytes.len() - rest.len();
                self.bytes.drain(..taken);
                if matches!(
                    frame,
                    AMQPFrame::Method(_, AMQPClass::Channel(channel::AMQPMethod::Close(_)))
                ) {
                    bail!("refused: {frame:?}");
                }
                return Ok(());
            }
            self.read()?;
        }
    }

    fn read(&mut self) -> Result<()> {
        let old = self.bytes.len();
        self.bytes.resize(old + 256 * 1024, 0);
        let result = self.stream.read(&mut self.bytes[old..]);
        self.bytes.truncate(old + *result.as_ref().unwrap_or(&0));
        match result {
            Ok(0) => bail!("the broker closed the connection"),
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Takes all complete frames and shows each with its type.
    fn frames(&mut self, mut see: impl FnMut(u8, &[u8])) -> Result<()> {
        self.read()?;
        let mut at = 0;
        while let Some(&[kind, _, _, a, b, c, d]) = self.bytes.get(at..at + 7) {
            let end = at + 7 + u32::from_be_bytes([a, b, c, d]) as usize;
            if self.bytes.len() <= end {
                break;
            }
            see(kind, &self.bytes[at + 7..end]);
            at = end + 1;
        }
        self.bytes.drain(..at);
        Ok(())
    }

    fn publish(&mut self, messages: u64, load: &Load) -> Result<()> {
        let one = message(load.durable)?;
        if load.window > 0 {
            self.call(AMQPClass::Confirm(confirm::AMQPMethod::Select(confirm::Select {
                nowait: false,
            })))?;
        }
        let (mut sent, mut confirmed) = (0, 0);
        // Without consumers all must be confirmed before the end.
        let all = load.window > 0 && load.consumers == 0;
        while sent < messages || (all && confirmed < messages) {
            let room = if load.window > 0 {
                load.window - (sent - confirmed)
            } else {
                200
            };
            let count = room.min(messages - sent).min(200);
            self.stream.write_all(&one.repeat(usize::try_from(count)?))?;
            sent += count;
            while load.window > 0 && (sent - confirmed >= load.window || (all && sent == messages && confirmed < sent))
            {
                self.frames(|kind, payload| {
                    if kind == 1 && payload.starts_with(&[0, 60, 0, 80]) {
                        confirmed = tag(payload, 4).max(confirmed);
                    }
                })?;
            }
        }
        Ok(())
    }

    /// Consumes until all consumers together have seen `total`: a slow one gets less.
    fn consume(mut self, total: u64, seen: &AtomicU64, prefetch: u16, ready: &SyncSender<()>) -> Result<()> {
        let basic = |method| AMQPClass::Basic(method);
        if prefetch > 0 {
            self.call(basic(basic::AMQPMethod::Qos(basic::Qos {
                prefetch_count: prefetch,
                global: false,
            })))?;
        }
        self.call(basic(basic::AMQPMethod::Consume(basic::Consume {
            queue: QUEUE.into(),
            no_ack: prefetch == 0,
            ..basic::Consume::default()
        })))?;
        ready.send(())?;
        self.stream.set_read_timeout(Some(Duration::from_millis(50)))?;
        let mut acks = Vec::new();
        while seen.load(Ordering::Relaxed) < total {
            let mut count = 0;
            self.frames(|kind, payload| {
                if kind == 1 && payload.starts_with(&[0, 60, 0, 60]) {
                    count += 1;
                    if prefetch > 0 {
                        acks.extend_from_slice(&[1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80]);
                        acks.extend_from_slice(&tag(payload, 5 + usize::from(payload[4])).to_be_bytes());
                        acks.extend_from_slice(&[0, 206]);
                    }
                }
            })?;
            seen.fetch_add(count, Ordering::Relaxed);
            self.stream.write_all(&acks)?;
            acks.clear();
        }
        Ok(())
    }
}

fn tag(payload: &[u8], at: usize) -> u64 {
    payload.get(at..at + 8).map_or(0, |bytes| {
        bytes.iter().fold(0, |tag, byte| (tag << 8) | u64::from(*byte))
    })
}

fn message(durable: bool) -> Result<Vec<u8>> {
    let publish = basic::Publish {
        routing_key: QUEUE.into(),
        ..basic::Publish::default()
    };
    let properties = BasicProperties::default().with_delivery_mode(if durable { 2 } else { 1 });
    let header = amq_protocol::frame::AMQPContentHeader {
        class_id: 60,
        body_size: 100,
        properties,
    };
    Ok([
        bytes(&AMQPFrame::Method(
            1,
            AMQPClass::Basic(basic::AMQPMethod::Publish(publish)),
        ))?,
        bytes(&AMQPFrame::Header(1, header))?,
        bytes(&AMQPFrame::Body(1, vec![b'x'; 100]))?,
    ]
    .concat())
}

fn bytes(frame: &AMQPFrame) -> Result<Vec<u8>> {
    Ok(gen_frame(frame)(Vec::new().into()).context("encoding")?.into_inner().0)
}
