//! The broker without sockets: frames in, frames out.

mod confirms;
mod content;
mod handshake;
mod memory;
mod ordering;
mod overdue;
mod refusals;
mod transactions;
mod vhosts;
mod wrong_states;

use super::{ClosedHow, Frame, Header, Incoming, Limits, Output, Peer, Properties, Publish, Reading, Reply, User};
use crate::broker::core::{Broker, Input, Setup, Tuning};
use crate::broker::dispatch::{ConnectionId, LastStop, Like, Millis, Tracing, UnixMillis};
use amq_protocol::protocol::{AMQPClass, basic, channel, connection, queue};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::sync::Arc;

fn setup() -> Setup {
    Setup {
        users: vec![User::guest()],
        vhosts: vec!["/".to_owned(), "other".to_owned()],
        limits: Limits::default(),
        tracing: Tracing::Off,
        like: Like::default(),
        tuning: Tuning {
            consumer_timeout: None,
            tick: Millis(60_000),
            memory_limit: 1 << 30,
        },
        seed: 1,
        started: UnixMillis(0),
    }
}

/// A broker and its clock. Every answer is told as one line of text.
struct World {
    broker: Broker,
    now: Millis,
    connections: u64,
}

impl World {
    fn new() -> Self {
        Self::of(setup())
    }

    /// One that behaves as that version.
    fn like(like: Like) -> Self {
        Self::of(Setup { like, ..setup() })
    }

    fn of(setup: Setup) -> Self {
        Self {
            broker: Broker::new(setup, &mut [], LastStop::Orderly),
            now: Millis(0),
            connections: 0,
        }
    }

    /// One input, all answers; what is said is written at once.
    fn tell(&mut self, input: Input) -> Vec<String> {
        let mut out = self.tell_only(input);
        let mut seen = 0;
        while let Some(output) = out.get(seen) {
            if let Output::Reading(id, Reading::WhenWritten) = *output {
                out.extend(self.tell_only(Input::Drained(id)));
            }
            seen += 1;
        }
        out.iter().map(line).collect()
    }

    /// One input, all outputs.
    fn tell_only(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.broker.handle(self.now, input, &mut out);
        out
    }

    /// A connection whose socket was just accepted.
    fn accept(&mut self, peer: Peer) -> ConnectionId {
        self.connections += 1;
        let id = ConnectionId(self.connections);
        assert_eq!(self.tell(Input::Opened(id, peer)), [""; 0]);
        id
    }

    /// An open connection without channels.
    fn connect(&mut self) -> ConnectionId {
        self.connect_to("/")
    }

    fn connect_to(&mut self, vhost: &str) -> ConnectionId {
        let id = self.accept(Peer::Loopback);
        self.send(id, 0, PROTOCOL);
        self.send(id, 0, start_ok("PLAIN", "\0guest\0guest", true));
        self.send(id, 0, tune_ok(2047, 131_072, 0));
        assert_eq!(
            self.send(id, 0, open(vhost)),
            ["1/0 Connection.OpenOk".replace("1/", &format!("{}/", id.0))]
        );
        id
    }

    /// An open connection with channel 1 open.
    fn client(&mut self) -> ConnectionId {
        let id = self.connect();
        assert_eq!(self.send(id, 1, open_channel()), [format!("{}/1 Channel.OpenOk", id.0)]);
        id
    }

    fn send(&mut self, id: ConnectionId, channel: u16, frame: impl Into<Frame>) -> Vec<String> {
        self.send_all(id, channel, vec![frame.into()])
    }

    fn send_all(&mut self, id: ConnectionId, channel: u16, frames: Vec<Frame>) -> Vec<String> {
        let frames = frames.into_iter().map(|frame| Incoming { channel, frame }).collect();
        self.tell(Input::Frames(id, frames))
    }

    /// A durable queue, so that a confirm can wait for the store.
    fn queue(&mut self, id: ConnectionId, name: &str) {
        let declared = self.send(id, 1, declare(name));
        assert!(
            declared.contains(&format!("{}/1 Queue.DeclareOk", id.0)),
            "{declared:?}"
        );
    }

    /// Moves the clock to the next deadline.
    fn wait(&mut self) -> Vec<String> {
        self.now = self.broker.next_deadline().expect("something is due");
        self.tell(Input::Tick)
    }
}

const PROTOCOL: Frame = Frame::ProtocolHeader(*b"AMQP\x00\x00\x09\x01");

impl From<basic::AMQPMethod> for Frame {
    fn from(method: basic::AMQPMethod) -> Self {
        AMQPClass::Basic(method).into()
    }
}

impl From<connection::AMQPMethod> for Frame {
    fn from(method: connection::AMQPMethod) -> Self {
        AMQPClass::Connection(method).into()
    }
}

impl From<channel::AMQPMethod> for Frame {
    fn from(method: channel::AMQPMethod) -> Self {
        AMQPClass::Channel(method).into()
    }
}

impl From<queue::AMQPMethod> for Frame {
    fn from(method: queue::AMQPMethod) -> Self {
        AMQPClass::Queue(method).into()
    }
}

