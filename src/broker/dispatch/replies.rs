//! Direct replies: `amq.rabbitmq.reply-to`, a queue that is none.
//!
//! 1. A client consumes from that name, without acks. Nothing is declared; its channel gets a name of its own, which
//!    nobody can guess.
//! 2. What it publishes with `reply_to` set to `amq.rabbitmq.reply-to` leaves with that name instead: the protocol layer
//!    asks for it and writes it.
//! 3. Whoever publishes to that name by the default exchange reaches the channel at once. Nothing is kept: a reply that
//!    comes after the channel or its consumer has gone is unroutable.
//!
//! A channel that does not read is handed all replies; they count for its connection's outbox.
//!
//! The rules are those of RabbitMQ's guide on direct reply-to and of `rabbit_channel`.

use super::Dispatch;
use super::effect::{AckMode, Delivery, Effect};
use super::ids::{ChannelId, QueueId};
use super::message::Message;
use super::queue::QueueCounts;
use super::refusal::Refusal;
use super::request::Routed;
use std::sync::Arc;

/// The name to consume from, and to give as `reply_to`.
pub const REPLY_TO: &str = "amq.rabbitmq.reply-to";

/// Replies come from no queue: no queue has this number, so it is harmless to report them as sent.
const NO_QUEUE: QueueId = QueueId(u64::MAX);

/// A channel's consumer of replies.
#[derive(Debug)]
pub(super) struct Replies {
    tag: Arc<str>,
    /// The routing key that leads here.
    name: Arc<str>,
}

impl Dispatch {
    /// `basic.consume` from [`REPLY_TO`]; `token` makes the name that replies go to. Refused with acks, and twice.
    pub fn consume_replies(&mut self, channel: ChannelId, tag: &str, ack: AckMode, token: &str) -> Result<(), Refusal> {
        let Some(&key) = self.open.get(&channel) else {
            return Ok(());
        };
        let channel = &mut self.channels[key];
        if channel.consumers.contains_key(tag) {
            return Err(Refusal::ConsumerTagInUse(tag.to_owned()));
        }
        if ack == AckMode::Manual {
            return Err(Refusal::Replies("reply consumer cannot acknowledge"));
        }
        if channel.replies.is_some() {
            return Err(Refusal::Replies("reply consumer already set"));
        }
        let name: Arc<str> = format!("{REPLY_TO}.{token}").into();
        channel.replies = Some(Replies {
            tag: tag.into(),
            name: Arc::clone(&name),
        });
        self.replies.insert(name, key);
        Ok(())
    }

    /// The name that replies to the channel go to; refused if it consumes none.
    pub fn reply_to(&self, channel: ChannelId) -> Result<Arc<str>, Refusal> {
        let channel = self.open.get(&channel).map(|key| &self.channels[*key]);
        channel
            .and_then(|channel| channel.replies.as_ref())
            .map(|replies| Arc::clone(&replies.name))
            .ok_or(Refusal::Replies("fast reply consumer does not exist"))
    }

    /// `queue.declare` of such a name, which is always passive: it has one consumer, or is not there.
    pub(super) fn check_replies(&self, name: &str) -> Option<QueueCounts> {
        let known = name == REPLY_TO || self.replies.contains_key(name);
        known.then_some(QueueCounts { ready: 0, consumers: 1 })
    }

    /// Ends the consumer of replies, if it has that tag; tells whether it had.
    pub(super) fn cancel_replies(&mut self, channel: ChannelId, tag: &str) -> bool {
        let Some(&key) = self.open.get(&channel) else {
            return false;
        };
        let replies = &mut self.channels[key].replies;
        let ended = replies.take_if(|replies| &*replies.tag == tag);
        let had = ended.is_some();
        self.forget_replies(ended);
        had
    }

    /// A channel's consumer of replies has ended.
    pub(super) fn forget_replies(&mut self, ended: Option<Replies>) {
        if let Some(replies) = ended {
            self.replies.remove(&replies.name);
        }
    }

    /// Hands a message for the default exchange to the channel that its key names, if it names one.
    pub(super) fn reply(&mut self, message: &Arc<Message>, routed: &mut Routed, out: &mut Vec<Effect>) {
        if self.replies.is_empty() || !message.exchange.is_empty() {
            return;
        }
        let Some(key) = self.replies.get(&message.routing_key) else {
            return;
        };
        let channel = &mut self.channels[*key];
        let Some(replies) = &channel.replies else { return };
        let consumer = Arc::clone(&replies.tag);
        routed.queues += 1;
        out.push(Effect::Deliver(Delivery {
            channel: channel.id,
            consumer,
            tag: channel.next_tag(),
            redelivered: false,
            queue: NO_QUEUE,
            message: Arc::clone(message),
        }));
    }
}
