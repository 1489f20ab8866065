//! Argument and header values: AMQP's field values as plain data, with the type that each had on the wire.

use std::collections::BTreeMap;

/// A field table. Names are unique; the order on the wire is not kept.
pub type Table = BTreeMap<String, Value>;

/// A field value (AMQP 0-9-1 section 4.2.1 with RabbitMQ's errata).
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `t`
    Bool(bool),
    /// `b`, `B`, `s`, `u`, `I`, `i`, `l`: the letter keeps the type for error texts.
    Int(IntKind, i64),
    /// `f`
    Float(f32),
    /// `d`
    Double(f64),
    /// `D`: scale and unscaled value.
    Decimal(u8, u32),
    /// `S`: bytes, mostly UTF-8.
    LongStr(Vec<u8>),
    /// `A`
    Array(Vec<Value>),
    /// `T`: seconds since 1970.
    Timestamp(u64),
    /// `F`
    Table(Table),
    /// `x`
    Bytes(Vec<u8>),
    /// `V`
    Void,
}

/// The integer type a value had on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntKind {
    /// `b`, signed 8 bit
    Byte,
    /// `B`, unsigned 8 bit
    UnsignedByte,
    /// `s`, signed 16 bit
    Short,
    /// `u`, unsigned 16 bit
    UnsignedShort,
    /// `I`, signed 32 bit
    SignedInt,
    /// `i`, unsigned 32 bit
    UnsignedInt,
    /// `l`, signed 64 bit
    Long,
}
