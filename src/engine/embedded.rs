//! The lab's own broker: started, killed, stopped and started again inside this process, always on the same port.
//!
//! What survives is known exactly: the broker tells what it found in its folder.

use super::door::Door;
use super::mark::Marks;
use super::monitor::sum;
use super::probe::StartError;
use super::report::Report;
use super::topology::{Names, Topology, Trouble};
use crate::broker::dispatch::{AckMode as BrokerAck, Blocked, Image, Like, Message, QueueTotals, Trace, Tracing};
use crate::broker::server::{Server, ServerConfig, Traces, Tunables};
use crate::broker::store::PrivateFolder;
use crate::lab::{
    AckMode, BrokerCommand, BrokerSays, Dispatched, Figure, JobId, NoRoom, QueueKind, QueueSays, Seen, Survivors,
    Version, WorkerId,
};
use amq_protocol::protocol::basic::parse_properties;
use std::sync::Arc;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What a running embedded broker lets one look at.
#[derive(Debug)]
pub(super) struct Window {
    /// Each decision is here before its delivery is on the wire; `None` once all of an ended broker were read.
    pub(super) traces: Option<Traces>,
    /// `None` once the broker has ended.
    pub(super) totals: Option<watch::Receiver<Arc<[QueueTotals]>>>,
}

/// What the hub asks of the broker's task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// End or start.
    Do(BrokerCommand),
    /// From the next start on, behave as this.
    Be(Version),
}

/// The task that holds the broker.
#[derive(Debug)]
pub(super) struct Embedded {
    config: ServerConfig,
    state: State,
    /// Removed when the run ends; below the server that uses it, so that it goes after that.
    _folder: PrivateFolder,
    topology: Topology,
    marks: Marks,
    reports: mpsc::Sender<Report>,
    broker_back: Arc<Notify>,
}

#[derive(Debug)]
enum State {
    /// Boxed: a server is large beside nothing.
    Up(Box<Server>),
    Ended,
}

/// A broker that just started, and the folder of this run.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) server: Server,
    /// As it is to be started again.
    config: ServerConfig,
    folder: PrivateFolder,
}

/// Starts a broker: on a free port of loopback, or where others are to come in.
pub(super) async fn start(version: Version, room: Option<(&Door, &Names)>) -> Result<Started, StartError> {
    let failed = |why: String| StartError::Embedded { why };
    let folder = PrivateFolder::new().map_err(|error| failed(format!("no temporary folder: {error}")))?;
    let mut config = ServerConfig {
        data: Some(folder.path().to_owned()),
        tracing: Tracing::On,
        ..ServerConfig::default()
    };
    be(&mut config, version);
    if let Some((door, names)) = room {
        door.open(&mut config, names);
    }
    let server = Server::start(config.clone())
        .await
        .map_err(|error| failed(error.to_string()))?;
    config.listen = server.address();
    Ok(Started { server, config, folder })
}

/// From the next start on.
fn be(config: &mut ServerConfig, version: Version) {
    config.like = like(version);
    config.tunables = Tunables::of(config.like);
}

/// The window of a broker that just started.
pub(super) fn window(server: &mut Server) -> Window {
    Window {
        traces: server.take_traces(),
        totals: Some(server.totals()),
    }
}

impl Started {
    /// Where it listens.
    pub(super) fn port(&self) -> u16 {
        self.server.address().port()
    }
}

impl Embedded {
    pub(super) fn new(
        Started { server, config, folder }: Started,
        topology: Topology,
        marks: Marks,
        reports: mpsc::Sender<Report>,
        broker_back: Arc<Notify>,
    ) -> Self {
        Self {
            config,
            _folder: folder,
            state: State::Up(Box::new(server)),
            topology,
            marks,
            reports,
            broker_back,
        }
    }

