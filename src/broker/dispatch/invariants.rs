//! What always holds between two requests. Cheap enough for tests and debug builds only: it looks at everything.

use super::Dispatch;
use super::channel::Credit;
use super::ids::QueueId;
use super::queue::Queue;
use super::slab::{ConsumerKey, LinkKey};
use std::collections::{BTreeMap, BTreeSet};

impl Dispatch {
    /// Checks every invariant.
    ///
    /// # Panics
    ///
    /// With the name of the broken one.
    pub fn check(&self) {
        let held = self.held_by_queue();
        for (id, queue) in self.queues.iter() {
            check_books(queue, held.get(&id).copied().unwrap_or_default());
            self.check_places(id, queue);
            self.check_consumers(id, queue);
            assert_eq!(self.names.get(&queue.name), Some(&id), "a queue is found by its name");
        }
        self.check_credit();
        self.check_channels();
    }

    fn held_by_queue(&self) -> BTreeMap<QueueId, u64> {
        let mut held = BTreeMap::new();
        for (_, channel) in self.channels.iter() {
            for message in channel.unacked.iter() {
                *held.entry(message.queue).or_default() += 1;
            }
        }
        held
    }

    fn check_places(&self, id: QueueId, queue: &Queue) {
        let places: Vec<_> = queue.ready.iter().map(|entry| entry.position).collect();
        assert!(
            places.windows(2).all(|pair| pair[0] < pair[1]),
            "{}: ready messages stand in publish order",
            queue.name
        );
        let ready: BTreeSet<_> = places.into_iter().collect();
        let all = self.channels.iter().flat_map(|(_, channel)| channel.unacked.iter());
        for held in all.filter(|held| held.queue == id) {
            assert!(
                !ready.contains(&held.entry.position),
                "{}: a held message is not ready",
                queue.name
            );
        }
    }

    fn check_consumers(&self, id: QueueId, queue: &Queue) {
        assert!(
            queue.ready.is_empty() || queue.ring.is_empty(),
            "{}: no message waits while a consumer may have room",
            queue.name
        );
        let links: Vec<LinkKey> = queue.links.clone();
        let blocked = links.iter().flat_map(|link| self.links[*link].blocked.iter().copied());
        let mut placed: Vec<ConsumerKey> = queue.ring.iter().chain(blocked).collect();
        placed.sort_unstable();
        let mut all = queue.consumers.clone();
        all.sort_unstable();
        assert_eq!(
            placed, all,
            "{}: ring and blocked lists are disjoint and together all",
            queue.name
        );
        for link in links {
            let state = &self.links[link];
            assert_eq!(state.queue, id, "{}: a link leads back to its queue", queue.name);
            let consumers = all.iter().filter(|key| self.consumers[**key].link == link).count();
            assert_eq!(
                state.consumers as usize, consumers,
                "{}: a link counts its consumers",
                queue.name
            );
            let waits = state.is_blocked()
                || state
                    .blocked
                    .iter()
                    .all(|key| self.consumers[*key].credit.spent().is_some());
            assert!(waits, "{}: whoever is blocked has a reason", queue.name);
        }
    }

    fn check_credit(&self) {
        let mut held: BTreeMap<ConsumerKey, u64> = BTreeMap::new();
        for (_, channel) in self.channels.iter() {
            for key in channel.unacked.iter().filter_map(|held| held.consumer) {
                *held.entry(key).or_default() += 1;
            }
        }
        for (key, consumer) in self.consumers.iter() {
            if let Credit::Left { prefetch, left } = consumer.credit {
                let held = held.get(&key).copied().unwrap_or_default();
                assert_eq!(
                    held + u64::from(left),
                    u64::from(prefetch),
                    "{}: unacked and credit make up the prefetch",
                    consumer.tag
                );
            }
        }
    }

    fn check_channels(&self) {
        for (key, channel) in self.channels.iter() {
            let held = channel.unacked.iter().filter(|held| held.consumer.is_some()).count();
            assert_eq!(
                channel.volume, held as u64,
                "{}: the volume is what its consumers hold",
                channel.id
            );
            assert_eq!(
                self.open.get(&channel.id),
                Some(&key),
                "{}: an open channel is found",
                channel.id
            );
            for link in &channel.links {
                let suspended = self.links[*link].suspended;
                let remembered = channel.limited.iter().filter(|other| *other == link).count();
                assert_eq!(
                    remembered,
                    usize::from(suspended),
                    "{}: a suspended queue will be resumed",
                    channel.id
                );
                assert!(
                    !suspended || channel.limit_reached(),
                    "{}: a queue is suspended only while the limit is full",
                    channel.id
                );
            }
        }
    }
}

fn check_books(queue: &Queue, held: u64) {
    let totals = queue.totals();
    assert_eq!(totals.unacked, held, "{}: unacked is what channels hold", totals.name);
    let known = totals.ready + totals.unacked + totals.acked + totals.dropped;
    assert_eq!(
        known, totals.published,
        "{}: ready + unacked + acked + dropped = published",
        totals.name
    );
}
