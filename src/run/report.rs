//! Reports: who gathers them and writes their files.
//!
//! The clerk takes the screen's wishes, asks the historian for the run up to now, and writes a new file for each. A run
//! without a screen calls [`write`] with what it has gathered itself. Nothing is ever overwritten.

use crate::cli::ReportFile;
use crate::lab::{BrokerRow, Event, Gaze, History, Settings, When};
use crate::recording::{Inquirer, Past};
use crate::report::{About, Course, Form, Report, Written};
use crate::tui::{ReportOrder, Reports};
use anyhow::{Context, Result, anyhow};
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

#[cfg(test)]
mod tests;

/// Wishes that wait; when it is full the screen says that the lab is busy.
const ORDERS: usize = 4;
/// How many names are tried before giving up.
const NAMES: u32 = 9_999;
/// A disk, or a historian, that takes longer hangs, and must not keep the program.
const PATIENCE: Duration = Duration::from_secs(5);

/// What [`write()`] says of a file that is there.
#[derive(Debug, thiserror::Error)]
#[error("{} is there already, and a report overwrites nothing: name a new file", .0.display())]
pub(super) struct Exists(PathBuf);

/// Who writes reports of a run while it is looked at.
pub(super) struct Clerk {
    inquirer: Inquirer,
    about: About,
    work: JoinHandle<()>,
}

/// The report that is asked for on the command line.
pub(super) struct Parting {
    file: ReportFile,
    picture: Option<oneshot::Receiver<String>>,
}

impl Clerk {
    /// Takes up its work; what the screen needs of it.
    pub(super) fn open(inquirer: Inquirer, about: About) -> (Self, Reports) {
        let (orders, inlet) = mpsc::channel(ORDERS);
        let (outlet, answers) = watch::channel(None);
        let desk = Desk {
            inquirer: inquirer.clone(),
            about: about.clone(),
        };
        let work = tokio::spawn(desk.work(inlet, outlet));
        let reports = Reports {
            orders,
            answers,
            last: None,
        };
        (Self { inquirer, about, work }, reports)
    }

    /// Writes what was asked for on the command line, and ends with the last of the screen's wishes. The screen is gone,
    /// and the lab runs still.
    pub(super) async fn close(self, parting: Option<Parting>) -> Result<()> {
        let written = match parting {
            Some(parting) => parting.write(&self.inquirer, &self.about).await,
            None => Ok(()),
        };
        // What hangs for longer is left to itself.
        let _ = timeout(PATIENCE, self.work).await;
        written
    }
}

impl Parting {
    /// Of the option, if it was given; a file that is there already is an error at once.
    pub(super) fn of(file: Option<&ReportFile>, reports: &mut Reports) -> Option<Self> {
        let file = file?.clone();
        let mut picture = None;
        if file.form.is_picture() {
            let (sender, receiver) = oneshot::channel();
            reports.last = Some((file.form, sender));
            picture = Some(receiver);
        }
        Some(Self { file, picture })
    }

    async fn write(self, inquirer: &Inquirer, about: &About) -> Result<()> {
        let text = match self.picture {
            Some(picture) => picture
                .await
                .map_err(|_| anyhow!("the screen ended before it was drawn"))?,
            None => gathered(inquirer, about.clone(), self.file.form).await?,
        };
        spawn_blocking(move || write(&self.file.path, &text)).await?
    }
}

/// As one word of a command line.
pub(super) fn quoted(word: &str) -> String {
    if word.contains(|c: char| !c.is_alphanumeric() && !"-_./".contains(c)) {
        format!("'{}'", word.replace('\'', "'\\''"))
    } else {
        word.to_owned()
    }
}

/// Whether a report may be written there.
pub(super) fn check(file: Option<&ReportFile>) -> Result<()> {
    match file {
        Some(file) if file.path.exists() => Err(Exists(file.path.clone()).into()),
        _ => Ok(()),
    }
}

/// Writes a new file.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let made = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Exists(path.to_path_buf()).into(),
        _ => anyhow::Error::from(error).context(format!("can't write the report {}", path.display())),
    })
}

