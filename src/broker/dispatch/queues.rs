//! Declaring, deleting and purging queues.

use super::charge;
use super::durability::StoreOp;
use super::effect::Effect;
use super::exchange::Target;
use super::ids::{ConnectionId, QueueId};
use super::queue::{Queue, QueueCounts, QueueSpec, count};
use super::refusal::Refusal;
use super::request::DeleteRule;
use super::{Dispatch, args, record};
use std::sync::Arc;

impl Dispatch {
    /// `queue.declare` with a name that the client chose: the same declaration again is fine.
    pub fn declare_queue(
        &mut self,
        by: ConnectionId,
        spec: QueueSpec,
        out: &mut Vec<Effect>,
    ) -> Result<QueueCounts, Refusal> {
        if spec.name.starts_with("amq.") {
            return Err(Refusal::ReservedName {
                what: "queue",
                name: spec.name,
            });
        }
        self.declare_generated_queue(by, spec, out)
    }

    /// `queue.declare` with a name that the broker made up: `amq.gen-…` is allowed.
    pub fn declare_generated_queue(
        &mut self,
        by: ConnectionId,
        spec: QueueSpec,
        out: &mut Vec<Effect>,
    ) -> Result<QueueCounts, Refusal> {
        if let Some(&id) = self.names.get(spec.name.as_str()) {
            let queue = &self.queues[id];
            queue.check_access(by)?;
            if queue.spec.exclusive != spec.exclusive {
                return Err(Refusal::QueueLocked(spec.name));
            }
            args::assert_same_queue(&queue.spec, &spec, self.rules)?;
            self.declared(id);
            return Ok(self.queues[id].counts());
        }
        args::validate(&spec, self.rules)?;
        let id = self.add_queue(spec);
        self.declared(id);
        let queue = &self.queues[id];
        if queue.is_stored() {
            record(&mut self.seq, StoreOp::QueueDeclared(queue.spec.clone()), out);
        }
        Ok(self.queues[id].counts())
    }

    /// Passive `queue.declare`: its counts, `NoQueue` or `QueueLocked`. To a queue that expires it is a use.
    pub fn check_queue(&mut self, by: ConnectionId, name: &str) -> Result<QueueCounts, Refusal> {
        if let Some(counts) = self.check_replies(name) {
            return Ok(counts);
        }
        let id = self.find_queue(by, name)?;
        self.declared(id);
        Ok(self.queues[id].counts())
    }

    /// `queue.delete`: how many ready messages went with it; one that is not there counts as deleted.
    pub fn delete_queue(
        &mut self,
        by: ConnectionId,
        name: &str,
        rule: DeleteRule,
        out: &mut Vec<Effect>,
    ) -> Result<u32, Refusal> {
        let id = match self.find_queue(by, name) {
            Err(Refusal::NoQueue(_)) => return Ok(0),
            found => found?,
        };
        let counts = self.queues[id].counts();
        if rule.if_empty && counts.ready > 0 {
            return Err(Refusal::QueueNotEmpty(name.to_owned()));
        }
        if rule.if_unused && counts.consumers > 0 {
            return Err(Refusal::QueueInUse(name.to_owned()));
        }
        self.remove_queue(id, out);
        Ok(counts.ready)
    }

    /// `queue.purge`: how many ready messages were dropped. Unacked ones stay with their holders.
    pub fn purge_queue(&mut self, by: ConnectionId, name: &str, out: &mut Vec<Effect>) -> Result<u32, Refusal> {
        let id = self.find_queue(by, name)?;
        let queue = &mut self.queues[id];
        let purged = queue.ready.len();
        while let Some(entry) = queue.ready.pop() {
            if entry.stored {
                record(&mut self.seq, queue.removed(entry.position), out);
            }
            queue.discard(entry.position);
        }
        queue.ready.purged();
        Ok(count(purged))
    }

    pub(super) fn add_queue(&mut self, spec: QueueSpec) -> QueueId {
        let owner = spec.exclusive;
        let id = self.queues.insert_with(|_| Queue::new(spec, self.rules, self.now));
        let queue = &mut self.queues[id];
        queue.charge = self.own.charge(charge::queue(&queue.spec));
        self.names.insert(Arc::clone(&queue.name), id);
        if let Some(owner) = owner {
            self.exclusive.insert((owner, id));
        }
        if !self.policies.is_empty() {
            self.apply_policy(id);
        }
        id
    }

    /// Deletes a queue with its messages, bindings and consumers. What is unacked stays with its holders, whose
    /// settlements then have no effect.
    pub(super) fn remove_queue(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        let consumers = self.queues[id].consumers.clone();
        for key in &consumers {
            let consumer = &self.consumers[*key];
            out.push(Effect::CancelConsumer {
                channel: self.channels[consumer.channel].id,
                tag: Arc::clone(&consumer.tag),
            });
        }
        self.tell_left(&consumers, out);
        self.detach_consumers(&consumers);
        for link in self.queues[id].links.clone() {
            self.remove_link(link);
        }
        for source in self.unbind_all(Target::Queue(id), out) {
            self.auto_delete_exchange(&source, out);
        }
        let Some(queue) = self.queues.remove(id) else { return };
        self.names.remove(&queue.name);
        if let Some(deadline) = queue.deadline {
            self.deadlines.remove(&(deadline, id));
        }
        if let Some(owner) = queue.spec.exclusive {
            self.exclusive.remove(&(owner, id));
        }
        if queue.is_stored() {
            record(&mut self.seq, StoreOp::QueueDeleted(queue.spec.name), out);
        }
    }

    /// Deletes an auto-delete queue that its last consumer has left.
    pub(super) fn auto_delete_queue(&mut self, id: QueueId, out: &mut Vec<Effect>) {
        if self.queues.get(id).is_some_and(Queue::is_done) {
            self.remove_queue(id, out);
        }
    }

    pub(super) fn find_queue(&self, by: ConnectionId, name: &str) -> Result<QueueId, Refusal> {
        let Some(id) = self.names.get(name) else {
            return Err(Refusal::NoQueue(name.to_owned()));
        };
        self.queues[*id].check_access(by)?;
        Ok(*id)
    }
}
