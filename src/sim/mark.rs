//! Jobs as messages of the virtual broker: nobody reads their bytes but this file.

use super::pipe::Bytes;
use crate::broker::dispatch::{Charge, Failures, Message, Persistence, Value};
use crate::lab::{Burial, Delivery, Job, JobId};
use std::sync::Arc;

/// What a real delivery has around its body: method, header with the job's marks, and the frames' own bytes.
const AROUND: u32 = 130;

/// What all messages of a run share.
#[derive(Debug)]
pub(super) struct Envelope {
    properties: Arc<[u8]>,
}

/// Where a message is sent.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) exchange: Arc<str>,
    pub(super) key: Arc<str>,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
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
    pub(super) fn message(&self, job: &Job, target: &Target, delivery: Delivery) -> Arc<Message> {
        let word = u8::try_from(job.word.len()).unwrap_or(u8::MAX);
        let mut body = [word; 9];
        body[..4].copy_from_slice(&job.id.0.to_le_bytes());
        body[4..8].copy_from_slice(&job.dots.to_le_bytes());
        Arc::new(Message {
            exchange: Arc::clone(&target.exchange),
            routing_key: Arc::clone(&target.key),
            properties: Arc::clone(&self.properties),
            body: Arc::from(body),
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

/// Why a message in the dead-letter queue died last, and in which queue: the first entry of `x-death` is the latest.
pub(super) fn last_death(message: &Message) -> (Burial, Option<&str>) {
    let death = match message.added.as_ref().and_then(|added| added.get("x-death")) {
        Some(Value::Array(deaths)) => deaths.first(),
        _ => None,
    };
    let Some(Value::Table(death)) = death else {
        return (Burial::Other, None);
    };
    let text = |key: &str| death.get(key).and_then(Value::as_text);
    let why = match text("reason") {
        Some("delivery_limit") => Burial::DeliveryLimit,
        Some("rejected") => Burial::Rejected,
        _ => Burial::Other,
    };
    (why, text("queue"))
}

pub(super) fn read(message: &Message) -> Option<Read> {
    let (job, rest) = message.body.split_first_chunk()?;
    let (dots, word) = rest.split_first_chunk()?;
    let (dots, word) = (u32::from_le_bytes(*dots), *word.first()?);
    Some(Read {
        job: JobId(u32::from_le_bytes(*job)),
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
        let target = Target {
            exchange: "".into(),
            key: "q".into(),
        };
        let message = Envelope::default().message(&job, &target, Delivery::Persistent);
        let expected = Read {
            job: JobId(70_000),
            dots: 3,
            bytes: Bytes(138),
        };
        assert_eq!(read(&message), Some(expected));
    }
}