/// The time of day.
fn written() -> Written {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Written(since.map_or(0, |since| since.as_secs()))
}

async fn gathered(inquirer: &Inquirer, about: About, form: Form) -> Result<String> {
    let asked = timeout(PATIENCE, inquirer.ask()).await;
    let past = asked.ok().flatten();
    text(
        &past.context("what happened can't be told: a part of the program has ended")?,
        about,
        form,
    )
}

/// A report of now, in that form.
pub(super) fn text(past: &Past, about: About, form: Form) -> Result<String> {
    let written = written();
    let report = Report::new(&past.course, &past.picture, About { written, ..about });
    report.text(form).context("a picture comes from the screen alone")
}

/// Bytes that a kept run's events may take: its last picture alone is wanted.
const KEPT: u64 = 16 << 20;

/// Keeps a run that nobody looks at, for its report.
#[derive(Debug)]
pub(super) struct Keeper {
    course: Course,
    history: History,
}

impl Keeper {
    /// Of a run with that beginning, if it is to be kept.
    pub(super) fn of((settings, broker): (Settings, BrokerRow), keeping: Keeping) -> Option<Self> {
        (keeping == Keeping::Past).then(|| Self {
            course: Course::new(&settings, &broker),
            history: History::new(settings, broker, KEPT),
        })
    }

    /// One more event.
    pub(super) fn note(&mut self, event: &Event) {
        self.course.note(event);
        self.history.push(event);
    }

    /// The run up to its last event.
    pub(super) fn past(mut self) -> Option<Past> {
        let end = self.history.extent().last.at;
        let gaze = Gaze {
            when: When::At(end),
            ..Gaze::default()
        };
        let picture = self.history.look(&gaze, end).past?;
        Some(Past {
            course: self.course,
            picture,
        })
    }
}

/// What is to be left of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// What it came to.
    Outcome,
    /// And how.
    Past,
}

/// What the clerk works with.
struct Desk {
    inquirer: Inquirer,
    about: About,
}

impl Desk {
    async fn work(self, mut orders: mpsc::Receiver<ReportOrder>, answers: watch::Sender<Option<Arc<str>>>) {
        while let Some(order) = orders.recv().await {
            let said = match self.carry_out(order).await {
                Ok(path) => format!("report: {}", shown(&path)),
                Err(error) => format!("no report: {error:#}"),
            };
            answers.send_replace(Some(said.into()));
        }
    }

    async fn carry_out(&self, order: ReportOrder) -> Result<PathBuf> {
        let ReportOrder {
            form,
            seed,
            picture,
            lesson,
        } = order;
        let about = match lesson {
            None => self.about.clone(),
            Some(lesson) => About {
                title: Some(lesson.title),
                command: Some(lesson.command),
                answers: lesson.answers,
                outcome: lesson.outcome,
                meddled: lesson.meddled,
                ..self.about.clone()
            },
        };
        let text = match picture {
            Some(picture) => picture,
            None => gathered(&self.inquirer, about, form).await?,
        };
        let folder = std::env::current_dir().context("there is no working directory")?;
        let saved = spawn_blocking(move || save(&folder, seed, form, &text)).await?;
        saved.context("can't write it into the working directory")
    }
}

/// Into the first file of that name and a number that is not there yet.
fn save(folder: &Path, seed: u64, form: Form, text: &str) -> io::Result<PathBuf> {
    for number in 1..=NAMES {
        let path = folder.join(format!("dispatch-lab-{seed}-{number}.{}", form.ending()));
        match File::create_new(&path) {
            Ok(mut file) => return file.write_all(text.as_bytes()).map(|()| path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "there are {NAMES} reports of this seed already; move some away"
    )))
}

/// The whole path; a home folder as shells write it.
fn shown(path: &Path) -> String {
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.components().count() > 1);
    match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf)) {
        Some(below) => format!("~/{}", below.display()),
        None => path.display().to_string(),
    }
}
