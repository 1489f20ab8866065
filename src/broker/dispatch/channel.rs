//! A channel: its delivery tags, its prefetch settings, what it holds, and what each queue knows of it.
//!
//! The two prefetch limits follow RabbitMQ's `rabbit_limiter`: `prefetch` is handed to each consumer as credit when it
//! starts; `limit` is shared by the channel and compared with `volume`. A queue that runs into the limit is remembered
//! in `limited`, and is tried again when the volume falls below it.

use super::ids::{ChannelId, DeliveryTag, QueueId};
use super::replies::Replies;
use super::slab::{ChannelKey, ConsumerKey, LinkKey};
use super::unacked::Unacked;
use super::{AckMode, Arrival, Blocked};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many deliveries a queue may have on their way to one channel's socket (RabbitMQ's `UNSENT_MESSAGE_LIMIT`).
pub(super) const UNSENT_LIMIT: u32 = 200;

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) id: ChannelId,
    last_tag: u64,
    /// For consumers to come (`global=false`); 0 is no limit.
    pub(super) prefetch: u16,
    /// Shared (`global=true`); 0 is no limit.
    pub(super) limit: u16,
    /// Unacked deliveries to consumers; what was fetched by `basic.get` does not count.
    pub(super) volume: u64,
    /// Links that found the limit reached, in the order in which they did.
    pub(super) limited: Vec<LinkKey>,
    pub(super) unacked: Unacked,
    pub(super) consumers: BTreeMap<Arc<str>, ConsumerKey>,
    pub(super) links: BTreeMap<QueueId, LinkKey>,
    /// Its consumer of direct replies.
    pub(super) replies: Option<Replies>,
}

impl Channel {
    pub(super) fn new(id: ChannelId) -> Self {
        Self {
            id,
            last_tag: 0,
            prefetch: 0,
            limit: 0,
            volume: 0,
            limited: Vec::new(),
            unacked: Unacked::default(),
            consumers: BTreeMap::new(),
            links: BTreeMap::new(),
            replies: None,
        }
    }

    pub(super) fn next_tag(&mut self) -> DeliveryTag {
        self.last_tag += 1;
        DeliveryTag(self.last_tag)
    }

    pub(super) fn limit_reached(&self) -> bool {
        self.limit != 0 && self.volume >= u64::from(self.limit)
    }
}

/// A subscription.
#[derive(Debug)]
pub(super) struct Consumer {
    pub(super) tag: Arc<str>,
    pub(super) channel: ChannelKey,
    pub(super) queue: QueueId,
    pub(super) link: LinkKey,
    pub(super) ack: AckMode,
    /// `x-priority`; higher is served first.
    pub(super) priority: i64,
    pub(super) credit: Credit,
    pub(super) since: Arrival,
    /// How long its deliveries may wait for an ack, in milliseconds, if it says.
    pub(super) timeout: Option<u64>,
    /// Deliveries that its queue took back since they were not acked in time, and that it has not settled since: until
    /// then it gets no more.
    pub(super) timed_out: u32,
}

impl Consumer {
    /// Whether a quorum queue may give it more.
    pub(super) fn may_get(&self) -> bool {
        self.timed_out == 0 && self.credit.spent().is_none()
    }
}

/// How many more deliveries a consumer takes before an ack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credit {
    /// At a classic queue with automatic ack or prefetch 0.
    Unlimited,
    /// Prefetch and what is left of it.
    Left { prefetch: u16, left: u16 },
}

impl Credit {
    /// As much as the prefetch; the queue's kind knows who has it.
    pub(super) fn full(prefetch: u16) -> Self {
        Self::Left {
            prefetch,
            left: prefetch,
        }
    }

    /// Why nothing can be delivered, if so.
    pub(super) fn spent(self) -> Option<Blocked> {
        match self {
            Self::Left { prefetch, left: 0 } => Some(Blocked::Prefetch(prefetch)),
            _ => None,
        }
    }

    /// Whether none of it is taken.
    pub(super) fn is_full(self) -> bool {
        match self {
            Self::Unlimited => true,
            Self::Left { prefetch, left } => left == prefetch,
        }
    }

    pub(super) fn take(&mut self) {
        if let Self::Left { left, .. } = self {
            *left -= 1;
        }
    }

    /// Gives credit back and tells whether there was none before: only then is anyone waiting for it.
    pub(super) fn give(&mut self, count: usize) -> bool {
        match self {
            Self::Unlimited => false,
            Self::Left { prefetch, left } => {
                let was_spent = *left == 0;
                let count = u16::try_from(count).unwrap_or(u16::MAX);
                *left = left.saturating_add(count).min(*prefetch);
                was_spent && count > 0
            }
        }
    }
}

/// What a queue knows of one channel (RabbitMQ's `cr` record).
#[derive(Debug)]
pub(super) struct Link {
    pub(super) queue: QueueId,
    pub(super) channel: ChannelKey,
    /// Consumers of the queue on the channel.
    pub(super) consumers: u32,
    /// Deliveries not yet written to the channel's socket.
    pub(super) unsent: u32,
    /// The queue found the channel's shared limit reached and waits to be resumed.
    pub(super) suspended: bool,
    /// Consumers that were tried and had no room, in that order.
    pub(super) blocked: Vec<ConsumerKey>,
}

impl Link {
    pub(super) fn new(queue: QueueId, channel: ChannelKey) -> Self {
        Self {
            queue,
            channel,
            consumers: 0,
            unsent: 0,
            suspended: false,
            blocked: Vec::new(),
        }
    }

    /// Whether the channel as a whole takes nothing from this queue.
    pub(super) fn is_blocked(&self) -> bool {
        self.suspended || self.unsent >= UNSENT_LIMIT
    }
}
