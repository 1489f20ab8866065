//! Bytes for one client, between the hub that makes them and the link that writes them.
//!
//! It is locked once per batch on each side. Its size is bounded by what may be under way: 200 deliveries per queue
//! and channel, and answers to what was read, of which no more is read or handled once it is [`FULL`].

use crate::broker::core::Sent;
use crate::broker::dispatch::Gauge;
use crate::broker::protocol::{FULL, Reading};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Bytes for a client, and which deliveries they hold.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Whole frames.
    pub(super) bytes: Vec<u8>,
    /// In the order of their bytes.
    pub(super) receipts: Vec<Receipt>,
    /// Close the socket when these are written.
    pub(super) last: bool,
}

/// Deliveries that are sent once the bytes up to `end` are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    /// Where their bytes end.
    pub(super) end: usize,
    /// What to report.
    pub(super) sent: Sent,
}

/// The outbox.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    batch: Mutex<Batch>,
    /// Bytes not yet written: of this batch, of the one being written, and what the hub still holds back.
    backlog: AtomicUsize,
    /// The broker's memory, of which the backlog is a part.
    gauge: Gauge,
    /// Whether the broker wants to read nothing from the client.
    paused: AtomicBool,
    /// Batches of the client's frames that the hub has not handled yet.
    ahead: AtomicUsize,
    /// Whether the hub wants to know when there is room.
    awaited: AtomicBool,
    filled: Notify,
    drained: Notify,
}

/// Deliveries under one receipt: few enough that a slow client's progress is seen.
const MERGED: u32 = 16;

/// Batches of frames that may wait for the hub: one is handled while the next is read. Whoever sends more than the
/// broker can handle waits behind itself, and others wait for no more than this of each connection.
const AHEAD: usize = 2;

/// Buffers larger than this are given back after use.
const KEPT: usize = 256 * 1024;

impl Batch {
    /// Notes a delivery whose bytes were just appended.
    pub(super) fn delivered(&mut self, sent: Sent) {
        let end = self.bytes.len();
        if let Some(last) = self.receipts.last_mut()
            && (last.sent.channel, last.sent.queue) == (sent.channel, sent.queue)
            && last.sent.count < MERGED
        {
            last.sent.count += sent.count;
            last.end = end;
        } else {
            self.receipts.push(Receipt { end, sent });
        }
    }

    /// Empties it, keeping its buffers unless they are large.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.receipts.clear();
    }

    /// Takes off what lies behind `end`. A receipt whose deliveries lie on both sides goes with them.
    pub(super) fn split_off(&mut self, end: usize) -> Self {
        let before = self.receipts.partition_point(|receipt| receipt.end <= end);
        let mut receipts = self.receipts.split_off(before);
        for receipt in &mut receipts {
            receipt.end -= end;
        }
        Self {
            bytes: self.bytes.split_off(end),
            receipts,
            last: std::mem::take(&mut self.last),
        }
    }

    fn append(&mut self, more: &mut Self) {
        self.last |= more.last;
        if self.bytes.is_empty() {
            std::mem::swap(&mut self.bytes, &mut more.bytes);
            std::mem::swap(&mut self.receipts, &mut more.receipts);
        } else {
            let offset = self.bytes.len();
            self.bytes.append(&mut more.bytes);
            let moved = more.receipts.drain(..).map(|receipt| Receipt {
                end: receipt.end + offset,
                ..receipt
            });
            self.receipts.extend(moved);
        }
        more.clear();
    }
}

impl Outbox {
    /// An empty one, whose bytes count there.
    pub(super) fn new(gauge: Gauge) -> Self {
        Self {
            batch: Mutex::default(),
            backlog: AtomicUsize::new(0),
            gauge,
            paused: AtomicBool::new(false),
            ahead: AtomicUsize::new(0),
            awaited: AtomicBool::new(false),
            filled: Notify::new(),
            drained: Notify::new(),
        }
    }

    /// The hub wants more from the client, or nothing for now.
    pub(super) fn set_reading(&self, reading: Reading) {
        self.paused.store(reading != Reading::On, Ordering::Relaxed);
        self.drained.notify_one();
    }

    /// The hub has made bytes that it will push, now or later.
    pub(super) fn owe(&self, bytes: usize) {
        if bytes > 0 {
            self.backlog.fetch_add(bytes, Ordering::SeqCst);
            self.gauge.add(bytes as u64);
        }
    }

    /// The hub adds a batch, of whose bytes it has told, and gets empty buffers back.
    pub(super) fn push(&self, more: &mut Batch) {
        self.lock().append(more);
        self.filled.notify_one();
    }

    /// The link waits for bytes and takes them all; `batch` is empty before.
    pub(super) async fn take(&self, batch: &mut Batch) {
        loop {
            {
                let mut waiting = self.lock();
                if !waiting.bytes.is_empty() || waiting.last {
                    std::mem::swap(&mut *waiting, batch);
                    return;
                }
            }
            self.filled.notified().await;
        }
    }

    /// The link wrote some bytes. Whether the hub waits to hear that there is room now.
    pub(super) fn wrote(&self, bytes: usize) -> bool {
        self.gauge.sub(bytes as u64);
        let before = self.backlog.fetch_sub(bytes, Ordering::SeqCst);
        let has_room = before - bytes < FULL;
        if before >= FULL && has_room {
            self.drained.notify_one();
        }
        has_room && self.awaited.load(Ordering::SeqCst) && self.awaited.swap(false, Ordering::SeqCst)
    }

    /// Whether there is room; if not, the link will tell, once.
    pub(super) fn tell_room(&self) -> bool {
        self.awaited.store(true, Ordering::SeqCst);
        self.backlog.load(Ordering::SeqCst) < FULL && self.awaited.swap(false, Ordering::SeqCst)
    }

    /// Whether nothing is read from the client for now.
    pub(super) fn is_unread(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
            || self.backlog.load(Ordering::Relaxed) >= FULL
            || self.ahead.load(Ordering::Relaxed) >= AHEAD
    }

    /// Waits until the client has taken enough of its answers, and the broker wants more of it.
    pub(super) async fn room(&self) {
        while self.is_unread() {
            self.drained.notified().await;
        }
    }

    /// The link gives the hub a batch of frames.
    pub(super) fn gives(&self) {
        self.ahead.fetch_add(1, Ordering::Relaxed);
    }

    /// The hub has handled one.
    pub(super) fn handled(&self) {
        if self.ahead.fetch_sub(1, Ordering::Relaxed) >= AHEAD {
            self.drained.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was not written will not be.
impl Drop for Outbox {
    fn drop(&mut self) {
        self.gauge.sub(*self.backlog.get_mut() as u64);
    }
}
