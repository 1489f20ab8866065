//! A report as CSV: a row for each worker. What is the same for all of them stands in each row, so that the rows of many
//! reports can be put into one table.
//!
//! | column | what |
//! |---|---|
//! | `title`, `by` | what was run, and who hands it in |
//! | `written` | when, UTC |
//! | `broker`, `seed`, `command` | on what, and what repeats it |
//! | `published`, `lost_in_all`, `done_twice` | of the whole run, in jobs |
//! | `worker`, `speed`, `state` | whose row it is; how fast a guest is nobody knows |
//! | `done` | jobs it finished, each as often as it did |
//! | `redelivered` | deliveries with the redelivered flag |
//! | `twice` | jobs it finished that had been finished before |
//! | `lost` | jobs lost with it |
//! | `unacked` | deliveries that it has not acked at the end |
//! | `busy_ms` | lab time in which it worked, in milliseconds |
//! | `share_percent` | its part of all that was worked; empty where nobody worked |
//! | `guest` | what it is called, if it is a client that is not of the lab |

use super::model::{Report, Worker};
use csv::{Writer, WriterBuilder};

const COLUMNS: [&str; 20] = [
    "title",
    "by",
    "written",
    "broker",
    "seed",
    "command",
    "published",
    "lost_in_all",
    "done_twice",
    "worker",
    "speed",
    "state",
    "done",
    "redelivered",
    "twice",
    "lost",
    "unacked",
    "busy_ms",
    "share_percent",
    "guest",
];

pub(super) fn text(report: &Report) -> String {
    let mut sheet = WriterBuilder::new().from_writer(Vec::new());
    let rows = std::iter::once(COLUMNS.map(str::to_owned)).chain(report.workers.iter().map(|w| row(report, w)));
    for row in rows {
        sheet
            .write_record(&row)
            .expect("memory takes it, and all rows have the same length");
    }
    finished(sheet)
}

fn finished(sheet: Writer<Vec<u8>>) -> String {
    let bytes = sheet
        .into_inner()
        .map_err(|error| error.to_string())
        .expect("memory takes it");
    String::from_utf8(bytes).expect("it was made of texts")
}

fn row(report: &Report, worker: &Worker) -> [String; 20] {
    let lost = report
        .books
        .terms
        .iter()
        .find(|(name, _)| *name == "lost")
        .map_or(0, |(_, n)| *n);
    [
        inert(&report.title),
        inert(report.by.as_deref().unwrap_or_default()),
        report.written.clone(),
        inert(&report.broker),
        report.seed.to_string(),
        inert(&report.command),
        report.books.published.to_string(),
        lost.to_string(),
        report.books.done_twice.to_string(),
        inert(&worker.name),
        worker
            .speed
            .as_deref()
            .unwrap_or_default()
            .trim_start_matches('×')
            .to_owned(),
        inert(&worker.state),
        worker.done.to_string(),
        worker.redelivered.to_string(),
        worker.twice.to_string(),
        worker.lost.to_string(),
        worker.unacked.to_string(),
        (worker.busy_ms.0 / 1000).to_string(),
        worker.share_percent.map_or(String::new(), |share| share.to_string()),
        inert(worker.guest.as_deref().unwrap_or_default()),
    ]
}

/// A text that a spreadsheet does not take for a formula: names come from people.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
