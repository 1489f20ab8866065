//! Arguments, properties and tables as text. What can't be read to its last octet is `None`: then it is no frame.

use super::spec::{Method, PROPERTIES, method};
use std::fmt::Write as _;

/// A field's name and its value.
pub(super) type Field = (&'static str, String);

/// How deep tables are shown.
const DEPTH: usize = 4;
/// What stands in place of a password.
const HIDDEN: &str = "•••";

/// A method's payload: which one, and its arguments.
pub(super) fn method_fields(payload: &[u8]) -> Option<(&'static Method, Vec<Field>)> {
    let (&[c1, c2, m1, m2], rest) = payload.split_first_chunk::<4>()?;
    let method = method(u16::from_be_bytes([c1, c2]), u16::from_be_bytes([m1, m2]))?;
    let mut from = Octets { rest, bits: None };
    let mut fields = Vec::new();
    for (name, kind) in method.arguments() {
        fields.push((name, from.value(kind)?));
    }
    from.rest.is_empty().then_some((method, fields))
}

/// A content header's payload: the size of the body, and the properties that are set.
pub(super) fn header_fields(payload: &[u8]) -> Option<(u64, Vec<Field>)> {
    let (&[0, 60, _, _, size @ ..], rest) = payload.split_first_chunk::<12>()? else {
        return None;
    };
    let (&flags, rest) = rest.split_first_chunk::<2>()?;
    let flags = u16::from_be_bytes(flags);
    let mut from = Octets { rest, bits: None };
    let mut fields = Vec::new();
    for (at, (name, kind)) in PROPERTIES.into_iter().enumerate() {
        if flags & (0x8000 >> at) != 0 {
            fields.push((name, from.value(kind)?));
        }
    }
    from.rest.is_empty().then_some((u64::from_be_bytes(size), fields))
}

/// What is left to read.
struct Octets<'a> {
    rest: &'a [u8],
    /// The octet of which the last bits were read, and how many of them.
    bits: Option<(u8, u8)>,
}

impl<'a> Octets<'a> {
    fn value(&mut self, kind: &str) -> Option<String> {
        if kind == "bit" {
            return self.bit();
        }
        self.bits = None;
        Some(match kind {
            "octet" => u8::from_be_bytes(self.fixed()?).to_string(),
            "short" => u16::from_be_bytes(self.fixed()?).to_string(),
            "long" => u32::from_be_bytes(self.fixed()?).to_string(),
            "longlong" => u64::from_be_bytes(self.fixed()?).to_string(),
            "shortstr" => text(self.short()?),
            "longstr" => text(self.long()?),
            "secret" => self.long().map(|_| HIDDEN.to_owned())?,
            "table" => table(self.long()?, DEPTH)?,
            _ => return None,
        })
    }

    fn bit(&mut self) -> Option<String> {
        let (octet, read) = match self.bits {
            Some((octet, read)) if read < 8 => (octet, read),
            _ => (u8::from_be_bytes(self.fixed()?), 0),
        };
        self.bits = Some((octet, read + 1));
        Some((octet >> read & 1 == 1).to_string())
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (&first, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(first)
    }

    fn short(&mut self) -> Option<&'a [u8]> {
        let [length] = self.fixed()?;
        self.take(usize::from(length))
    }

    fn long(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_be_bytes(self.fixed()?);
        self.take(usize::try_from(length).ok()?)
    }

    /// A value of a table: RabbitMQ's types, which are those of AMQP 0-9-1 as it is spoken.
    fn tagged(&mut self, depth: usize) -> Option<String> {
        let [kind] = self.fixed()?;
        Some(match kind {
            b't' => (u8::from_be_bytes(self.fixed()?) != 0).to_string(),
            b'b' => i8::from_be_bytes(self.fixed()?).to_string(),
            b'B' => u8::from_be_bytes(self.fixed()?).to_string(),
            b's' => i16::from_be_bytes(self.fixed()?).to_string(),
            b'u' => u16::from_be_bytes(self.fixed()?).to_string(),
            b'I' => i32::from_be_bytes(self.fixed()?).to_string(),
            b'i' => u32::from_be_bytes(self.fixed()?).to_string(),
            b'l' | b'L' => i64::from_be_bytes(self.fixed()?).to_string(),
            b'T' => u64::from_be_bytes(self.fixed()?).to_string(),
            b'f' => f32::from_be_bytes(self.fixed()?).to_string(),
            b'd' => f64::from_be_bytes(self.fixed()?).to_string(),
            b'D' => {
                let ([scale], value) = (self.fixed()?, i32::from_be_bytes(self.fixed()?));
                format!("{value}e-{scale}")
            }
            b'S' | b'x' => text(self.long()?),
            b'F' => table(self.long()?, depth)?,
            b'A' => array(self.long()?, depth)?,
            b'V' => "void".to_owned(),
            _ => return None,
        })
    }
}

fn table(bytes: &[u8], depth: usize) -> Option<String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Some("{…}".to_owned());
    };
    let mut from = Octets {
        rest: bytes,
        bits: None,
    };
    let mut shown = String::from("{");
    while !from.rest.is_empty() {
        let comma = if shown.len() > 1 { ", " } else { "" };
        let (name, value) = (text(from.short()?), from.tagged(depth)?);
        let _ = write!(shown, "{comma}{name}={value}");
    }
    shown.push('}');
    Some(shown)
}

fn array(bytes: &[u8], depth: usize) -> Option<String> {
    let Some(depth) = depth.checked_sub(1) else {
        return Some("[…]".to_owned());
    };
    let mut from = Octets {
        rest: bytes,
        bits: None,
    };
    let mut shown = Vec::new();
    while !from.rest.is_empty() {
        shown.push(from.tagged(depth)?);
    }
    Some(format!("[{}]", shown.join(", ")))
}

/// Text that the terminal can't take for orders.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|c| if c.is_control() { '·' } else { c })
        .collect()
}
