//! The producer: numbered jobs, at a rate or on command.

use super::super::command::{Producing, SAMPLE_MAX};
use super::super::draws;
use super::super::event::{Happening, Published};
use super::super::ids::{JobId, LabTime};
use super::super::job::Job;
use super::super::lab::{Lab, Run};
use super::super::settings::{Confirms, Delivery, QueueKind, Settings, Sizes};
use super::super::wire::Ask;
use std::collections::VecDeque;

/// Where the producer stands in its schedule. Times are kept in nanoseconds, so that no rate drifts.
#[derive(Debug, Default)]
pub(in super::super) struct Producer {
    /// When the last job was due, or the producer began (again).
    last_ns: u64,
    /// When the next one is due; `None` while nothing is published.
    next_ns: Option<u64>,
    /// Bursts on command that are still to be sent, in the order of the commands.
    owed: VecDeque<Burst>,
    /// So many are still to be published at the rate; then the producer holds.
    quota: Option<u32>,
    /// So many of the unconfirmed jobs were sent on a line that is no more: no confirm comes for them.
    unheard: u32,
}

/// What the jobs of a message are, and where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    queue: QueueKind,
    delivery: Delivery,
    sizes: Sizes,
}

/// Jobs that were asked for together, of the kind that was set then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Burst {
    left: u32,
    kind: Kind,
}

/// The work of a job of a sample, the same for all of them: long enough to be caught by a broker's end.
pub(in super::super) const SAMPLE_DOTS: u32 = 3;

/// How many jobs of a burst are sent in one step, so that a large one does not hold up everything else.
const AT_ONCE: u32 = 1000;

/// Why there is no sample where each worker has a queue.
pub(super) const NO_SAMPLE: &str = "a sample goes to the durable and the transient queue: here each worker has its own";

/// The four kinds of queue and message, in the order in which a sample has them.
const KINDS: [(QueueKind, Delivery); 4] = [
    (QueueKind::Durable, Delivery::Persistent),
    (QueueKind::Durable, Delivery::Transient),
    (QueueKind::Transient, Delivery::Persistent),
    (QueueKind::Transient, Delivery::Transient),
];

impl Kind {
    const fn of(settings: &Settings) -> Self {
        Self {
            queue: settings.queue,
            delivery: settings.messages,
            sizes: settings.workload.sizes,
        }
    }
}

impl Producer {
    pub(super) fn next(&self) -> Option<LabTime> {
        self.next_ns.map(|ns| LabTime(ns / 1000))
    }

    /// Jobs of a burst are still to be sent.
    pub(super) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    pub(super) fn publish_without_end(&mut self) {
        self.quota = None;
    }
}

impl Lab {
    pub(super) fn can_publish(&self) -> bool {
        self.ledger.connected() && self.broker_is_up() && !matches!(self.run, Run::Unborn | Run::Resetting)
    }

    /// Plans the next publication, or none while there is to be none. After a hold the schedule goes on from now.
    pub(in super::super) fn plan_publication(&mut self) {
        let on = self.can_publish() && self.ledger.producing() == Producing::On && self.run == Run::Going;
        if !on {
            self.producer.next_ns = None;
        } else if self.producer.next_ns.is_none() {
            self.producer.last_ns = self.clock_now.0 * 1000;
            self.plan_next();
        }
    }

    /// Plans anew from the last publication: the rate or the workload changed, or a number was used up.
    pub(super) fn replan(&mut self) {
        if self.producer.next_ns.is_some() {
            self.plan_next();
            let now_ns = self.clock_now.0 * 1000;
            self.producer.next_ns = self.producer.next_ns.map(|next| next.max(now_ns));
        }
    }

    fn plan_next(&mut self) {
        let settings = self.ledger.settings();
        let gap_ns = draws::gap_ns(settings.seed, self.next_message(), settings.workload, settings.rate);
        self.producer.next_ns = Some(self.producer.last_ns.saturating_add(gap_ns));
    }

