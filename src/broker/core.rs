//! The broker as a pure state machine: one input in, a list of outputs out. It has no clock, no socket and no file.
//!
//! The driver (`server`) decodes bytes to frames and hands them in by batches, writes what comes out, reports what it
//! has written ([`Input::Sent`]) and what is stored ([`Input::Stored`]), and calls when a deadline has passed. So the
//! same broker runs behind sockets and in tests that count every frame.

use super::dispatch::{
    ChannelId, ConnectionId, Dispatch, Effect, Gauge, Image, LastStop, Like, Millis, Policy, QueueId, QueueTotals,
    StoreSeq, Tracing, UnixMillis, VhostId,
};
use super::protocol::{
    ClosedHow, Connection, Incoming, Limits, Memory, Names, Output, Peer, Rules, Session, Shared, User, Vhost,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

mod credit;
#[cfg(any(test, fuzzing))]
mod invariants;

/// All that can happen to the broker.
#[derive(Debug)]
pub(crate) enum Input {
    /// A client connected.
    Opened(ConnectionId, Peer),
    /// Bytes of a client came and held these frames.
    Frames(ConnectionId, Vec<Incoming>),
    /// Most of what was said to a connection is written, and the broker wanted to know.
    Drained(ConnectionId),
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
    /// The virtual hosts that there are at least; the first is the one whose totals are told.
    pub(crate) vhosts: Vec<String>,
    /// What is offered and allowed.
    pub(crate) limits: Limits,
    /// Whether decisions are told.
    pub(crate) tracing: Tracing,
    /// The RabbitMQ that the broker behaves as.
    pub(crate) like: Like,
    /// What can be changed later.
    pub(crate) tuning: Tuning,
    /// For names.
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
    /// Goes out before all else.
    first: Vec<Output>,
    /// Since when automatic acks owe credit.
    owed_since: Option<Millis>,
}

/// What a connection takes, roughly, in bytes: its buffers and its task.
const CONNECTION: u64 = 96 * 1024;

/// Once stopping, connections may go but nothing is handed out any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    Stopping,
}

impl Broker {
    /// Starts with the virtual hosts that are set up, and those that survived since clients left them there.
    pub(crate) fn new(setup: Setup, restored: &mut [(String, Image)], last_stop: LastStop) -> Self {
        let mut broker = Self {
            shared: Shared {
                vhosts: Vec::new(),
                effects: Vec::new(),
                memory: Memory::new(setup.tuning.memory_limit),
                connections: 0,
                names: Names::new(setup.seed),
                users: setup.users,
                limits: setup.limits,
                rules: Rules::of(setup.like),
                deaf: HashSet::new(),
                overdue: Vec::new(),
                awaiting_store: Vec::new(),
            },
            connections: HashMap::new(),
            stage: Stage::Serving,
            started: setup.started,
            first: Vec::new(),
            owed_since: None,
        };
        let kept = restored.iter().map(|(name, _)| name);
        let names: Vec<String> = setup.vhosts.iter().chain(kept).cloned().collect();
        for name in names {
            if broker.shared.find_vhost(&name).is_none() {
                let mut nothing = Image::default();
                let found = restored.iter_mut().find(|(kept, _)| *kept == name);
                let image = found.map_or(&mut nothing, |(_, image)| image);
                charge(image, broker.gauge());
                let mut effects = Vec::new();
                let mut dispatch = Dispatch::restore(image, last_stop, setup.started, setup.like, &mut effects);
                dispatch.set_tracing(setup.tracing);
                dispatch.set_lives(setup.tracing);
                broker.add_vhost(&name, dispatch, effects);
            }
        }
        broker.tune(setup.tuning);
        broker
    }

