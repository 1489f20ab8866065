//! What is told of a whole run on request: its course, and the picture at the same moment.

use crate::lab::Snapshot;
use crate::report::Course;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Requests under way; whoever asks waits where it is full.
const REQUESTS: usize = 4;

/// A run up to one moment.
#[derive(Clone, Debug)]
pub struct Past {
    /// All that led there.
    pub course: Course,
    /// How it is there.
    pub picture: Arc<Snapshot>,
}

/// Asks a historian for the run up to now.
#[derive(Clone, Debug)]
pub struct Inquirer(mpsc::Sender<oneshot::Sender<Past>>);

/// Where it hears that.
pub(super) type Requests = mpsc::Receiver<oneshot::Sender<Past>>;

impl Inquirer {
    pub(super) fn new() -> (Self, Requests) {
        let (sender, requests) = mpsc::channel(REQUESTS);
        (Self(sender), requests)
    }

    /// The run up to now; `None`: the historian has ended.
    pub async fn ask(&self) -> Option<Past> {
        let (asked, answer) = oneshot::channel();
        self.0.send(asked).await.ok()?;
        answer.await.ok()
    }
}
