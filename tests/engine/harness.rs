//! An engine under test: commands in, conditions on snapshots out.

use dispatch_lab::engine::{BrokerUrl, Engine, Options, Target};
use dispatch_lab::lab::{
    AckMode, Command, Confirms, Delivery, Frames, Heartbeat, Prefetch, Producing, QueueKind, Rate, Seed, Settings,
    Sizes, Snapshot, Speed, Tap, TimeScale, Version, WorkerId, WorkerRow, WorkerState,
};
use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A condition that does not come true within this has failed.
const PATIENCE: Duration = Duration::from_secs(60);
const URL: &str = "DISPATCH_LAB_TEST_URL";

/// Which broker.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Embedded,
    Url(String),
}

impl Place {
    pub(crate) fn from_environment() -> Option<Self> {
        let url = std::env::var(URL).ok();
        if url.is_none() {
            println!("skipped: {URL} names no broker");
        }
        url.map(Self::Url)
    }

    pub(crate) fn target(&self) -> Target {
        match self {
            Self::Embedded => Target::Embedded,
            Self::Url(url) => Target::Url(url.parse::<BrokerUrl>().expect("a URL that can be used")),
        }
    }
}

/// Three equal workers, ten times as fast as life, no prefetch limit, and a producer that publishes on command.
pub(crate) fn settings() -> Settings {
    Settings {
        speeds: vec![Speed(1000); 3],
        prefetch: Prefetch(0),
        ack: AckMode::Manual,
        queue: QueueKind::Durable,
        messages: Delivery::Persistent,
        confirms: Confirms::On,
        rate: Rate(1),
        seed: Seed(7),
        // A machine that is too busy to say that it lives for four seconds is not what is tested here.
        heartbeat: Heartbeat(30),
        scale: TimeScale(10_000),
        ..Settings::default()
    }
}

/// The same, and jobs without work.
pub(crate) fn instant() -> Settings {
    let mut settings = settings();
    settings.workload.sizes = Sizes::Instant;
    settings
}

/// A running engine.
pub(crate) struct Bench {
    engine: Engine,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    place: Place,
}

impl Bench {
    /// Started, with all workers consuming, and paused.
    pub(crate) async fn paused(place: &Place, settings: Settings) -> Self {
        let engine = Engine::start(Options {
            target: place.target(),
            settings,
            version: Version::default(),
            script: None,
        })
        .await
        .expect("it starts");
        let mut bench = Self {
            snapshots: engine.snapshots(),
            engine,
            place: place.clone(),
        };
        bench.ask(Command::Produce(Producing::Held)).await;
        bench.ask(Command::Pause).await;
        bench
            .until("all consume", |s| all_consume(s) && s.producer.connected)
            .await;
        bench
    }

    /// That many jobs, all in trays and hands.
    pub(crate) async fn with_jobs_handed_out(place: &Place, settings: Settings, jobs: u32) -> Self {
        let mut bench = Self::paused(place, settings).await;
        bench.publish(jobs).await;
        bench
            .until("all are handed out", |s| s.books.tray + s.books.hand == jobs)
            .await;
        bench
    }

    pub(crate) async fn ask(&self, command: Command) {
        self.engine.commands().send(command).await.expect("the engine runs");
    }

    pub(crate) async fn publish(&mut self, jobs: u32) {
        let before = self.snapshots.borrow().books.published;
        self.ask(Command::Publish(jobs)).await;
        self.until("they are published", |s| {
            s.books.published == before + jobs * s.settings.copies()
        })
        .await;
    }

    /// The first snapshot on which the condition holds. On each of them the books must add up.
    pub(crate) async fn until(&mut self, what: &str, condition: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let latest = self.snapshots.clone();
        let waiting = self.snapshots.wait_for(|snapshot| {
            assert_adds_up(snapshot);
            condition(snapshot)
        });
        if let Ok(waited) = tokio::time::timeout(PATIENCE, waiting).await {
            return Arc::clone(&waited.expect("the engine runs"));
        }
        panic!("{what}: never, but {}", summary(&latest.borrow()))
    }

    /// Where other clients come in: a URL, and the durable queue.
    pub(crate) fn door(&self) -> (String, String) {
        let queue = self.engine.queues().swap_remove(0);
        (self.engine.url_for_programs(), queue)
    }

