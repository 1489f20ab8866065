//! `lesson`: one opened on the screen, or a new one begun.

use super::template;
use crate::cli::{LessonArgs, LessonMake};
use anyhow::Result;

pub(super) fn lesson(args: &LessonArgs) -> Result<u8> {
    match &args.make {
        Some(LessonMake::New { file }) => template::write(file),
        None => open(args),
    }
}

fn open(args: &LessonArgs) -> Result<u8> {
    anyhow::bail!(
        "can't open {} yet",
        args.lesson.as_deref().unwrap_or("a lesson without a name")
    )
}
