//! The tap: who listens to the frames that pass the links of producer and workers.
//!
//! 1. Each link has an [`Ear`]. Closed, it costs one relaxed load of a flag for each read and write of a socket.
//! 2. Open, it copies what passed, with the time, into a bounded channel: lapin's own threads do no more than that.
//! 3. The `listener`, one task, puts the copies together to frames (`split`), a method with its
//!    content to one line (`stream`), keeps the newest (`log`), and reads only those that are still there when a picture
//!    is due (`spec`, `read`, `told`).
//!
//! A tap may be opened anywhere in a stream. Nothing is counted while it is closed, so `split` looks for the next place
//! at which a whole method or heartbeat can be read to its last octet.

use crate::lab::{Party, Way};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::sync::mpsc;

mod listener;
mod log;
mod read;
mod spec;
mod split;
mod stream;
mod told;

#[cfg(test)]
mod tests;

pub(super) use listener::{Hearing, Listening};

/// Copies on their way to the listener. When it is full, what passes is not kept, and the bytes are counted as missed.
const CHUNKS: usize = 4096;
/// Bytes of them all, for the same reason.
const BYTES: usize = 8 << 20;

/// Where taps come from.
#[derive(Clone, Debug)]
pub(super) struct Taps {
    shared: Arc<Shared>,
}

/// What all taps have in common with the listener.
struct Shared {
    open: AtomicBool,
    chunks: mpsc::Sender<Chunk>,
    /// Bytes in the channel.
    waiting: AtomicUsize,
    /// Bytes that passed and were not kept.
    missed: AtomicU64,
    connections: AtomicU64,
}

/// What passed one connection, one way.
#[derive(Debug)]
struct Chunk {
    connection: u64,
    party: Party,
    at: Instant,
    follows: Follows,
    heard: Heard,
}

/// Whether something before this was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    WhatWasKept,
    AGap,
}

/// What became of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// They went on their way.
    Passed,
    /// The network swallowed them.
    Swallowed,
}

#[derive(Debug)]
enum Heard {
    /// These bytes.
    Bytes(Way, Fate, Box<[u8]>),
    /// The socket is closed.
    End,
}

/// The ear on one connection; without a party it is deaf.
#[derive(Clone, Debug, Default)]
pub(super) struct Ear {
    to: Option<Arc<Outlet>>,
}

#[derive(Debug)]
struct Outlet {
    shared: Arc<Shared>,
    connection: u64,
    party: Party,
    /// Whether something was not kept since the last that was.
    gap: AtomicBool,
}

impl Taps {
    /// Taps, and what their listener reads.
    pub(super) fn new() -> (Self, Hearing) {
        let (chunks, inlet) = mpsc::channel(CHUNKS);
        let shared = Arc::new(Shared {
            open: AtomicBool::new(false),
            chunks,
            waiting: AtomicUsize::new(0),
            missed: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        });
        let hearing = Hearing::new(Arc::clone(&shared), inlet);
        (Self { shared }, hearing)
    }

    /// The ear for one connection of this party.
    pub(super) fn ear(&self, party: Party) -> Ear {
        Ear {
            to: Some(Arc::new(Outlet {
                shared: Arc::clone(&self.shared),
                connection: self.shared.connections.fetch_add(1, Ordering::Relaxed),
                party,
                gap: AtomicBool::new(false),
            })),
        }
    }
}

impl Ear {
    /// These bytes were sent.
    #[inline]
    pub(super) fn heard(&self, way: Way, fate: Fate, bytes: &[u8]) {
        if let Some(outlet) = &self.to
            && outlet.shared.open.load(Ordering::Relaxed)
            && !bytes.is_empty()
        {
            outlet.keep(way, fate, bytes);
        }
    }

    /// The socket is closed.
    pub(super) fn ended(&self) {
        if let Some(outlet) = &self.to
            && outlet.shared.open.load(Ordering::Relaxed)
        {
            outlet.send(Heard::End);
        }
    }
}

impl Outlet {
    #[cold]
    fn keep(&self, way: Way, fate: Fate, bytes: &[u8]) {
        let waiting = self.shared.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        if waiting > BYTES || !self.send(Heard::Bytes(way, fate, bytes.into())) {
            self.shared.waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
            self.shared.missed.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            self.gap.store(true, Ordering::Relaxed);
        }
    }

    fn send(&self, heard: Heard) -> bool {
        let chunk = Chunk {
            connection: self.connection,
            party: self.party,
            at: Instant::now(),
            follows: if self.gap.swap(false, Ordering::Relaxed) {
                Follows::AGap
            } else {
                Follows::WhatWasKept
            },
            heard,
        };
        self.shared.chunks.try_send(chunk).is_ok()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("open", &self.open)
            .field("missed", &self.missed)
            .finish_non_exhaustive()
    }
}
