//! What holds for the decoder whatever bytes come: the properties that fuzzing asks for.

use super::{Decoder, encode, encode::frame, wire};
use crate::broker::protocol::{Frame, Header, Incoming, Properties, Publish, Reply};
use amq_protocol::frame::{AMQPFrame, parse_frame};
use amq_protocol::protocol::{AMQPClass, basic};

const PROTOCOL: &[u8] = b"AMQP\x00\x00\x09\x01";
const FRAME_MAX: [u32; 4] = [4096, 8192, 131_072, 1 << 20];

/// Bytes in pieces give what they give at once, and what is read can be written and read again.
///
/// The first byte chooses `frame_max` and whether the protocol header goes before, the second the pieces' sizes.
///
/// # Panics
/// If that does not hold.
pub(crate) fn check_decoding(data: &[u8]) {
    let Some((frame_max, pieces, bytes)) = input(data) else {
        return;
    };
    let (at_once, rest) = decode(frame_max, &bytes, bytes.len());
    let (in_pieces, rest_in_pieces) = decode(frame_max, &bytes, 1 + usize::from(pieces) * 3);
    assert_eq!(told(&at_once), told(&in_pieces), "pieces make no difference");
    assert_eq!(rest, rest_in_pieces, "pieces make no difference to what is left");
    assert!(
        rest < frame_max as usize + wire::OVERHEAD as usize,
        "no more than a frame is waited for"
    );
    at_once.into_iter().for_each(check_writing);
}

/// Bytes at once, and nothing more.
pub(crate) fn decode_at_once(data: &[u8]) {
    if let Some((frame_max, _, bytes)) = input(data) {
        decode(frame_max, &bytes, bytes.len());
    }
}

fn input(data: &[u8]) -> Option<(u32, u8, Vec<u8>)> {
    let (&[knobs, pieces], bytes) = data.split_first_chunk::<2>()?;
    let prefix = if knobs & 4 == 0 { PROTOCOL } else { b"" };
    Some((FRAME_MAX[usize::from(knobs & 3)], pieces, [prefix, bytes].concat()))
}

/// Whether a client that agreed on `frame_max` can read this reply.
///
/// # Panics
/// If it can't.
pub(crate) fn check_reply(reply: Reply, frame_max: u32) {
    if matches!(reply, Reply::ProtocolHeader(_)) {
        return;
    }
    let mut bytes = Vec::new();
    encode(&mut bytes, reply, frame_max);
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let (left, _) = parse_frame(rest).expect("the library reads what is written");
        assert!(
            rest.len() - left.len() <= frame_max as usize,
            "no frame is longer than frame_max"
        );
        rest = left;
    }
}

/// One frame's bytes, read as a connection would.
pub(crate) fn read_frame(kind: u8, channel: u16, payload: &[u8]) -> Option<Frame> {
    let mut bytes = PROTOCOL.to_vec();
    frame(&mut bytes, kind, channel, |bytes| bytes.extend_from_slice(payload));
    let (mut frames, _) = decode(FRAME_MAX[2], &bytes, bytes.len());
    frames.pop().map(|incoming| incoming.frame)
}

/// Reads as `link` does: what is not taken is offered again with what follows. Returns how much is left over.
fn decode(frame_max: u32, bytes: &[u8], piece: usize) -> (Vec<Incoming>, usize) {
    let (mut decoder, mut buffer, mut frames) = (Decoder::new(frame_max), Vec::new(), Vec::new());
    for piece in bytes.chunks(piece.max(1)) {
        buffer.extend_from_slice(piece);
        let taken = decoder.decode(&buffer, &mut frames);
        buffer.drain(..taken);
    }
    (frames, buffer.len())
}

/// As text, since a table may hold a number that is not equal to itself.
fn told(frames: &[Incoming]) -> String {
    format!("{frames:?}")
}

/// Written and read twice, a frame is the same. The first time the library may choose another letter for a value.
fn check_writing(incoming: Incoming) {
    let channel = incoming.channel;
    let Some(first) = written(incoming) else { return };
    let bytes = [PROTOCOL, &first].concat();
    let (mut frames, rest) = decode(1 << 22, &bytes, bytes.len());
    assert_eq!(
        (frames.len(), rest),
        (2, 0),
        "what was written is one frame: {frames:?}"
    );
    let again = frames.pop().expect("two frames");
    assert_eq!(again.channel, channel);
    assert_eq!(Some(first), written(again), "written and read again it is the same");
}

/// The bytes of a frame that came; `None` for what can't be written since it could not be read.
fn written(incoming: Incoming) -> Option<Vec<u8>> {
    let (channel, mut bytes) = (incoming.channel, Vec::new());
    match incoming.frame {
        Frame::ProtocolHeader(_) | Frame::Malformed(_) => return None,
        Frame::Method(method) => encode(&mut bytes, Reply::Method(channel, method), u32::MAX),
        Frame::Publish(Publish {
            exchange,
            routing_key,
            mandatory,
            immediate,
        }) => {
            let publish = basic::AMQPMethod::Publish(basic::Publish {
                exchange: (&*exchange).into(),
                routing_key: (&*routing_key).into(),
                mandatory,
                immediate,
            });
            encode(
                &mut bytes,
                Reply::Method(channel, Box::new(AMQPClass::Basic(publish))),
                u32::MAX,
            );
        }
        Frame::Ack { tag, multiple } => encode(&mut bytes, Reply::Confirm { channel, tag, multiple }, u32::MAX),
        Frame::Qos { size, count, global } => frame(&mut bytes, wire::METHOD, channel, |bytes| {
            bytes.extend_from_slice(&[0, 60, 0, 10]);
            bytes.extend_from_slice(&size.to_be_bytes());
            bytes.extend_from_slice(&count.to_be_bytes());
            bytes.push(u8::from(global));
        }),
        Frame::Header(header) => write_header(&mut bytes, channel, &header),
        Frame::Body(body) => frame(&mut bytes, wire::BODY, channel, |bytes| bytes.extend_from_slice(&body)),
        Frame::Heartbeat => frame(&mut bytes, wire::HEARTBEAT, channel, |_| ()),
    }
    Some(bytes)
}

/// The header's bytes; what the library makes of the properties is looked at on the way.
fn write_header(bytes: &mut Vec<u8>, channel: u16, header: &Header) {
    let Header {
        class_id,
        body_size,
        properties,
    } = header;
    let again = Properties::parse(&properties.raw).map(|read| read.raw);
    assert_eq!(
        again.as_deref(),
        Some(&*properties.raw),
        "properties that are kept can be read"
    );
    let start = bytes.len();
    frame(bytes, wire::HEADER, channel, |bytes| {
        bytes.extend_from_slice(&class_id.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&body_size.to_be_bytes());
        bytes.extend_from_slice(&properties.raw);
    });
    let library = parse_frame(&bytes[start..]).map(|(rest, frame)| (rest.len(), frame));
    assert!(
        matches!(library, Ok((0, AMQPFrame::Header(..)))) || *class_id != 60,
        "the library reads headers of class 60 alike"
    );
}
