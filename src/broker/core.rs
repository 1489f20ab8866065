//! The broker as a pure state machine: one input in, a list of outputs out. It has no clock, no socket and no file.
//!
//! The driver (`server`) decodes bytes to frames and hands them in by batches, writes what comes out, reports what it
//! has written ([`Input::Sent`]) and what is stored ([`Input::Stored`]), and calls when a deadline has passed. So the
//! same broker runs behind sockets and in tests that count every frame.

use super::dispatch::{
    ChannelId, ConnectionId, Dispatch, Image, LastStop, Like, Millis, QueueId, QueueTotals, StoreSeq, Tracing, UnixMillis,
    VhostId,
};
use super::protocol::{ClosedHow, Connection, Incoming, Limits, Names, Output, Peer, Rules, Session, Shared, User};
use std::collections::{HashMap, HashSet};

/// All that can happen to the broker.
#[derive(Debug)]
pub(crate) enum Input {
    /// A client connected.
    Opened(ConnectionId, Peer),
    /// Bytes of a client came and held these frames.
    Frames(ConnectionId, Vec<Incoming>),
    /// A connection is gone.
    Lost(ConnectionId),
    /// Deliveries were written to a socket.
    Sent(Vec<Sent>),
    /// Records of a virtual host are stored, up to this one.
    Stored(VhostId, StoreSeq),
    /// What can be changed at run time was changed.
    Tuned(Tuning),
    /// Time passed.
    Tick,
    /// Stop in good order: close all connections.
    ShutDown,
}

/// Deliveries that left for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The channel they went to.
    pub(crate) channel: ChannelId,
    /// The queue they came from.
    pub(crate) queue: QueueId,
    /// How many.
    pub(crate) count: u32,
}

/// How a broker is set up.
#[derive(Debug)]
pub(crate) struct Setup {
    /// Who may log in.
    pub(crate) users: Vec<User>,
    /// What is offered and allowed.
    pub(crate) limits: Limits,
    /// Whether decisions are told.
    pub(crate) tracing: Tracing,
    /// The RabbitMQ that the broker behaves as.
    pub(crate) like: Like,
    /// What can be changed later.
    pub(crate) tuning: Tuning,
    /// For generated names.
    pub(crate) seed: u64,
    /// The time of day at which the broker's own time was 0: dead letters carry the time.
    pub(crate) started: UnixMillis,
}

/// What can be changed while the broker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// How long a delivery may wait for its ack.
    pub(crate) consumer_timeout: Option<Millis>,
    /// How often deliveries that have waited too long are looked for.
    pub(crate) tick: Millis,
    /// Bytes that the broker may hold before it reads no more from whoever publishes.
    pub(crate) memory_limit: u64,
}

/// The broker.
#[derive(Debug)]
pub(crate) struct Broker {
    shared: Shared,
    connections: HashMap<ConnectionId, Connection>,
    stage: Stage,
    started: UnixMillis,
}

/// Whose turn it is when no client's is: no connection has that number.
const BROKER: ConnectionId = ConnectionId(u64::MAX);

/// Once stopping, connections may go but nothing is handed out any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    Stopping,
}

impl Broker {
    /// Starts with what survived.
    pub(crate) fn new(setup: Setup, image: &Image, last_stop: LastStop) -> Self {
        let mut effects = Vec::new();
        let mut dispatch = Dispatch::restore(image, last_stop, setup.started, setup.like, &mut effects);
        dispatch.set_tracing(setup.tracing);
        let shared = Shared {
            dispatch,
            effects,
            names: Names::new(setup.seed),
            users: setup.users,
            limits: setup.limits,
            rules: Rules::of(setup.like),
            deaf: HashSet::new(),
            overdue: Vec::new(),
            awaiting_store: Vec::new(),
        };
        let mut broker = Self {
            shared,
            connections: HashMap::new(),
            stage: Stage::Serving,
            started: setup.started,
        };
        broker.tune(setup.tuning);
        broker
    }

    /// Takes one input; pushes what is to be done, in order.
    pub(crate) fn handle(&mut self, now: Millis, input: Input, out: &mut Vec<Output>) {
        let first_new = out.len();
        self.shared
            .dispatch
            .set_time(UnixMillis(self.started.0 + now.0));
        self.settle_automatic(now, out);
        match input {
            Input::Opened(id, peer) => self.opened(now, id, peer, out),
            Input::Frames(id, frames) => {
                self.with(now, id, out, |connection, session| connection.frames(session, frames));
            }
            Input::Lost(id) => self.lost(now, id, out),
            Input::Sent(sent) => self.sent(now, &sent, out),
            Input::Stored(_only_one, seq) => self.stored(now, seq, out),
            Input::Tuned(tuning) => self.tune(tuning),
            Input::Tick => self.tick(now, out),
            Input::ShutDown => self.shut_down(now, out),
        }
        self.note_sent(&out[first_new..]);
        #[cfg(test)]
        self.shared.dispatch.check();
    }

