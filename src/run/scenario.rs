//! `run`: scenarios without a screen. Each is run (on the embedded broker, on one at a URL, or simulated), judged and told;
//! the exit status is that of the worst.

mod command;
mod live;
mod print;
mod progress;
mod simulated;
pub(super) mod source;
mod table;
mod timing;

use self::live::Place;
use self::print::Printer;
pub(super) use self::print::write_out;
use self::progress::Progress;
use super::report::{self, Keeping};
use super::{FAILED, OK, USAGE, log_to, runtime, signalled};
use crate::cli::RunArgs;
use crate::engine::{BrokerUrl, Target};
use crate::lab::{MAX_WORKERS, Script, Seed, Version};
use crate::recording::Past;
use crate::report::{About, Played};
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
            Ok(scenario) => {
                if let Some(caution) = args.scale.and_then(|scale| timing::caution(&scenario, scale)) {
                    eprintln!("dispatch-lab: {caution}");
                }
                scenarios.push(adjusted(scenario, args));
            }
            Err(why) => {
                eprint!("{why}");
                bad = true;
            }
        }
    }
    if bad {
        return Ok(USAGE);
    }
    if let Some(why) = no_report(args) {
        eprintln!("dispatch-lab: {why}");
        return Ok(USAGE);
    }
    report::check(args.report.as_ref())?;
    let place = place(args)?;
    if let (Place::Broker(_), Some(too_large)) = (&place, scenarios.iter().find(|s| s.only_simulated())) {
        let workers = too_large.workers();
        eprintln!(
            "dispatch-lab: {} has {workers} workers, and a lab {MAX_WORKERS} at most: add --simulate",
            too_large.name
        );
        return Ok(USAGE);
    }
    if let (Place::Broker(target), Some(scenario)) = (&place, scenarios.iter().find(|s| s.ends_broker()))
        && !target.can_be_ended()
    {
        eprintln!("dispatch-lab: {}", no_ctl(&scenario.name));
        return Ok(USAGE);
    }
    log_to(args.log.as_deref())?;
    let runtime = runtime()?;
    let status = runtime.block_on(run_all(&scenarios, &place, (Printer::new(args), args)));
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
        Some(url) => {
            let url = url.0.parse::<BrokerUrl>()?.with_ca(place.tls_ca.clone());
            Place::Broker(Target::Url(url.with_ctl(place.broker_ctl.clone())))
        }
        None => Place::Broker(Target::Embedded),
    })
}

async fn run_all(scenarios: &[Scenario], place: &Place, (mut printer, args): (Printer, &RunArgs)) -> Result<u8> {
    let stop = CancellationToken::new();
    let signal = tokio::spawn(signalled(stop.clone()));
    let result = run_each(scenarios, place, (&mut printer, args), &stop).await;
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
    (printer, args): (&mut Printer, &RunArgs),
    stop: &CancellationToken,
) -> Result<u8> {
    let mut status = OK;
    let keeping = if args.report.is_some() {
        Keeping::Past
    } else {
        Keeping::Outcome
    };
    for scenario in scenarios {
        let progress = Progress::begin(scenario);
        let ran = Box::pin(ran(scenario, place, &progress, (stop, keeping))).await;
        drop(progress);
        let Some(Ran { outcome, past, .. }) = ran? else { break };
        for complaint in outcome.complaints() {
            eprintln!("dispatch-lab: {}: {complaint}", outcome.scenario);
        }
        if !outcome.holds() {
            status = FAILED;
        }
        let about = args.report.as_ref().map(|_| about(scenario, &outcome, args));
        printer.tell(scenario, outcome)?;
        // Last: a report that can't be written takes nothing with it.
        if let (Some(file), Some(past), Some(about)) = (&args.report, past, about) {
            report::write(&file.path, &report::text(&past, about, file.form)?)?;
        }
    }
    Ok(status)
}

/// One scenario, run and judged; `None`: a signal came first.
async fn ran(
    scenario: &Scenario,
    place: &Place,
    progress: &Progress,
    how: (&CancellationToken, Keeping),
) -> Result<Option<Ran>> {
    let ran = match place {
        Place::Simulation => simulated::run(scenario, how).await?,
        Place::Broker(target) => live::run(scenario, target, progress, how).await?,
    };
    Ok(ran.map(|mut ran| {
        scenario.judge(&mut ran.outcome, ran.version);
        ran
    }))
}

/// What is left of a run.
#[derive(Debug)]
struct Ran {
    outcome: Outcome,
    /// Of the broker, as far as it matters.
    version: Version,
    /// For a report, if one is wanted.
    past: Option<Past>,
}

/// Why a scenario can't be played on a broker that the lab can't end.
pub(super) fn no_ctl(scenario: &str) -> String {
    format!(
        "{scenario} ends the broker, and the lab can't end the one at --url by itself: add --broker-ctl CMD, a command \
         that is run with kill, stop or start as its last argument"
    )
}

/// Why there can be no such report.
fn no_report(args: &RunArgs) -> Option<&'static str> {
    let file = args.report.as_ref()?;
    if file.form.is_picture() {
        Some("a run without a screen has no picture of one: --report FILE ends in .html, .md, .json or .csv here")
    } else if args.scenarios.len() > 1 {
        Some("a report tells of one run: --report goes with one scenario")
    } else {
        None
    }
}

fn about(scenario: &Scenario, outcome: &Outcome, args: &RunArgs) -> About {
    About {
        title: Some(Arc::clone(&scenario.title)),
        command: Some(command::of(scenario, outcome.seed, args)),
        outcome: Some(outcome.clone()),
        ..super::about(if args.place.simulate {
            Played::Simulated
        } else {
            Played::Live
        })
    }
    .by(args.by.as_deref())
}
