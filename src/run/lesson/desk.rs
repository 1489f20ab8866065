//! The learner's desk: the lessons there are, and how far she came, which is written as soon as it is known.

use super::First;
use crate::cli::LessonArgs;
use crate::run::{lessons, progress};
use crate::scenario::{LessonRecord, Progress, Scenario, Shelf, Shelved, Step, read};
use crate::tui::{LessonNews, LessonProgress, LessonRow, LessonState, Lessons};
use anyhow::{Context, Result};
use std::path::Path;
use std::sync::Arc;

/// Lessons and progress.
pub(in crate::run) struct Desk {
    shelf: Shelf,
    progress: Progress,
    /// Why progress could not be written. The screen is in the way of telling; it is told when the desk is left.
    trouble: Option<anyhow::Error>,
}

/// A file that is no lesson: its mistakes, as they are told on a terminal.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.trim_end())]
pub(in crate::run) struct BadFile(String);

impl Desk {
    /// With what is built in.
    pub(in crate::run) fn built_in() -> Self {
        Self {
            shelf: Shelf::built_in(),
            progress: progress::load(),
            trouble: None,
        }
    }

    /// What the arguments ask for: which lessons there are, and which is opened first.
    pub(super) fn at(args: &LessonArgs) -> Result<(Self, First)> {
        let (shelf, bad) = lessons::shelf(args.folder.as_deref())?;
        lessons::tell(&bad);
        let first = match args.lesson.as_deref() {
            None => First::List,
            Some(lesson) if is_file(lesson) => First::File(Arc::new(from_file(Path::new(lesson))?)),
            Some(name) => First::Row(shelf.place(name).map(number)?),
        };
        let desk = Self {
            shelf,
            progress: progress::load(),
            trouble: None,
        };
        Ok((desk, first))
    }

    /// The lesson at that place.
    pub(super) fn lesson(&self, row: u16) -> Option<Arc<Scenario>> {
        let shelved = self.shelf.rows().get(usize::from(row))?;
        Some(Arc::clone(&shelved.scenario))
    }

    /// For the screen: all of them, and the one that is opened.
    pub(in crate::run) fn lessons(&self, row: Option<u16>, open: Option<Arc<Scenario>>) -> Lessons {
        let row_of = |shelved: &Shelved| LessonRow {
            title: Arc::clone(&shelved.scenario.title),
            summary: Arc::clone(&shelved.scenario.summary),
            progress: came(&shelved.scenario, &self.progress.of(&shelved.scenario.name)),
        };
        Lessons {
            shelf: self.shelf.rows().iter().map(row_of).collect(),
            begins_with_list: false,
            open,
            row,
        }
    }

    /// A lesson was opened.
    pub(super) fn begin(&mut self, lesson: &str) {
        self.write(lesson, Step::Begun);
    }

    /// Something happened in it.
    pub(super) fn note(&mut self, lesson: &str, news: LessonNews) {
        self.write(
            lesson,
            match news {
                LessonNews::Done { right, of } => Step::Done { right, asked: of },
                LessonNews::Goal(goal) => Step::Goal(goal),
            },
        );
    }

    fn write(&mut self, lesson: &str, step: Step) {
        match progress::note(lesson, step) {
            Ok(progress) => self.progress = progress,
            Err(error) => self.trouble = Some(error),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(error) = &self.trouble {
            eprintln!("dispatch-lab: your progress was not written: {error:#}");
        }
    }
}

/// What is no name of a lesson: it has a folder or an ending.
fn is_file(lesson: &str) -> bool {
    lesson.contains(['/', '\\', '.'])
}

fn from_file(path: &Path) -> Result<Scenario> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {shown}"))?;
    let told = |mistakes: Vec<crate::scenario::Mistake>| mistakes.iter().map(|m| m.render(&shown)).collect();
    Ok(read(&text).map_err(told).map_err(BadFile)?)
}

fn came(lesson: &Scenario, record: &LessonRecord) -> LessonProgress {
    let goals = number(lesson.goals.len());
    // The lesson may have changed since.
    let reached = record.goals.iter().filter(|goal| **goal < goals).count();
    LessonProgress {
        state: match (record.begun, record.done) {
            (_, Some(_)) => LessonState::Done,
            (Some(_), None) => LessonState::Begun,
            (None, None) => LessonState::New,
        },
        right: (record.right, record.asked),
        goals: (number(reached), goals),
    }
}

fn number(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
