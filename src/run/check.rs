//! `check`: is a scenario's file right?

mod play;

use super::{OK, USAGE};
use crate::cli::CheckArgs;
use crate::scenario::{self, Mistake};
use anyhow::{Context, Result};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What became of one file.
#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mistakes: Vec<Told>,
}

/// A mistake for other programs.
#[derive(Debug, Serialize)]
struct Told {
    line: usize,
    column: usize,
    width: usize,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    hint: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    help: String,
}

pub(super) fn check(args: &CheckArgs) -> Result<u8> {
    if args.schema {
        return print_schema();
    }
    let files = match all(&args.files) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("dispatch-lab: {error:#}");
            return Ok(USAGE);
        }
    };
    let mut out = std::io::stdout().lock();
    let mut checked = Vec::new();
    let (mut unread, mut wrong) = (0, 0);
    for file in files {
        let shown = file.display().to_string();
        let text = match scenario::read_scenario_file(&file) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("dispatch-lab: can't read {shown}: {error}");
                unread += 1;
                continue;
            }
        };
        let read = scenario::read(&text).and_then(|scenario| {
            let played = if args.no_run {
                None
            } else {
                Some(play::play(&text, &scenario)?)
            };
            Ok(scenario.describe(played))
        });
        wrong += usize::from(read.is_err());
        match &read {
            _ if args.json => {}
            Ok(summary) => writeln!(out, "ok {shown}: {summary}").context("can't write")?,
            Err(mistakes) => complain(&shown, mistakes),
        }
        checked.push(one(shown, read));
    }
    if args.json {
        serde_json::to_writer_pretty(&mut out, &checked).context("can't write")?;
        writeln!(out).context("can't write")?;
    }
    Ok(if unread + wrong == 0 { OK } else { USAGE })
}

fn print_schema() -> Result<u8> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &scenario::schema()).context("can't write the schema")?;
    writeln!(out).context("can't write the schema")?;
    Ok(OK)
}

fn complain(file: &str, mistakes: &[Mistake]) {
    for mistake in mistakes {
        eprintln!("{}", mistake.render(file));
    }
    let plural = if mistakes.len() == 1 { "" } else { "s" };
    eprintln!("{file}: {} mistake{plural}", mistakes.len());
}

fn one(file: String, read: Result<String, Vec<Mistake>>) -> Checked {
    let told = |mistake: Mistake| Told {
        line: mistake.line,
        column: mistake.column,
        width: mistake.width,
        message: mistake.what,
        hint: mistake.hint,
        help: mistake.help,
    };
    match read {
        Ok(summary) => Checked {
            file,
            ok: true,
            summary: Some(summary),
            mistakes: Vec::new(),
        },
        Err(mistakes) => Checked {
            file,
            ok: false,
            summary: None,
            mistakes: mistakes.into_iter().map(told).collect(),
        },
    }
}

/// The files, and those of the folders, in the order of their names.
fn all(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let mut inside = of_folder(path)?;
            anyhow::ensure!(!inside.is_empty(), "no *.toml in the folder {}", path.display());
            inside.sort();
            files.append(&mut inside);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn of_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || format!("can't look into the folder {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    Ok(files)
}
