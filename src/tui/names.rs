//! Guests by their names: the lab's sentences say `W4`, and the screen `W4 ALICE`.

use crate::lab::{Snapshot, WorkerRow};
use std::borrow::Cow;

/// `W4 ALICE`, or just the number of a worker of the lab.
pub(super) fn of(worker: &WorkerRow) -> String {
    match &worker.guest {
        Some(name) => format!("{} {name}", worker.id),
        None => worker.id.to_string(),
    }
}

/// A sentence in which each guest has its name behind its number, unless it is there already.
pub(super) fn named<'a>(text: &'a str, snapshot: &Snapshot) -> Cow<'a, str> {
    if !snapshot.workers.iter().any(|worker| worker.guest.is_some()) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    let mut before = ' ';
    while let Some(at) = rest.find('W') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        before = head.chars().next_back().unwrap_or(before);
        let digits = tail[1..].bytes().take_while(u8::is_ascii_digit).count();
        let (word, after) = tail.split_at(1 + digits);
        out.push_str(word);
        if !before.is_alphanumeric()
            && let Some(name) = guest(word, snapshot)
            && !after.trim_start().starts_with(name)
        {
            out.push(' ');
            out.push_str(name);
        }
        before = 'W';
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

fn guest<'a>(word: &str, snapshot: &'a Snapshot) -> Option<&'a str> {
    let number: u16 = word.strip_prefix('W')?.parse().ok()?;
    let row = snapshot.workers.iter().find(|worker| worker.id.0 == number)?;
    row.guest.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixtures::{empty, worker};

    fn with_alice() -> Snapshot {
        let mut snapshot = empty();
        snapshot.workers = vec![worker(1), worker(4), worker(41)];
        snapshot.workers[1].guest = Some("ALICE".into());
        snapshot
    }

    #[test]
    fn guests_have_their_names_and_nobody_else_has() {
        let snapshot = with_alice();
        for (text, want) in [
            (
                "#7 back at its old place: W4's connection was lost",
                "#7 back at its old place: W4 ALICE's connection was lost",
            ),
            (
                "#7 → W41  next in turn; W4 is full (1/1)",
                "#7 → W41  next in turn; W4 ALICE is full (1/1)",
            ),
            ("W4 ALICE consumes: a guest", "W4 ALICE consumes: a guest"),
            ("W1, W4, W", "W1, W4 ALICE, W"),
            ("xW4 Why W99999999", "xW4 Why W99999999"),
        ] {
            assert_eq!(named(text, &snapshot), want);
        }
        assert_eq!(of(&snapshot.workers[1]), "W4 ALICE");
    }

    #[test]
    fn without_guests_a_sentence_stays_as_it_is() {
        assert!(matches!(named("W1 W2", &empty()), Cow::Borrowed("W1 W2")));
    }
}
