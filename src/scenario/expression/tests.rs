use super::super::outcome::{JobFate, Outcome, OutcomeWorker, WaitMs};
use super::{Expr, Judged};
use crate::lab::{BrokerRow, BrokerState, Control, Elapsed, Lab, Settings};
use proptest::prelude::*;

fn outcome() -> Outcome {
    let worker = |name: &str, done, busy| OutcomeWorker {
        name: name.into(),
        done,
        busy: Some(busy),
        tray: u32::from(name == "W2"),
        ..OutcomeWorker::default()
    };
    let job = |job, fate, deliveries, worker: &str| JobFate {
        job,
        fate,
        deliveries,
        redelivered: deliveries - 1,
        finished: u32::from(fate == "done"),
        worker: worker.into(),
    };
    Outcome {
        published: 40,
        done: 40,
        makespan_ms: Some(61_300.0),
        ideal_ms: 60_000.0,
        fairness: Some(0.984),
        idle: Some(0.24),
        wait_ms: Some(WaitMs {
            p50: 420.0,
            p95: 9_000.0,
            p99: 9_500.0,
        }),
        workers: vec![worker("W1", 20, 0.99), worker("W2", 19, 0.5)],
        jobs: vec![
            job(1, "done", 1, "W1"),
            job(2, "lost", 2, "W2"),
            job(3, "tray", 1, "W2"),
        ],
        ..Outcome::default()
    }
}

fn judge(text: &str) -> Judged {
    Expr::parse(text)
        .unwrap_or_else(|fault| panic!("{text}: {fault}"))
        .judge(&outcome())
}

/// An expression, whether it holds of [`outcome`], and what is seen.
#[rustfmt::skip]
const JUDGED: &[(&str, Option<bool>, &str)] = &[
    ("lost == 0", Some(true), "lost = 0"),
    ("W1.done > W2.done", Some(true), "W1.done = 20, W2.done = 19"),
    ("W1.done within 10% of W2.done", Some(true), "W1.done = 20, W2.done = 19"),
    ("W1.done within 4% of W2.done", Some(false), "W1.done = 20, W2.done = 19"),
    ("W1.done within 1 of W2.done", Some(true), "W1.done = 20, W2.done = 19"),
    ("makespan < 1.1 * ideal", Some(true), "makespan = 61.3 s, ideal = 60.0 s"),
    ("makespan - ideal <= 1s + 300ms", Some(true), "makespan = 61.3 s, ideal = 60.0 s"),
    ("makespan within 1s of ideal", Some(false), "makespan = 61.3 s, ideal = 60.0 s"),
    ("makespan / ideal < 1.01", Some(false), "makespan = 61.3 s, ideal = 60.0 s"),
    ("wait.p50 < 1s and wait.p99 > 9s", Some(true), "wait.p50 = 420 ms, wait.p99 = 9.5 s"),
    ("idle < 25% and fairness > 0.9", Some(true), "idle = 24%, fairness = 0.98"),
    ("W2.busy == 0.5", Some(true), "W2.busy = 50%"),
    ("done - -1 == 41", Some(true), "done = 40"),
    ("done == 2 * (W1.done + 0)", Some(true), "done = 40, W1.done = 20"),
    ("#2.worker == W2 and #2.lost == 1", Some(true), "#2.worker = W2, #2.lost = 1"),
    ("#2.redelivered != 1", Some(false), "#2.redelivered = 1"),
    ("W2.tray == 1 and W2.held == 1 and W1.hand == 0", Some(true), "W2.tray = 1, W2.held = 1, W1.hand = 0"),
    ("done < 3 and done > 1", Some(false), "done = 40"),
    ("W7.done == 0", None, "W7.done = not known"),
    ("W7.done == 0 and lost > 0", Some(false), "W7.done = not known, lost = 0"),
    ("done / lost > 0", None, "done = 40, lost = 0"),
    ("0 < makespan", Some(true), "makespan = 61.3 s"),
];

