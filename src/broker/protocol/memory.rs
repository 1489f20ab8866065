//! The memory limit: above it, whoever publishes is read no more.
//!
//! 1. A publish (its header or a piece of its body) arrives while the broker holds more than the limit. It is handled;
//!    but what comes after it on the connection is parked, the driver is told to read no more there, and the client gets
//!    `connection.blocked` if it can hear it. Connections that do not publish notice nothing.
//! 2. The broker looks again every [`LOOK_MS`]. Below the limit all go on: `connection.unblocked`, then what was parked.
//!
//! A client is also read no more, and nothing more of what it sent is handled, while [`FULL`] bytes wait to be written
//! to it: else one read's worth of requests could be answered with any amount.
//!
//! A client that is not read can't be heard either, so its silence is no reason to drop it. (RabbitMQ:
//! `rabbit_reader:control_throttle`, documentation page "Blocked Connection Notifications".)

use super::connection::{Connection, Stage};
use super::frame::{Frame, Incoming, Output, Reading};
use super::session::{Session, Shared};
use crate::broker::dispatch::{Gauge, Millis};
use amq_protocol::protocol::{AMQPClass, connection};

/// What the broker holds and may hold.
#[derive(Debug)]
pub(crate) struct Memory {
    /// What messages, connections and the bytes on their way take.
    pub(crate) gauge: Gauge,
    /// Bytes.
    pub(crate) limit: u64,
    /// Set while someone is blocked: when to look whether there is room again.
    pub(crate) look_again: Option<Millis>,
}

/// One connection's part in it.
#[derive(Debug, Default)]
pub(super) enum Flow {
    /// It is read.
    #[default]
    Open,
    /// It is not: these frames had come already. Their number is bounded by what the driver reads ahead.
    Blocked(Vec<Incoming>),
    /// Nor is it now: much was said to it, and these frames wait until most of that is written.
    Behind(Vec<Incoming>),
}

/// Whether a client is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hearing {
    /// It did not announce `connection.blocked`.
    #[default]
    Deaf,
    /// It did.
    Hears,
}

/// Bytes that may wait for a client before nothing more is read from it, and that one turn may make for it.
pub(crate) const FULL: usize = 4 * 1024 * 1024;

/// How often the broker looks whether there is room again.
const LOOK_MS: u64 = 250;

/// RabbitMQ's word for it.
const REASON: &str = "low on memory";

impl Memory {
    /// Nothing is held yet.
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            gauge: Gauge::default(),
            limit,
            look_again: None,
        }
    }
}

impl Shared {
    /// Whether the broker holds more than it may.
    pub(crate) fn is_over_limit(&self) -> bool {
        let weight: u64 = self.vhosts.iter().map(|vhost| vhost.dispatch.weight()).sum();
        self.memory.gauge.held() + weight > self.memory.limit
    }

    fn is_short_of_memory(&self) -> bool {
        self.memory.look_again.is_some() || self.is_over_limit()
    }

    /// Whether it is time to look, and there is room again. If there is none, when to look next.
    pub(crate) fn has_room_again(&mut self, now: Millis) -> bool {
        if self.memory.look_again.is_none_or(|due| due > now) {
            return false;
        }
        let room = !self.is_over_limit();
        self.memory.look_again = (!room).then_some(Millis(now.0 + LOOK_MS));
        room
    }
}

impl Connection {
    /// Handles frames for as long as the connection is not blocked.
    pub(super) fn take(&mut self, session: &mut Session, frames: Vec<Incoming>) {
        if let Flow::Blocked(parked) | Flow::Behind(parked) = &mut self.flow {
            parked.extend(frames);
            return;
        }
        let mut frames = frames.into_iter();
        let (mut seen, mut said) = (session.out.len(), 0);
        while let Some(incoming) = frames.next() {
            let publishes = matches!(incoming.frame, Frame::Header(_) | Frame::Body(_));
            self.frame(session, incoming);
            if publishes && self.stage == Stage::Running && session.shared.is_short_of_memory() {
                return self.block(session, frames.collect());
            }
            said += session.out[seen..]
                .iter()
                .map(|output| output.size_for(self.id()))
                .sum::<usize>();
            seen = session.out.len();
            if said >= FULL && self.stage == Stage::Running {
                return self.go_on_when_written(session, frames.collect());
            }
        }
    }

    /// There is room again: it goes on in a turn of its own.
    pub(crate) fn unblock(&mut self, session: &mut Session) {
        let Flow::Blocked(parked) = &mut self.flow else { return };
        let parked = std::mem::take(parked);
        if self.hearing == Hearing::Hears {
            let unblocked = connection::AMQPMethod::Unblocked(connection::Unblocked {});
            session.method(0, AMQPClass::Connection(unblocked));
        }
        self.go_on_when_written(session, parked);
    }

    /// Most of what was said to it is written.
    pub(crate) fn drained(&mut self, session: &mut Session) {
        if let Flow::Behind(_) = &self.flow
            && let Flow::Behind(parked) = std::mem::take(&mut self.flow)
        {
            session.out.push(Output::Reading(self.id(), Reading::On));
            self.frames(session, parked);
        }
    }

    /// It is to be closed: its answer must be read, and what it sent before does not count any more.
    pub(super) fn forget_parked(&mut self, session: &mut Session) {
        if let Flow::Blocked(_) | Flow::Behind(_) = std::mem::take(&mut self.flow) {
            session.out.push(Output::Reading(self.id(), Reading::On));
        }
    }

    fn go_on_when_written(&mut self, session: &mut Session, parked: Vec<Incoming>) {
        self.flow = Flow::Behind(parked);
        session.out.push(Output::Reading(self.id(), Reading::WhenWritten));
    }

    fn block(&mut self, session: &mut Session, parked: Vec<Incoming>) {
        self.flow = Flow::Blocked(parked);
        let look = Millis(session.now.0 + LOOK_MS);
        session.shared.memory.look_again.get_or_insert(look);
        if self.hearing == Hearing::Hears {
            let blocked = connection::AMQPMethod::Blocked(connection::Blocked { reason: REASON.into() });
            session.method(0, AMQPClass::Connection(blocked));
        }
        session.out.push(Output::Reading(self.id(), Reading::Off));
    }
}
