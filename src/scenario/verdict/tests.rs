//! What is expected, and what is said when it does not come.

use super::*;
use crate::lab::{End, LabTime, Script, Settings};
use crate::scenario::{Flip, Prose, Tolerance};

fn scenario(expectations: &[(&str, &[Version])]) -> Scenario {
    let script = Arc::new(Script {
        cues: Vec::new(),
        end: End::Settled,
        limit: LabTime(1),
    });
    let expectations = expectations.iter().map(|(text, of)| Expectation {
        of: of.to_vec(),
        ..Expectation::parse(text).expect("it is an expression")
    });
    Scenario {
        name: "one".into(),
        title: "".into(),
        summary: "".into(),
        settings: Settings::default(),
        version: Version::V4_0,
        script: Arc::clone(&script),
        predictions: Vec::new(),
        expectations: expectations.collect(),
        flip: Some(Flip {
            text: "seed = 8".into(),
            settings: Settings {
                seed: crate::lab::Seed(8),
                ..Settings::default()
            },
            version: Version::V4_3,
            script,
            breaks: 1,
        }),
        goals: Vec::new(),
        prose: Prose::default(),
        tolerance: Tolerance::default(),
    }
}

fn choice(text: &str, right_if: &str) -> Choice {
    Choice {
        text: text.into(),
        right_if: Expectation::parse(right_if).expect("it is an expression"),
        if_chosen: "".into(),
    }
}

fn forty_done() -> Outcome {
    Outcome {
        published: 40,
        done: 40,
        in_time: true,
        ..Outcome::default()
    }
}

#[test]
fn expectation_that_fails_is_told_with_what_was_seen() {
    let mut outcome = forty_done();
    scenario(&[("done == published", &[]), ("done < 40", &[])]).judge(&mut outcome, Version::V4_0);
    assert_eq!(&*outcome.scenario, "one");
    assert!(!outcome.holds());
    assert_eq!(outcome.complaints(), ["expected done < 40, but saw done = 40"]);
}

#[test]
fn what_is_expected_of_other_versions_is_not_looked_at() {
    let of_old = scenario(&[("done == 40", &[]), ("done == 0", &[Version::V3_10])]);
    for (version, holds) in [(Version::V3_10, false), (Version::V4_0, true)] {
        let mut outcome = forty_done();
        of_old.judge(&mut outcome, version);
        assert_eq!(outcome.holds(), holds, "{version}");
    }
}

#[test]
fn number_that_nobody_knows_holds_nothing_up() {
    let mut outcome = forty_done();
    scenario(&[("makespan < 10s", &[]), ("W7.done == 0", &[])]).judge(&mut outcome, Version::V4_0);
    assert!(
        outcome.expectations.iter().all(|e| !e.holds),
        "{:?}",
        outcome.expectations
    );
}

#[test]
fn run_that_ended_too_late_or_was_declined_something_fails() {
    let mut outcome = forty_done();
    scenario(&[("done == 40", &[])]).judge(&mut outcome, Version::V4_0);
    assert!(outcome.holds());
    let late = Outcome {
        in_time: false,
        ..outcome.clone()
    };
    let declined = Outcome {
        declined: vec!["there is no W9".into()],
        ..outcome
    };
    assert_eq!(
        late.complaints(),
        ["the script did not come to its end within its limit"]
    );
    let complaint = "the script asked for what could not be done: there is no W9";
    assert_eq!(declined.complaints(), [complaint]);
    assert!(!late.holds() && !declined.holds());
}

#[test]
fn run_tells_which_choice_was_right() {
    let mut scenario = scenario(&[]);
    scenario.predictions.push(Prediction {
        before: None,
        question: "How many?".into(),
        choices: vec![choice("none", "done == 0"), choice("all", "done == published")],
        because: "".into(),
    });
    let mut outcome = forty_done();
    scenario.judge(&mut outcome, Version::V4_0);
    let answered = Answered {
        question: "How many?".into(),
        right: vec!["all".into()],
    };
    assert_eq!(outcome.predictions, [answered]);
}

#[test]
fn flipped_scenario_expects_only_what_has_to_break() {
    let flipped = scenario(&[("done == 40", &[]), ("lost == 0", &[])])
        .flipped()
        .expect("it has a flip");
    assert_eq!((flipped.settings.seed.0, flipped.version), (8, Version::V4_3));
    let texts: Vec<&str> = flipped.expectations.iter().map(|e| &*e.text).collect();
    assert_eq!(texts, ["lost == 0"]);
    assert_eq!(flipped.flipped(), None);
}

#[test]
fn flip_shows_something_only_where_its_run_was_played_and_the_number_is_known() {
    let breaks = |that: &str, outcome: &Outcome| {
        let scenario = scenario(&[("done == 40", &[]), (that, &[])]);
        scenario.flip_shows_not(outcome).is_none()
    };
    assert!(breaks("done < 40", &forty_done()));
    assert!(!breaks("done == 40", &forty_done()), "it holds");
    assert!(!breaks("makespan < 10s", &forty_done()), "it is not known");
    let late = Outcome {
        in_time: false,
        ..forty_done()
    };
    let declined = Outcome {
        declined: vec!["there is no W9".into()],
        ..forty_done()
    };
    assert!(!breaks("done < 40", &late) && !breaks("done < 40", &declined));
}
