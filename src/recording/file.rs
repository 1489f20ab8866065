//! The files: a new one that a run is written to, and one that is read again. What is in them is `lab::Recorder`'s
//! business; its module has the format.
//!
//! Events are written in pieces, at least once a second, so that a program that is killed loses no more than that. A
//! write that fails ends the recording and not the run: that is told at the end.

use crate::lab::{BrokerRow, Control, Event, Gaze, History, Playback, Recorder, RecordingError, Settings, When};
use crate::lab::{Elapsed, Snapshot};
use crate::report::Course;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Bytes after which a piece is written before its time.
const PIECE: usize = 256 << 10;
/// Bytes that the events of a recording may take in memory; the oldest are left out beyond that.
const KEPT_REPLAYED: u64 = 1 << 30;

/// Why a run is not recorded, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// What is there is not overwritten.
    #[error("{} is there already, and a recording overwrites nothing: name a new file", .0.display())]
    Exists(PathBuf),
    /// It could not be made.
    #[error("can't make the recording {}", .0.display())]
    Create(PathBuf, #[source] io::Error),
    /// It could not be written to its end.
    #[error("the recording {} breaks off: it could not be written further", .0.display())]
    Write(PathBuf, #[source] io::Error),
    /// The disk hangs.
    #[error("the recording breaks off: the disk did not take its end within {} s", .0.as_secs())]
    Hangs(Duration),
    /// The historian ended before its time.
    #[error("what happened was not kept to the end: a part of the program panicked")]
    Unknown,
}

/// Why a file can't be replayed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It can't be read.
    #[error("can't read {}", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// Its bytes are not a recording, or a damaged one.
    #[error("can't replay {}: {}", .0.display(), .1)]
    Play(PathBuf, RecordingError),
}

/// A new file for a run that has not begun.
#[derive(Debug)]
pub struct RecordingFile {
    path: PathBuf,
    file: File,
}

impl RecordingFile {
    /// Makes it; one that is there already is left alone.
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let made = OpenOptions::new().write(true).create_new(true).open(path);
        let path = path.to_path_buf();
        match made {
            Ok(file) => Ok(Self { path, file }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(RecordError::Exists(path)),
            Err(error) => Err(RecordError::Create(path, error)),
        }
    }

    /// The run did not begin: there is nothing to keep.
    pub fn discard(self) {
        // What can't be removed is empty at least.
        let _ = std::fs::remove_file(&self.path);
    }

    /// The run begins.
    pub(super) fn begin(self, settings: &Settings, broker: &BrokerRow) -> Writer {
        Writer {
            path: self.path,
            file: Ok(self.file),
            recorder: Recorder::new(settings, broker),
            unwritten: 0,
        }
    }
}

/// A file that is written to.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    /// `Err`: a write failed, and nothing is written any more.
    file: Result<File, io::Error>,
    recorder: Recorder,
    /// Events that are not written yet.
    unwritten: u64,
}

impl Writer {
    pub(super) fn push(&mut self, event: &Event) {
        if self.file.is_err() {
            return;
        }
        self.recorder.push(event);
        self.unwritten += 1;
        if self.recorder.waiting() >= PIECE {
            self.flush();
        }
    }

    /// Whether there is anything to be written.
    pub(super) fn waits(&self) -> bool {
        self.unwritten > 0
    }

    /// Writes what has come by now.
    pub(super) fn flush(&mut self) {
        let piece = self.recorder.take();
        self.unwritten = 0;
        if let Ok(file) = &mut self.file
            && let Err(error) = file.write_all(&piece)
        {
            self.file = Err(error);
        }
    }

    pub(super) fn close(mut self) -> Result<(), RecordError> {
        self.flush();
        self.file
            .map(drop)
            .map_err(|error| RecordError::Write(self.path, error))
    }
}

/// A recording that was read.
#[derive(Debug)]
pub struct Recording {
    /// All that happened.
    pub history: History,
    /// The same for a report.
    pub course: Course,
    /// The picture at its end.
    pub last: Arc<Snapshot>,
    /// How many events it has.
    pub count: u64,
    /// Whether its end is missing, since whoever wrote it was cut off.
    pub truncated: bool,
}

impl Recording {
    /// Reads a file that [`RecordingFile`] wrote.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let bytes = std::fs::read(path).map_err(|error| OpenError::Read(path.to_path_buf(), error))?;
        Self::read(&bytes).map_err(|error| OpenError::Play(path.to_path_buf(), error))
    }

    /// Reads what such a file holds.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordingError> {
        let playback = Playback::read(bytes)?;
        // A report tells of the run that was recorded, and on what.
        let mut course = Course::new(&playback.settings, &playback.broker);
        let mut broker = playback.broker.clone();
        // Its version goes into its name, which is then what the screen shows of it.
        let version = broker
            .version
            .take()
            .map_or(String::new(), |version| format!(" as {version}"));
        broker.name = format!("recording: {}{version}", broker.name).into();
        broker.control = Control::NotOurs("this is a recording");
        let mut history = History::new(playback.settings.clone(), broker, KEPT_REPLAYED);
        for event in playback.events() {
            history.push(&event);
            course.note(&event);
        }
        let last = picture(&mut history);
        Ok(Self {
            history,
            course,
            last,
            count: playback.count,
            truncated: playback.truncated,
        })
    }
}

/// The picture at the end.
fn picture(history: &mut History) -> Arc<Snapshot> {
    let end: Elapsed = history.extent().last.at;
    let when = When::At(end);
    let sight = history.look(
        &Gaze {
            when,
            ..Gaze::default()
        },
        end,
    );
    sight.past.expect("a look at a moment has its picture")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{BrokerState, Happening, LabTime};

    #[test]
    fn a_disk_that_takes_no_more_ends_the_recording_with_a_reason() {
        // Every write to it fails as on a full disk.
        let path = PathBuf::from("/dev/full");
        let Ok(file) = OpenOptions::new().write(true).open(&path) else {
            println!("skipped: no /dev/full here");
            return;
        };
        let broker = BrokerRow {
            name: "a broker".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: None,
        };
        let mut writer = RecordingFile { path, file }.begin(&Settings::default(), &broker);
        let event = Event {
            at: Elapsed(1),
            lab: LabTime(1),
            what: Happening::Burst(1),
        };
        for _ in 0..3 {
            writer.push(&event);
            writer.flush();
        }
        assert!(!writer.waits(), "what can't be written is not kept");
        let error = writer.close().expect_err("it could not be written");
        assert!(
            matches!(&error, RecordError::Write(_, why) if why.kind() == ErrorKind::StorageFull),
            "{error:?}"
        );
    }
}
