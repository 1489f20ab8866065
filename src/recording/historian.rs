//! The historian: takes all events of a run, in order, and answers what was seen at any moment of it.
//!
//! 1. It waits for events, for a gaze, or for the next round of its pace.
//! 2. A new gaze is answered at once, after the events that have come by then.
//! 3. While the screen looks at a page or a journey of the present, a new [`Sight`] follows as events come, at most ten
//!    times a second; while it looks at the past, what follows so is the extent alone: that picture stays.
//! 4. Asked for the whole run, as for a report, it gives its [`Course`] and the picture at the same moment.
//! 5. When the run has ended, the file is closed; questions are answered until nobody can ask any more. Then the thread
//!    returns.

use super::file::{RecordError, RecordingFile, Writer};
use super::past::{Inquirer, Past, Requests};
use crate::lab::{BrokerRow, Elapsed, Event, Gaze, History, Settings, Sight, Snapshot, When};
use crate::report::Course;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout};

/// Batches under way from the hub. When it is full, the hub keeps its events and gives them as one larger batch.
const BATCHES: usize = 64;
/// How often a sight is renewed as events come.
const PACE: Duration = Duration::from_millis(100);
/// How often what was recorded goes to the disk.
const TO_DISK: Duration = Duration::from_secs(1);
/// How long the thread may take to return when nobody asks it any more; it only has to finish a look.
const LEAVE: Duration = Duration::from_secs(1);
/// Bytes that the events of a running lab may take, and what is kept between them; older ones are forgotten beyond that.
/// The books themselves come on top: [`History::new`] says what they take.
const KEPT_LIVE: u64 = 256 << 20;

/// The channel from a run's hub to its historian.
pub fn told() -> (mpsc::Sender<Vec<Event>>, mpsc::Receiver<Vec<Event>>) {
    mpsc::channel(BATCHES)
}

/// A historian at work.
#[derive(Debug)]
pub struct Historian {
    gaze: watch::Sender<Gaze>,
    sights: watch::Receiver<Arc<Sight>>,
    inquirer: Inquirer,
    ended: oneshot::Receiver<Result<(), RecordError>>,
    thread: JoinHandle<()>,
}

/// What a historian hears of a run.
#[derive(Debug)]
pub struct Run {
    /// What the run began with.
    pub beginning: (Settings, BrokerRow),
    /// All that happens.
    pub events: mpsc::Receiver<Vec<Event>>,
    /// Pictures of the present: they tell the time.
    pub present: watch::Receiver<Arc<Snapshot>>,
}

impl Historian {
    /// Of a running lab; with a file, the events are written to it too.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn of_run(run: Run, file: Option<RecordingFile>) -> Self {
        let (settings, broker) = run.beginning;
        let file = file.map(|file| file.begin(&settings, &broker));
        let course = Course::new(&settings, &broker);
        let history = History::new(settings, broker, KEPT_LIVE);
        let told = (run.events, Some(run.present));
        Self::start((history, course), told, file, Gaze::default())
    }

    /// Of a run that is over, and its course. It answers at once what is seen by the first gaze.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn of_past(past: (History, Course), first: Gaze) -> Self {
        // No more events: the sender is dropped.
        Self::start(past, (told().1, None), None, first)
    }

    /// Where the screen says what it looks at.
    pub fn gaze(&self) -> watch::Sender<Gaze> {
        self.gaze.clone()
    }

    /// What it sees there.
    pub fn sights(&self) -> watch::Receiver<Arc<Sight>> {
        self.sights.clone()
    }

    /// Who asks it for the whole run.
    pub fn inquirer(&self) -> Inquirer {
        self.inquirer.clone()
    }

    /// Waits until the run's last event is taken in, and written, and the thread has returned. The run must have ended,
    /// and nobody else may ask any more. A disk that hangs can keep it for ever.
    pub async fn end(self) -> Result<(), RecordError> {
        drop(self.gaze);
        let kept = self.ended.await.unwrap_or(Err(RecordError::Unknown));
        // The thread uses the runtime's timers, and must not outlive them.
        let _ = timeout(LEAVE, self.thread).await;
        kept
    }

    fn start(
        (mut history, course): (History, Course),
        (events, present): (mpsc::Receiver<Vec<Event>>, Option<watch::Receiver<Arc<Snapshot>>>),
        file: Option<Writer>,
        first: Gaze,
    ) -> Self {
        let sight = history.look(&first, history.extent().last.at);
        let (gaze, gazes) = watch::channel(first);
        let (sight_outlet, sights) = watch::channel(Arc::new(sight));
        let (done, ended) = oneshot::channel();
        let (inquirer, requests) = Inquirer::new();
        let desk = Desk {
            history,
            course,
            present,
            file,
            sights: sight_outlet,
            news: News::None,
            flushed: Instant::now(),
        };
        let runtime = Handle::current();
        let thread = tokio::task::spawn_blocking(move || runtime.block_on(desk.work(events, (gazes, requests), done)));
        Self {
            gaze,
            sights,
            inquirer,
            ended,
            thread,
        }
    }
}

