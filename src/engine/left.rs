//! The end of an engine: what it takes away, and what it leaves behind where it can't, in words.

use super::ctl::BrokerCtl;
use super::line::sentence;
use super::topology::{Owner, Topology};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// A broker that does not answer within this is taken to be down.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// What could not be cleaned up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Told(self))]
pub struct LeftBehind {
    /// The queues' names; none: they are deleted.
    pub queues: Vec<String>,
    /// The exchange before them, where there is one.
    pub exchange: Option<String>,
    /// `host:port`.
    pub place: String,
    /// Why they could not be deleted.
    pub why: String,
    /// What starts the broker, where this lab ended it and it is not up.
    pub start: Option<String>,
}

struct Told<'a>(&'a LeftBehind);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LeftBehind {
            queues,
            exchange,
            place,
            why,
            start,
        } = self.0;
        if !queues.is_empty() {
            let (queues, exchange) = (queues.join(" and "), exchange.as_deref());
            let exchange = exchange.map_or_else(String::new, |name| format!(" and the exchange {name}"));
            write!(
                f,
                "the queues {queues}{exchange} may be left on {place} ({why}): they expire ten minutes after their last \
                 use, or delete them there"
            )?;
        }
        let Some(start) = start else { return Ok(()) };
        if !queues.is_empty() {
            f.write_str("; ")?;
        }
        write!(
            f,
            "the lab ended the broker at {place}, and it is not up: {start} starts it"
        )
    }
}

/// Whether the lab told a broker that is not its own to end, and has not started it since. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ended(Arc<AtomicBool>);

impl Ended {
    pub(super) fn set(&self, ended: bool) {
        self.0.store(ended, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What is to be done last.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    pub(super) topology: Topology,
    pub(super) owner: Owner,
    pub(super) ended: Ended,
}

impl Leaving {
    /// Deletes the lab's queues. `Err`: one sentence.
    pub(super) async fn farewell(&self) -> Result<(), String> {
        match self.owner {
            // Its queues end with it.
            Owner::Lab => Ok(()),
            Owner::Others => self.topology.delete_all().await.map_err(|error| sentence(&error)),
        }
    }

    /// When all else has ended, and the farewell came to that.
    pub(super) async fn leave(&self, mut deleted: Result<(), String>) -> Result<(), LeftBehind> {
        let mut start = None;
        if self.ended.is_set() {
            if self.is_up().await {
                if deleted.is_err() {
                    deleted = self.farewell().await;
                }
            } else {
                start = self.topology.access().url().ctl().map(BrokerCtl::to_start);
            }
        }
        let why = match deleted {
            Ok(()) if start.is_none() => return Ok(()),
            Ok(()) => None,
            Err(why) => Some(why),
        };
        let left = why.is_some();
        Err(LeftBehind {
            queues: if left { self.topology.all() } else { Vec::new() },
            exchange: self.topology.fanout().filter(|_| left),
            place: self.topology.access().url().place(),
            why: why.unwrap_or_default(),
            start,
        })
    }

    async fn is_up(&self) -> bool {
        let Ok(Ok(line)) = timeout(ANSWERS_WITHIN, self.topology.access().open("farewell")).await else {
            return false;
        };
        line.close().await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::LeftBehind;

    #[test]
    fn what_is_left_is_named() {
        let left = LeftBehind {
            queues: vec!["a".to_owned(), "b".to_owned()],
            exchange: Some("x".to_owned()),
            place: "there:5672".to_owned(),
            why: "refused".to_owned(),
            start: Some("ctl start".to_owned()),
        };
        let queues = "the queues a and b and the exchange x may be left on there:5672 (refused): they expire ten minutes \
                      after their last use, or delete them there";
        let broker = "the lab ended the broker at there:5672, and it is not up: ctl start starts it";
        assert_eq!(left.to_string(), format!("{queues}; {broker}"));
        let queues = Vec::new();
        assert_eq!(LeftBehind { queues, ..left }.to_string(), broker);
    }
}
