//! What is told besides the lab's own pictures.

use crate::lab::{Contest, Frames, Sight};
use std::sync::Arc;
use tokio::sync::watch;

pub(super) struct Asides {
    pub(super) sights: watch::Receiver<Arc<Sight>>,
    pub(super) contest: watch::Receiver<Option<Arc<Contest>>>,
    pub(super) frames: watch::Receiver<Arc<Frames>>,
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
            // Left unseen: it is said once.
            () = unseen(&mut self.reports) => {}
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

async fn told<T>(news: &mut watch::Receiver<T>) {
    if news.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn unseen<T>(news: &mut watch::Receiver<T>) {
    told(news).await;
    news.mark_changed();
}
