//! What fuzzers call, and the tests that keep what they found: bytes in, a panic if a promise is broken.
//!
//! | file | what it knows |
//! |---|---|
//! | `script` | from bytes to what clients do: few names, many methods |
//! | `wishes` | the frames of one request |
//! | `world` | a broker, its clock, its disk and a few clients; one step at a time |
//! | `start` | how a broker and its connections begin |
//! | `client` | what a client may be told, and when |
//! | `disk` | what is stored, and whether the records make sense |
//!
//! It is compiled for fuzzers and tests alone. The targets are in `tests/fuzz`, the inputs that are kept in
//! `tests/corpus`.

mod client;
mod disk;
mod script;
mod start;
mod wishes;
mod world;

pub use script::STEP;

/// Decodes arbitrary bytes, and does no more: so that the memory this takes can be measured.
pub fn decode(data: &[u8]) {
    super::codec::fuzzing::decode_at_once(data);
}

/// Decodes arbitrary bytes, and looks at the result.
///
/// # Panics
/// If bytes in pieces are read differently from bytes at once, or what was read can't be written.
pub fn decoder(data: &[u8]) {
    super::codec::fuzzing::check_decoding(data);
}

/// Plays whole sessions of several clients.
///
/// # Panics
/// If the broker's invariants are broken, or a client is told what it may not be told.
pub fn session(data: &[u8]) {
    world::World::play(data);
}

#[cfg(test)]
mod tests;
