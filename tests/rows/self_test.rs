//! The runner itself: what is wrong is told.

use crate::TOPICS;
use crate::runner::{self, Case, cases};
use crate::table::Line;
use dispatch_lab::broker::dispatch::Like;

/// Whether the line says something that can be said wrong.
fn expects(line: &Line) -> bool {
    !line.expected.is_empty()
        || ["ready", "consumers", "purge"]
            .iter()
            .any(|verb| line.request.starts_with(verb))
}

/// The same line with something else expected.
fn wrong(line: &mut Line) {
    if line.expected.is_empty() {
        // One more than there is: `ready 3` becomes `ready 31`.
        let (verb, count) = line.request.split_once(' ').expect("a count");
        line.request = format!("{verb} 1{count}");
    } else if let Some(rest) = line.expected.strip_suffix(')') {
        line.expected = format!("{rest}!)");
    } else {
        line.expected.push('!');
    }
}

/// The row with its last expectation wrong.
fn with_a_wrong_end(mut case: Case) -> Case {
    let last = case.lines.iter().rposition(expects);
    match last {
        Some(at) => {
            wrong(&mut case.lines[at]);
            case.wrong = Some(case.lines[at].number);
        }
        None => add_a_delivery(&mut case),
    }
    case
}

/// Where nothing must come of the last line, something is expected.
fn add_a_delivery(case: &mut Case) {
    let last = case.lines.last_mut().expect("a row has lines");
    last.expected.push_str("nobody:99");
    case.wrong = Some(last.number);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_can_fail() {
    let all: Vec<Case> = TOPICS.iter().flat_map(|(_, table)| cases(table, Like::V4_0)).collect();
    let all: Vec<Case> = all.into_iter().map(with_a_wrong_end).collect();
    let played = all.len();
    let differed = runner::play_embedded(Like::V4_0, all).await;
    runner::report("rows with a wrong end", played, &differed);
}

/// A row whose last line is right, and ways to get it wrong.
const RIGHT: &str = "
    == a row
    pub 0-2
    consume c0 prefetch=2 => c0:0 c0:1
    consume c1 prefetch=1 => c1:2
    nack c0:1 => c0:1R";
const WRONG: &[(&str, &str)] = &[
    ("nothing is expected", "nack c0:1"),
    ("the flag is missing", "nack c0:1 => c0:1"),
    ("another job is expected", "nack c0:1 => c0:0R"),
    ("another consumer is expected", "nack c0:1 => c1:1R"),
    ("more is expected", "nack c0:1 => c0:1R c1:3"),
    ("twice the same is expected", "nack c0:1 => c0:1R c0:1R"),
    ("a refusal is expected", "nack c0:1 => closed(406 no; basic.nack) c0:1R"),
    ("nobody holds it", "nack c1:1"),
    ("there is no such verb", "knack c0:1"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_told() {
    let differed = runner::play_embedded(Like::V4_0, cases(RIGHT, Like::V4_0)).await;
    assert!(differed.is_empty(), "{differed:?}");
    let (before, _) = RIGHT.rsplit_once("nack").expect("the last line");
    for (why, line) in WRONG {
        let mut all = cases(&format!("{before}{line}"), Like::V4_0);
        for case in &mut all {
            case.wrong = case.lines.last().map(|line| line.number);
        }
        let differed = runner::play_embedded(Like::V4_0, all).await;
        assert!(differed.is_empty(), "{why}: {differed:?}");
    }
    let order = RIGHT.replace("c0:0 c0:1", "c0:1 c0:0");
    let differed = runner::play_embedded(Like::V4_0, cases(&order, Like::V4_0)).await;
    assert_eq!(differed.len(), 2, "both kinds of queue: {differed:?}");
    assert!(differed[0].contains("line 4: consume c0"), "{}", differed[0]);
    assert!(differed[0].contains("expected: c0:1 c0:0"), "{}", differed[0]);
    assert!(differed[0].contains("seen: c0:0 c0:1"), "{}", differed[0]);
}

#[test]
#[should_panic(expected = "5.0 is neither a kind of queue nor a version")]
fn a_version_that_nobody_knows_is_refused() {
    cases("== a row [classic 5.0]", Like::V4_0);
}
