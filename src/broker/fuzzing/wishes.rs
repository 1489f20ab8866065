//! The frames of one request: plausible names, every flag, arguments that make sense and some that do not.

use super::script::{Action, Step, bit, pick};
use crate::broker::codec::fuzzing::read_frame;
use crate::broker::protocol::{Frame, Header, Properties, Publish};
use amq_protocol::protocol::{AMQPClass, access, basic, channel, confirm, connection, exchange, queue, tx};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::sync::Arc;

const QUEUES: [&str; 8] = ["q0", "q1", "q2", "q3", "", "q0", "q1", "amq.q"];
const EXCHANGES: [&str; 10] = [
    "",
    "e0",
    "e1",
    "e2",
    "amq.fanout",
    "amq.topic",
    "amq.direct",
    "amq.headers",
    "amq.rabbitmq.trace",
    "e9",
];
const KEYS: [&str; 10] = ["q0", "q1", "q2", "q3", "a.b", "a.*", "#.b", "#", "", "*.b.#.#"];
const TAGS: [&str; 4] = ["t0", "t1", "t2", ""];
const KINDS: [&str; 6] = ["direct", "fanout", "topic", "headers", "x-nonsense", "fanout"];
const MILLIS: [i64; 6] = [0, 1, 10, 1000, 60_000, -1];
const EXPIRATIONS: [&[u8]; 6] = [b"0", b"1", b"10", b"1000", b"x", b"99999999999999"];

/// What a client sends in this step.
pub(super) fn frames(step: &Step) -> Vec<Frame> {
    let [a, b, c, d] = step.args;
    match step.action {
        Action::OpenChannel => vec![AMQPClass::Channel(channel::AMQPMethod::Open(channel::Open {})).into()],
        Action::Close => close(a),
        Action::Exchange => vec![AMQPClass::Exchange(exchange(a, b, c, d)).into()],
        Action::Queue => vec![AMQPClass::Queue(queue(a, b, c, d)).into()],
        Action::Bind => vec![bind(a, b, c, d)],
        Action::Publish => publish(a, b, c, d),
        Action::Fragment => vec![fragment(a, b, c, d)],
        Action::Consume => vec![AMQPClass::Basic(consume(a, b, c, d)).into()],
        Action::Get => vec![get(a, b)],
        Action::Settle => vec![settle(a, b, c)],
        Action::Qos => vec![Frame::Qos {
            size: u32::from(a & 0xf0 == 0xf0),
            count: u16::from(b % 8),
            global: bit(a, 0),
        }],
        Action::Mode => vec![mode(a)],
        Action::Odd => vec![odd(a, b)],
        Action::Raw => vec![raw(a, [b, c, d])],
        _ => Vec::new(),
    }
}

/// What a client can do, for its `start-ok`.
pub(super) fn capabilities(capable: bool) -> FieldTable {
    let mut capabilities = FieldTable::default();
    for name in [
        "consumer_cancel_notify",
        "authentication_failure_close",
        "connection.blocked",
    ] {
        put(&mut capabilities, name, AMQPValue::Boolean(capable));
    }
    let mut properties = FieldTable::default();
    put(&mut properties, "capabilities", AMQPValue::FieldTable(capabilities));
    properties
}

fn close(a: u8) -> Vec<Frame> {
    let own = |method| AMQPClass::Connection(method).into();
    vec![match a % 8 {
        0 => own(connection::AMQPMethod::Close(connection::Close::default())),
        1 => own(connection::AMQPMethod::CloseOk(connection::CloseOk {})),
        2 => AMQPClass::Channel(channel::AMQPMethod::CloseOk(channel::CloseOk {})).into(),
        _ => AMQPClass::Channel(channel::AMQPMethod::Close(channel::Close::default())).into(),
    }]
}

