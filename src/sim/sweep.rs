//! Many runs at once, on all cores. Each is a world of its own: nothing is shared, and what a run took is given back when
//! it ends.

use super::run::{Ran, Run, run};
use crate::lab::{Measures, Meter};
use rayon::prelude::*;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The threads could not be had.
#[derive(Debug, thiserror::Error)]
#[error("{threads} threads could not be started ({why}): ask for fewer")]
pub struct SweepError {
    threads: usize,
    why: String,
}

/// Carries out `each` for each run (or for what a run is made of, where all runs at once would be too large), on so many
/// threads (`None`: one for each core), and gives what they come to in the
/// order of the runs; `None` for those that had not ended when `cancel` was set. `done` hears after each how many have
/// ended; it is called from many threads.
///
/// # Errors
///
/// Only when the threads can't be started.
pub fn sweep<R: Sync, T: Send>(
    runs: &[R],
    threads: Option<NonZero<usize>>,
    each: impl Fn(&R) -> T + Sync,
    done: impl Fn(usize) + Sync,
    cancel: &AtomicBool,
) -> Result<Vec<Option<T>>, SweepError> {
    let threads = threads.map_or(0, NonZero::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| SweepError {
        threads,
        why: error.to_string(),
    })?;
    let ended = AtomicUsize::new(0);
    let carry_out = |run: &R| {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        let result = each(run);
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        done(ended.fetch_add(1, Ordering::Relaxed) + 1);
        Some(result)
    };
    Ok(pool.install(|| runs.par_iter().with_max_len(1).map(carry_out).collect()))
}

/// A run, and the numbers that it comes to.
pub fn measure(what: &Run, cancel: &AtomicBool) -> (Ran, Measures) {
    let mut meter = Meter::of_all(&what.settings);
    let ran = run(what, &mut |event| meter.note(event), cancel);
    let measures = meter.measures(ran.snapshot.clock.now);
    (ran, measures)
}
