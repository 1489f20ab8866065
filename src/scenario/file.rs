//! A scenario from its file.
//!
//! The text is read as TOML with the place of each word (`paper`), and walked through part by part. What is wrong is
//! noted, and the reading goes on, so that all mistakes are told at once; the texts of the small languages (actions,
//! conditions, expressions) are understood on the way, and a mistake in them has its place in the file.

mod flip;
mod paper;
mod parts;
mod place;
mod settings;
mod steps;
mod vary;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use flip::KEYS as FLIP_KEYS;
#[cfg(test)]
pub(super) use parts::{CHOICE_KEYS, EXPECT_KEYS, GOAL_KEYS, LESSON_KEYS, PREDICT_KEYS, TOLERANCE_KEYS};
pub(super) use parts::{CHOICES_MAX, LINE_MAX, PARAGRAPH_MAX};
pub use place::Part;
#[cfg(test)]
pub(super) use settings::KEYS as SETTINGS_KEYS;
#[cfg(test)]
pub(super) use steps::{END_KEYS, STEP_KEYS};
#[cfg(test)]
pub(super) use tests::wrong_files;
pub use vary::{Unfit, Variations, Varied};
pub(super) use vary::{Written, written};

use super::fault::Fault;
use super::mistake::Mistake;
use super::model::Scenario;
use crate::lab::{Hold, Script, Settings, Version};
use paper::{Paper, Section};
use settings::Start;
use std::sync::Arc;
use toml::de::DeTable;

/// The version of the format that is read.
pub const FORMAT: u32 = 1;

/// The largest file, in bytes.
pub const FILE_MAX: usize = 1 << 20;

/// The keys that stand before the first table, and the tables.
pub(super) const ROOT_KEYS: [&str; 14] = [
    "format",
    "name",
    "title",
    "summary",
    "like",
    "settings",
    "script",
    "end",
    "predict",
    "expect",
    "flip",
    "lesson",
    "goal",
    "tolerance",
];

pub(super) const STEPS_MAX: usize = 1_000;
pub(super) const ACTIONS_MAX: usize = 100;
pub(super) const PREDICTIONS_MAX: usize = 20;
pub(super) const EXPECTATIONS_MAX: usize = 100;
pub(super) const GOALS_MAX: usize = 20;
pub(super) const PARAGRAPHS_MAX: usize = 20;

/// The longest name, in characters.
pub(super) const NAME_MAX: usize = 60;

/// Under which table a key stands; none where it is nowhere.
fn belongs(key: &str) -> Option<&'static str> {
    match key {
        key if settings::KEYS.contains(&key) => Some("[settings]"),
        key if parts::LESSON_KEYS.contains(&key) => Some("[lesson]"),
        "that" | "of" => Some("[[expect]]"),
        "do" | "at" | "after" | "when" => Some("[[script]]"),
        "before" | "ask" | "because" => Some("[[predict]]"),
        "text" | "right-if" | "if-chosen" => Some("[[predict.choice]]"),
        "reached-if" => Some("[[goal]]"),
        "limit" => Some("[end]"),
        "jobs" | "times" => Some("[tolerance]"),
        "set" | "step" | "breaks" => Some("[flip]"),
        "format" | "title" | "summary" | "like" => Some("no table: before the first one"),
        _ => None,
    }
}

/// Reads a scenario, or tells all that is wrong with it, in the order of the lines.
pub fn read(text: &str) -> Result<Scenario, Vec<Mistake>> {
    let mut paper = Paper {
        text,
        faults: Vec::new(),
    };
    let scenario = whole(&mut paper);
    let mut faults = paper.faults;
    match scenario {
        Some(scenario) if faults.is_empty() => return Ok(scenario),
        None if faults.is_empty() => faults.push(Fault::new(0..0, "this is no scenario")),
        _ => {}
    }
    faults.sort_by_key(|fault| fault.at.start);
    faults.dedup_by(|one, other| one.at == other.at && one.what == other.what);
    Err(faults.iter().map(|fault| Mistake::new(text, fault)).collect())
}

