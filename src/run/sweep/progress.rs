//! How far a sweep is, on standard error, where that is a terminal.

use crate::scenario::counted;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};

/// A line that is drawn again and again, and gone at the end.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Says what is before us. `jobs`: of one run, at most.
    pub(super) fn begin(runs: usize, jobs: u64) -> Self {
        let target = if stderr().is_terminal() {
            let of = match usize::try_from(jobs) {
                Ok(jobs) if jobs > 0 => format!(" of {}", counted(jobs, "job")),
                _ => String::new(),
            };
            eprintln!("{}{of}", counted(runs, "run"));
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let style = ProgressStyle::with_template("{bar:20} {human_pos} of {human_len}, {eta} to go")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(runs as u64), target).with_style(style);
        Self(bar)
    }

    /// One more has ended.
    pub(super) fn advance(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
