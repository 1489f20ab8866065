//! Where a person's progress is kept, and the moment at which something is noted in it.

use crate::scenario::{Changed, Loaded, Progress, ProgressFile, SetAside, Step, UnixTime};
use anyhow::{Context, Result};
use etcetera::BaseStrategy;
use std::env;
use std::fmt;
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Names the folder in which progress is kept.
const FOLDER: &str = "DISPATCH_LAB_DATA";

/// In the folder that the environment names, else in the user's data folder.
pub(super) fn file() -> Result<ProgressFile> {
    if let Some(folder) = env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        return Ok(ProgressFile::in_folder(PathBuf::from(folder)));
    }
    let strategy = etcetera::choose_base_strategy()
        .with_context(|| format!("can't find your data folder; name one in {FOLDER}"))?;
    Ok(ProgressFile::in_folder(strategy.data_dir().join("dispatch-lab")))
}

/// What is known. A file that can't be read is told, and keeps nobody from a lesson.
pub(super) fn load() -> Progress {
    let loaded = file().and_then(|file| Ok(file.load()?));
    let untold = |error| {
        say(format_args!("your progress is not shown: {error:#}"));
        Progress::default()
    };
    loaded.map_or_else(untold, tell)
}

/// Notes what happened in a lesson, now.
pub(super) fn note(lesson: &str, step: Step) -> Result<Changed> {
    Ok(file()?.change(|progress| progress.note(lesson, step, now()))?)
}

/// Says what could not be read.
pub(super) fn tell(loaded: Loaded) -> Progress {
    if let Some(why) = &loaded.unread {
        say(format_args!("your progress could not be read: {why}"));
    }
    loaded.progress
}

/// Says what was set aside.
pub(super) fn tell_aside(aside: &SetAside) {
    let (why, path) = (&aside.why, aside.path.display());
    say(format_args!(
        "your progress could not be read ({why}); it is in {path} now, and you begin anew"
    ));
}

/// On standard error, if somebody is there.
pub(super) fn say(what: fmt::Arguments<'_>) {
    let _ = writeln!(stderr(), "dispatch-lab: {what}");
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixTime(since.map_or(0, |since| since.as_secs()))
}
