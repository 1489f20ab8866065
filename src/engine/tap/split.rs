//! From one direction's bytes to frames, also when it begins in the middle of one (AMQP 0-9-1, section 4.2.3).

use super::read::method_fields;

pub(super) const METHOD: u8 = 1;
pub(super) const HEADER: u8 = 2;
pub(super) const BODY: u8 = 3;
pub(super) const HEARTBEAT: u8 = 8;
const END: u8 = 206;
/// Type, channel, length.
const PREFIX: usize = 7;
/// The prefix and the end octet.
pub(super) const OVERHEAD: usize = 8;
/// The longest payload taken for one: RabbitMQ's own `frame_max`, and more than the lab ever agrees to.
const LONGEST: usize = 131_072;
/// What a client says first.
const GREETING: &[u8; 4] = b"AMQP";

/// One direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// What does not make a whole frame yet.
    rest: Vec<u8>,
    place: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Anywhere.
    #[default]
    Unknown,
    /// At the beginning of a frame.
    Boundary,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// The protocol header.
    Greeting([u8; 4]),
    /// A frame.
    Frame { kind: u8, channel: u16, payload: &'a [u8] },
}

/// What begins somewhere in the bytes.
enum Here<'a> {
    /// This, of that many octets.
    Whole(Piece<'a>, usize),
    /// The beginning of something.
    Part,
    /// Nothing that can be.
    Nothing,
}

impl Splitter {
    /// Takes what passed, and tells each frame that is complete by it.
    pub(super) fn feed(&mut self, bytes: &[u8], mut tell: impl FnMut(Piece<'_>)) {
        self.rest.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            if self.place == Place::Unknown {
                let (skip, found) = search(&self.rest[at..]);
                at += skip;
                if !found {
                    break;
                }
                self.place = Place::Boundary;
            }
            match look(&self.rest[at..]) {
                Here::Whole(piece, length) => {
                    tell(piece);
                    at += length;
                }
                Here::Part => break,
                // Something is missing before it.
                Here::Nothing => self.place = Place::Unknown,
            }
        }
        self.rest.drain(..at);
    }

    /// What comes next does not follow what came last.
    pub(super) fn lose_place(&mut self) {
        *self = Self::default();
    }
}

/// How many bytes to leave out, and whether what follows them is certainly the beginning of something.
fn search(bytes: &[u8]) -> (usize, bool) {
    let mut part = None;
    for at in 0..bytes.len() {
        match look(&bytes[at..]) {
            Here::Whole(piece, _) if is_certain(&piece) => return (at, true),
            Here::Part => part = part.or(Some(at)),
            Here::Whole(..) | Here::Nothing => {}
        }
    }
    (part.unwrap_or(bytes.len()), false)
}

/// Whether these bytes can hardly be anything else. Headers and bodies would be of no use without their method.
fn is_certain(piece: &Piece<'_>) -> bool {
    match piece {
        Piece::Greeting(_) => true,
        Piece::Frame { kind, payload, .. } => {
            *kind == HEARTBEAT || (*kind == METHOD && method_fields(payload).is_some())
        }
    }
}

fn look(bytes: &[u8]) -> Here<'_> {
    if bytes.len() < PREFIX {
        return maybe(
            bytes
                .first()
                .is_none_or(|first| is_kind(*first) || *first == GREETING[0]),
        );
    }
    if let Some((GREETING, rest)) = bytes.split_first_chunk::<4>() {
        return match rest.first_chunk::<4>() {
            Some(version) => Here::Whole(Piece::Greeting(*version), 8),
            None => Here::Part,
        };
    }
    let Some((&[kind, c1, c2, size @ ..], rest)) = bytes.split_first_chunk::<PREFIX>() else {
        return Here::Part;
    };
    let size = u32::from_be_bytes(size) as usize;
    let sound = is_kind(kind) && size <= LONGEST && (kind != HEARTBEAT || size == 0);
    match rest.get(size) {
        _ if !sound => Here::Nothing,
        None => Here::Part,
        Some(&END) => Here::Whole(
            Piece::Frame {
                kind,
                channel: u16::from_be_bytes([c1, c2]),
                payload: &rest[..size],
            },
            size + OVERHEAD,
        ),
        Some(_) => Here::Nothing,
    }
}

const fn maybe<'a>(part: bool) -> Here<'a> {
    if part { Here::Part } else { Here::Nothing }
}

const fn is_kind(octet: u8) -> bool {
    matches!(octet, METHOD | HEADER | BODY | HEARTBEAT)
}
