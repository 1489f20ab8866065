//! The producer: numbered jobs, at a rate or on command.

use super::super::command::{Producing, SAMPLE_MAX};
use super::super::draws;
use super::super::event::{Happening, Published};
use super::super::ids::{JobId, LabTime};
use super::super::job::Job;
use super::super::lab::{Lab, Run};
use super::super::settings::{Confirms, Delivery, QueueKind};
use super::super::wire::Ask;

/// Where the producer stands in its schedule. Times are kept in nanoseconds, so that no rate drifts.
#[derive(Debug, Default)]
pub(in super::super) struct Producer {
    /// When the last job was due, or the producer began (again).
    last_ns: u64,
    /// When the next one is due; `None` while nothing is published.
    next_ns: Option<u64>,
    /// Jobs of a burst on command that are still to be sent.
    owed: u32,
    /// So many are still to be published at the rate; then the producer holds.
    quota: Option<u32>,
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

impl Producer {
    pub(super) fn next(&self) -> Option<LabTime> {
        self.next_ns.map(|ns| LabTime(ns / 1000))
    }

    /// Jobs of a burst are still to be sent.
    pub(super) const fn owes(&self) -> bool {
        self.owed > 0
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
        self.publish_one();
        self.producer.last_ns = due;
        self.plan_next();
        if let Some(left) = &mut self.producer.quota {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.publish_at_rate(0);
            }
        }
    }

    /// That many at the rate, from now on.
    pub(super) fn publish_at_rate(&mut self, n: u32) {
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
        self.producer.owed = self.producer.owed.saturating_add(n);
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

    pub(in super::super) fn publish_owed(&mut self) {
        if self.producer.owed == 0 || !self.can_publish() {
            return;
        }
        let n = self.producer.owed.min(AT_ONCE);
        self.producer.owed -= n;
        for _ in 0..n {
            self.publish_one();
        }
        self.replan();
    }

    pub(super) fn owes_publications(&self) -> bool {
        self.producer.owed > 0 && self.can_publish()
    }

    /// The first one that the next message will be.
    fn next_job(&self) -> JobId {
        JobId(self.ledger.jobs().len() + 1)
    }

    /// The message that it will be a copy of; what is random is drawn by that.
    fn next_message(&self) -> JobId {
        self.ledger.settings().message_of(self.next_job())
    }

    fn publish_one(&mut self) {
        let settings = self.ledger.settings();
        let (queue, delivery) = (settings.queue, settings.messages);
        let drawn = draws::job(settings.seed, self.next_message(), settings.workload.sizes);
        let job = Job {
            id: self.next_job(),
            ..drawn
        };
        self.publish(job, queue, delivery);
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
