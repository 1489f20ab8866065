//! The slow model's shared prefetch and full sockets.

use super::{ChannelId, Model, QosScope};

impl Model {
    pub(in super::super) fn qos(&mut self, channel: ChannelId, prefetch: usize, scope: QosScope) {
        let was_full = self.is_full(channel);
        let settings = self.channel(channel);
        match scope {
            QosScope::Channel => settings.limit = prefetch,
            QosScope::Consumer => {
                settings.prefetch = prefetch;
                settings.limit = 0;
            }
        }
        self.resume(channel, was_full);
    }

    pub(in super::super) fn sent(&mut self, channel: ChannelId, queue: usize, count: u32) {
        let was_blocked = self.is_blocked(channel, queue);
        let unsent = self.queues[queue].unsent.entry(channel).or_default();
        *unsent = unsent.saturating_sub(count);
        if was_blocked && !self.is_blocked(channel, queue) {
            self.unblock(channel, queue);
            self.run(queue);
        }
    }

    /// Tries again the queues that met a full limit, if it is no longer full.
    pub(super) fn resume(&mut self, channel: ChannelId, was_full: bool) {
        if !was_full || self.is_full(channel) {
            return;
        }
        for queue in std::mem::take(&mut self.channel(channel).limited) {
            self.queues[queue].suspended.retain(|other| *other != channel);
            if !self.is_blocked(channel, queue) {
                self.unblock(channel, queue);
                self.run(queue);
            }
        }
    }

    /// Those of the channel that have credit go back to the active ones, at the end.
    pub(super) fn unblock(&mut self, channel: ChannelId, queue: usize) {
        for name in self.queues[queue].blocked.clone() {
            let of_channel = self
                .consumers
                .iter()
                .any(|other| other.name == name && other.channel == channel);
            if of_channel && self.has_credit(&name) {
                self.queues[queue].blocked.retain(|other| *other != name);
                self.queues[queue].active.push(name);
            }
        }
    }

    pub(super) fn is_full(&self, channel: ChannelId) -> bool {
        let channel = &self.channels[&channel];
        channel.limit != 0 && channel.volume >= channel.limit
    }

    pub(super) fn is_blocked(&self, channel: ChannelId, queue: usize) -> bool {
        let queue = &self.queues[queue];
        let unsent = queue.unsent.get(&channel).copied().unwrap_or_default();
        unsent >= 200 || queue.suspended.contains(&channel)
    }
}