    /// What restoring it makes necessary goes out with the first answer.
    fn add_vhost(&mut self, name: &str, dispatch: Dispatch, effects: Vec<Effect>) {
        let id = VhostId(u16::try_from(self.shared.vhosts.len()).unwrap_or(u16::MAX));
        let name = name.into();
        self.shared.vhosts.push(Vhost { name, dispatch });
        self.shared.effects = effects;
        let mut first = std::mem::take(&mut self.first);
        own_turn(&mut self.shared, Millis(0), id, &mut first).flush();
        self.first = first;
    }

    /// What is said of queues beside their declarations, in all virtual hosts.
    pub(crate) fn set_policies(&mut self, policies: &[Policy]) {
        for vhost in &mut self.shared.vhosts {
            vhost.dispatch.set_policies(policies);
        }
    }

    /// Takes one input; pushes what is to be done, in order.
    pub(crate) fn handle(&mut self, now: Millis, input: Input, out: &mut Vec<Output>) {
        let first_new = out.len();
        out.append(&mut self.first);
        for vhost in &mut self.shared.vhosts {
            vhost.dispatch.set_time(UnixMillis(self.started.0 + now.0));
        }
        if matches!(input, Input::Frames(..)) || self.credit_due().is_some_and(|due| due <= now) {
            self.settle_automatic(now, out);
        }
        match input {
            Input::Opened(id, peer) => self.opened(now, id, peer, out),
            Input::Frames(id, frames) => {
                self.with(now, id, out, |connection, session| connection.frames(session, frames));
            }
            Input::Drained(id) => self.with(now, id, out, Connection::drained),
            Input::Lost(id) => self.lost(now, id, out),
            Input::Sent(sent) => self.sent(now, &sent, out),
            Input::Stored(vhost, seq) => self.stored(now, (vhost, seq), out),
            Input::Tuned(tuning) => self.tune(tuning),
            Input::Tick => self.tick(now, out),
            Input::ShutDown => self.shut_down(now, out),
        }
        self.close_overdue(now, out);
        self.note_owed(now);
        self.note_sent(&out[first_new..]);
        #[cfg(any(test, fuzzing))]
        self.check();
    }

