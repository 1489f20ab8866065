//! `run`: scenarios without a screen. Each is run (on the embedded broker, on one at a URL, or simulated), judged and told;
//! the exit status is that of the worst.

mod live;
mod print;
mod progress;
mod simulated;
mod source;
mod table;

use self::live::Place;
use self::print::Printer;
use self::progress::Progress;
use super::{FAILED, OK, USAGE, log_to, runtime, signalled};
use crate::cli::RunArgs;
use crate::engine::{BrokerUrl, Target};
use crate::lab::{MAX_WORKERS, Script, Seed};
use crate::scenario::{Outcome, Scenario};
use anyhow::Result;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub(super) fn run(args: &RunArgs) -> Result<u8> {
    let mut scenarios = Vec::new();
    let mut bad = false;
    // All are read before the first one runs.
    for given in &args.scenarios {
        match source::find(given) {
            Ok(scenario) => scenarios.push(adjusted(scenario, args)),
            Err(why) => {
                eprint!("{why}");
                bad = true;
            }
        }
    }
    if bad {
        return Ok(USAGE);
    }
    let place = place(args)?;
    if let (Place::Broker(_), Some(too_large)) = (&place, scenarios.iter().find(|s| s.only_simulated())) {
        let workers = too_large.workers();
        eprintln!(
            "dispatch-lab: {} has {workers} workers, and a lab {MAX_WORKERS} at most: add --simulate",
            too_large.name
        );
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    let runtime = runtime()?;
    let status = runtime.block_on(run_all(&scenarios, &place, Printer::new(args)));
    // A worker thread that hangs in a name look-up must not keep the program.
    runtime.shutdown_timeout(Duration::from_secs(1));
    status
}

/// With what the command line says besides the file.
fn adjusted(mut scenario: Scenario, args: &RunArgs) -> Scenario {
    let settings = &mut scenario.settings;
    settings.seed = args.seed.map_or(settings.seed, Seed);
    settings.scale = args.scale.unwrap_or(settings.scale);
    scenario.version = args.place.like.map_or(scenario.version, Into::into);
    let script = &scenario.script;
    scenario.script = Arc::new(Script {
        limit: args.limit.unwrap_or(script.limit),
        ..script.without_holds()
    });
    scenario
}

fn place(args: &RunArgs) -> Result<Place> {
    let place = &args.place;
    Ok(match &place.url {
        _ if place.simulate => Place::Simulation,
        Some(url) => Place::Broker(Target::Url(url.0.parse::<BrokerUrl>()?.with_ca(place.tls_ca.clone()))),
        None => Place::Broker(Target::Embedded),
    })
}

async fn run_all(scenarios: &[Scenario], place: &Place, mut printer: Printer) -> Result<u8> {
    let stop = CancellationToken::new();
    let signal = tokio::spawn(signalled(stop.clone()));
    let result = run_each(scenarios, place, &mut printer, &stop).await;
    stop.cancel();
    let signal = signal.await.unwrap_or(None);
    let told = printer.end();
    let status = result?;
    told?;
    Ok(signal.map_or(status, |number| 128 + number))
}

async fn run_each(
    scenarios: &[Scenario],
    place: &Place,
    printer: &mut Printer,
    stop: &CancellationToken,
) -> Result<u8> {
    let mut status = OK;
    for scenario in scenarios {
        let progress = Progress::begin(scenario);
        let ran = Box::pin(ran(scenario, place, &progress, stop)).await;
        drop(progress);
        let Some(outcome) = ran? else { break };
        for complaint in outcome.complaints() {
            eprintln!("dispatch-lab: {}: {complaint}", outcome.scenario);
        }
        if !outcome.holds() {
            status = FAILED;
        }
        printer.tell(scenario, outcome)?;
    }
    Ok(status)
}

/// One scenario, run and judged; `None`: a signal came first.
async fn ran(
    scenario: &Scenario,
    place: &Place,
    progress: &Progress,
    stop: &CancellationToken,
) -> Result<Option<Outcome>> {
    let ran = match place {
        Place::Simulation => simulated::run(scenario, stop).await?,
        Place::Broker(target) => live::run(scenario, target, progress, stop).await?,
    };
    Ok(ran.map(|(mut outcome, version)| {
        scenario.judge(&mut outcome, version);
        outcome
    }))
}
