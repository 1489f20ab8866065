//! A scenario without a broker, on a virtual clock.

use super::Ran;
use crate::lab::Event;
use crate::recording::Past;
use crate::report::Course;
use crate::run::report::Keeping;
use crate::scenario::{Outcome, Scenario, Tally};
use crate::sim::{self, Telling};
use anyhow::{Context, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

/// The outcome, and as which version the broker behaved; `None`: a signal came first.
pub(super) async fn run(scenario: &Scenario, (stop, keeping): (&CancellationToken, Keeping)) -> Result<Option<Ran>> {
    let version = scenario.version;
    let run = sim::Run {
        settings: scenario.settings.clone(),
        version,
        script: Arc::clone(&scenario.script),
        telling: match keeping {
            Keeping::Outcome => Telling::Needed,
            Keeping::Past => Telling::All,
        },
    };
    let cancelled = Arc::new(AtomicBool::new(false));
    let looks = Arc::clone(&cancelled);
    let mut running = tokio::task::spawn_blocking(move || {
        let mut tally = Tally::new(&run.settings);
        let mut course = (keeping == Keeping::Past).then(|| Course::new(&run.settings, &run.broker()));
        let mut hear = |event: &Event| {
            tally.note(event);
            if let Some(course) = &mut course {
                course.note(event);
            }
        };
        let picture = sim::run(&run, &mut hear, &looks).snapshot.into();
        (tally.outcome(), course.map(|course| Past { course, picture }))
    });
    let (outcome, past) = tokio::select! {
        outcome = &mut running => outcome.context("the simulation panicked")?,
        () = stop.cancelled() => {
            cancelled.store(true, Ordering::Relaxed);
            // It looks soon; what it has by then tells nothing.
            let _ = running.await;
            return Ok(None);
        }
    };
    let broker = "simulation".into();
    Ok(Some(Ran {
        outcome: Outcome { broker, ..outcome },
        version,
        past,
    }))
}
