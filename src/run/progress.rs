//! Where a person's progress is kept, and the moment at which something is noted in it.

use crate::scenario::{Loaded, Progress, ProgressFile, Step, UnixTime};
use anyhow::{Context, Result};
use etcetera::BaseStrategy;
use std::env;
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
    match loaded {
        Ok(loaded) => tell(loaded),
        Err(error) => {
            eprintln!("dispatch-lab: your progress is not shown: {error:#}");
            Progress::default()
        }
    }
}

/// Notes what happened in a lesson, now.
pub(super) fn note(lesson: &str, step: Step) -> Result<Progress> {
    let loaded = file()?.change(|progress| progress.note(lesson, step, now()))?;
    Ok(loaded.progress)
}

/// Says what was set aside.
pub(super) fn tell(loaded: Loaded) -> Progress {
    if let Some(aside) = &loaded.set_aside {
        let (why, path) = (&aside.why, aside.path.display());
        eprintln!("dispatch-lab: your progress could not be read ({why}); it is in {path} now, and you begin anew");
    }
    loaded.progress
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixTime(since.map_or(0, |since| since.as_secs()))
}
