//! A slow broker, right at a glance: plain lists, searched from the start each time. The random histories compare it
//! with the real one, delivery by delivery.

mod limits;
mod quorum;

use super::super::{AckMode, ChannelId, DeliveryTag, Extent, QosScope, Settlement};
use std::collections::BTreeMap;

/// A delivery or fetch: channel, consumer, tag, job, redelivered, returns as told.
pub(super) type Seen = (ChannelId, String, DeliveryTag, u32, bool, Option<i64>);

/// What a queue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Classic,
    /// A message may come back so often.
    Quorum(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Ready,
    /// Ready again, at a quorum queue.
    Back,
    Held,
    Gone,
}

#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) number: u32,
    pub(super) persistent: bool,
    pub(super) delivered: bool,
    /// Counted by a quorum queue.
    pub(super) returns: i64,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
struct Consumer {
    name: String,
    channel: ChannelId,
    queue: usize,
    ack: AckMode,
    priority: i64,
    prefetch: usize,
}

#[derive(Clone, Debug)]
struct Held {
    channel: ChannelId,
    tag: u64,
    queue: usize,
    job: usize,
    /// Empty for a fetch.
    consumer: String,
}

#[derive(Clone, Debug, Default)]
struct Queue {
    kind: Kind,
    /// In publish order.
    jobs: Vec<Job>,
    /// Those that are `Back`, in the order of their return.
    back: Vec<usize>,
    active: Vec<String>,
    blocked: Vec<String>,
    suspended: Vec<ChannelId>,
    unsent: BTreeMap<ChannelId, u32>,
}

#[derive(Clone, Debug, Default)]
struct Channel {
    tags: u64,
    prefetch: usize,
    limit: usize,
    /// Unacked deliveries to consumers.
    volume: usize,
    /// Queues to try again when the limit is no longer full, in the order in which they met it.
    limited: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    queues: Vec<Queue>,
    channels: BTreeMap<ChannelId, Channel>,
    consumers: Vec<Consumer>,
    held: Vec<Held>,
    /// Consumers of quorum queues, once for each delivery with automatic ack that is not settled.
    owed: Vec<String>,
    seen: Vec<Seen>,
}

