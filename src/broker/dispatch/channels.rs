//! Channels open and close; a connection's end closes all of its own.

use super::Dispatch;
use super::channel::Channel;
use super::effect::{Effect, RequeueCause};
use super::ids::{ChannelId, ConnectionId, QueueId};
use super::settle::Fate;
use super::slab::ChannelKey;

impl Dispatch {
    /// Must come before any use of the channel. One that is open stays as it is.
    pub fn open_channel(&mut self, channel: ChannelId) {
        let channels = &mut self.channels;
        self.open
            .entry(channel)
            .or_insert_with(|| channels.insert_with(|_| Channel::new(channel)));
    }

    /// Removes its consumers, requeues what it held, and deletes the auto-delete queues that it used last.
    pub fn close_channel(&mut self, channel: ChannelId, why: RequeueCause, out: &mut Vec<Effect>) {
        if let Some(&key) = self.open.get(&channel) {
            self.close_channels(&[key], why, out);
        }
    }

    /// All its channels (in number order), then its exclusive queues.
    pub fn close_connection(&mut self, connection: ConnectionId, out: &mut Vec<Effect>) {
        let first = ChannelId { connection, number: 0 };
        let last = ChannelId {
            connection,
            number: u16::MAX,
        };
        let channels: Vec<ChannelKey> = self.open.range(first..=last).map(|(_, key)| *key).collect();
        self.close_channels(&channels, RequeueCause::ConnectionLost, out);
        let owned = (connection, QueueId(0))..=(connection, QueueId(u64::MAX));
        let queues: Vec<QueueId> = self.exclusive.range(owned).map(|(_, queue)| *queue).collect();
        for queue in queues {
            self.remove_queue(queue, out);
        }
    }

    /// All consumers go before any message comes back, so that none is dealt to a channel that is about to close.
    fn close_channels(&mut self, keys: &[ChannelKey], why: RequeueCause, out: &mut Vec<Effect>) {
        self.tell_closed(keys, out);
        let channels = keys.iter().map(|key| &self.channels[*key]);
        let consumers: Vec<_> = channels
            .flat_map(|channel| channel.consumers.values().copied())
            .collect();
        let channels = &mut self.channels;
        // Taken first: a channel that is about to go need not be looked through for each.
        let links: Vec<_> = keys
            .iter()
            .flat_map(|key| std::mem::take(&mut channels[*key].links).into_values())
            .collect();
        let left = self.detach_consumers(&consumers);
        for link in links {
            self.remove_link(link);
        }
        for &key in keys {
            self.channels[key].unacked.take_all(&mut self.settled);
            self.forget_classic_holders();
            self.settle_taken(key, Fate::Requeued(why), out);
            if let Some(channel) = self.channels.remove(key) {
                self.forget_replies(channel.replies);
                self.open.remove(&channel.id);
            }
        }
        for queue in left {
            self.auto_delete_queue(queue, out);
            self.run_successor(queue, out);
        }
    }
}
