//! The folder that holds a broker's data.
//!
//! | file | what it is |
//! |---|---|
//! | `FORMAT` | says that the folder is ours, and in which version; written last when a folder is made |
//! | `LOCK` | locked by the broker that uses the folder; the system unlocks it when that ends, however it ends |
//! | `records` | the database |
//! | `fence` | how many groups of records the database must have, at least |
//!
//! A folder is refused, and left byte for byte as it was, if it is not ours, of a newer version, in use or damaged.
//! The database has a checksum over each page in use, and all of them are looked at before anything is written. After
//! a crash it may find its last group half written and fall back to the one before. That is right if the group was
//! never reported as stored, and a loss in silence if it was: the fence, written after each group, tells them apart.
//! The fence itself is not synced, since only a loss of power could put it back, and then it is merely less strict.

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
    #[error("cannot use {} for data: {source}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
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
/// `FORMAT` before it has its name.
const NEW_FORMAT: &str = "FORMAT.new";
const OURS: [&str; 5] = [FORMAT, LOCK, RECORDS, FENCE, NEW_FORMAT];

/// What `FORMAT` says, before the version.
const TITLE: &str = "dispatch-lab broker data, version ";

/// The database's cache, in bytes. Everything is in the broker's memory already, so it holds little more than the
/// pages of one group.
const CACHE: usize = 16 * 1024 * 1024;

/// Opens a folder, or makes it, and reads all that these virtual hosts have.
pub(super) fn open(path: &Path, vhosts: &[String]) -> Result<(Folder, Loaded), FolderError> {
    let at = |source| FolderError::Io {
        folder: path.to_owned(),
        source,
    };
    match look(path)? {
        State::Ours => {}
        State::New => std::fs::create_dir_all(path).map_err(at)?,
    }
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join(LOCK))
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
    let (fence, file, loaded) = read(path, vhosts).map_err(|trouble| trouble.of(path))?;
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
    let folder = || path.to_owned();
    let at = |source| FolderError::Io {
        folder: path.to_owned(),
        source,
    };
    match std::fs::read(path.join(FORMAT)) {
        Ok(text) => return judge(path, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(at(error)),
    }
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::New),
        Err(error) => return Err(at(error)),
    };
    for entry in entries {
        let name = entry.map_err(at)?.file_name();
        if !OURS.iter().any(|ours| name == *ours) {
            let found = name.to_string_lossy().into_owned();
            return Err(FolderError::Foreign {
                folder: folder(),
                found,
            });
        }
    }
    Ok(State::New)
}

fn judge(path: &Path, format: &[u8]) -> Result<State, FolderError> {
    let version = std::str::from_utf8(format)
        .ok()
        .and_then(|text| text.strip_prefix(TITLE)?.strip_suffix('\n'))
        .and_then(|version| version.parse().ok());
    match version {
        Some(VERSION) => Ok(State::Ours),
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

/// Makes the files; `FORMAT` comes last, so a folder without it is begun again.
fn make(path: &Path) -> io::Result<()> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(path.join(RECORDS))?;
    let backend = FileBackend::new(file).map_err(io::Error::other)?;
    drop(
        Builder::new()
            .set_cache_size(CACHE)
            .create_with_backend(backend)
            .map_err(io::Error::other)?,
    );
    let mut fence = Fence::create(&path.join(FENCE))?;
    fence.raise(0)?;
    fence.0.sync_all()?;
    let mut format = File::create(path.join(NEW_FORMAT))?;
    format.write_all(format!("{TITLE}{VERSION}\n").as_bytes())?;
    format.sync_all()?;
    std::fs::rename(path.join(NEW_FORMAT), path.join(FORMAT))?;
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
            Self::Io(source) => FolderError::Io { folder, source },
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // A file of ours is not there, ends too early, or is another program's.
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                Self::Damage(error.to_string())
            }
            _ => Self::Io(error),
        }
    }
}

impl From<super::tables::TableError> for Trouble {
    fn from(error: super::tables::TableError) -> Self {
        match error {
            super::tables::TableError::Database(redb::Error::Io(error)) => error.into(),
            other => Self::Damage(other.to_string()),
        }
    }
}

/// Reads and judges all of it; the file is still as it was.
fn read(path: &Path, vhosts: &[String]) -> Result<(Fence, Staged, Loaded), Trouble> {
    let fence = Fence::open(&path.join(FENCE))?;
    let least = fence.read()?;
    let file = File::options().read(true).write(true).open(path.join(RECORDS))?;
    if file.metadata()?.len() == 0 {
        return Err(Trouble::Damage(format!("{RECORDS} is empty")));
    }
    let backend = FileBackend::new(file).map_err(|error| Trouble::Damage(error.to_string()))?;
    let staged = Staged::new(backend)?;
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
    .unwrap_or_else(|_| Err(Trouble::Damage("it makes no sense to the database".to_owned())))?;
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
        DatabaseError::Storage(StorageError::Io(error)) => error.into(),
        other => Trouble::Damage(other.to_string()),
    }
}

/// A number and its checksum, at the beginning of a file.
#[derive(Debug)]
struct Fence(File);

impl Fence {
    fn create(path: &Path) -> io::Result<Self> {
        File::create(path).map(Self)
    }

    fn open(path: &Path) -> io::Result<Self> {
        File::options().read(true).write(true).open(path).map(Self)
    }

    fn read(&self) -> Result<u64, Trouble> {
        use std::io::{Read, Seek};
        let mut bytes = Vec::new();
        let mut file = &self.0;
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => {
                let number = u64::from_be_bytes(std::array::from_fn(|at| bytes[at]));
                if fenced(number) == bytes {
                    return Ok(number);
                }
                Err(Trouble::Damage(format!("{FENCE} does not agree with itself")))
            }
            Err(_) => Err(Trouble::Damage(format!("{FENCE} has not its length"))),
        }
    }

    fn raise(&mut self, number: u64) -> io::Result<()> {
        use std::io::Seek;
        self.0.rewind()?;
        self.0.write_all(&fenced(number))
    }
}

/// The number, and the number once more under a mask: any one change shows.
fn fenced(number: u64) -> [u8; 16] {
    const MASK: u64 = 0x5ab1_e5fe_9ce0_ff17;
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[8..].copy_from_slice(&(number ^ MASK).to_be_bytes());
    bytes
}
