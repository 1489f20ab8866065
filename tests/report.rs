//! A run's report, as a shell or a homework asks for it: the same from a live run and from a simulated one.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A worker crashes after its work and before its ack, and comes back; then all is done, one job twice.
const CRASH: &str = r#"
format = 1
name = "crash"
title = "Done twice & <once>"
[settings]
workers = 2
prefetch = 1
workload = "equal"
scale = 10
[[script]]
do = "publish 6"
[[script]]
when = "W2.done >= 1"
do = ["kill W2 crash-before-ack"]
[[script]]
when = "redelivered >= 1"
do = "revive W2"
[[expect]]
that = "done == 6 and twice == 1"
[end]
limit = "2m"
"#;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dispatch-lab"));
    command.arg("run").args(args).current_dir(folder).env_remove("AMQP_URL");
    command.output().expect("it runs")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("crash.toml"), CRASH).expect("it can be written");
    folder
}

fn written(folder: &Path, args: &[&str], name: &str) -> String {
    let output = run(folder, &[&["crash.toml", "--report", name], args].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    std::fs::read_to_string(folder.join(name)).expect("it was written")
}

fn data(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// What does not depend on how long anything took.
fn fates(report: &Value) -> Value {
    let numbers = &report["numbers"];
    let counts = ["jobs", "done", "lost", "returned", "dead", "twice", "redelivered"].map(|name| numbers[name].clone());
    let expected: Vec<&Value> = report["outcome"]["expectations"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let holds: Vec<&Value> = expected.iter().map(|e| &e["holds"]).collect();
    let signs: Vec<Vec<&Value>> = report["timeline"]["rows"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| {
            row["signs"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|sign| &sign["kind"])
                .collect()
        })
        .collect();
    serde_json::json!([report["title"], report["seed"], counts, report["books"], holds, signs])
}

#[test]
fn a_live_run_and_a_simulated_one_have_the_same_report() {
    let folder = folder();
    let live = data(&written(folder.path(), &[], "live.json"));
    let simulated = data(&written(folder.path(), &["--simulate"], "simulated.json"));
    assert_eq!(fates(&live), fates(&simulated));
    assert_eq!(
        (&live["played"], &simulated["played"]),
        (&"live".into(), &"simulated".into())
    );
    assert_eq!(live["numbers"]["twice"], 1);
    let command = simulated["command"].as_str().expect("a text");
    assert_eq!(command, "dispatch-lab run crash.toml --seed 7 --simulate");
    let names = |report: &Value| {
        let fields = report.as_object().expect("an object");
        fields.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&live), names(&simulated));
}

#[test]
fn each_ending_is_a_kind_of_its_own() {
    let folder = folder();
    for (name, beginning, part) in [
        ("a.html", "<!DOCTYPE html>", "Done twice &amp; &lt;once&gt;"),
        (
            "a.md",
            "# Done twice & \\<once\\>\n",
            "| ✔ holds | `done == 6 and twice == 1` |",
        ),
        ("a.csv", "title,by,written,", "Done twice & <once>,"),
        ("a.json", "{\n  \"schema\": 1,", "\"twice\": 1"),
    ] {
        let text = written(folder.path(), &["--simulate"], name);
        assert!(text.starts_with(beginning) && text.contains(part), "{name}:\n{text}");
    }
}

#[test]
fn what_cannot_be_reported_is_told_before_anything_runs() {
    let folder = folder();
    std::fs::write(folder.path().join("there.html"), "mine").expect("it can be written");
    for (args, wanted) in [
        (vec!["crash.toml", "--report", "there.html"], "is there already"),
        (vec!["crash.toml", "--report", "screen.svg"], "no picture"),
        (vec!["crash.toml", "--report", "page.pdf"], "names no kind of report"),
        (
            vec!["crash.toml", "crash.toml", "--report", "two.html"],
            "tells of one run",
        ),
    ] {
        let output = run(folder.path(), &args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(wanted), "{args:?}: {told}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.path().join("there.html")).expect("it is there"),
        "mine"
    );
}
