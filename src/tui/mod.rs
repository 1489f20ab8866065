//! What is seen: the screen is drawn from a [`Snapshot`], and keys become [`Command`]s. It knows the lab's
//! vocabulary and nothing of brokers, sockets or drivers.
//!
//! | file | holds |
//! |---|---|
//! | `terminal` | entering and leaving the terminal, whatever happens |
//! | `event_loop` | waits for keys, snapshots and the end; paces frames |
//! | `model` | what the screen remembers between frames |
//! | `keymap` | the one table of keys: input, footer, help and README read it |
//! | `availability` | which action can't be done now, and why |
//! | `holding` | what a worker holds, and what its end would make of it |
//! | `wishes` | what was asked and not answered yet, and what a setting's key asks for next |
//! | `facts` | all that the screen was told |
//! | `messages`, `compare`, `wire`, `code`, `why` | what the keys of each further view do, and what it remembers |
//! | `names` | guests by their names |
//! | `outside` | the terminal's clipboard, and files |
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
mod event_loop;
mod facts;
#[cfg(test)]
mod fixtures;
mod holding;
mod join;
mod keymap;
mod messages;
mod model;
mod names;
mod outside;
mod palette;
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
pub use join::{DeskSeat, ask_password, join};
pub use keymap::key_table_markdown;
pub use rewind::{Ending, Footage};
pub use room::{Motion, Trace};
pub use theme::ThemeChoice;

use crate::lab::{Command, Contest, ContestOrder, Frames, Gaze, Sight, Snapshot, Tap};
use std::io;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

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
    /// Where the broker is, for the programs that the screen writes: no password in it but `guest`.
    pub broker_url: Option<Arc<str>>,
    /// What others type to join, if they can.
    pub join_line: Option<Arc<str>>,
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
            broker_url: None,
            join_line: None,
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

/// Shows the lab until a person quits, `stop` is cancelled, or the terminal or the lab is gone.
/// The terminal is restored when this returns, is dropped, or panics.
pub async fn run(seat: Seat, options: ScreenOptions) -> Result<Exit, ScreenError> {
    event_loop::run(seat, options).await
}
