//! How far a run is, on standard error, where that is a terminal.

use crate::lab::{Compare, Condition, Count, CueWhen, End, LabTime, Script, Snapshot, WorkerCount};
use crate::scenario::Scenario;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::sync::Arc;

/// A line that is drawn again and again, and gone at the end.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    script: Arc<Script>,
}

impl Progress {
    pub(super) fn begin(scenario: &Scenario) -> Self {
        let target = if stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{prefix} {bar:20} {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style);
        bar.set_prefix(scenario.name.to_string());
        Self {
            bar,
            script: Arc::clone(&scenario.script),
        }
    }

    pub(super) fn show(&self, now: &Snapshot) {
        if self.bar.is_hidden() {
            return;
        }
        let books = &now.books;
        self.bar.set_length(books.published.into());
        self.bar.set_position(books.done.into());
        let next = now.play.map_or(0, |play| usize::from(play.next));
        self.bar.set_message(format!(
            "{}  {} of {} done, waits for {}",
            clock(now.clock.now),
            books.done,
            books.published,
            waits_for(&self.script, next)
        ));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What comes next, in a few words.
fn waits_for(script: &Script, next: usize) -> String {
    let Some(cue) = script.cues.get(next) else {
        return match script.end {
            End::Settled => "the last job".to_owned(),
            End::At(at) => clock(at),
            End::After(_) => "the end".to_owned(),
            End::When(condition) => told(condition),
        };
    };
    match cue.when {
        _ if !cue.name.is_empty() => format!("`{}`", cue.name),
        CueWhen::At(at) => clock(at),
        CueWhen::After(_) => format!("step {}", next + 1),
        CueWhen::When(condition) => told(condition),
    }
}

/// `1:05`.
fn clock(at: LabTime) -> String {
    let seconds = at.seconds();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn told(condition: Condition) -> String {
    let what = match condition.what {
        Count::Published => "published".to_owned(),
        Count::Confirmed => "confirmed".to_owned(),
        Count::Done => "done".to_owned(),
        Count::Lost => "lost".to_owned(),
        Count::Twice => "twice".to_owned(),
        Count::Redelivered => "redelivered".to_owned(),
        Count::Ready => "ready".to_owned(),
        Count::Dead => "dead".to_owned(),
        Count::Worker(id, what) => format!("{id}.{}", told_of_worker(what)),
    };
    let is = match condition.is {
        Compare::Less => "<",
        Compare::AtMost => "<=",
        Compare::Equal => "==",
        Compare::Other => "!=",
        Compare::AtLeast => ">=",
        Compare::More => ">",
    };
    format!("{what} {is} {}", condition.than)
}

const fn told_of_worker(what: WorkerCount) -> &'static str {
    match what {
        WorkerCount::Done => "done",
        WorkerCount::Held => "held",
        WorkerCount::Tray => "tray",
        WorkerCount::Hand => "hand",
        WorkerCount::Unacked => "unacked",
        WorkerCount::Redelivered => "redelivered",
        WorkerCount::Consuming => "consuming",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{Cue, Hold, WorkerId};

    #[test]
    fn what_is_waited_for_is_said_in_a_few_words() {
        let held = Condition {
            what: Count::Worker(WorkerId(2), WorkerCount::Held),
            is: Compare::AtLeast,
            than: 5,
        };
        let cue = |name: &str, when| Cue {
            name: name.into(),
            when,
            hold: Hold::No,
            does: Vec::new(),
        };
        let script = Script {
            cues: vec![
                cue("jobs", CueWhen::At(LabTime(0))),
                cue("", CueWhen::At(LabTime(65_000_000))),
                cue("", CueWhen::After(LabTime(1))),
                cue("", CueWhen::When(held)),
            ],
            end: End::Settled,
            limit: LabTime(1),
        };
        let words: Vec<String> = (0..5).map(|next| waits_for(&script, next)).collect();
        assert_eq!(words, ["`jobs`", "1:05", "step 3", "W2.held >= 5", "the last job"]);
    }
}
