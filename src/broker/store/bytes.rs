//! Values as bytes and back: lengths before what they measure, numbers big end first.
//!
//! Each enum has its own numbers here, so that a change elsewhere never changes what old data means.

use crate::broker::dispatch::{IntKind, Table, Value};

/// Bytes being written.
#[derive(Debug, Default)]
pub(super) struct Encoder(pub(super) Vec<u8>);

/// Bytes being read, from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decoder<'a>(pub(super) &'a [u8]);

/// The bytes are none that a [`Encoder`] has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record can't be read")]
pub(super) struct Malformed;

/// Tables in tables beyond this are not written by any client: the protocol has a lower limit.
const DEPTH: u32 = 1024;

impl Encoder {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend(value.to_be_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend(value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend(value.to_be_bytes());
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.u64(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// `None` is a zero.
    pub(super) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(super) fn table(&mut self, table: &Table) {
        self.u64(table.len() as u64);
        for (name, value) in table {
            self.text(name);
            self.value(value);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Void => self.u8(0),
            Value::Bool(value) => {
                self.u8(1);
                self.bool(*value);
            }
            Value::Int(kind, value) => {
                self.u8(2);
                self.u8(int_kind(*kind));
                self.u64(value.cast_unsigned());
            }
            Value::Float(value) => {
                self.u8(3);
                self.u32(value.to_bits());
            }
            Value::Double(value) => {
                self.u8(4);
                self.u64(value.to_bits());
            }
            Value::Decimal(scale, value) => {
                self.u8(5);
                self.u8(*scale);
                self.u32(*value);
            }
            Value::LongStr(bytes) => {
                self.u8(6);
                self.bytes(bytes);
            }
            Value::Array(values) => {
                self.u8(7);
                self.u64(values.len() as u64);
                for value in values {
                    self.value(value);
                }
            }
            Value::Timestamp(seconds) => {
                self.u8(8);
                self.u64(*seconds);
            }
            Value::Table(table) => {
                self.u8(9);
                self.table(table);
            }
            Value::Bytes(bytes) => {
                self.u8(10);
                self.bytes(bytes);
            }
        }
    }
}

impl<'a> Decoder<'a> {
    /// All must have been read.
    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    pub(super) fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn bool(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(self.u64()?).map_err(|_| Malformed)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    pub(super) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.bool()?.then(|| read(self)).transpose()
    }

    pub(super) fn table(&mut self) -> Result<Table, Malformed> {
        self.table_within(DEPTH)
    }

    fn table_within(&mut self, depth: u32) -> Result<Table, Malformed> {
        let mut table = Table::new();
        for _ in 0..self.u64()? {
            let name = self.text()?.to_owned();
            table.insert(name, self.value(depth)?);
        }
        Ok(table)
    }

    fn value(&mut self, depth: u32) -> Result<Value, Malformed> {
        let deeper = depth.checked_sub(1).ok_or(Malformed)?;
        Ok(match self.u8()? {
            0 => Value::Void,
            1 => Value::Bool(self.bool()?),
            2 => Value::Int(read_int_kind(self.u8()?)?, self.u64()?.cast_signed()),
            3 => Value::Float(f32::from_bits(self.u32()?)),
            4 => Value::Double(f64::from_bits(self.u64()?)),
            5 => Value::Decimal(self.u8()?, self.u32()?),
            6 => Value::LongStr(self.bytes()?.to_vec()),
            7 => {
                let count = self.u64()?;
                Value::Array((0..count).map(|_| self.value(deeper)).collect::<Result<_, _>>()?)
            }
            8 => Value::Timestamp(self.u64()?),
            9 => Value::Table(self.table_within(deeper)?),
            10 => Value::Bytes(self.bytes()?.to_vec()),
            _ => return Err(Malformed),
        })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

fn int_kind(kind: IntKind) -> u8 {
    match kind {
        IntKind::Byte => 0,
        IntKind::UnsignedByte => 1,
        IntKind::Short => 2,
        IntKind::UnsignedShort => 3,
        IntKind::SignedInt => 4,
        IntKind::UnsignedInt => 5,
        IntKind::Long => 6,
    }
}

fn read_int_kind(number: u8) -> Result<IntKind, Malformed> {
    Ok(match number {
        0 => IntKind::Byte,
        1 => IntKind::UnsignedByte,
        2 => IntKind::Short,
        3 => IntKind::UnsignedShort,
        4 => IntKind::SignedInt,
        5 => IntKind::UnsignedInt,
        6 => IntKind::Long,
        _ => return Err(Malformed),
    })
}
