//! What was published, confirmed, delivered and acked, as clients know it, and what came back.

use crate::load::{PREFETCH, QUEUES};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::ops::AddAssign;

/// A message: when and by whom it was published, and which of theirs it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id {
    pub(crate) round: u32,
    pub(crate) publisher: u8,
    pub(crate) number: u32,
}

/// One consumer of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConsumerNo(u64);

/// What came back, in its queue's order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Survivor {
    pub(crate) id: Id,
    pub(crate) redelivered: bool,
}

/// One message in one queue.
#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    confirmed: bool,
    delivered: Option<Event>,
    acked: Option<Event>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    by: ConsumerNo,
    time: u64,
}

/// The books of one round.
#[derive(Debug, Default)]
pub(crate) struct Books {
    copies: BTreeMap<(usize, Id), Fate>,
    /// Up to when each consumer knows that what it did is stored.
    beacons: HashMap<ConsumerNo, u64>,
    /// Counts what happens.
    now: u64,
}

/// A round in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub(crate) load_ms: u128,
    published: u64,
    confirmed: u64,
    delivered: u64,
    acked: u64,
    acked_for_sure: u64,
    back_confirmed: u64,
    back_unconfirmed: u64,
    back_acked: u64,
    lost_unconfirmed: u64,
}

impl Books {
    /// The time.
    pub(crate) fn time(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    /// A consumer begins.
    pub(crate) fn enter(&mut self) -> ConsumerNo {
        ConsumerNo(self.time())
    }

    pub(crate) fn published(&mut self, id: Id, to: &[usize]) {
        self.copies
            .extend(to.iter().map(|queue| ((*queue, id), Fate::default())));
    }

    pub(crate) fn confirmed(&mut self, id: Id, to: &[usize]) {
        for queue in to {
            self.copy(*queue, id).confirmed = true;
        }
    }

    pub(crate) fn delivered(&mut self, queue: usize, id: Id, by: ConsumerNo) {
        let time = self.time();
        self.copy(queue, id).delivered = Some(Event { by, time });
    }

    pub(crate) fn acked(&mut self, queue: usize, id: Id, by: ConsumerNo) {
        let time = self.time();
        self.copy(queue, id).acked = Some(Event { by, time });
    }

    /// A beacon published at that time was confirmed.
    pub(crate) fn beacon(&mut self, by: ConsumerNo, time: u64) {
        self.beacons.insert(by, time);
    }

    fn copy(&mut self, queue: usize, id: Id) -> &mut Fate {
        self.copies.entry((queue, id)).or_default()
    }

    /// Whether it is known to be stored.
    fn is_sure(&self, event: Option<Event>) -> bool {
        event.is_some_and(|event| self.beacons.get(&event.by).is_some_and(|time| event.time < *time))
    }

    /// What came back against what was promised: numbers, and what is wrong.
    pub(crate) fn compare(&self, found: &[Vec<Survivor>]) -> (Sum, Vec<String>) {
        let mut sum = self.sum();
        let mut faults = Vec::new();
        for (queue, survivors) in found.iter().enumerate() {
            let mut seen = HashSet::new();
            for survivor in survivors {
                let told = format!("{:?} in {}", survivor.id, QUEUES[queue].name);
                if !seen.insert(survivor.id) {
                    faults.push(format!("twice: {told}"));
                }
                match self.copies.get(&(queue, survivor.id)) {
                    None => faults.push(format!("never published: {told}")),
                    Some(copy) => {
                        sum.add_back(copy);
                        faults.extend(self.wrong(queue, copy, *survivor).map(|what| format!("{what}: {told}")));
                    }
                }
            }
            faults.extend(disorder(queue, survivors));
            faults.extend(self.too_many_flagged(queue, survivors));
            faults.extend(self.missing(queue, &seen));
        }
        sum.lost_unconfirmed = self.lost_unconfirmed(found);
        (sum, faults)
    }

    fn wrong(&self, queue: usize, copy: &Fate, survivor: Survivor) -> Option<&'static str> {
        let known_delivered = self.is_sure(copy.delivered);
        match (QUEUES[queue].quorum, survivor.redelivered) {
            _ if self.is_sure(copy.acked) => Some("back though its ack was stored"),
            (false, false) => Some("not flagged redelivered after a crash"),
            (true, false) if known_delivered => Some("not flagged redelivered though it had been"),
            _ => None,
        }
    }

