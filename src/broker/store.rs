//! What survives a stop or a crash: durable exchanges, queues, bindings and persistent messages, in a folder.
//!
//! 1. `folder` judges the folder, locks it, and opens the database in it without changing a byte before all is found
//!    good (`staged`).
//! 2. `load` reads the `tables` into an [`Image`] for each virtual host, which dispatch starts from.
//! 3. While the broker runs, it hands each durable change to the `writer`, a thread. `shelf` folds what came since the
//!    last group into what must be written, `tables` writes it as `record`s with one sync, and the hub is told how far
//!    each virtual host is stored. A confirm goes out no earlier.
//! 4. An orderly stop writes all there is and notes so. A crash, of the program or of the server alone, loses what was
//!    not told as stored, and the next start finds that no stop was noted.
//!
//! A write that fails ends the broker: what can't be stored must not be confirmed.
//!
//! # Why redb
//!
//! Of the maintained stores in pure Rust two came into question. Messages of 200 bytes, each removed five groups
//! later, one sync per group, on a virtual disk that syncs in a quarter of a millisecond when it is left alone:
//!
//! | group of | redb 4.6 | fjall 3.1 |
//! |---|---|---|
//! | 10 | 43,000/s | 58,000/s |
//! | 100 | 256,000/s | 266,000/s |
//! | 1,000 | 496,000/s | 567,000/s |
//! | 10,000 | 601,000/s | 819,000/s |
//! | open and read 100,000 after a crash | 0.09 s | 0.17 s |
//! | open and read 1,000,000 after a crash | 0.7 s | 0.9 s |
//! | crates | 1 | 41 |
//!
//! Where a group is a handful of publishers' messages they are equally fast, and the sync is what counts. redb has
//! one file and one thread, which is ours; an error of the disk comes back from the call that met it. Above all, it
//! verifies a checksum over every page in use and says `Corrupted`, where a log that ends in a damaged entry can't be
//! told from one that was cut off there: a broker must know that difference, or it loses in silence.

mod bytes;
mod fence;
mod folder;
mod load;
mod places;
mod private;
mod record;
mod shelf;
mod staged;
mod tables;
mod things;
mod writer;

pub use folder::FolderError;
pub use private::PrivateFolder;
pub(crate) use writer::{Record, Told, Writer};

use super::dispatch::{Image, LastStop};
use folder::Folder;
use shelf::Shelf;
use std::path::{Path, PathBuf};
use tables::Tables;

/// A folder that is open and read, and that nothing is written to yet.
#[derive(Debug)]
pub(crate) struct Opened {
    path: PathBuf,
    folder: Folder,
    tables: Tables,
    shelves: Vec<Shelf>,
    last_stop: LastStop,
}

impl Opened {
    /// Opens a folder, or makes it. What each virtual host has comes with it, first these, each once, then all others
    /// that there are; a virtual host's number in a [`Record`] is its place in that list.
    pub(crate) fn open(path: &Path, vhosts: &[String]) -> Result<(Self, Vec<(String, Image)>), FolderError> {
        let (folder, loaded) = folder::open(path, vhosts)?;
        let opened = Self {
            path: path.to_owned(),
            folder,
            tables: loaded.tables,
            shelves: loaded.shelves,
            last_stop: loaded.last_stop,
        };
        Ok((opened, loaded.images))
    }

    /// How the last run ended.
    pub(crate) fn last_stop(&self) -> LastStop {
        self.last_stop
    }

    /// Starts to write. From now on an end without a stop is a crash.
    pub(crate) fn start(self, tell: impl Fn(Told) + Send + 'static) -> Result<Writer, FolderError> {
        let loaded = (self.tables, self.shelves);
        Writer::start(self.path.clone(), self.folder, loaded, tell)
            .map_err(|why| FolderError::Io { folder: self.path, why })
    }
}

#[cfg(test)]
mod tests;