fn exchange(a: u8, b: u8, c: u8, d: u8) -> exchange::AMQPMethod {
    let name = pick(&EXCHANGES, a).into();
    if c % 4 == 3 {
        return exchange::AMQPMethod::Delete(exchange::Delete {
            exchange: name,
            if_unused: bit(b, 0),
            nowait: bit(b, 1),
        });
    }
    let mut arguments = FieldTable::default();
    if bit(d, 0) {
        put(&mut arguments, "alternate-exchange", text(pick(&EXCHANGES, d >> 1)));
    }
    exchange::AMQPMethod::Declare(exchange::Declare {
        exchange: name,
        kind: pick(&KINDS, b >> 4).into(),
        passive: b & 0x0f == 0x0f,
        durable: bit(b, 0),
        auto_delete: bit(b, 1),
        internal: b & 0x0c == 0x0c,
        nowait: bit(c, 7),
        arguments,
    })
}

fn queue(a: u8, b: u8, c: u8, d: u8) -> queue::AMQPMethod {
    let name = pick(&QUEUES, a).into();
    match a >> 4 {
        15 => queue::AMQPMethod::Purge(queue::Purge {
            queue: name,
            nowait: bit(b, 0),
        }),
        13 | 14 => queue::AMQPMethod::Delete(queue::Delete {
            queue: name,
            if_unused: bit(b, 0),
            if_empty: bit(b, 1),
            nowait: bit(b, 2),
        }),
        _ => queue::AMQPMethod::Declare(queue::Declare {
            queue: name,
            passive: b & 0x0f == 0x0f,
            durable: !bit(b, 0),
            exclusive: b & 0x06 == 0x06,
            auto_delete: b & 0x18 == 0x18,
            nowait: b & 0x60 == 0x60,
            arguments: queue_arguments(c, d),
        }),
    }
}

fn queue_arguments(c: u8, d: u8) -> FieldTable {
    let mut table = FieldTable::default();
    let choices = [
        ("x-max-length", AMQPValue::LongInt(i32::from(d % 4))),
        (
            "x-overflow",
            text(pick(
                &["drop-head", "reject-publish", "reject-publish-dlx", "?"],
                d >> 2,
            )),
        ),
        ("x-message-ttl", AMQPValue::LongLongInt(pick(&MILLIS, d))),
        ("x-expires", AMQPValue::LongLongInt(pick(&MILLIS, d >> 3))),
        ("x-dead-letter-exchange", text(pick(&EXCHANGES, d))),
        ("x-max-priority", AMQPValue::ShortShortUInt(d % 7)),
        ("x-queue-type", text("quorum")),
        ("x-single-active-consumer", AMQPValue::Boolean(true)),
    ];
    for (number, (name, value)) in (0..).zip(choices) {
        if bit(c, number) {
            put(&mut table, name, value);
        }
    }
    if d & 0xc0 == 0xc0 {
        put(&mut table, "x-dead-letter-routing-key", text(pick(&KEYS, d)));
        put(&mut table, "x-delivery-limit", AMQPValue::LongInt(i32::from(d % 3)));
    }
    if d & 0xe0 == 0x20 {
        put(&mut table, "x-max-length-bytes", AMQPValue::LongInt(i32::from(d)));
    }
    if d & 0xe0 == 0x40 {
        put(
            &mut table,
            "x-consumer-timeout",
            AMQPValue::LongLongInt(pick(&MILLIS, d)),
        );
    }
    table
}

fn bind(a: u8, b: u8, c: u8, d: u8) -> Frame {
    let (queue, exchange, routing_key) = (pick(&QUEUES, a), pick(&EXCHANGES, b), pick(&KEYS, c).into());
    let (destination, nowait) = (pick(&EXCHANGES, a), d & 3 == 3);
    let mut arguments = FieldTable::default();
    if bit(d, 4) {
        put(
            &mut arguments,
            "x-match",
            text(pick(&["all", "any", "any-with-x", "?"], d >> 5)),
        );
        put(&mut arguments, "k", AMQPValue::LongInt(i32::from(d >> 6)));
    }
    match d >> 2 & 3 {
        0 | 1 => AMQPClass::Queue(queue::AMQPMethod::Bind(queue::Bind {
            queue: queue.into(),
            exchange: exchange.into(),
            routing_key,
            nowait,
            arguments,
        })),
        2 if bit(d, 7) => AMQPClass::Queue(queue::AMQPMethod::Unbind(queue::Unbind {
            queue: queue.into(),
            exchange: exchange.into(),
            routing_key,
            arguments,
        })),
        2 => AMQPClass::Exchange(exchange::AMQPMethod::Unbind(exchange::Unbind {
            destination: destination.into(),
            source: exchange.into(),
            routing_key,
            nowait,
            arguments,
        })),
        _ => AMQPClass::Exchange(exchange::AMQPMethod::Bind(exchange::Bind {
            destination: destination.into(),
            source: exchange.into(),
            routing_key,
            nowait,
            arguments,
        })),
    }
    .into()
}