fn start_ok(mechanism: &str, response: &str, capable: bool) -> Frame {
    let mut capabilities = FieldTable::default();
    for name in [
        "consumer_cancel_notify",
        "authentication_failure_close",
        "connection.blocked",
    ] {
        capabilities.insert(name.into(), AMQPValue::Boolean(capable));
    }
    let mut client_properties = FieldTable::default();
    client_properties.insert("capabilities".into(), AMQPValue::FieldTable(capabilities));
    let ok = connection::StartOk {
        client_properties,
        mechanism: mechanism.into(),
        response: response.into(),
        locale: "en_US".into(),
    };
    connection::AMQPMethod::StartOk(ok).into()
}

fn tune_ok(channel_max: u16, frame_max: u32, heartbeat: u16) -> Frame {
    connection::AMQPMethod::TuneOk(connection::TuneOk {
        channel_max,
        frame_max,
        heartbeat,
    })
    .into()
}

fn open(virtual_host: &str) -> Frame {
    connection::AMQPMethod::Open(connection::Open {
        virtual_host: virtual_host.into(),
    })
    .into()
}

fn open_channel() -> Frame {
    channel::AMQPMethod::Open(channel::Open {}).into()
}

fn close_channel() -> Frame {
    channel::AMQPMethod::Close(channel::Close::default()).into()
}

fn channel_close_ok() -> Frame {
    channel::AMQPMethod::CloseOk(channel::CloseOk {}).into()
}

fn connection_close_ok() -> Frame {
    connection::AMQPMethod::CloseOk(connection::CloseOk {}).into()
}

fn declare(name: &str) -> Frame {
    let declare = queue::Declare {
        queue: name.into(),
        durable: true,
        ..queue::Declare::default()
    };
    queue::AMQPMethod::Declare(declare).into()
}

fn consume(queue: &str, tag: &str) -> Frame {
    let consume = basic::Consume {
        queue: queue.into(),
        consumer_tag: tag.into(),
        ..basic::Consume::default()
    };
    basic::AMQPMethod::Consume(consume).into()
}

fn qos(count: u16) -> Frame {
    Frame::Qos {
        size: 0,
        count,
        global: false,
    }
}

fn ack(tag: u64) -> Frame {
    Frame::Ack { tag, multiple: false }
}

/// The three frames of a transient message.
fn publish(routing_key: &str, body: &str) -> Vec<Frame> {
    message("", routing_key, body, &[0, 0], false)
}

/// The three frames of a persistent message.
fn publish_persistent(routing_key: &str, body: &str) -> Vec<Frame> {
    message("", routing_key, body, &[0x10, 0, 2], false)
}

fn message(exchange: &str, routing_key: &str, body: &str, properties: &[u8], mandatory: bool) -> Vec<Frame> {
    let publish = Publish {
        exchange: exchange.into(),
        routing_key: routing_key.into(),
        mandatory,
        immediate: false,
    };
    vec![
        Frame::Publish(publish),
        header(60, body.len() as u64, properties),
        Frame::Body(body.as_bytes().into()),
    ]
}

fn header(class_id: u16, body_size: u64, properties: &[u8]) -> Frame {
    let properties = Arc::new(Properties::parse(properties).expect("properties"));
    Frame::Header(Header {
        class_id,
        body_size,
        properties,
    })
}

/// One output as text: the connection, the channel, and what is said.
fn line(output: &Output) -> String {
    match output {
        Output::Send(id, reply) => format!("{}/{}", id.0, said(reply)),
        Output::FrameMax(id, bytes) => format!("{} frame_max {bytes}", id.0),
        Output::Reading(id, Reading::On) => format!("{} is read", id.0),
        Output::Reading(id, Reading::Off) => format!("{} is not read", id.0),
        Output::Reading(id, Reading::WhenWritten) => format!("{} is read later", id.0),
        Output::Close(id, ClosedHow::Flushed) => format!("{} closed", id.0),
        Output::Close(id, ClosedHow::AtOnce) => format!("{} dropped", id.0),
        Output::Store(_, seq, _) => format!("store {}", seq.0),
        Output::Trace(_) => "trace".to_owned(),
    }
}

fn said(reply: &Reply) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match reply {
        Reply::ProtocolHeader(header) => format!("header {header:?}"),
        Reply::Method(channel, method) => format!("{channel} {}", named(method)),
        Reply::Content(channel, method, message) => {
            format!("{channel} {} {}", named(method), text(&message.body))
        }
        Reply::Deliver(delivery) => {
            let flag = if delivery.redelivered { "R" } else { "" };
            let body = text(&delivery.message.body);
            format!("{} deliver {} {body}{flag}", delivery.channel.number, delivery.tag.0)
        }
        Reply::Confirm { channel, tag, multiple } => {
            format!("{channel} confirm {tag}{}", if *multiple { "+" } else { "" })
        }
        Reply::Heartbeat => "0 heartbeat".to_owned(),
    }
}

/// A method's class and name; of closes also what they say.
fn named(method: &AMQPClass) -> String {
    let close = |code, text: &dyn std::fmt::Display, class, method| format!("close {code} {text} ({class},{method})");
    match method {
        AMQPClass::Channel(channel::AMQPMethod::Close(c)) => {
            close(c.reply_code, &c.reply_text, c.class_id, c.method_id)
        }
        AMQPClass::Connection(connection::AMQPMethod::Close(c)) => {
            close(c.reply_code, &c.reply_text, c.class_id, c.method_id)
        }
        other => {
            let debug = format!("{other:?}");
            debug.split('(').take(2).collect::<Vec<_>>().join(".")
        }
    }
}
