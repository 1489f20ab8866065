//! The walk against the library's own parser.

use super::{DEEPEST, is_sound_table};
use amq_protocol::types::parsing::{ParserError, parse_field_table};
use proptest::prelude::*;

/// A table, with its length, that holds one of each kind of value but for tables and arrays.
fn flat() -> Vec<u8> {
    let values: [&[u8]; 18] = [
        b"t\x01",
        b"b\x01",
        b"B\x01",
        b"s\0\x01",
        b"U\0\x01",
        b"u\0\x01",
        b"I\0\0\0\x01",
        b"i\0\0\0\x01",
        b"f\0\0\0\0",
        b"D\x02\0\0\0\x01",
        b"L\0\0\0\0\0\0\0\x01",
        b"l\0\0\0\0\0\0\0\x01",
        b"d\0\0\0\0\0\0\0\0",
        b"T\0\0\0\0\0\0\0\x01",
        b"S\0\0\0\x02ab",
        b"x\0\0\0\x02ab",
        b"A\0\0\0\0",
        b"V",
    ];
    long(&values.map(|value| [b"\x01k", value].concat()).concat())
}

fn long(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short");
    [&length.to_be_bytes()[..], content].concat()
}

/// A table in a table, and so on, or an array in an array in a table.
fn nested(depth: usize, kind: u8) -> Vec<u8> {
    let mut bytes = long(b"");
    for level in 1..depth {
        let named = kind == b'F' || level == depth - 1;
        let name: &[u8] = if named { b"\x01k" } else { b"" };
        bytes = long(&[name, &[kind], &bytes].concat());
    }
    bytes
}

fn library_reads(bytes: &[u8]) -> bool {
    parse_field_table(bytes).map_err(|_: ParserError| ()).is_ok()
}

#[test]
fn every_kind_of_value_is_walked_as_the_library_reads_it() {
    let whole = flat();
    assert!(is_sound_table(&whole) && library_reads(&whole));
    for cut in 0..whole.len() {
        assert!(!is_sound_table(&whole[..cut]), "cut at {cut}");
    }
}

#[test]
fn tables_and_arrays_nest_up_to_the_limit() {
    for kind in [b'F', b'A'] {
        assert!(is_sound_table(&nested(DEEPEST, kind)) && library_reads(&nested(DEEPEST, kind)));
        assert!(!is_sound_table(&nested(DEEPEST + 1, kind)));
        assert!(!is_sound_table(&nested(3_000, kind)));
    }
}

proptest! {
    #[test]
    fn what_the_library_reads_is_walked_too(at in 0_usize..200, byte in any::<u8>()) {
        let mut bytes = flat();
        let at = at % bytes.len();
        bytes[at] = byte;
        prop_assert!(is_sound_table(&bytes) || !library_reads(&bytes));
    }
}