fn whole(paper: &mut Paper<'_>) -> Option<Scenario> {
    if paper.text.len() > FILE_MAX {
        paper.fault(Fault::new(
            0..0,
            format!("the file is too large: {FILE_MAX} bytes are allowed"),
        ));
        return None;
    }
    let (document, errors) = DeTable::parse_recoverable(paper.text);
    if !errors.is_empty() {
        // What was meant is not known: all else that seems wrong may come of it.
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            paper.fault(Fault::new(at, error.message().to_owned()));
        }
        return None;
    }
    let root = Section {
        name: "the file",
        table: document.get_ref(),
        start: 0,
        end: 0,
    };
    scenario(paper, root)
}

fn scenario<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Option<Scenario> {
    paper.known(root, &ROOT_KEYS, belongs);
    format(paper, root);
    let name = name(paper, root);
    let title = root.get("title").and_then(|value| paper.prose(value, 80));
    let summary = root
        .get("summary")
        .and_then(|value| paper.prose(value, parts::LINE_MAX));
    let start = start(paper, root);
    let steps = steps::read(paper, root);
    let mut play = steps::play(paper, &steps, &start, &std::collections::BTreeMap::new());
    let (end, limit) = steps::end(paper, root, &play);
    let predictions = parts::predictions(paper, root, &steps, &play);
    for cue in predictions.iter().filter_map(|prediction| prediction.before) {
        play.cues[usize::from(cue)].hold = Hold::Ask;
    }
    let expected = parts::expectations(paper, root, &play);
    let goals = parts::goals(paper, root);
    let prose = parts::prose(paper, root);
    let tolerance = parts::tolerance(paper, root);
    let script = Script {
        cues: play.cues,
        end,
        limit,
    };
    let whole = flip::Whole {
        start: &start,
        steps: &steps,
        script: &script,
        expected: &expected,
    };
    let flip = flip::read(paper, root, &whole);
    let name = name?;
    Some(Scenario {
        title: title.unwrap_or_else(|| Arc::clone(&name)),
        name,
        summary: summary.unwrap_or_default(),
        settings: start.settings,
        version: start.version,
        script: Arc::new(script),
        predictions,
        expectations: expected.all,
        flip,
        goals,
        prose,
        tolerance,
    })
}

fn format<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) {
    let Some(value) = root.get("format") else {
        let fault = Fault::new(0..0, "`format` is missing");
        paper.fault(fault.hint(format!("the file begins with: format = {FORMAT}")));
        return;
    };
    let read = paper.integer(value, &(0..=u32::MAX));
    if read.is_some_and(|format| format != FORMAT) {
        paper.fault(
            Fault::new(value.span(), "this format is not known")
                .hint(format!("format = {FORMAT} is what this program reads")),
        );
    }
}

fn name<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Option<Arc<str>> {
    let Some(value) = root.get("name") else {
        let fault = Fault::new(0..0, "`name` is missing");
        paper.fault(fault.hint("for example name = \"my-lesson\""));
        return None;
    };
    let piece = paper.piece(value, "a name")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if piece.text.is_empty() || piece.text.len() > NAME_MAX || !piece.text.chars().all(plain) {
        let hint = format!("small letters, digits and hyphens, {NAME_MAX} at most");
        paper.fault(Fault::new(piece.at, "this can't be a name").hint(hint));
        return None;
    }
    Some(piece.text)
}

fn start<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>) -> Start {
    let mut start = Start {
        settings: Settings::default(),
        version: Version::default(),
    };
    if let Some(section) = root.get("settings").and_then(|value| paper.table(value, "[settings]")) {
        paper.known(section, &settings::KEYS, belongs);
        settings::read(paper, section, &mut start);
    }
    if let Some(version) = root.get("like").and_then(|value| settings::version(paper, value)) {
        start.version = version;
    }
    start
}
