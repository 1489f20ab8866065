//! The hub's end of a link: bytes made for a client, some of which wait until what they answer is stored.
//!
//! Whoever declares something durable may rely on it once it is answered, as in RabbitMQ. So a record that is awaited
//! holds back what is said to its client from there on, until it is stored: not longer, however many records follow.
//! What waits counts as backlog from the moment it is made. Only a heartbeat goes past it.

use super::outbox::{Batch, Outbox};
use crate::broker::codec::encode;
use crate::broker::core::Sent;
use crate::broker::dispatch::{StoreSeq, VhostId};
use crate::broker::protocol::{Reading, Reply};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// See the module.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) outbox: Arc<Outbox>,
    pub(super) cancel: CancellationToken,
    pub(super) frame_max: u32,
    /// Whether it is in the hub's list of lines with something to do.
    pub(super) touched: bool,
    /// Whether the broker is to be told when the outbox has room.
    wants_room: bool,
    /// What is not yet in the outbox.
    batch: Batch,
    /// How many bytes of the batch count as backlog.
    counted: usize,
    /// How many bytes went to the outbox so far.
    gone: u64,
    /// In the order of their bytes, which is that of their records.
    barriers: VecDeque<Barrier>,
}

/// Bytes from `from` on, counted over the connection's life, wait for a record.
#[derive(Clone, Copy, Debug)]
struct Barrier {
    from: u64,
    record: (VhostId, StoreSeq),
}

impl Line {
    /// Nothing was said yet.
    pub(super) fn new(outbox: Arc<Outbox>, cancel: CancellationToken) -> Self {
        Self {
            outbox,
            cancel,
            frame_max: u32::MAX,
            touched: false,
            wants_room: false,
            batch: Batch::default(),
            counted: 0,
            gone: 0,
            barriers: VecDeque::new(),
        }
    }

    /// Says something, behind all that was said before.
    pub(super) fn say(&mut self, reply: Reply) {
        if matches!(reply, Reply::Heartbeat) && !self.barriers.is_empty() {
            return self.beat(reply);
        }
        let sent = match &reply {
            Reply::Deliver(delivery) => Some(Sent {
                channel: delivery.channel,
                queue: delivery.queue,
                count: 1,
            }),
            _ => None,
        };
        encode(&mut self.batch.bytes, reply, self.frame_max);
        if let Some(sent) = sent {
            self.batch.delivered(sent);
        }
    }

    /// What is said from now on waits until the record is stored.
    pub(super) fn wait_for(&mut self, vhost: VhostId, seq: StoreSeq) {
        let (from, record) = (self.end(), (vhost, seq));
        match self.barriers.back_mut().filter(|last| last.from == from) {
            Some(last) => last.record = record,
            None => self.barriers.push_back(Barrier { from, record }),
        }
    }

    /// Nothing more will be said: the socket ends behind it.
    pub(super) fn finish(&mut self) {
        self.batch.last = true;
    }

    /// The broker wants more of the client, or nothing for now.
    pub(super) fn set_reading(&mut self, reading: Reading) {
        self.wants_room = reading == Reading::WhenWritten;
        self.outbox.set_reading(reading);
    }

    /// Gives the outbox what may go out. Whether that was all.
    pub(super) fn hand_over(&mut self, is_stored: impl Fn(VhostId, StoreSeq) -> bool) -> bool {
        while let Some(Barrier { record, .. }) = self.barriers.front()
            && is_stored(record.0, record.1)
        {
            self.barriers.pop_front();
        }
        self.outbox.owe(self.batch.bytes.len() - self.counted);
        self.counted = self.batch.bytes.len();
        let free = self.barriers.front().map(|barrier| barrier.from - self.gone);
        match free.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)) {
            None => self.pass_on(self.counted),
            Some(0) => {}
            Some(free) => {
                let rest = self.batch.split_off(free);
                self.pass_on(free);
                self.batch = rest;
            }
        }
        self.barriers.is_empty()
    }

    /// Whether the broker is to be told now that there is room; if there is none yet, the link will tell.
    pub(super) fn has_awaited_room(&mut self) -> bool {
        std::mem::take(&mut self.wants_room) && self.outbox.tell_room()
    }

    fn pass_on(&mut self, bytes: usize) {
        self.outbox.push(&mut self.batch);
        self.counted -= bytes;
        self.gone += bytes as u64;
    }

    fn end(&self) -> u64 {
        self.gone + self.batch.bytes.len() as u64
    }

    fn beat(&self, reply: Reply) {
        let mut beat = Batch::default();
        encode(&mut beat.bytes, reply, self.frame_max);
        self.outbox.owe(beat.bytes.len());
        self.outbox.push(&mut beat);
    }
}

#[cfg(test)]
mod tests;
