//! The broker behind sockets.
//!
//! | task | what it does |
//! |---|---|
//! | `listen` | accepts connections |
//! | `link`, one per connection | reads bytes, decodes them, hands frames to the hub by batches; writes what the hub left in its `outbox`, and reports what was written |
//! | `hub` | owns the broker and the store: one batch of events in, bytes for the outboxes out |
//!
//! Nothing is locked or sent per message: a batch is all that one read from a socket gave. Every queue between tasks
//! has a bound; the hub never waits for a link, so links may wait for the hub.

mod hub;
mod keeper;
mod line;
mod link;
mod listen;
mod outbox;
mod serve;
mod traces;
mod tunables;

pub use super::dispatch::Like;
pub use super::protocol::User;
pub use serve::{ServeError, ServeOptions, serve};
pub use traces::Traces;
pub use tunables::{Tunables, TunablesError};

use super::core::{Broker, Setup};
use super::dispatch::{Image, LastStop, Policy, QueueTotals, Tracing, UnixMillis};
use super::protocol::{FRAME_MIN, Limits};
use super::store::{FolderError, Opened};
use keeper::{Keeper, Telling};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Who may log in.
    pub users: Vec<User>,
    /// The virtual hosts that there are; each user may use all of them. Empty means `/` alone.
    pub vhosts: Vec<String>,
    /// The RabbitMQ that the broker behaves as.
    pub like: Like,
    /// The folder that keeps what is durable; `None`: nothing outlives the server, and confirms go out at once.
    pub data: Option<PathBuf>,
    /// What is said of queues beside their declarations: not compared when a client declares one again. They are no part
    /// of what the data folder keeps.
    pub policies: Vec<Policy>,
    /// Whether decisions are told ([`Server::take_traces`]).
    pub tracing: Tracing,
    /// The largest frame offered to clients, in bytes; at least 4096.
    pub frame_max: u32,
    /// The heartbeat proposed to clients, in seconds; 0 is off.
    pub heartbeat_s: u16,
    /// How many channels a connection may have open.
    pub channel_max: u16,
    /// Connections beyond this are refused.
    pub max_connections: usize,
    /// The largest body of a message, in bytes; `None`: what that version of RabbitMQ allows.
    pub max_message_size: Option<u64>,
    /// What can be changed later ([`Server::tune`]).
    pub tunables: Tunables,
}

/// Loopback, any free port, `guest`, RabbitMQ's limits, no data, no traces.
impl Default for ServerConfig {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            users: vec![User::guest()],
            vhosts: vec!["/".to_owned()],
            like: Like::default(),
            data: None,
            policies: Vec::new(),
            tracing: Tracing::Off,
            frame_max: limits.frame_max,
            heartbeat_s: limits.heartbeat_s,
            channel_max: limits.channel_max,
            max_connections: 4096,
            max_message_size: None,
            tunables: Tunables::default(),
        }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens there.
    #[error("port {} is already in use on {}: stop the program that uses it, or listen elsewhere", .0.port(), .0.ip())]
    AddressInUse(SocketAddr),
    /// The data folder can't be used.
    #[error(transparent)]
    Data(#[from] FolderError),
    /// `guest` may only come from loopback.
    #[error(
        "listening on {0} would let other machines in: give a user and a password other than guest's (--user NAME:PASSWORD-FILE)"
    )]
    NotLoopback(SocketAddr),
    /// The system refused.
    #[error("cannot listen on {address}: {why}")]
    Io {
        /// Where.
        address: SocketAddr,
        /// Why.
        why: std::io::Error,
    },
}

/// A running server. Dropped, it crashes.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    totals: watch::Receiver<Arc<[QueueTotals]>>,
    traces: Option<Traces>,
    tunables: watch::Sender<Tunables>,
    restored: Vec<(String, Image)>,
    stored: Option<Telling>,
    stop: CancellationToken,
    crash: CancellationToken,
    hub: JoinHandle<()>,
    tasks: TaskTracker,
    _crash_when_dropped: DropGuard,
}

/// Batches of events on their way to the hub. When it is full, links wait, so clients can't be read any faster than
/// the broker handles what they send.
const EVENTS: usize = 256;

