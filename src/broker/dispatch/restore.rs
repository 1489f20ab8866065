//! A broker starts: with the predeclared exchanges and with what its store kept.

use super::ack_timeout::AckTimeout;
use super::charge::Gauge;
use super::durability::{Image, LastStop, QueueImage, Standing, StoredMessage};
use super::effect::{Effect, RequeueCause};
use super::exchange::{Routes, predeclared};
use super::ids::{ChannelId, ConnectionId, QueueId, StoreSeq, UnixMillis};
use super::kind::Kind;
use super::ready::Entry;
use super::request::Tracing;
use super::rules::{Like, Rules};
use super::slab::Slab;
use super::unacked::{Grip, Held};
use super::{Arrival, Dispatch};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// It stands for all that were there before the restart.
const LOST: ChannelId = ChannelId {
    connection: ConnectionId::BROKER,
    number: 0,
};

impl Dispatch {
    /// Starts with the predeclared exchanges and what survived, in their old places. Of a classic queue those messages
    /// are flagged redelivered that had been delivered; after a crash all are, as in RabbitMQ. What consumers of a
    /// quorum queue held comes back as if they had died now; that is what the effects are about.
    pub fn restore(image: &Image, last_stop: LastStop, now: UnixMillis, like: Like, out: &mut Vec<Effect>) -> Self {
        let mut dispatch = Self::empty(like);
        dispatch.now = now;
        dispatch.seq = image.seq;
        for spec in predeclared().chain(image.exchanges.iter().cloned()) {
            dispatch.add_exchange(spec);
        }
        let mut handed_out = Vec::new();
        for queue in &image.queues {
            let id = dispatch.add_queue(queue.spec.clone());
            match dispatch.queues[id].kind {
                Kind::Classic => dispatch.restore_classic(id, queue, last_stop),
                Kind::Quorum(_) => dispatch.restore_quorum(id, queue, &mut handed_out),
            }
        }
        for binding in &image.bindings {
            // No connection owns a restored queue, so whoever asks may see it.
            if let Ok(target) = dispatch.find_target(ConnectionId::BROKER, &binding.to) {
                dispatch.add_binding(target, binding);
            }
        }
        dispatch.take_back(handed_out, out);
        dispatch.shed_all(out);
        dispatch
    }

    fn empty(like: Like) -> Self {
        Self {
            exchanges: HashMap::new(),
            exchange_names: Slab::default(),
            queues: Slab::default(),
            names: HashMap::new(),
            exclusive: BTreeSet::new(),
            channels: Slab::default(),
            open: BTreeMap::new(),
            consumers: Slab::default(),
            links: Slab::default(),
            arrivals: Arrival::default(),
            automatic: Vec::new(),
            dead: VecDeque::new(),
            deadlines: BTreeSet::new(),
            seq: StoreSeq::default(),
            now: UnixMillis::default(),
            rules: Rules::of(like),
            tracing: Tracing::Off,
            lives: Tracing::Off,
            policies: Arc::default(),
            publishes: 0,
            no_consumer: "".into(),
            routes: Routes::default(),
            settled: Vec::new(),
            ack_timeout: AckTimeout::default(),
            own: Gauge::default(),
            replies: HashMap::new(),
        }
    }

    fn restore_classic(&mut self, id: QueueId, image: &QueueImage, last_stop: LastStop) {
        let rules = self.rules;
        let queue = &mut self.queues[id];
        for stored in &image.messages {
            let delivered = stored.standing != Standing::Fresh;
            let failed = queue.kind.admits_as_redelivered(rules, &stored.message);
            let entry = entry(stored, delivered || failed || last_stop == LastStop::Crash);
            queue.readmit(&entry, stored.expires);
            queue.ready.push(entry);
        }
    }

    /// Puts back what was ready. What was not goes to `handed_out`, with the record that says so.
    fn restore_quorum(&mut self, id: QueueId, image: &QueueImage, handed_out: &mut Vec<(StoreSeq, QueueId, Entry)>) {
        let rules = self.rules;
        let queue = &mut self.queues[id];
        let mut back = Vec::new();
        for stored in &image.messages {
            let redelivered = stored.returns.0 > 0 || queue.kind.admits_as_redelivered(rules, &stored.message);
            let entry = entry(stored, redelivered);
            queue.readmit(&entry, stored.expires);
            match stored.standing {
                Standing::Fresh => queue.ready.push(entry),
                Standing::Back(_) if queue.kind.takes_for_new(RequeueCause::Nacked) => queue.ready.push(entry),
                Standing::Back(seq) => back.push((seq, entry)),
                Standing::HandedOut(seq) => handed_out.push((seq, id, entry)),
            }
        }
        back.sort_by_key(|(seq, _)| *seq);
        for (_, entry) in back {
            queue.kind.put_back(entry, &mut queue.ready);
        }
    }

    /// Whoever held these is gone: they come back as from a channel that is lost, in the order in which they had been
    /// handed out.
    fn take_back(&mut self, mut handed_out: Vec<(StoreSeq, QueueId, Entry)>, out: &mut Vec<Effect>) {
        handed_out.sort_by_key(|(seq, ..)| *seq);
        self.open_channel(LOST);
        let channel = self.open[&LOST];
        for (_, queue, entry) in handed_out {
            self.queues[queue].unacked += 1;
            self.queues[queue].kind.fetched();
            let channel = &mut self.channels[channel];
            let tag = channel.next_tag();
            channel.unacked.push(Held {
                tag,
                queue,
                entry,
                consumer: None,
                since: self.now,
                grip: Grip::Holds,
            });
        }
        self.close_channel(LOST, RequeueCause::ConnectionLost, out);
    }

    /// What expired meanwhile goes, and what is too much now that all is ready.
    fn shed_all(&mut self, out: &mut Vec<Effect>) {
        let queues: Vec<QueueId> = self.queues.iter().map(|(id, _)| id).collect();
        for id in queues {
            self.shed(id, out);
            self.queues[id].ready.review();
            self.declared(id);
        }
        self.bury(out);
    }
}

fn entry(stored: &StoredMessage, redelivered: bool) -> Entry {
    Entry {
        position: stored.position,
        message: Arc::clone(&stored.message),
        returns: stored.returns,
        failures: stored.failures,
        redelivered,
        stored: true,
    }
}
