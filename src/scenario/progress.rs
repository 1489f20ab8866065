//! How far a person came: kept in one small file of JSON, which is written whole or not at all.
//!
//! Several programs may be open at once, so each change reads the file anew, under a lock that lies beside it. What can't
//! be understood is never lost: a damaged file is kept under another name before it is written anew, and one of a newer
//! program is left to that program. Who only looks changes nothing.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The name of the file.
const FILE: &str = "progress.json";
/// Whoever changes the file has this one locked. It is never removed: another may be waiting for it.
const LOCK: &str = "progress.lock";
/// The format of the file; it grows when an older program would misread it.
const FORMAT: u32 = 1;
/// A longer file is none of ours.
const SIZE_MAX: u64 = 1 << 20;
/// How many files that were set aside may lie beside it.
const ASIDE_MAX: u32 = 100;

/// Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub u64);

/// How far a person came in all lessons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    format: u32,
    lessons: BTreeMap<String, LessonRecord>,
}

/// How far a person came in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonRecord {
    /// When it was opened for the first time.
    pub begun: Option<UnixTime>,
    /// When it was read to its rule the last time.
    pub done: Option<UnixTime>,
    /// Predictions that were right, that time.
    pub right: u16,
    /// Predictions that were asked, that time.
    pub asked: u16,
    /// The goals that were reached, counted from 0.
    pub goals: BTreeSet<u16>,
}

/// What happened in a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was opened.
    Begun,
    /// It was read to its rule.
    Done {
        /// Predictions that were right.
        right: u16,
        /// Predictions that were asked.
        asked: u16,
    },
    /// That goal was reached, counted from 0.
    Goal(u16),
}

/// Where progress is kept.
#[derive(Clone, Debug)]
pub struct ProgressFile {
    folder: PathBuf,
}

/// What was read, and what could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Empty if there was none, or none that was understood.
    pub progress: Progress,
    /// Why the file was not understood. It is where it was.
    pub unread: Option<String>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// As it is now.
    pub progress: Progress,
    /// A damaged file that was there before.
    pub set_aside: Option<SetAside>,
}

/// A file that could not be understood, and is kept under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Why.
    pub why: String,
    /// Its name now.
    pub path: PathBuf,
}

/// The file can't be read, or not be written.
#[derive(Debug, thiserror::Error)]
#[error("can't {what} {}: {error}", path.display())]
pub struct ProgressError {
    what: &'static str,
    path: PathBuf,
    error: io::Error,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            format: FORMAT,
            lessons: BTreeMap::new(),
        }
    }
}

impl Progress {
    /// Of that lesson; nothing, where it was never opened.
    pub fn of(&self, lesson: &str) -> LessonRecord {
        self.lessons.get(lesson).cloned().unwrap_or_default()
    }

    /// Adds what happened.
    pub fn note(&mut self, lesson: &str, step: Step, now: UnixTime) {
        let record = self.lessons.entry(lesson.to_owned()).or_default();
        record.begun.get_or_insert(now);
        match step {
            Step::Begun => {}
            Step::Done { right, asked } => {
                record.done = Some(now);
                (record.right, record.asked) = (right.min(asked), asked);
            }
            Step::Goal(goal) => {
                record.goals.insert(goal);
            }
        }
    }

    /// Forgets a lesson; `None`: all of them.
    pub fn forget(&mut self, lesson: Option<&str>) {
        match lesson {
            Some(lesson) => drop(self.lessons.remove(lesson)),
            None => self.lessons.clear(),
        }
    }
}

impl ProgressFile {
    /// In that folder, which is made when something is written.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// What is known. Nothing is written.
    pub fn load(&self) -> Result<Loaded, ProgressError> {
        let (progress, unread) = match self.find()? {
            Found::Nothing => (Progress::default(), None),
            Found::Known(progress) => (progress, None),
            Found::Damaged(why) => (Progress::default(), Some(why)),
            Found::Newer(format) => (Progress::default(), Some(newer(format))),
        };
        Ok(Loaded { progress, unread })
    }

