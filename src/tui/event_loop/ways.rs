//! The ways between the screen and those behind its seat.

use crate::lab::{Command, Contest, ContestOrder, Forecast, Foresight, Frames, Gaze, Sight, Snapshot, Tap};
use crate::scenario::Outcome;
use crate::tui::Seat;
use crate::tui::foresee::Offered;
use crate::tui::lesson::{LessonNews, Lessons};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// A seat, sorted by what goes out and what comes in.
pub(super) struct Ways {
    pub(super) outlets: Outlets,
    pub(super) asides: Asides,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    pub(super) stop: CancellationToken,
    pub(super) broker_url: Option<Arc<str>>,
    pub(super) lessons: Lessons,
    pub(super) offered: Offered,
}

/// Where the screen's wishes go.
pub(super) struct Outlets {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) gaze: watch::Sender<Gaze>,
    pub(super) contests: mpsc::Sender<ContestOrder>,
    pub(super) tap: watch::Sender<Tap>,
    pub(super) lesson: mpsc::Sender<LessonNews>,
    /// Nobody may listen.
    pub(super) foresight: watch::Sender<Foresight>,
}

/// What is told besides the lab's own pictures.
pub(super) struct Asides {
    pub(super) sights: watch::Receiver<Arc<Sight>>,
    pub(super) contest: watch::Receiver<Option<Arc<Contest>>>,
    pub(super) frames: watch::Receiver<Arc<Frames>>,
    pub(super) outcome: watch::Receiver<Option<Arc<Outcome>>>,
    pub(super) forecast: watch::Receiver<Option<Arc<Forecast>>>,
}

impl Ways {
    pub(super) fn of(seat: Seat) -> Self {
        let offered = if seat.forecast.is_some() {
            Offered::Yes
        } else {
            Offered::No
        };
        let nobody = || (watch::Sender::default(), watch::Sender::default().subscribe());
        let (foresight, forecast) = seat.forecast.unwrap_or_else(nobody);
        Self {
            outlets: Outlets {
                commands: seat.commands,
                gaze: seat.gaze,
                contests: seat.contests,
                tap: seat.tap,
                lesson: seat.lesson_news,
                foresight,
            },
            asides: Asides {
                sights: seat.sights,
                contest: seat.contest,
                frames: seat.frames,
                outcome: seat.outcome,
                forecast,
            },
            snapshots: seat.snapshots,
            stop: seat.stop,
            broker_url: seat.broker_url,
            lessons: seat.lessons,
            offered,
        }
    }
}

impl Asides {
    /// Waits for news; for ever where nobody tells any more.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            () = told(&mut self.sights) => {}
            () = told(&mut self.contest) => {}
            () = told(&mut self.frames) => {}
            () = told(&mut self.outcome) => {}
            () = told(&mut self.forecast) => {}
        }
    }
}

async fn told<T>(news: &mut watch::Receiver<T>) {
    if news.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}
