//! The past of a real run on the embedded broker: looked at while it runs, and replayed from what was recorded.

use dispatch_lab::engine::{Engine, Options, Target};
use dispatch_lab::lab::{
    AckMode, Command, Elapsed, Filter, Gaze, KillKind, Pace, PageQuery, Prefetch, Producing, Rate, Settings, Sight,
    Sizes, Snapshot, Sort, Speed, TimeScale, Version, When, WorkerId,
};
use dispatch_lab::recording::{Historian, OpenError, RecordError, Recording, RecordingFile, Run, told};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// What does not come true within this has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running lab and who keeps its past.
struct Kept {
    engine: Engine,
    historian: Historian,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    sights: watch::Receiver<Arc<Sight>>,
}

impl Kept {
    async fn start(settings: Settings, file: Option<&Path>) -> Self {
        let file = file.map(|path| RecordingFile::create(path).expect("a new file"));
        let (teller, events) = told();
        let options = Options {
            target: Target::Embedded,
            settings,
            version: Version::default(),
            script: None,
        };
        let engine = Engine::start_recorded(options, teller).await.expect("it starts");
        let run = Run {
            beginning: engine.beginning(),
            events,
            present: engine.snapshots(),
        };
        let historian = Historian::of_run(run, file);
        Self {
            snapshots: engine.snapshots(),
            sights: historian.sights(),
            engine,
            historian,
        }
    }

    async fn ask(&self, command: Command) {
        self.engine.commands().send(command).await.expect("the engine runs");
    }

    async fn shown(&mut self, condition: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let shown = timeout(PATIENCE, self.snapshots.wait_for(|s| condition(s))).await;
        Arc::clone(&shown.expect("in time").expect("the engine runs"))
    }

    /// Paused, and nothing is under way any more.
    async fn stand_still(&mut self) -> Arc<Snapshot> {
        self.ask(Command::Pause).await;
        self.shown(|s| {
            let idle = s.books.waiting == 0 && s.producer.unconfirmed == 0;
            s.clock.pace == Pace::Paused && idle
        })
        .await
    }

    /// Looks there until the whole run up to `since` is known.
    async fn look(&mut self, when: When, since: Elapsed) -> Arc<Sight> {
        self.gaze(Gaze {
            when,
            ..Gaze::default()
        });
        self.seen(|sight| sight.gaze.when == when && sight.extent.last.at >= since)
            .await
    }

    fn gaze(&self, gaze: Gaze) {
        self.historian.gaze().send_replace(gaze);
    }

    async fn seen(&mut self, condition: impl Fn(&Sight) -> bool) -> Arc<Sight> {
        let seen = timeout(PATIENCE, self.sights.wait_for(|s| condition(s))).await;
        Arc::clone(&seen.expect("in time").expect("the historian works"))
    }

    async fn end(self) -> Result<(), RecordError> {
        self.engine.shutdown().await.expect("nothing is left behind");
        timeout(PATIENCE, self.historian.end()).await.expect("in time")
    }
}

fn busy() -> Settings {
    Settings {
        speeds: vec![Speed(1000); 3],
        prefetch: Prefetch(0),
        ack: AckMode::Manual,
        rate: Rate(2_000),
        scale: TimeScale(10_000),
        workload: dispatch_lab::lab::Workload {
            sizes: Sizes::Random,
            ..Settings::default().workload
        },
        ..Settings::default()
    }
}

