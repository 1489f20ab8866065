//! What the slow model does differently for quorum queues.

use super::{AckMode, ChannelId, Consumer, Held, Kind, Model, Place};
use std::collections::BTreeSet;

impl Model {
    pub(super) fn is_quorum(&self, queue: usize) -> bool {
        self.queues[queue].kind != Kind::Classic
    }

    /// Whether a consumer would be refused.
    pub(in super::super) fn refuses(&self, channel: ChannelId, queue: usize) -> bool {
        self.is_quorum(queue) && self.channels[&channel].limit != 0
    }

    /// Whoever counts as a consumer: also those who are gone and hold something, and each fetch.
    pub(in super::super) fn counted(&self, queue: usize) -> usize {
        let living = self.consumers.iter().filter(|consumer| consumer.queue == queue).count();
        if !self.is_quorum(queue) {
            return living;
        }
        let here = || self.held.iter().filter(|held| held.queue == queue);
        let fetched = here().filter(|held| held.consumer.is_empty()).count();
        let gone: BTreeSet<&str> = here()
            .filter(|held| !held.consumer.is_empty() && !self.is_alive(&held.consumer))
            .map(|held| held.consumer.as_str())
            .collect();
        living + fetched + gone.len()
    }

    /// What a message is settled together with, in the order of the groups: those of the dead and the fetched ones
    /// come first, and a quorum queue tells them apart.
    pub(super) fn group(&self, held: &Held) -> String {
        if self.is_alive(&held.consumer) {
            held.consumer.clone()
        } else if !self.is_quorum(held.queue) {
            String::new()
        } else if held.consumer.is_empty() {
            "!fetched".to_owned()
        } else {
            format!("!{}", held.consumer)
        }
    }

    fn is_alive(&self, name: &str) -> bool {
        self.consumers.iter().any(|consumer| consumer.name == name)
    }

    pub(super) fn give_back(&mut self, queue: usize, job: usize) {
        let Kind::Quorum(limit) = self.queues[queue].kind else {
            unreachable!("asked before");
        };
        let state = &mut self.queues[queue].jobs[job];
        state.returns += 1;
        if state.returns > limit {
            state.place = Place::Gone;
        } else {
            state.place = Place::Back;
            self.queues[queue].back.push(job);
        }
    }

    pub(super) fn serve(&mut self, (queue, job): (usize, usize), consumer: &Consumer) {
        let name = &consumer.name;
        match consumer.ack {
            AckMode::Manual => self.channel(consumer.channel).volume += 1,
            AckMode::Automatic => self.owed.push(name.clone()),
        }
        self.hand_over(consumer.channel, (queue, job), name, consumer.ack);
        if self.has_credit(name) {
            self.queues[queue].active.push(name.clone());
        }
    }

    /// Settles what was delivered with automatic ack, consumer by consumer.
    pub(in super::super) fn turn(&mut self) {
        let mut names: Vec<String> = Vec::new();
        for name in &self.owed {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        for name in names {
            let had_credit = self.has_credit(&name);
            self.owed.retain(|other| *other != name);
            let Some(consumer) = self.consumers.iter().find(|consumer| consumer.name == name) else {
                continue;
            };
            let queue = consumer.queue;
            if !had_credit {
                self.queues[queue].active.push(name);
                self.run(queue);
            }
        }
    }

    /// What a quorum queue has after a restart: job and returns. Those that were held come back after those that were
    /// back already, and before all others.
    pub(in super::super) fn after_restart(&self, queue: usize) -> Vec<(u32, Option<i64>)> {
        let Kind::Quorum(limit) = self.queues[queue].kind else {
            unreachable!("only for quorum queues");
        };
        let jobs = &self.queues[queue].jobs;
        let back = self.queues[queue]
            .back
            .iter()
            .map(|job| (&jobs[*job], jobs[*job].returns));
        let held = self.held.iter().filter(|held| held.queue == queue);
        let held = held.map(|held| (&jobs[held.job], jobs[held.job].returns + 1));
        let ready = jobs.iter().filter(|job| job.place == Place::Ready).map(|job| (job, 0));
        let all = back.chain(held.filter(|(_, returns)| *returns <= limit)).chain(ready);
        all.map(|(job, returns)| (job.number, Some(returns).filter(|returns| *returns > 0)))
            .collect()
    }
}
