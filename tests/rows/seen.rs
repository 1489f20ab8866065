//! What a line has caused, and whether that is what was expected.

use crate::client::Result;
use crate::stage::{EYE, Stage};
use std::collections::BTreeMap;

impl Stage {
    /// `what` if it is the actor's, else `what:who`, the word first.
    pub(crate) fn note_about(&mut self, name: &str, what: &str) {
        if name == EYE {
            return;
        }
        let text = match what.split_once('(') {
            _ if name == self.actor => what.to_owned(),
            None => format!("{what}:{name}"),
            Some((word, rest)) => format!("{word}:{name}({rest}"),
        };
        self.note(name, text);
    }

    pub(crate) fn note(&mut self, group: &str, text: impl Into<String>) {
        self.seen.push((group.to_owned(), text.into()));
    }

    /// Whose an expected token is: on the wire only the order on each channel can be seen.
    fn group_of(&self, token: &str) -> String {
        let bare = token.split('(').next().unwrap_or_default();
        match bare.split_once(':') {
            Some(("confirmed" | "refused" | "returned", _)) | None => self.actor.clone(),
            Some(("closed" | "ended" | "lost" | "cancel", name)) => self.home(name),
            Some((holder, _)) => self.home(holder),
        }
    }

    pub(crate) fn compare(&self, expected: &[String]) -> Result {
        let mut wanted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for token in expected {
            wanted.entry(self.group_of(token)).or_default().push(token);
        }
        let mut got: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (group, token) in &self.seen {
            got.entry(group.clone()).or_default().push(token);
        }
        if wanted == got {
            return Ok(());
        }
        let seen: Vec<&str> = self.seen.iter().map(|(_, token)| token.as_str()).collect();
        Err(format!(
            "expected: {}\n      seen: {}",
            expected.join(" "),
            seen.join(" ")
        ))
    }
}
