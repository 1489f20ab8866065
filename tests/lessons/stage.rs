//! Where a lesson is played: simulated, or live.

use dispatch_lab::engine::{BrokerUrl, Engine, Options, Target};
use dispatch_lab::lab::{Release, Settings, TimeScale, Version};
use dispatch_lab::scenario::{Outcome, Scenario, Shelf, Tally};
use dispatch_lab::sim;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{RwLock, mpsc};

const URL: &str = "DISPATCH_LAB_TEST_URL";
const CTL: &str = "DISPATCH_LAB_TEST_CTL";

/// A live lesson that takes longer has failed. The longest takes ten seconds where nothing else runs.
const PATIENCE: Duration = Duration::from_secs(90);

/// Held by all who play on the broker at the URL, and alone by who ends it.
static BROKER: RwLock<()> = RwLock::const_new(());

/// As fast as it goes.
const FAST: TimeScale = TimeScale::MAX;

/// Which broker.
#[derive(Debug)]
pub(crate) enum Place {
    Embedded,
    Url(String, Option<Ctl>),
}

/// The command of the environment takes `kill9` for what the lab calls `kill`.
#[derive(Debug)]
pub(crate) struct Ctl {
    folder: TempDir,
}

impl Place {
    /// The broker that the environment names, if the lesson can be played there.
    pub(crate) fn from_environment(name: &str) -> Option<Self> {
        let Ok(url) = std::env::var(URL) else {
            println!("skipped: {URL} names no broker");
            return None;
        };
        let ctl = std::env::var(CTL).ok();
        if ends_the_broker(&lesson(name)) && ctl.is_none() {
            println!("skipped: {CTL} names no command that can end that broker");
            return None;
        }
        Some(Self::Url(url, ctl.as_deref().map(Ctl::new)))
    }

    fn target(&self) -> Target {
        match self {
            Self::Embedded => Target::Embedded,
            Self::Url(url, ctl) => {
                let url: BrokerUrl = url.parse().expect("a URL that can be used");
                let command = |ctl: &Ctl| ctl.command().parse().expect("a command");
                Target::Url(url.with_ctl(ctl.as_ref().map(command)))
            }
        }
    }
}

impl Ctl {
    fn new(command: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!("case $1 in kill) set -- kill9;; esac\nexec {command} \"$1\"\n");
        std::fs::write(folder.path().join("ctl"), script).expect("a script");
        Self { folder }
    }

    fn command(&self) -> String {
        format!("sh {}", self.folder.path().join("ctl").display())
    }
}

pub(crate) fn lesson(name: &str) -> Arc<Scenario> {
    let shelf = Shelf::built_in();
    Arc::clone(&shelf.find(name).expect("it is on the shelf").scenario)
}

pub(crate) fn ends_the_broker(scenario: &Scenario) -> bool {
    let mut does = scenario.script.cues.iter().flat_map(|cue| &cue.does);
    does.any(|command| matches!(command, dispatch_lab::lab::Command::Broker(_)))
}

/// Simulated at the speed of the live runs: what is real time there, such as a line's latency, is the same part of it.
pub(crate) fn simulate(scenario: &Scenario, version: Version) -> Outcome {
    let run = sim::Run {
        settings: settings(scenario),
        version,
        script: Arc::clone(&scenario.script),
        telling: sim::Telling::default(),
    };
    let mut tally = Tally::new(&run.settings);
    sim::run(&run, &mut |event| tally.note(event), &AtomicBool::new(false));
    let mut outcome = tally.outcome();
    scenario.judge(&mut outcome, version);
    outcome
}

/// Live, until its script is over; with the version that it was played on.
pub(crate) async fn play(place: &Place, scenario: &Scenario) -> (Outcome, Version) {
    if matches!(place, Place::Embedded) {
        return perform(place, scenario).await;
    }
    if ends_the_broker(scenario) {
        let _alone = BROKER.write().await;
        perform(place, scenario).await
    } else {
        let _shared = BROKER.read().await;
        perform(place, scenario).await
    }
}

async fn perform(place: &Place, scenario: &Scenario) -> (Outcome, Version) {
    let settings = settings(scenario);
    let mut tally = Tally::new(&settings);
    let options = Options {
        target: place.target(),
        settings,
        version: scenario.version,
        script: Some(Arc::new(scenario.script.without_holds())),
    };
    let (teller, mut events) = mpsc::channel(1024);
    let engine = Engine::start_recorded(options, teller).await.expect("it starts");
    let over = async {
        while tally.over().is_none() {
            let batch: Vec<_> = events.recv().await.expect("the engine runs");
            for event in &batch {
                tally.note(event);
            }
        }
    };
    let ended = tokio::time::timeout(PATIENCE, over).await.is_ok();
    let release = engine.snapshots().borrow().broker.release();
    let version = release.map_or(scenario.version, version_of);
    // It waits for whoever hears its events.
    let rest = tokio::spawn(async move { while events.recv().await.is_some() {} });
    engine.shutdown().await.expect("nothing is left behind");
    rest.await.expect("the rest is heard");
    let mut outcome = tally.outcome();
    scenario.judge(&mut outcome, version);
    assert!(ended, "{} did not end: {:#?}", scenario.name, summary(&outcome));
    (outcome, version)
}

/// As which version it is judged: the newest that is known and not newer than it.
fn version_of(release: Release) -> Version {
    let known = [Version::V4_3, Version::V4_0, Version::V3_10];
    let older = known.into_iter().find(|version| version.release() <= release);
    older.unwrap_or(Version::V3_10)
}

fn settings(scenario: &Scenario) -> Settings {
    Settings {
        scale: FAST,
        ..scenario.settings.clone()
    }
}

/// All that was expected holds, and exactly one choice of each question is right.
pub(crate) fn assert_holds(scenario: &Scenario, outcome: &Outcome, place: &str) {
    let told = format!("{} {place}: {:#?}", scenario.name, summary(outcome));
    assert_eq!(outcome.complaints(), Vec::<String>::new(), "{told}");
    for answered in &outcome.predictions {
        assert_eq!(answered.right.len(), 1, "{answered:?}\n{told}");
    }
}

/// What is worth reading when a test fails.
pub(crate) fn summary(outcome: &Outcome) -> Vec<String> {
    let mut told = outcome.complaints();
    told.push(format!(
        "published {} done {} lost {} twice {} dead {} redelivered {} makespan {:?} ideal {} ended {}",
        outcome.published,
        outcome.done,
        outcome.lost,
        outcome.twice,
        outcome.dead,
        outcome.redelivered,
        outcome.makespan_ms,
        outcome.ideal_ms,
        outcome.ended_ms
    ));
    told.extend(outcome.workers.iter().map(|worker| format!("{worker:?}")));
    told.extend(outcome.jobs.iter().map(|job| format!("{job:?}")));
    told
}
