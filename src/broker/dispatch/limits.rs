//! Who may go on: prefetch, the channel's shared limit, and the socket's back-pressure (`rabbit_limiter`).

use super::Dispatch;
use super::channel::Channel;
use super::effect::Effect;
use super::ids::{ChannelId, QueueId};
use super::kind::Kind;
use super::request::QosScope;
use super::rules::SharedPrefetch;
use super::slab::{ChannelKey, ConsumerKey, LinkKey};

impl Dispatch {
    /// `basic.qos`. Per consumer it holds for consumers to come, and it also lifts the channel's shared limit, as in
    /// RabbitMQ. 0 is no limit. Where the rules know no shared limit, both are per consumer.
    pub fn qos(&mut self, channel: ChannelId, prefetch: u16, scope: QosScope, out: &mut Vec<Effect>) {
        let Some(&key) = self.open.get(&channel) else { return };
        let scope = match self.rules.shared_prefetch {
            SharedPrefetch::ForChannel => scope,
            SharedPrefetch::ForEachConsumer => QosScope::Consumer,
        };
        self.change_volume(key, out, |channel| match scope {
            QosScope::Consumer => {
                channel.prefetch = prefetch;
                channel.limit = 0;
            }
            QosScope::Channel => channel.limit = prefetch,
        });
    }

    /// The driver wrote `count` deliveries of `queue` to the channel's socket: below 200 unwritten ones, the queue
    /// goes on. A queue or channel that is gone by now is fine.
    pub fn sent(&mut self, channel: ChannelId, queue: QueueId, count: u32, out: &mut Vec<Effect>) {
        let Some(&key) = self.open.get(&channel) else { return };
        let Some(link) = self.find_link(queue, key) else { return };
        let state = &mut self.links[link];
        let was_blocked = state.is_blocked();
        state.unsent = state.unsent.saturating_sub(count);
        if was_blocked && !state.is_blocked() && self.unblock(link) {
            self.run(queue, out);
        }
        self.tidy_link(link);
    }

    /// Gives back room under the channel's shared limit.
    pub(super) fn lower_volume(&mut self, channel: ChannelKey, by: u64, out: &mut Vec<Effect>) {
        if by > 0 {
            self.change_volume(channel, out, |channel| channel.volume -= by);
        }
    }

    /// Changes limit or volume; when that ends a full limit, all queues that ran into it are tried again.
    fn change_volume(&mut self, key: ChannelKey, out: &mut Vec<Effect>, change: impl FnOnce(&mut Channel)) {
        let channel = &mut self.channels[key];
        let was_full = channel.limit_reached();
        change(channel);
        if !was_full || channel.limit_reached() {
            return;
        }
        for link in std::mem::take(&mut channel.limited) {
            let Some(state) = self.links.get_mut(link) else {
                continue;
            };
            let queue = state.queue;
            state.suspended = false;
            if !state.is_blocked() && self.unblock(link) {
                self.run(queue, out);
            }
        }
    }

    /// Lets a consumer that has credit again take part; tells whether that may allow a delivery. At a classic queue
    /// that concerns all that wait with its channel, if any do.
    pub(super) fn rejoin(&mut self, key: ConsumerKey) -> bool {
        let consumer = &self.consumers[key];
        let queue = &mut self.queues[consumer.queue];
        match queue.kind {
            Kind::Classic => self.unblock(consumer.link),
            Kind::Quorum(_) if !consumer.may_get() || !queue.serves(key) => false,
            Kind::Quorum(_) => {
                queue.ring.push(consumer.priority, key);
                true
            }
        }
    }

    /// Moves the blocked consumers that have credit to the tail of the ring, in the order in which they were blocked;
    /// tells whether there were any. A link that is blocked as a whole does not matter here: its consumers will be
    /// tried, and blocked again in the same order.
    pub(super) fn unblock(&mut self, link: LinkKey) -> bool {
        let state = &mut self.links[link];
        let ring = &mut self.queues[state.queue].ring;
        let before = state.blocked.len();
        let consumers = &self.consumers;
        state.blocked.retain(|key| {
            let consumer = &consumers[*key];
            let stays = consumer.credit.spent().is_some();
            if !stays {
                ring.push(consumer.priority, *key);
            }
            stays
        });
        state.blocked.len() < before
    }
}
