//! A line of code in colours: words of the language, texts, comments.

use crate::code::Language;
use crate::tui::theme::Theme;
use crate::tui::view::pen::Pen;

const PYTHON: &[&str] = &[
    "and", "def", "else", "except", "for", "if", "import", "in", "int", "len", "not", "range", "try", "with",
];
const RUST: &[&str] = &[
    "as", "async", "await", "const", "else", "fn", "for", "if", "in", "let", "main", "mut", "true", "false", "use",
    "while",
];

/// Writes the line.
pub(super) fn line(pen: &mut Pen<'_>, theme: &Theme, language: Language, text: &str) {
    match language {
        Language::Methods => methods(pen, theme, text),
        Language::Python => code(pen, theme, text, "#", PYTHON),
        Language::Rust => code(pen, theme, text, "//", RUST),
    }
}

fn methods(pen: &mut Pen<'_>, theme: &Theme, text: &str) {
    let (line, comment) = split_comment(text, "#");
    let style = if line.starts_with('←') {
        theme.hand
    } else {
        theme.text
    };
    pen.put(line, style).put(comment, theme.dim);
}

fn code(pen: &mut Pen<'_>, theme: &Theme, text: &str, comment: &str, words: &[&str]) {
    if text.starts_with(r#"""""#) {
        pen.put(text, theme.dim);
        return;
    }
    let (line, comment) = split_comment(text, comment);
    // Every second piece between quotation marks is a text.
    for (at, piece) in line.split('"').enumerate() {
        if at % 2 == 1 {
            pen.put("\"", theme.good).put(piece, theme.good).put("\"", theme.good);
        } else {
            put_words(pen, theme, piece, words);
        }
    }
    pen.put(comment, theme.dim);
}

fn put_words(pen: &mut Pen<'_>, theme: &Theme, text: &str, words: &[&str]) {
    let mut rest = text;
    while !rest.is_empty() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let inside = rest.starts_with(is_word);
        let end = rest.find(|c| is_word(c) != inside).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let style = if words.contains(&piece) {
            theme.title
        } else if piece.starts_with(|c: char| c.is_ascii_digit()) {
            theme.warn
        } else {
            theme.text
        };
        pen.put(piece, style);
        rest = after;
    }
}

/// What is before a comment and the comment; signs within texts begin none.
fn split_comment<'t>(text: &'t str, sign: &str) -> (&'t str, &'t str) {
    let found = text
        .match_indices(sign)
        .find(|(at, _)| text[..*at].matches('"').count().is_multiple_of(2));
    text.split_at(found.map_or(text.len(), |(at, _)| at))
}
