//! The texts of the list and of a journey that the screen alone says.

use crate::lab::{Delivery, Filter, JobId, QueueKind, Sort, StepKind};

/// Digits of the largest number that a job can have.
pub(in crate::tui) const LONGEST_NUMBER: usize = 9;

/// When there is no journey to open.
pub(in crate::tui) const NOTHING_SELECTED: &str = "no job is selected: there is none in this list";
/// Before the first answer.
pub(in crate::tui) const NO_LIST_YET: &str = "The list is on its way.";
/// While an answer takes long.
pub(in crate::tui) const STILL_LOOKING: &str = "still looking …";
/// Above a journey without its beginning.
pub(in crate::tui) const CUT_OFF: &str = "… its first steps are too old to be known";
/// How to see the newest again.
pub(in crate::tui) const HOME_FOLLOWS: &str = "Home follows the newest";
/// Above the sums of a journey.
pub(in crate::tui) const WHERE_THE_TIME_WENT: &str = "Where its time went";
/// Beside a list without a selection.
pub(in crate::tui) const NO_JOURNEY: &str = "Select a job to see its journey.";

/// When a number that was typed is nobody's.
pub(in crate::tui) fn no_such_job(typed: &str, published: u32) -> String {
    match published {
        0 => format!("there is no job #{typed}: none is published yet"),
        n => format!("there is no job #{typed}: they are numbered from 1 to {}", thousands(n)),
    }
}

/// When the filter had to go for a job that is looked for.
pub(in crate::tui) fn not_among(job: JobId, filter: Filter) -> String {
    format!("{job} is not {}: all jobs are listed", filter.said())
}

/// `3,412 of 1,000,000 jobs`.
pub(in crate::tui) fn total(filter: Filter, passing: u32, all: u32) -> String {
    let jobs = if all == 1 { "job" } else { "jobs" };
    match filter {
        Filter::All => format!("{} {jobs} published", thousands(all)),
        _ => format!("{} of {} {jobs} {}", thousands(passing), thousands(all), filter.said()),
    }
}

/// The order of the list.
pub(in crate::tui) const fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "newest first",
        Sort::Oldest => "oldest first",
        Sort::Longest => "longest as it is first",
    }
}

/// A tab's name in at most that many columns.
pub(in crate::tui) const fn tab(filter: Filter, width: usize) -> &'static str {
    match filter {
        _ if filter.title().len() <= width => filter.title(),
        Filter::Unacked => "unack",
        Filter::Redelivered => "redel",
        Filter::DeadLettered => "dead",
        other => other.title(),
    }
}

pub(in crate::tui) const fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Persistent => "persistent",
        Delivery::Transient => "transient",
    }
}

pub(in crate::tui) const fn queue(queue: QueueKind) -> &'static str {
    match queue {
        QueueKind::Durable => "durable",
        QueueKind::Transient => "transient",
    }
}

/// Whether the broker confirmed it.
pub(in crate::tui) const fn confirmed(confirmed: Option<bool>) -> &'static str {
    match confirmed {
        Some(true) => "✓",
        Some(false) => "…",
        None => "·",
    }
}

/// How often it was done.
pub(in crate::tui) fn finishes(times: u8) -> String {
    match times {
        0 => "·".to_owned(),
        1 => "✔".to_owned(),
        2 => "✔²".to_owned(),
        3 => "✔³".to_owned(),
        255 => "✔>254".to_owned(),
        n => format!("✔×{n}"),
    }
}

/// A number with its thousands set apart.
pub(in crate::tui) fn thousands(n: impl Into<u64>) -> String {
    let digits = n.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A span of time from microseconds: `45 ms`, `2.31 s`, `3:07 min`, `2:15 h`.
pub(in crate::tui) fn span(us: u64) -> String {
    let (ms, s) = (us / 1_000, us / 1_000_000);
    match s {
        0 => format!("{ms} ms"),
        1..10 => format!("{s}.{:02} s", ms % 1_000 / 10),
        10..60 => format!("{s}.{} s", ms % 1_000 / 100),
        60..3_600 => format!("{}:{:02} min", s / 60, s % 60),
        _ => format!("{}:{:02} h", s / 3_600, s % 3_600 / 60),
    }
}

/// How a job is after that step, until the next one; `None`: nothing is waited for.
pub(in crate::tui) const fn meanwhile(step: &StepKind) -> Option<&'static str> {
    match step {
        StepKind::Published(..) | StepKind::Confirmed | StepKind::WentBack(..) | StepKind::StillThere => {
            Some("ready in the queue")
        }
        StepKind::Dispatched(..) => Some("on the wire"),
        StepKind::Delivered(..) => Some("waits in the tray"),
        StepKind::Begun(_) => Some("is worked on"),
        StepKind::Finished(..) => Some("done, its ack is to come"),
        StepKind::Forgot(_) => Some("stays unacked"),
        StepKind::Rejected(..) => Some("refused"),
        StepKind::Nacked
        | StepKind::Returned
        | StepKind::Acked(_)
        | StepKind::DeadLettered(_)
        | StepKind::Buried(_)
        | StepKind::Lost(..) => None,
    }
}

/// A step in a word or two, for the picture in one line; a step that the next one says as well has none.
pub(in crate::tui) fn brief(step: &StepKind) -> Vec<(&'static str, String)> {
    match step {
        StepKind::Published(..) => vec![("○", "published".to_owned())],
        StepKind::Confirmed => vec![("✓", "confirmed".to_owned())],
        StepKind::Nacked => vec![("✖", "refused".to_owned())],
        StepKind::Returned => vec![("✖", "returned".to_owned())],
        StepKind::Dispatched(Some(_), _) => Vec::new(),
        StepKind::Dispatched(None, _) => vec![("→", "someone else".to_owned())],
        StepKind::Delivered(worker, _) => vec![("▪", format!("{worker} tray"))],
        StepKind::Begun(worker) => vec![("●", worker.to_string())],
        StepKind::Finished(_, 0 | 1) => vec![("✔", "done".to_owned())],
        StepKind::Finished(_, 2) => vec![("✔", "done²".to_owned())],
        StepKind::Finished(_, times) => vec![("✔", format!("done ×{times}"))],
        StepKind::Acked(_) => vec![("✓", "acked".to_owned())],
        StepKind::Forgot(_) => vec![("!", "no ack".to_owned())],
        StepKind::Rejected(worker, _) => vec![("✖", format!("{worker} refuses"))],
        StepKind::WentBack(worker, _, None) => vec![("✖", worker.to_string()), ("↻", "back".to_owned())],
        StepKind::WentBack(worker, _, Some(place)) => {
            vec![("✖", worker.to_string()), ("↻", format!("place {place}"))]
        }
        StepKind::DeadLettered(_) | StepKind::Buried(_) => vec![("▾", "dead-lettered".to_owned())],
        StepKind::Lost(..) => vec![("✖", "lost".to_owned())],
        StepKind::StillThere => vec![("↻", "there again".to_owned())],
    }
}
