//! The learner's desk: the lessons there are, and how far she came, which is written as soon as it is known.

use super::First;
use crate::cli::{LessonArgs, Secret};
use crate::run::report::quoted;
use crate::run::scenario::source;
use crate::run::{lessons, progress};
use crate::scenario::{LessonRecord, Progress, Scenario, SetAside, Shelf, Shelved, Step, read, read_scenario_file};
use crate::tui::{LessonNews, LessonProgress, LessonRow, LessonState, Lessons};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lessons and progress.
pub(in crate::run) struct Desk {
    shelf: Shelf,
    progress: Progress,
    opened_with: Opened,
    /// Who is taught.
    learner: Option<String>,
    /// Why progress could not be written. The screen is in the way of telling; it is told when the desk is left.
    trouble: Option<anyhow::Error>,
    /// A damaged file that lay in the way; told then as well.
    set_aside: Option<SetAside>,
    /// A lesson of a file that has the name of one that is built in: what happens in it is not written under that name.
    nameless: Option<Arc<Scenario>>,
}

/// With what lessons are opened, so that they can be opened again.
#[derive(Clone, Debug, Default)]
struct Opened {
    /// The one that is on no shelf.
    file: Option<String>,
    /// Options, each with a space before it.
    options: String,
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
            opened_with: Opened::default(),
            learner: None,
            trouble: None,
            set_aside: None,
            nameless: None,
        }
    }

    /// The same, for that person.
    pub(in crate::run) fn of(mut self, learner: Option<&str>) -> Self {
        self.learner = learner.map(str::to_owned);
        self
    }

    /// Who is taught.
    pub(super) fn learner(&self) -> Option<&str> {
        self.learner.as_deref()
    }

    /// The same, on that broker.
    pub(in crate::run) fn on(mut self, url: Option<&Secret>, tls_ca: Option<&PathBuf>) -> Self {
        if url.is_some() {
            // The URL may hold a password: it is left to whoever repeats it.
            self.opened_with.options.push_str(" --url \"$AMQP_URL\"");
        }
        if let Some(file) = tls_ca {
            self.opened_with.options.push_str(" --tls-ca ");
            self.opened_with.options.push_str(&word(file));
        }
        self
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
        let folder = args.folder.as_ref();
        let file = matches!(first, First::File(_)).then(|| args.lesson.clone()).flatten();
        let mut desk = Self::with(shelf);
        desk.opened_with = Opened {
            file,
            options: folder.map_or_else(String::new, |folder| format!(" --folder {}", word(folder))),
        };
        desk.learner.clone_from(&args.by);
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
        Ok((desk.on(args.url.as_ref(), args.tls_ca.as_ref()), first))
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
        let command = open
            .as_deref()
            .map_or_else(String::new, |lesson| self.command(row, lesson));
        Lessons {
            shelf: self.shelf.rows().iter().map(row_of).collect(),
            begins_with_list: false,
            open,
            row,
            command: command.into(),
        }
    }

    /// What opens that lesson again.
    fn command(&self, row: Option<u16>, lesson: &Scenario) -> String {
        let file = self.opened_with.file.as_deref().filter(|_| row.is_none());
        let name = quoted(file.unwrap_or(&lesson.name));
        format!("dispatch-lab lesson {name}{}", self.opened_with.options)
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

fn word(path: &Path) -> String {
    quoted(&path.display().to_string())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn args(words: &[&str]) -> LessonArgs {
        let cli = Cli::try_parse_from([&["dispatch-lab", "lesson"], words].concat()).expect("well formed");
        match cli.command {
            Some(Command::Lesson(args)) => *args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_lesson_s_command_opens_it_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("my own.toml");
        crate::run::template::write(&own).expect("it is new");
        let (own, folder) = (own.display().to_string(), folder.path().display().to_string());
        let rows: [(&[&str], String); 4] = [
            (&["round-robin"], "round-robin".to_owned()),
            (&[&own], format!("'{own}'")),
            (
                &["round-robin", "--folder", &folder],
                format!("round-robin --folder {folder}"),
            ),
            (
                &["round-robin", "--url", "amqp://me:secret@there", "--tls-ca", "ca.pem"],
                "round-robin --url \"$AMQP_URL\" --tls-ca ca.pem".to_owned(),
            ),
        ];
        for (words, wanted) in rows {
            let (desk, first) = Desk::at(&args(words)).expect("it is there");
            let row = match first {
                First::Row(row) => Some(row),
                First::File(_) => None,
                First::List => panic!("{words:?} names one"),
            };
            let lesson = desk.opened(&first).expect("it is there");
            let command = desk.lessons(row, Some(lesson)).command;
            assert_eq!(*command, format!("dispatch-lab lesson {wanted}"));
        }
    }
}
