//! What is seen: the screen is drawn from a [`Snapshot`], and keys become [`Command`]s. It knows the lab's
//! vocabulary and nothing of brokers, sockets or drivers.
//!
//! | file | holds |
//! |---|---|
//! | `display` | the terminal held over several labs, one after another |
//! | `terminal` | entering and leaving the terminal, whatever happens |
//! | `event_loop` | waits for keys, snapshots and the end; paces frames |
//! | `model` | what the screen remembers between frames |
//! | `keymap` | the one table of keys: input, footer, help and README read it |
//! | `availability` | which action can't be done now, and why |
//! | `holding` | what a worker holds, and what its end would make of it |
//! | `wishes` | what was asked and not answered yet, and what a setting's key asks for next |
//! | `facts` | all that the screen was told |
//! | `messages`, `compare`, `wire`, `code`, `why`, `lesson` | what the keys of each further view do, and what it remembers |
//! | `names` | guests by their names |
//! | `outside` | the terminal's clipboard, and files |
//! | `reports`, `picture` | a report is asked for; the screen as a drawing or a text |
//! | `foresee` | whether the forecast is shown, and whether this run is still the one that is foreseen |
//! | `rewind` | looking back |
//! | `room` | presenter mode, laser, themes and motion |
//! | `join` | the screen of one person who is a worker |
//! | `palette` | finds any action by its name |
//! | `update` | action × model × snapshot → model and effect |
//! | `theme` | roles → styles: dark, light, high contrast, no colour |
//! | `bench` | draws frames for benchmarks |
//! | `view` | model × snapshot × theme → frame; pure |

mod action;
mod availability;
mod bench;
mod code;
mod compare;
mod display;
mod event_loop;
mod facts;
#[cfg(test)]
mod fixtures;
mod foresee;
mod holding;
mod join;
mod keymap;
mod lesson;
mod messages;
mod model;
mod names;
mod outside;
mod palette;
mod picture;
mod reports;
mod rewind;
mod room;
mod steps;
mod terminal;
mod theme;
mod update;
mod view;
mod why;
mod wire;
mod wishes;
mod words;

#[doc(hidden)]
pub use bench::{Painter, VIEWS};
pub use display::Display;
pub use join::{DeskSeat, ask_password, join};
pub use keymap::key_table_markdown;
pub use lesson::{LessonNews, LessonProgress, LessonRow, LessonState, LessonWish, Lessons};
pub use reports::{Lesson as ReportedLesson, ReportOrder, Reports};
pub use rewind::{Ending, Footage};
pub use room::{Motion, Trace};
pub use terminal::columns;
pub use theme::ThemeChoice;

use crate::lab::{Command, Contest, ContestOrder, Forecast, Foresight, Frames, Gaze, Sight, Snapshot, Tap};
use crate::scenario::Outcome;
use std::io;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Whether a forecast is wanted, and the last one.
pub type Oracle = (watch::Sender<Foresight>, watch::Receiver<Option<Arc<Forecast>>>);

/// The screen's place in front of the lab: where wishes go and pictures come from.
#[derive(Debug)]
pub struct Seat {
    /// Wishes. Bounded; when it is full a wish is not sent, and the screen says so.
    pub commands: mpsc::Sender<Command>,
    /// The newest picture.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What the screen looks at besides the present.
    pub gaze: watch::Sender<Gaze>,
    /// What it sees there.
    pub sights: watch::Receiver<Arc<Sight>>,
    /// Wishes for comparisons. Bounded; when it is full a wish is not sent, and the screen says so.
    pub contests: mpsc::Sender<ContestOrder>,
    /// The comparison under way, or the last one.
    pub contest: watch::Receiver<Option<Arc<Contest>>>,
    /// Whether frames are listened to.
    pub tap: watch::Sender<Tap>,
    /// Those that passed.
    pub frames: watch::Receiver<Arc<Frames>>,
    /// Who writes reports.
    pub reports: Reports,
    /// Where the broker is, for the programs that the screen writes: no password in it but `guest`.
    pub broker_url: Option<Arc<str>>,
    /// What others type to join, if they can.
    pub join_line: Option<Arc<str>>,
    /// Whether a forecast is wanted, and the last one; `None`: nobody makes one.
    pub forecast: Option<Oracle>,
    /// The lessons, and the one that is played.
    pub lessons: Lessons,
    /// What the lesson's run came to, once its script is over.
    pub outcome: watch::Receiver<Option<Arc<Outcome>>>,
    /// What happens in the lesson. Bounded; when it is full the news waits on the screen's side.
    pub lesson_news: mpsc::Sender<LessonNews>,
    /// Cancelled by the caller on SIGTERM or SIGHUP.
    pub stop: CancellationToken,
    /// Whether there is a lab behind it.
    pub footage: Footage,
}

