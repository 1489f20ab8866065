//! The hub's dealings with the store: records go out by batches, and what is stored comes back.
//!
//! Without a data folder nothing is kept, so nothing is waited for.

use crate::broker::dispatch::{LastStop, StoreOp, StoreSeq, VhostId};
use crate::broker::store::FolderError;
use crate::broker::store::{Opened, Record, Told, Writer};
use std::collections::BTreeMap;
use tokio::sync::watch;

/// See the module.
#[derive(Debug)]
pub(super) enum Keeper {
    /// What outlives the server.
    Folder {
        writer: Writer,
        told: Telling,
        records: Vec<Record>,
    },
    /// Nothing does; the last record of each virtual host since the last look.
    Nothing(BTreeMap<VhostId, StoreSeq>),
}

/// What the store told last; gone when the folder is free again.
pub(super) type Telling = watch::Receiver<Told>;

/// Only a panic ends it without a word; that has told its own story.
const ENDED: &str = "the thread that writes to the data folder has ended";

impl Keeper {
    /// Nothing is kept.
    pub(super) fn nothing() -> Self {
        Self::Nothing(BTreeMap::new())
    }

    /// Begins to write to a folder.
    pub(super) fn start(opened: Opened) -> Result<Self, FolderError> {
        let (tell, told) = watch::channel(Told::Stored(Vec::new()));
        let writer = opened.start(move |news| {
            tell.send_replace(news);
        })?;
        Ok(Self::Folder {
            writer,
            told,
            records: Vec::new(),
        })
    }

    /// What the store tells, for whoever else wants to know.
    pub(super) fn telling(&self) -> Option<Telling> {
        match self {
            Self::Folder { told, .. } => Some(told.clone()),
            Self::Nothing(_) => None,
        }
    }

    /// Takes a record.
    pub(super) fn take(&mut self, vhost: VhostId, seq: StoreSeq, op: StoreOp) {
        match self {
            Self::Folder { records, .. } => records.push((vhost, seq, op)),
            Self::Nothing(last) => {
                last.insert(vhost, seq);
            }
        }
    }

    /// Hands over what was taken; what needs no store is as good as stored.
    pub(super) fn hand_over(&mut self) -> Vec<(VhostId, StoreSeq)> {
        match self {
            Self::Folder { writer, records, .. } => {
                if !records.is_empty() {
                    writer.push(records);
                }
                Vec::new()
            }
            Self::Nothing(last) => std::mem::take(last).into_iter().collect(),
        }
    }

    /// Whether an answer must wait until this is stored: it declares or deletes what is durable.
    pub(super) fn is_awaited(&self, op: &StoreOp) -> bool {
        let declares = match op {
            StoreOp::ExchangeDeclared(_)
            | StoreOp::ExchangeDeleted(_)
            | StoreOp::QueueDeclared(_)
            | StoreOp::QueueDeleted(_)
            | StoreOp::Bound(_)
            | StoreOp::Unbound(_) => true,
            StoreOp::Enqueued { .. }
            | StoreOp::Removed { .. }
            | StoreOp::Delivered { .. }
            | StoreOp::Returned { .. } => false,
        };
        declares && matches!(self, Self::Folder { .. })
    }

    /// Whether a record is stored.
    pub(super) fn has(&self, vhost: VhostId, seq: StoreSeq) -> bool {
        match self {
            Self::Folder { told, .. } => match &*told.borrow() {
                Told::Stored(seqs) => seqs.get(usize::from(vhost.0)).is_some_and(|stored| *stored >= seq),
                Told::Failed(_) => false,
            },
            Self::Nothing(_) => true,
        }
    }

    /// Whether the store is so far behind that nothing more should be read from clients.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Folder { writer, .. } if writer.is_full())
    }

    /// Waits until more is stored. `Err`: nothing more will be; one sentence.
    pub(super) async fn stored(&mut self) -> Result<Vec<(VhostId, StoreSeq)>, String> {
        let Self::Folder { told, .. } = self else {
            return std::future::pending().await;
        };
        if told.changed().await.is_err() {
            return Err(ENDED.to_owned());
        }
        match &*told.borrow_and_update() {
            Told::Stored(seqs) => Ok((0..).map(VhostId).zip(seqs.iter().copied()).collect()),
            Told::Failed(why) => Err(why.clone()),
        }
    }

    /// Ends it, and waits until the folder is free.
    pub(super) async fn end(self, how: LastStop) {
        if let Self::Folder { writer, mut told, .. } = self {
            writer.end(how);
            while told.changed().await.is_ok() {}
        }
    }
}

/// Why the store has ended though nobody asked it to, if it has.
pub(super) fn failure(told: &Telling) -> Option<String> {
    match &*told.borrow() {
        Told::Failed(why) => Some(why.clone()),
        Told::Stored(_) => told.has_changed().is_err().then(|| ENDED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Told, failure};
    use tokio::sync::watch;

    #[test]
    fn store_has_failed_if_it_says_so_or_ends_without_a_word() {
        let (tell, told) = watch::channel(Told::Stored(Vec::new()));
        assert_eq!(failure(&told), None);
        tell.send_replace(Told::Failed("the disk is full".to_owned()));
        assert_eq!(failure(&told).as_deref(), Some("the disk is full"));
        tell.send_replace(Told::Stored(Vec::new()));
        // As a panic of its thread does.
        drop(tell);
        assert!(failure(&told).is_some_and(|why| why.contains("has ended")));
    }
}
