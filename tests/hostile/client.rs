//! A client that says whatever it is told to, right or wrong.

use super::{PATIENCE, Result};
use amq_protocol::frame::{AMQPFrame, gen_frame, parse_frame};
use amq_protocol::protocol::{AMQPClass, basic, channel, confirm, connection, queue, tx};
use amq_protocol::types::FieldTable;
use anyhow::{Context, bail};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(crate) const PROTOCOL: &[u8] = b"AMQP\x00\x00\x09\x01";

/// A connection.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    /// A socket, and nothing said.
    pub(crate) fn silent(broker: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(broker).context("connect")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let read = Vec::new();
        Ok(Self { stream, read })
    }

    /// An open connection with channel 1 open.
    pub(crate) fn open(broker: SocketAddr) -> Result<Self> {
        let mut client = Self::silent(broker)?;
        client.say(&handshake())?;
        client.say(&open_channel(1))?;
        client.until("channel.open-ok", |method| {
            matches!(method, AMQPClass::Channel(channel::AMQPMethod::OpenOk(_)))
        })?;
        Ok(client)
    }

    /// Sends these bytes.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> Result {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Sends as much as the broker takes. How much that was: all, or what it had read when it stopped to read for a
    /// second, or ended the connection.
    pub(crate) fn press(&mut self, bytes: &[u8]) -> Result<usize> {
        self.stream.set_write_timeout(Some(Duration::from_secs(1)))?;
        let mut written = 0;
        while written < bytes.len() {
            match self.stream.write(&bytes[written..]) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_no_longer_taken) => break,
            }
        }
        Ok(written)
    }

    /// The next frame.
    pub(crate) fn frame(&mut self) -> Result<AMQPFrame> {
        loop {
            if let Some(length) = self.complete() {
                let (_, frame) = parse_frame(&self.read[..length]).map_err(|error| anyhow::anyhow!("{error:?}"))?;
                self.read.drain(..length);
                return Ok(frame);
            }
            let mut buffer = [0; 16 * 1024];
            match self.stream.read(&mut buffer).context("read")? {
                0 => bail!("the broker closed the connection"),
                count => self.read.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn complete(&self) -> Option<usize> {
        let size = self.read.get(3..)?.first_chunk::<4>()?;
        let length = u32::from_be_bytes(*size) as usize + 8;
        (self.read.len() >= length).then_some(length)
    }

    /// Reads until a method that is wanted.
    pub(crate) fn until(&mut self, what: &str, wanted: impl Fn(&AMQPClass) -> bool) -> Result<AMQPClass> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match self.frame().with_context(|| format!("while waiting for {what}"))? {
                AMQPFrame::Method(_, method) if wanted(&method) => return Ok(method),
                AMQPFrame::Method(_, AMQPClass::Connection(connection::AMQPMethod::Close(close))) => {
                    bail!("closed while waiting for {what}: {close:?}")
                }
                AMQPFrame::Method(_, AMQPClass::Channel(channel::AMQPMethod::Close(close))) => {
                    bail!("channel closed while waiting for {what}: {close:?}")
                }
                _ => {}
            }
        }
        bail!("waited in vain for {what}")
    }

    /// Reads until the broker closes the channel or the connection; why.
    pub(crate) fn refusal(&mut self) -> Result<(u16, String)> {
        loop {
            match self.frame()? {
                AMQPFrame::Method(_, AMQPClass::Connection(connection::AMQPMethod::Close(close))) => {
                    return Ok((close.reply_code, close.reply_text.to_string()));
                }
                AMQPFrame::Method(_, AMQPClass::Channel(channel::AMQPMethod::Close(close))) => {
                    return Ok((close.reply_code, close.reply_text.to_string()));
                }
                _ => {}
            }
        }
    }

    /// Asks for something harmless on channel 1 and waits for the answer: all before it was handled.
    pub(crate) fn settle(&mut self) -> Result {
        self.say(&frame(
            1,
            AMQPClass::Basic(basic::AMQPMethod::Qos(basic::Qos::default())),
        ))?;
        self.until("basic.qos-ok", |method| {
            matches!(method, AMQPClass::Basic(basic::AMQPMethod::QosOk(_)))
        })?;
        Ok(())
    }

    /// Says no more, and reads until the broker ends the connection, whatever comes before that.
    pub(crate) fn hear_out(&mut self) -> Result {
        // The broker may have ended it already.
        let _ = self.stream.shutdown(Shutdown::Write);
        let mut buffer = [0; 16 * 1024];
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                    return Ok(());
                }
                Err(error) => return Err(error).context("the broker does not end the connection"),
            }
        }
        bail!("the broker does not end the connection")
    }
}