/// What the historian works with.
struct Desk {
    history: History,
    course: Course,
    present: Option<watch::Receiver<Arc<Snapshot>>>,
    file: Option<Writer>,
    sights: watch::Sender<Arc<Sight>>,
    news: News,
    /// When events went to the disk last.
    flushed: Instant,
}

/// Whether events came since the last sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    None,
    Some,
}

/// What woke the historian.
enum Wake {
    Gaze,
    Request(oneshot::Sender<Past>),
    NobodyAsks,
    Events,
    RunEnded,
    Pace,
    Disk,
}

impl Desk {
    async fn work(
        mut self,
        mut events: mpsc::Receiver<Vec<Event>>,
        (mut gazes, mut requests): (watch::Receiver<Gaze>, Requests),
        done: oneshot::Sender<Result<(), RecordError>>,
    ) {
        let (mut pace, mut disk) = (every(PACE), every(TO_DISK));
        let (mut batches, mut done) = (Vec::new(), Some(done));
        let mut asked = Asked::Yes;
        while asked == Asked::Yes || done.is_some() {
            let wake = tokio::select! {
                biased;
                changed = gazes.changed(), if asked == Asked::Yes => changed.map_or(Wake::NobodyAsks, |()| Wake::Gaze),
                Some(request) = requests.recv(), if asked == Asked::Yes => Wake::Request(request),
                _ = pace.tick(), if self.news == News::Some => Wake::Pace,
                _ = disk.tick(), if self.file.as_ref().is_some_and(Writer::waits) => Wake::Disk,
                count = events.recv_many(&mut batches, BATCHES), if done.is_some() => match count {
                    0 => Wake::RunEnded,
                    _ => Wake::Events,
                },
                else => return,
            };
            match wake {
                Wake::Request(request) => {
                    batches.extend(waiting(&mut events));
                    self.take_in(&mut batches);
                    // Whoever asked may have gone.
                    let _ = request.send(self.past());
                }
                Wake::Gaze => {
                    batches.extend(waiting(&mut events));
                    self.take_in(&mut batches);
                    let gaze = gazes.borrow_and_update().clone();
                    self.answer(&gaze);
                }
                Wake::NobodyAsks => asked = Asked::NoMore,
                Wake::Events => self.take_in(&mut batches),
                Wake::RunEnded => {
                    // A person who asks no more, and an end that nobody waits for, are no trouble.
                    let _ = done.take().map(|done| done.send(self.close()));
                }
                Wake::Disk => self.flush(),
                Wake::Pace => {
                    let gaze = gazes.borrow().clone();
                    self.renew(&gaze);
                }
            }
        }
    }

    fn take_in(&mut self, batches: &mut Vec<Vec<Event>>) {
        for event in batches.drain(..).flatten() {
            self.history.push(&event);
            self.course.note(&event);
            if let Some(file) = &mut self.file {
                file.push(&event);
            }
            self.news = News::Some;
        }
        // While one looks follows another, the disk's own round never comes.
        if self.flushed.elapsed() >= TO_DISK {
            self.flush();
        }
    }

    fn answer(&mut self, gaze: &Gaze) {
        let now = self.now();
        let sight = self.history.look(gaze, now);
        self.sights.send_replace(Arc::new(sight));
    }

