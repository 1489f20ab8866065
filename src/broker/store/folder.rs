//! The folder that holds a broker's data.
//!
//! | file | what it is |
//! |---|---|
//! | `FORMAT` | says that the folder is ours, and in which version |
//! | `LOCK` | locked by the broker that uses the folder; the system unlocks it when that ends, however it ends |
//! | `records` | the database |
//! | `fence` | how many groups of records the database must have, at least |
//!
//! A folder is made under other names, which end in `.new`, and `records` gets its own last of all: a folder without
//! it that has `records.new` was never used and is made again; any other that lacks a file has lost it.
//!
//! A folder is refused, and left byte for byte as it was, if it is not ours, of a newer version, in use or damaged.
//! The database has a checksum over each page in use, and all of them are looked at before anything is written. After
//! a crash it may find its last group half written and fall back to the one before. That is right if the group was
//! never reported as stored, and a loss in silence if it was: the fence, written after each group, tells them apart.
//! The fence itself is not synced, since only a loss of power could put it back, and then it is merely less strict.

use super::fence::Fence;
use super::load::{Loaded, load};
use super::staged::Staged;
use redb::backends::FileBackend;
use redb::{Builder, DatabaseError, StorageError};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

/// Why a data folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another broker has it open.
    #[error("{} is in use by another broker: stop that one, or give this one another folder", .0.display())]
    InUse(PathBuf),
    /// It holds other things.
    #[error("{} holds {found}, which is no broker's data: give a new or empty folder", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// The name of a file in it.
        found: String,
    },
    /// It is of a later version of this program.
    #[error(
        "{} was written by a newer dispatch-lab (its data has version {version}, this one knows {VERSION}): use that, or give another folder",
        folder.display()
    )]
    Newer {
        /// The folder.
        folder: PathBuf,
        /// The data's version.
        version: u32,
    },
    /// What it holds is not as it was written.
    #[error(
        "the data in {} is damaged ({why}) and was left as it is: put a copy in its place, or give another folder",
        folder.display()
    )]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// What was found.
        why: String,
    },
    /// The system refused.
    #[error("cannot use {} for data: {why}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// Why.
        why: io::Error,
    },
}

/// A folder that is ours as long as this lives.
#[derive(Debug)]
pub(super) struct Folder {
    fence: Fence,
    /// So that a test can break it.
    #[cfg(test)]
    pub(super) file: Staged,
    _lock: File,
}

/// The version of what is in the files.
const VERSION: u32 = 1;

const FORMAT: &str = "FORMAT";
const LOCK: &str = "LOCK";
const RECORDS: &str = "records";
const FENCE: &str = "fence";
/// The files before they have their names.
const NEW_FORMAT: &str = "FORMAT.new";
const NEW_RECORDS: &str = "records.new";
const NEW_FENCE: &str = "fence.new";
const OURS: [&str; 7] = [FORMAT, LOCK, RECORDS, FENCE, NEW_FORMAT, NEW_RECORDS, NEW_FENCE];

/// What `FORMAT` says, before the version.
const TITLE: &str = "dispatch-lab broker data, version ";

/// The database's cache, in bytes. Everything is in the broker's memory already, so it holds little more than the
/// pages of one group.
const CACHE: usize = 16 * 1024 * 1024;

/// Opens a folder, or makes it, and reads all that these virtual hosts have.
pub(super) fn open(path: &Path, vhosts: &[String]) -> Result<(Folder, Loaded), FolderError> {
    let at = |why| FolderError::Io {
        folder: path.to_owned(),
        why,
    };
    match look(path)? {
        State::Ours => {}
        State::New => std::fs::create_dir_all(path).map_err(at)?,
    }
    let place = path.join(LOCK);
    let had_lock = place.try_exists().map_err(at)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&place)
        .map_err(at)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => return Err(at(error)),
    }
    // Who held the lock until now may have made the folder.
    if look(path)? == State::New {
        make(path).map_err(at)?;
    }
    let (fence, file, loaded) = read(path, vhosts).map_err(|trouble| {
        if !had_lock {
            // A copy without its lock is left without one. Whoever opens it meanwhile is refused as well.
            let _ = std::fs::remove_file(&place);
        }
        trouble.of(path)
    })?;
    file.release().map_err(at)?;
    let folder = Folder {
        fence,
        #[cfg(test)]
        file,
        _lock: lock,
    };
    Ok((folder, loaded))
}

impl Folder {
    /// So many groups are synced, and about to be reported.
    pub(super) fn stored(&mut self, groups: u64) -> io::Result<()> {
        self.fence.raise(groups)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is not there, is empty, or its making was cut off.
    New,
    Ours,
}

/// Judges a folder by its names and its version; changes nothing.
fn look(path: &Path) -> Result<State, FolderError> {
    let at = |why| FolderError::Io {
        folder: path.to_owned(),
        why,
    };
    let format = match std::fs::read(path.join(FORMAT)) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(at(error)),
    };
    match &format {
        Some(text) => judge(path, text)?,
        None => search(path)?,
    }
    let has = |name| path.join(name).try_exists().map_err(at);
    if has(RECORDS)? {
        return match format {
            Some(_) => Ok(State::Ours),
            None => Err(missing(path, FORMAT)),
        };
    }
    if has(NEW_RECORDS)? || (format.is_none() && !has(FENCE)?) {
        return Ok(State::New);
    }
    Err(missing(path, RECORDS))
}

