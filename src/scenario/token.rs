//! The words of the small languages: numbers with units, names, signs.

use super::fault::Fault;
use crate::lab::Compare;
use std::ops::Range;

/// One word, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// `40`, `1.1`
    Number(f64),
    /// `10s`, `200ms`, in milliseconds.
    Duration(f64),
    /// `10%`, as 10.
    Percent(f64),
    /// `makespan`, `W1.done`, `#3.deliveries`, `and`
    Word(&'a str),
    /// `<`, `>=` …
    Compare(Compare),
    /// One of `+ - * / ( )`
    Sign(char),
}

/// The units of time, in milliseconds.
pub(super) const UNITS: [(&str, f64); 4] = [("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0), ("h", 3_600_000.0)];

impl Token<'_> {
    pub(super) fn at(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let start = at;
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let kind;
        (kind, at) = match first {
            '0'..='9' => number(text, start)?,
            '#' | '_' | 'a'..='z' | 'A'..='Z' => word(text, start),
            _ => sign(text, start, first)?,
        };
        found.push(Token { kind, start, end: at });
    }
    Ok(found)
}

fn run(text: &str, start: usize, is: impl Fn(char) -> bool) -> usize {
    text[start..]
        .find(|c| !is(c))
        .map_or(text.len(), |length| start + length)
}

fn word(text: &str, start: usize) -> (Kind<'_>, usize) {
    let end = run(text, start + 1, |c| c.is_ascii_alphanumeric() || "._".contains(c));
    (Kind::Word(&text[start..end]), end)
}

/// A number with a unit or without one.
fn number(text: &str, start: usize) -> Result<(Kind<'_>, usize), Fault> {
    let digits = run(text, start, |c| c.is_ascii_digit() || "._".contains(c));
    let value: f64 = text[start..digits]
        .replace('_', "")
        .parse()
        .map_err(|_| Fault::new(start..digits, format!("`{}` is not a number", &text[start..digits])))?;
    if text[digits..].starts_with('%') {
        return Ok((Kind::Percent(value), digits + 1));
    }
    let end = run(text, digits, |c| c.is_ascii_alphanumeric());
    let unit = &text[digits..end];
    if unit.is_empty() {
        return Ok((Kind::Number(value), end));
    }
    match UNITS.iter().find(|(name, _)| *name == unit) {
        Some((_, milliseconds)) => Ok((Kind::Duration(value * milliseconds), end)),
        None => Err(Fault::new(start..end, format!("`{unit}` is not a unit of time"))
            .hint(format!("write `{}s`, or ms, m, h", &text[start..digits]))),
    }
}

/// What people write, and how it is written here.
const OTHERWISE: [(&str, &str); 7] = [
    ("&&", "and"),
    ("||", "and"),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("×", "*"),
    ("&", "and"),
];

fn sign(text: &str, start: usize, first: char) -> Result<(Kind<'_>, usize), Fault> {
    const COMPARE: [(&str, Compare); 6] = [
        ("<=", Compare::AtMost),
        (">=", Compare::AtLeast),
        ("==", Compare::Equal),
        ("!=", Compare::Other),
        ("<", Compare::Less),
        (">", Compare::More),
    ];
    let rest = &text[start..];
    if let Some((written, compare)) = COMPARE.iter().find(|(written, _)| rest.starts_with(written)) {
        return Ok((Kind::Compare(*compare), start + written.len()));
    }
    if "+-*/()".contains(first) {
        return Ok((Kind::Sign(first), start + 1));
    }
    if first == '=' {
        return Err(Fault::new(start..start + 1, "`=` compares nothing").hint("two are equal by `==`"));
    }
    if let Some((odd, plain)) = OTHERWISE.iter().find(|(odd, _)| rest.starts_with(odd)) {
        return Err(
            Fault::new(start..start + odd.len(), format!("`{odd}` is not known here")).hint(format!("write `{plain}`")),
        );
    }
    Err(Fault::new(
        start..start + first.len_utf8(),
        format!("`{first}` has no meaning here"),
    ))
}
