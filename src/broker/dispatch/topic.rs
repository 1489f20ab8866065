//! The topic exchange's table: a tree of words, where `*` stands for one word and `#` for any number.
//!
//! Words are what stands between dots and may be empty; the empty key has no words at all.

use super::exchange::Targets;
use super::ids::QueueId;
use std::collections::HashMap;

/// A node: what is bound here, and where the next word leads.
#[derive(Debug, Default)]
pub(super) struct Node {
    words: HashMap<Box<str>, Node>,
    star: Option<Box<Node>>,
    hash: Option<Box<Node>>,
    bound: Targets,
}

/// A key's words from here on; `None` when there are no more.
type Rest<'a> = Option<&'a str>;

fn words(key: &str) -> Rest<'_> {
    if key.is_empty() { None } else { Some(key) }
}

fn split(rest: &str) -> (&str, Rest<'_>) {
    match rest.split_once('.') {
        Some((word, rest)) => (word, Some(rest)),
        None => (rest, None),
    }
}

impl Node {
    pub(super) fn bind(&mut self, key: &str, queue: QueueId) {
        self.at(words(key)).bound.add(queue);
    }

    pub(super) fn unbind(&mut self, key: &str, queue: QueueId) {
        self.remove(words(key), queue);
    }

    /// Adds every queue whose binding key matches; a queue may be added more than once.
    pub(super) fn route(&self, key: &str, out: &mut Vec<QueueId>) {
        self.collect(words(key), out);
    }

    fn at(&mut self, rest: Rest<'_>) -> &mut Self {
        let Some(rest) = rest else { return self };
        let (word, rest) = split(rest);
        let next = match word {
            "*" => self.star.get_or_insert_default(),
            "#" => self.hash.get_or_insert_default(),
            word => self.words.entry(word.into()).or_default(),
        };
        next.at(rest)
    }

    /// Removes one binding and tells whether the node has become empty.
    fn remove(&mut self, rest: Rest<'_>, queue: QueueId) -> bool {
        match rest.map(split) {
            None => self.bound.remove(queue),
            Some(("*", rest)) => {
                if self.star.as_mut().is_some_and(|node| node.remove(rest, queue)) {
                    self.star = None;
                }
            }
            Some(("#", rest)) => {
                if self.hash.as_mut().is_some_and(|node| node.remove(rest, queue)) {
                    self.hash = None;
                }
            }
            Some((word, rest)) => {
                if self.words.get_mut(word).is_some_and(|node| node.remove(rest, queue)) {
                    self.words.remove(word);
                }
            }
        }
        self.bound.is_empty() && self.words.is_empty() && self.star.is_none() && self.hash.is_none()
    }

    fn collect(&self, rest: Rest<'_>, out: &mut Vec<QueueId>) {
        if let Some(hash) = &self.hash {
            hash.collect_after_any(rest, out);
        }
        let Some(rest) = rest else {
            self.bound.add_to(out);
            return;
        };
        let (word, rest) = split(rest);
        if let Some(next) = self.words.get(word) {
            next.collect(rest, out);
        }
        if let Some(star) = &self.star {
            star.collect(rest, out);
        }
    }

    /// `#` has taken none, one, two … of the words.
    fn collect_after_any(&self, mut rest: Rest<'_>, out: &mut Vec<QueueId>) {
        loop {
            self.collect(rest, out);
            match rest {
                Some(words) => rest = split(words).1,
                None => return,
            }
        }
    }
}