fn missing(path: &Path, name: &str) -> FolderError {
    FolderError::Damaged {
        folder: path.to_owned(),
        why: format!("{name} is missing"),
    }
}

/// Looks for what is not ours.
fn search(path: &Path) -> Result<(), FolderError> {
    let at = |why| FolderError::Io {
        folder: path.to_owned(),
        why,
    };
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(at(error)),
    };
    for entry in entries {
        let name = entry.map_err(at)?.file_name();
        if !OURS.iter().any(|ours| name == *ours) {
            return Err(FolderError::Foreign {
                folder: path.to_owned(),
                found: name.to_string_lossy().into_owned(),
            });
        }
    }
    Ok(())
}

fn judge(path: &Path, format: &[u8]) -> Result<(), FolderError> {
    let version = std::str::from_utf8(format)
        .ok()
        .and_then(|text| text.strip_prefix(TITLE)?.strip_suffix('\n'))
        .and_then(|version| version.parse().ok());
    match version {
        Some(VERSION) => Ok(()),
        Some(version) if version > VERSION => Err(FolderError::Newer {
            folder: path.to_owned(),
            version,
        }),
        Some(_) | None => Err(FolderError::Damaged {
            folder: path.to_owned(),
            why: format!("{FORMAT} does not say what it should"),
        }),
    }
}

/// Makes the files. As long as `records` has not its name, the folder is begun again.
fn make(path: &Path) -> io::Result<()> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path.join(NEW_RECORDS))?;
    let backend = FileBackend::new(file).map_err(io::Error::other)?;
    drop(
        Builder::new()
            .set_cache_size(CACHE)
            .create_with_backend(backend)
            .map_err(io::Error::other)?,
    );
    let mut fence = Fence::create(&path.join(NEW_FENCE))?;
    fence.raise(0)?;
    fence.sync()?;
    let mut format = File::create(path.join(NEW_FORMAT))?;
    format.write_all(format!("{TITLE}{VERSION}\n").as_bytes())?;
    format.sync_all()?;
    // Some systems rename no file that is open.
    drop((fence, format));
    std::fs::rename(path.join(NEW_FENCE), path.join(FENCE))?;
    std::fs::rename(path.join(NEW_FORMAT), path.join(FORMAT))?;
    sync_folder(path)?;
    std::fs::rename(path.join(NEW_RECORDS), path.join(RECORDS))?;
    sync_folder(path)
}

/// A new name is safe once its folder is synced, where the system can do that.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Why opening failed.
enum Trouble {
    Damage(String),
    Io(io::Error),
}

impl Trouble {
    fn of(self, path: &Path) -> FolderError {
        let folder = path.to_owned();
        match self {
            Self::Damage(why) => FolderError::Damaged { folder, why },
            Self::Io(why) => FolderError::Io { folder, why },
        }
    }

    /// What the system says of a file of ours.
    fn with(file: &str) -> impl Fn(io::Error) -> Self {
        move |error| match error.kind() {
            // It is not there, ends too early, or is another program's.
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                Self::Damage(format!("{file}: {error}"))
            }
            _ => Self::Io(error),
        }
    }
}

impl From<super::tables::TableError> for Trouble {
    fn from(error: super::tables::TableError) -> Self {
        match error {
            super::tables::TableError::Database(redb::Error::Io(error)) => Self::with(RECORDS)(error),
            other => Self::Damage(format!("{RECORDS}: {other}")),
        }
    }
}

/// Reads and judges all of it; the file is still as it was.
fn read(path: &Path, vhosts: &[String]) -> Result<(Fence, Staged, Loaded), Trouble> {
    let fence = Fence::open(&path.join(FENCE)).map_err(Trouble::with(FENCE))?;
    let least = fence.read().map_err(Trouble::with(FENCE))?;
    let records = Trouble::with(RECORDS);
    let file = File::options().read(true).write(true).open(path.join(RECORDS));
    let file = file.map_err(&records)?;
    if file.metadata().map_err(&records)?.len() == 0 {
        return Err(Trouble::Damage(format!("{RECORDS} is empty")));
    }
    let backend = FileBackend::new(file).map_err(|error| Trouble::Damage(format!("{RECORDS}: {error}")))?;
    let staged = Staged::new(backend).map_err(records)?;
    let opened = staged.clone();
    // The database is built to refuse what it can't read; should it fall over something, that is a refusal too.
    let loaded = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let database = Builder::new()
            .set_cache_size(CACHE)
            .set_check_integrity_on_open(true)
            .create_with_backend(opened)
            .map_err(trouble)?;
        Ok::<_, Trouble>(load(database, vhosts)?)
    }))
    .unwrap_or_else(|_| Err(Trouble::Damage(format!("{RECORDS} makes no sense to the database"))))?;
    if loaded.tables.groups < least {
        let lost = least - loaded.tables.groups;
        return Err(Trouble::Damage(format!(
            "the last {lost} groups of records are missing"
        )));
    }
    Ok((fence, staged, loaded))
}

fn trouble(error: DatabaseError) -> Trouble {
    match error {
        DatabaseError::Storage(StorageError::Io(error)) => Trouble::with(RECORDS)(error),
        other => Trouble::Damage(format!("{RECORDS}: {other}")),
    }
}