impl Server {
    /// Listens and serves what the data folder has.
    pub async fn start(mut config: ServerConfig) -> Result<Self, StartError> {
        config.frame_max = config.frame_max.max(FRAME_MIN);
        config.channel_max = config.channel_max.max(1);
        if !config.listen.ip().is_loopback() && !config.users.iter().any(User::may_be_remote) {
            return Err(StartError::NotLoopback(config.listen));
        }
        let (listener, address) = listen::bind(config.listen).await?;
        let (totals_in, totals) = watch::channel(Arc::from([]));
        let (trace_sink, traces) = match config.tracing {
            Tracing::On => {
                let (sink, traces) = traces::channel();
                (Some(sink), Some(traces))
            }
            Tracing::Off => (None, None),
        };
        let (events_in, events) = mpsc::channel(EVENTS);
        let (tunables, tuned) = watch::channel(config.tunables);
        let (stop, crash) = (CancellationToken::new(), CancellationToken::new());
        let tasks = TaskTracker::new();
        let (keeper, mut restored, last_stop) = open(&config).await?;
        let stored = keeper.telling();
        let broker = broker(&config, &mut restored, last_stop);
        let gauge = broker.gauge().clone();
        let hub = hub::Hub::new(broker, keeper, events, totals_in, trace_sink);
        let links = crash.child_token();
        let door = listen::Door {
            events: events_in,
            tasks: tasks.clone(),
            links: links.clone(),
            frame_max: config.frame_max,
            gauge,
            max_connections: config.max_connections,
        };
        tasks.spawn(listen::listen(listener, door, stop.clone()));
        let hub = tokio::spawn(hub.run(hub::Signals {
            stop: stop.clone(),
            crash: crash.clone(),
            links,
            tuned,
        }));
        let guard = crash.clone().drop_guard();
        Ok(Self {
            address,
            totals,
            traces,
            tunables,
            restored,
            stored,
            stop,
            crash,
            hub,
            tasks,
            _crash_when_dropped: guard,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All queues' totals: after each batch, at most every 20 ms, and always after the last batch of a burst. The
    /// sender is gone when the broker has ended.
    pub fn totals(&self) -> watch::Receiver<Arc<[QueueTotals]>> {
        self.totals.clone()
    }

    /// The broker's decisions, once, if tracing is on.
    pub fn take_traces(&mut self) -> Option<Traces> {
        self.traces.take()
    }

    /// Changes what can be changed at run time, at once.
    pub fn tune(&self, tunables: Tunables) {
        // Without a hub there is nothing left to change.
        let _ = self.tunables.send(tunables);
    }

    /// What was read from the data folder, once: each virtual host by its name. It shares its messages with the
    /// broker, but who never takes it keeps a list of them.
    pub fn take_restored(&mut self) -> Vec<(String, Image)> {
        std::mem::take(&mut self.restored)
    }

    /// Why the broker has ended by itself, if it was for the data folder: nothing more could be stored.
    pub fn failure(&self) -> Option<String> {
        self.stored.as_ref().and_then(keeper::failure)
    }

    /// Stops in good order: clients get 320 `CONNECTION_FORCED` and two seconds to answer.
    ///
    /// # Panics
    /// If the broker's task has panicked: with the same message.
    pub async fn stop(self) {
        self.stop.cancel();
        Self::end(self.hub, self.tasks).await;
    }

    /// Ends at once: sockets are reset, nobody is told, and what was not yet stored is lost.
    ///
    /// # Panics
    /// If the broker's task has panicked: with the same message.
    pub async fn crash(self) {
        self.crash.cancel();
        Self::end(self.hub, self.tasks).await;
    }

    async fn end(hub: JoinHandle<()>, tasks: TaskTracker) {
        // A hub that was cancelled with its runtime has nothing to say.
        if let Err(error) = hub.await
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
        tasks.close();
        tasks.wait().await;
    }
}

/// Opens the data folder on a thread that may wait for the disk.
async fn open(config: &ServerConfig) -> Result<(Keeper, Vec<(String, Image)>, LastStop), StartError> {
    let Some(folder) = config.data.clone() else {
        return Ok((Keeper::nothing(), Vec::new(), LastStop::Orderly));
    };
    let vhosts = vhosts(&config.vhosts);
    let opening = tokio::task::spawn_blocking(move || {
        let (opened, restored) = Opened::open(&folder, &vhosts)?;
        let last_stop = opened.last_stop();
        Ok((Keeper::start(opened)?, restored, last_stop))
    });
    match opening.await {
        Ok(opened) => opened,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn broker(config: &ServerConfig, restored: &mut [(String, Image)], last_stop: LastStop) -> Broker {
    let limits = Limits {
        frame_max: config.frame_max,
        heartbeat_s: config.heartbeat_s,
        channel_max: config.channel_max,
        max_connections: config.max_connections,
        message_bytes: config.max_message_size,
        ..Limits::default()
    };
    // A clock before 1970 is none.
    let started = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let setup = Setup {
        users: config.users.clone(),
        vhosts: vhosts(&config.vhosts),
        limits,
        tracing: config.tracing,
        seed: rand::random(),
        like: config.like,
        tuning: config.tunables.into(),
        started: UnixMillis(u64::try_from(started.as_millis()).unwrap_or(u64::MAX)),
    };
    let mut broker = Broker::new(setup, restored, last_stop);
    broker.set_policies(&config.policies);
    broker
}

/// Each once; `/` if none is named.
fn vhosts(given: &[String]) -> Vec<String> {
    match given {
        [] => vec!["/".to_owned()],
        given => {
            let mut names: Vec<String> = Vec::new();
            for name in given {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
            names
        }
    }
}
