//! What the README says is held to the program: its first commands, the table of keys, and the known differences.

use std::collections::BTreeMap;
use std::path::Path;

const BEGIN: &str = "<!-- keys: written from the program's own table; a test holds them together -->\n";
const END: &str = "<!-- /keys -->";
const DIFFERENCES: &str =
    "<!-- known differences: written from tests/conformance/known-*; a test holds them together -->\n";
const DIFFERENCES_END: &str = "<!-- /known differences -->";
const VERSIONS: [&str; 3] = ["3.10", "4.0", "4.3"];

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn readme() -> String {
    read("README.md")
}

/// What the README says between two marks.
fn part(begin: &str, end: &str) -> String {
    let readme = readme();
    let (_, rest) = readme.split_once(begin).expect("the README has a place for it");
    rest.split_once(end).expect("the place has an end").0.to_owned()
}

#[test]
fn key_table_is_the_program_s() {
    let table = dispatch_lab::tui::key_table_markdown();
    assert_eq!(
        part(BEGIN, END).trim(),
        table.trim(),
        "the README's keys should read:\n{table}"
    );
}

#[test]
fn known_differences_are_those_that_conformance_lets_pass() {
    let table = differences();
    assert_eq!(
        part(DIFFERENCES, DIFFERENCES_END).trim(),
        table.trim(),
        "the README's differences should read:\n{table}"
    );
}

/// One line of the table for each row and reason, with the versions that they are true of.
fn differences() -> String {
    let mut rows: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for version in VERSIONS {
        let file = read(&format!("tests/conformance/known-{version}"));
        let known = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in known {
            let (row, reason) = line.split_once(' ').expect("each row has its reason");
            let key = (row.to_owned(), reason.trim().to_owned());
            rows.entry(key).or_default().push(version);
        }
    }
    if rows.is_empty() {
        return "None.".to_owned();
    }
    let head = "| row | as | why it differs |\n|---|---|---|\n".to_owned();
    rows.iter().fold(head, |table, ((row, reason), versions)| {
        format!("{table}| `{row}` | {} | {reason} |\n", versions.join(", "))
    })
}

#[test]
fn both_commands_stand_in_the_first_thirty_lines() {
    let head: Vec<String> = readme().lines().take(30).map(str::to_owned).collect();
    for command in ["cargo run --release", "cargo test"] {
        assert!(
            head.iter().any(|line| line.starts_with(command)),
            "`{command}` is missing"
        );
    }
}
