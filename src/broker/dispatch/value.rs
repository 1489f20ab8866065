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

impl Value {
    /// The type's name as RabbitMQ's error texts give it (`signedint`, `longstr`, `bool`).
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Int(kind, _) => kind.type_name(),
            Self::Float(_) => "float",
            Self::Double(_) => "double",
            Self::Decimal(..) => "decimal",
            Self::LongStr(_) => "longstr",
            Self::Array(_) => "array",
            Self::Timestamp(_) => "timestamp",
            Self::Table(_) => "table",
            Self::Bytes(_) => "binary",
            Self::Void => "void",
        }
    }

    /// A string value.
    pub fn text(text: &str) -> Self {
        Self::LongStr(text.as_bytes().to_vec())
    }

    /// The string, if it is one and is UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::LongStr(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Equal by RabbitMQ's rule: the width of a number does not matter, the class of the type does.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(_, a), Self::Int(_, b)) => a == b,
            (Self::Float(a), Self::Double(b)) | (Self::Double(b), Self::Float(a)) => {
                f64::from(*a).to_bits() == b.to_bits()
            }
            _ => self == other,
        }
    }
}

impl IntKind {
    fn type_name(self) -> &'static str {
        match self {
            Self::Byte => "byte",
            Self::UnsignedByte => "unsignedbyte",
            Self::Short => "short",
            Self::UnsignedShort => "unsignedshort",
            Self::SignedInt => "signedint",
            Self::UnsignedInt => "unsignedint",
            Self::Long => "long",
        }
    }
}
