//! The producer: numbered jobs, at a rate or on command.

use super::super::command::Producing;
use super::super::draws;
use super::super::event::{Happening, Published};
use super::super::ids::{JobId, LabTime};
use super::super::lab::{Lab, Run};
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
}

/// How many jobs of a burst are sent in one step, so that a large one does not hold up everything else.
const AT_ONCE: u32 = 1000;

impl Producer {
    pub(super) fn next(&self) -> Option<LabTime> {
        self.next_ns.map(|ns| LabTime(ns / 1000))
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
        let gap_ns = draws::gap_ns(settings.seed, self.next_job(), settings.workload, settings.rate);
        self.producer.next_ns = Some(self.producer.last_ns.saturating_add(gap_ns));
    }

    pub(super) fn publish_planned(&mut self) {
        let Some(due) = self.producer.next_ns else { return };
        self.publish_one();
        self.producer.last_ns = due;
        self.plan_next();
    }

    pub(super) fn publish_on_command(&mut self, n: u32) {
        if !self.can_publish() {
            self.decline("the producer is not connected: nothing was published");
            return;
        }
        self.emit(Happening::Burst(n));
        self.producer.owed = self.producer.owed.saturating_add(n);
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

    fn next_job(&self) -> JobId {
        JobId(self.ledger.jobs().len() + 1)
    }

    fn publish_one(&mut self) {
        let settings = self.ledger.settings();
        let (queue, delivery, confirms) = (settings.queue, settings.messages, settings.confirms);
        let job = draws::job(settings.seed, self.next_job(), settings.workload.sizes);
        self.emit(Happening::Published(Published {
            job: job.id,
            dots: job.dots,
            queue,
            delivery,
            confirms,
        }));
        self.ask(Ask::Publish { job, queue, delivery });
    }
}
