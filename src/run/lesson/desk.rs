//! The learner's desk: the lessons there are, and how far she came, which is written as soon as it is known.

use super::First;
use crate::cli::LessonArgs;
use crate::scenario::{Scenario, Shelf, Step};
use crate::tui::{LessonNews, LessonProgress, LessonRow, LessonState, Lessons};
use anyhow::Result;
use std::sync::Arc;

/// Lessons and progress.
pub(in crate::run) struct Desk {
    shelf: Shelf,
}
