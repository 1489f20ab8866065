//! Field tables: the library's values ⇄ dispatch's.

use crate::broker::dispatch::{IntKind, Table, Value};
use amq_protocol::types::{AMQPValue, DecimalValue, FieldArray, FieldTable, ShortString};

/// A table as dispatch keeps it.
pub(super) fn table(fields: &FieldTable) -> Table {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_string(), from_wire(value)))
        .collect()
}

/// A table as the library writes it.
pub(super) fn fields(table: &Table) -> FieldTable {
    let mut fields = FieldTable::default();
    for (name, value) in table {
        fields.insert(short(name), to_wire(value));
    }
    fields
}

/// A short string, cut at 255 bytes (at a character's end): the library panics beyond.
pub(super) fn short(text: &str) -> ShortString {
    let end = (0..=text.len().min(255))
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0);
    ShortString::from(&text[..end])
}

fn from_wire(value: &AMQPValue) -> Value {
    let int = Value::Int;
    match value {
        AMQPValue::Boolean(b) => Value::Bool(*b),
        AMQPValue::ShortShortInt(i) => int(IntKind::Byte, i64::from(*i)),
        AMQPValue::ShortShortUInt(i) => int(IntKind::UnsignedByte, i64::from(*i)),
        AMQPValue::ShortInt(i) => int(IntKind::Short, i64::from(*i)),
        AMQPValue::ShortUInt(i) => int(IntKind::UnsignedShort, i64::from(*i)),
        AMQPValue::LongInt(i) => int(IntKind::SignedInt, i64::from(*i)),
        AMQPValue::LongUInt(i) => int(IntKind::UnsignedInt, i64::from(*i)),
        AMQPValue::LongLongInt(i) => int(IntKind::Long, *i),
        AMQPValue::Float(f) => Value::Float(*f),
        AMQPValue::Double(d) => Value::Double(*d),
        AMQPValue::DecimalValue(d) => Value::Decimal(d.scale, d.value),
        AMQPValue::ShortString(s) => Value::LongStr(s.as_str().as_bytes().to_vec()),
        AMQPValue::LongString(s) => Value::LongStr(s.as_bytes().to_vec()),
        AMQPValue::FieldArray(a) => Value::Array(a.as_slice().iter().map(from_wire).collect()),
        AMQPValue::Timestamp(t) => Value::Timestamp(*t),
        AMQPValue::FieldTable(t) => Value::Table(table(t)),
        AMQPValue::ByteArray(b) => Value::Bytes(b.as_slice().to_vec()),
        AMQPValue::Void => Value::Void,
    }
}

fn to_wire(value: &Value) -> AMQPValue {
    match value {
        Value::Bool(b) => AMQPValue::Boolean(*b),
        Value::Int(kind, i) => int_to_wire(*kind, *i),
        Value::Float(f) => AMQPValue::Float(*f),
        Value::Double(d) => AMQPValue::Double(*d),
        Value::Decimal(scale, value) => AMQPValue::DecimalValue(DecimalValue {
            scale: *scale,
            value: *value,
        }),
        Value::LongStr(s) => AMQPValue::LongString(s.clone().into()),
        Value::Array(values) => AMQPValue::FieldArray(FieldArray::from(values.iter().map(to_wire).collect::<Vec<_>>())),
        Value::Timestamp(t) => AMQPValue::Timestamp(*t),
        Value::Table(t) => AMQPValue::FieldTable(fields(t)),
        Value::Bytes(b) => AMQPValue::ByteArray(b.clone().into()),
        Value::Void => AMQPValue::Void,
    }
}

/// A value outside its kind's range (it came from elsewhere than the wire) is written as a long.
fn int_to_wire(kind: IntKind, i: i64) -> AMQPValue {
    let narrow = match kind {
        IntKind::Byte => i.try_into().ok().map(AMQPValue::ShortShortInt),
        IntKind::UnsignedByte => i.try_into().ok().map(AMQPValue::ShortShortUInt),
        IntKind::Short => i.try_into().ok().map(AMQPValue::ShortInt),
        IntKind::UnsignedShort => i.try_into().ok().map(AMQPValue::ShortUInt),
        IntKind::SignedInt => i.try_into().ok().map(AMQPValue::LongInt),
        IntKind::UnsignedInt => i.try_into().ok().map(AMQPValue::LongUInt),
        IntKind::Long => None,
    };
    narrow.unwrap_or(AMQPValue::LongLongInt(i))
}

#[cfg(test)]
mod tests {
    use super::{fields, short, table};
    use crate::broker::dispatch::{IntKind, Table, Value};

    #[test]
    fn every_kind_of_value_survives_both_ways() {
        let ints = [
            (IntKind::Byte, -1),
            (IntKind::UnsignedByte, 255),
            (IntKind::Short, -300),
            (IntKind::UnsignedShort, 65_535),
            (IntKind::SignedInt, -70_000),
            (IntKind::UnsignedInt, 4_000_000_000),
            (IntKind::Long, i64::MIN),
        ];
        let mut all: Vec<Value> = ints.into_iter().map(|(kind, i)| Value::Int(kind, i)).collect();
        all.extend([
            Value::Bool(true),
            Value::Float(1.5),
            Value::Double(-2.5),
            Value::Decimal(2, 314),
            Value::LongStr(vec![0, 255]),
            Value::Timestamp(7),
            Value::Bytes(vec![1]),
            Value::Void,
        ]);
        let inner: Table = [("x".to_owned(), Value::Array(all.clone()))].into();
        all.push(Value::Table(inner));
        let whole: Table = all
            .into_iter()
            .enumerate()
            .map(|(i, value)| (format!("k{i}"), value))
            .collect();
        assert_eq!(table(&fields(&whole)), whole);
    }

    #[test]
    fn short_strings_are_cut_at_a_character() {
        assert_eq!(short(&"é".repeat(200)).as_str().len(), 254);
        assert_eq!(short("plain").as_str(), "plain");
    }
}