    /// When [`Input::Tick`] has something to do.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let vhosts = self.shared.vhosts.iter().filter_map(|vhost| self.due(vhost));
        let connections = self.connections.values().filter_map(Connection::deadline);
        let others = [self.shared.memory.look_again, self.credit_due()];
        connections.chain(vhosts).chain(others.into_iter().flatten()).min()
    }

    /// What counts against the memory limit: the driver adds the bytes that it has yet to write.
    pub(crate) fn gauge(&self) -> &Gauge {
        &self.shared.memory.gauge
    }

    /// A virtual host's name.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn vhost_name(&self, id: VhostId) -> &str {
        &self.shared.vhost(id).name
    }

    /// The totals of all queues of the first virtual host.
    pub(crate) fn totals(&self) -> impl Iterator<Item = QueueTotals> {
        self.shared.vhost(VhostId::default()).dispatch.totals()
    }

    fn due(&self, vhost: &Vhost) -> Option<Millis> {
        let due = vhost.dispatch.next_deadline()?;
        (self.stage == Stage::Serving).then_some(Millis(due.0.saturating_sub(self.started.0)))
    }

    fn tune(&mut self, tuning: Tuning) {
        self.shared.memory.limit = tuning.memory_limit;
        for vhost in &mut self.shared.vhosts {
            vhost.dispatch.set_ack_timeout(tuning.consumer_timeout, tuning.tick);
        }
    }

    fn opened(&mut self, now: Millis, id: ConnectionId, peer: Peer, out: &mut Vec<Output>) {
        if self.stage != Stage::Serving {
            out.push(Output::Close(id, ClosedHow::AtOnce));
            return;
        }
        let deadline = Millis(now.0 + self.shared.limits.handshake_ms);
        let charge = self.shared.memory.gauge.charge(CONNECTION);
        self.connections.insert(id, Connection::new(id, peer, deadline, charge));
        self.shared.connections = self.connections.len();
    }

    /// After a shutdown the broker's state is what the store has; nothing is requeued or handed out any more.
    fn lost(&mut self, now: Millis, id: ConnectionId, out: &mut Vec<Output>) {
        let Some(mut connection) = self.connections.remove(&id) else {
            return;
        };
        self.shared.connections = self.connections.len();
        if self.stage == Stage::Serving {
            let mut turn = turn(&mut self.shared, now, &connection, out);
            connection.release(&mut turn);
        }
        self.shared.deaf.remove(&id);
    }

    /// A connection that is gone has no deliveries left to count.
    fn sent(&mut self, now: Millis, sent: &[Sent], out: &mut Vec<Output>) {
        if self.stage == Stage::Stopping {
            return;
        }
        for Sent { channel, queue, count } in sent {
            self.with(now, channel.connection, out, |_, session| {
                let (dispatch, effects) = session.dispatch();
                dispatch.sent(*channel, *queue, *count, effects);
                session.flush();
            });
        }
    }

    fn stored(&mut self, now: Millis, (vhost, seq): (VhostId, StoreSeq), out: &mut Vec<Output>) {
        let waiting = std::mem::take(&mut self.shared.awaiting_store);
        let (here, elsewhere): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(at, _)| *at == vhost);
        self.shared.awaiting_store = elsewhere;
        for (_, channel) in here {
            self.with(now, channel.connection, out, |connection, session| {
                connection.stored(session, channel, seq);
            });
        }
    }

    fn tick(&mut self, now: Millis, out: &mut Vec<Output>) {
        for id in self.shared.vhost_ids() {
            if self.due(self.shared.vhost(id)).is_some_and(|due| due <= now) {
                let mut turn = own_turn(&mut self.shared, now, id, out);
                let (dispatch, effects) = turn.dispatch();
                dispatch.tick(effects);
                turn.flush();
            }
        }
        if self.shared.has_room_again(now) {
            for connection in self.connections.values_mut() {
                let mut turn = turn(&mut self.shared, now, connection, out);
                connection.unblock(&mut turn);
            }
        }
        for connection in self.connections.values_mut() {
            if connection.deadline().is_some_and(|deadline| deadline <= now) {
                let mut turn = turn(&mut self.shared, now, connection, out);
                connection.tick(&mut turn);
            }
        }
    }

    /// Closing one channel may hand messages to others, but makes none overdue.
    fn close_overdue(&mut self, now: Millis, out: &mut Vec<Output>) {
        for (channel, timeout_ms) in std::mem::take(&mut self.shared.overdue) {
            self.with(now, channel.connection, out, |connection, session| {
                connection.overdue(session, channel.number, timeout_ms);
            });
        }
    }

    fn shut_down(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.stage = Stage::Stopping;
        for connection in self.connections.values_mut() {
            let mut turn = turn(&mut self.shared, now, connection, out);
            connection.shut_down(&mut turn);
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
            let mut turn = turn(&mut self.shared, now, connection, out);
            act(connection, &mut turn);
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

/// What was read from disk takes memory like what is published.
fn charge(image: &mut Image, gauge: &Gauge) {
    for stored in image.queues.iter_mut().flat_map(|queue| &mut queue.messages) {
        let message = Arc::make_mut(&mut stored.message);
        message.charge = message.charge_on(gauge);
    }
}

/// A connection's turn.
fn turn<'a>(shared: &'a mut Shared, now: Millis, connection: &Connection, out: &'a mut Vec<Output>) -> Session<'a> {
    Session {
        now,
        connection: connection.id(),
        vhost: connection.vhost(),
        shared,
        out,
    }
}

/// The broker's own turn at a virtual host.
fn own_turn<'a>(shared: &'a mut Shared, now: Millis, vhost: VhostId, out: &'a mut Vec<Output>) -> Session<'a> {
    Session {
        now,
        connection: ConnectionId::BROKER,
        vhost,
        shared,
        out,
    }
}