    /// Carries out orders until cancelled, then stops the broker in good order.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>, cancel: CancellationToken) {
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                () = ended_by_itself(&self.state) => {
                    let why = self.state.failure();
                    let why = why.as_deref().unwrap_or("the broker ended by itself");
                    self.end(BrokerCommand::Kill, why).await;
                }
                order = orders.recv() => match order {
                    None => break,
                    Some(Order::Be(version)) => be(&mut self.config, version),
                    Some(Order::Do(BrokerCommand::Kill)) => self.end(BrokerCommand::Kill, "killed by the lab").await,
                    Some(Order::Do(BrokerCommand::Stop)) => self.end(BrokerCommand::Stop, "stopped by the lab").await,
                    Some(Order::Do(BrokerCommand::Start)) => self.start().await,
                },
            }
        }
        if let State::Up(server) = self.state {
            server.stop().await;
        }
    }

    async fn end(&mut self, how: BrokerCommand, why: &str) {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Up(server) if how == BrokerCommand::Stop => server.stop().await,
            State::Up(server) => server.crash().await,
            State::Ended => {}
        }
        tracing::info!(%why, "broker ended");
        self.tell(Seen::BrokerDown(why.to_owned())).await;
    }

    async fn start(&mut self) {
        let State::Ended = &self.state else { return };
        match self.try_start().await {
            Ok((window, survivors)) => {
                tracing::info!(survivors = survivors.len(), "broker started again");
                let _ = self.reports.send(Report::Window(Box::new(window))).await;
                self.tell(Seen::BrokerUp(Survivors::Known(survivors))).await;
                self.broker_back.notify_one();
            }
            Err(why) => {
                tracing::warn!(%why, "the broker could not be started");
                self.tell(Seen::BrokerStartFailed(why)).await;
            }
        }
    }

    /// `Err`: the broker is down as before; one sentence.
    async fn try_start(&mut self) -> Result<(Window, Vec<JobId>), String> {
        let mut server = Server::start(self.config.clone())
            .await
            .map_err(|error| error.to_string())?;
        let survivors = self.survivors(&server.take_restored());
        let declared = self.topology.declare_again().await;
        if let Err(trouble) = declared {
            // A broker that the lab holds to be down must not run: it could never be started again.
            server.crash().await;
            return Err(match trouble {
                Trouble::Refused(why) => why,
                Trouble::Away(error) => super::line::sentence(&error),
            });
        }
        let window = window(&mut server);
        self.state = State::Up(Box::new(server));
        Ok((window, survivors))
    }

    fn survivors(&self, restored: &[(String, Image)]) -> Vec<JobId> {
        let ours: Vec<String> = QueueKind::ALL
            .into_iter()
            .flat_map(|kind| self.topology.names(kind))
            .collect();
        let queues = restored.iter().flat_map(|(_, image)| &image.queues);
        let mut jobs = Vec::new();
        for queue in queues.filter(|queue| ours.contains(&queue.spec.name)) {
            let own = self.topology.owner_of(&queue.spec.name);
            let stored = queue.messages.iter();
            jobs.extend(stored.filter_map(|stored| job(&self.marks, &stored.message, own)));
        }
        jobs
    }

    async fn tell(&self, seen: Seen) {
        // The hub is gone only when all ends.
        let _ = self.reports.send(Report::Seen(seen)).await;
    }
}

/// A decision in the lab's words; `None`: it is not about a job of this run.
pub(super) fn dispatched_to(topology: &Topology, marks: &Marks, trace: &Trace) -> Option<Dispatched> {
    let Trace::Dispatched {
        queue,
        consumer,
        ack,
        message,
        passed_over,
        ..
    } = trace
    else {
        return None;
    };
    // Whoever reads the dead letters takes no job from anyone.
    if **queue == *topology.dead_letters() {
        return None;
    }
    let passed_over = passed_over
        .iter()
        .filter_map(|(tag, blocked)| Some((worker(tag)?, no_room(*blocked))))
        .collect();
    Some(Dispatched {
        job: job(marks, message, topology.owner_of(queue))?,
        to: worker(consumer),
        ack: match ack {
            BrokerAck::Manual => AckMode::Manual,
            BrokerAck::Automatic => AckMode::Automatic,
        },
        passed_over,
    })
}

/// The figures of the lab's queues; a queue that is not there holds nothing.
pub(super) fn says(topology: &Topology, totals: &[QueueTotals]) -> BrokerSays {
    let queue = |kind| {
        let of = |name: String| {
            let found = totals.iter().find(|totals| *totals.name == *name);
            QueueSays {
                ready: Figure::Exact(found.map_or(0, |totals| totals.ready)),
                unacked: Figure::Exact(found.map_or(0, |totals| totals.unacked)),
                consumers: Figure::Exact(found.map_or(0, |totals| u64::from(totals.consumers))),
            }
        };
        let all: Vec<QueueSays> = topology.names(kind).into_iter().map(of).collect();
        sum(&all)
    };
    BrokerSays {
        durable: queue(QueueKind::Durable),
        transient: queue(QueueKind::Transient),
    }
}

pub(super) fn job(marks: &Marks, message: &Message, own: Option<WorkerId>) -> Option<JobId> {
    let (_, properties) = parse_properties(&*message.properties).ok()?;
    marks.copy(&properties, own)
}

/// Whose consumer a tag names: `W2.7` is the seventh of W2.
pub(super) fn worker(tag: &str) -> Option<WorkerId> {
    let (id, generation) = tag.strip_prefix('W')?.split_once('.')?;
    generation.parse::<u32>().ok()?;
    id.parse().ok().map(WorkerId)
}

const fn like(version: Version) -> Like {
    match version {
        Version::V3_10 => Like::V3_10,
        Version::V4_0 => Like::V4_0,
        Version::V4_3 => Like::V4_3,
    }
}

pub(super) fn no_room(blocked: Blocked) -> NoRoom {
    match blocked {
        Blocked::Prefetch(full) | Blocked::ChannelPrefetch(full) => NoRoom::Full(full),
        Blocked::Unsent => NoRoom::Unsent,
    }
}

impl State {
    /// Why the broker has ended by itself, if it knows.
    fn failure(&self) -> Option<String> {
        match self {
            Self::Up(server) => server.failure(),
            Self::Ended => None,
        }
    }
}

/// Waits until the broker has ended without having been asked.
async fn ended_by_itself(state: &State) {
    match state {
        State::Up(server) => {
            let mut totals = server.totals();
            while totals.changed().await.is_ok() {}
        }
        State::Ended => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
