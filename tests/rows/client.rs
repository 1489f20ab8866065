//! A raw AMQP client: one socket, frames in their exact order, and every way to end.

use crate::methods::Method;
use amq_protocol::frame::{AMQPContentHeader, AMQPFrame, gen_frame, parse_frame};
use amq_protocol::protocol::{AMQPClass, BasicProperties, basic, connection};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// Where to, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) address: SocketAddr,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) vhost: String,
}

/// What a client says of itself in the handshake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// Seconds; 0 is none.
    pub(crate) heartbeat_s: u16,
    /// Whether it wants to hear of consumers that the broker cancels.
    pub(crate) cancel_notify: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            heartbeat_s: 0,
            cancel_notify: true,
        }
    }
}

/// A message with the method that brought it.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) method: AMQPClass,
    pub(crate) properties: BasicProperties,
    pub(crate) body: Vec<u8>,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Incoming {
    Method(u16, AMQPClass),
    Content(u16, Box<Content>),
    /// The socket ended.
    Lost,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
    /// Messages whose bodies are not complete, by channel.
    partial: BTreeMap<u16, (Content, u64)>,
    /// The broker's version, as `connection.start` has it.
    pub(crate) version: String,
}

impl Client {
    /// Connects and opens the virtual host.
    pub(crate) async fn open(login: &Login, manners: Manners, until: Instant) -> Result<Self> {
        let stream = TcpStream::connect(login.address)
            .await
            .map_err(|error| format!("cannot connect: {error}"))?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let mut client = Self {
            stream,
            unread: Vec::new(),
            partial: BTreeMap::new(),
            version: String::new(),
        };
        client.write(b"AMQP\0\0\x09\x01").await;
        let AMQPClass::Connection(connection::AMQPMethod::Start(start)) = client.handshake(until).await? else {
            return Err("no connection.start".to_owned());
        };
        if let Some(AMQPValue::LongString(version)) = start.server_properties.inner().get("version") {
            client.version = version.to_string();
        }
        client.send(0, start_ok(login, manners)).await;
        let AMQPClass::Connection(connection::AMQPMethod::Tune(tune)) = client.handshake(until).await? else {
            return Err("no connection.tune".to_owned());
        };
        let tune_ok = connection::TuneOk {
            channel_max: tune.channel_max,
            frame_max: tune.frame_max,
            heartbeat: manners.heartbeat_s,
        };
        client.send(0, tune_ok).await;
        let virtual_host = login.vhost.as_str().into();
        client.send(0, connection::Open { virtual_host }).await;
        match client.handshake(until).await? {
            AMQPClass::Connection(connection::AMQPMethod::OpenOk(_)) => Ok(client),
            other => Err(format!("no connection.open-ok but {other:?}")),
        }
    }

    async fn handshake(&mut self, until: Instant) -> Result<AMQPClass> {
        match self.next(until).await {
            Some(Incoming::Method(_, method)) => Ok(method),
            other => Err(format!("the handshake stopped: {other:?}")),
        }
    }

    /// Sends a method. That the socket has ended shows when it is read.
    pub(crate) async fn send(&mut self, channel: u16, method: impl Method) {
        self.write(&frame(&AMQPFrame::Method(channel, method.method()))).await;
    }

