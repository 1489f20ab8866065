//! A number that only rises, in a file of its own.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// See the module.
#[derive(Debug)]
pub(super) struct Fence(File);

impl Fence {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        File::create(path).map(Self)
    }

    pub(super) fn open(path: &Path) -> io::Result<Self> {
        File::options().read(true).write(true).open(path).map(Self)
    }

    /// The number; `InvalidData` if the file is not as it was written.
    pub(super) fn read(&self) -> io::Result<u64> {
        let mut bytes = Vec::new();
        let mut file = &self.0;
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
        let bytes = <[u8; 16]>::try_from(bytes).map_err(|_| wrong("it has not its length"))?;
        let number = u64::from_be_bytes(std::array::from_fn(|at| bytes[at]));
        if fenced(number) == bytes {
            Ok(number)
        } else {
            Err(wrong("it does not agree with itself"))
        }
    }

    pub(super) fn raise(&mut self, number: u64) -> io::Result<()> {
        self.0.rewind()?;
        self.0.write_all(&fenced(number))
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
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
