//! What the screen is told about lessons, and what it tells of them.

use crate::scenario::Scenario;
use std::sync::Arc;

/// The lessons there are, and the one that is played.
#[derive(Clone, Debug, Default)]
pub struct Lessons {
    /// In the order in which they build on each other.
    pub shelf: Arc<[LessonRow]>,
    /// The one that is played; `None`: the lab alone.
    pub open: Option<Arc<Scenario>>,
    /// Its place on the shelf; `None`: it is not there.
    pub row: Option<u16>,
    /// Whether the screen begins with the list.
    pub begins_with_list: bool,
    /// The command that opens the one that is played.
    pub command: Arc<str>,
}

/// A lesson in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LessonRow {
    /// What it is called.
    pub title: Arc<str>,
    /// One sentence.
    pub summary: Arc<str>,
    /// How far a person came.
    pub progress: LessonProgress,
}

/// How far a person came in a lesson.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LessonProgress {
    /// Whether it was begun, or done.
    pub state: LessonState,
    /// Right predictions, of so many.
    pub right: (u16, u16),
    /// Goals reached, of so many.
    pub goals: (u16, u16),
}

/// Whether a lesson was begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LessonState {
    /// Never opened.
    #[default]
    New,
    /// Opened, and not read to its rule.
    Begun,
    /// Read to its rule.
    Done,
}

/// What a person wants to see instead of what is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LessonWish {
    /// The same lesson from the start.
    Again,
    /// The one at that place on the shelf.
    Row(u16),
}

/// What happened in a lesson, for whoever keeps the progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LessonNews {
    /// It was read to its rule; so many predictions were right, of so many.
    Done {
        /// Right ones.
        right: u16,
        /// All of them.
        of: u16,
    },
    /// That goal was reached, counted from 0.
    Goal(u16),
}
