//! Tables and strings on the wire, sound or not.

use amq_protocol::types::{AMQPValue, FieldTable};

/// Tables inside one another, `depth` of them, as on the wire.
pub(crate) fn nested_table(depth: usize) -> Vec<u8> {
    let mut table = vec![0; 4];
    for _ in 1..depth {
        let field = [&[1, b'n', b'F'], &table[..]].concat();
        table = with_length(&field);
    }
    table
}

/// Arrays inside one another in a table, as on the wire.
pub(crate) fn nested_array(depth: usize) -> Vec<u8> {
    let mut array = vec![0; 4];
    for _ in 2..depth {
        array = with_length(&[b"A", &array[..]].concat());
    }
    with_length(&[&[1, b'n', b'A'], &array[..]].concat())
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("short");
    [&length.to_be_bytes()[..], bytes].concat()
}

/// A table that fills a frame.
pub(crate) fn enormous_table() -> FieldTable {
    let mut table = FieldTable::default();
    for number in 0..12_000 {
        table.insert(format!("{number:06}").as_str().into(), AMQPValue::Boolean(true));
    }
    table
}

/// A short string on the wire.
pub(crate) fn short(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
}
