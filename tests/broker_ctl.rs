//! A broker that is not the lab's own, ended and started by a command: our own program under a small script always, and a
//! RabbitMQ where `DISPATCH_LAB_TEST_URL` and `DISPATCH_LAB_TEST_CTL` name one. A binary of its own, since it ends the
//! broker that the other tests use.
#![cfg(unix)]

use dispatch_lab::engine::{BrokerUrl, Engine, Options, Target};
use dispatch_lab::lab::{
    BrokerCommand, BrokerState, Command, Confirms, Control, Entry, Producing, Settings, Snapshot, Speed, Version,
    WorkerState,
};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A condition that does not come true within this has failed; a RabbitMQ may take twenty seconds to start.
const PATIENCE: Duration = Duration::from_secs(90);
const JOBS: u32 = 6;

struct Lab {
    engine: Engine,
    snapshots: watch::Receiver<Arc<Snapshot>>,
}

impl Lab {
    async fn start(url: &str, ctl: &str) -> Self {
        let url: BrokerUrl = url.parse().expect("a URL");
        let ctl = ctl.parse().expect("a command");
        let engine = Engine::start(Options {
            target: Target::Url(url.with_ctl(Some(ctl))),
            settings: Settings {
                speeds: vec![Speed(1000); 2],
                confirms: Confirms::On,
                ..Settings::default()
            },
            version: Version::default(),
            script: None,
        })
        .await
        .expect("it starts");
        let mut lab = Self {
            snapshots: engine.snapshots(),
            engine,
        };
        lab.ask(Command::Produce(Producing::Held)).await;
        lab.ask(Command::Pause).await;
        lab.until("all consume", all_consume).await;
        lab
    }

    async fn ask(&self, command: Command) {
        self.engine.commands().send(command).await.expect("the engine runs");
    }

    async fn until(&mut self, what: &str, condition: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let latest = self.snapshots.clone();
        let waiting = self.snapshots.wait_for(|snapshot| condition(snapshot));
        if let Ok(waited) = tokio::time::timeout(PATIENCE, waiting).await {
            return Arc::clone(&waited.expect("the engine runs"));
        }
        let now = latest.borrow();
        panic!("{what}: never, but {:?} {:?} {:?}", now.books, now.broker, now.log)
    }
}

fn all_consume(s: &Snapshot) -> bool {
    let consume = s.workers.iter().all(|w| w.state == WorkerState::Consuming);
    consume && s.producer.connected && s.broker.state == BrokerState::Up
}

/// Six confirmed jobs in hands and trays; the broker is killed and comes back, is stopped and comes back.
async fn ends_and_returns(url: &str, ctl: &str) {
    let mut lab = Lab::start(url, ctl).await;
    let first = lab.until("its control is known", |_| true).await;
    assert_eq!(first.broker.control, Control::ByCommand);
    lab.ask(Command::Publish(JOBS)).await;
    lab.until("all are confirmed and handed out", |s| {
        s.producer.confirmed == JOBS && s.books.tray + s.books.hand == JOBS
    })
    .await;
    for how in [BrokerCommand::Kill, BrokerCommand::Stop] {
        lab.ask(Command::Broker(how)).await;
        let down = lab.until("it is down", |s| s.broker.state == BrokerState::Ended).await;
        assert_eq!(down.books.waiting, JOBS, "{how:?}");
        lab.ask(Command::Broker(BrokerCommand::Start)).await;
        lab.until("all are handed out again", |s| {
            all_consume(s) && s.books.tray + s.books.hand == JOBS
        })
        .await;
    }
    lab.ask(Command::Resume).await;
    let end = lab.until("all are done", |s| s.books.done == JOBS).await;
    assert_eq!((end.books.lost, end.books.twice), (0, 0));
    let known = end.log.iter().any(|(_, entry)| matches!(entry, Entry::BrokerBack));
    assert!(known, "{:?}", end.log);
    lab.engine.shutdown().await.expect("nothing is left behind");
}

/// A command that does not work changes nothing, and says so.
async fn refuses_to_end(url: &str) {
    let mut lab = Lab::start(url, "/bin/false").await;
    for _ in 0..2 {
        lab.ask(Command::Broker(BrokerCommand::Kill)).await;
    }
    let told = |entry: &Entry| matches!(entry, Entry::BrokerEndFailed(why) if why.starts_with("/bin/false kill: "));
    let now = lab
        .until("it is told", |s| s.log.iter().any(|(_, entry)| told(entry)))
        .await;
    assert_eq!(now.broker.state, BrokerState::Up);
    lab.ask(Command::Publish(1)).await;
    lab.until("the lab goes on", |s| s.books.published == 1).await;
    lab.engine.shutdown().await.expect("nothing is left behind");
}

/// Whoever leaves a broker down that the lab has ended is told how to start it.
async fn leaves_it_down(url: &str, ctl: &str) {
    let mut lab = Lab::start(url, ctl).await;
    lab.ask(Command::Broker(BrokerCommand::Kill)).await;
    lab.until("it is down", |s| s.broker.state == BrokerState::Ended).await;
    let left = lab.engine.shutdown().await.expect_err("the queues are out of reach");
    assert_eq!(left.start, Some(format!("{ctl} start")));
    assert!(left.to_string().ends_with(" starts it"), "{left}");
}

/// A command that runs this script.
fn script(path: &Path, text: &str) -> String {
    std::fs::write(path, text).expect("a script");
    format!("/bin/sh {}", path.display())
}

fn run(ctl: &str, verb: &str) {
    let mut words = ctl.split_whitespace();
    let mut command = std::process::Command::new(words.next().expect("a program"));
    let status = command.args(words).arg(verb).status().expect("it runs");
    assert!(status.success(), "{ctl} {verb}: {status}");
}

/// Our own broker as a stranger: `start` returns when it listens.
fn own_program(folder: &Path) -> (String, String) {
    let free = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = free.local_addr().expect("bound").port();
    drop(free);
    let (program, at) = (env!("CARGO_BIN_EXE_dispatch-lab"), folder.display());
    let text = format!(
        "cd '{at}' || exit 1\ncase $1 in\n\
         kill) kill -9 $(cat pid) ;;\n\
         stop) kill -TERM $(cat pid) ;;\n\
         start)\n  '{program}' broker --listen 127.0.0.1:{port} --data '{at}/data' >out 2>err &\n  echo $! >pid\n  \
         for _ in $(seq 500); do grep -q '^listening on ' out && exit 0; sleep 0.02; done\n  cat err >&2; exit 1 ;;\n\
         *) exit 2 ;;\nesac\n"
    );
    let ctl = script(&folder.join("ctl"), &text);
    (format!("amqp://guest:guest@127.0.0.1:{port}/%2f"), ctl)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_a_command_ends_and_starts_keeps_what_was_confirmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, ctl) = own_program(folder.path());
    run(&ctl, "start");
    ends_and_returns(&url, &ctl).await;
    refuses_to_end(&url).await;
    leaves_it_down(&url, &ctl).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_url() {
    let named = |name| std::env::var(name).ok();
    let (Some(url), Some(node)) = (named("DISPATCH_LAB_TEST_URL"), named("DISPATCH_LAB_TEST_CTL")) else {
        println!("skipped: DISPATCH_LAB_TEST_URL and DISPATCH_LAB_TEST_CTL name no broker");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    // That command calls a kill by another name.
    let text = format!("[ \"$1\" = kill ] && set -- kill9\nexec {node} \"$1\"\n");
    let ctl = script(&folder.path().join("ctl"), &text);
    ends_and_returns(&url, &ctl).await;
    refuses_to_end(&url).await;
}