/// A whole message; `d` chooses its properties and length.
fn publish(a: u8, b: u8, c: u8, d: u8) -> Vec<Frame> {
    let publish = begin(a, b, c);
    let body = vec![b'x'; usize::from(c >> 4)];
    let mut frames = vec![publish, header(body.len() as u64, d, a)];
    if !body.is_empty() {
        let (first, second) = body.split_at(body.len() * usize::from(bit(c, 3)) / 2);
        frames.extend([first, second].map(|piece| Frame::Body(piece.into())));
    }
    frames
}

/// A frame of a message without the others.
fn fragment(a: u8, b: u8, c: u8, d: u8) -> Frame {
    match a % 4 {
        0 => begin(b, c, d),
        1 => header(u64::from(b % 8), c, d),
        2 => Frame::Body(vec![b'y'; usize::from(b % 8)].into()),
        _ => header(u64::MAX >> (b % 64), c, d),
    }
}

fn begin(a: u8, b: u8, c: u8) -> Frame {
    Frame::Publish(Publish {
        // Mostly the default exchange and a queue's name.
        exchange: pick(&EXCHANGES, a.saturating_sub(64)).into(),
        routing_key: pick(&KEYS, b).into(),
        mandatory: bit(c, 0),
        immediate: c & 0x07 == 0x07,
    })
}

fn header(body_size: u64, choice: u8, more: u8) -> Frame {
    let mut raw = Vec::new();
    let mut flags = 0_u16;
    if bit(choice, 0) {
        flags |= 1 << 13;
        raw.extend_from_slice(&headers(more));
    }
    if !bit(choice, 1) {
        flags |= 1 << 12;
        raw.push(2 - u8::from(bit(choice, 2)));
    }
    if bit(choice, 3) {
        flags |= 1 << 11;
        raw.push(more % 12);
    }
    if bit(choice, 4) {
        flags |= 1 << 8;
        short(&mut raw, pick(&EXPIRATIONS, choice >> 5));
    }
    if choice & 0xe0 == 0xe0 {
        flags |= 1 << 4;
        short(&mut raw, pick(&[&b"guest"[..], b"else"], more));
    }
    let raw = [&flags.to_be_bytes()[..], &raw].concat();
    let Some(properties) = Properties::parse(&raw) else {
        unreachable!("these properties can be read: {raw:?}");
    };
    Frame::Header(Header {
        class_id: if choice == 0xfe { 61 } else { 60 },
        body_size,
        properties: Arc::new(properties),
    })
}

/// A table on the wire.
fn headers(choice: u8) -> Vec<u8> {
    let fields: &[u8] = match choice % 6 {
        0 => b"",
        1 => b"\x01kI\x00\x00\x00\x01",
        2 => b"\x02CCA\x00\x00\x00\x0e\x53\x00\x00\x00\x02q0\x53\x00\x00\x00\x02q1",
        3 => b"\x03BCCA\x00\x00\x00\x07\x53\x00\x00\x00\x02q2",
        4 => b"\x07x-deathA\x00\x00\x00\x05F\x00\x00\x00\x00",
        _ => b"\x0dx-match-extraV",
    };
    let length = u32::try_from(fields.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], fields].concat()
}

fn short(raw: &mut Vec<u8>, text: &[u8]) {
    raw.push(text.len().to_le_bytes()[0]);
    raw.extend_from_slice(text);
}

