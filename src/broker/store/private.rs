//! A folder for one run, that leaves nothing behind.
//!
//! It is removed when it is dropped, which a panic does too. What a killed program left is recognised by its lock
//! file, which nobody holds any more, and removed when the next folder is made.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// See the module.
#[derive(Debug)]
pub struct PrivateFolder {
    root: PathBuf,
    data: PathBuf,
    /// Locked for as long as the folder is in use; closing it releases it.
    lock: Option<File>,
}

/// How the folders' names begin.
const PREFIX: &str = "dispatch-lab-";

/// Held by the program whose folder it is.
const LOCK: &str = "lock";

/// Names tried before giving up: each try collides with probability 2^-64, or with a sweep at the wrong moment.
const TRIES: usize = 8;

impl PrivateFolder {
    /// Makes one in the system's temporary folder, and removes those whose programs were killed.
    ///
    /// # Errors
    /// The system's, if the folder can't be made.
    pub fn new() -> io::Result<Self> {
        Self::within(&std::env::temp_dir())
    }

    /// Makes one there.
    pub(super) fn within(parent: &Path) -> io::Result<Self> {
        sweep(parent);
        let mut last = io::Error::other("no free name");
        for _ in 0..TRIES {
            match Self::named(parent.join(format!("{PREFIX}{:016x}", rand::random::<u64>()))) {
                Ok(folder) => return Ok(folder),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Where data goes.
    pub fn path(&self) -> &Path {
        &self.data
    }

    fn named(root: PathBuf) -> io::Result<Self> {
        make(&root)?;
        let filled = fill(&root);
        if filled.is_err() {
            // Or a sweep is just removing it.
            let _ = std::fs::remove_dir_all(&root);
        }
        let (lock, data) = filled?;
        Ok(Self {
            root,
            data,
            lock: Some(lock),
        })
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // Some systems remove no file that is open.
        self.lock = None;
        if let Err(error) = std::fs::remove_dir_all(&self.root) {
            tracing::warn!(folder = %self.root.display(), %error, "a temporary folder is left");
        }
    }
}

/// For nobody else's eyes: messages may be private.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn fill(root: &Path) -> io::Result<(File, PathBuf)> {
    let lock = File::create_new(root.join(LOCK))?;
    lock.try_lock().map_err(io::Error::from)?;
    let data = root.join("data");
    make(&data)?;
    Ok((lock, data))
}

/// Removes what killed programs left. Whatever can't be read or removed is someone else's, and a folder without a
/// lock file is just being made, unless it is empty: its maker tries another name.
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && is_ours(&entry.file_name().to_string_lossy()) {
            // Another program may be removing it as well. An empty folder goes, any other without a lock stays.
            let _ = match abandoned(&entry.path()) {
                Some(_lock) => std::fs::remove_dir_all(entry.path()),
                None => std::fs::remove_dir(entry.path()),
            };
        }
    }
}

fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 16 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The lock of a folder whose program is gone. It must be held until the folder is removed: if this is a folder whose
/// maker has made the lock file and not yet locked it, the maker finds it taken, and tries another name.
fn abandoned(folder: &Path) -> Option<File> {
    let lock = File::options().write(true).open(folder.join(LOCK)).ok()?;
    match lock.try_lock() {
        Ok(()) => Some(lock),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests;
