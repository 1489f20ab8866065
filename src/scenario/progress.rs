//! How far a person came: kept in one small file of JSON, which is written whole or not at all.
//!
//! Several programs may be open at once, so the file is read before each change. What can't be understood is never
//! overwritten: a damaged file, or one of a newer program, is set aside under another name.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The name of the file.
const FILE: &str = "progress.json";
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
    /// Empty if there was none.
    pub progress: Progress,
    /// A file that could not be understood.
    pub set_aside: Option<SetAside>,
}

/// A file that could not be understood, and has another name now.
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

    /// What is known.
    pub fn load(&self) -> Result<Loaded, ProgressError> {
        let path = self.path();
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Loaded::nothing()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return self.set_aside(&error.to_string()),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        match understood(&text) {
            Ok(progress) => Ok(Loaded {
                progress,
                set_aside: None,
            }),
            Err(why) => self.set_aside(&why),
        }
    }

    /// Reads, changes, and writes.
    pub fn change(&self, change: impl FnOnce(&mut Progress)) -> Result<Loaded, ProgressError> {
        let mut loaded = self.load()?;
        change(&mut loaded.progress);
        self.save(&loaded.progress)?;
        Ok(loaded)
    }

    /// A reader sees the file before or the file after, whenever the program or the machine ends.
    fn save(&self, progress: &Progress) -> Result<(), ProgressError> {
        let path = self.path();
        let text = serde_json::to_string_pretty(progress).map_err(|error| failed("write", &path)(error.into()))?;
        fs::create_dir_all(&self.folder).map_err(failed("make", &self.folder))?;
        let beside = self.folder.join(format!("{FILE}.{}.new", std::process::id()));
        let written = write(&beside, &text).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| {
            // The old file is as it was; what was begun is of no use.
            let _ = fs::remove_file(&beside);
            failed("write", &path)(error)
        })
    }

    fn set_aside(&self, why: &str) -> Result<Loaded, ProgressError> {
        let path = self.path();
        let mut names = (1..=ASIDE_MAX).map(|n| self.folder.join(format!("{FILE}.aside-{n}")));
        let full = || failed("set aside", &path)(io::Error::other("too many were set aside already"));
        let aside = names.find(|name| !name.exists()).ok_or_else(full)?;
        fs::rename(&path, &aside).map_err(failed("set aside", &path))?;
        Ok(Loaded {
            progress: Progress::default(),
            set_aside: Some(SetAside {
                why: why.to_owned(),
                path: aside,
            }),
        })
    }
}

impl Loaded {
    fn nothing() -> Self {
        Self {
            progress: Progress::default(),
            set_aside: None,
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > SIZE_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large"));
    }
    fs::read_to_string(path)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The format is looked at first: a newer one may look quite different.
fn understood(text: &str) -> Result<Progress, String> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let format: Format = serde_json::from_str(text).map_err(|error| format!("it is damaged: {error}"))?;
    if format.format != FORMAT {
        return Err(format!(
            "its format is {}, and this program knows {FORMAT}",
            format.format
        ));
    }
    serde_json::from_str(text).map_err(|error| format!("it is damaged: {error}"))
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
