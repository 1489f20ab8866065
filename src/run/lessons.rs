//! `dispatch-lab lessons`: the list, with the progress of whoever asks.

use super::{OK, USAGE, progress};
use crate::cli::LessonsArgs;
use crate::scenario::{LessonRecord, NoSuchLesson, Progress, Shelf, Shelved, Unreadable};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// The version of the JSON.
const SCHEMA: u32 = 1;

pub(super) fn lessons(args: &LessonsArgs) -> Result<u8> {
    let (shelf, bad) = shelf(args.folder.as_deref())?;
    if let Some(name) = &args.reset {
        return reset(&shelf, name.as_deref());
    }
    let progress = progress::load();
    let told = if args.json {
        format!("{:#}\n", as_json(&shelf, &progress, &bad))
    } else {
        as_text(&shelf, &progress)
    };
    match std::io::stdout().write_all(told.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error).context("can't write the list"),
        _ => {}
    }
    Ok(tell(&bad))
}

/// What is built in, and what is in a folder.
pub(super) fn shelf(folder: Option<&Path>) -> Result<(Shelf, Vec<Unreadable>)> {
    let mut shelf = Shelf::built_in();
    let bad = match folder {
        Some(folder) => shelf.add_folder(folder)?,
        None => Vec::new(),
    };
    Ok((shelf, bad))
}

/// Tells the mistakes of files; they are no reason not to go on with the others.
pub(super) fn tell(bad: &[Unreadable]) -> u8 {
    for file in bad {
        eprint!("\n{}", file.told);
    }
    if bad.is_empty() { OK } else { USAGE }
}

fn reset(shelf: &Shelf, name: Option<&str>) -> Result<u8> {
    let file = progress::file()?;
    let known = progress::tell(file.load()?);
    // What is not on the shelf may be from a folder that was not named this time.
    if let Some(name) = name
        && known.of(name) == LessonRecord::default()
        && let Err(error @ NoSuchLesson { .. }) = shelf.find(name)
    {
        eprintln!("dispatch-lab: {error}");
        return Ok(USAGE);
    }
    let changed = file.change(|progress| progress.forget(name))?;
    if let Some(aside) = &changed.set_aside {
        progress::tell_aside(aside);
    }
    match name {
        Some(name) => println!("The progress of {name} is forgotten."),
        None => println!("The progress of all lessons is forgotten."),
    }
    Ok(OK)
}

fn as_text(shelf: &Shelf, progress: &Progress) -> String {
    let mut text = String::new();
    let widest = shelf
        .rows()
        .iter()
        .map(|row| row.scenario.name.chars().count())
        .max()
        .unwrap_or(0);
    for (number, row) in (1..).zip(shelf.rows()) {
        let (s, record) = (&row.scenario, progress.of(&row.scenario.name));
        let sign = match state(&record) {
            "done" => '✓',
            "begun" => '…',
            _ => '·',
        };
        let _ = writeln!(text, "{number:2} {sign} {:widest$}  {}", s.name, s.title);
        let _ = writeln!(text, "     {}", s.summary);
        if record.begun.is_some() {
            let _ = writeln!(text, "     {}", came_to(row, &record));
        }
    }
    text.push_str(
        "\nOpen one with `dispatch-lab lesson NAME`; run it without a screen with `dispatch-lab run NAME`.\n",
    );
    text
}

/// In words: `done: 2 of 2 predicted right, 1 of 2 goals reached`.
fn came_to(row: &Shelved, record: &LessonRecord) -> String {
    let goals = format!("{} of {} goals reached", reached(row, record), row.scenario.goals.len());
    match record.done {
        Some(_) => format!("done: {} of {} predicted right, {goals}", record.right, record.asked),
        None => format!("begun: {goals}"),
    }
}

/// Goals that the lesson has still; a file may have changed since.
fn reached(row: &Shelved, record: &LessonRecord) -> usize {
    let goals = row.scenario.goals.len();
    record.goals.iter().filter(|goal| usize::from(**goal) < goals).count()
}

const fn state(record: &LessonRecord) -> &'static str {
    match (record.begun, record.done) {
        (_, Some(_)) => "done",
        (Some(_), None) => "begun",
        (None, None) => "new",
    }
}

fn as_json(shelf: &Shelf, progress: &Progress, bad: &[Unreadable]) -> Value {
    let rows = (1..).zip(shelf.rows()).map(|(number, row): (u32, _)| {
        let (s, record) = (&row.scenario, progress.of(&row.scenario.name));
        json!({
            "number": number,
            "name": s.name,
            "title": s.title,
            "summary": s.summary,
            "file": row.file,
            "state": state(&record),
            "begun_at": record.begun,
            "done_at": record.done,
            "predictions": { "right": record.right, "asked": record.asked, "of": s.predictions.len() },
            "goals": { "reached": reached(row, &record), "of": s.goals.len() },
        })
    });
    json!({
        "schema": SCHEMA,
        "lessons": rows.collect::<Vec<_>>(),
        "unreadable": bad.iter().map(|bad| json!({ "file": bad.file, "why": bad.told })).collect::<Vec<_>>(),
    })
}
