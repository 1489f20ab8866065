//! The engine as its users hold it: started, given commands, looked at, ended.

mod parts;

use self::parts::{Parts, Setup, watched};
use super::ctl::Ctl;
use super::door::Door;
use super::embedded::{self, Embedded};
use super::left::{Ended, Leaving, LeftBehind};
use super::line::Access;
use super::link::Conditions;
use super::monitor::Monitor;
use super::probe::{self, StartError};
use super::report::Outbox;
use super::tap::Listening;
use super::target::{BrokerUrl, Target};
use super::topology::{Layout, Names, Owner, Topology, Trouble};
use crate::lab::{
    BrokerRow, BrokerState, Command, Control, Event, Frames, QueueKind, Script, Settings, Sharing, Snapshot, Tap,
    Version,
};
use lapin::tcp::OwnedTLSConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Commands on their way to the lab; when it is full, the screen keeps the wish and says so.
const COMMANDS: usize = 64;
/// The end of it all, whatever hangs.
const SHUT_DOWN_WITHIN: Duration = Duration::from_secs(15);

/// What to run, and on which broker.
#[derive(Clone, Debug)]
pub struct Options {
    /// The broker.
    pub target: Target,
    /// The settings at the start.
    pub settings: Settings,
    /// As which RabbitMQ the embedded broker begins.
    pub version: Version,
    /// What happens by itself.
    pub script: Option<Arc<Script>>,
}

/// A running lab. Dropped without [`Engine::shutdown`] it ends at once, and queues on a broker that is not its own are
/// left to expire.
#[derive(Debug)]
pub struct Engine {
    commands: mpsc::Sender<Command>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    beginning: (Settings, BrokerRow),
    /// Who listens to the frames; ends with the engine.
    listening: Listening,
    /// Its queues, and what is done last.
    leaving: Leaving,
    /// What others type to join, where they can.
    join_line: Option<String>,
    cancel: DropGuard,
    /// `Err`: the queues could not be deleted; one sentence.
    hub: JoinHandle<Result<(), String>>,
}

