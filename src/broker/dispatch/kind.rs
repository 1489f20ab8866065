//! The kinds of queue, and all in which they differ as dealers.
//!
//! | | classic | quorum |
//! |---|---|---|
//! | consumer without room | keeps its turn until it comes, then waits with its channel | leaves the ring at once |
//! | room again | joins at the tail if it had been set aside | joins at the tail, so acks make the order |
//! | no prefetch, automatic ack | no limit | 2000, or the prefetch; automatic acks give it back a turn later |
//! | slow socket, shared prefetch | set the channel aside | no effect; a shared prefetch is refused |
//! | message that comes back | takes its old place | joins those that came back, which go before all others |
//! | and how often | any number of times | counted, told (`x-delivery-count`), and limited |
//! | single active consumer | whoever came first; the others count as consumers | may have to yield to a higher priority; the others do not count |
//! | cancelled consumer | is gone | counts until what it holds is settled |
//! | persistence | by message and queue | always |
//!
//! The rules are those of RabbitMQ 4.0's `rabbit_queue_consumers` and `rabbit_fifo`; `rules` lists in what other versions
//! differ.

use super::args::{self, QueueType};
use super::channel::{Consumer, Credit};
use super::dead_letter::Reason;
use super::effect::{AckMode, RequeueCause};
use super::message::{Message, Persistence, Returns, Ttl};
use super::quorum::{self, Quorum};
use super::ready::{Entry, Ready};
use super::rules::{DeadLetterFlag, LimitCounts, Rules};
use super::settle::Fate;
use super::slab::ConsumerKey;
use super::value::Table;
use std::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(super) enum Kind {
    Classic,
    Quorum(Quorum),
}

impl Kind {
    pub(super) fn new(args: &Table, rules: &'static Rules) -> Self {
        match args::queue_type(args) {
            QueueType::Classic => Self::Classic,
            QueueType::Quorum => Self::Quorum(Quorum::new(args, rules)),
        }
    }

    /// What a new consumer may take before an ack.
    pub(super) fn credit(&self, ack: AckMode, prefetch: u16) -> Credit {
        match (self, ack, prefetch) {
            (Self::Classic, AckMode::Automatic, _) | (Self::Classic, _, 0) => Credit::Unlimited,
            (Self::Quorum(_), _, 0) => Credit::full(quorum::UNLIMITED_PREFETCH),
            (_, _, prefetch) => Credit::full(prefetch),
        }
    }

    /// Whether a limit that its channel shares can hold for a consumer.
    pub(super) fn knows_shared_prefetch(&self) -> bool {
        matches!(self, Self::Classic)
    }

    /// Whether a consumer can have the queue for itself.
    pub(super) fn knows_exclusive_consumers(&self) -> bool {
        matches!(self, Self::Classic)
    }

    /// Whether a message survives a restart if the queue does.
    pub(super) fn stores(&self, message: &Message) -> bool {
        match self {
            Self::Classic => message.persistence == Persistence::Persistent,
            Self::Quorum(_) => true,
        }
    }

    /// A message that must be taken at once has so long.
    pub(super) fn shortest_ttl(&self) -> Ttl {
        match self {
            Self::Classic => Ttl(0),
            Self::Quorum(_) => Ttl(1),
        }
    }

    /// Whether a message is flagged redelivered although the queue has never handed it out.
    pub(super) fn admits_as_redelivered(&self, rules: &Rules, message: &Message) -> bool {
        let tells = match rules.dead_letter_flag {
            DeadLetterFlag::Never => false,
            DeadLetterFlag::QuorumToQuorum => matches!(self, Self::Quorum(_)),
            DeadLetterFlag::Failed => true,
        };
        tells && message.failures.0 > 0
    }

    /// The message as a consumer sees it, or `basic.get`: then there is none.
    pub(super) fn shown(&self, entry: &Entry, to: Option<ConsumerKey>) -> Arc<Message> {
        match self {
            Self::Classic => Arc::clone(&entry.message),
            Self::Quorum(quorum) => quorum.with_counts(entry, to),
        }
    }

    /// Whether the store is to know that a message is handed out: a classic queue's only the first time.
    pub(super) fn notes_delivery(&self, entry: &Entry) -> bool {
        match self {
            Self::Classic => !entry.redelivered,
            Self::Quorum(_) => true,
        }
    }

    /// Whether the store is to know that a message came back.
    pub(super) fn notes_return(&self) -> bool {
        matches!(self, Self::Quorum(_))
    }

    /// What becomes of a message that ends so at its holder: one that came back too often is dropped.
    pub(super) fn judge(&self, rules: &Rules, fate: Fate, entry: &mut Entry) -> Fate {
        match fate {
            Fate::Acked => return fate,
            Fate::Requeued(_) => entry.redelivered = true,
            Fate::Dropped(_) => {}
        }
        let Self::Quorum(quorum) = self else {
            if let (Fate::Dropped(_), DeadLetterFlag::Failed) = (fate, rules.dead_letter_flag) {
                entry.failures.0 = entry.failures.0.saturating_add(1);
            }
            return fate;
        };
        if fails(rules, fate) {
            entry.failures.0 = entry.failures.0.saturating_add(1);
        }
        entry.returns = Returns(entry.returns.0.saturating_add(1));
        match fate {
            Fate::Requeued(_) if quorum.is_beyond_limit(entry) => Fate::Dropped(Reason::DeliveryLimit),
            fate => fate,
        }
    }

    /// Makes a message ready again.
    pub(super) fn put_back(&self, entry: Entry, ready: &mut Ready) {
        match self {
            Self::Classic => ready.put_back(entry),
            Self::Quorum(_) => ready.put_behind_returned(entry),
        }
    }

    /// Whether a message that comes back so goes behind all others, as if it were new.
    pub(super) fn takes_for_new(&self, why: RequeueCause) -> bool {
        matches!(self, Self::Quorum(quorum) if why.is_deliberate() && quorum.returned_go_last())
    }

    /// Whether messages come back by those who held them, even if these are gone.
    pub(super) fn tells_holders_apart(&self) -> bool {
        matches!(self, Self::Quorum(_))
    }

    /// Notes that `basic.get` took a message that is to be acked.
    pub(super) fn fetched(&mut self) {
        if let Self::Quorum(quorum) = self {
            quorum.fetched();
        }
    }

    /// Notes that a message is no longer held by that consumer, or by `basic.get`.
    pub(super) fn released(&mut self, by: Option<ConsumerKey>) {
        if let Self::Quorum(quorum) = self {
            quorum.released(by);
        }
    }

    /// Notes that a consumer is gone, whatever it holds.
    pub(super) fn departed(&mut self, key: ConsumerKey, consumer: &Consumer) {
        if let Self::Quorum(quorum) = self {
            quorum.departed(key, consumer);
        }
    }

    /// Those that are no consumers and yet are counted.
    pub(super) fn lingering(&self) -> usize {
        match self {
            Self::Classic => 0,
            Self::Quorum(quorum) => quorum.lingering(),
        }
    }
}

/// Whether such an end counts as a failed delivery.
fn fails(rules: &Rules, fate: Fate) -> bool {
    match fate {
        Fate::Dropped(_) | Fate::Requeued(RequeueCause::ChannelClosed | RequeueCause::ConnectionLost) => true,
        Fate::Requeued(RequeueCause::Rejected) => rules.limit_counts == LimitCounts::Failures,
        Fate::Acked | Fate::Requeued(RequeueCause::Nacked | RequeueCause::Recovered | RequeueCause::TimedOut) => false,
    }
}