    pub(super) fn publish_planned(&mut self) {
        let Some(due) = self.producer.next_ns else { return };
        self.publish_one(Kind::of(self.ledger.settings()));
        self.producer.last_ns = due;
        self.plan_next();
        if let Some(left) = &mut self.producer.quota {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.publish_at_rate(0);
            }
        }
    }

    /// That many at the rate, from now on; where some still are to come at the rate, after them.
    pub(super) fn publish_at_rate(&mut self, n: u32) {
        if let Some(left) = self.producer.quota.as_mut().filter(|_| n > 0) {
            *left = left.saturating_add(n);
            return;
        }
        self.producer.quota = (n > 0).then_some(n);
        // Planned anew by whoever concludes the step.
        self.producer.next_ns = None;
        self.set_producing(if n > 0 { Producing::On } else { Producing::Held });
    }

    pub(super) fn publish_on_command(&mut self, n: u32) {
        if !self.can_publish() {
            self.decline("the producer is not connected: nothing was published");
            return;
        }
        // As the books count: each copy is a job.
        self.emit(Happening::Burst(n.saturating_mul(self.ledger.settings().copies())));
        let kind = Kind::of(self.ledger.settings());
        self.producer.owed.push_back(Burst { left: n, kind });
        self.publish_owed();
    }

    /// So many jobs of each kind, in turn. Confirms are switched on for them: what a confirm promises is the point.
    pub(super) fn publish_sample(&mut self, n: u32) {
        if !self.can_publish() {
            self.decline("the producer is not connected: nothing was published");
            return;
        }
        if self.each_has_a_queue() {
            self.decline(NO_SAMPLE);
            return;
        }
        let n = n.min(SAMPLE_MAX);
        self.set_confirms(Confirms::On);
        self.emit(Happening::Sample(n));
        for (queue, delivery) in (0..n).flat_map(|_| KINDS) {
            let seed = self.ledger.settings().seed;
            let sizes = self.ledger.settings().workload.sizes;
            let job = Job {
                dots: SAMPLE_DOTS,
                ..draws::job(seed, self.next_job(), sizes)
            };
            self.publish(job, queue, delivery);
        }
        self.replan();
    }

    /// Sends the next of what is owed, in the order in which it was asked for.
    pub(in super::super) fn publish_owed(&mut self) {
        if !self.owes_publications() {
            return;
        }
        let mut room = AT_ONCE;
        while let Some(burst) = self.producer.owed.front_mut().filter(|_| room > 0) {
            let (n, kind) = (burst.left.min(room), burst.kind);
            burst.left -= n;
            room -= n;
            if burst.left == 0 {
                self.producer.owed.pop_front();
            }
            (0..n).for_each(|_| self.publish_one(kind));
        }
        self.replan();
    }

    pub(super) fn owes_publications(&self) -> bool {
        self.producer.owes() && self.can_publish()
    }

    /// The producer's line is gone, and with it the confirms that had not come.
    pub(super) fn give_up_confirms(&mut self) {
        self.producer.unheard = self.ledger.jobs().counts().unconfirmed;
    }

    /// Whether a confirm is still to come.
    pub(super) fn awaits_confirms(&self) -> bool {
        self.ledger.jobs().counts().unconfirmed > self.producer.unheard
    }

    /// The first one that the next message will be.
    fn next_job(&self) -> JobId {
        JobId(self.ledger.jobs().len() + 1)
    }

    /// The message that it will be a copy of; what is random is drawn by that.
    fn next_message(&self) -> JobId {
        self.ledger.settings().message_of(self.next_job())
    }

    fn publish_one(&mut self, kind: Kind) {
        let drawn = draws::job(self.ledger.settings().seed, self.next_message(), kind.sizes);
        let job = Job {
            id: self.next_job(),
            ..drawn
        };
        self.publish(job, kind.queue, kind.delivery);
    }

    fn publish(&mut self, job: Job, queue: QueueKind, delivery: Delivery) {
        let (confirms, copies) = (self.ledger.settings().confirms, self.ledger.settings().copies());
        for copy in 0..copies {
            self.emit(Happening::Published(Published {
                job: JobId(job.id.0 + copy),
                queue,
                delivery,
                confirms,
            }));
        }
        self.ask(Ask::Publish { job, queue, delivery });
    }
}