    /// Events have come since the last sight.
    fn renew(&mut self, gaze: &Gaze) {
        self.news = News::None;
        if gaze.when != When::Now {
            let extent = self.history.extent();
            let shown = Sight::clone(&self.sights.borrow());
            self.sights.send_replace(Arc::new(Sight { extent, ..shown }));
        } else if gaze.page.is_some() || gaze.journey.is_some() {
            self.answer(gaze);
        }
    }

    fn flush(&mut self) {
        self.flushed = Instant::now();
        if let Some(file) = &mut self.file {
            file.flush();
        }
    }

    /// The run up to now.
    fn past(&mut self) -> Past {
        let now = self.now();
        let gaze = Gaze {
            when: When::At(now),
            ..Gaze::default()
        };
        let seen = self.history.look(&gaze, now).past;
        Past {
            course: self.course.clone(),
            picture: seen.expect("a look at a moment has its picture"),
        }
    }

    /// The newest moment that anything is known of.
    fn now(&self) -> Elapsed {
        let last = self.history.extent().last.at;
        let shown = self.present.as_ref().map_or(Elapsed(0), |present| present.borrow().at);
        last.max(shown)
    }

    fn close(&mut self) -> Result<(), RecordError> {
        self.news = News::Some;
        self.file.take().map_or(Ok(()), Writer::close)
    }
}

/// Whether anybody can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Yes,
    NoMore,
}

/// What waits, but no more than the channel holds, so that an answer is never long in coming.
fn waiting(events: &mut mpsc::Receiver<Vec<Event>>) -> impl Iterator<Item = Vec<Event>> {
    (0..BATCHES).map_while(|_| events.try_recv().ok())
}

fn every(period: Duration) -> Interval {
    let mut pace = interval(period);
    // After a long look the next one is not due at once.
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{BrokerState, Control, Happening, LabTime};

    fn beginning() -> (Settings, BrokerRow) {
        let broker = BrokerRow {
            name: "a broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: None,
        };
        (Settings::default(), broker)
    }

    fn burst() -> Event {
        Event {
            at: Elapsed(1),
            lab: LabTime(1),
            what: Happening::Burst(1),
        }
    }

    #[tokio::test]
    async fn no_thread_is_left_after_the_end() {
        let (settings, broker) = beginning();
        let past = (
            History::new(settings.clone(), broker.clone(), KEPT_LIVE),
            Course::new(&settings, &broker),
        );
        let (teller, events) = told();
        let historian = Historian::start(past, (events, None), None, Gaze::default());
        let mut sights = historian.sights();
        let at = When::At(Elapsed(1));
        let gaze = Gaze {
            when: at,
            ..Gaze::default()
        };
        historian.gaze().send_replace(gaze);
        sights
            .wait_for(|sight| sight.gaze.when == at)
            .await
            .expect("it answers");
        teller.send(vec![burst()]).await.expect("it listens");
        let past = historian.inquirer().ask().await.expect("it answers");
        assert_eq!(
            (past.course.last(), past.picture.log.len()),
            (LabTime(1), 1),
            "all that was told by then"
        );
        drop(teller);
        historian.end().await.expect("nothing is written");
        assert!(sights.has_changed().is_err(), "who would send is gone");
    }

    #[tokio::test(start_paused = true)]
    async fn events_go_to_the_disk_while_looks_leave_no_round_for_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.lab");
        let (settings, broker) = beginning();
        let file = RecordingFile::create(&path).expect("a new file");
        let mut desk = Desk {
            file: Some(file.begin(&settings, &broker)),
            course: Course::new(&settings, &broker),
            history: History::new(settings, broker, KEPT_LIVE),
            present: None,
            sights: watch::Sender::new(Arc::default()),
            news: News::None,
            flushed: Instant::now(),
        };
        let written = || std::fs::metadata(&path).expect("it is there").len();
        desk.take_in(&mut vec![vec![burst()]]);
        assert_eq!(written(), 0);
        tokio::time::advance(TO_DISK).await;
        desk.take_in(&mut vec![vec![burst()]]);
        assert!(written() > 0);
    }
}