    fn missing(&self, queue: usize, seen: &HashSet<Id>) -> impl Iterator<Item = String> {
        let here = self.copies.iter().filter(move |((at, _), _)| *at == queue);
        let promised = here.filter(|(_, copy)| copy.confirmed && copy.acked.is_none());
        promised
            .filter(|((_, id), _)| !seen.contains(id))
            .map(move |((_, id), _)| format!("confirmed and lost: {id:?} in {}", QUEUES[queue].name))
    }

    /// Of a quorum queue only those are flagged that a client got, or was about to get.
    fn too_many_flagged(&self, queue: usize, survivors: &[Survivor]) -> Option<String> {
        let unseen = |survivor: &&Survivor| {
            let copy = self.copies.get(&(queue, survivor.id));
            survivor.redelivered && copy.is_some_and(|copy| copy.delivered.is_none())
        };
        let count = survivors.iter().filter(unseen).count();
        let most = 2 * usize::from(PREFETCH);
        let wrong = QUEUES[queue].quorum && count > most;
        wrong.then(|| format!("{count} in {} are flagged and nobody got them", QUEUES[queue].name))
    }

    fn lost_unconfirmed(&self, found: &[Vec<Survivor>]) -> u64 {
        let back: HashSet<(usize, Id)> = found
            .iter()
            .enumerate()
            .flat_map(|(queue, here)| here.iter().map(move |survivor| (queue, survivor.id)))
            .collect();
        let copies = self.copies.iter();
        let lost = copies.filter(|(key, copy)| !copy.confirmed && copy.acked.is_none() && !back.contains(key));
        lost.count() as u64
    }

    fn sum(&self) -> Sum {
        let count = |wanted: &dyn Fn(&Fate) -> bool| self.copies.values().filter(|copy| wanted(copy)).count() as u64;
        Sum {
            published: count(&|_| true),
            confirmed: count(&|copy| copy.confirmed),
            delivered: count(&|copy| copy.delivered.is_some()),
            acked: count(&|copy| copy.acked.is_some()),
            acked_for_sure: count(&|copy| self.is_sure(copy.acked)),
            ..Sum::default()
        }
    }
}

/// Each publisher's messages are in order; in a quorum queue those that had been delivered come first, in order too.
fn disorder(queue: usize, survivors: &[Survivor]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut last: HashMap<(u8, bool), u32> = HashMap::new();
    let mut fresh = false;
    for Survivor { id, redelivered } in survivors {
        let place = format!("{id:?} in {}", QUEUES[queue].name);
        if fresh && *redelivered {
            faults.push(format!("behind fresh messages though it had been delivered: {place}"));
        }
        fresh |= !redelivered;
        let before = last.insert((id.publisher, *redelivered), id.number);
        if before.is_some_and(|before| before > id.number) {
            faults.push(format!("out of order: {place}"));
        }
    }
    faults
}

impl Sum {
    /// All that came back.
    pub(crate) fn back(&self) -> u64 {
        self.back_confirmed + self.back_unconfirmed + self.back_acked
    }

    fn add_back(&mut self, copy: &Fate) {
        match copy {
            Fate { acked: Some(_), .. } => self.back_acked += 1,
            Fate { confirmed: true, .. } => self.back_confirmed += 1,
            Fate { .. } => self.back_unconfirmed += 1,
        }
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.load_ms += other.load_ms;
        self.published += other.published;
        self.confirmed += other.confirmed;
        self.delivered += other.delivered;
        self.acked += other.acked;
        self.acked_for_sure += other.acked_for_sure;
        self.back_confirmed += other.back_confirmed;
        self.back_unconfirmed += other.back_unconfirmed;
        self.back_acked += other.back_acked;
        self.lost_unconfirmed += other.lost_unconfirmed;
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ms; published {}, confirmed {}, delivered {}, acked {} ({} for sure); back {}: {} confirmed, {} never \
             confirmed, {} acked; {} never confirmed are gone",
            self.load_ms,
            self.published,
            self.confirmed,
            self.delivered,
            self.acked,
            self.acked_for_sure,
            self.back(),
            self.back_confirmed,
            self.back_unconfirmed,
            self.back_acked,
            self.lost_unconfirmed,
        )
    }
}
