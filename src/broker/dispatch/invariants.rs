//! What always holds between two requests. Cheap enough for tests and debug builds only: it looks at everything.

use super::Dispatch;
use super::channel::Credit;
use super::effect::AckMode;
use super::ids::{Position, QueueId};
use super::kind::Kind;
use super::message::Returns;
use super::queue::Queue;
use super::ready::Lane;
use super::slab::{ConsumerKey, LinkKey};
use super::unacked::Grip;
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
            self.check_lingering(id, queue);
            self.check_deadline(id, queue);
            check_length(queue);
            assert_eq!(self.names.get(&queue.name), Some(&id), "a queue is found by its name");
        }
        let known = self.queues.iter().filter(|(_, queue)| queue.deadline.is_some()).count();
        assert_eq!(self.deadlines.len(), known, "each queue has at most one deadline");
        assert!(self.dead.is_empty(), "every dead letter was published");
        self.check_credit();
        self.check_channels();
    }

    fn held_by_queue(&self) -> BTreeMap<QueueId, u64> {
        let mut held = BTreeMap::new();
        for (_, channel) in self.channels.iter() {
            for message in channel.unacked.iter().filter(|held| held.grip == Grip::Holds) {
                *held.entry(message.queue).or_default() += 1;
            }
        }
        held
    }

    fn check_places(&self, id: QueueId, queue: &Queue) {
        for lane in queue.ready.lanes() {
            assert!(
                is_in_order(queue, lane),
                "{}: ready messages of a priority stand in publish order, but for what came back to a quorum queue",
                queue.name
            );
        }
        let ready: BTreeSet<_> = queue.ready.iter().map(|entry| entry.position).collect();
        assert_eq!(
            ready.len(),
            queue.ready.len(),
            "{}: each message is ready once",
            queue.name
        );
        let mut known = ready.clone();
        let all = self.channels.iter().flat_map(|(_, channel)| channel.unacked.iter());
        for held in all.filter(|held| held.queue == id && held.grip == Grip::Holds) {
            assert!(
                !ready.contains(&held.entry.position),
                "{}: a held message is not ready",
                queue.name
            );
            known.insert(held.entry.position);
        }
        assert!(
            queue.expiries.positions().all(|position| known.contains(&position)),
            "{}: what is gone expires no more",
            queue.name
        );
    }

    fn check_deadline(&self, id: QueueId, queue: &Queue) {
        if let Some(due) = queue.due() {
            let known = queue.deadline;
            assert!(
                known.is_some_and(|known| known <= due),
                "{}: what expires is looked at in time, {due:?}, not {known:?}",
                queue.name
            );
        }
        let listed = |deadline| self.deadlines.contains(&(deadline, id));
        assert!(
            queue.deadline.is_none_or(listed),
            "{}: a deadline is listed",
            queue.name
        );
    }

    fn check_consumers(&self, id: QueueId, queue: &Queue) {
        assert!(
            queue.ready.is_empty() || queue.ring.is_empty(),
            "{}: no message waits while a consumer may have room",
            queue.name
        );
        let links: Vec<LinkKey> = queue.links.clone();
        let blocked = links.iter().flat_map(|link| self.links[*link].blocked.iter().copied());
        let idle = queue.consumers.iter().copied().filter(|key| !queue.serves(*key));
        let spent = queue.consumers.iter().copied();
        let spent = spent.filter(|key| queue.serves(*key) && !self.consumers[*key].may_get());
        let out: Vec<ConsumerKey> = match queue.kind {
            Kind::Classic => blocked.chain(idle).collect(),
            Kind::Quorum(_) => spent.chain(idle).collect(),
        };
        let mut placed: Vec<ConsumerKey> = queue.ring.iter().chain(out).collect();
        placed.sort_unstable();
        let mut all = queue.consumers.clone();
        all.sort_unstable();
        assert_eq!(
            placed, all,
            "{}: the ring, blocked lists (or those without credit) and those not served are disjoint and together all",
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

    fn check_lingering(&self, id: QueueId, queue: &Queue) {
        let Kind::Quorum(quorum) = &queue.kind else { return };
        let mut held: BTreeMap<ConsumerKey, u64> = BTreeMap::new();
        let mut fetched = 0;
        let all = self.channels.iter().flat_map(|(_, channel)| channel.unacked.iter());
        for message in all.filter(|held| held.queue == id && held.grip == Grip::Holds) {
            match message.consumer {
                None => fetched += 1,
                Some(key) if queue.consumers.contains(&key) => {}
                Some(key) => *held.entry(key).or_default() += 1,
            }
        }
        assert_eq!(
            quorum.lingering(),
            held.len() + fetched,
            "{}: whoever holds is counted",
            queue.name
        );
        assert!(
            quorum.held_by_departed().eq(held),
            "{}: what those hold who are gone is known",
            queue.name
        );
    }

    fn check_credit(&self) {
        let mut held: BTreeMap<ConsumerKey, u64> = BTreeMap::new();
        for (_, channel) in self.channels.iter() {
            let holds = channel.unacked.iter().filter(|held| held.grip == Grip::Holds);
            for key in holds.filter_map(|held| held.consumer) {
                *held.entry(key).or_default() += 1;
            }
        }
        for (key, consumer) in self.consumers.iter() {
            if let Credit::Left { prefetch, left } = consumer.credit {
                let held = match consumer.ack {
                    AckMode::Manual => held.get(&key).copied().unwrap_or_default(),
                    AckMode::Automatic => u64::from(consumer.credit.taken()),
                };
                let listed = self.automatic.iter().filter(|listed| **listed == key).count();
                let owes = consumer.ack == AckMode::Automatic && left < prefetch;
                assert_eq!(
                    listed,
                    usize::from(owes),
                    "{}: what was acked automatically is settled once",
                    consumer.tag
                );
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
            for link in channel.links.values() {
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

fn is_in_order(queue: &Queue, lane: &Lane) -> bool {
    let in_order = |places: &[Position]| places.windows(2).all(|pair| pair[0] < pair[1]);
    let places: Vec<_> = lane.iter().map(|entry| entry.position).collect();
    let fresh = lane.iter().filter(|entry| entry.returns == Returns(0));
    let fresh: Vec<_> = fresh.map(|entry| entry.position).collect();
    match queue.kind {
        Kind::Classic => in_order(&places),
        Kind::Quorum(ref quorum) if quorum.returned_go_last() => in_order(&fresh),
        Kind::Quorum(_) => in_order(&fresh) && places.ends_with(&fresh),
    }
}

fn check_length(queue: &Queue) {
    let messages = queue.ready.iter().map(|entry| &*entry.message);
    let measured = queue.ready.gauge().is_none_or(|gauge| gauge.is_true(messages));
    assert!(measured, "{}: its length is measured", queue.name);
    assert!(!queue.ready.overflows(), "{}: it is not too long", queue.name);
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
