//! The text of a scenario's file, whatever lies where the file should be.

use super::FILE_MAX;
use std::fs::{File, metadata};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The text of a regular file of at most [`FILE_MAX`] bytes: a pipe would be waited for, and a device never ends.
///
/// # Errors
/// It is none, is longer, is no text, or can't be read.
pub fn read_scenario_file(path: &Path) -> Result<String> {
    if !metadata(path)?.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "it is no regular file"));
    }
    let mut text = Vec::new();
    let most = FILE_MAX as u64;
    File::open(path)?.take(most + 1).read_to_end(&mut text)?;
    if text.len() as u64 > most {
        let what = format!("it is longer than the {FILE_MAX} bytes that a scenario may have");
        return Err(Error::new(ErrorKind::InvalidData, what));
    }
    String::from_utf8(text).map_err(|_| Error::new(ErrorKind::InvalidData, "it is no text (UTF-8)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_of_bearable_length_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.toml");
        for (length, good) in [(0, true), (FILE_MAX, true), (FILE_MAX + 1, false)] {
            std::fs::write(&file, "#".repeat(length)).expect("it is written");
            assert_eq!(read_scenario_file(&file).is_ok(), good, "{length}");
        }
        for none in [folder.path(), Path::new("/dev/zero"), &folder.path().join("none.toml")] {
            assert!(read_scenario_file(none).is_err(), "{}", none.display());
        }
    }
}
