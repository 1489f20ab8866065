//! The codec against the library's own parser and generator, and against nonsense.

use super::{Decoder, encode};
use crate::broker::dispatch::Charge;
use crate::broker::dispatch::{
    ChannelId, ConnectionId, Delivery, DeliveryTag, Failures, Message, Persistence, QueueId,
};
use crate::broker::protocol::{Fault, Frame, Incoming, Publish, Reply};
use amq_protocol::frame::{AMQPContentHeader, AMQPFrame, gen_frame, parse_frame};
use amq_protocol::protocol::{AMQPClass, BasicProperties, basic, connection, queue};
use proptest::prelude::*;
use std::sync::Arc;

const FRAME_MAX: u32 = 131_072;
const PROTOCOL: &[u8] = b"AMQP\x00\x00\x09\x01";

fn written(frame: &AMQPFrame) -> Vec<u8> {
    gen_frame(frame)(Vec::new().into())
        .expect("writing to memory")
        .into_inner()
        .0
}

fn method(method: basic::AMQPMethod) -> AMQPFrame {
    AMQPFrame::Method(1, AMQPClass::Basic(method))
}

/// What a decoder makes of bytes that follow the protocol header.
fn decoded(bytes: &[u8]) -> (Vec<Incoming>, usize) {
    let mut decoder = Decoder::new(FRAME_MAX);
    let mut frames = Vec::new();
    decoder.decode(PROTOCOL, &mut frames);
    frames.clear();
    let taken = decoder.decode(bytes, &mut frames);
    (frames, taken)
}

fn only(bytes: &[u8]) -> Frame {
    let (mut frames, taken) = decoded(bytes);
    assert_eq!((frames.len(), taken), (1, bytes.len()));
    frames.remove(0).frame
}

fn raw(kind: u8, payload: &[u8], end: u8) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    [&[kind, 0, 1], &length.to_be_bytes()[..], payload, &[end]].concat()
}

fn message(body: usize) -> Arc<Message> {
    Arc::new(Message {
        exchange: "x".into(),
        routing_key: "key".into(),
        // Delivery mode 2.
        properties: Arc::from([0x10, 0x00, 2]),
        body: vec![b'b'; body].into(),
        persistence: Persistence::Persistent,
        headers: None,
        priority: None,
        expiration: None,
        added: None,
        failures: Failures::default(),
        charge: Charge::default(),
    })
}

fn encoded(reply: Reply, frame_max: u32) -> Vec<AMQPFrame> {
    let mut bytes = Vec::new();
    encode(&mut bytes, reply, frame_max);
    let (mut rest, mut frames) = (&bytes[..], Vec::new());
    while !rest.is_empty() {
        let (left, frame) = parse_frame(rest).expect("the library reads what is written");
        frames.push(frame);
        rest = left;
    }
    frames
}

#[test]
fn frequent_methods_are_read_as_the_library_writes_them() {
    let publish = Publish {
        exchange: "x".into(),
        routing_key: "k.é".into(),
        mandatory: true,
        immediate: false,
    };
    let rows = [
        (
            basic::AMQPMethod::Publish(basic::Publish {
                exchange: "x".into(),
                routing_key: "k.é".into(),
                mandatory: true,
                immediate: false,
            }),
            Frame::Publish(publish),
        ),
        (
            basic::AMQPMethod::Ack(basic::Ack {
                delivery_tag: 1 << 40,
                multiple: true,
            }),
            Frame::Ack {
                tag: 1 << 40,
                multiple: true,
            },
        ),
        (
            basic::AMQPMethod::Qos(basic::Qos {
                prefetch_count: 513,
                global: true,
            }),
            Frame::Qos {
                size: 0,
                count: 513,
                global: true,
            },
        ),
    ];
    for (library, expected) in rows {
        assert_eq!(only(&written(&method(library))), expected);
    }
}

#[test]
fn other_methods_come_as_the_library_reads_them() {
    let declare = AMQPClass::Queue(queue::AMQPMethod::Declare(queue::Declare {
        queue: "q".into(),
        durable: true,
        ..queue::Declare::default()
    }));
    assert_eq!(
        only(&written(&AMQPFrame::Method(1, declare.clone()))),
        Frame::Method(Box::new(declare))
    );
}

