//! What is wrong with a text of one of the small languages, and which word was probably meant.

use std::ops::Range;

/// What is wrong, and where in the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", if hint.is_empty() { String::new() } else { format!(": {hint}") })]
pub struct Fault {
    /// The bytes of the text that are wrong; empty at the end of it where something is missing.
    pub at: Range<usize>,
    /// What is wrong with them: lowercase, no final stop.
    pub what: String,
    /// What to write instead, short enough to stand beside the caret; empty where nobody can say.
    pub hint: String,
    /// All that is allowed there, or why it is so; may be empty.
    pub help: String,
}

impl Fault {
    /// Nothing but what and where.
    pub(super) fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            at,
            what: what.into(),
            hint: String::new(),
            help: String::new(),
        }
    }

    /// With what to write instead.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With all that is allowed.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// The word of a list that is nearest to one that is not in it, if one is near enough to be meant.
pub(super) fn nearest<'a>(word: &str, list: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let small = word.to_lowercase();
    // Two letters may be wrong in a word of five, one in a shorter one; and a word may break off.
    let enough = (word.chars().count() / 3).clamp(1, 4);
    list.into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let begins = small.len() >= 3 && other.starts_with(&small);
            let distance = strsim::damerau_levenshtein(&small, &other);
            (if begins { distance.min(1) } else { distance }, candidate)
        })
        .filter(|(distance, _)| *distance <= enough)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean …?`, or nothing.
pub(super) fn meant<'a>(word: &str, list: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, list).map_or_else(String::new, |near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_word_is_the_one_that_was_meant() {
        let words = ["prefetch", "published", "workers", "ack", "rate", "W1.done"];
        for (typed, meant) in [
            ("prefech", Some("prefetch")),
            ("Prefetch", Some("prefetch")),
            ("pre", Some("prefetch")),
            ("worker", Some("workers")),
            ("akc", Some("ack")),
            ("w1.done", Some("W1.done")),
            ("zebra", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, words), meant, "{typed}");
        }
    }
}
