//! The demo tape plays against the real program: every text that it waits for comes.
#![cfg(unix)]

#[expect(dead_code, reason = "each test file uses its own part of the terminal")]
mod support;

use std::path::PathBuf;
use std::time::Duration;
use support::{PROGRAM, Terminal};

/// A command of the tape, as far as the demo uses the language.
#[derive(Debug, PartialEq)]
enum Step {
    Type(String),
    Key(char),
    Sleep(Duration),
    Wait(String),
}

#[test]
fn demo_plays_and_every_awaited_text_comes() {
    let tape = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("demo.tape"))
        .expect("the tape is there");
    let steps: Vec<Step> = tape.lines().filter_map(parse).collect();
    let waits = steps.iter().filter(|step| matches!(step, Step::Wait(_))).count();
    assert!(waits >= 5, "the tape waits on the screen, {waits} times");
    let slept: Duration = steps
        .iter()
        .map(|step| {
            if let Step::Sleep(time) = step {
                *time
            } else {
                Duration::ZERO
            }
        })
        .sum();
    assert!(
        slept < Duration::from_secs(40),
        "the demo is short, its pauses alone take {slept:?}"
    );

    let mut shell = Terminal::start(100, 30, "sh", &[]);
    let folder = PathBuf::from(PROGRAM)
        .parent()
        .expect("the program is in a folder")
        .display()
        .to_string();
    shell.send(&format!("PS1='> '; PATH={folder}:$PATH\r"));
    for step in &steps {
        play(&mut shell, step);
    }
}

fn play(shell: &mut Terminal, step: &Step) {
    match step {
        Step::Type(text) => shell.send(text),
        Step::Key(key) => shell.send(&key.to_string()),
        Step::Wait(pattern) => drop(shell.wait_for(pattern)),
        // The pauses are for the eye of whoever watches; what the demo shows is awaited by the steps around them.
        Step::Sleep(_) => (),
    }
}

fn parse(line: &str) -> Option<Step> {
    let line = line.trim();
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    match word.split(['@', '+']).next().unwrap_or_default() {
        "" | "#" | "Output" | "Set" | "Require" | "Hide" | "Show" | "Screenshot" => None,
        "Type" => Some(Step::Type(rest.trim().trim_matches(['"', '\'', '`']).to_owned())),
        "Enter" => Some(Step::Key('\r')),
        "Space" => Some(Step::Key(' ')),
        "Escape" => Some(Step::Key('\u{1b}')),
        "Tab" => Some(Step::Key('\t')),
        "Sleep" => Some(Step::Sleep(duration(rest))),
        "Wait" => Some(Step::Wait(
            rest[rest.find('/').expect("a pattern") + 1..]
                .trim_end_matches('/')
                .to_owned(),
        )),
        other => panic!("the tape uses `{other}`, which this player does not know"),
    }
}

fn duration(text: &str) -> Duration {
    let text = text.trim();
    let (number, unit) = text
        .strip_suffix("ms")
        .map_or((text.trim_end_matches('s'), 1.0), |number| (number, 0.001));
    Duration::from_secs_f64(number.parse::<f64>().expect("a number") * unit)
}
