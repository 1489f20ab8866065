//! What is kept of exchanges, queues, bindings and messages, as bytes.

use super::bytes::{Decoder, Encoder, Malformed};
use crate::broker::dispatch::{
    Binding, Charge, Destination, ExchangeKind, ExchangeSpec, Failures, Message, Persistence, Priority, QueueSpec,
    Returns, Standing, StoreSeq, Ttl, UnixMillis,
};
use std::sync::Arc;

/// What a virtual host has besides messages.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Thing {
    /// A durable exchange.
    Exchange(ExchangeSpec),
    /// A durable queue.
    Queue(QueueSpec),
    /// A binding between durable ends.
    Binding(Binding),
}

/// Where a message's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyAt<'a> {
    /// Here.
    Here(&'a [u8]),
    /// In the table of bodies, since several queues hold it.
    Shared(u64),
}

/// A message in a queue as it is kept.
#[derive(Debug)]
pub(super) struct Kept<'a> {
    /// The record by which it came.
    pub(super) seq: StoreSeq,
    /// When it expires.
    pub(super) expires: Option<UnixMillis>,
    /// The message; its body is empty.
    pub(super) message: Message,
    /// The body.
    pub(super) body: BodyAt<'a>,
}

/// Where a message was and how often it came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where it was.
    pub(super) standing: Standing,
    /// How often it came back.
    pub(super) returns: Returns,
    /// How often its consumer had died.
    pub(super) failures: Failures,
}

impl Thing {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut to = Encoder::default();
        match self {
            Self::Exchange(exchange) => {
                to.u8(0);
                write_exchange(&mut to, exchange);
            }
            Self::Queue(queue) => {
                to.u8(1);
                write_queue(&mut to, queue);
            }
            Self::Binding(binding) => {
                to.u8(2);
                write_binding(&mut to, binding);
            }
        }
        to.0
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Decoder(bytes);
        let thing = match from.u8()? {
            0 => Self::Exchange(read_exchange(&mut from)?),
            1 => Self::Queue(read_queue(&mut from)?),
            2 => Self::Binding(read_binding(&mut from)?),
            _ => return Err(Malformed),
        };
        from.end()?;
        Ok(thing)
    }
}

fn write_exchange(to: &mut Encoder, exchange: &ExchangeSpec) {
    let ExchangeSpec {
        name,
        kind,
        durable,
        auto_delete,
        internal,
        args,
    } = exchange;
    to.text(name);
    to.u8(match kind {
        ExchangeKind::Direct => 0,
        ExchangeKind::Fanout => 1,
        ExchangeKind::Topic => 2,
        ExchangeKind::Headers => 3,
    });
    to.bool(*durable);
    to.bool(*auto_delete);
    to.bool(*internal);
    to.table(args);
}

fn read_exchange(from: &mut Decoder) -> Result<ExchangeSpec, Malformed> {
    Ok(ExchangeSpec {
        name: from.text()?.to_owned(),
        kind: match from.u8()? {
            0 => ExchangeKind::Direct,
            1 => ExchangeKind::Fanout,
            2 => ExchangeKind::Topic,
            3 => ExchangeKind::Headers,
            _ => return Err(Malformed),
        },
        durable: from.bool()?,
        auto_delete: from.bool()?,
        internal: from.bool()?,
        args: from.table()?,
    })
}

/// An exclusive queue is gone with its connection, so none is kept.
fn write_queue(to: &mut Encoder, queue: &QueueSpec) {
    let QueueSpec {
        name,
        durable,
        exclusive: _,
        auto_delete,
        args,
    } = queue;
    to.text(name);
    to.bool(*durable);
    to.bool(*auto_delete);
    to.table(args);
}

fn read_queue(from: &mut Decoder) -> Result<QueueSpec, Malformed> {
    Ok(QueueSpec {
        name: from.text()?.to_owned(),
        durable: from.bool()?,
        exclusive: None,
        auto_delete: from.bool()?,
        args: from.table()?,
    })
}

fn write_binding(to: &mut Encoder, binding: &Binding) {
    let Binding {
        exchange,
        to: destination,
        key,
        args,
    } = binding;
    to.text(exchange);
    match destination {
        Destination::Queue(name) => {
            to.u8(0);
            to.text(name);
        }
        Destination::Exchange(name) => {
            to.u8(1);
            to.text(name);
        }
    }
    to.text(key);
    to.table(args);
}

fn read_binding(from: &mut Decoder) -> Result<Binding, Malformed> {
    Ok(Binding {
        exchange: from.text()?.to_owned(),
        to: match from.u8()? {
            0 => Destination::Queue(from.text()?.to_owned()),
            1 => Destination::Exchange(from.text()?.to_owned()),
            _ => return Err(Malformed),
        },
        key: from.text()?.to_owned(),
        args: from.table()?,
    })
}