#[test]
fn deliveries_and_confirms_are_written_as_the_library_would() {
    let delivery = Delivery {
        channel: ChannelId {
            connection: ConnectionId(1),
            number: 7,
        },
        consumer: "tag".into(),
        tag: DeliveryTag(9),
        redelivered: true,
        queue: QueueId(1),
        message: message(10),
    };
    let deliver = basic::Deliver {
        consumer_tag: "tag".into(),
        delivery_tag: 9,
        redelivered: true,
        exchange: "x".into(),
        routing_key: "key".into(),
    };
    let header = AMQPContentHeader {
        class_id: 60,
        body_size: 10,
        properties: BasicProperties::default().with_delivery_mode(2),
    };
    assert_eq!(
        encoded(Reply::Deliver(delivery), FRAME_MAX),
        [
            AMQPFrame::Method(7, AMQPClass::Basic(basic::AMQPMethod::Deliver(deliver))),
            AMQPFrame::Header(7, header),
            AMQPFrame::Body(7, vec![b'b'; 10]),
        ]
    );
    let ack = basic::AMQPMethod::Ack(basic::Ack {
        delivery_tag: 5,
        multiple: true,
    });
    let confirm = Reply::Confirm {
        channel: 1,
        tag: 5,
        multiple: true,
    };
    assert_eq!(encoded(confirm, FRAME_MAX), [method(ack)]);
    assert_eq!(encoded(Reply::Heartbeat, FRAME_MAX), [AMQPFrame::Heartbeat]);
}

#[test]
fn bodies_are_split_at_frame_max() {
    let get_ok = AMQPClass::Basic(basic::AMQPMethod::GetOk(basic::GetOk::default()));
    for (body, pieces) in [(0, vec![]), (8184, vec![8184]), (20_000, vec![8184, 8184, 3632])] {
        let reply = Reply::Content(1, Box::new(get_ok.clone()), message(body));
        let frames = encoded(reply, 8192);
        let sizes: Vec<_> = frames[2..]
            .iter()
            .map(|frame| match frame {
                AMQPFrame::Body(1, bytes) => bytes.len(),
                other => panic!("{other:?} is no body"),
            })
            .collect();
        assert_eq!(sizes, pieces);
    }
}

#[test]
fn what_is_no_frame_is_told_apart() {
    let qos = [0, 60, 0, 10, 0, 0, 0, 0, 0, 1, 0];
    let rows = [
        (
            raw(1, &qos, 0),
            Fault::BadEnd {
                kind: 1,
                payload: qos.to_vec(),
                octet: 0,
            },
        ),
        (
            raw(7, &[], 206),
            Fault::UnknownType {
                kind: 7,
                payload: vec![],
            },
        ),
        (raw(1, &[0, 60, 3, 231], 206), Fault::UnknownMethod),
        (raw(1, &[0, 99, 0, 1], 206), Fault::UnknownMethod),
        (
            raw(1, &[0, 60, 0, 20], 206),
            Fault::BadArguments {
                class: 60,
                method: 20,
                payload: vec![],
            },
        ),
        (
            raw(1, &[0, 60, 0, 80, 1], 206),
            Fault::BadArguments {
                class: 60,
                method: 80,
                payload: vec![1],
            },
        ),
        (
            raw(1, &[0], 206),
            Fault::BadArguments {
                class: 0,
                method: 0,
                payload: vec![0],
            },
        ),
        (
            raw(2, &[0, 60], 206),
            Fault::BadArguments {
                class: 60,
                method: 0,
                payload: vec![0, 60],
            },
        ),
        (
            vec![3, 0, 1, 0, 3, 13, 64],
            Fault::TooLarge {
                kind: 3,
                size: 200_000,
                limit: FRAME_MAX - 8,
            },
        ),
    ];
    for (bytes, fault) in rows {
        assert_eq!(only(&bytes), Frame::Malformed(fault));
    }
}

/// A field table with a table in it, with a table in it…
fn nested_tables(depth: usize) -> Vec<u8> {
    let length = |level: usize| u32::try_from(level * 7).expect("short").to_be_bytes();
    let mut bytes = length(depth).to_vec();
    for level in (0..depth).rev() {
        bytes.extend_from_slice(b"\x01kF");
        bytes.extend_from_slice(&length(level));
    }
    bytes
}