fn consume(a: u8, b: u8, c: u8, d: u8) -> basic::AMQPMethod {
    let tag = pick(&TAGS, b).into();
    if b >> 6 == 3 {
        return basic::AMQPMethod::Cancel(basic::Cancel {
            consumer_tag: tag,
            nowait: bit(c, 0),
        });
    }
    let mut arguments = FieldTable::default();
    if bit(d, 0) {
        put(&mut arguments, "x-priority", AMQPValue::LongInt(i32::from(d >> 4)));
    }
    if bit(d, 1) {
        put(
            &mut arguments,
            "x-consumer-timeout",
            AMQPValue::LongLongInt(pick(&MILLIS, d)),
        );
    }
    basic::AMQPMethod::Consume(basic::Consume {
        queue: pick(&QUEUES, a).into(),
        consumer_tag: tag,
        no_local: bit(c, 4),
        no_ack: bit(c, 0),
        exclusive: c & 0x06 == 0x06,
        nowait: bit(c, 3),
        arguments,
    })
}

fn get(a: u8, b: u8) -> Frame {
    AMQPClass::Basic(basic::AMQPMethod::Get(basic::Get {
        queue: pick(&QUEUES, a).into(),
        no_ack: bit(b, 0),
    }))
    .into()
}

fn settle(a: u8, b: u8, c: u8) -> Frame {
    let tag = u64::from(b % 24);
    let (first, second) = (bit(c, 0), bit(c, 1));
    let method = match a % 8 {
        0..=2 => return Frame::Ack { tag, multiple: first },
        3 | 4 => basic::AMQPMethod::Nack(basic::Nack {
            delivery_tag: tag,
            multiple: first,
            requeue: second,
        }),
        5 => basic::AMQPMethod::Reject(basic::Reject {
            delivery_tag: tag,
            requeue: second,
        }),
        6 => basic::AMQPMethod::Recover(basic::Recover { requeue: second }),
        _ => basic::AMQPMethod::RecoverAsync(basic::RecoverAsync { requeue: second }),
    };
    AMQPClass::Basic(method).into()
}

fn mode(a: u8) -> Frame {
    match a % 8 {
        0 | 1 => AMQPClass::Confirm(confirm::AMQPMethod::Select(confirm::Select { nowait: bit(a, 4) })),
        2 | 3 => AMQPClass::Tx(tx::AMQPMethod::Select(tx::Select {})),
        4 | 5 => AMQPClass::Tx(tx::AMQPMethod::Commit(tx::Commit {})),
        6 => AMQPClass::Tx(tx::AMQPMethod::Rollback(tx::Rollback {})),
        _ => AMQPClass::Channel(channel::AMQPMethod::Flow(channel::Flow { active: bit(a, 4) })),
    }
    .into()
}

/// What only a broker sends, or nobody at that time.
fn odd(a: u8, b: u8) -> Frame {
    match a % 8 {
        0 => return Frame::Heartbeat,
        1 => return Frame::ProtocolHeader(*b"AMQP\x00\x00\x09\x01"),
        2 => AMQPClass::Connection(connection::AMQPMethod::UpdateSecret(connection::UpdateSecret::default())),
        3 => AMQPClass::Basic(basic::AMQPMethod::CancelOk(basic::CancelOk {
            consumer_tag: pick(&TAGS, b).into(),
        })),
        4 => AMQPClass::Access(access::AMQPMethod::Request(access::Request::default())),
        5 => AMQPClass::Basic(basic::AMQPMethod::GetEmpty(basic::GetEmpty::default())),
        6 => AMQPClass::Connection(connection::AMQPMethod::OpenOk(connection::OpenOk {})),
        _ => AMQPClass::Channel(channel::AMQPMethod::FlowOk(channel::FlowOk { active: bit(b, 0) })),
    }
    .into()
}

/// A frame of any type with a few bytes: mostly a method without its arguments.
fn raw(a: u8, [class, method, more]: [u8; 3]) -> Frame {
    let payload = [0, class % 100, 0, method % 124, 0, 0, 0, more];
    let kind = if bit(a, 7) { a % 9 } else { 1 };
    read_frame(kind, 1, &payload[..payload.len() - usize::from(a % 4)]).unwrap_or(Frame::Heartbeat)
}

fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

fn put(table: &mut FieldTable, name: &str, value: AMQPValue) {
    table.insert(name.into(), value);
}
