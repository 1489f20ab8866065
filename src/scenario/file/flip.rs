//! `[flip]`: the change that breaks an expectation.

use super::super::fault::{Fault, meant};
use super::super::model::Flip;
use super::paper::{Paper, Piece, Section};
use super::parts::{Expected, no_step};
use super::settings::{self, Start};
use super::steps::{Step, play};
use super::{ACTIONS_MAX, belongs};
use crate::lab::Script;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;

pub(in super::super) const KEYS: [&str; 3] = ["set", "step", "breaks"];

/// What the flip turns.
pub(super) struct Whole<'a> {
    pub(super) start: &'a Start,
    pub(super) steps: &'a [Step],
    pub(super) script: &'a Script,
    pub(super) expected: &'a Expected,
}

/// The flip, if the file has one.
pub(super) fn read<'t>(paper: &mut Paper<'t>, root: Section<'_, 't>, whole: &Whole<'_>) -> Option<Flip> {
    let section = root.get("flip").and_then(|value| paper.table(value, "[flip]"))?;
    paper.known(section, &KEYS, belongs);
    let breaks = breaks(paper, section, whole.expected);
    let mut words = Vec::new();
    let start = set(paper, section, whole.start, &mut words);
    let instead = other_steps(paper, section, whole.steps, &mut words);
    let wrong = paper.faults.iter().any(|fault| section.covers(&fault.at));
    let before = paper.faults.len();
    let played = play(paper, whole.steps, &start, &instead);
    let script = Script {
        cues: held_as(whole.script, played.cues),
        end: whole.script.end,
        limit: whole.script.limit,
    };
    // What was wrong with the script without the flip has been told.
    let mut seen = Vec::new();
    for fault in paper.faults.split_off(before) {
        if !paper.faults.contains(&fault) {
            seen.push(fault.help("with the changes of [flip]"));
        }
    }
    paper.faults.append(&mut seen);
    if wrong {
        // What was meant is not known.
    } else if words.is_empty() {
        paper.fault(
            Fault::new(section.at(), "this flip turns nothing")
                .hint("for example set = { prefetch = 0 }, or step = { jobs = \"publish 2\" }"),
        );
    } else if start == *whole.start && script == *whole.script {
        let place = section.get("set").or(section.get("step"));
        let place = place.map_or(section.at(), Spanned::span);
        paper.fault(Fault::new(place, "this flip turns nothing: it is so without it"));
    }
    Some(Flip {
        text: words.join(", ").into(),
        settings: start.settings,
        version: start.version,
        script: Arc::new(script),
        breaks: breaks?,
    })
}

/// The clock stops at the same cues.
fn held_as(script: &Script, cues: Vec<crate::lab::Cue>) -> Vec<crate::lab::Cue> {
    let holds = script.cues.iter().map(|cue| cue.hold);
    cues.into_iter()
        .zip(holds)
        .map(|(cue, hold)| crate::lab::Cue { hold, ..cue })
        .collect()
}

fn breaks<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>, expected: &Expected) -> Option<usize> {
    let expectations = &expected.all;
    let Some(value) = section.get("breaks") else {
        let example = expectations.first().map_or("lost == 0", |first| &first.text);
        paper.missing(section, "breaks", &format!("\"{example}\""));
        return None;
    };
    let piece = paper.piece(value, "the expectation that breaks")?;
    let said = piece.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = expectations.iter().position(|one| *one.text == *said);
    if found.is_none() && expected.whole {
        let texts: Vec<&str> = expectations.iter().map(|one| one.text.as_ref()).collect();
        let hint = match texts.as_slice() {
            [] => "a flip breaks one of the [[expect]]: there is none".to_owned(),
            [only] => format!("it says `{only}`"),
            _ => meant(&said, texts.iter().copied()),
        };
        paper.fault(
            Fault::new(piece.at, "no [[expect]] says that, word for word")
                .hint(hint)
                .help(format!("expected is: {}", texts.join(" | "))),
        );
    }
    found
}

fn set<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>, start: &Start, words: &mut Vec<String>) -> Start {
    let mut turned = start.clone();
    let Some(value) = section.get("set") else {
        return turned;
    };
    let Some(table) = paper.table(value, "set") else {
        return turned;
    };
    let keys: Vec<&str> = settings::KEYS.iter().copied().chain(["like"]).collect();
    paper.known(table, &keys, belongs);
    for (key, value) in table.table {
        let written = paper
            .says(&value.span())
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        words.push(format!("{} = {written}", key.get_ref()));
    }
    settings::read(paper, table, &mut turned);
    turned
}

fn other_steps<'t>(
    paper: &mut Paper<'t>,
    section: Section<'_, 't>,
    steps: &[Step],
    words: &mut Vec<String>,
) -> BTreeMap<usize, Vec<Piece>> {
    let mut instead = BTreeMap::new();
    let table = section.get("step").and_then(|value| paper.table(value, "step"));
    let Some(table) = table else { return instead };
    for (key, value) in table.table {
        let Some(number) = steps.iter().position(|step| *step.name == **key.get_ref()) else {
            paper.fault(no_step(key.get_ref(), key.span(), steps));
            continue;
        };
        let mut pieces = Vec::new();
        for value in paper.one_or_more(value, "an action", ACTIONS_MAX) {
            pieces.extend(paper.piece(value, "an action"));
        }
        let said: Vec<&str> = pieces.iter().map(|piece| piece.text.as_ref()).collect();
        words.push(format!("{}: {}", key.get_ref(), said.join(", ")));
        instead.insert(number, pieces);
    }
    instead
}
