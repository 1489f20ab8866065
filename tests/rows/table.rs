//! The tables: rows as text, and for which brokers they hold.

use dispatch_lab::broker::dispatch::Like;

/// The versions of RabbitMQ that the tables tell apart.
pub(crate) const LIKES: [(Like, &str); 3] = [(Like::V3_10, "3.10"), (Like::V4_0, "4.0"), (Like::V4_3, "4.3")];

/// The kind of queue that a row's queues are, unless they say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Classic,
    Quorum,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Classic, Self::Quorum];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Quorum => "quorum",
        }
    }
}

/// `[quorum 4.0 4.3]`: kinds and versions for which something holds; without a kind all kinds, without a version all
/// versions.
#[derive(Clone, Debug, Default)]
struct Guard(Vec<String>);

impl Guard {
    /// Takes the guard from one end of a text.
    fn split(text: &str) -> (Self, &str) {
        let Some((guard, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
            return (Self::default(), text);
        };
        let words: Vec<String> = guard.split_whitespace().map(str::to_owned).collect();
        for word in &words {
            let known = Kind::ALL.iter().any(|kind| kind.name() == word) || LIKES.iter().any(|(_, name)| name == word);
            assert!(known, "[{guard}]: {word} is neither a kind of queue nor a version");
        }
        (Self(words), rest.trim())
    }

    fn admits(&self, like: Like, kind: Kind) -> bool {
        let name = LIKES.iter().find(|(one, _)| *one == like).map(|(_, name)| *name);
        let allows = |words: Vec<&String>, wanted: &str| words.is_empty() || words.iter().any(|word| *word == wanted);
        let (versions, kinds) = self.0.iter().partition(|word| word.starts_with(char::is_numeric));
        allows(versions, name.unwrap_or_default()) && allows(kinds, kind.name())
    }
}

/// One request with what must come of it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    guard: Guard,
    /// In its file, from 1.
    pub(crate) number: usize,
    pub(crate) request: String,
    pub(crate) expected: String,
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    guard: Guard,
    lines: Vec<Line>,
}

impl Row {
    /// The row's lines for that broker and kind of queue, if it holds there.
    pub(crate) fn lines(&self, like: Like, kind: Kind) -> Option<Vec<Line>> {
        let lines = || self.lines.iter().filter(|line| line.guard.admits(like, kind)).cloned();
        self.guard.admits(like, kind).then(|| lines().collect())
    }
}

/// Reads a file of rows: `== name [guard]` begins a row, `#` a comment.
pub(crate) fn read(text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix("== ") {
            let at = title.find('[').unwrap_or(title.len());
            let (guard, _) = Guard::split(&title[at..]);
            let name = title[..at].trim().to_owned();
            assert!(rows.iter().all(|row| row.name != name), "two rows named {name}");
            let lines = Vec::new();
            rows.push(Row { name, guard, lines });
            continue;
        }
        let (guard, rest) = Guard::split(line);
        let (request, expected) = rest.split_once("=>").unwrap_or((rest, ""));
        let row = rows.last_mut().expect("a row begins with ==");
        row.lines.push(Line {
            guard,
            number,
            request: request.trim().to_owned(),
            expected: expected.trim().to_owned(),
        });
    }
    rows
}
