//! The shelf: the lessons that are built in, in the order in which they build on each other, and those of a teacher's
//! folder behind them.

use super::Scenario;
use super::fault::nearest;
use super::{read, read_scenario_file};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

macro_rules! lessons {
    ($($file:literal),* $(,)?) => {
        [$(($file, include_str!(concat!("../../assets/lessons/", $file)))),*]
    };
}

/// What is built in: the name of each file, and its text.
const BUILT_IN: [(&str, &str); 18] = lessons![
    "01-round-robin.toml",
    "02-fair-dispatch.toml",
    "03-the-tray.toml",
    "04-forgotten-ack.toml",
    "05-auto-ack.toml",
    "06-done-twice.toml",
    "07-kinds-of-death.toml",
    "08-old-place.toml",
    "09-nack-loop.toml",
    "10-redelivered-is-no-counter.toml",
    "11-innocent-neighbours.toml",
    "12-prefetch-is-a-tray.toml",
    "13-prefetch-and-latency.toml",
    "14-prefetch-is-for-new-consumers.toml",
    "15-durability.toml",
    "16-double-ack.toml",
    "17-fanout.toml",
    "18-your-broker.toml",
];

/// The most files of a folder that are read; whoever has more named the wrong folder.
const FILES_MAX: usize = 1000;

/// All scenarios that can be named, in their order.
#[derive(Clone, Debug)]
pub struct Shelf {
    rows: Vec<Shelved>,
}

/// A scenario on the shelf.
#[derive(Clone, Debug)]
pub struct Shelved {
    /// What it is.
    pub scenario: Arc<Scenario>,
    /// Where it is from; `None`: it is built in.
    pub file: Option<PathBuf>,
}

/// A file that is no scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which.
    pub file: PathBuf,
    /// Its mistakes, as they are told on a terminal; ends with a line break.
    pub told: String,
}

/// There is no scenario of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no lesson `{name}`{}; `dispatch-lab lessons` lists them", meant(.nearest.as_ref()))]
pub struct NoSuchLesson {
    /// As it was given.
    pub name: String,
    /// The one that was probably meant.
    pub nearest: Option<Arc<str>>,
}

/// A folder that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The folder, or a file in it.
    #[error("can't read {}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Surely not a folder of lessons.
    #[error("{} has more than {FILES_MAX} .toml files: name a folder of lessons", .0.display())]
    TooMany(PathBuf),
}

impl Shelf {
    /// What is built in.
    ///
    /// # Panics
    /// Never: a test reads every one.
    pub fn built_in() -> Self {
        let rows = BUILT_IN.iter().map(|(file, text)| {
            let read = read(text).unwrap_or_else(|mistakes| panic!("{file} is built in: {mistakes:?}"));
            let scenario = Arc::new(read);
            Shelved { scenario, file: None }
        });
        Self { rows: rows.collect() }
    }

    /// Adds the `.toml` files of a folder, in the order of their names. Those that are no scenarios, and those whose name
    /// is taken, stay out and are returned.
    pub fn add_folder(&mut self, folder: &Path) -> Result<Vec<Unreadable>, ShelfError> {
        let mut bad = Vec::new();
        for file in scenario_files(folder)? {
            let text = match read_scenario_file(&file) {
                Ok(text) => text,
                Err(error) => {
                    let told = format!("{}: {error}\n", file.display());
                    bad.push(Unreadable { file, told });
                    continue;
                }
            };
            if let Err(told) = self.add(&file, &text) {
                bad.push(Unreadable { file, told });
            }
        }
        Ok(bad)
    }

    /// Adds the text of a file.
    fn add(&mut self, file: &Path, text: &str) -> Result<(), String> {
        let shown = file.display().to_string();
        let scenario = read(text).map_err(|mistakes| mistakes.iter().map(|m| m.render(&shown)).collect::<String>())?;
        if let Ok(other) = self.find(&scenario.name) {
            let whose = other
                .file
                .as_ref()
                .map_or("a lesson that is built in".to_owned(), |f| f.display().to_string());
            return Err(format!("{shown}: the name `{}` is taken by {whose}\n", scenario.name));
        }
        self.rows.push(Shelved {
            scenario: Arc::new(scenario),
            file: Some(file.to_owned()),
        });
        Ok(())
    }

    /// All of them, in their order.
    pub fn rows(&self) -> &[Shelved] {
        &self.rows
    }

    /// The one of that name.
    pub fn find(&self, name: &str) -> Result<&Shelved, NoSuchLesson> {
        self.place(name).map(|place| &self.rows[place])
    }

    /// The text of the file of one that is built in.
    pub fn built_in_text(name: &str) -> Result<&'static str, NoSuchLesson> {
        Self::built_in().place(name).map(|place| BUILT_IN[place].1)
    }

    /// The place of the one of that name, from 0.
    pub fn place(&self, name: &str) -> Result<usize, NoSuchLesson> {
        let names = || self.rows.iter().map(|row| &row.scenario.name);
        names().position(|n| **n == *name).ok_or_else(|| NoSuchLesson {
            name: name.to_owned(),
            nearest: nearest(name, names().map(AsRef::as_ref)).map(Into::into),
        })
    }
}

fn meant(nearest: Option<&Arc<str>>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn scenario_files(folder: &Path) -> Result<Vec<PathBuf>, ShelfError> {
    let unreadable = |error| ShelfError::Unreadable {
        path: folder.to_owned(),
        error,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(ShelfError::TooMany(folder.to_owned()));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
