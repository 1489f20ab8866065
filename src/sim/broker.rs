//! The virtual broker: the real dispatch, a disk, and the lab's queues.

use super::agenda::Life;
use super::disk::{Disk, Reader};
use super::mark;
use crate::broker::dispatch::{
    Blocked, ConnectionId, DeleteRule, Dispatch, Effect, Image, IntKind, LastStop, Like, Millis, QueueSpec, StoreSeq,
    Table, Tracing, UnixMillis, Value,
};
use crate::lab::{
    BrokerSays, DeliveryLimit, Elapsed, Figure, JobId, NoRoom, QueueKind, QueueSays, QueueType, Version, WorkerId,
};
use std::collections::VecDeque;
use std::sync::Arc;

/// The broker's own questions have no client.
const NOBODY: ConnectionId = ConnectionId(0);

/// How long a delivery may wait for its ack, and how often that is looked at: RabbitMQ's defaults.
const CONSUMER_TIMEOUT: Millis = Millis(30 * 60 * 1000);
const LOOK_EVERY: Millis = Millis(60 * 1000);

const NAMES: [&str; 2] = ["dispatch-lab.durable", "dispatch-lab.transient"];
const DEAD: &str = "dispatch-lab.dead";

#[derive(Debug)]
pub(super) struct Broker {
    /// `None` while it is away.
    pub(super) dispatch: Option<Dispatch>,
    pub(super) effects: Vec<Effect>,
    pub(super) disk: Disk,
    pub(super) life: Life,
    /// Confirms that are owed, in the order of the jobs; each with the record that it waits for.
    pub(super) awaited: VecDeque<Awaited>,
    /// Whether a group is being written.
    pub(super) writes: Writes,
    /// Names of the durable and the transient queue.
    pub(super) names: [Arc<str>; 2],
    pub(super) version: Version,
    /// When it is on the agenda that it wants to be called.
    pub(super) tick_at: Option<Elapsed>,
    pub(super) credit_at: Option<Elapsed>,
    queue_type: QueueType,
    tracing: Tracing,
    last_connection: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Awaited {
    pub(super) job: JobId,
    pub(super) record: Option<StoreSeq>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    Nothing,
    Group,
}

impl Broker {
    pub(super) fn new(version: Version, queue_type: QueueType, tracing: Tracing, reader: Reader) -> Self {
        let mut broker = Self {
            dispatch: None,
            effects: Vec::new(),
            disk: Disk::new(reader),
            life: Life::default(),
            awaited: VecDeque::new(),
            writes: Writes::Nothing,
            names: NAMES.map(Arc::from),
            version,
            tick_at: None,
            credit_at: None,
            queue_type,
            tracing,
            last_connection: 0,
        };
        broker.start(Elapsed(0), LastStop::Orderly);
        broker
    }

    /// Starts with what is on the disk; the jobs of the lab's queues that were there.
    pub(super) fn start(&mut self, now: Elapsed, last_stop: LastStop) -> Vec<JobId> {
        let image = self.disk.image();
        let mut dispatch = Dispatch::restore(&image, last_stop, unix(now), like(self.version), &mut self.effects);
        dispatch.set_tracing(self.tracing);
        dispatch.set_ack_timeout(Some(CONSUMER_TIMEOUT), LOOK_EVERY);
        self.dispatch = Some(dispatch);
        self.declare();
        self.survivors(&image)
    }

    /// It is gone; what had not reached the disk is lost.
    pub(super) fn end(&mut self) {
        self.life.0 += 1;
        self.dispatch = None;
        self.effects.clear();
        self.awaited.clear();
        self.writes = Writes::Nothing;
        self.tick_at = None;
        self.credit_at = None;
    }

    /// Deletes the queues with all that is in them, and declares them again.
    pub(super) fn empty(&mut self) {
        if let Some(dispatch) = &mut self.dispatch {
            let all = DeleteRule::default();
            for name in NAMES.into_iter().chain([DEAD]) {
                // They are there, and nobody's alone.
                let _ = dispatch.delete_queue(NOBODY, name, all, &mut self.effects);
            }
        }
        self.declare();
    }

    pub(super) fn next_connection(&mut self) -> u64 {
        self.last_connection += 1;
        self.last_connection
    }

    fn declare(&mut self) {
        let Some(dispatch) = &mut self.dispatch else { return };
        let specs = [dead_letters(), durable(self.queue_type), transient()];
        for spec in specs {
            // The same again is fine, and nobody else declares anything.
            let _ = dispatch.declare_queue(NOBODY, spec, &mut self.effects);
        }
    }

    fn survivors(&self, image: &Image) -> Vec<JobId> {
        let ours = |name: &String| self.names.iter().any(|own| **own == **name);
        let queues = image.queues.iter().filter(|queue| ours(&queue.spec.name));
        let messages = queues.flat_map(|queue| &queue.messages);
        messages
            .filter_map(|stored| mark::read(&stored.message))
            .map(|read| read.job)
            .collect()
    }

    /// Its figures of the lab's queues.
    pub(super) fn says(&self) -> Option<BrokerSays> {
        let dispatch = self.dispatch.as_ref()?;
        let mut says = BrokerSays::default();
        for totals in dispatch.totals() {
            let figures = QueueSays {
                ready: Figure::Exact(totals.ready),
                unacked: Figure::Exact(totals.unacked),
                consumers: Figure::Exact(totals.consumers.into()),
            };
            if *totals.name == *self.names[QueueKind::Durable.slot()] {
                says.durable = figures;
            } else if *totals.name == *self.names[QueueKind::Transient.slot()] {
                says.transient = figures;
            }
        }
        Some(says)
    }
}

/// The broker's time of day is the time since the beginning.
pub(super) fn unix(now: Elapsed) -> UnixMillis {
    UnixMillis(now.0 / 1000)
}

/// Whose consumer a tag names: `W2.7` is the seventh of W2.
pub(super) fn worker(tag: &str) -> Option<WorkerId> {
    let (id, _) = tag.strip_prefix('W')?.split_once('.')?;
    id.parse().ok().map(WorkerId)
}

pub(super) const fn no_room(blocked: Blocked) -> NoRoom {
    match blocked {
        Blocked::Prefetch(full) | Blocked::ChannelPrefetch(full) => NoRoom::Full(full),
        Blocked::Unsent => NoRoom::Unsent,
    }
}

const fn like(version: Version) -> Like {
    match version {
        Version::V3_10 => Like::V3_10,
        Version::V4_0 => Like::V4_0,
        Version::V4_3 => Like::V4_3,
    }
}

fn durable(queue_type: QueueType) -> QueueSpec {
    let mut args = to_dead_letters();
    if let QueueType::Quorum(DeliveryLimit(limit)) = queue_type {
        args.insert("x-queue-type".into(), text("quorum"));
        if limit > 0 {
            let limit = Value::Int(IntKind::SignedInt, limit.into());
            args.insert("x-delivery-limit".into(), limit);
        }
    }
    queue(NAMES[0], true, args)
}

fn transient() -> QueueSpec {
    queue(NAMES[1], false, to_dead_letters())
}

fn dead_letters() -> QueueSpec {
    queue(DEAD, true, Table::new())
}

fn to_dead_letters() -> Table {
    Table::from([
        ("x-dead-letter-exchange".to_owned(), text("")),
        ("x-dead-letter-routing-key".to_owned(), text(DEAD)),
    ])
}

fn text(text: &str) -> Value {
    Value::LongStr(text.as_bytes().to_vec())
}

fn queue(name: &str, durable: bool, args: Table) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable,
        exclusive: None,
        auto_delete: false,
        args,
    }
}
