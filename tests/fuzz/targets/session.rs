//! Whole sessions of several clients with the broker.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dispatch_lab::broker::fuzzing::session(data));
