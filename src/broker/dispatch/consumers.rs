//! Consumers come and go, and `basic.get` takes a message without one.

use super::channel::{Consumer, Link};
use super::deliver::Handover;
use super::effect::{AckMode, Effect};
use super::ids::{ChannelId, QueueId};
use super::kind::Kind;
use super::queue::count;
use super::refusal::Refusal;
use super::request::{Consume, Got};
use super::slab::{ChannelKey, ConsumerKey, LinkKey};
use super::{Dispatch, args};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Dispatch {
    /// `basic.consume`. The effects are the consumer's first deliveries: consume-ok goes before them.
    /// On a channel that is not open nothing happens.
    pub fn consume(&mut self, channel: ChannelId, consume: Consume, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let Some(&channel_key) = self.open.get(&channel) else {
            return Ok(());
        };
        if self.channels[channel_key].consumers.contains_key(&consume.tag) {
            return Err(Refusal::ConsumerTagInUse(consume.tag.to_string()));
        }
        let id = self.find_queue(channel.connection, &consume.queue)?;
        let priority = args::consumer_priority(&consume.queue, &consume.args)?;
        let queue = &self.queues[id];
        let timeout = args::timeout_of_consumer(&queue.spec, &consume.args, self.rules)?;
        if self.channels[channel_key].limit != 0 && !queue.kind.knows_shared_prefetch() {
            return Err(Refusal::GlobalQos(consume.queue));
        }
        let exclusive = consume.exclusive && queue.kind.knows_exclusive_consumers();
        let shared = !queue.consumers.is_empty() || queue.single.is_some();
        if queue.exclusive_consumer.is_some() || (exclusive && shared) {
            return Err(Refusal::ExclusiveUse(consume.queue));
        }
        let credit = queue.kind.credit(consume.ack, self.channels[channel_key].prefetch);
        let link = self.link(id, channel_key);
        self.links[link].consumers += 1;
        self.arrivals.0 += 1;
        let channel = &mut self.channels[channel_key];
        let consumer = Consumer {
            tag: Arc::clone(&consume.tag),
            channel: channel_key,
            queue: id,
            link,
            ack: consume.ack,
            priority,
            credit,
            since: self.arrivals,
            timeout,
            timed_out: 0,
        };
        let key = self.consumers.insert_with(|_| consumer);
        channel.consumers.insert(consume.tag, key);
        let queue = &mut self.queues[id];
        queue.consumers.push(key);
        queue.had_consumers = true;
        if exclusive {
            queue.exclusive_consumer = Some(key);
        }
        self.tell_joined(key, out);
        self.join(id, key);
        self.run(id, out);
        Ok(())
    }

    /// `basic.cancel`: the consumer leaves, what it holds stays with the channel. An unknown tag does nothing.
    pub fn cancel(&mut self, channel: ChannelId, tag: &str, out: &mut Vec<Effect>) {
        if self.cancel_replies(channel, tag) {
            return;
        }
        let consumer = self
            .open
            .get(&channel)
            .and_then(|key| self.channels[*key].consumers.get(tag));
        if let Some(&key) = consumer {
            self.tell_left(&[key], out);
            for queue in self.detach_consumers(&[key]) {
                self.auto_delete_queue(queue, out);
                self.run_successor(queue, out);
            }
        }
    }

    /// `basic.get`: the first ready message, without any effect on the consumers' turns or limits.
    pub fn get(
        &mut self,
        channel: ChannelId,
        queue: &str,
        ack: AckMode,
        out: &mut Vec<Effect>,
    ) -> Result<Option<Got>, Refusal> {
        let Some(&channel_key) = self.open.get(&channel) else {
            return Ok(None);
        };
        let id = self.find_queue(channel.connection, queue)?;
        if let (Kind::Quorum(_), Some(_)) = (&self.queues[id].kind, &self.queues[id].single) {
            return Err(Refusal::SingleActive {
                queue: queue.to_owned(),
                kind: self.rules.quorum_name,
            });
        }
        self.used(id);
        self.shed(id, out);
        let entry = self.take_first(id, out);
        self.bury(out);
        let Some(entry) = entry else {
            return Ok(None);
        };
        let to = Handover {
            queue: id,
            channel: channel_key,
            consumer: None,
            tag: Arc::clone(&self.no_consumer),
            ack,
        };
        if ack == AckMode::Manual {
            self.queues[id].kind.fetched();
        }
        Ok(Some(Got {
            delivery: self.hand_over(to, entry, Vec::new(), out),
            left: count(self.queues[id].ready.len()),
        }))
    }

    /// Takes consumers out of their queues and channels, and returns the queues. All go before anyone is looked for to
    /// follow them, and those who stay are looked through once, however many go.
    pub(super) fn detach_consumers(&mut self, keys: &[ConsumerKey]) -> BTreeSet<QueueId> {
        let (mut queues, mut links) = (BTreeSet::new(), BTreeSet::new());
        for &key in keys {
            let consumer = self.consumers.remove(key).expect("a consumer is detached once");
            let queue = &mut self.queues[consumer.queue];
            queue.kind.departed(key, &consumer);
            if queue.exclusive_consumer == Some(key) {
                queue.exclusive_consumer = None;
            }
            self.channels[consumer.channel].consumers.remove(&consumer.tag);
            self.links[consumer.link].consumers -= 1;
            queues.insert(consumer.queue);
            links.insert(consumer.link);
        }
        let stays = |key: &ConsumerKey| self.consumers.get(*key).is_some();
        for &id in &queues {
            let queue = &mut self.queues[id];
            queue.ring.retain(stays);
            queue.consumers.retain(stays);
            queue.leave_succession(stays);
        }
        for &key in &links {
            self.links[key].blocked.retain(stays);
        }
        for link in links {
            self.leave_link(link);
        }
        for &id in &queues {
            self.used(id);
            self.choose_active(id);
        }
        queues
    }

    /// Without consumers a channel's limit does not matter to the queue.
    fn leave_link(&mut self, key: LinkKey) {
        let link = &mut self.links[key];
        if link.consumers == 0 {
            link.suspended = false;
            self.channels[link.channel].limited.retain(|other| *other != key);
            self.tidy_link(key);
        }
    }

    /// What the queue knows of the channel; from now on, if it knew nothing.
    fn link(&mut self, queue: QueueId, channel: ChannelKey) -> LinkKey {
        self.find_link(queue, channel).unwrap_or_else(|| {
            let key = self.links.insert_with(|_| Link::new(queue, channel));
            self.queues[queue].links.push(key);
            self.channels[channel].links.insert(queue, key);
            key
        })
    }

    pub(super) fn find_link(&self, queue: QueueId, channel: ChannelKey) -> Option<LinkKey> {
        self.channels[channel].links.get(&queue).copied()
    }

    /// Forgets a channel that has no consumer at the queue and nothing on its way.
    pub(super) fn tidy_link(&mut self, key: LinkKey) {
        let link = &self.links[key];
        if link.consumers == 0 && link.unsent == 0 {
            self.remove_link(key);
        }
    }

    pub(super) fn remove_link(&mut self, key: LinkKey) {
        let Some(link) = self.links.remove(key) else { return };
        if let Some(queue) = self.queues.get_mut(link.queue) {
            queue.links.retain(|other| *other != key);
        }
        if let Some(channel) = self.channels.get_mut(link.channel) {
            channel.links.remove(&link.queue);
            channel.limited.retain(|other| *other != key);
        }
    }
}