impl Model {
    pub(super) fn new(kinds: &[Kind]) -> Self {
        let queue = |kind: &Kind| Queue {
            kind: *kind,
            ..Queue::default()
        };
        Self {
            queues: kinds.iter().map(queue).collect(),
            channels: BTreeMap::new(),
            consumers: Vec::new(),
            held: Vec::new(),
            owed: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// What was delivered since the last call.
    pub(super) fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    pub(super) fn jobs(&self, queue: usize) -> &[Job] {
        &self.queues[queue].jobs
    }

    pub(super) fn open(&mut self, channel: ChannelId) {
        self.channels.entry(channel).or_default();
    }

    /// The names of the living consumers.
    pub(super) fn consumers(&self) -> Vec<(ChannelId, String)> {
        self.consumers
            .iter()
            .map(|consumer| (consumer.channel, consumer.name.clone()))
            .collect()
    }

    /// The outstanding tags of a channel.
    pub(super) fn tags(&self, channel: ChannelId) -> Vec<u64> {
        let held = self.held.iter().filter(|held| held.channel == channel);
        held.map(|held| held.tag).collect()
    }

    pub(super) fn publish(&mut self, queue: usize, number: u32, persistent: bool) {
        self.queues[queue].jobs.push(Job {
            number,
            persistent,
            delivered: false,
            returns: 0,
            place: Place::Ready,
        });
        self.run(queue);
    }

    pub(super) fn consume(&mut self, channel: ChannelId, queue: usize, name: &str, (ack, priority): (AckMode, i64)) {
        let prefetch = match (self.queues[queue].kind, ack, self.channels[&channel].prefetch) {
            (Kind::Classic, AckMode::Automatic, _) => 0,
            (Kind::Quorum(_), _, 0) => 2000,
            (_, _, prefetch) => prefetch,
        };
        self.consumers.push(Consumer {
            name: name.to_owned(),
            channel,
            queue,
            ack,
            priority,
            prefetch,
        });
        self.queues[queue].active.push(name.to_owned());
        self.run(queue);
    }

    pub(super) fn cancel(&mut self, name: &str) {
        let Some(at) = self.consumers.iter().position(|consumer| consumer.name == name) else {
            return;
        };
        let consumer = self.consumers.remove(at);
        let queue = &mut self.queues[consumer.queue];
        queue.active.retain(|other| other != name);
        queue.blocked.retain(|other| other != name);
        let same = |other: &Consumer| other.queue == consumer.queue && other.channel == consumer.channel;
        if !self.consumers.iter().any(same) {
            queue.suspended.retain(|channel| *channel != consumer.channel);
            let channel = self.channel(consumer.channel);
            channel.limited.retain(|queue| *queue != consumer.queue);
        }
    }

    pub(super) fn get(&mut self, channel: ChannelId, queue: usize, ack: AckMode) {
        if let Some(job) = self.first_ready(queue) {
            self.hand_over(channel, (queue, job), "", ack);
        }
    }

    /// False if the tag is refused.
    pub(super) fn settle(&mut self, channel: ChannelId, tag: u64, extent: Extent, how: Settlement) -> bool {
        let mine: Vec<Held> = self
            .held
            .iter()
            .filter(|held| held.channel == channel)
            .cloned()
            .collect();
        let all = extent == Extent::UpTo && tag == 0;
        if !all && !mine.iter().any(|held| held.tag == tag) {
            return false;
        }
        let named = |held: &Held| match extent {
            Extent::One => held.tag == tag,
            Extent::UpTo => all || held.tag <= tag,
        };
        let settled: Vec<Held> = mine.into_iter().filter(named).collect();
        let counted = settled.iter().filter(|held| !held.consumer.is_empty()).count();
        let mut groups: BTreeMap<(usize, String), Vec<Held>> = BTreeMap::new();
        for held in settled {
            groups.entry((held.queue, self.group(&held))).or_default().push(held);
        }
        for ((queue, name), group) in groups {
            self.settle_group(queue, &name, &group, how);
        }
        // The shared limit learns of the acks last.
        let was_full = self.is_full(channel);
        self.channel(channel).volume -= counted;
        self.resume(channel, was_full);
        true
    }

    pub(super) fn recover(&mut self, channel: ChannelId) {
        self.settle(channel, 0, Extent::UpTo, Settlement::Requeue);
    }

    /// Closes channels together: all consumers go first, then each channel's messages come back, queue by queue.
    pub(super) fn close(&mut self, channels: &[ChannelId]) {
        for (channel, name) in self.consumers() {
            if channels.contains(&channel) {
                self.cancel(&name);
            }
        }
        for channel in channels {
            for queue in 0..self.queues.len() {
                self.queues[queue].unsent.remove(channel);
                let mut back: Vec<Held> = self
                    .held
                    .iter()
                    .filter(|held| held.channel == *channel && held.queue == queue)
                    .cloned()
                    .collect();
                if self.is_quorum(queue) {
                    back.sort_by_key(|held| (held.consumer.is_empty(), held.consumer.clone()));
                }
                if !back.is_empty() {
                    self.settle_group(queue, "", &back, Settlement::Requeue);
                }
            }
            self.channels.remove(channel);
        }
    }

    pub(super) fn purge(&mut self, queue: usize) {
        self.queues[queue].back.clear();
        for job in &mut self.queues[queue].jobs {
            if matches!(job.place, Place::Ready | Place::Back) {
                job.place = Place::Gone;
            }
        }
    }

    fn settle_group(&mut self, queue: usize, name: &str, group: &[Held], how: Settlement) {
        let had_credit = self.has_credit(name);
        for held in group {
            self.held
                .retain(|other| (other.channel, other.tag) != (held.channel, held.tag));
            match how {
                Settlement::Requeue | Settlement::RejectRequeue if self.is_quorum(queue) => {
                    self.give_back(queue, held.job);
                }
                Settlement::Requeue | Settlement::RejectRequeue => {
                    self.queues[queue].jobs[held.job].place = Place::Ready;
                }
                Settlement::Ack | Settlement::Drop => self.queues[queue].jobs[held.job].place = Place::Gone,
            }
        }
        if !had_credit && self.is_quorum(queue) {
            self.queues[queue].active.push(name.to_owned());
        } else if !had_credit {
            self.unblock(group[0].channel, queue);
        }
        self.run(queue);
    }

    /// Deals out ready jobs until there are no more, or no consumer is active.
    fn run(&mut self, queue: usize) {
        while let Some(job) = self.first_ready(queue) {
            let Some(consumer) = self.first_active(queue) else {
                return;
            };
            let (channel, name) = (consumer.channel, consumer.name.clone());
            self.queues[queue].active.retain(|other| *other != name);
            if self.is_quorum(queue) {
                self.serve((queue, job), &consumer);
            } else if self.is_blocked(channel, queue) || !self.has_credit(&name) {
                self.queues[queue].blocked.push(name);
            } else if self.is_full(channel) {
                self.queues[queue].suspended.push(channel);
                self.channel(channel).limited.push(queue);
                self.queues[queue].blocked.push(name);
            } else {
                *self.queues[queue].unsent.entry(channel).or_default() += 1;
                if consumer.ack == AckMode::Manual {
                    self.channel(channel).volume += 1;
                }
                self.hand_over(channel, (queue, job), &name, consumer.ack);
                self.queues[queue].active.push(name);
            }
        }
    }

    fn hand_over(&mut self, channel: ChannelId, (queue, job): (usize, usize), name: &str, ack: AckMode) {
        let state = self.channel(channel);
        state.tags += 1;
        let tag = state.tags;
        let job_state = &mut self.queues[queue].jobs[job];
        let seen = (
            channel,
            name.to_owned(),
            DeliveryTag(tag),
            job_state.number,
            job_state.delivered,
            Some(job_state.returns).filter(|returns| *returns > 0),
        );
        self.seen.push(seen);
        job_state.delivered = true;
        self.queues[queue].back.retain(|other| *other != job);
        self.queues[queue].jobs[job].place = match ack {
            AckMode::Manual => Place::Held,
            AckMode::Automatic => Place::Gone,
        };
        if ack == AckMode::Manual {
            self.held.push(Held {
                channel,
                tag,
                queue,
                job,
                consumer: name.to_owned(),
            });
        }
    }

    fn channel(&mut self, channel: ChannelId) -> &mut Channel {
        self.channels.get_mut(&channel).expect("the channel is open")
    }

    fn first_ready(&self, queue: usize) -> Option<usize> {
        let Queue { jobs, back, .. } = &self.queues[queue];
        let first = back.first().copied();
        first.or_else(|| jobs.iter().position(|job| job.place == Place::Ready))
    }

    fn first_active(&self, queue: usize) -> Option<Consumer> {
        let find = |name: &String| self.consumers.iter().find(|consumer| consumer.name == *name);
        let active: Vec<&Consumer> = self.queues[queue].active.iter().filter_map(find).collect();
        let highest = active.iter().map(|consumer| consumer.priority).max()?;
        active
            .into_iter()
            .find(|consumer| consumer.priority == highest)
            .cloned()
    }

    fn has_credit(&self, name: &str) -> bool {
        let Some(consumer) = self.consumers.iter().find(|consumer| consumer.name == name) else {
            return true;
        };
        let held = self.held.iter().filter(|held| held.consumer == name).count();
        let owed = self.owed.iter().filter(|owed| *owed == name).count();
        consumer.prefetch == 0 || held + owed < consumer.prefetch
    }
}