impl Seat {
    /// A seat from which only the lab is seen: no past, no comparison, no frames.
    pub fn bare(
        commands: mpsc::Sender<Command>,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            commands,
            snapshots,
            gaze: watch::Sender::default(),
            sights: watch::Sender::default().subscribe(),
            // Nobody reads it: every wish is answered by the screen itself.
            contests: mpsc::channel(1).0,
            contest: watch::Sender::default().subscribe(),
            tap: watch::Sender::default(),
            frames: watch::Sender::default().subscribe(),
            reports: Reports::default(),
            broker_url: None,
            join_line: None,
            forecast: None,
            lessons: Lessons::default(),
            outcome: watch::Sender::default().subscribe(),
            // Nobody reads it: without a lesson there is no news.
            lesson_news: mpsc::channel(1).0,
            stop,
            footage: Footage::Live,
        }
    }

    /// The same with someone who looks back: asked by `gaze`, answering by `sights`.
    #[must_use]
    pub fn with_history(mut self, gaze: watch::Sender<Gaze>, sights: watch::Receiver<Arc<Sight>>) -> Self {
        (self.gaze, self.sights) = (gaze, sights);
        self
    }

    /// The same with someone who writes reports.
    #[must_use]
    pub fn with_reports(mut self, reports: Reports) -> Self {
        self.reports = reports;
        self
    }

    /// The same, of a recording: there is no lab to be asked for anything.
    #[must_use]
    pub fn of_recording(mut self, ending: Ending) -> Self {
        self.footage = Footage::Recording(ending);
        self
    }

    /// The same with someone who runs comparisons.
    #[must_use]
    pub fn with_contests(
        mut self,
        contests: mpsc::Sender<ContestOrder>,
        contest: watch::Receiver<Option<Arc<Contest>>>,
    ) -> Self {
        (self.contests, self.contest) = (contests, contest);
        self
    }

    /// The same, knowing where the broker is; no password in it but `guest`.
    #[must_use]
    pub fn with_broker_url(mut self, url: String) -> Self {
        self.broker_url = Some(url.into());
        self
    }

    /// The same, where others may join; no password in it.
    #[must_use]
    pub fn with_join_line(mut self, line: Option<&str>) -> Self {
        self.join_line = line.map(Arc::from);
        self
    }

    /// The same with someone who foresees, while that is wanted.
    #[must_use]
    pub fn with_forecast(
        mut self,
        foresight: watch::Sender<Foresight>,
        forecasts: watch::Receiver<Option<Arc<Forecast>>>,
    ) -> Self {
        self.forecast = Some((foresight, forecasts));
        self
    }

    /// The same with lessons: what the run of the one that is played comes to, and who is told how it goes.
    #[must_use]
    pub fn with_lessons(
        mut self,
        lessons: Lessons,
        outcome: watch::Receiver<Option<Arc<Outcome>>>,
        news: mpsc::Sender<LessonNews>,
    ) -> Self {
        (self.lessons, self.outcome, self.lesson_news) = (lessons, outcome, news);
        self
    }

    /// The same with someone who listens on the lines.
    #[must_use]
    pub fn with_frames(mut self, tap: watch::Sender<Tap>, frames: watch::Receiver<Arc<Frames>>) -> Self {
        (self.tap, self.frames) = (tap, frames);
        self
    }
}

/// How the screen looks and listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScreenOptions {
    /// Dark, light, without colour, or as the environment says.
    pub theme: ThemeChoice,
    /// Whether the mouse is listened to.
    pub mouse: Mouse,
    /// Whether jobs are seen to travel.
    pub motion: Motion,
    /// Whether laser and pressed keys are seen.
    pub trace: Trace,
}

/// Whether the mouse is captured. Without it the terminal's own selection of text works as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mouse {
    /// Clicks and the wheel work.
    #[default]
    Captured,
    /// The terminal keeps the mouse.
    Free,
}

/// Why the screen ended, when nothing was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A person asked for it.
    Quit,
    /// The caller asked for it.
    Stopped,
    /// The terminal is gone.
    TerminalClosed,
    /// No more pictures come: the lab has ended.
    LabEnded,
    /// A person wants a lesson: another run, at another seat.
    Lesson(LessonWish),
}

/// Why the screen could not be, or could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ScreenError {
    /// Raw mode or the alternate screen was refused.
    #[error("could not set up the terminal (is this an interactive one?)")]
    Enter(#[source] io::Error),
    /// The lab ended, and a part of the program had panicked; its text was printed after the terminal was restored.
    #[error("a part of the program panicked; its message is above")]
    Panicked,
}

/// Shows the lab until a person quits or wants another one, `stop` is cancelled, or the terminal or the lab is gone.
/// The terminal is restored when this returns, is dropped, or panics.
pub async fn run(seat: Seat, options: ScreenOptions) -> Result<Exit, ScreenError> {
    let mut display = Display::new(options);
    let shown = display.show(seat).await;
    display.close(shown)
}
