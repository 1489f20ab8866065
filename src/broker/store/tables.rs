//! The tables, in one redb file: read whole at the start, changed by one group of records at a time.
//!
//! | table | key | value |
//! |---|---|---|
//! | `run` | a word | how many groups were written; whether the last run ended in good order |
//! | `vhosts` | name | number, last record, up to which record deliveries are not trusted |
//! | `things` | vhost, record | an exchange, queue or binding |
//! | `messages` | vhost, queue, position | a message, with its body unless that is shared |
//! | `marks` | vhost, queue, position | where a message was, and how often it came back |
//! | `bodies` | number | a body that several queues hold |
//!
//! Marks are apart from messages, so that handing one out does not write its body again. A body is written once if
//! several queues got it by one publish and it has [`SHARED_FROM`] bytes: below, the bookkeeping costs more than the
//! copies. Dead letters are written anew.

use super::bytes::{Decoder, Encoder, Malformed};
use super::record::{BodyAt, Mark, read_body, write_kept};
use super::shelf::{Arrived, Change, Place, QueueNo, Shelf};
use crate::broker::dispatch::Position;
use redb::{Database, Table, TableDefinition, WriteTransaction};
use std::collections::HashMap;
use std::sync::Arc;

/// A message's key: vhost, queue, position.
type Key = (u32, u64, u64);

pub(super) const RUN: TableDefinition<&str, u64> = TableDefinition::new("run");
pub(super) const VHOSTS: TableDefinition<&str, (u32, u64, u64)> = TableDefinition::new("vhosts");
pub(super) const THINGS: TableDefinition<(u32, u64), &[u8]> = TableDefinition::new("things");
pub(super) const MESSAGES: TableDefinition<Key, &[u8]> = TableDefinition::new("messages");
pub(super) const MARKS: TableDefinition<Key, &[u8]> = TableDefinition::new("marks");
pub(super) const BODIES: TableDefinition<u64, &[u8]> = TableDefinition::new("bodies");

/// In `run`: groups written so far.
pub(super) const GROUPS: &str = "groups";
/// In `run`: 1 after an orderly stop.
pub(super) const ORDERLY: &str = "orderly";

/// Bodies of this size are written once for all queues, in bytes (as RabbitMQ's `queue_index_embed_msgs_below`).
const SHARED_FROM: usize = 4096;

/// Why the tables can't be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum TableError {
    /// The database says so.
    #[error(transparent)]
    Database(#[from] redb::Error),
    /// What it gave is none of ours.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Each of the database's own errors is one of [`redb::Error`].
macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for TableError {
            fn from(error: redb::$error) -> Self {
                Self::Database(error.into())
            }
        })*
    };
}

from_redb!(StorageError, TableError, TransactionError, CommitError, DatabaseError);

/// The open database.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) database: Database,
    pub(super) bodies: Bodies,
    /// Groups written so far.
    pub(super) groups: u64,
}

/// Bodies in the table, and how many messages have each.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    pub(super) next: u64,
    pub(super) holders: HashMap<u64, u32>,
}

/// What a commit notes besides the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The broker runs: unless more is noted, it has crashed.
    Running,
    /// It has stopped in good order.
    Stopped,
}

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is stored.
    Group,
    /// There was nothing to write: what came is stored by that alone.
    Nothing,
    /// It was thrown away, and the shelves with it: nothing more may be written.
    Unwanted,
}

impl Tables {
    /// Writes all that is unwritten, with one sync, if `wanted` still says so before it.
    pub(super) fn write(
        &mut self,
        shelves: &mut [Shelf],
        note: Option<Note>,
        wanted: impl FnOnce() -> bool,
    ) -> Result<Written, TableError> {
        if note.is_none() && shelves.iter().all(|shelf| shelf.unwritten.is_empty()) {
            return Ok(Written::Nothing);
        }
        let transaction = self.database.begin_write()?;
        for shelf in shelves.iter_mut() {
            write_shelf(&transaction, shelf, &mut self.bodies)?;
        }
        let groups = self.groups + 1;
        write_run(&transaction, groups, note)?;
        if !wanted() {
            transaction.abort()?;
            return Ok(Written::Unwanted);
        }
        transaction.commit()?;
        self.groups = groups;
        Ok(Written::Group)
    }
}

fn write_run(transaction: &WriteTransaction, groups: u64, note: Option<Note>) -> Result<(), TableError> {
    let mut run = transaction.open_table(RUN)?;
    run.insert(GROUPS, groups)?;
    if let Some(note) = note {
        run.insert(ORDERLY, u64::from(note == Note::Stopped))?;
    }
    Ok(())
}

