//! The topic exchange's table: a tree of words, where `*` stands for one word and `#` for any number.
//!
//! Words are what stands between dots and may be empty; the empty key has no words at all.

use super::exchange::{Routes, Target, Targets};
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

/// The next word of a binding key: many `#` in a row mean the same as one.
fn split_binding(rest: &str) -> (&str, Rest<'_>) {
    let (word, mut rest) = split(rest);
    while let ("#", Some(("#", after))) = (word, rest.map(split)) {
        rest = after;
    }
    (word, rest)
}

/// The inner `#` nodes that were entered, and how much of the key was left then, at most. Entered again with less,
/// such a node has nothing new to say.
type Entered = HashMap<*const Node, usize>;

impl Node {
    pub(super) fn bind(&mut self, key: &str, target: Target) {
        self.at(words(key)).bound.add(target);
    }

    pub(super) fn unbind(&mut self, key: &str, target: Target) {
        self.remove(words(key), target);
    }

    /// Adds every target whose binding key matches; one may be added more than once. Takes no more steps than there
    /// are pairs of a node and a word.
    pub(super) fn route(&self, key: &str, out: &mut Routes) {
        self.collect(words(key), &mut Entered::default(), out);
    }

    fn at(&mut self, rest: Rest<'_>) -> &mut Self {
        let Some(rest) = rest else { return self };
        let (word, rest) = split_binding(rest);
        let next = match word {
            "*" => self.star.get_or_insert_default(),
            "#" => self.hash.get_or_insert_default(),
            word => self.words.entry(word.into()).or_default(),
        };
        next.at(rest)
    }

    /// Removes one binding and tells whether the node has become empty.
    fn remove(&mut self, rest: Rest<'_>, target: Target) -> bool {
        match rest.map(split_binding) {
            None => self.bound.remove(target),
            Some(("*", rest)) => {
                if self.star.as_mut().is_some_and(|node| node.remove(rest, target)) {
                    self.star = None;
                }
            }
            Some(("#", rest)) => {
                if self.hash.as_mut().is_some_and(|node| node.remove(rest, target)) {
                    self.hash = None;
                }
            }
            Some((word, rest)) => {
                if self.words.get_mut(word).is_some_and(|node| node.remove(rest, target)) {
                    self.words.remove(word);
                }
            }
        }
        self.bound.is_empty() && self.is_leaf()
    }

    fn collect(&self, rest: Rest<'_>, entered: &mut Entered, out: &mut Routes) {
        if let Some(hash) = &self.hash {
            hash.collect_after_any(rest, entered, out);
        }
        let Some(rest) = rest else {
            self.bound.add_to(out);
            return;
        };
        let (word, rest) = split(rest);
        if let Some(next) = self.words.get(word) {
            next.collect(rest, entered, out);
        }
        if let Some(star) = &self.star {
            star.collect(rest, entered, out);
        }
    }

    /// `#` has taken none, one, two … of the words.
    fn collect_after_any(&self, mut rest: Rest<'_>, entered: &mut Entered, out: &mut Routes) {
        if self.is_leaf() {
            self.bound.add_to(out);
            return;
        }
        let left = |rest: Rest<'_>| rest.map_or(0, |words| words.len() + 1);
        let known = entered.get(&std::ptr::from_ref(self)).copied();
        if known.is_some_and(|known| left(rest) <= known) {
            return;
        }
        entered.insert(self, left(rest));
        loop {
            self.collect(rest, entered, out);
            match rest {
                Some(words) => rest = split(words).1,
                None => return,
            }
            if known.is_some_and(|known| left(rest) <= known) {
                return;
            }
        }
    }

    fn is_leaf(&self) -> bool {
        self.words.is_empty() && self.star.is_none() && self.hash.is_none()
    }
}

#[cfg(test)]
mod tests;
