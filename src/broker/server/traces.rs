//! The broker's decisions on their way to an observer.

use crate::broker::dispatch::Trace;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Where an observer reads.
#[derive(Debug)]
pub struct Traces {
    receiver: mpsc::Receiver<Trace>,
    lost: Arc<AtomicU64>,
}

/// Where the hub writes.
#[derive(Debug)]
pub(super) struct TraceSink {
    sender: mpsc::Sender<Trace>,
    lost: Arc<AtomicU64>,
}

/// Decisions that may wait for the observer. When it is full, new ones are dropped and counted: the broker does not
/// wait for who watches it.
const WAITING: usize = 65_536;

pub(super) fn channel() -> (TraceSink, Traces) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let lost = Arc::new(AtomicU64::new(0));
    (
        TraceSink {
            sender,
            lost: Arc::clone(&lost),
        },
        Traces { receiver, lost },
    )
}

impl Traces {
    /// The next decision; `None` when the broker has ended.
    pub async fn recv(&mut self) -> Option<Trace> {
        self.receiver.recv().await
    }

    /// Up to `limit` decisions at once, appended; 0 when the broker has ended.
    pub async fn recv_many(&mut self, buffer: &mut Vec<Trace>, limit: usize) -> usize {
        self.receiver.recv_many(buffer, limit).await
    }

    /// How many were dropped so far because nobody read in time.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl TraceSink {
    pub(super) fn push(&self, trace: Trace) {
        if self.sender.try_send(trace).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}
