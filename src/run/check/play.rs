//! Whether a scenario comes out as it says: played in simulation, as each RabbitMQ that it speaks of, and with its flip.

use crate::lab::{LabSpan, LabTime, Version};
use crate::scenario::{Mistake, Outcome, Part, Scenario, Tally};
use crate::sim::{self, Telling};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// When it is over, or what does not come out as the file says.
pub(super) fn play(text: &str, scenario: &Scenario) -> Result<LabTime, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut note = |part, what: String, hint: String, help: String| {
        mistakes.push(Mistake::in_part(text, part, what, hint, help));
    };
    let (outcome, ended) = outcome(scenario, scenario.version);
    let unplayed = played(scenario, &outcome, "", &mut note);
    expectations(scenario, &outcome, scenario.version, &mut note);
    for version in Version::ALL.into_iter().filter(|version| *version != scenario.version) {
        let concerned = scenario.expectations.iter().any(|one| one.of.contains(&version));
        if concerned {
            let outcome = self::outcome(scenario, version).0;
            // What goes wrong with every version is told once.
            if !unplayed {
                played(scenario, &outcome, &format!(" as RabbitMQ {version}"), &mut note);
            }
            expectations(scenario, &outcome, version, &mut note);
        }
    }
    questions(scenario, &outcome, &mut note);
    flip(scenario, &mut note);
    if mistakes.is_empty() {
        return Ok(ended);
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    Err(mistakes)
}

type Note<'a> = &'a mut dyn FnMut(Part, String, String, String);

fn outcome(scenario: &Scenario, version: Version) -> (Outcome, LabTime) {
    let run = sim::Run {
        settings: scenario.settings.clone(),
        version,
        script: Arc::clone(&scenario.script),
        telling: Telling::Needed,
    };
    let mut tally = Tally::new(&run.settings);
    let ran = sim::run(&run, &mut |event| tally.note(event), &AtomicBool::new(false));
    (tally.outcome(), ran.snapshot.clock.now)
}

/// Whether the script could not be played as it is written.
fn played(scenario: &Scenario, outcome: &Outcome, how: &str, note: Note<'_>) -> bool {
    if !outcome.in_time {
        let limit = LabSpan(scenario.script.limit.0);
        note(
            Part::End,
            format!("played{how}, this did not come to its end within its limit, {limit} of lab time"),
            "the end, or the moment of a step, never came".to_owned(),
            String::new(),
        );
    }
    for why in &outcome.declined {
        let what = format!("played{how}, a step asks for what can't be done: {why}");
        note(Part::Script, what, String::new(), String::new());
    }
    !outcome.in_time || !outcome.declined.is_empty()
}

fn expectations(scenario: &Scenario, outcome: &Outcome, version: Version, note: Note<'_>) {
    for (number, expectation) in scenario.expectations.iter().enumerate() {
        let judged = expectation.expr.judge(outcome);
        // What is expected of all is looked at as the one that the file names.
        let concerned = if version == scenario.version {
            expectation.concerns(version)
        } else {
            expectation.of.contains(&version)
        };
        if concerned && judged.holds != Some(true) {
            let what = format!("played as RabbitMQ {version}, this does not hold");
            note(Part::Expectation(number), what, judged.seen, String::new());
        }
    }
}

fn questions(scenario: &Scenario, outcome: &Outcome, note: Note<'_>) {
    for (number, question) in scenario.predictions.iter().enumerate() {
        let right = question.right(outcome);
        if right.len() == 1 {
            continue;
        }
        let named: Vec<String> = right
            .iter()
            .map(|place| format!("\"{}\"", question.choices[*place].text))
            .collect();
        let what = match named.as_slice() {
            [] => "played, no choice of this question is right".to_owned(),
            several => format!("played, more than one choice is right: {}", several.join(", ")),
        };
        let seen: Vec<String> = question
            .choices
            .iter()
            .map(|choice| choice.right_if.expr.judge(outcome).seen)
            .collect();
        let help = format!("seen was: {}", seen.join("; "));
        note(Part::Question(number), what, "exactly one has to be".to_owned(), help);
    }
}

fn flip(scenario: &Scenario, note: Note<'_>) {
    let Some((flip, flipped)) = scenario.flip.as_ref().zip(scenario.flipped()) else {
        return;
    };
    let (outcome, _) = outcome(&flipped, flipped.version);
    if let Some((why, seen)) = scenario.flip_shows_not(&outcome) {
        let what = format!("played with {}, {why}", flip.text);
        note(Part::Flip, what, seen, String::new());
    }
}