impl Engine {
    /// Starts the broker (embedded) or checks that the URL can be used, declares the queues, starts the lab.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        // Nobody listens: whoever tells finds that out at once.
        Self::start_recorded(options, mpsc::channel(1).0).await
    }

    /// The same, and all that happens is told to `listener`, in order, in batches. A listener that is slow is told
    /// later and loses nothing; it must not wait for the engine.
    pub async fn start_recorded(options: Options, listener: mpsc::Sender<Vec<Event>>) -> Result<Self, StartError> {
        let Options {
            target,
            settings,
            version,
            script,
        } = options;
        let parts = Parts::new(listener, script);
        match target {
            Target::Embedded => Box::pin(Self::start_embedded(parts, settings, version, None)).await,
            Target::Room(door) => Box::pin(Self::start_embedded(parts, settings, version, Some(door))).await,
            Target::Url(url) => Box::pin(Self::start_at(parts, url, settings)).await,
        }
    }

    /// Where commands go; bounded.
    pub fn commands(&self) -> mpsc::Sender<Command> {
        self.commands.clone()
    }

    /// Pictures of the lab, at most thirty a second; none while nothing moves.
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// The settings and the broker with which the lab began: what a history starts from.
    pub fn beginning(&self) -> (Settings, BrokerRow) {
        self.beginning.clone()
    }

    /// Opens and closes the tap; it is closed at first.
    pub fn tap(&self) -> watch::Sender<Tap> {
        self.listening.tap.clone()
    }

    /// The frames that pass while the tap is open, at most twelve pictures a second.
    pub fn frames(&self) -> watch::Receiver<Arc<Frames>> {
        self.listening.frames.clone()
    }

    /// Where the broker is, for programs that are shown: no password in it but `guest`.
    pub fn url_for_programs(&self) -> String {
        self.leaving.topology.access().url().for_programs()
    }

    /// What others type to join; `None`: they can't.
    pub fn join_line(&self) -> Option<&str> {
        self.join_line.as_deref()
    }

    /// The names of all its queues, that of dead letters last.
    pub fn queues(&self) -> Vec<String> {
        self.leaving.topology.all()
    }

    /// Ends everything, deletes the lab's queues, closes connections; bounded in time. `Err`: what was left behind.
    pub async fn shutdown(self) -> Result<(), LeftBehind> {
        drop(self.cancel);
        let deleted = match tokio::time::timeout(SHUT_DOWN_WITHIN, self.hub).await {
            Ok(Ok(deleted)) => deleted,
            // The hub panicked, or hangs: what it would have done last is done here.
            Ok(Err(_)) | Err(_) => self.leaving.farewell().await,
        };
        self.leaving.leave(deleted).await
    }

    async fn start_embedded(
        parts: Parts,
        settings: Settings,
        version: Version,
        door: Option<Door>,
    ) -> Result<Self, StartError> {
        let names = Names::of(parts.marks.run());
        let names = match &door {
            Some(door) => names.sharing(door.queue()),
            None => names,
        };
        let mut started = embedded::start(version, door.as_ref().map(|door| (door, &names))).await?;
        let port = started.port();
        let url = door
            .as_ref()
            .map_or(BrokerUrl::loopback(port), |door| door.own_url(port));
        let access = Access::new(url, OwnedTLSConfig::default())
            .under(conditions(&settings))
            .with_taps(parts.taps.clone());
        let topology = Topology::with_names(access, names, Owner::Lab, Layout::of(&settings));
        for kind in QueueKind::ALL {
            match (topology.ensure(kind).await, kind) {
                // As some versions do; the lab can do without it.
                (Ok(()), _) | (Err(Trouble::Refused(_)), QueueKind::Transient) => {}
                (Err(trouble), _) => {
                    let why = trouble.sentence();
                    return Err(StartError::Embedded { why });
                }
            }
        }
        let window = embedded::window(&mut started.server);
        let row = BrokerRow {
            name: "embedded broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: Some(version),
        };
        let broker = Embedded::new(
            started,
            topology.clone(),
            parts.marks.clone(),
            parts.reports.clone(),
            Arc::clone(&parts.broker_back),
        );
        let (outbox, orders) = Outbox::new();
        let cancel = CancellationToken::new();
        let watch = watched(&parts, cancel.clone(), broker.run(orders, cancel));
        Ok(parts.assemble(Setup {
            settings,
            row,
            leaving: Leaving {
                topology,
                owner: Owner::Lab,
                ended: Ended::default(),
            },
            watch,
            broker: Some(outbox),
            window: Some(window),
            join_line: door.map(|door| door.join_line(port)),
        }))
    }

    async fn start_at(parts: Parts, url: BrokerUrl, settings: Settings) -> Result<Self, StartError> {
        let found = probe::probe(url).await?;
        let (place, user) = (found.access.url().place(), found.access.url().user().to_owned());
        let access = found.access.under(conditions(&settings)).with_taps(parts.taps.clone());
        let topology = Topology::new(access, parts.marks.run(), Owner::Others, Layout::of(&settings));
        let first = match settings.sharing {
            Sharing::OneQueue => QueueKind::Durable,
            Sharing::QueueEach => settings.queue,
        };
        if let Err(trouble) = topology.ensure(first).await {
            // Some of it may have been declared before the refusal; what can't be deleted now expires.
            let _ = topology.delete_all().await;
            let why = trouble.sentence();
            return Err(StartError::Queues { place, user, why });
        }
        found.line.close().await;
        let control = match topology.access().url().ctl() {
            Some(_) => Control::ByCommand,
            None => Control::NotOurs("it is not the lab's own"),
        };
        let row = BrokerRow {
            name: found.name.into(),
            state: BrokerState::Up,
            control,
            version: None,
        };
        let monitor = Monitor {
            topology: topology.clone(),
            reports: parts.reports.clone(),
            broker_back: Arc::clone(&parts.broker_back),
            broker_gone: Arc::default(),
            activity: Arc::clone(&parts.activity),
        };
        let (cancel, ended) = (CancellationToken::new(), Ended::default());
        let (watch, broker) = match topology.access().url().ctl().cloned() {
            None => (watched(&parts, cancel.clone(), monitor.run(cancel)), None),
            Some(command) => {
                let (outbox, orders) = Outbox::new();
                let ctl = Ctl::beside(&monitor, command, ended.clone());
                let both = futures_util::future::join(monitor.run(cancel.clone()), ctl.run(orders, cancel.clone()));
                (
                    watched(&parts, cancel, async move {
                        let ((), ()) = both.await;
                    }),
                    Some(outbox),
                )
            }
        };
        Ok(parts.assemble(Setup {
            settings,
            row,
            leaving: Leaving {
                topology,
                owner: Owner::Others,
                ended,
            },
            watch,
            broker,
            window: None,
            join_line: None,
        }))
    }
}

/// What lies between the workers and the broker at the start.
fn conditions(settings: &Settings) -> Conditions {
    Conditions::new(settings.line, settings.heartbeat)
}
