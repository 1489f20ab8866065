//! The task that owns the broker and the store.
//!
//! It takes events by batches, lets the broker handle each, hands the batch's records to the store, and then bytes to
//! the links: one lock and one wake-up per connection and batch. It never waits for the disk: the store tells what is
//! stored, and then go out the confirms, and the answers to whoever has declared something durable.

use super::keeper::Keeper;
use super::line::Line;
use super::outbox::Outbox;
use super::traces::TraceSink;
use super::tunables::Tunables;
use crate::broker::core::{Broker, Input, Sent};
use crate::broker::dispatch::{ConnectionId, LastStop, Life, Millis, QueueTotals, StoreOp, StoreSeq, Trace, VhostId};
use crate::broker::protocol::{ClosedHow, Incoming, Output, Peer, Reading, Reply};
use amq_protocol::protocol::{AMQPClass, channel, connection};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What links tell the hub.
#[derive(Debug)]
pub(super) enum Event {
    /// A connection was accepted.
    Opened {
        /// Its number.
        id: ConnectionId,
        /// Where it comes from.
        peer: Peer,
        /// Its `address:port`.
        address: Arc<str>,
        /// Where its bytes go.
        outbox: Arc<Outbox>,
        /// Ends it at once.
        cancel: CancellationToken,
    },
    /// Frames came.
    Frames(ConnectionId, Vec<Incoming>),
    /// Deliveries were written.
    Sent(Vec<Sent>),
    /// Of what was said to it so little is left to be written that more can be said.
    Drained(ConnectionId),
    /// It is gone.
    Lost(ConnectionId),
}

/// How the hub is told to end.
#[derive(Debug)]
pub(super) struct Signals {
    /// In good order.
    pub(super) stop: CancellationToken,
    /// At once.
    pub(super) crash: CancellationToken,
    /// Ends all links; cancelled when the hub ends, also by a panic.
    pub(super) links: CancellationToken,
    /// New tunables.
    pub(super) tuned: watch::Receiver<Tunables>,
}

/// The hub.
#[derive(Debug)]
pub(super) struct Hub {
    broker: Broker,
    keeper: Keeper,
    events: mpsc::Receiver<Event>,
    lines: HashMap<ConnectionId, Line>,
    /// Connections with new bytes.
    touched: Vec<ConnectionId>,
    /// Connections whose outbox has the room that the broker waits for.
    drained: Vec<ConnectionId>,
    /// Whose frames are being handled.
    turn: Option<ConnectionId>,
    outputs: Vec<Output>,
    started: Instant,
    totals: watch::Sender<Arc<[QueueTotals]>>,
    totals_due: Option<Instant>,
    totals_told: Instant,
    traces: Option<TraceSink>,
}

/// Events handled before their outputs go out.
const BATCH: usize = 64;

/// Totals are told at most that often.
const TOTALS_EVERY: Duration = Duration::from_millis(20);

/// How long clients may take to answer the close of an orderly stop.
const GRACE: Duration = Duration::from_secs(2);

impl Hub {
    pub(super) fn new(
        broker: Broker,
        keeper: Keeper,
        events: mpsc::Receiver<Event>,
        totals: watch::Sender<Arc<[QueueTotals]>>,
        traces: Option<TraceSink>,
    ) -> Self {
        let now = Instant::now();
        Self {
            broker,
            keeper,
            events,
            lines: HashMap::new(),
            touched: Vec::new(),
            drained: Vec::new(),
            turn: None,
            outputs: Vec::new(),
            started: now,
            totals,
            totals_due: Some(now),
            totals_told: now,
            traces,
        }
    }

    /// Serves until told to end; then the data folder is all that is left.
    pub(super) async fn run(mut self, mut signals: Signals) {
        let _links_end_with_the_hub = signals.links.clone().drop_guard();
        let mut events = Vec::with_capacity(BATCH);
        let mut grace_ends: Option<Instant> = None;
        let how = loop {
            if grace_ends.is_some_and(|end| self.lines.is_empty() || end <= Instant::now()) {
                break LastStop::Orderly;
            }
            let timer = self.next_timer().into_iter().chain(grace_ends).min();
            tokio::select! {
                biased;
                () = signals.crash.cancelled() => break LastStop::Crash,
                () = signals.stop.cancelled(), if grace_ends.is_none() => {
                    grace_ends = Some(Instant::now() + GRACE);
                    self.step(Input::ShutDown);
                }
                Ok(()) = signals.tuned.changed() => {
                    let tunables = *signals.tuned.borrow_and_update();
                    self.step(Input::Tuned(tunables.into()));
                }
                stored = self.keeper.stored() => match stored {
                    Ok(stored) => self.confirm(stored),
                    Err(why) => {
                        tracing::error!(%why, "the broker ends: what it can't store it must not confirm");
                        break LastStop::Crash;
                    }
                },
                // While the store is behind, clients wait: their sockets fill, and nobody else's memory does.
                _ = self.events.recv_many(&mut events, BATCH), if !self.keeper.is_full() => {
                    for event in events.drain(..) {
                        self.event(event);
                    }
                    // Events go first, so a flood of them would else stop the clock.
                    if timer.is_some_and(|due| due <= Instant::now()) {
                        self.step(Input::Tick);
                    }
                    self.totals_due.get_or_insert(self.totals_told + TOTALS_EVERY);
                }
                () = sleep_until(timer) => self.step(Input::Tick),
                () = std::future::ready(()), if !self.drained.is_empty() => {}
            }
            for id in std::mem::take(&mut self.drained) {
                self.turn(id, Input::Drained(id));
            }
            self.finish_batch();
        };
        self.keeper.end(how).await;
    }

