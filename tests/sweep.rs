//! `dispatch-lab sweep` as a shell has it: what comes out is what single runs come to, and nobody who is no terminal gets
//! colours.
#![cfg(unix)]

#[expect(dead_code, reason = "each test file uses its own part of the terminal")]
#[path = "support/mod.rs"]
mod support;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::{PROGRAM, Terminal};

/// Four jobs of two seconds; a kill that W2 must be there for.
const FOUR_JOBS: &str = r#"
format = 1
name = "four-jobs"
[settings]
workers = 2
prefetch = 1
workload = "equal"
[[script]]
do = "publish 4"
[[script]]
when = "W2 has 1 in hand"
do = ["kill W2 reset", "revive W2"]
"#;

fn program(command: &str, args: &[&str]) -> Command {
    let mut program = Command::new(PROGRAM);
    program
        .arg(command)
        .args(args)
        .env_remove("AMQP_URL")
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null());
    program
}

fn sweep(args: &[&str]) -> Output {
    program("sweep", args).output().expect("it runs")
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

fn file(folder: &tempfile::TempDir, text: &str) -> String {
    let file = folder.path().join("four-jobs.toml");
    std::fs::write(&file, text).expect("it can be written");
    file.to_string_lossy().into_owned()
}

#[test]
fn json_is_as_the_schema_says_and_each_run_as_it_is_alone() {
    let vary = ["--vary", "prefetch=0,1", "--vary", "workers=2..4", "--seeds", "2"];
    let output = sweep(&[&["fair-dispatch", "--json", "--threads", "3"][..], &vary].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = json(&output);
    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sweep.schema.json");
    let schema = std::fs::read_to_string(asset).expect("it is there");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let errors: Vec<String> = validator.iter_errors(&told).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());

    let folder = tempfile::tempdir().expect("a folder");
    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lessons/02-fair-dispatch.toml");
    let lesson = std::fs::read_to_string(lesson).expect("it is there");
    let runs = told["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 12);
    for (number, run) in runs.iter().enumerate() {
        let (prefetch, workers, seed) = (number / 6, 2 + number / 2 % 3, 7 + number % 2);
        assert_eq!(
            run["settings"],
            serde_json::json!({ "prefetch": prefetch, "workers": workers })
        );
        assert_eq!(run["seed"], seed);
        // The flip would turn nothing where it says the same.
        let (text, _) = lesson.split_once("[flip]").expect("it has one");
        let text = text
            .replace("\nprefetch = 1", &format!("\nprefetch = {prefetch}"))
            .replace("workers = [1.0, 1.0]", &format!("workers = {workers}"));
        let alone = program(
            "run",
            &[
                "--simulate",
                "--json",
                "--seed",
                &seed.to_string(),
                &file(&folder, &text),
            ],
        );
        let alone = json(&{ alone }.output().expect("it runs"));
        for name in [
            "published",
            "done",
            "makespan_ms",
            "ideal_ms",
            "fairness",
            "idle",
            "wait_ms",
            "ended_ms",
            "redelivered",
        ] {
            assert_eq!(run[name], alone[name], "{name} of {run}");
        }
        assert_eq!(run["measured"], alone["makespan_ms"]);
    }
    assert_eq!(told["best"], serde_json::json!({ "prefetch": 1, "workers": 4 }));
}

#[test]
fn number_of_threads_changes_nothing() {
    let told = |threads| {
        let output = sweep(&[
            "round-robin",
            "--json",
            "--vary",
            "prefetch=0..9",
            "--seeds",
            "3",
            "--threads",
            threads,
        ]);
        stdout(&output)
    };
    assert_eq!(told("1"), told("4"));
}

#[test]
fn csv_has_a_line_for_each_run_in_their_order() {
    let vary = [
        "--vary",
        "like=3.10,4.0",
        "--vary",
        "latency=0ms..20ms/10ms",
        "--jobs",
        "100",
    ];
    let output = sweep(&[&["fair-dispatch", "--csv"], &vary[..]].concat());
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let heads = reader.headers().expect("it has heads").clone();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("all are as long");
    let column = |name: &str| {
        heads
            .iter()
            .position(|head| head == name)
            .expect("there is such a column")
    };
    let told: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (&row[column("like")], &row[column("latency")]))
        .collect();
    let latencies = ["0ms", "10ms", "20ms"];
    let expected: Vec<(&str, &str)> = ["3.10", "4.0"]
        .iter()
        .flat_map(|like| latencies.map(|l| (*like, l)))
        .collect();
    assert_eq!(told, expected);
    assert!(
        rows.iter()
            .all(|row| &row[column("done")] == "100" && &row[column("in_time")] == "true")
    );
}

#[test]
fn table_in_a_pipe_has_all_lines_and_no_colours() {
    let output = sweep(&[
        "fair-dispatch",
        "--vary",
        "prefetch=0..5",
        "--vary",
        "workers=2..11",
        "--measure",
        "wait.p95",
    ]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    let text = stdout(&output);
    assert_eq!(
        text.lines().filter(|line| line.trim_end().ends_with(" 40")).count(),
        60,
        "{text}"
    );
    assert!(
        !text.contains('\x1b') && text.contains("* the lowest wait.p95"),
        "{text}"
    );
    let alone = sweep(&["fair-dispatch"]);
    assert!(stdout(&alone).contains("60.0 s"), "{}", stdout(&alone));
}

#[test]
fn terminal_has_the_estimate_the_table_and_the_map() {
    let script = format!("{PROGRAM} sweep fair-dispatch --vary prefetch=0,1,5 --vary workers=2..5; echo status $?");
    let mut shell = Terminal::start(80, 50, "sh", &["-c", &script]);
    shell.wait_for("status 0");
    shell.wait_until("cells of the map have their colours", |screen| {
        let cells = (0..50).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
        let grounds = cells.filter(|cell| cell.bgcolor() != vt100::Color::Default);
        grounds.count() >= 12 * 6
    });
    shell.wait_for_exit();
    let screen = shell.text();
    for words in [
        "12 runs of 40 jobs",
        "makespan in s, prefetch down, workers across",
        "* the lowest makespan",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
}

#[test]
fn what_can_not_be_swept_is_told_and_nothing_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let four = file(&folder, FOUR_JOBS);
    for (args, words) in [
        (vec!["fair-dispatch", "--vary", "prefech=1"], "did you mean `prefetch`?"),
        (vec!["fair-dispatch", "--vary", "ack=never"], "one of `manual`, `auto`"),
        (
            vec!["fair-dispatch", "--vary", "prefetch=0..999", "--seeds", "1000"],
            "1,000,000 runs",
        ),
        (
            vec!["fair-dispatch", "--measure", "speed"],
            "is not the name of a number",
        ),
        (vec!["fair-dispach"], "`fair-dispatch`"),
        (vec!["nowhere.toml"], "can't read nowhere.toml"),
        (
            vec![&four, "--vary", "workers=1,2"],
            "with workers=1 the script can't be played:\n",
        ),
        (vec![&four, "--vary", "workers=1,2"], "four-jobs.toml:11:"),
        (
            vec![&four, "--vary", "delivery-limit=2"],
            "with delivery-limit=2: a classic queue has no delivery limit",
        ),
        (vec!["fair-dispatch", "--jobs", "0"], "0 is not in"),
        (vec!["fair-dispatch", "--json", "--table"], "cannot be used with"),
    ] {
        let output = sweep(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(words), "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

#[test]
fn sweep_in_which_no_run_comes_to_its_end_fails() {
    let some = sweep(&["fair-dispatch", "--vary", "workers=1,2", "--limit", "90s"]);
    assert_eq!(some.status.code(), Some(0));
    assert!(
        stderr(&some).starts_with("dispatch-lab: 1 of 2 runs did not play the script"),
        "{}",
        stderr(&some)
    );
    assert!(stdout(&some).contains("! not comparable"), "{}", stdout(&some));
    let none = sweep(&["fair-dispatch", "--vary", "workers=1,2", "--limit", "10s"]);
    assert_eq!(none.status.code(), Some(1), "{}", stderr(&none));
}

#[test]
fn ctrl_c_ends_a_sweep_and_what_has_ended_is_told() {
    let args = [
        "sweep",
        "fair-dispatch",
        "--vary",
        "seed=1..2000",
        "--jobs",
        "4000",
        "--threads",
        "2",
    ];
    let mut terminal = Terminal::start(80, 24, PROGRAM, &args);
    terminal.wait_for("2,000 runs of 4,000 jobs");
    terminal.wait_for(r"[1-9]\d* of 2,000, ");
    terminal.send("\x03");
    let status = terminal.wait_for_exit();
    let screen = terminal.text();
    assert_eq!(status.exit_code(), 130, "{screen}");
    assert!(screen.contains("4000"), "{screen}");
    let ended = screen.lines().find(|line| line.contains("broken off: "));
    assert!(
        ended.is_some_and(|line| line.contains(" of 2,000 runs ended")),
        "{screen}"
    );
}