/// Everything in which two pictures of one moment must agree.
fn essence(picture: &Snapshot) -> impl PartialEq + std::fmt::Debug + use<> {
    let workers: Vec<_> = picture
        .workers
        .iter()
        .map(|w| {
            (
                w.id,
                w.state.clone(),
                w.hand.map(|h| h.job),
                w.tray.clone(),
                w.tray_len,
                w.done,
                w.unacked,
            )
        })
        .collect();
    let books = picture.books;
    let sums = [
        books.published,
        books.done,
        books.waiting,
        books.tray,
        books.hand,
        books.lost,
    ];
    (sums, picture.producer, picture.clock, picture.log.clone(), workers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_moment_is_seen_as_it_was_while_the_run_goes_on() {
    let mut kept = Kept::start(busy(), None).await;
    kept.shown(|s| s.books.done > 10).await;
    kept.ask(Command::Produce(Producing::Held)).await;
    kept.ask(Command::Kill(WorkerId(2), KillKind::Reset)).await;
    kept.shown(|s| s.workers[1].state != s.workers[0].state).await;
    let then = kept.stand_still().await;
    kept.ask(Command::Resume).await;
    kept.ask(Command::Produce(Producing::On)).await;
    let later = kept.shown(|s| s.books.published > then.books.published + 50).await;
    let sight = kept.look(When::At(then.at), later.at).await;
    let past = sight.past.as_ref().expect("a picture of the past");
    assert_eq!(essence(past), essence(&then));
    assert_eq!(sight.point.at, then.at);
    // The extent grows while the picture stays.
    let grown = kept.seen(|s| s.extent.last.events > sight.extent.last.events).await;
    assert!(grown.past.as_ref().is_some_and(|p| Arc::ptr_eq(p, past)));
    assert_eq!(grown.point, sight.point);
    // Event by event, the books change by one job at most.
    let before = kept.look(When::After(sight.point.events - 1), later.at).await;
    let published = |s: &Sight| s.past.as_ref().expect("a picture").books.published;
    assert!(published(&sight) - published(&before) <= 1);
    kept.end().await.expect("nothing was recorded, so nothing failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_the_present_is_renewed_as_events_come() {
    let mut kept = Kept::start(busy(), None).await;
    let page = PageQuery {
        filter: Filter::All,
        sort: Sort::Newest,
        first: 0,
        rows: 10,
        find: None,
    };
    kept.gaze(Gaze {
        page: Some(page),
        ..Gaze::default()
    });
    let newest = |s: &Sight| s.page.as_ref().and_then(|p| p.rows.first()).map_or(0, |row| row.job.0);
    let first = kept.seen(|s| newest(s) > 0).await;
    kept.seen(|s| newest(s) > newest(&first) + 20 && s.past.is_none()).await;
    kept.end().await.expect("nothing was recorded, so nothing failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_recorded_ends_as_the_run_did() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.lab");
    let mut kept = Kept::start(busy(), Some(&path)).await;
    kept.shown(|s| s.books.done > 20).await;
    kept.ask(Command::Produce(Producing::Held)).await;
    kept.ask(Command::Reset).await;
    kept.shown(|s| s.books.published == 0).await;
    kept.ask(Command::Produce(Producing::On)).await;
    kept.shown(|s| s.books.done > 20).await;
    kept.ask(Command::Produce(Producing::Held)).await;
    let last = kept.stand_still().await;
    // What a picture shows was told before it: nothing has to be waited for.
    let events = kept.look(When::At(last.at), Elapsed(0)).await.point.events;
    kept.end().await.expect("it was written");

    let recording = Recording::open(&path).expect("it can be replayed");
    assert!(!recording.truncated && recording.count >= events);
    let mut replayed = Historian::of_past(
        (recording.history, recording.course),
        Gaze {
            when: When::At(last.at),
            ..Gaze::default()
        },
    )
    .sights();
    let sight = Arc::clone(&replayed.borrow_and_update());
    let past = sight.past.as_ref().expect("answered at once");
    assert_eq!(essence(past), essence(&last));
    assert!(past.broker.name.contains("recording"), "{}", past.broker.name);
    cut_short(&std::fs::read(&path).expect("it is there"), recording.count);
    refused(&path, folder.path());
}

/// Wherever a recording is cut, what is whole is played, and the cut is told.
fn cut_short(bytes: &[u8], count: u64) {
    let half = Recording::read(&bytes[..bytes.len() - 3]).expect("what is whole is played");
    assert!(half.truncated && half.count < count, "{} of {count}", half.count);
    for cut in (0..bytes.len()).step_by(bytes.len() / 50 + 1) {
        // None of them panics; those with a whole start are played.
        if let Ok(part) = Recording::read(&bytes[..cut]) {
            assert!(part.count <= count);
        }
    }
}

fn refused(recorded: &Path, folder: &Path) {
    let before = std::fs::read(recorded).expect("it is there");
    let again = RecordingFile::create(recorded);
    assert!(matches!(&again, Err(RecordError::Exists(_))), "{again:?}");
    assert_eq!(
        std::fs::read(recorded).expect("it is there"),
        before,
        "nothing is overwritten"
    );
    let nowhere = RecordingFile::create(&folder.join("no/such/folder"));
    assert!(matches!(nowhere, Err(RecordError::Create(..))));
    let foreign = folder.join("foreign");
    std::fs::write(&foreign, "name: not a recording\n").expect("it can be written");
    let error = Recording::open(&foreign).map(|r| r.count).expect_err("it is none");
    assert!(error.to_string().contains("no recording"), "{error}");
    assert!(matches!(
        Recording::open(&folder.join("none")),
        Err(OpenError::Read(..))
    ));
}
