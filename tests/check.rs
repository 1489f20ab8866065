//! `check` and `lesson new`, as a teacher has them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const LESSONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/lessons");

fn lab(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dispatch-lab"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn new_lesson_is_right_and_is_not_written_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let (status, out, _) = said(&lab(&["lesson", "new", "Late Worker.toml"], folder.path()));
    assert_eq!(status, 0, "{out}");
    let path = folder.path().join("Late Worker.toml");
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(text.contains("name = \"late-worker\""), "{text}");
    let (status, out, err) = said(&lab(&["check", "Late Worker.toml"], folder.path()));
    assert_eq!(status, 0, "{err}");
    assert!(out.starts_with("ok Late Worker.toml: 2 workers"), "{out}");

    fs::write(&path, "mine").expect("it can be changed");
    let (status, _, err) = said(&lab(&["lesson", "new", "Late Worker.toml"], folder.path()));
    assert!(status == 2 && err.contains("there already"), "{err}");
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "mine");
}

#[test]
fn mistake_is_told_with_its_line_and_a_caret_and_the_status_is_2() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "format = 1\nname = \"x\"\n\n[[script]]\ndo = \"publsh 40\"\n";
    fs::write(folder.path().join("bad.toml"), text).expect("it can be written");
    let (status, out, err) = said(&lab(&["check", "bad.toml"], folder.path()));
    assert_eq!((status, out.as_str()), (2, ""));
    let told =
        "bad.toml:5:7: `publsh` is no action\n  |\n5 | do = \"publsh 40\"\n  |       ^^^^^^ did you mean `publish`?\n";
    assert!(err.starts_with(told), "{err}");
    assert!(err.ends_with("bad.toml: 1 mistake\n"), "{err}");
}

#[test]
fn what_is_played_has_to_come_out_as_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let lesson = fs::read_to_string(format!("{LESSONS}/template.txt")).expect("the template");
    for (from, to, told) in [
        ("W1.done == 20", "W1.done == 21", "does not hold\n   |\n"),
        (
            "W2.busy > 2 * W1.busy\"",
            "W2.busy > 0 * W1.busy\"",
            "more than one choice is right",
        ),
        (
            "right-if = \"W1.busy > 2 *",
            "right-if = \"W1.busy > 200 *",
            "no choice of this question is right",
        ),
        (
            "limit = \"10m\"",
            "limit = \"3s\"",
            "did not come to its end within its limit",
        ),
        (
            "set = { prefetch = 1 }",
            "set = { seed = 8 }",
            "this holds all the same",
        ),
    ] {
        assert!(lesson.contains(from), "{from}");
        fs::write(folder.path().join("x.toml"), lesson.replace(from, to)).expect("it can be written");
        let (status, _, err) = said(&lab(&["check", "x.toml"], folder.path()));
        assert!(status == 2 && err.contains(told), "{told} is wanted:\n{err}");
        let (status, ..) = said(&lab(&["check", "--no-run", "x.toml"], folder.path()));
        assert_eq!(status, 0, "{from}: it is well written");
    }
}

#[test]
fn folder_is_checked_file_by_file_also_for_other_programs() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = fs::read(format!("{LESSONS}/template.txt")).expect("the template");
    fs::write(folder.path().join("b.toml"), good).expect("it can be written");
    fs::write(folder.path().join("a.toml"), "format = 1\n").expect("it can be written");
    fs::write(folder.path().join("notes.txt"), "no lesson").expect("it can be written");
    let (status, out, err) = said(&lab(&["check", "--json", "."], folder.path()));
    assert!(status == 2 && err.is_empty(), "{err}");
    let told: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    let oks: Vec<_> = told
        .as_array()
        .into_iter()
        .flatten()
        .map(|file| file["ok"].as_bool())
        .collect();
    assert_eq!(oks, [Some(false), Some(true)]);
    assert_eq!(told[0]["mistakes"][0]["line"], 1);
}

#[test]
fn what_is_not_there_is_a_wrong_argument() {
    let folder = tempfile::tempdir().expect("a folder");
    for args in [&["check"][..], &["check", "nowhere.toml"], &["check", "."]] {
        let (status, _, err) = said(&lab(args, folder.path()));
        assert!(status == 2 && !err.is_empty(), "{args:?}: {status}");
    }
}

#[test]
fn schema_is_printed_for_editors() {
    let (status, out, _) = said(&lab(&["check", "--schema"], Path::new(".")));
    assert_eq!(status, 0);
    let schema: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(schema["title"], "dispatch-lab scenario");
}
