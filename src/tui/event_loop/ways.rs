//! Where the screen's wishes go, and what it is told besides the lab's own pictures.

use crate::lab::{Command, Contest, ContestOrder, Forecast, Foresight, Frames, Gaze, Sight, Snapshot, Tap};
use crate::report::Form;
use crate::scenario::Outcome;
use crate::tui::foresee::Offered;
use crate::tui::reports::ReportOrder;
use crate::tui::{Footage, LessonNews, Lessons, Seat};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// A seat's ends, sorted by their direction.
pub(super) struct Ways {
    pub(super) outlets: Outlets,
    pub(super) asides: Asides,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Who wants the screen as it is at its end.
    pub(super) last_picture: Option<(Form, oneshot::Sender<String>)>,
    pub(super) broker_url: Option<Arc<str>>,
    pub(super) join_line: Option<Arc<str>>,
    pub(super) lessons: Lessons,
    pub(super) offered: Offered,
    pub(super) stop: CancellationToken,
    pub(super) footage: Footage,
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
                reports: seat.reports.orders,
                foresight,
            },
            asides: Asides {
                sights: seat.sights,
                contest: seat.contest,
                frames: seat.frames,
                outcome: seat.outcome,
                reports: seat.reports.answers,
                forecast,
            },
            snapshots: seat.snapshots,
            last_picture: seat.reports.last,
            broker_url: seat.broker_url,
            join_line: seat.join_line,
            lessons: seat.lessons,
            stop: seat.stop,
            footage: seat.footage,
            offered,
        }
    }
}

/// Where wishes go.
pub(in crate::tui) struct Outlets {
    pub(super) commands: mpsc::Sender<Command>,
    pub(super) gaze: watch::Sender<Gaze>,
    pub(super) contests: mpsc::Sender<ContestOrder>,
    pub(super) tap: watch::Sender<Tap>,
    pub(super) lesson: mpsc::Sender<LessonNews>,
    pub(in crate::tui) reports: mpsc::Sender<ReportOrder>,
    /// Nobody may listen.
    pub(super) foresight: watch::Sender<Foresight>,
}

impl Outlets {
    /// Tells what is looked at, listened to and foreseen, where that changed; whether the look moved.
    pub(super) fn look(&self, gaze: Gaze, tap: Tap, foresight: Foresight) -> bool {
        send(&self.tap, tap);
        send(&self.foresight, foresight);
        send(&self.gaze, gaze)
    }
}

/// What is told.
pub(super) struct Asides {
    pub(super) sights: watch::Receiver<Arc<Sight>>,
    pub(super) contest: watch::Receiver<Option<Arc<Contest>>>,
    pub(super) frames: watch::Receiver<Arc<Frames>>,
    pub(super) outcome: watch::Receiver<Option<Arc<Outcome>>>,
    pub(super) forecast: watch::Receiver<Option<Arc<Forecast>>>,
    /// What became of the newest wish for a report.
    pub(super) reports: watch::Receiver<Option<Arc<str>>>,
}

impl Asides {
    /// Waits for news; for ever where nobody tells any more.
    pub(super) async fn changed(&mut self) {
        tokio::select! {
            () = told(&mut self.sights) => {}
            () = told(&mut self.contest) => {}
            () = told(&mut self.frames) => {}
            () = told(&mut self.outcome) => {}
            // Left unseen: it is said once.
            () = unseen(&mut self.reports) => {}
            () = told(&mut self.forecast) => {}
        }
    }

    /// What became of a report, once.
    pub(super) fn report(&mut self) -> Option<Arc<str>> {
        if !self.reports.has_changed().unwrap_or(false) {
            return None;
        }
        self.reports.borrow_and_update().clone()
    }
}

fn send<T: PartialEq>(to: &watch::Sender<T>, now: T) -> bool {
    to.send_if_modified(|before| {
        let changed = *before != now;
        *before = now;
        changed
    })
}

async fn told<T>(news: &mut watch::Receiver<T>) {
    if news.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn unseen<T>(news: &mut watch::Receiver<T>) {
    told(news).await;
    news.mark_changed();
}
