//! When something is so: `W1.done >= 3`, `W2 has 5 in hand`, `ready == 0`, and for the end of a run `settled`.

use super::fault::{Fault, meant, nearest};
use super::token::{Kind, Token, tokens};
use crate::lab::{Compare, Condition, Count, WorkerCount, WorkerId};
use std::ops::Range;

/// What a condition says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Moment {
    /// A comparison; and where its worker stands, if it has one.
    When(Condition, Range<usize>),
    /// Nothing more happens by itself.
    Settled,
}

pub(super) const COUNTS: [(&str, Count); 8] = [
    ("published", Count::Published),
    ("confirmed", Count::Confirmed),
    ("done", Count::Done),
    ("lost", Count::Lost),
    ("twice", Count::Twice),
    ("redelivered", Count::Redelivered),
    ("ready", Count::Ready),
    ("dead", Count::Dead),
];

pub(super) const WORKER_COUNTS: [(&str, WorkerCount); 7] = [
    ("done", WorkerCount::Done),
    ("held", WorkerCount::Held),
    ("tray", WorkerCount::Tray),
    ("hand", WorkerCount::Hand),
    ("unacked", WorkerCount::Unacked),
    ("redelivered", WorkerCount::Redelivered),
    ("consuming", WorkerCount::Consuming),
];

const EXAMPLES: &str = "for example `W1.done >= 3`, `W2 has 5 in hand`, `W2 is down`, `ready == 0`";

/// Understands a condition.
pub(super) fn parse(text: &str) -> Result<Moment, Fault> {
    let words = tokens(text)?;
    let Some(first) = words.first() else {
        return Err(Fault::new(0..text.len(), "a condition is missing").hint(EXAMPLES));
    };
    if first.kind == Kind::Word("settled") && words.len() == 1 {
        return Ok(Moment::Settled);
    }
    let Kind::Word(name) = first.kind else {
        return Err(
            Fault::new(first.at(), "a condition begins with what is counted").hint("`done >= 3`, not `3 <= done`")
        );
    };
    if let Some(worker) = super::amount::worker(name) {
        return sentence(text, worker, &words);
    }
    if let Some(worker) = super::amount::worker(&name.to_uppercase()) {
        return Err(
            Fault::new(first.at(), format!("`{name}` is not a worker")).hint(format!("did you mean `{worker}`?"))
        );
    }
    comparison(text, name, &words)
}

/// `W2 has 5 in hand`, `W2 is down`, `W2 consumes`.
fn sentence(text: &str, worker: WorkerId, words: &[Token<'_>]) -> Result<Moment, Fault> {
    let said: Vec<&str> = words[1..].iter().map(|word| &text[word.at()]).collect();
    let (count, is, than) = match said.as_slice() {
        ["is", "down"] => (WorkerCount::Consuming, Compare::Equal, 0),
        ["consumes"] | ["is", "up"] => (WorkerCount::Consuming, Compare::Equal, 1),
        ["has", number, rest @ ..] => {
            let count = match rest {
                ["in", "hand"] => WorkerCount::Held,
                ["in", "its" | "the", "tray"] | ["in", "tray"] => WorkerCount::Tray,
                ["unacked"] => WorkerCount::Unacked,
                ["done"] => WorkerCount::Done,
                _ => return Err(unknown_sentence(text, worker, words, 3)),
            };
            (count, Compare::AtLeast, integer(words[2], number)?)
        }
        _ => return Err(unknown_sentence(text, worker, words, 1)),
    };
    let what = Count::Worker(worker, count);
    Ok(Moment::When(Condition { what, is, than }, words[0].at()))
}

fn unknown_sentence(text: &str, worker: WorkerId, words: &[Token<'_>], from: usize) -> Fault {
    let at = words
        .get(from)
        .map_or(text.len()..text.len(), |word| word.start..text.trim_end().len());
    Fault::new(at, format!("what of {worker}?")).hint(format!(
        "`{worker} has 5 in hand`, `in its tray`, `unacked` or `done`, `{worker} is down`, `{worker} consumes`"
    ))
}

/// `W1.done >= 3`.
fn comparison(text: &str, name: &str, words: &[Token<'_>]) -> Result<Moment, Fault> {
    let first = words[0];
    let what = count(name, first)?;
    let missing = |what: &str| {
        Fault::new(
            text.trim_end().len()..text.trim_end().len(),
            format!("{what} is missing"),
        )
    };
    let is = match words.get(1).map(|word| (word.kind, word)) {
        Some((Kind::Compare(compare), _)) => compare,
        Some((_, word)) => {
            return Err(Fault::new(word.at(), "a comparison is wanted here").hint("<, <=, ==, !=, >= or >"));
        }
        None => return Err(missing("a comparison").hint(format!("for example `{name} >= 3`"))),
    };
    let Some(number) = words.get(2) else {
        return Err(missing("a number").hint("a whole number, for example 3"));
    };
    let than = integer(*number, &text[number.at()])?;
    match words.get(3) {
        None => Ok(Moment::When(Condition { what, is, than }, first.at())),
        Some(more) => Err(Fault::new(
            more.start..text.trim_end().len(),
            "a moment is one comparison with one number",
        )
        .hint("wait for another in a step of its own")),
    }
}

fn count(name: &str, at: Token<'_>) -> Result<Count, Fault> {
    if let Some(row) = COUNTS.iter().find(|row| row.0 == name) {
        return Ok(row.1);
    }
    let counts = WORKER_COUNTS.map(|row| row.0);
    if let Some((head, field)) = name.split_once('.') {
        if let Some(worker) = super::amount::worker(head) {
            if let Some(row) = WORKER_COUNTS.iter().find(|row| row.0 == field) {
                return Ok(Count::Worker(worker, row.1));
            }
            return Err(
                Fault::new(at.end - field.len()..at.end, format!("a worker has no count `{field}`"))
                    .hint(meant(field, counts))
                    .help(format!("a worker has: {}", counts.join(", "))),
            );
        }
        if let Some(worker) = super::amount::worker(&head.to_uppercase()) {
            let field = nearest(field, counts).unwrap_or("done");
            return Err(
                Fault::new(at.at(), format!("`{name}` is no count")).hint(format!("did you mean `{worker}.{field}`?"))
            );
        }
    }
    let words = COUNTS.map(|row| row.0);
    let near = meant(name, words.iter().copied().chain(["settled"]));
    Err(Fault::new(at.at(), format!("`{name}` is no count"))
        .hint(if near.is_empty() { EXAMPLES.to_owned() } else { near })
        .help(format!(
            "what can be waited for: {}; of a worker {}",
            words.join(", "),
            counts.join(", ")
        )))
}

fn integer(token: Token<'_>, text: &str) -> Result<u32, Fault> {
    let fault = || Fault::new(token.at(), format!("`{text}` is not a whole number")).hint("for example 3");
    match token.kind {
        Kind::Number(_) => text.replace('_', "").parse().map_err(|_| fault()),
        _ => Err(fault()),
    }
}