#[test]
fn expression_is_judged_by_the_numbers_of_a_run() {
    for (text, holds, seen) in JUDGED {
        let judged = judge(text);
        assert_eq!((judged.holds, judged.seen.as_str()), (*holds, *seen), "{text}");
    }
}

#[test]
fn fault_names_the_very_word_and_what_was_meant() {
    for (text, wrong, told) in [
        ("makspan < 10s", "makspan", "did you mean `makespan`?"),
        ("W1.doen > 3", "doen", "did you mean `done`?"),
        ("w2.done > 3", "w2.done", "did you mean `W2.done`?"),
        ("#3 > 3", "#3", "for example `#3.deliveries`"),
        ("#3.delivered > 3", "delivered", "did you mean"),
        ("W0.done > 3", "W0.done", "numbered from 1"),
        ("lost = 0", "=", "`==`"),
        ("lost == 0 && done > 1", "&&", "write `and`"),
        ("lost == 0 or done > 1", "or", "only `and`"),
        ("lost", "", "`lost > 0`"),
        ("lost ==", "", "missing"),
        ("1 < done < 4", "<", "join two by `and`"),
        ("makespan < 60", "60", "write `60s`"),
        ("60 > makespan", "60", "write `60s`"),
        ("makespan < 60min", "60min", "write `60s`"),
        ("wait < 1s", "wait", "`wait.p95`"),
        ("makespan * ideal > 1s", "makespan * ideal", "nothing"),
        ("W1 > 3", "W1", "`W1.done`"),
        ("W1 + 3 > W2", "W1", "`W1.done`"),
        ("done within 10% W2.done", "W2.done", "`of`"),
        ("(done > 3", ">", "bracket"),
        ("done > 3)", ")", "whole comparison"),
        ("", "", "missing"),
        ("done ≥ 3", "≥", "write `>=`"),
    ] {
        let fault = Expr::parse(text).expect_err(text);
        assert_eq!(&text[fault.at.clone()], wrong, "{text}: {fault}");
        let all = format!("{fault} {}", fault.help);
        assert!(all.contains(told), "{text}: {all}");
    }
}

#[test]
fn brackets_without_end_are_refused() {
    let deep = format!("{}done{} > 0", "(".repeat(200), ")".repeat(200));
    assert!(Expr::parse(&deep).is_err());
    assert!(Expr::parse(&format!("{}1 > 0", "-".repeat(300))).is_err());
    assert!(Expr::parse(&"1+".repeat(5_000)).is_err());
}

#[test]
fn lab_as_it_is_now_knows_what_can_be_known_now() {
    let broker = BrokerRow {
        name: "test".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("a test"),
        version: None,
    };
    let now = Lab::new(Settings::default(), broker).snapshot(Elapsed(0));
    let judge = |text: &str| Expr::parse(text).map(|expr| expr.judge(&now).holds);
    assert_eq!(
        judge("published == 0 and W1.held == 0 and W3.consuming == 0"),
        Ok(Some(true))
    );
    assert_eq!(judge("makespan > 1s"), Ok(None));
    assert_eq!(judge("W9.done == 0"), Ok(None));
}

proptest! {
    #[test]
    fn any_text_is_an_expression_or_a_fault_inside_it(text in "[ -~µ≥]{0,60}") {
        check(&text)?;
    }

    #[test]
    fn any_words_are_an_expression_or_a_fault_inside_them(
        words in prop::collection::vec(prop::sample::select(vec![
            "W1.done", "makespan", "#3.worker", "W2", "10s", "10%", "3", "0", "and", "within", "of", "<", "==", "+", "-",
            "*", "/", "(", ")", "or", "fairness",
        ]), 0..12),
    ) {
        check(&words.join(" "))?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    match Expr::parse(text) {
        Ok(expr) => {
            let judged = expr.judge(&outcome());
            for (_, at) in expr.names() {
                prop_assert!(text.get(at.clone()).is_some());
            }
            prop_assert_eq!(judged.seen.is_empty(), expr.names().is_empty());
        }
        Err(fault) => prop_assert!(text.get(fault.at.clone()).is_some(), "{:?} in {:?}", fault, text),
    }
    Ok(())
}
