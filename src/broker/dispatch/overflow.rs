//! Queues of limited length: `x-max-length` and `x-max-length-bytes` count ready messages, `x-overflow` says what
//! happens to one too many.
//!
//! | `x-overflow` | classic | quorum |
//! |---|---|---|
//! | `drop-head` | the first goes, reason `maxlen` | the same |
//! | `reject-publish` | the new one is refused | refused once the limit is passed, until the queue is at 80 % of it |
//! | `reject-publish-dlx` | refused, and dead-lettered with reason `maxlen` | as `drop-head` |
//!
//! The rules are those of `rabbit_amqqueue_process` and `rabbit_fifo`. There each channel learns by itself when a quorum
//! queue refuses; here the queue says so at once.

use super::Dispatch;
use super::args::{self, QueueType};
use super::dead_letter::{Dead, Reason};
use super::effect::Effect;
use super::ids::QueueId;
use super::message::{Failures, Message};
use super::ready::Entry;
use super::record;
use super::rules::Rules;
use super::value::{Table, Value};
use std::sync::Arc;

/// What becomes of one message too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overflow {
    DropHead,
    Reject,
    RejectToDeadLetters,
    /// A quorum queue's way: `closed` from one too many until there is room again.
    RejectLate {
        closed: bool,
    },
}

/// What of a message counts for `x-max-length-bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Its body.
    Body,
    /// Its body and its properties as they were encoded.
    BodyAndProperties,
}

impl Weight {
    fn of(self, message: &Message) -> u64 {
        let properties = match self {
            Self::Body => 0,
            Self::BodyAndProperties => message.properties.len(),
        };
        (message.body.len() + properties) as u64
    }
}

/// The limits of a queue and how near it is to them.
#[derive(Debug)]
pub(super) struct Gauge {
    max_length: u64,
    max_bytes: u64,
    overflow: Overflow,
    weight: Weight,
    /// Of all ready messages.
    bytes: u64,
}

impl Gauge {
    /// None where nothing is limited.
    pub(super) fn new(args: &Table, rules: &Rules) -> Option<Self> {
        let limit = |arg| match args.get(arg) {
            Some(Value::Int(_, limit)) => u64::try_from(*limit).ok(),
            _ => None,
        };
        let (max_length, max_bytes) = (limit(args::MAX_LENGTH), limit(args::MAX_LENGTH_BYTES));
        let kind = args::queue_type(args);
        let overflow = match (args.get(args::OVERFLOW).and_then(Value::as_text), kind) {
            (Some("reject-publish"), QueueType::Classic) => Overflow::Reject,
            (Some("reject-publish"), QueueType::Quorum) => Overflow::RejectLate { closed: false },
            (Some("reject-publish-dlx"), QueueType::Classic) => Overflow::RejectToDeadLetters,
            _ => Overflow::DropHead,
        };
        (max_length.is_some() || max_bytes.is_some()).then(|| Self {
            max_length: max_length.unwrap_or(u64::MAX),
            max_bytes: max_bytes.unwrap_or(u64::MAX),
            overflow,
            weight: match kind {
                QueueType::Classic => Weight::Body,
                QueueType::Quorum => rules.quorum_weight,
            },
            bytes: 0,
        })
    }

    pub(super) fn added(&mut self, message: &Message) {
        self.bytes += self.weight.of(message);
    }

    pub(super) fn removed(&mut self, message: &Message, left: usize) {
        self.bytes -= self.weight.of(message);
        let has_room = self.has_room(left);
        if let Overflow::RejectLate { closed } = &mut self.overflow {
            *closed &= !has_room;
        }
    }

    pub(super) fn refuses(&self, message: &Message, len: usize) -> bool {
        match self.overflow {
            Overflow::DropHead => false,
            Overflow::RejectLate { closed } => closed,
            Overflow::Reject | Overflow::RejectToDeadLetters => {
                len as u64 + 1 > self.max_length || self.bytes + self.weight.of(message) > self.max_bytes
            }
        }
    }

    pub(super) fn overflows(&self, len: usize) -> bool {
        self.overflow == Overflow::DropHead && self.is_exceeded(len)
    }

    pub(super) fn review(&mut self, len: usize) {
        let exceeded = self.is_exceeded(len);
        if let Overflow::RejectLate { closed } = &mut self.overflow {
            *closed |= exceeded;
        }
    }

    pub(super) fn dead_letters_refused(&self) -> bool {
        self.overflow == Overflow::RejectToDeadLetters
    }

    /// What its messages must weigh together, for the invariants.
    pub(super) fn is_true<'a>(&self, messages: impl Iterator<Item = &'a Message>) -> bool {
        self.bytes == messages.map(|message| self.weight.of(message)).sum::<u64>()
    }

    fn is_exceeded(&self, len: usize) -> bool {
        len as u64 > self.max_length || self.bytes > self.max_bytes
    }

    /// Whether publishers may come back.
    fn has_room(&self, len: usize) -> bool {
        let is_below = |max: u64, now: u64| max == u64::MAX || now <= max / 5 * 4 + max % 5 * 4 / 5;
        is_below(self.max_length, len as u64) && is_below(self.max_bytes, self.bytes)
    }
}

impl Dispatch {
    /// Whether a queue turns a new message away; its dead letter exchange may get it instead.
    pub(super) fn refuse(&mut self, id: QueueId, message: &Arc<Message>) -> bool {
        let queue = &self.queues[id];
        if !queue.ready.refuses(message) {
            return false;
        }
        if queue.ready.gauge().is_some_and(Gauge::dead_letters_refused) {
            let letter = |to| Dead {
                queue: Arc::clone(&queue.name),
                to: Arc::clone(to),
                reason: Reason::MaxLength,
                message: Arc::clone(message),
                failures: Failures(0),
            };
            self.dead.extend(queue.dead_letter.as_ref().map(letter));
        }
        true
    }

    /// Drops first messages until the queue is short enough.
    pub(super) fn drop_overflow(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        while self.queues[id].ready.overflows() {
            if let Some(entry) = self.queues[id].ready.pop() {
                self.drop_ready(id, entry, Reason::MaxLength, out);
            }
        }
    }

    /// Drops a message that was taken out of the ready ones. Its letter waits for `bury`.
    pub(super) fn drop_ready(&mut self, id: QueueId, entry: Entry, reason: Reason, out: &mut Vec<Effect>) {
        let queue = &mut self.queues[id];
        if entry.stored {
            record(&mut self.seq, queue.removed(entry.position), out);
        }
        self.dead.extend(queue.drop_entry(entry, reason));
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::Like;
    use super::super::value::IntKind;
    use super::*;

    #[test]
    fn quorum_queue_opens_at_four_fifths_of_its_limit() {
        for (max, opens_at) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 3),
            (5, 4),
            (9, 7),
            (10, 8),
            (1_000_001, 800_000),
        ] {
            let args: Table = [
                ("x-queue-type".to_owned(), Value::text("quorum")),
                ("x-max-length".to_owned(), Value::Int(IntKind::Long, max)),
                ("x-overflow".to_owned(), Value::text("reject-publish")),
            ]
            .into();
            let gauge = Gauge::new(&args, Rules::of(Like::V4_0)).expect("a limit");
            assert!(gauge.has_room(opens_at) && !gauge.has_room(opens_at + 1), "{max}");
        }
    }
}
