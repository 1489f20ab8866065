//! `lesson new`: a file to begin with.

use super::{OK, USAGE};
use anyhow::{Context, Result};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// A lesson that is complete, with a comment on each part.
const TEMPLATE: &str = include_str!("../../assets/lessons/template.txt");

/// What the name of the lesson is in it.
const NAME: &str = "my-lesson";

/// Writes it to a file that is not there yet.
pub(super) fn write(path: &Path) -> Result<u8> {
    let text = TEMPLATE.replace(NAME, &name(path));
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            eprintln!(
                "dispatch-lab: {} is there already, and is left as it is; name a file that is new",
                path.display()
            );
            return Ok(USAGE);
        }
        Err(error) => {
            return Err(error).with_context(|| format!("can't begin a lesson in {}", path.display()));
        }
    };
    file.write_all(text.as_bytes())
        .with_context(|| format!("can't write {}", path.display()))?;
    println!(
        "{0} is a lesson. Change it, and look at it with:\n  dispatch-lab check {0}\n  dispatch-lab lesson {0}",
        path.display()
    );
    Ok(OK)
}

/// The name of a lesson in this file: letters, digits and hyphens of the file's name.
fn name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
    let words: String = stem
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let name: String = words.trim_matches('-').chars().take(40).collect();
    if name.is_empty() { NAME.to_owned() } else { name }
}
