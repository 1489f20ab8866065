//! Who is there: how connections, channels and consumers come and go, and what they settle, for an observer.
//!
//! Decisions are told by [`Trace`] itself; these are told beside them, in the same order, only while they are asked
//! for. A channel's end is told before what it held goes to others.

use super::Dispatch;
use super::effect::{AckMode, Effect, RequeueCause, Trace};
use super::ids::{ChannelId, ConnectionId};
use super::message::Message;
use super::request::Tracing;
use super::slab::{ChannelKey, ConsumerKey};

use std::sync::Arc;

/// Something in the life of a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Life {
    /// A connection was accepted.
    Accepted {
        /// Its number.
        connection: ConnectionId,
        /// `address:port` of the client.
        address: Arc<str>,
    },
    /// It logged in.
    LoggedIn {
        /// Its number.
        connection: ConnectionId,
        /// As whom.
        user: Arc<str>,
        /// The client property `connection_name`, if it has one.
        name: Option<Arc<str>>,
    },
    /// A consumer came (`basic.consume`).
    Joined {
        /// The queue's name.
        queue: Arc<str>,
        /// Its channel.
        channel: ChannelId,
        /// Its tag.
        consumer: Arc<str>,
        /// Whether what it gets counts as gone at once.
        ack: AckMode,
        /// The channel's prefetch for new consumers; 0 is no limit.
        prefetch: u16,
    },
    /// A consumer left its channel, which stays with what it holds: it was cancelled, or its queue is gone.
    Left {
        /// Its channel.
        channel: ChannelId,
        /// Its tag.
        consumer: Arc<str>,
    },
    /// Messages are settled for good.
    Settled {
        /// The queue's name.
        queue: Arc<str>,
        /// Who held them.
        channel: ChannelId,
        /// In the order in which they were delivered.
        messages: Vec<Arc<Message>>,
        /// How.
        how: Settled,
    },
    /// A connection is gone.
    Hung {
        /// Its number.
        connection: ConnectionId,
    },
    /// Why the channel (or, with number 0, all channels of the connection) is about to end.
    Parting {
        /// Which.
        channel: ChannelId,
        /// Why.
        why: Parting,
    },
    /// A channel has ended; what it held goes back.
    Closed {
        /// Which.
        channel: ChannelId,
    },
}

/// How a message left the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled {
    /// `basic.ack`
    Acked,
    /// `basic.reject` or `basic.nack`, without requeue.
    Rejected,
}

/// Why a channel or a connection ends; where nothing is told, its socket was closed or reset without a goodbye.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parting {
    /// The client closes it.
    Goodbye,
    /// The broker closes it: code and text.
    Refused(Arc<str>),
    /// The client sent nothing for too long.
    Silence,
}

impl Dispatch {
    /// Starts or ends the telling of lives.
    pub fn set_lives(&mut self, lives: Tracing) {
        self.lives = lives;
    }

    /// Whether lives are told.
    pub fn tells_lives(&self) -> bool {
        self.lives == Tracing::On
    }

    pub(super) fn tell_joined(&self, key: ConsumerKey, out: &mut Vec<Effect>) {
        if !self.tells_lives() {
            return;
        }
        let consumer = &self.consumers[key];
        let channel = &self.channels[consumer.channel];
        out.push(life(Life::Joined {
            queue: Arc::clone(&self.queues[consumer.queue].name),
            channel: channel.id,
            consumer: Arc::clone(&consumer.tag),
            ack: consumer.ack,
            prefetch: channel.prefetch,
        }));
    }

    pub(super) fn tell_left(&self, keys: &[ConsumerKey], out: &mut Vec<Effect>) {
        if !self.tells_lives() {
            return;
        }
        for consumer in keys.iter().map(|key| &self.consumers[*key]) {
            out.push(life(Life::Left {
                channel: self.channels[consumer.channel].id,
                consumer: Arc::clone(&consumer.tag),
            }));
        }
    }

    pub(super) fn tell_closed(&self, keys: &[ChannelKey], out: &mut Vec<Effect>) {
        if self.tells_lives() {
            let ids = keys.iter().map(|key| self.channels[*key].id);
            out.extend(ids.map(|channel| life(Life::Closed { channel })));
        }
    }
}

/// As a consequence of a request.
pub(super) fn life(life: Life) -> Effect {
    Effect::Trace(Trace::Life(life))
}

impl RequeueCause {
    /// Whether the holder's channel ended.
    pub const fn is_an_end(self) -> bool {
        matches!(self, Self::ChannelClosed | Self::ConnectionLost)
    }
}