/// Writes a message as its queue keeps it.
pub(super) fn write_kept(
    to: &mut Encoder,
    seq: StoreSeq,
    expires: Option<UnixMillis>,
    message: &Message,
    body: BodyAt<'_>,
) {
    let Message {
        exchange,
        routing_key,
        properties,
        body: _,
        persistence,
        headers,
        priority,
        expiration,
        added,
        failures,
        charge: _,
    } = message;
    // First, so that it can be found without reading the rest.
    match body {
        BodyAt::Here(bytes) => {
            to.u8(0);
            to.bytes(bytes);
        }
        BodyAt::Shared(id) => {
            to.u8(1);
            to.u64(id);
        }
    }
    to.u64(seq.0);
    to.option(expires, |to, at| to.u64(at.0));
    to.text(exchange);
    to.text(routing_key);
    to.bytes(properties);
    to.bool(*persistence == Persistence::Persistent);
    to.option(headers.as_deref(), Encoder::table);
    to.option(priority.as_ref(), |to, priority| to.u8(priority.0));
    to.option(expiration.as_ref(), |to, time| to.u32(time.0));
    to.option(added.as_deref(), Encoder::table);
    to.u16(failures.0);
}

/// Reads it; `names` gives equal names one place in memory.
pub(super) fn read_kept<'a>(bytes: &'a [u8], names: &mut Names) -> Result<Kept<'a>, Malformed> {
    let mut from = Decoder(bytes);
    let body = read_body(&mut from)?;
    let seq = StoreSeq(from.u64()?);
    let expires = from.option(|from| from.u64().map(UnixMillis))?;
    let message = Message {
        exchange: names.text(from.text()?),
        routing_key: names.text(from.text()?),
        properties: names.bytes(from.bytes()?),
        body: Arc::clone(&names.nothing),
        persistence: if from.bool()? {
            Persistence::Persistent
        } else {
            Persistence::Transient
        },
        headers: from.option(Decoder::table)?.map(Arc::new),
        priority: from.option(|from| from.u8().map(Priority))?,
        expiration: from.option(|from| from.u32().map(Ttl))?,
        added: from.option(Decoder::table)?.map(Arc::new),
        failures: Failures(from.u16()?),
        charge: Charge::default(),
    };
    from.end()?;
    Ok(Kept {
        seq,
        expires,
        message,
        body,
    })
}

/// Where the body is of a message that was written.
pub(super) fn read_body<'a>(from: &mut Decoder<'a>) -> Result<BodyAt<'a>, Malformed> {
    match from.u8()? {
        0 => from.bytes().map(BodyAt::Here),
        1 => from.u64().map(BodyAt::Shared),
        _ => Err(Malformed),
    }
}

impl Default for Mark {
    fn default() -> Self {
        Self {
            standing: Standing::Fresh,
            returns: Returns::default(),
            failures: Failures::default(),
        }
    }
}

impl Mark {
    pub(super) fn write(self, to: &mut Encoder) {
        let (number, seq) = match self.standing {
            Standing::Fresh => (0, StoreSeq(0)),
            Standing::HandedOut(seq) => (1, seq),
            Standing::Back(seq) => (2, seq),
        };
        to.u8(number);
        to.u64(seq.0);
        to.u32(self.returns.0);
        to.u16(self.failures.0);
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Decoder(bytes);
        let (number, seq) = (from.u8()?, StoreSeq(from.u64()?));
        let mark = Self {
            standing: match number {
                0 => Standing::Fresh,
                1 => Standing::HandedOut(seq),
                2 => Standing::Back(seq),
                _ => return Err(Malformed),
            },
            returns: Returns(from.u32()?),
            failures: Failures(from.u16()?),
        };
        from.end()?;
        Ok(mark)
    }
}

/// The last of each kind that was read: messages that follow one another mostly agree in them.
#[derive(Debug)]
pub(super) struct Names {
    texts: [Arc<str>; 2],
    bytes: Arc<[u8]>,
    nothing: Arc<[u8]>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            texts: ["".into(), "".into()],
            bytes: Arc::from([]),
            nothing: Arc::from([]),
        }
    }
}

impl Names {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.iter().find(|known| ***known == *text) {
            return Arc::clone(known);
        }
        self.texts.rotate_right(1);
        self.texts[0] = text.into();
        Arc::clone(&self.texts[0])
    }

    fn bytes(&mut self, bytes: &[u8]) -> Arc<[u8]> {
        if *self.bytes != *bytes {
            self.bytes = bytes.into();
        }
        Arc::clone(&self.bytes)
    }
}
