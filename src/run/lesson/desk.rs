//! The learner's desk: the lessons there are, and how far she came, which is written as soon as it is known.

use super::First;
use crate::cli::LessonArgs;
use crate::run::scenario::source;
use crate::run::{lessons, progress};
use crate::scenario::{LessonRecord, Progress, Scenario, SetAside, Shelf, Shelved, Step, read, read_scenario_file};
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
    /// A damaged file that lay in the way; told then as well.
    set_aside: Option<SetAside>,
    /// A lesson of a file that has the name of one that is built in: what happens in it is not written under that name.
    nameless: Option<Arc<Scenario>>,
}

/// A file that is no lesson: its mistakes, as they are told on a terminal.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.trim_end())]
pub(in crate::run) struct BadFile(String);

impl Desk {
    /// With what is built in.
    pub(in crate::run) fn built_in() -> Self {
        Self::with(Shelf::built_in())
    }

    fn with(shelf: Shelf) -> Self {
        Self {
            shelf,
            progress: progress::load(),
            trouble: None,
            set_aside: None,
            nameless: None,
        }
    }

    /// What the arguments ask for: which lessons there are, and which is opened first.
    pub(super) fn at(args: &LessonArgs) -> Result<(Self, First)> {
        let (shelf, bad) = lessons::shelf(args.folder.as_deref())?;
        lessons::tell(&bad);
        let first = match args.lesson.as_deref() {
            None => First::List,
            Some(given) if source::is_file(given, shelf.place(given).is_ok()) => {
                First::File(Arc::new(from_file(given)?))
            }
            Some(name) => First::Row(shelf.place(name).map(number)?),
        };
        let mut desk = Self::with(shelf);
        if let First::File(lesson) = &first
            && desk.shelf.find(&lesson.name).is_ok_and(|taken| taken.file.is_none())
        {
            let name = &lesson.name;
            progress::say(format_args!(
                "a lesson that is built in is called `{name}`: your progress in this file is not written; give it a name \
                 of its own"
            ));
            desk.nameless = Some(Arc::clone(lesson));
        }
        Ok((desk, first))
    }

    /// The lesson that is opened there; `None`: it is the list.
    pub(super) fn opened(&self, at: &First) -> Option<Arc<Scenario>> {
        match at {
            First::List => None,
            First::Row(row) => {
                let shelved = self.shelf.rows().get(usize::from(*row))?;
                Some(Arc::clone(&shelved.scenario))
            }
            First::File(lesson) => Some(Arc::clone(lesson)),
        }
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
    pub(super) fn begin(&mut self, lesson: &Arc<Scenario>) {
        self.write(lesson, Step::Begun);
    }

    /// Something happened in it.
    pub(super) fn note(&mut self, lesson: &Arc<Scenario>, news: LessonNews) {
        self.write(
            lesson,
            match news {
                LessonNews::Done { right, of } => Step::Done { right, asked: of },
                LessonNews::Goal(goal) => Step::Goal(goal),
            },
        );
    }

    fn write(&mut self, lesson: &Arc<Scenario>, step: Step) {
        if self
            .nameless
            .as_ref()
            .is_some_and(|nameless| Arc::ptr_eq(nameless, lesson))
        {
            return;
        }
        match progress::note(&lesson.name, step) {
            Ok(changed) => {
                self.progress = changed.progress;
                self.set_aside = self.set_aside.take().or(changed.set_aside);
            }
            Err(error) => self.trouble = Some(error),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(aside) = &self.set_aside {
            progress::tell_aside(aside);
        }
        if let Some(error) = &self.trouble {
            progress::say(format_args!("your progress was not written: {error:#}"));
        }
    }
}

fn from_file(given: &str) -> Result<Scenario> {
    let text = read_scenario_file(Path::new(given)).with_context(|| format!("can't read {given}"))?;
    let told = |mistakes: Vec<_>| source::complaint(given, &mistakes);
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
