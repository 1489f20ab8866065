//! The JSON, and what is promised of it.

use super::*;
use std::path::Path;

fn full() -> Outcome {
    Outcome {
        schema: SCHEMA,
        scenario: "one".into(),
        seed: 7,
        broker: "simulation".into(),
        published: 2,
        makespan_ms: Some(1_500.5),
        fairness: Some(0.9),
        wait_ms: Some(WaitMs::default()),
        workers: vec![OutcomeWorker::default()],
        expectations: vec![Expected::default()],
        predictions: vec![Answered::default()],
        declined: vec!["no".into()],
        jobs: vec![JobFate::default()],
        ..Outcome::default()
    }
}

#[test]
fn schema_that_is_handed_out_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/outcome.schema.json");
    let now = outcome_schema();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &now).expect("it can be written");
    }
    let asset = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(asset, now, "run the tests with UPDATE_SCHEMAS=1 to write it anew");
}

#[test]
fn outcomes_are_as_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&outcome_schema()).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for outcome in [full(), Outcome::default()] {
        let value = serde_json::to_value(&outcome).expect("it is data");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{value:#}");
    }
    let wrong = serde_json::json!({ "schema": 1 });
    assert!(!validator.is_valid(&wrong));
}
