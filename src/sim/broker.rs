//! The virtual broker: the real dispatch, a disk, and the lab's queues.

use super::agenda::Life;
use super::disk::{Disk, Reader};
use super::mark;
use super::queues::{DEAD, NOBODY, Queues};
use crate::broker::dispatch::{
    AckMode, Blocked, ChannelId, Consume, Dispatch, Effect, Image, LastStop, Like, Millis, StoreSeq, Table, Tracing,
    UnixMillis,
};
use crate::lab::{BrokerSays, Elapsed, JobId, NoRoom, Settings, Version, WorkerId};
use std::collections::VecDeque;

/// How long a delivery may wait for its ack, and how often that is looked at: RabbitMQ's defaults.
const CONSUMER_TIMEOUT: Millis = Millis(30 * 60 * 1000);
const LOOK_EVERY: Millis = Millis(60 * 1000);

/// Who reads the dead letters.
const GRAVES: ChannelId = ChannelId {
    connection: NOBODY,
    number: 1,
};

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
    pub(super) queues: Queues,
    pub(super) version: Version,
    /// When it is on the agenda that it wants to be called.
    pub(super) tick_at: Option<Elapsed>,
    pub(super) credit_at: Option<Elapsed>,
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
    pub(super) fn new(version: Version, settings: &Settings, tracing: Tracing, reader: Reader) -> Self {
        let mut broker = Self {
            dispatch: None,
            effects: Vec::new(),
            disk: Disk::new(reader),
            life: Life::default(),
            awaited: VecDeque::new(),
            writes: Writes::Nothing,
            queues: Queues::of(settings),
            version,
            tick_at: None,
            credit_at: None,
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
            dispatch.close_connection(NOBODY, &mut self.effects);
            self.queues.delete(dispatch, &mut self.effects);
        }
        self.declare();
    }

    pub(super) fn next_connection(&mut self) -> u64 {
        self.last_connection += 1;
        self.last_connection
    }

    fn declare(&mut self) {
        let Some(dispatch) = &mut self.dispatch else { return };
        self.queues.declare(dispatch, &mut self.effects);
        if self.queues.buries() {
            dispatch.open_channel(GRAVES);
            let consume = Consume {
                queue: DEAD.to_owned(),
                tag: "graves".into(),
                ack: AckMode::Manual,
                exclusive: false,
                args: Table::new(),
            };
            // Its queue was declared just now.
            let _ = dispatch.consume(GRAVES, consume, &mut self.effects);
        }
    }

    fn survivors(&self, image: &Image) -> Vec<JobId> {
        let ours = image.queues.iter().filter(|queue| self.queues.has(&queue.spec.name));
        let mut survivors = Vec::new();
        for queue in ours {
            let owner = self.queues.owner_of(&queue.spec.name).unwrap_or(WorkerId(1));
            let read = queue.messages.iter().filter_map(|stored| mark::read(&stored.message));
            survivors.extend(read.map(|read| self.queues.copy(read.job, owner)));
        }
        survivors
    }

    /// Its figures of the lab's queues.
    pub(super) fn says(&self) -> Option<BrokerSays> {
        Some(self.queues.says(self.dispatch.as_ref()?.totals()))
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