    /// Opens the tap.
    pub(crate) fn listen(&self) {
        self.engine.tap().send_replace(Tap::On);
    }

    /// The first frames on which the condition holds.
    pub(crate) async fn frames_until(&self, what: &str, condition: impl Fn(&Frames) -> bool) -> Arc<Frames> {
        let mut frames = self.engine.frames();
        let latest = frames.clone();
        if let Ok(waited) = tokio::time::timeout(PATIENCE, frames.wait_for(|frames| condition(frames))).await {
            return Arc::clone(&waited.expect("the engine runs"));
        }
        panic!("{what}: never, but {:#?}", latest.borrow())
    }

    /// Waits until so many messages are in the dead-letter queue, where the broker can be asked from outside.
    pub(crate) async fn dead_letters(&self, count: u32) {
        let Place::Url(url) = &self.place else { return };
        let queue = self.engine.queues().pop().expect("there is one");
        let connection = connect(url).await;
        let asking = async {
            while messages(&connection, &queue).await != Some(count) {
                tokio::task::yield_now().await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, asking).await;
        assert!(
            found.is_ok(),
            "{:?} in {queue}, not {count}",
            messages(&connection, &queue).await
        );
        connection.close(200, "goodbye".into()).await.expect("close-ok");
    }

    /// Ends the engine; on a broker that is not its own, nothing may be left.
    pub(crate) async fn end(self) {
        let queues = self.engine.queues();
        drop(self.snapshots);
        self.engine.shutdown().await.expect("nothing is left behind");
        if let Place::Url(url) = self.place {
            assert_gone(&url, &queues).await;
        }
    }
}

pub(crate) fn all_consume(snapshot: &Snapshot) -> bool {
    snapshot
        .workers
        .iter()
        .all(|worker| worker.state == WorkerState::Consuming)
}

pub(crate) fn worker(snapshot: &Snapshot, id: u16) -> &WorkerRow {
    snapshot
        .workers
        .iter()
        .find(|worker| worker.id == WorkerId(id))
        .expect("the worker is there")
}

/// What a worker has in tray and hand.
pub(crate) fn holds(snapshot: &Snapshot, id: u16) -> u32 {
    let worker = worker(snapshot, id);
    worker.tray_len + u32::from(worker.hand.is_some())
}

fn assert_adds_up(snapshot: &Snapshot) {
    let b = &snapshot.books;
    let sum = b.done + b.waiting + b.tray + b.hand + b.lost + b.returned + b.dead;
    assert_eq!(b.published, sum, "{}", summary(snapshot));
}

fn summary(snapshot: &Snapshot) -> String {
    let workers: Vec<String> = snapshot
        .workers
        .iter()
        .map(|w| {
            format!(
                "{} {:?} tray {} unacked {} done {}",
                w.id, w.state, w.tray_len, w.unacked, w.done
            )
        })
        .collect();
    let log: Vec<String> = snapshot
        .log
        .iter()
        .rev()
        .take(8)
        .map(|(_, entry)| format!("{entry:?}"))
        .collect();
    format!(
        "{:?} {:?} {:?} {:?}\n{}\nnewest first:\n{}",
        snapshot.books,
        snapshot.queue,
        snapshot.producer,
        snapshot.broker,
        workers.join("\n"),
        log.join("\n")
    )
}

async fn assert_gone(url: &str, queues: &[String]) {
    let connection = connect(url).await;
    for queue in queues {
        assert_eq!(messages(&connection, queue).await, None, "{queue} was left behind");
    }
    connection.close(200, "goodbye".into()).await.expect("close-ok");
}

async fn connect(url: &str) -> Connection {
    Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("the broker is there")
}

/// How many messages a queue has; `None`: there is no such queue.
async fn messages(connection: &Connection, queue: &str) -> Option<u32> {
    let channel = connection.create_channel().await.expect("a channel");
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let found = channel
        .queue_declare(queue.into(), options, FieldTable::default())
        .await;
    let count = found.ok()?.message_count();
    channel.close(200, "goodbye".into()).await.expect("close-ok");
    Some(count)
}
