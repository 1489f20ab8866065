//! From frames to lines: a method together with its content header and body, or a heartbeat.

use super::read::header_fields;
use super::spec::{Method, method};
use super::split::{BODY, HEADER, HEARTBEAT, METHOD, OVERHEAD, Piece, Splitter};
use crate::lab::Way;
use std::collections::HashMap;

/// Bytes of a body that are kept.
const BODY_KEPT: usize = 512;
/// Contents under way on one connection; channels beyond that lose theirs.
const PENDING: usize = 64;

/// One connection, both ways.
#[derive(Debug, Default)]
pub(super) struct Stream {
    to_broker: Flow,
    from_broker: Flow,
    goodbye: Goodbye,
}

/// One way.
#[derive(Debug, Default)]
struct Flow {
    splitter: Splitter,
    pending: HashMap<u16, Content>,
}

/// What passed, not yet read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) channel: u16,
    /// Bytes on the wire.
    pub(super) size: usize,
    pub(super) what: What,
}

/// What it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The protocol header, with its version.
    Greeting([u8; 4]),
    /// A method without content; its payload.
    Method(Box<[u8]>),
    /// One with content.
    Content(Content),
    /// A sign of life.
    Heartbeat,
    /// The socket is closed.
    End(Goodbye),
}

/// Whether `connection.close` passed before the socket was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Goodbye {
    /// It did not, as far as was heard.
    #[default]
    Unsaid,
    /// It did.
    Said,
}

/// Method and content, as far as they have passed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// The method's payload.
    pub(super) method: Box<[u8]>,
    /// The header's payload.
    pub(super) header: Box<[u8]>,
    /// The beginning of the body.
    pub(super) body: Vec<u8>,
    /// Bytes of body to come.
    missing: u64,
    size: usize,
}

impl Stream {
    /// Takes what passed one way, and tells what is complete by it.
    pub(super) fn feed(&mut self, way: Way, bytes: &[u8], mut tell: impl FnMut(Passed)) {
        let Self {
            to_broker,
            from_broker,
            goodbye,
        } = self;
        let Flow { splitter, pending } = match way {
            Way::ToBroker => to_broker,
            Way::FromBroker => from_broker,
        };
        splitter.feed(bytes, |piece| {
            if let Some(passed) = take(pending, piece) {
                if is_goodbye(&passed.what) {
                    *goodbye = Goodbye::Said;
                }
                tell(passed);
            }
        });
    }

    /// The socket is closed.
    pub(super) fn end(&self) -> Passed {
        passed(0, 0, What::End(self.goodbye))
    }

    /// Some bytes were not kept.
    pub(super) fn lose_place(&mut self) {
        for flow in [&mut self.to_broker, &mut self.from_broker] {
            flow.splitter.lose_place();
            flow.pending.clear();
        }
    }
}

/// `connection.close` or `connection.close-ok`.
fn is_goodbye(what: &What) -> bool {
    matches!(what, What::Method(payload) if matches!(**payload, [0, 10, 0, 50 | 51, ..]))
}

fn take(pending: &mut HashMap<u16, Content>, piece: Piece<'_>) -> Option<Passed> {
    let (kind, channel, payload) = match piece {
        Piece::Greeting(version) => return Some(passed(0, 8, What::Greeting(version))),
        Piece::Frame { kind, channel, payload } => (kind, channel, payload),
    };
    let size = payload.len() + OVERHEAD;
    match kind {
        HEARTBEAT => Some(passed(channel, size, What::Heartbeat)),
        METHOD if has_content(payload) => {
            let content = Content {
                method: payload.into(),
                header: Box::default(),
                body: Vec::new(),
                missing: u64::MAX,
                size,
            };
            if pending.len() < PENDING || pending.contains_key(&channel) {
                pending.insert(channel, content);
            }
            None
        }
        METHOD => Some(passed(channel, size, What::Method(payload.into()))),
        HEADER => {
            let content = pending.get_mut(&channel)?;
            content.missing = header_fields(payload).map_or(0, |(length, _)| length);
            content.header = payload.into();
            content.size += size;
            complete(pending, channel)
        }
        BODY => {
            let content = pending.get_mut(&channel)?;
            let room = BODY_KEPT.saturating_sub(content.body.len());
            content.body.extend_from_slice(&payload[..payload.len().min(room)]);
            content.missing = content.missing.saturating_sub(payload.len() as u64);
            content.size += size;
            complete(pending, channel)
        }
        _ => None,
    }
}

fn complete(pending: &mut HashMap<u16, Content>, channel: u16) -> Option<Passed> {
    if pending.get(&channel)?.missing > 0 {
        return None;
    }
    let content = pending.remove(&channel)?;
    Some(passed(channel, content.size, What::Content(content)))
}

fn has_content(payload: &[u8]) -> bool {
    let Some(&[c1, c2, m1, m2]) = payload.first_chunk::<4>() else {
        return false;
    };
    method(u16::from_be_bytes([c1, c2]), u16::from_be_bytes([m1, m2])).is_some_and(Method::has_content)
}

const fn passed(channel: u16, size: usize, what: What) -> Passed {
    Passed { channel, size, what }
}