    fn next_timer(&self) -> Option<Instant> {
        let deadline = self
            .broker
            .next_deadline()
            .map(|at| self.started + Duration::from_millis(at.0));
        deadline.into_iter().chain(self.totals_due).min()
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Opened {
                id,
                peer,
                address,
                outbox,
                cancel,
            } => {
                self.tell(Trace::Life(Life::Accepted {
                    connection: id,
                    address,
                }));
                self.lines.insert(id, Line::new(outbox, cancel));
                self.step(Input::Opened(id, peer));
            }
            Event::Frames(id, frames) => {
                self.turn(id, Input::Frames(id, frames));
                if let Some(line) = self.lines.get(&id) {
                    line.outbox.handled();
                }
            }
            Event::Sent(sent) => self.step(Input::Sent(sent)),
            Event::Drained(id) => self.turn(id, Input::Drained(id)),
            Event::Lost(id) => {
                self.lines.remove(&id);
                self.step(Input::Lost(id));
                self.tell(Trace::Life(Life::Hung { connection: id }));
            }
        }
    }

    /// What a client asks for is recorded in its turn: it waits for it.
    fn turn(&mut self, id: ConnectionId, input: Input) {
        self.turn = Some(id);
        self.step(input);
        self.turn = None;
    }

    fn step(&mut self, input: Input) {
        let now = Millis(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX));
        let mut outputs = std::mem::take(&mut self.outputs);
        self.broker.handle(now, input, &mut outputs);
        for output in outputs.drain(..) {
            self.output(output);
        }
        self.outputs = outputs;
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Send(id, reply) => self.send(id, reply),
            Output::FrameMax(id, frame_max) => {
                if let Some(line) = self.lines.get_mut(&id) {
                    line.frame_max = frame_max;
                }
            }
            Output::Reading(id, reading) => self.set_reading(id, reading),
            Output::Close(id, how) => self.close(id, how),
            Output::Store(vhost, seq, op) => self.store(vhost, seq, op),
            Output::Trace(trace) => self.tell(trace),
        }
    }

    fn tell(&self, trace: Trace) {
        if let Some(traces) = &self.traces {
            traces.push(trace);
        }
    }

    fn store(&mut self, vhost: VhostId, seq: StoreSeq, op: StoreOp) {
        if self.keeper.is_awaited(&op)
            && let Some(line) = self.turn.and_then(|id| self.lines.get_mut(&id))
        {
            line.wait_for(vhost, seq);
        }
        self.keeper.take(vhost, seq, op);
    }

    fn send(&mut self, id: ConnectionId, reply: Reply) {
        let Some(line) = self.lines.get_mut(&id) else { return };
        note(id, &reply);
        line.say(reply);
        Self::touch(&mut self.touched, id, line);
    }

    fn set_reading(&mut self, id: ConnectionId, reading: Reading) {
        if let Some(line) = self.lines.get_mut(&id) {
            line.set_reading(reading);
            Self::touch(&mut self.touched, id, line);
        }
    }

    fn close(&mut self, id: ConnectionId, how: ClosedHow) {
        let Some(line) = self.lines.get_mut(&id) else { return };
        match how {
            ClosedHow::AtOnce => line.cancel.cancel(),
            ClosedHow::Flushed => {
                line.finish();
                Self::touch(&mut self.touched, id, line);
            }
        }
    }

    fn touch(touched: &mut Vec<ConnectionId>, id: ConnectionId, line: &mut Line) {
        if !std::mem::replace(&mut line.touched, true) {
            touched.push(id);
        }
    }

    fn confirm(&mut self, stored: Vec<(VhostId, StoreSeq)>) {
        for (vhost, seq) in stored {
            self.step(Input::Stored(vhost, seq));
        }
    }

    /// Gives records to the store and bytes to the links, and tells.
    fn finish_batch(&mut self) {
        let stored = self.keeper.hand_over();
        self.confirm(stored);
        // What a confirm has brought about.
        self.keeper.hand_over();
        let (lines, keeper, drained) = (&mut self.lines, &self.keeper, &mut self.drained);
        self.touched.retain(|id| {
            let Some(line) = lines.get_mut(id) else { return false };
            line.touched = !line.hand_over(|vhost, seq| keeper.has(vhost, seq));
            if line.has_awaited_room() {
                drained.push(*id);
            }
            line.touched
        });
        self.tell_totals();
    }

    fn tell_totals(&mut self) {
        let now = Instant::now();
        if self.totals_due.is_some_and(|due| due <= now) {
            self.totals.send_replace(self.broker.totals().collect());
            self.totals_told = now;
            self.totals_due = None;
        }
    }
}

async fn sleep_until(timer: Option<Instant>) {
    match timer {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Writes what matters of a connection's life to the log: that it is open, and what was refused.
fn note(id: ConnectionId, reply: &Reply) {
    let Reply::Method(channel, method) = reply else { return };
    match &**method {
        AMQPClass::Connection(connection::AMQPMethod::OpenOk(_)) => {
            tracing::info!(connection = id.0, "logged in, virtual host open");
        }
        AMQPClass::Connection(connection::AMQPMethod::Close(close)) => {
            tracing::info!(connection = id.0, code = close.reply_code, text = %close.reply_text, "closed");
        }
        AMQPClass::Channel(channel::AMQPMethod::Close(close)) => {
            tracing::info!(connection = id.0, channel, code = close.reply_code, text = %close.reply_text, "channel closed");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
