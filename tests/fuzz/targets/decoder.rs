//! Arbitrary bytes for the frame decoder, which may take no more memory than they justify.

#![no_main]

use cap::Cap;
use dispatch_lab::broker::fuzzing;
use libfuzzer_sys::fuzz_target;
use std::alloc::System;

/// Allocations beyond the limit fail, and end the program.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// Bytes of memory for each byte that came: a table in a table takes seven on the wire, and a map's node here.
const FACTOR: usize = 256;

/// Bytes that any input may use.
const GROUND: usize = 1 << 16;

fuzz_target!(|data: &[u8]| {
    let limit = MEMORY.allocated() + GROUND + data.len() * FACTOR;
    MEMORY.set_limit(limit).expect("no more than this is in use");
    fuzzing::decode(data);
    // The fuzzer itself takes what it needs.
    MEMORY.set_limit(usize::MAX).expect("no limit is above all");
    fuzzing::decoder(data);
});
