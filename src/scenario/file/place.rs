//! Where the parts of a file stand: for what is found out about them only when it is played.

use super::super::fault::Fault;
use super::super::mistake::Mistake;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The text of an expectation, by its place in the list.
    Expectation(usize),
    /// A question.
    Question(usize),
    /// What the flip breaks.
    Flip,
    /// The script.
    Script,
    /// When it ends.
    End,
}

impl Mistake {
    /// A mistake in a part of a text, which was read without one.
    pub fn in_part(text: &str, part: Part, what: String, hint: String, help: String) -> Self {
        let (document, _) = DeTable::parse_recoverable(text);
        let at = place(document.get_ref(), part).unwrap_or(0..0);
        Self::new(text, &Fault { at, what, hint, help })
    }
}

fn place(root: &DeTable<'_>, part: Part) -> Option<Range<usize>> {
    match part {
        Part::Expectation(number) => inside(item(root, "expect", number)?, "that"),
        Part::Question(number) => inside(item(root, "predict", number)?, "ask"),
        Part::Flip => inside(root.get("flip")?, "breaks"),
        Part::Script => item(root, "script", 0).map(Spanned::span),
        Part::End => match root.get("end") {
            Some(end) => Some(end.span()),
            None => place(root, Part::Script),
        },
    }
}

fn item<'a, 't>(root: &'a DeTable<'t>, list: &str, number: usize) -> Option<&'a Spanned<DeValue<'t>>> {
    root.get(list)?.get_ref().get(number)
}

fn inside(value: &Spanned<DeValue<'_>>, key: &str) -> Option<Range<usize>> {
    value.get_ref().get(key).map(Spanned::span)
}