    /// Reads, changes, and writes, while no other program does.
    pub fn change(&self, change: impl FnOnce(&mut Progress)) -> Result<Changed, ProgressError> {
        fs::create_dir_all(&self.folder).map_err(failed("make", &self.folder))?;
        let _locked = self.lock()?;
        let (mut progress, set_aside) = match self.find()? {
            Found::Nothing => (Progress::default(), None),
            Found::Known(progress) => (progress, None),
            Found::Damaged(why) => (Progress::default(), Some(self.set_aside(why)?)),
            Found::Newer(format) => return Err(failed("write", &self.path())(io::Error::other(newer(format)))),
        };
        change(&mut progress);
        self.save(&progress)?;
        Ok(Changed { progress, set_aside })
    }

    fn find(&self) -> Result<Found, ProgressError> {
        let path = self.path();
        match read(&path) {
            Ok(text) => Ok(understood(&text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Found::Damaged(error.to_string())),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    /// Waits for whoever has it; nobody has it longer than a change takes. It is free when the file is dropped, and when
    /// a program ends.
    fn lock(&self) -> Result<File, ProgressError> {
        let path = self.folder.join(LOCK);
        let opened = File::options().create(true).write(true).truncate(false).open(&path);
        let file = opened.map_err(failed("open", &path))?;
        match file.lock() {
            // Where a file system knows no locks, two programs at once are the smaller risk.
            Err(error) if error.kind() != ErrorKind::Unsupported => Err(failed("lock", &path)(error)),
            _ => Ok(file),
        }
    }

    /// A reader sees the file before or the file after, whenever the program or the machine ends.
    fn save(&self, progress: &Progress) -> Result<(), ProgressError> {
        let path = self.path();
        let text = serde_json::to_string_pretty(progress).map_err(|error| failed("write", &path)(error.into()))?;
        let beside = self.folder.join(format!("{FILE}.{}.new", std::process::id()));
        let written = write(&beside, &text).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| {
            // The old file is as it was; what was begun is of no use.
            let _ = fs::remove_file(&beside);
            failed("write", &path)(error)
        })
    }

    /// Keeps a copy of a damaged file, under a name that nothing has yet.
    fn set_aside(&self, why: String) -> Result<SetAside, ProgressError> {
        let path = self.path();
        for n in 1..=ASIDE_MAX {
            let aside = self.folder.join(format!("{FILE}.aside-{n}"));
            match fs::hard_link(&path, &aside).or_else(|error| copy_where_links_are_unknown(&path, &aside, error)) {
                Ok(()) => return Ok(SetAside { why, path: aside }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("set aside", &path)(error)),
            }
        }
        let full = io::Error::other("too many were set aside already");
        Err(failed("set aside", &path)(full))
    }
}

/// What is where the file should be.
enum Found {
    Nothing,
    Known(Progress),
    /// Why it was not understood.
    Damaged(String),
    /// Its format.
    Newer(u32),
}

fn newer(format: u32) -> String {
    format!(
        "a newer dispatch-lab wrote it: its format is {format}, and this program knows {FORMAT}; it is left as it is"
    )
}

/// Some file systems have no links.
fn copy_where_links_are_unknown(from: &Path, to: &Path, error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::AlreadyExists {
        return Err(error);
    }
    let mut copy = File::options().write(true).create_new(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

fn read(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = Vec::new();
    File::open(path)?.take(SIZE_MAX + 1).read_to_end(&mut text)?;
    if text.len() as u64 > SIZE_MAX {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is too large"));
    }
    String::from_utf8(text).map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is damaged: it is no text"))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The format is looked at first: a newer one may look quite different.
fn understood(text: &str) -> Found {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let damaged = |error: serde_json::Error| Found::Damaged(format!("it is damaged: {error}"));
    match serde_json::from_str(text) {
        Ok(Format { format }) if format > FORMAT => Found::Newer(format),
        Ok(Format { format: FORMAT }) => serde_json::from_str(text).map_or_else(damaged, Found::Known),
        Ok(Format { format }) => Found::Damaged(format!("it is damaged: there is no format {format}")),
        Err(error) => damaged(error),
    }
}

fn failed(what: &'static str, path: &Path) -> impl Fn(io::Error) -> ProgressError {
    let path = path.to_owned();
    move |error| ProgressError {
        what,
        path: path.clone(),
        error,
    }
}

#[cfg(test)]
mod tests;
