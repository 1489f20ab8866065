//! A mistake in a file, with its place, as a compiler tells it.

use super::fault::Fault;
use std::fmt::Write;

/// A mistake in the text of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// How many characters of the line are wrong; 0: something is missing there.
    pub width: usize,
    /// What is wrong: lowercase, no final stop.
    pub what: String,
    /// What to write instead; may be empty.
    pub hint: String,
    /// All that is allowed there, or why it is so; may be empty.
    pub help: String,
    /// The line as it stands in the file, without control characters.
    pub source: String,
}

impl Mistake {
    /// Of a fault whose place counts in the whole text.
    pub(super) fn new(text: &str, fault: &Fault) -> Self {
        let mut start = fault.at.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let mut end = fault.at.end.clamp(start, line_end);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let shown = |c: char| if c.is_control() { ' ' } else { c };
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            width: text[start..end].chars().count(),
            what: plain(&fault.what),
            hint: plain(&fault.hint),
            help: plain(&fault.help),
            source: text[line_start..line_end].trim_end().chars().map(shown).collect(),
        }
    }

    /// As a compiler tells it: `FILE:LINE:COLUMN: what`, the line, and carets under what is wrong.
    pub fn render(&self, file: &str) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let mut told = format!("{file}:{}:{}: {}\n", self.line, self.column, self.what);
        let _ = writeln!(told, "{margin} |");
        let _ = writeln!(told, "{number} | {}", self.source);
        let carets = "^".repeat(self.width.max(1));
        let line = format!("{margin} | {}{carets} {}", " ".repeat(self.column - 1), self.hint);
        let _ = writeln!(told, "{}", line.trim_end());
        if !self.help.is_empty() {
            let _ = writeln!(told, "{margin} = {}", self.help);
        }
        told
    }
}

/// What a file says goes to a terminal: without what would steer it.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
