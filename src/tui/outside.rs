//! What leaves the screen but for wishes: a text for the terminal's clipboard, and files.

use crate::code::File;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// The folder for programs, below where the lab was started.
const FOLDER: &str = "dispatch-lab-code";
/// Folders tried when earlier ones hold something else.
const FOLDERS: u32 = 99;

/// What can be brought out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// A text, to the terminal's clipboard.
    Copy {
        /// Its name.
        what: &'static str,
        /// All of it.
        text: String,
    },
    /// Files, to where the lab was started.
    Save(Vec<File>),
}

/// Does it. What to say.
pub(super) fn done(deed: &Deed, terminal: &mut impl Write) -> String {
    match deed {
        Deed::Copy { what, text } => copy(terminal, what, text),
        Deed::Save(files) => save(Path::new("."), files),
    }
}

/// Hands a text to the terminal, for its clipboard (OSC 52). Terminals don't answer; some refuse. What to say.
fn copy(terminal: &mut impl Write, what: &str, text: &str) -> String {
    let order = format!("\x1b]52;c;{}\x07", base64(text.as_bytes()));
    match terminal.write_all(order.as_bytes()).and_then(|()| terminal.flush()) {
        Ok(()) => format!(
            "{what} was handed to the terminal's clipboard; if nothing arrives there, it refuses: w writes files"
        ),
        Err(error) => format!("{what} was not copied: {error}"),
    }
}

/// Writes files into a folder of their own; what is there already and differs is left as it is, and another folder is
/// taken. What to say.
fn save(below: &Path, files: &[File]) -> String {
    match try_save(below, files) {
        Ok(Saved::New(folder)) => format!("{} files written to {}", files.len(), shown(&folder)),
        Ok(Saved::Beside(folder)) => format!(
            "{FOLDER} holds other files, and keeps them: {} files written to {}",
            files.len(),
            shown(&folder)
        ),
        Ok(Saved::Already(folder)) => format!("{} has exactly these files already", shown(&folder)),
        Err(error) => format!("the files were not written: {error}"),
    }
}

/// What became of the files.
enum Saved {
    New(PathBuf),
    Beside(PathBuf),
    Already(PathBuf),
}

fn try_save(below: &Path, files: &[File]) -> io::Result<Saved> {
    for number in 1..=FOLDERS {
        let name = if number == 1 {
            FOLDER.to_owned()
        } else {
            format!("{FOLDER}-{number}")
        };
        let folder = below.join(name);
        match fs::create_dir(&folder) {
            Ok(()) => {
                for file in files {
                    fs::File::create_new(folder.join(file.name))?.write_all(file.text.as_bytes())?;
                }
                return Ok(if number == 1 {
                    Saved::New(folder)
                } else {
                    Saved::Beside(folder)
                });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if files.iter().all(|file| has(&folder, file)) {
                    return Ok(Saved::Already(folder));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "there are {FOLDERS} folders {FOLDER} already; move some away"
    )))
}

/// Whether the folder has this file, to the letter.
fn has(folder: &Path, file: &File) -> bool {
    fs::read(folder.join(file.name)).is_ok_and(|bytes| bytes == file.text.as_bytes())
}

fn shown(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    format!("./{}", name.to_string_lossy())
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let octet = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for at in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= three.len() { char::from(sign) } else { '=' });
        }
    }
    text
}