#[test]
fn tables_nested_without_end_are_refused_wherever_they_stand() {
    let table = nested_tables(3_000);
    let rows: [(u16, u16, &[u8]); 10] = [
        (10, 10, &[0, 9]),
        (10, 11, &[]),
        (40, 10, b"\0\0\x01x\x06direct\0"),
        (40, 30, b"\0\0\x01a\x01b\x01k\0"),
        (40, 40, b"\0\0\x01a\x01b\x01k\0"),
        (50, 10, b"\0\0\x01q\0"),
        (50, 20, b"\0\0\x01q\x01x\x01k\0"),
        (50, 50, b"\0\0\x01q\x01x\x01k"),
        (60, 20, b"\0\0\x01q\x01t\0"),
        // Properties: content type, content encoding and headers; the weight and the body's size go before them.
        (60, 0, b"\0\0\0\0\0\0\0\x01\xe0\0\x01c\x01e"),
    ];
    for (class, method, before) in rows {
        let payload = match method {
            0 => [&class.to_be_bytes()[..], before, &table].concat(),
            _ => [&class.to_be_bytes()[..], &method.to_be_bytes(), before, &table].concat(),
        };
        let kind = if method == 0 { 2 } else { 1 };
        let Frame::Malformed(Fault::BadArguments {
            class: c, method: m, ..
        }) = only(&raw(kind, &payload, 206))
        else {
            panic!("({class},{method}) was read");
        };
        assert_eq!((c, m), (class, method));
    }
}

#[test]
fn tables_nested_a_little_are_read() {
    let payload = [&[0, 50, 0, 10], &b"\0\0\x01q\0"[..], &nested_tables(20)].concat();
    assert!(matches!(only(&raw(1, &payload, 206)), Frame::Method(_)));
}

#[test]
fn a_payload_of_frame_max_bytes_is_tolerated_and_no_longer_one() {
    let body = |size| raw(3, &vec![0; size], 206);
    let limit = FRAME_MAX as usize;
    assert!(matches!(only(&body(limit)), Frame::Body(_)));
    assert!(matches!(
        only(&body(limit + 1)),
        Frame::Malformed(Fault::TooLarge { .. })
    ));
}

#[test]
fn tune_ok_lowers_the_limit() {
    let tune = connection::TuneOk {
        channel_max: 1,
        frame_max: 4096,
        heartbeat: 0,
    };
    let tune = AMQPFrame::Method(0, AMQPClass::Connection(connection::AMQPMethod::TuneOk(tune)));
    let (frames, _) = decoded(&[written(&tune), raw(3, &[0; 5000], 206)].concat());
    let fault = Fault::TooLarge {
        kind: 3,
        size: 5000,
        limit: 4088,
    };
    assert_eq!(frames[1].frame, Frame::Malformed(fault));
}

#[test]
fn frames_come_out_the_same_however_the_bytes_are_cut() {
    let publish = method(basic::AMQPMethod::Publish(basic::Publish {
        routing_key: "q".into(),
        ..Default::default()
    }));
    let header = AMQPFrame::Header(
        1,
        AMQPContentHeader {
            class_id: 60,
            body_size: 3,
            properties: BasicProperties::default().with_content_type("text/plain".into()),
        },
    );
    let one = [written(&publish), written(&header), raw(3, b"abc", 206)].concat();
    let bytes = [PROTOCOL, &one, &one, &raw(8, &[], 206)].concat();
    let mut whole = Vec::new();
    Decoder::new(FRAME_MAX).decode(&bytes, &mut whole);
    assert_eq!(whole.len(), 8);
    let (mut decoder, mut waiting, mut frames) = (Decoder::new(FRAME_MAX), Vec::new(), Vec::new());
    for byte in bytes {
        waiting.push(byte);
        let taken = decoder.decode(&waiting, &mut frames);
        waiting.drain(..taken);
    }
    assert_eq!(frames, whole);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6)) {
        let mut decoder = Decoder::new(FRAME_MAX);
        let mut frames = Vec::new();
        decoder.decode(PROTOCOL, &mut frames);
        for chunk in &chunks {
            prop_assert!(decoder.decode(chunk, &mut frames) <= chunk.len());
        }
    }

    #[test]
    fn no_payload_makes_it_panic(
        kind in 0_u8..9,
        class in prop::sample::select(vec![10_u16, 20, 30, 40, 50, 60, 85, 90, 99]),
        method in 0_u16..130,
        arguments in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let payload = [&class.to_be_bytes()[..], &method.to_be_bytes(), &arguments].concat();
        let (frames, _) = decoded(&raw(kind, &payload, 206));
        prop_assert_eq!(frames.len(), 1);
    }
}
