//! A scenario without a broker, on a virtual clock.

use crate::lab::Version;
use crate::scenario::{Outcome, Scenario, Tally};
use crate::sim::{self, Telling};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

/// The outcome, and as which version the broker behaved; `None`: a signal came first.
pub(super) async fn run(scenario: &Scenario, stop: &CancellationToken) -> Result<Option<(Outcome, Version)>> {
    let version = scenario.version;
    let run = sim::Run {
        settings: scenario.settings.clone(),
        version,
        script: Arc::clone(&scenario.script),
        telling: Telling::Needed,
    };
    let cancelled = Arc::new(AtomicBool::new(false));
    let looks = Arc::clone(&cancelled);
    let mut running = tokio::task::spawn_blocking(move || {
        let mut tally = Tally::new(&run.settings);
        sim::run(&run, &mut |event| tally.note(event), &looks);
        tally.outcome()
    });
    let outcome = tokio::select! {
        outcome = &mut running => outcome.context("the simulation panicked")?,
        () = stop.cancelled() => {
            cancelled.store(true, Ordering::Relaxed);
            // It looks soon; what it has by then tells nothing.
            let _ = running.await;
            return Ok(None);
        }
    };
    let broker = "simulation".into();
    Ok(Some((Outcome { broker, ..outcome }, version)))
}
