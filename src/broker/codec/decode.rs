//! From bytes to frames.

use super::wire::{BODY, END, HEADER, HEARTBEAT, METHOD, OVERHEAD, PREFIX};
use crate::broker::protocol::{FRAME_MIN, Fault, Frame, Header, Incoming, Properties, Publish, is_sound_method};
use amq_protocol::frame::{AMQPFrame, parse_frame};
use amq_protocol::protocol::{AMQPClass, connection};
use std::sync::Arc;

/// Reads one connection's bytes.
#[derive(Debug)]
pub(crate) struct Decoder {
    stage: Stage,
    /// The largest frame in bytes.
    frame_max: u32,
    /// A publisher mostly repeats itself: the last publish with its bytes, and the last properties.
    last_publish: Option<(Vec<u8>, Publish)>,
    last_properties: Option<Arc<Properties>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The eight bytes of the protocol header are next.
    ProtocolHeader,
    /// Frames are next.
    Frames,
    /// Where the next frame begins is lost; the rest makes no sense.
    Broken,
}

impl Decoder {
    /// Starts before the protocol header. `frame_max` holds until the client's tune-ok lowers it.
    pub(crate) fn new(frame_max: u32) -> Self {
        Self {
            stage: Stage::ProtocolHeader,
            frame_max,
            last_publish: None,
            last_properties: None,
        }
    }

    /// Reads all complete frames. Returns how many bytes they took; the rest is wanted again with what follows it.
    pub(crate) fn decode(&mut self, bytes: &[u8], frames: &mut Vec<Incoming>) -> usize {
        let mut taken = 0;
        while let Some((length, incoming)) = self.next(&bytes[taken..]) {
            taken += length;
            frames.push(incoming);
        }
        if self.stage == Stage::Broken {
            bytes.len()
        } else {
            taken
        }
    }

    fn next(&mut self, bytes: &[u8]) -> Option<(usize, Incoming)> {
        match self.stage {
            Stage::ProtocolHeader => {
                let header = *bytes.first_chunk::<8>()?;
                self.stage = Stage::Frames;
                Some((
                    8,
                    Incoming {
                        channel: 0,
                        frame: Frame::ProtocolHeader(header),
                    },
                ))
            }
            Stage::Frames => self.frame(bytes),
            Stage::Broken => None,
        }
    }

    fn frame(&mut self, bytes: &[u8]) -> Option<(usize, Incoming)> {
        let [kind, high, low, size @ ..] = *bytes.first_chunk::<PREFIX>()?;
        let (channel, size) = (u16::from_be_bytes([high, low]), u32::from_be_bytes(size));
        let limit = self.frame_max - OVERHEAD;
        // RabbitMQ holds frame_max against the payload alone, without the octets around it: some clients count so.
        if size > self.frame_max {
            return Some(self.broken(bytes.len(), channel, Fault::TooLarge { kind, size, limit }));
        }
        let length = PREFIX + size as usize + 1;
        let whole = bytes.get(..length)?;
        let (payload, end) = (&whole[PREFIX..length - 1], whole[length - 1]);
        if end != END {
            let fault = Fault::BadEnd {
                kind,
                payload: payload.to_vec(),
                octet: end,
            };
            return Some(self.broken(length, channel, fault));
        }
        // Where a frame ends is known, so the client's answer to the close can still be read.
        let frame = self.payload(kind, payload, whole).unwrap_or_else(Frame::Malformed);
        Some((length, Incoming { channel, frame }))
    }

    fn broken(&mut self, length: usize, channel: u16, fault: Fault) -> (usize, Incoming) {
        self.stage = Stage::Broken;
        (
            length,
            Incoming {
                channel,
                frame: Frame::Malformed(fault),
            },
        )
    }

    fn payload(&mut self, kind: u8, payload: &[u8], whole: &[u8]) -> Result<Frame, Fault> {
        match kind {
            METHOD => self.method(payload, whole),
            HEADER => self.header(payload),
            BODY => Ok(Frame::Body(payload.into())),
            HEARTBEAT => Ok(Frame::Heartbeat),
            _ => Err(Fault::UnknownType {
                kind,
                payload: payload.to_vec(),
            }),
        }
    }