    /// Sends bytes as they are.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _shown_by_reading = self.stream.write_all(bytes).await;
    }

    /// What comes next, if it comes in time.
    pub(crate) async fn next(&mut self, until: Instant) -> Option<Incoming> {
        loop {
            if let Some(incoming) = self.parse() {
                return Some(incoming);
            }
            self.unread.reserve(4096);
            match timeout_at(until, self.stream.read_buf(&mut self.unread)).await {
                Err(_late) => return None,
                Ok(Ok(0) | Err(_)) => return Some(Incoming::Lost),
                Ok(Ok(_more)) => {}
            }
        }
    }

    fn parse(&mut self) -> Option<Incoming> {
        loop {
            let size = u32::from_be_bytes(*self.unread.get(3..)?.first_chunk::<4>()?) as usize;
            let frame: Vec<u8> = self.unread.get(..size + 8)?.to_vec();
            self.unread.drain(..size + 8);
            let frame = match parse_frame(frame.as_slice()) {
                Ok((_, frame)) => frame,
                Err(error) => panic!("a broker's frame that cannot be read: {error:?} {frame:?}"),
            };
            if let Some(incoming) = self.join(frame) {
                return Some(incoming);
            }
        }
    }

    /// Puts methods, headers and bodies together.
    fn join(&mut self, frame: AMQPFrame) -> Option<Incoming> {
        match frame {
            AMQPFrame::Method(channel, method) if has_content(&method) => {
                let content = Content {
                    method,
                    properties: BasicProperties::default(),
                    body: Vec::new(),
                };
                self.partial.insert(channel, (content, 0));
                None
            }
            AMQPFrame::Method(channel, method) => Some(Incoming::Method(channel, method)),
            AMQPFrame::Header(channel, header) => {
                let (content, size) = self.partial.get_mut(&channel).expect("a method comes first");
                content.properties = header.properties;
                *size = header.body_size;
                self.complete(channel)
            }
            AMQPFrame::Body(channel, piece) => {
                let (content, _) = self.partial.get_mut(&channel).expect("a method comes first");
                content.body.extend_from_slice(&piece);
                self.complete(channel)
            }
            _ => None,
        }
    }

    fn complete(&mut self, channel: u16) -> Option<Incoming> {
        let (content, size) = self.partial.get(&channel)?;
        if (content.body.len() as u64) < *size {
            return None;
        }
        let (content, _) = self.partial.remove(&channel)?;
        Some(Incoming::Content(channel, Box::new(content)))
    }

    /// Ends by a TCP reset.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().expect("linger can be set");
    }

    /// Ends its own direction (FIN) and goes on reading.
    pub(crate) async fn finish(&mut self) {
        let _shown_by_reading = self.stream.shutdown().await;
    }
}

/// The frames of one message.
pub(crate) fn message(channel: u16, method: basic::Publish, properties: BasicProperties, body: &[u8]) -> Vec<u8> {
    let mut bytes = frame(&AMQPFrame::Method(channel, method.method()));
    let header = AMQPContentHeader {
        class_id: 60,
        body_size: body.len() as u64,
        properties,
    };
    bytes.extend(frame(&AMQPFrame::Header(channel, header)));
    for piece in body.chunks(4096 - 8) {
        bytes.extend(frame(&AMQPFrame::Body(channel, piece.to_vec())));
    }
    bytes
}

fn frame(frame: &AMQPFrame) -> Vec<u8> {
    match gen_frame(frame)(Vec::new().into()) {
        Ok(context) => context.into_inner().0,
        Err(error) => panic!("writing to memory cannot fail: {error}"),
    }
}

fn has_content(method: &AMQPClass) -> bool {
    use basic::AMQPMethod::{Deliver, GetOk, Return};
    matches!(method, AMQPClass::Basic(Deliver(_) | GetOk(_) | Return(_)))
}

fn start_ok(login: &Login, manners: Manners) -> connection::StartOk {
    let mut capabilities = FieldTable::default();
    for capability in ["publisher_confirms", "basic.nack", "authentication_failure_close"] {
        capabilities.insert(capability.into(), AMQPValue::Boolean(true));
    }
    let notify = AMQPValue::Boolean(manners.cancel_notify);
    capabilities.insert("consumer_cancel_notify".into(), notify);
    let mut client_properties = FieldTable::default();
    client_properties.insert("capabilities".into(), AMQPValue::FieldTable(capabilities));
    connection::StartOk {
        client_properties,
        mechanism: "PLAIN".into(),
        response: format!("\0{}\0{}", login.user, login.password).as_str().into(),
        locale: "en_US".into(),
    }
}
