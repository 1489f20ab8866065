//! The house rules, held by a table: who may name whom, how long a file and a function may be.

mod rules;

use rules::{CRATES, CRATES_ALLOWED, RULES, Rule};
use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;

#[test]
fn nobody_names_what_is_not_theirs() {
    let mut broken = Vec::new();
    for (path, code) in sources("src") {
        for rule in RULES.iter().filter(|rule| binds(rule, &path)) {
            for word in rule.never.iter().filter(|word| names(&code, word)) {
                broken.push(format!("{path} names {word}, but {}", rule.because));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn pure_parts_use_the_crates_granted_to_them() {
    let mut broken = Vec::new();
    for (path, code) in sources("src").into_iter().filter(|(path, _)| !is_test_file(path)) {
        for (folder, granted) in CRATES_ALLOWED.iter().filter(|(folder, _)| path.starts_with(folder)) {
            for name in CRATES.iter().filter(|name| !granted.contains(name)) {
                if names(&code, &format!("{name}::")) {
                    broken.push(format!("{path} names {name}; {folder} may use {granted:?}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crates_in_the_table_are_those_of_the_manifest() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    let section = manifest.split("[dependencies]").nth(1).expect("it has dependencies");
    let section = section
        .split("[dev-dependencies]")
        .next()
        .expect("split gives a first part");
    let listed: Vec<String> = section
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.replace('-', "_"))
        .collect();
    let missing: Vec<&String> = listed.iter().filter(|name| !CRATES.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "not in the table of crates: {missing:?}");
}

#[test]
fn files_and_functions_stay_short() {
    let mut long = Vec::new();
    for (path, code) in sources("src")
        .into_iter()
        .chain(sources("tests"))
        .chain(sources("benches"))
    {
        let lines = code.lines().count();
        if lines > FILE_LINES {
            long.push(format!("{path} has {lines} lines, {FILE_LINES} are allowed"));
        }
        for (name, lines) in functions(&code)
            .into_iter()
            .filter(|(_, lines)| *lines > FUNCTION_LINES)
        {
            long.push(format!(
                "{path}: fn {name} has {lines} lines, {FUNCTION_LINES} are allowed"
            ));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_rules_would_notice() {
    assert!(names("use lapin::Connection;", "lapin::"));
    assert!(names("let x: lapin::Channel;", "lapin::"));
    assert!(!names("//! lapin::Connection is not for us", "lapin::"));
    assert!(!names("use my_lapin::Connection;", "lapin::"));
    assert_eq!(
        functions("fn a() {\n    b();\n}\n\nfn b() {}\n"),
        [("a".to_owned(), 3), ("b".to_owned(), 1)]
    );
}

fn binds(rule: &Rule, path: &str) -> bool {
    path.starts_with(rule.within) && !rule.except.iter().any(|except| path.starts_with(except))
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/") || path.contains("/testing/")
}

/// Whether code (not comments) has `word`, not as the end of a longer name.
fn names(code: &str, word: &str) -> bool {
    code.lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
        .any(|line| {
            line.match_indices(word).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            })
        })
}

/// Functions and how many lines each has, by the indentation that the formatter gives.
fn functions(code: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = function_name(line.trim_start()) else {
            continue;
        };
        let end = format!("{}}}", " ".repeat(indent));
        let last = lines[at..]
            .iter()
            .position(|l| *l == end || (l.starts_with(&end[..indent]) && one_line(l, indent)));
        found.push((name, last.map_or(1, |offset| offset + 1)));
    }
    found
}

/// Whether this line ends an item on the line where it began: `fn b() {}` or a declaration without a body.
fn one_line(line: &str, indent: usize) -> bool {
    let rest = &line[indent..];
    function_name(rest).is_some() && (rest.ends_with("{}") || rest.ends_with(';') || rest.ends_with(" }"))
}

fn function_name(line: &str) -> Option<String> {
    let words = ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "];
    let mut rest = line;
    while let Some(word) = words.iter().find(|word| rest.starts_with(**word)) {
        rest = &rest[word.len()..];
    }
    let rest = rest.strip_prefix("fn ")?;
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("the folder can be read").path()) {
        if path.is_dir() {
            // What is built beside the fuzz targets is not ours.
            if !path.ends_with("target") {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let name = path
                .strip_prefix(root())
                .expect("it is below the root")
                .display()
                .to_string();
            found.push((
                name.replace('\\', "/"),
                fs::read_to_string(&path).expect("a source file is text"),
            ));
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
