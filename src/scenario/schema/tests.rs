use super::super::action::FORMS;
use super::super::file::{
    CHOICE_KEYS, END_KEYS, EXPECT_KEYS, FLIP_KEYS, GOAL_KEYS, LESSON_KEYS, PREDICT_KEYS, ROOT_KEYS, SETTINGS_KEYS,
    STEP_KEYS, TOLERANCE_KEYS,
};
use super::super::{action, condition, file, read};
use super::schema;
use crate::lab::Settings;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).expect("it is a schema")
}

/// What an editor makes of a file: none where it is not even TOML.
fn document(text: &str) -> Option<Value> {
    toml::from_str(text).ok()
}

#[test]
fn schema_in_the_repository_is_the_one_that_the_program_has() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenario.schema.json");
    let kept: Value = serde_json::from_str(&fs::read_to_string(path).expect("it is there")).expect("it is JSON");
    assert!(
        kept == schema(),
        "assets/scenario.schema.json is old: dispatch-lab check --schema > assets/scenario.schema.json"
    );
}

#[test]
fn schema_has_the_keys_that_the_reader_knows() {
    let schema = schema();
    let own = &schema["properties"];
    let flipped: Vec<&str> = SETTINGS_KEYS.iter().copied().chain(["like"]).collect();
    for (place, keys) in [
        (&schema, &ROOT_KEYS[..]),
        (&own["settings"], &SETTINGS_KEYS),
        (&own["script"]["items"], &STEP_KEYS),
        (&own["end"], &END_KEYS),
        (&own["predict"]["items"], &PREDICT_KEYS),
        (&own["predict"]["items"]["properties"]["choice"]["items"], &CHOICE_KEYS),
        (&own["expect"]["items"], &EXPECT_KEYS),
        (&own["flip"], &FLIP_KEYS),
        (&own["flip"]["properties"]["set"], &flipped),
        (&own["lesson"], &LESSON_KEYS),
        (&own["goal"]["items"], &GOAL_KEYS),
        (&own["tolerance"], &TOLERANCE_KEYS),
    ] {
        let has: BTreeSet<&str> = place["properties"]
            .as_object()
            .expect("it has properties")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(has, keys.iter().copied().collect());
    }
}

#[test]
fn every_lesson_and_the_template_are_valid_by_the_schema() {
    let validator = validator();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons");
    let mut seen = 0;
    for entry in fs::read_dir(folder).expect("there are lessons") {
        let path = entry.expect("an entry").path();
        if !path.extension().is_some_and(|end| end == "toml" || end == "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let document = document(&text).expect("TOML");
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        assert!(read(&text).is_ok(), "{}", path.display());
        seen += 1;
    }
    assert!(seen > 10, "{seen} files");
}

#[test]
fn schema_refuses_what_the_reader_refuses_but_what_needs_the_rest_of_the_file() {
    // These are well written, and wrong by what else the file says.
    #[rustfmt::skip]
    const NEEDS_THE_REST: &[&str] = &[
        "kill W5", "remove W2", "broker start", "produce", "hold", "at = \"5s\"", "W3", "limit = \"10s\"",
        "limit = \"0s\"", "quorum", "heartbeat = \"0s\"", "latency = \"3s\"", "20000000", "sample 101", "lots", "makespan",
        "#41", "prefetch = 0", "lost == 1", "job ", "\"job\"", "W1\"", "name = \"jobs\"",
        "text = \"a\"\nright-if = \"lost == 0\"",
    ];
    let validator = validator();
    let mut refused = 0;
    let mut passed = Vec::new();
    for (text, what) in file::wrong_files() {
        match document(&text) {
            Some(document) if validator.is_valid(&document) => passed.push(what),
            Some(_) => refused += 1,
            None => {}
        }
    }
    passed.retain(|what| !NEEDS_THE_REST.iter().any(|part| what.contains(part)));
    assert!(passed.is_empty(), "the schema lets pass: {passed:#?}");
    assert!(refused > 40, "{refused} are refused");
}

#[test]
fn actions_and_conditions_are_what_the_schema_takes_for_such() {
    let schema = schema();
    let step = &schema["properties"]["script"]["items"]["properties"];
    let actions = jsonschema::validator_for(&step["do"]).expect("a schema");
    for (_, form) in FORMS {
        assert!(actions.is_valid(&Value::from(*form)), "{form}");
        assert!(action::parse(form, &Settings::default()).is_ok(), "{form}");
        assert!(!actions.is_valid(&Value::from(format!("{form} more"))), "{form} more");
    }
    let conditions = jsonschema::validator_for(&step["when"]).expect("a schema");
    for text in [
        "W1.done >= 3",
        "W1.done>=3",
        "W2 has 5 in hand",
        "W2 has 5 in its tray",
        "W2 has 1 unacked",
        "W2 is down",
        "W2 consumes",
        "ready == 0",
        "published != 1_000",
    ] {
        assert!(conditions.is_valid(&Value::from(text)), "{text}");
        assert!(condition::parse(text).is_ok(), "{text}");
    }
    assert!(!conditions.is_valid(&Value::from("settled")));
}