    fn method(&mut self, payload: &[u8], whole: &[u8]) -> Result<Frame, Fault> {
        let Some((&[c1, c2, m1, m2], arguments)) = payload.split_first_chunk::<4>() else {
            return Err(Fault::BadArguments {
                class: 0,
                method: 0,
                payload: payload.to_vec(),
            });
        };
        let (class, method) = (u16::from_be_bytes([c1, c2]), u16::from_be_bytes([m1, m2]));
        let read = match (class, method) {
            (60, 10) => qos(arguments),
            (60, 40) => self.publish(arguments),
            (60, 80) => ack(arguments),
            _ if !is_sound_method(class, method, arguments) => None,
            _ => self.other(whole),
        };
        read.ok_or_else(|| {
            if is_known(class, method) {
                Fault::BadArguments {
                    class,
                    method,
                    payload: arguments.to_vec(),
                }
            } else {
                Fault::UnknownMethod
            }
        })
    }

    fn other(&mut self, whole: &[u8]) -> Option<Frame> {
        let Ok((_, AMQPFrame::Method(_, method))) = parse_frame(whole) else {
            return None;
        };
        if let AMQPClass::Connection(connection::AMQPMethod::TuneOk(ok)) = &method {
            // The smallest frame (AMQP 0-9-1, frame-min-size) is what a client may always send.
            self.frame_max = ok.frame_max.clamp(FRAME_MIN, self.frame_max);
        }
        Some(method.into())
    }

    fn publish(&mut self, arguments: &[u8]) -> Option<Frame> {
        if let Some((bytes, publish)) = &self.last_publish
            && bytes == arguments
        {
            return Some(Frame::Publish(publish.clone()));
        }
        let (exchange, rest) = short_string(arguments.get(2..)?)?;
        let (routing_key, rest) = short_string(rest)?;
        let &[bits] = rest else { return None };
        let exchange = match &self.last_publish {
            Some((_, last)) if &*last.exchange == exchange => Arc::clone(&last.exchange),
            _ => exchange.into(),
        };
        let publish = Publish {
            exchange,
            routing_key: routing_key.into(),
            mandatory: bits & 1 != 0,
            immediate: bits & 2 != 0,
        };
        self.last_publish = Some((arguments.to_vec(), publish.clone()));
        Some(Frame::Publish(publish))
    }

    fn header(&mut self, payload: &[u8]) -> Result<Frame, Fault> {
        let bad = || Fault::BadArguments {
            class: 60,
            method: 0,
            payload: payload.to_vec(),
        };
        let Some((&[c1, c2, _, _, size @ ..], raw)) = payload.split_first_chunk::<12>() else {
            return Err(bad());
        };
        let properties = match &self.last_properties {
            Some(last) if *last.raw == *raw => Arc::clone(last),
            _ => Arc::new(Properties::parse(raw).ok_or_else(bad)?),
        };
        self.last_properties = Some(Arc::clone(&properties));
        let (class_id, body_size) = (u16::from_be_bytes([c1, c2]), u64::from_be_bytes(size));
        Ok(Frame::Header(Header {
            class_id,
            body_size,
            properties,
        }))
    }
}

fn ack(arguments: &[u8]) -> Option<Frame> {
    let (&tag, rest) = arguments.split_first_chunk::<8>()?;
    let &[bits] = rest else { return None };
    Some(Frame::Ack {
        tag: u64::from_be_bytes(tag),
        multiple: bits & 1 != 0,
    })
}

fn qos(arguments: &[u8]) -> Option<Frame> {
    let &[s1, s2, s3, s4, c1, c2, bits] = arguments else {
        return None;
    };
    Some(Frame::Qos {
        size: u32::from_be_bytes([s1, s2, s3, s4]),
        count: u16::from_be_bytes([c1, c2]),
        global: bits & 1 != 0,
    })
}

fn short_string(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

/// Whether AMQP 0-9-1 (with RabbitMQ's extensions) has the method: then its arguments were wrong.
fn is_known(class: u16, method: u16) -> bool {
    let methods: &[u16] = match class {
        10 => &[10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71],
        20 => &[10, 11, 20, 21, 40, 41],
        30 | 85 => &[10, 11],
        40 => &[10, 11, 20, 21, 30, 31, 40, 51],
        50 => &[10, 11, 20, 21, 30, 31, 40, 41, 50, 51],
        60 => &[
            10, 11, 20, 21, 30, 31, 40, 50, 60, 70, 71, 72, 80, 90, 100, 110, 111, 120,
        ],
        90 => &[10, 11, 20, 21, 30, 31],
        _ => &[],
    };
    methods.contains(&method)
}