fn write_shelf(transaction: &WriteTransaction, shelf: &mut Shelf, bodies: &mut Bodies) -> Result<(), TableError> {
    let mut vhosts = transaction.open_table(VHOSTS)?;
    vhosts.insert(shelf.name.as_str(), (shelf.number, shelf.seq.0, shelf.distrusted.0))?;
    let mut things = transaction.open_table(THINGS)?;
    for seq in std::mem::take(&mut shelf.unwritten.things) {
        match shelf.things.get(seq) {
            Some(thing) => things.insert((shelf.number, seq), thing.write().as_slice())?,
            None => things.remove((shelf.number, seq))?,
        };
    }
    let mut rows = Rows {
        vhost: shelf.number,
        messages: transaction.open_table(MESSAGES)?,
        marks: transaction.open_table(MARKS)?,
        contents: transaction.open_table(BODIES)?,
        bodies,
        scratch: Encoder::default(),
    };
    for queue in std::mem::take(&mut shelf.unwritten.deleted) {
        rows.delete_queue(queue)?;
    }
    let changes = std::mem::take(&mut shelf.unwritten.messages);
    let mut shared = shared(changes.values());
    for (place, change) in changes {
        match change {
            Change::Came(arrived) => {
                rows.insert(place, &arrived, &mut shared)?;
                if let Some(mark) = shelf.marks.get(&place) {
                    rows.mark(place, *mark)?;
                }
            }
            Change::Marked => rows.mark(place, shelf.marks.get(&place).copied().unwrap_or_default())?,
            Change::Went(mark) => rows.remove(place, mark)?,
        }
    }
    Ok(())
}

/// Large bodies that came to several queues, by where they are in memory; the number is given at the first.
fn shared<'a>(changes: impl Iterator<Item = &'a Change>) -> HashMap<*const u8, Option<u64>> {
    let mut counts: HashMap<*const u8, u32> = HashMap::new();
    for change in changes {
        if let Change::Came(Arrived { message, .. }) = change
            && message.body.len() >= SHARED_FROM
        {
            *counts.entry(message.body.as_ptr()).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count > 1);
    counts.into_keys().map(|body| (body, None)).collect()
}

/// The tables of messages, as one group changes them.
struct Rows<'a, 'txn> {
    vhost: u32,
    messages: Table<'txn, Key, &'static [u8]>,
    marks: Table<'txn, Key, &'static [u8]>,
    contents: Table<'txn, u64, &'static [u8]>,
    bodies: &'a mut Bodies,
    scratch: Encoder,
}

impl Rows<'_, '_> {
    fn key(&self, (QueueNo(queue), Position(position)): Place) -> Key {
        (self.vhost, queue, position)
    }

    fn insert(
        &mut self,
        place: Place,
        arrived: &Arrived,
        shared: &mut HashMap<*const u8, Option<u64>>,
    ) -> Result<(), TableError> {
        let body = &arrived.message.body;
        let at = match shared.get_mut(&body.as_ptr()) {
            Some(number) => BodyAt::Shared(self.share(body, number)?),
            None => BodyAt::Here(body),
        };
        self.scratch.0.clear();
        write_kept(&mut self.scratch, arrived.seq, arrived.expires, &arrived.message, at);
        let key = self.key(place);
        self.messages.insert(key, self.scratch.0.as_slice())?;
        Ok(())
    }

    fn share(&mut self, body: &Arc<[u8]>, number: &mut Option<u64>) -> Result<u64, TableError> {
        let number = if let Some(known) = *number {
            known
        } else {
            let new = self.bodies.next;
            self.bodies.next += 1;
            self.contents.insert(new, &**body)?;
            *number.insert(new)
        };
        *self.bodies.holders.entry(number).or_default() += 1;
        Ok(number)
    }

    fn mark(&mut self, place: Place, mark: Mark) -> Result<(), TableError> {
        self.scratch.0.clear();
        mark.write(&mut self.scratch);
        let key = self.key(place);
        self.marks.insert(key, self.scratch.0.as_slice())?;
        Ok(())
    }

    fn remove(&mut self, place: Place, mark: Option<Mark>) -> Result<(), TableError> {
        let key = self.key(place);
        let shared = match self.messages.remove(key)? {
            Some(old) => shared_body(old.value())?,
            None => None,
        };
        if let Some(number) = shared {
            self.release(number)?;
        }
        if mark.is_some() {
            self.marks.remove(key)?;
        }
        Ok(())
    }

    fn delete_queue(&mut self, QueueNo(queue): QueueNo) -> Result<(), TableError> {
        let all = (self.vhost, queue, 0)..=(self.vhost, queue, u64::MAX);
        let mut released = Vec::new();
        self.messages.retain_in(all.clone(), |_, old| {
            // What can't be read now could not be read at the start either, and was refused then.
            released.extend(shared_body(old).unwrap_or_default());
            false
        })?;
        self.marks.retain_in(all, |_, _| false)?;
        for number in released {
            self.release(number)?;
        }
        Ok(())
    }

    fn release(&mut self, number: u64) -> Result<(), TableError> {
        if let Some(holders) = self.bodies.holders.get_mut(&number) {
            *holders -= 1;
            if *holders == 0 {
                self.bodies.holders.remove(&number);
                self.contents.remove(number)?;
            }
        }
        Ok(())
    }
}

fn shared_body(kept: &[u8]) -> Result<Option<u64>, Malformed> {
    match read_body(&mut Decoder(kept))? {
        BodyAt::Shared(number) => Ok(Some(number)),
        BodyAt::Here(_) => Ok(None),
    }
}
