//! The thread that writes.
//!
//! The hub puts records into the intake and goes on. The thread takes all that is there, writes it as one group with
//! one sync, tells how far each virtual host is stored, and takes what has come meanwhile: so the busier the broker,
//! the larger the groups, and many publishers share one sync. Acks and deliveries alone are waited for by nobody;
//! they stay a moment for company.
//!
//! The intake is bounded by its user: once it [`is_full`](Writer::is_full), the hub reads nothing more from clients
//! until a group is written, and so the sockets hold back who sends too much. Neither waits for the other's lock
//! longer than it takes to move a list.

use super::folder::Folder;
use super::shelf::Shelf;
use super::tables::{Note, TableError, Tables, Written};
use crate::broker::dispatch::{LastStop, StoreOp, StoreSeq, VhostId};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A record of a virtual host.
pub(crate) type Record = (VhostId, StoreSeq, StoreOp);

/// What the thread tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Each virtual host is stored up to this record, in the order of their numbers.
    Stored(Vec<StoreSeq>),
    /// Nothing more will be stored; one sentence.
    Failed(String),
}

/// The hub's end of the thread. Dropped, it crashes.
#[derive(Debug)]
pub(crate) struct Writer(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    intake: Mutex<Intake>,
    changed: Condvar,
    /// Bytes, roughly, that are not yet stored.
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Intake {
    records: Vec<Record>,
    /// A publish or declaration is among them: someone waits.
    urgent: bool,
    /// What they weigh.
    weight: usize,
    end: Option<LastStop>,
}

/// Bytes not yet stored at which the hub should take no more.
const FULL: usize = 32 * 1024 * 1024;

/// What a record weighs besides its body.
const RECORD: usize = 128;

/// How long acks and deliveries wait for company: about as long as it takes the publisher who saw a confirm to send the
/// next message, which then need not wait for their sync first.
const COMPANY: Duration = Duration::from_millis(2);

impl Writer {
    /// Notes that the broker runs, and starts the thread. It calls `tell` after each group, and drops it when the folder
    /// is free again.
    pub(super) fn start(
        path: PathBuf,
        folder: Folder,
        loaded: (Tables, Vec<Shelf>),
        tell: impl Fn(Told) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (tables, shelves) = loaded;
        let mut thread = Thread {
            path,
            shared: Arc::clone(&shared),
            folder,
            tables,
            shelves,
        };
        thread.commit(Some(Note::Running)).map_err(io::Error::other)?;
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || thread.run(tell))?;
        Ok(Self(shared))
    }

    /// Hands records over, in order.
    pub(crate) fn push(&self, records: &mut Vec<Record>) {
        let weight = records.iter().map(|(_, _, op)| weight(op)).sum();
        let urgent = records.iter().any(|(_, _, op)| is_urgent(op));
        self.0.waiting.fetch_add(weight, Ordering::Relaxed);
        let mut intake = self.0.intake();
        intake.weight += weight;
        let news = intake.records.is_empty() || (urgent && !intake.urgent);
        intake.urgent |= urgent;
        if intake.records.is_empty() {
            std::mem::swap(&mut intake.records, records);
        } else {
            intake.records.append(records);
        }
        drop(intake);
        if news {
            self.0.changed.notify_one();
        }
    }

    /// Whether so much waits that no more should come.
    pub(crate) fn is_full(&self) -> bool {
        self.0.waiting.load(Ordering::Relaxed) >= FULL
    }

    /// Ends the thread. An orderly stop writes all there is; a crash loses what is not stored.
    pub(crate) fn end(&self, how: LastStop) {
        let mut intake = self.0.intake();
        if intake.end.is_none() {
            intake.end = Some(how);
        }
        drop(intake);
        self.0.changed.notify_one();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end(LastStop::Crash);
    }
}

impl Shared {
    fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to write, and takes it all.
    fn take(&self) -> Intake {
        let idle = |intake: &mut Intake| intake.records.is_empty() && intake.end.is_none();
        let mut intake = self
            .changed
            .wait_while(self.intake(), idle)
            .unwrap_or_else(PoisonError::into_inner);
        let alone = |intake: &mut Intake| !intake.urgent && intake.end.is_none();
        (intake, _) = self
            .changed
            .wait_timeout_while(intake, COMPANY, alone)
            .unwrap_or_else(PoisonError::into_inner);
        let end = intake.end;
        std::mem::replace(
            &mut intake,
            Intake {
                end,
                ..Intake::default()
            },
        )
    }

    fn crashed(&self) -> bool {
        self.intake().end == Some(LastStop::Crash)
    }
}

struct Thread {
    path: PathBuf,
    shared: Arc<Shared>,
    folder: Folder,
    tables: Tables,
    shelves: Vec<Shelf>,
}

impl Thread {
    fn run(mut self, tell: impl Fn(Told)) {
        let mut failed = None;
        while failed.is_none() {
            let Intake {
                records, weight, end, ..
            } = self.shared.take();
            if end == Some(LastStop::Crash) {
                break;
            }
            self.take(records);
            let note = end.map(|_orderly| self.stop());
            let written = self.commit(note);
            // Who is told may ask at once whether there is room again.
            self.shared.waiting.fetch_sub(weight, Ordering::Relaxed);
            match written {
                Ok(Written::Group | Written::Nothing) => {
                    tell(Told::Stored(self.shelves.iter().map(|shelf| shelf.seq).collect()));
                }
                Ok(Written::Unwanted) => break,
                Err(error) => failed = Some(error),
            }
            if end.is_some() {
                break;
            }
        }
        let path = self.path.clone();
        // The folder is free before anyone hears of the end.
        drop(self);
        if let Some(error) = failed {
            tell(Told::Failed(format!("cannot store in {}: {error}", path.display())));
        }
    }

    fn take(&mut self, records: Vec<Record>) {
        for (vhost, seq, op) in records {
            // Dispatch of a virtual host that has no shelf has no records either.
            if let Some(shelf) = self.shelves.get_mut(usize::from(vhost.0)) {
                shelf.take(seq, op);
            }
        }
    }

    fn stop(&mut self) -> Note {
        self.shelves.iter_mut().for_each(Shelf::trust_deliveries);
        Note::Stopped
    }

    /// A crash that comes before the sync has no group written.
    fn commit(&mut self, note: Option<Note>) -> Result<Written, TableError> {
        let shared = &self.shared;
        let written = self.tables.write(&mut self.shelves, note, || !shared.crashed())?;
        if written == Written::Group {
            self.folder.stored(self.tables.groups).map_err(redb::Error::Io)?;
        }
        Ok(written)
    }
}

fn weight(op: &StoreOp) -> usize {
    match op {
        StoreOp::Enqueued { message, .. } => RECORD + message.body.len() + message.properties.len(),
        _ => RECORD,
    }
}

/// Whether a client may wait until it is stored: for a confirm, or for the answer to a declaration.
fn is_urgent(op: &StoreOp) -> bool {
    !matches!(
        op,
        StoreOp::Removed { .. } | StoreOp::Delivered { .. } | StoreOp::Returned { .. }
    )
}
