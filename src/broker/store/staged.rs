//! A file that is not written before all of it was found good.
//!
//! Opening a database that was not closed repairs it, and so writes. A folder that is then refused would not be as it
//! was. So what is written while opening is held back in memory; [`Staged::release`] writes it in the same order,
//! and from then on all goes through.

use redb::StorageBackend;
use redb::backends::FileBackend;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the module. Clones are the same file.
#[derive(Clone, Debug)]
pub(super) struct Staged(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    file: FileBackend,
    /// `None`: all goes through.
    held: Mutex<Option<Held>>,
    /// As if the disk were full.
    #[cfg(test)]
    full: std::sync::atomic::AtomicBool,
}

/// What was written and is not in the file.
#[derive(Debug)]
struct Held {
    steps: Vec<Step>,
    length: u64,
    /// Up to here the file's own bytes count: it may have been cut and grown again.
    own: u64,
}

#[derive(Debug)]
enum Step {
    Write(u64, Box<[u8]>),
    SetLength(u64),
    Sync,
}

impl Staged {
    pub(super) fn new(file: FileBackend) -> io::Result<Self> {
        let length = file.len()?;
        let held = Held {
            steps: Vec::new(),
            length,
            own: length,
        };
        Ok(Self(Arc::new(Shared {
            file,
            held: Mutex::new(Some(held)),
            #[cfg(test)]
            full: std::sync::atomic::AtomicBool::new(false),
        })))
    }

    /// Writes what was held back.
    pub(super) fn release(&self) -> io::Result<()> {
        let mut held = self.held();
        for step in held.take().into_iter().flat_map(|held| held.steps) {
            match step {
                Step::Write(offset, bytes) => self.0.file.write(offset, &bytes)?,
                Step::SetLength(length) => self.0.file.set_len(length)?,
                Step::Sync => self.0.file.sync_data()?,
            }
        }
        Ok(())
    }

    /// From now on every write fails.
    #[cfg(test)]
    pub(super) fn fill_disk(&self) {
        self.0.full.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for Staged {
    fn len(&self) -> io::Result<u64> {
        match &*self.held() {
            Some(held) => Ok(held.length),
            None => self.0.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.held() {
            Some(held) => held.read(&self.0.file, offset, out),
            None => self.0.file.read(offset, out),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        match &mut *self.held() {
            Some(held) => {
                held.steps.push(Step::SetLength(length));
                held.length = length;
                held.own = held.own.min(length);
                Ok(())
            }
            None => self.0.file.set_len(length),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        match &mut *self.held() {
            Some(held) => {
                held.steps.push(Step::Sync);
                Ok(())
            }
            None => self.0.file.sync_data(),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        #[cfg(test)]
        if self.0.full.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        match &mut *self.held() {
            Some(held) => {
                held.steps.push(Step::Write(offset, data.into()));
                Ok(())
            }
            None => self.0.file.write(offset, data),
        }
    }

    fn close(&self) -> io::Result<()> {
        self.0.file.close()
    }
}

impl Held {
    fn read(&self, file: &FileBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset + out.len() as u64;
        if end > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let own = usize::try_from(self.own.clamp(offset, end) - offset).map_err(io::Error::other)?;
        let (ours, beyond) = out.split_at_mut(own);
        file.read(offset, ours)?;
        beyond.fill(0);
        for step in &self.steps {
            match step {
                Step::Write(at, bytes) => lay_over(out, offset, bytes, *at)?,
                Step::SetLength(length) => {
                    let kept = usize::try_from((*length).clamp(offset, end) - offset).map_err(io::Error::other)?;
                    out[kept..].fill(0);
                }
                Step::Sync => {}
            }
        }
        Ok(())
    }
}

/// Copies what of `bytes`, which begin at `at`, falls into `out`, which begins at `offset`.
fn lay_over(out: &mut [u8], offset: u64, bytes: &[u8], at: u64) -> io::Result<()> {
    let (from, to) = (at.max(offset), (at + bytes.len() as u64).min(offset + out.len() as u64));
    if from < to {
        let place = |position: u64, origin: u64| usize::try_from(position - origin).map_err(io::Error::other);
        out[place(from, offset)?..place(to, offset)?].copy_from_slice(&bytes[place(from, at)?..place(to, at)?]);
    }
    Ok(())
}
