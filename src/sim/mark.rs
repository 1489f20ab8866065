//! Jobs as messages of the virtual broker: nobody reads their bytes but this file.

use super::pipe::Bytes;
use crate::broker::dispatch::{Charge, Failures, Message, Persistence};
use crate::lab::{Delivery, Job, JobId};
use std::sync::Arc;

/// What a real delivery has around its body: method, header with the job's marks, and the frames' own bytes.
const AROUND: u32 = 130;

/// What all messages of a run share.
#[derive(Debug)]
pub(super) struct Envelope {
    exchange: Arc<str>,
    properties: Arc<[u8]>,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
            exchange: "".into(),
            properties: Arc::from([]),
        }
    }
}

/// A job as read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) job: JobId,
    pub(super) dots: u32,
    /// Of its delivery on the wire.
    pub(super) bytes: Bytes,
}

impl Envelope {
    pub(super) fn message(&self, job: &Job, queue: &Arc<str>, delivery: Delivery) -> Arc<Message> {
        let word = u8::try_from(job.word.len()).unwrap_or(u8::MAX);
        let [a, b, c, d] = job.id.0.to_le_bytes();
        let [e, f, g, h] = job.dots.to_le_bytes();
        Arc::new(Message {
            exchange: Arc::clone(&self.exchange),
            routing_key: Arc::clone(queue),
            properties: Arc::clone(&self.properties),
            body: Arc::from([a, b, c, d, e, f, g, h, word]),
            persistence: match delivery {
                Delivery::Persistent => Persistence::Persistent,
                Delivery::Transient => Persistence::Transient,
            },
            headers: None,
            priority: None,
            expiration: None,
            added: None,
            failures: Failures::default(),
            charge: Charge::default(),
        })
    }
}

pub(super) fn read(message: &Message) -> Option<Read> {
    let &[a, b, c, d, e, f, g, h, word] = &*message.body else {
        return None;
    };
    let dots = u32::from_le_bytes([e, f, g, h]);
    Some(Read {
        job: JobId(u32::from_le_bytes([a, b, c, d])),
        dots,
        bytes: Bytes(AROUND.saturating_add(u32::from(word)).saturating_add(dots)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_is_read_back_from_its_message() {
        let job = Job {
            id: JobId(70_000),
            word: "maple",
            dots: 3,
        };
        let message = Envelope::default().message(&job, &"q".into(), Delivery::Persistent);
        let expected = Read {
            job: JobId(70_000),
            dots: 3,
            bytes: Bytes(138),
        };
        assert_eq!(read(&message), Some(expected));
    }
}
