//! A result for people: a few lines, at most 80 columns wide where texts allow it.

use crate::lab::LabSpan;
use crate::scenario::{Expected, Outcome, OutcomeWorker, Scenario};
use std::fmt::Write;

/// A longer expectation has what was seen on a line of its own.
const TEXT_MAX: usize = 40;

/// The whole of it, with its line ends.
pub(super) fn table(scenario: &Scenario, outcome: &Outcome) -> String {
    let mut text = String::new();
    let title = if scenario.title.is_empty() {
        &scenario.name
    } else {
        &scenario.title
    };
    let _ = writeln!(text, "{title} ({}), seed {}", outcome.broker, outcome.seed);
    let _ = writeln!(text, "  jobs      {}", jobs(outcome));
    let _ = writeln!(text, "  makespan  {}", makespan(outcome));
    if let Some(wait) = outcome.wait_ms {
        let (p50, p95, p99) = (span(wait.p50), span(wait.p95), span(wait.p99));
        let _ = writeln!(text, "  wait      half {p50}, 95 % {p95}, 99 % {p99} at most");
    }
    workers(&mut text, &outcome.workers);
    for answered in &outcome.predictions {
        let _ = writeln!(text, "  ? {}", answered.question);
        for right in &answered.right {
            let _ = writeln!(text, "    {right}");
        }
    }
    let lengths = outcome
        .expectations
        .iter()
        .map(|expected| expected.text.chars().count());
    let column = lengths.filter(|length| *length <= TEXT_MAX).max().unwrap_or(0);
    for expected in &outcome.expectations {
        expectation(&mut text, expected, column);
    }
    if !outcome.in_time {
        let _ = writeln!(
            text,
            "  ✗ the script did not come to its end by {}",
            span(outcome.ended_ms)
        );
    }
    for why in &outcome.declined {
        let _ = writeln!(text, "  ✗ declined: {why}");
    }
    text
}

fn jobs(o: &Outcome) -> String {
    let mut parts = vec![
        format!("{} published", o.published),
        format!("{} done", o.done),
        format!("{} lost", o.lost),
        format!("{} twice", o.twice),
    ];
    let others = [
        (o.confirmed, "confirmed"),
        (o.redelivered, "redelivered"),
        (o.dead, "dead-lettered"),
        (o.ready, "ready"),
        (o.unacked, "unacked"),
    ];
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(others.map(|(count, what)| format!("{count} {what}")));
    parts.join(", ")
}

fn makespan(o: &Outcome) -> String {
    let Some(makespan) = o.makespan_ms else {
        return "none: nothing was done".to_owned();
    };
    let mut told = format!("{}, ideal {}", span(makespan), span(o.ideal_ms));
    if o.ideal_ms > 0.0 && o.done == o.published {
        let _ = write!(told, " (×{:.3})", makespan / o.ideal_ms);
    }
    if let Some(fairness) = o.fairness {
        let _ = write!(told, ", fairness {fairness:.2}");
    }
    if let Some(idle) = o.idle {
        let _ = write!(told, ", idle {:.0} %", idle * 100.0);
    }
    told
}

fn workers(text: &mut String, workers: &[OutcomeWorker]) {
    let _ = writeln!(
        text,
        "  {:8}{:>8}{:>8}{:>13}{:>8}{:>8}{:>9}",
        "worker", "done", "busy", "redelivered", "twice", "lost", "unacked"
    );
    for w in workers {
        let busy = w.busy.map_or("-".to_owned(), |busy| format!("{:.0} %", busy * 100.0));
        let _ = writeln!(
            text,
            "  {:8}{:>8}{busy:>8}{:>13}{:>8}{:>8}{:>9}",
            w.name, w.done, w.redelivered, w.twice, w.lost, w.unacked
        );
    }
}

fn expectation(text: &mut String, expected: &Expected, column: usize) {
    let mark = if expected.holds { '✓' } else { '✗' };
    let Expected { text: what, seen, .. } = expected;
    let _ = if what.chars().count() > TEXT_MAX {
        writeln!(text, "  {mark} {what}\n    {:column$}  {seen}", "")
    } else {
        writeln!(text, "  {mark} {what:column$}  {seen}")
    };
}

fn span(ms: f64) -> LabSpan {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lab times are not negative, and far below the limit"
    )]
    LabSpan((ms * 1000.0).round() as u64)
}
