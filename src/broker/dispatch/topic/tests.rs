//! The tree against the rule said plainly, and against keys made to keep it busy.

use super::Node;
use crate::broker::dispatch::QueueId;
use crate::broker::dispatch::exchange::{Routes, Target};
use proptest::prelude::*;

/// Whether a key matches, a row of the table of (words of the binding, words of the key) at a time.
fn matches(binding: &str, key: &str) -> bool {
    let list = |text: &str| -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        text.split('.').map(str::to_owned).collect()
    };
    let key = list(key);
    let mut row: Vec<bool> = (0..=key.len()).map(|taken| taken == 0).collect();
    for pattern in list(binding) {
        let mut next = vec![pattern == "#" && row[0]];
        for (i, word) in key.iter().enumerate() {
            next.push(match &*pattern {
                "#" => row[i + 1] || next[i],
                "*" => row[i],
                pattern => row[i] && pattern == word,
            });
        }
        row = next;
    }
    row[key.len()]
}

fn routed(root: &Node, key: &str) -> Vec<u64> {
    let mut out = Routes::default();
    root.route(key, &mut out);
    let mut queues: Vec<u64> = out.queues.into_iter().map(|queue| queue.0).collect();
    queues.sort_unstable();
    queues.dedup();
    queues
}

#[test]
fn many_hashes_in_one_key_are_matched_at_once() {
    let hashes = |count: usize, word: &str| vec![word; count].join(".");
    let rows = [
        (hashes(20, "#") + ".x", hashes(20, "a"), false),
        (hashes(100, "#") + ".x", hashes(100, "a") + ".x", true),
        (hashes(60, "#.a") + ".x", hashes(120, "a"), false),
        (hashes(60, "#.a") + ".x", hashes(120, "a") + ".x", true),
        (hashes(60, "#.*") + ".x", hashes(120, "a"), false),
        (hashes(60, "#.*.a.#") + ".x", hashes(120, "a"), false),
    ];
    for (binding, key, matching) in rows {
        let mut root = Node::default();
        root.bind(&binding, Target::Queue(QueueId(1)));
        assert_eq!(!routed(&root, &key).is_empty(), matching, "{binding} {key}");
    }
}

#[test]
fn binding_with_hashes_in_a_row_goes_by_the_key_it_came_with() {
    let mut root = Node::default();
    root.bind("#.#.a", Target::Queue(QueueId(1)));
    root.bind("#.a", Target::Queue(QueueId(1)));
    root.unbind("#.#.a", Target::Queue(QueueId(1)));
    assert_eq!(routed(&root, "b.a"), [1]);
    root.unbind("#.a", Target::Queue(QueueId(1)));
    assert!(routed(&root, "b.a").is_empty());
    assert!(root.is_leaf());
}

fn key(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(words), 0..7).prop_map(|words| words.join("."))
}

proptest! {
    #[test]
    fn tree_matches_as_the_rule_says(
        bindings in prop::collection::vec(key(&["#", "#", "*", "a", "b", ""]), 1..8),
        key in key(&["a", "b", ""]),
    ) {
        let mut root = Node::default();
        for (i, binding) in (0..).zip(&bindings) {
            root.bind(binding, Target::Queue(QueueId(i)));
        }
        let expected: Vec<u64> = (0..).zip(&bindings).filter(|(_, b)| matches(b, &key)).map(|(i, _)| i).collect();
        prop_assert_eq!(routed(&root, &key), expected);
        for (i, binding) in (0..).zip(&bindings) {
            root.unbind(binding, Target::Queue(QueueId(i)));
        }
        prop_assert!(root.is_leaf() && root.bound.is_empty());
    }
}
