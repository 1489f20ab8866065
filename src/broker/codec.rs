//! Bytes ⇄ frames. The only place that knows the library's frame type (`amq_protocol::frame`).
//!
//! The library's parser takes the announced length of a frame on trust and tells all faults alike, so the seven bytes
//! of the frame header are looked at first. Publishes, acks, headers and bodies are read directly, and deliveries and
//! confirms written directly: they are nearly all traffic, and the library allocates several times for each.

mod decode;
mod encode;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;

pub(super) use decode::Decoder;
pub(super) use encode::encode;

/// Frame types and the end octet (AMQP 0-9-1, section 4.2.3).
mod wire {
    pub(super) const METHOD: u8 = 1;
    pub(super) const HEADER: u8 = 2;
    pub(super) const BODY: u8 = 3;
    pub(super) const HEARTBEAT: u8 = 8;
    pub(super) const END: u8 = 206;
    /// Type, channel, length.
    pub(super) const PREFIX: usize = 7;
    /// The prefix and the end octet.
    pub(super) const OVERHEAD: u32 = 8;
}

#[cfg(test)]
mod tests;