    /// When [`Input::Tick`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        if self.owes_credit() {
            return Some(Millis(0));
        }
        let connections = self.connections.values().filter_map(Connection::deadline);
        connections.chain(self.dispatch_deadline()).min()
    }

    fn dispatch_deadline(&self) -> Option<Millis> {
        let due = self.shared.dispatch.next_deadline()?;
        (self.stage == Stage::Serving).then_some(Millis(due.0.saturating_sub(self.started.0)))
    }

    fn owes_credit(&self) -> bool {
        self.stage == Stage::Serving && self.shared.dispatch.owes_credit()
    }

    /// What automatic acks owe consumers is given at the next input, and a tick is asked for if no other comes.
    fn settle_automatic(&mut self, now: Millis, out: &mut Vec<Output>) {
        if self.owes_credit() {
            self.shared.dispatch.settle_automatic(&mut self.shared.effects);
            self.flush(now, out);
        }
    }

    /// Makes outputs of what dispatch did on its own account.
    fn flush(&mut self, now: Millis, out: &mut Vec<Output>) {
        Session {
            now,
            connection: BROKER,
            shared: &mut self.shared,
            out,
        }
        .flush();
    }

    /// All queues' totals.
    pub(crate) fn totals(&self) -> impl Iterator<Item = QueueTotals> {
        self.shared.dispatch.totals()
    }

    fn tune(&mut self, tuning: Tuning) {
        self.shared
            .dispatch
            .set_ack_timeout(tuning.consumer_timeout, tuning.tick);
    }

    fn opened(&mut self, now: Millis, id: ConnectionId, peer: Peer, out: &mut Vec<Output>) {
        if self.stage != Stage::Serving {
            out.push(Output::Close(id, ClosedHow::AtOnce));
            return;
        }
        let session = Session {
            now,
            connection: id,
            shared: &mut self.shared,
            out,
        };
        self.connections.insert(id, Connection::new(&session, peer));
    }

    /// After a shutdown the broker's state is what the store has; nothing is requeued or handed out any more.
    fn lost(&mut self, now: Millis, id: ConnectionId, out: &mut Vec<Output>) {
        let Some(mut connection) = self.connections.remove(&id) else {
            return;
        };
        if self.stage == Stage::Serving {
            connection.release(&mut Session {
                now,
                connection: id,
                shared: &mut self.shared,
                out,
            });
        }
        self.shared.deaf.remove(&id);
    }

    fn sent(&mut self, now: Millis, sent: &[Sent], out: &mut Vec<Output>) {
        if self.stage == Stage::Stopping {
            return;
        }
        for Sent { channel, queue, count } in sent {
            self.shared
                .dispatch
                .sent(*channel, *queue, *count, &mut self.shared.effects);
            Session {
                now,
                connection: channel.connection,
                shared: &mut self.shared,
                out,
            }
            .flush();
        }
    }

    fn stored(&mut self, now: Millis, seq: StoreSeq, out: &mut Vec<Output>) {
        for channel in std::mem::take(&mut self.shared.awaiting_store) {
            self.with(now, channel.connection, out, |connection, session| {
                connection.stored(session, channel, seq);
            });
        }
    }

    fn tick(&mut self, now: Millis, out: &mut Vec<Output>) {
        if self.dispatch_deadline().is_some_and(|due| due <= now) {
            self.shared.dispatch.tick(&mut self.shared.effects);
            self.flush(now, out);
        }
        for (id, connection) in &mut self.connections {
            if connection.deadline().is_some_and(|deadline| deadline <= now) {
                connection.tick(&mut Session {
                    now,
                    connection: *id,
                    shared: &mut self.shared,
                    out,
                });
            }
        }
    }

    fn shut_down(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.stage = Stage::Stopping;
        for (id, connection) in &mut self.connections {
            connection.shut_down(&mut Session {
                now,
                connection: *id,
                shared: &mut self.shared,
                out,
            });
        }
    }

    fn with(
        &mut self,
        now: Millis,
        id: ConnectionId,
        out: &mut Vec<Output>,
        act: impl FnOnce(&mut Connection, &mut Session),
    ) {
        if let Some(connection) = self.connections.get_mut(&id) {
            act(
                connection,
                &mut Session {
                    now,
                    connection: id,
                    shared: &mut self.shared,
                    out,
                },
            );
        }
    }

    /// Whoever gets something else needs no heartbeat.
    fn note_sent(&mut self, outputs: &[Output]) {
        for output in outputs {
            if let Output::Send(id, reply) = output
                && !matches!(reply, super::protocol::Reply::Heartbeat)
                && let Some(connection) = self.connections.get_mut(id)
            {
                connection.sent();
            }
        }
    }
}
