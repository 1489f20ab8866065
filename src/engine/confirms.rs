//! Publisher confirms and returns: awaited apart from publishing, which never waits for them.

use super::line::CLOSE_WITHIN;
use super::mark::Marks;
use super::report::Report;
use crate::lab::{JobId, Seen};
use futures_util::FutureExt;
use lapin::message::BasicReturnMessage;
use lapin::{Confirmation, PublisherConfirm};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Confirms awaited; when that many are outstanding, publishing waits.
const OUTSTANDING: usize = 4096;
/// How many one report carries at most.
const BATCH: usize = 256;

/// The task that awaits the confirms of one channel.
#[derive(Debug)]
pub(super) struct Awaiting {
    confirms: mpsc::Sender<(JobId, PublisherConfirm)>,
    task: JoinHandle<()>,
}

impl Awaiting {
    pub(super) fn start(marks: Marks, reports: mpsc::Sender<Report>) -> Self {
        let (confirms, outstanding) = mpsc::channel(OUTSTANDING);
        Self {
            confirms,
            task: tokio::spawn(report_confirms(outstanding, marks, reports)),
        }
    }

    /// One more to wait for; where too many are outstanding, this waits.
    pub(super) async fn add(&self, job: JobId, confirm: PublisherConfirm) {
        // The task ends before its channel only when the line is broken, which is noticed elsewhere.
        let _ = self.confirms.send((job, confirm)).await;
    }

    /// Waits for what is outstanding; not for ever.
    pub(super) async fn finish(mut self) {
        drop(self.confirms);
        if tokio::time::timeout(CLOSE_WITHIN, &mut self.task).await.is_err() {
            self.task.abort();
            // Cancelled: it reports nothing any more.
            let _ = self.task.await;
        }
    }
}

/// Awaits confirms in the order of publication, which is the order in which brokers give them, but for a few.
async fn report_confirms(
    mut outstanding: mpsc::Receiver<(JobId, PublisherConfirm)>,
    marks: Marks,
    reports: mpsc::Sender<Report>,
) {
    let mut seen = Vec::new();
    while let Some((job, mut confirm)) = outstanding.recv().await {
        let outcome = if let Some(outcome) = (&mut confirm).now_or_never() {
            outcome
        } else {
            // What is known is told before more is waited for.
            let _ = reports.send(Report::Many(std::mem::take(&mut seen))).await;
            confirm.await
        };
        // An error ends the channel; what had no confirm by then will never have one.
        let Ok(confirmation) = outcome else { break };
        settle(job, confirmation, &marks, &mut seen);
        if outstanding.is_empty() || seen.len() >= BATCH {
            let _ = reports.send(Report::Many(std::mem::take(&mut seen))).await;
        }
    }
    let _ = reports.send(Report::Many(seen)).await;
}

/// lapin hands a returned message over with whatever confirm comes next; its own marks say which job it is.
fn settle(job: JobId, confirmation: Confirmation, marks: &Marks, seen: &mut Vec<Seen>) {
    let (told, returned) = match confirmation {
        Confirmation::Ack(returned) => (Seen::Confirmed(job), returned),
        Confirmation::Nack(returned) => (Seen::Nacked(job), returned),
        Confirmation::NotRequested => return,
    };
    seen.extend(returned.and_then(|message| self::returned(marks, &message)));
    seen.push(told);
}

/// Which job came back, if it is one of this run's.
pub(super) fn returned(marks: &Marks, message: &BasicReturnMessage) -> Option<Seen> {
    marks.job(&message.delivery.properties).map(Seen::Returned)
}
