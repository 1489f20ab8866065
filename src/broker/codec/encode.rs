//! From replies to bytes.

use super::wire::{BODY, END, HEADER, HEARTBEAT, METHOD, OVERHEAD};
use crate::broker::dispatch::{Delivery, Message};
use crate::broker::protocol::{Reply, with_added};
use amq_protocol::frame::{AMQPFrame, gen_frame};
use amq_protocol::protocol::AMQPClass;

/// Appends a reply's bytes; bodies are split at `frame_max` bytes per frame.
pub(crate) fn encode(bytes: &mut Vec<u8>, reply: Reply, frame_max: u32) {
    match reply {
        Reply::ProtocolHeader(header) => bytes.extend_from_slice(&header),
        Reply::Method(channel, method) => method_frame(bytes, channel, *method),
        Reply::Content(channel, method, message) => {
            method_frame(bytes, channel, *method);
            content(bytes, channel, &message, frame_max);
        }
        Reply::Deliver(delivery) => {
            deliver(bytes, &delivery);
            content(bytes, delivery.channel.number, &delivery.message, frame_max);
        }
        Reply::Confirm { channel, tag, multiple } => confirm(bytes, channel, tag, multiple),
        Reply::Heartbeat => frame(bytes, HEARTBEAT, 0, |_| ()),
    }
}

/// Any method, by the library.
fn method_frame(bytes: &mut Vec<u8>, channel: u16, method: AMQPClass) {
    let method = AMQPFrame::Method(channel, method);
    match gen_frame(&method)(Vec::new().into()) {
        Ok(context) => bytes.extend_from_slice(&context.into_inner().0),
        Err(error) => unreachable!("writing to memory cannot fail: {error}"),
    }
}

/// `basic.deliver`
fn deliver(bytes: &mut Vec<u8>, delivery: &Delivery) {
    frame(bytes, METHOD, delivery.channel.number, |bytes| {
        bytes.extend_from_slice(&[0, 60, 0, 60]);
        short_string(bytes, &delivery.consumer);
        bytes.extend_from_slice(&delivery.tag.0.to_be_bytes());
        bytes.push(u8::from(delivery.redelivered));
        short_string(bytes, &delivery.message.exchange);
        short_string(bytes, &delivery.message.routing_key);
    });
}

/// `basic.ack`
fn confirm(bytes: &mut Vec<u8>, channel: u16, tag: u64, multiple: bool) {
    frame(bytes, METHOD, channel, |bytes| {
        bytes.extend_from_slice(&[0, 60, 0, 80]);
        bytes.extend_from_slice(&tag.to_be_bytes());
        bytes.push(u8::from(multiple));
    });
}

/// The header and the body.
fn content(bytes: &mut Vec<u8>, channel: u16, message: &Message, frame_max: u32) {
    frame(bytes, HEADER, channel, |bytes| {
        bytes.extend_from_slice(&[0, 60, 0, 0]);
        bytes.extend_from_slice(&(message.body.len() as u64).to_be_bytes());
        match &message.added {
            None => bytes.extend_from_slice(&message.properties),
            Some(added) => bytes.extend_from_slice(&with_added(message, added)),
        }
    });
    for piece in message.body.chunks((frame_max - OVERHEAD) as usize) {
        frame(bytes, BODY, channel, |bytes| bytes.extend_from_slice(piece));
    }
}

/// One frame; its length is filled in when it is known.
pub(super) fn frame(bytes: &mut Vec<u8>, kind: u8, channel: u16, payload: impl FnOnce(&mut Vec<u8>)) {
    bytes.push(kind);
    bytes.extend_from_slice(&channel.to_be_bytes());
    let at = bytes.len();
    bytes.extend_from_slice(&[0; 4]);
    payload(bytes);
    // No payload is longer than frame_max, which is a u32.
    let length = u32::try_from(bytes.len() - at - 4).unwrap_or(u32::MAX);
    bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
    bytes.push(END);
}

/// Names in dispatch came from the wire or were cut to 255 bytes, so nothing is lost here.
fn short_string(bytes: &mut Vec<u8>, text: &str) {
    let text = &text.as_bytes()[..text.len().min(255)];
    bytes.push(text.len().to_le_bytes()[0]);
    bytes.extend_from_slice(text);
}
