//! `sweep`: one scenario in simulation with many settings, on all cores.

mod print;
mod progress;

use self::progress::Progress;
use super::scenario::source;
use super::{FAILED, OK, USAGE, runtime, signalled};
use crate::cli::SweepArgs;
use crate::lab::Seed;
use crate::scenario::{
    Ended, Grid, Outcome, Sweep, Tally, Unfit, Variations, Varied, counted, publishes, read, with_jobs,
};
use crate::sim::{self, Run, Telling};
use anyhow::{Context, Result};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::sync::CancellationToken;

pub(super) fn sweep(args: &SweepArgs) -> Result<u8> {
    let text = match source::text(&args.scenario) {
        Ok(text) => text,
        Err(why) => return Ok(refused(&why)),
    };
    let told = |mistakes: Vec<_>| source::complaint(&args.scenario, &mistakes);
    let opened = read(&text).and_then(|scenario| Ok((scenario, Variations::of(&text)?)));
    let (scenario, file) = match opened.map_err(told) {
        Ok(opened) => opened,
        Err(why) => return Ok(refused(&why)),
    };
    let plan = match Plan::new(args, &file) {
        Ok(plan) => plan,
        Err(why) => return Ok(refused(&why)),
    };
    let (runs, signal) = carry_out(&plan, args)?;
    let sweep = Sweep {
        scenario: scenario.name,
        grid: plan.grid,
        measure: args.measure,
        runs,
    };
    print::print(&sweep, args)?;
    let (ended, unplayed) = (sweep.ended(), sweep.unplayed());
    if unplayed > 0 {
        eprintln!(
            "dispatch-lab: {} of {} did not play the script as it is written: out of time, or a step was declined{}",
            unplayed,
            counted(ended, "run"),
            if args.limit.is_none() {
                "; --limit TIME allows more"
            } else {
                ""
            }
        );
    }
    let status = if ended > 0 && unplayed == ended { FAILED } else { OK };
    Ok(signal.map_or(status, |number| 128 + number))
}

fn refused(why: &str) -> u8 {
    eprint!("{why}");
    USAGE
}

/// All runs, none of which is refused.
struct Plan<'a> {
    args: &'a SweepArgs,
    file: &'a Variations<'a>,
    grid: Grid,
    /// Of one run, at most.
    jobs: u64,
}

impl<'a> Plan<'a> {
    /// `Err`: why there is no such sweep, with its line ends.
    fn new(args: &'a SweepArgs, file: &'a Variations<'a>) -> Result<Self, String> {
        let grid = Grid::new(args.vary.clone(), args.seeds).map_err(|error| format!("dispatch-lab: {error}\n"))?;
        let mut plan = Self {
            args,
            file,
            grid,
            jobs: 0,
        };
        for combination in 0..plan.grid.combinations() {
            let varied = plan.varied(combination)?;
            plan.jobs = plan.jobs.max(publishes(&varied.script, &varied.settings));
        }
        Ok(plan)
    }

    fn varied(&self, combination: usize) -> Result<Varied, String> {
        let with = || self.grid.words(combination);
        let set = self.grid.combination(combination);
        let mut varied = self.file.with(&set).map_err(|unfit| match unfit {
            Unfit::Settings(fault) => format!("dispatch-lab: with {}: {fault}\n", with()),
            Unfit::Script(mistakes) => {
                let places = source::complaint(&self.args.scenario, &mistakes);
                format!("dispatch-lab: with {} the script can't be played:\n{places}", with())
            }
        })?;
        if let Some(jobs) = self.args.jobs {
            let script = with_jobs(varied.script, &varied.settings, jobs);
            varied.script = script.ok_or_else(|| {
                "dispatch-lab: --jobs: the script has no `publish 40` whose number could be another, or all its jobs \
                 were more than 10,000,000\n"
                    .to_owned()
            })?;
        }
        varied.script.limit = self.args.limit.unwrap_or(varied.script.limit);
        Ok(varied)
    }

    /// The nth run, made when its turn comes: all of them at once may be too large.
    fn run(&self, number: usize) -> Option<Run> {
        let Varied {
            mut settings,
            version,
            script,
        } = self.varied(number / self.grid.seeds()).ok()?;
        settings.seed = Seed(settings.seed.0 + (number % self.grid.seeds()) as u64);
        Some(Run {
            settings,
            version,
            script: Arc::new(script),
            telling: Telling::Needed,
        })
    }
}

type Runs = Vec<Option<Ended>>;

/// What the runs came to, and the number of the signal that broke them off, if one did.
fn carry_out(plan: &Plan<'_>, args: &SweepArgs) -> Result<(Runs, Option<u8>)> {
    let numbers: Vec<usize> = (0..plan.grid.runs()).collect();
    let progress = Progress::begin(numbers.len(), plan.jobs);
    let runtime = runtime()?;
    let (stop, cancel) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
    let cancels = Arc::clone(&cancel);
    let stopped = stop.clone();
    let signal = runtime.spawn(async move {
        let number = signalled(stopped).await;
        cancels.store(number.is_some(), Ordering::Relaxed);
        number
    });
    let each = |number: &usize| {
        let run = plan.run(*number)?;
        Some(Ended::new(outcome(&run, &cancel), args.measure))
    };
    let threads = args.threads.and_then(|threads| NonZero::new(usize::from(threads)));
    let swept = sim::sweep(&numbers, threads, each, |_| progress.advance(), &cancel);
    drop(progress);
    stop.cancel();
    let signal = runtime.block_on(signal).context("the wait for signals panicked")?;
    Ok((swept?.into_iter().map(Option::flatten).collect(), signal))
}

fn outcome(run: &Run, cancel: &AtomicBool) -> Outcome {
    let mut tally = Tally::new(&run.settings);
    sim::run(run, &mut |event| tally.note(event), cancel);
    tally.outcome()
}