/// A method's frame.
pub(crate) fn frame(channel: u16, method: AMQPClass) -> Vec<u8> {
    let frame = AMQPFrame::Method(channel, method);
    let written = gen_frame(&frame)(Vec::new().into()).expect("writing to memory");
    written.into_inner().0
}

/// A frame of any type and content.
pub(crate) fn raw(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len()).expect("short");
    let head = [&[kind][..], &channel.to_be_bytes(), &size.to_be_bytes()].concat();
    [&head, payload, &[0xce]].concat()
}

/// All that a client says until its connection is open, at once.
pub(crate) fn handshake() -> Vec<u8> {
    let own = |method| frame(0, AMQPClass::Connection(method));
    let start_ok = connection::AMQPMethod::StartOk(connection::StartOk {
        mechanism: "PLAIN".into(),
        response: "\0guest\0guest".into(),
        locale: "en_US".into(),
        ..connection::StartOk::default()
    });
    let tune_ok = connection::AMQPMethod::TuneOk(connection::TuneOk {
        channel_max: 2047,
        frame_max: 131_072,
        heartbeat: 0,
    });
    let open = connection::AMQPMethod::Open(connection::Open {
        virtual_host: "/".into(),
    });
    [PROTOCOL.to_vec(), own(start_ok), own(tune_ok), own(open)].concat()
}

pub(crate) fn open_channel(number: u16) -> Vec<u8> {
    frame(number, AMQPClass::Channel(channel::AMQPMethod::Open(channel::Open {})))
}

/// Declares a durable queue without waiting for the answer.
pub(crate) fn declare(queue: &str, arguments: FieldTable) -> Vec<u8> {
    let declare = queue::AMQPMethod::Declare(queue::Declare {
        queue: queue.into(),
        durable: true,
        nowait: true,
        arguments,
        ..queue::Declare::default()
    });
    frame(1, AMQPClass::Queue(declare))
}

/// Binds a queue to an exchange without waiting for the answer.
pub(crate) fn bind(queue: &str, exchange: &str, key: &str) -> Vec<u8> {
    let bind = queue::AMQPMethod::Bind(queue::Bind {
        queue: queue.into(),
        exchange: exchange.into(),
        routing_key: key.into(),
        nowait: true,
        arguments: FieldTable::default(),
    });
    frame(1, AMQPClass::Queue(bind))
}

/// A whole transient message on channel 1, through an exchange.
pub(crate) fn publish(exchange: &str, key: &str, body: &[u8], mandatory: bool) -> Vec<u8> {
    let mut bytes = begin(exchange, key, mandatory);
    bytes.extend(header(body.len() as u64, &[0, 0]));
    if !body.is_empty() {
        bytes.extend(raw(3, 1, body));
    }
    bytes
}

/// `basic.publish` on channel 1, without the header that must follow.
pub(crate) fn begin(exchange: &str, key: &str, mandatory: bool) -> Vec<u8> {
    let publish = basic::AMQPMethod::Publish(basic::Publish {
        exchange: exchange.into(),
        routing_key: key.into(),
        mandatory,
        immediate: false,
    });
    frame(1, AMQPClass::Basic(publish))
}

/// A content header on channel 1; the properties as on the wire.
pub(crate) fn header(body_size: u64, properties: &[u8]) -> Vec<u8> {
    raw(
        2,
        1,
        &[&[0, 60, 0, 0], &body_size.to_be_bytes()[..], properties].concat(),
    )
}

/// Consumes on channel 1 and waits for no answer.
pub(crate) fn consume(queue: &str, tag: &str, no_ack: bool) -> Vec<u8> {
    let consume = basic::AMQPMethod::Consume(basic::Consume {
        queue: queue.into(),
        consumer_tag: tag.into(),
        no_ack,
        nowait: true,
        ..basic::Consume::default()
    });
    frame(1, AMQPClass::Basic(consume))
}

pub(crate) fn confirm_mode() -> Vec<u8> {
    let select = confirm::AMQPMethod::Select(confirm::Select { nowait: true });
    frame(1, AMQPClass::Confirm(select))
}

pub(crate) fn transaction_mode() -> Vec<u8> {
    frame(1, AMQPClass::Tx(tx::AMQPMethod::Select(tx::Select {})))
}
