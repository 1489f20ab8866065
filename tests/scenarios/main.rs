//! `dispatch-lab run` as a shell, a script or a homework has it: results on standard output, a truthful exit status,
//! nothing left behind.
#![cfg(unix)]

#[expect(dead_code, reason = "each test file uses its own part of the terminal")]
#[path = "../support/mod.rs"]
mod support;

mod signals;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use support::{PROGRAM, Terminal};

/// Six jobs of two seconds for two workers: six seconds of lab time, and less than one of real time.
const SIX_JOBS: &str = r#"
format = 1
name = "six-jobs"
title = "Six jobs"
[settings]
workers = 2
prefetch = 1
workload = "equal"
scale = 10
[[script]]
name = "jobs"
do = "publish 6"
[[expect]]
that = "done == published and lost == 0"
[[expect]]
that = "W1.done within 2 of W2.done"
[end]
limit = "2m"
"#;

/// Scenario files, each in a folder of its own.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, text: &str) -> String {
        let file: PathBuf = self.0.path().join(name);
        std::fs::write(&file, text).expect("it can be written");
        file.to_string_lossy().into_owned()
    }
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .arg("run")
        .args(args)
        .env_remove("AMQP_URL")
        .stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    program(args).output().expect("it runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it is text")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

#[test]
fn live_run_is_told_as_json_that_the_schema_allows() {
    let files = Files::new();
    let output = run(&["--json", "--seed", "11", &files.write("six.toml", SIX_JOBS)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = json(&output);
    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/outcome.schema.json");
    let schema = std::fs::read_to_string(asset).expect("it is there");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let errors: Vec<String> = validator.iter_errors(&told).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    for (name, value) in [
        ("scenario", Value::from("six-jobs")),
        ("seed", 11.into()),
        ("broker", "embedded broker as RabbitMQ 4.0".into()),
        ("published", 6.into()),
        ("done", 6.into()),
        ("in_time", true.into()),
    ] {
        assert_eq!(told[name], value, "{name}");
    }
    assert_eq!(told["jobs"].as_array().map(Vec::len), Some(6));
    assert_eq!(told["expectations"][0]["seen"], "done = 6, published = 6, lost = 0");
}

#[test]
fn where_nobody_looks_there_is_no_progress() {
    let files = Files::new();
    let output = run(&[&files.write("six.toml", SIX_JOBS)]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    assert!(text.contains("Six jobs") && text.contains("6 done, 0 lost"), "{text}");
    assert!(text.contains("✓ done == published and lost == 0"), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn progress_is_on_the_terminal_and_the_result_in_the_pipe() {
    let files = Files::new();
    let (file, result) = (files.write("six.toml", SIX_JOBS), files.write("result.json", ""));
    let script = format!("{PROGRAM} run --json --scale 3 '{file}' > '{result}'; echo status $?");
    let mut shell = Terminal::start(80, 24, "sh", &["-c", &script]);
    shell.wait_for(r"six-jobs .* [1-5] of 6 done, waits for the last job");
    shell.wait_for("status 0");
    shell.wait_for_exit();
    let screen = shell.text();
    assert!(
        !screen.contains("of 6 done") && !screen.contains("makespan"),
        "{screen}"
    );
    let told = std::fs::read(result).expect("it is there");
    let told: Value = serde_json::from_slice(&told).expect("it is JSON alone");
    assert_eq!(told["done"], 6);
}

#[test]
fn failed_expectation_says_what_was_expected_and_what_was_seen() {
    let files = Files::new();
    let wrong = SIX_JOBS.replace("lost == 0", "lost > 3");
    let output = run(&["--simulate", "--json", &files.write("wrong.toml", &wrong)]);
    assert_eq!(output.status.code(), Some(1));
    let complaint =
        "dispatch-lab: six-jobs: expected done == published and lost > 3, but saw done = 6, published = 6, lost = 0\n";
    assert_eq!(stderr(&output), complaint);
    assert_eq!(json(&output)["expectations"][0]["holds"], false);
}

#[test]
fn run_that_does_not_end_or_is_declined_something_fails() {
    let files = Files::new();
    let forgets = SIX_JOBS.replace("\"publish 6\"", "[\"habit W1 forgets\", \"publish 6\"]");
    let twice = SIX_JOBS.replace("\"publish 6\"", "[\"publish 6\", \"kill W2 reset\", \"kill W2 reset\"]");
    for (name, text, complaint) in [
        ("forgets.toml", forgets, "did not come to its end within its limit"),
        ("twice.toml", twice, "the script asked for what could not be done: "),
    ] {
        let output = run(&["--simulate", "--limit", "90s", &files.write(name, &text)]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stdout(&output));
        assert!(stderr(&output).contains(complaint), "{name}: {}", stderr(&output));
    }
}

#[test]
fn bad_files_and_usages_are_told_and_nothing_runs() {
    let files = Files::new();
    let good = files.write("six.toml", SIX_JOBS);
    let bad = files.write("bad.toml", &SIX_JOBS.replace("prefetch", "prefech"));
    let large = files.write("large.toml", &SIX_JOBS.replace("workers = 2", "workers = 100"));
    for (args, words) in [
        (vec![good.as_str(), &bad], "bad.toml:7:1: "),
        (vec!["fair-dispach"], "`fair-dispatch`"),
        (vec!["nowhere.toml"], "can't read nowhere.toml"),
        (vec!["--url", "http://localhost/", &good], "amqp://"),
        (vec!["--json", "--csv", &good], "cannot be used with"),
        (vec!["--limit", "10", &good], "a time has a unit: `10s`"),
        (vec![&large], "--simulate"),
        (vec![], "FILE|NAME"),
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(words), "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

#[test]
fn several_are_told_in_their_order_and_the_worst_decides() {
    let files = Files::new();
    let (good, wrong) = (
        files.write("six.toml", SIX_JOBS),
        files.write(
            "wrong.toml",
            &SIX_JOBS.replace("lost == 0", "lost > 3").replace("six-jobs", "wrong"),
        ),
    );
    let args = ["--simulate", &wrong, "round-robin", &good];
    let names = ["wrong", "round-robin", "six-jobs"];

    let output = run(&[&["--json"], &args[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let told = json(&output);
    let told: Vec<&str> = told
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|o| o["scenario"].as_str())
        .collect();
    assert_eq!(told, names);

    let output = run(&[&["--csv"], &args[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("all are as long");
    let told: Vec<(&str, &str)> = rows.iter().map(|row| (&row[0], &row[3])).collect();
    assert_eq!(
        told,
        [("wrong", "false"), ("round-robin", "true"), ("six-jobs", "true")]
    );

    let output = run(&args);
    let text = stdout(&output);
    let titles: Vec<&str> = text.lines().filter(|line| line.contains("(simulation)")).collect();
    assert!(
        titles[0].starts_with("Six jobs") && titles[1].starts_with("Round-robin"),
        "{text}"
    );
    assert!(titles.len() == 3 && text.matches('✗').count() == 1, "{text}");
}

#[test]
fn simulation_is_the_same_each_time_and_another_seed_another_run() {
    let files = Files::new();
    let random = files.write("six.toml", &SIX_JOBS.replace("equal", "random"));
    let told = |seed| json(&run(&["--simulate", "--json", "--seed", seed, &random]));
    assert_eq!(told("7"), told("7"));
    let makespan = |seed| told(seed)["makespan_ms"].clone();
    assert!(makespan("7").is_number());
    assert_ne!(makespan("7"), makespan("8"));
}

#[test]
fn two_classic_scenarios_are_built_in_and_what_they_expect_holds_live() {
    let output = run(&["--scale", "10", "--json", "round-robin", "fair-dispatch"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = json(&output);
    for (run, done) in [(0, [20, 20]), (1, [20, 20])] {
        let told = &told[run];
        assert_eq!((&told["published"], &told["seed"]), (&40.into(), &7.into()));
        let workers = done.map(Value::from);
        assert_eq!(
            [&told["workers"][0]["done"], &told["workers"][1]["done"]],
            [&workers[0], &workers[1]]
        );
        assert_eq!(told["ideal_ms"], 60_000.0);
    }
}

#[test]
fn closed_pipe_is_no_crash() {
    let mut running = program(&["--simulate", "round-robin"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(running.stdout.take());
    let output = running.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}
