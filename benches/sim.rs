//! What a simulated job costs: by number of jobs, by number of workers, and in a sweep.
//!
//! `cargo bench --bench sim -- [--jobs N] [--workers N] [--sweep RUNS] [--threads N]`. Without options: a row for each
//! number of jobs and for each number of workers. Times are processor time, so that a busy machine changes them little;
//! a sweep tells the wall's time, too. Peak memory is the kernel's `VmHWM`, of the whole process so far; so
//! that each row has its own, each is measured in a process of its own.

use anyhow::{Context, Result, bail};
use dispatch_lab::lab::{
    Arrivals, Command, Cue, CueWhen, End, Hold, LabTime, Measures, Prefetch, Rate, Script, Seed, Settings, Sizes,
    Speed, Version, Workload,
};
use dispatch_lab::sim::{self, Run, Telling};
use std::num::NonZero;
use std::process;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

const JOBS: [u32; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
const WORKERS: [u16; 5] = [2, 10, 100, 1_000, 10_000];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str| -> Result<Option<u32>> {
        let at = arguments.iter().position(|a| a == name);
        let text = at.and_then(|i| arguments.get(i + 1));
        text.map(|text| text.parse().with_context(|| format!("{name} {text}")))
            .transpose()
    };
    match (number("--jobs")?, number("--workers")?, number("--sweep")?) {
        (Some(jobs), workers, None) => one(jobs, workers.unwrap_or(100)),
        (jobs, workers, Some(runs)) => many(runs, jobs.unwrap_or(10_000), workers.unwrap_or(3), number("--threads")?),
        _ => all(),
    }
}

fn all() -> Result<()> {
    println!("load {}", load());
    println!(
        "{:>10} {:>8} {:>10} {:>10} {:>10}",
        "jobs", "workers", "µs/job", "jobs/s", "peak MB"
    );
    for jobs in JOBS {
        apart(&["--jobs", &jobs.to_string(), "--workers", "100"])?;
    }
    for workers in WORKERS {
        apart(&["--jobs", "1000000", "--workers", &workers.to_string()])?;
    }
    apart(&["--jobs", "10000000", "--workers", "10000"])?;
    apart(&["--sweep", "200"])
}

/// In a process of its own.
fn apart(arguments: &[&str]) -> Result<()> {
    let program = std::env::current_exe()?;
    let status = process::Command::new(program).args(arguments).status()?;
    if !status.success() {
        bail!("{arguments:?} failed");
    }
    Ok(())
}

fn one(jobs: u32, workers: u32) -> Result<()> {
    let run = run(jobs, workers, 7)?;
    let (ran, measures) = sim::measure(&run, &AtomicBool::new(false));
    let took = worked();
    check(&measures, jobs)?;
    println!(
        "{jobs:>10} {workers:>8} {:>10.2} {:>10.0} {:>10.1}   {} of lab time, makespan {:?}",
        per_job(took, u64::from(jobs)),
        f64::from(jobs) / took.as_secs_f64(),
        peak_mb(),
        seconds(ran.snapshot.clock.now),
        measures.makespan.map(|m| m.to_string()),
    );
    Ok(())
}

fn many(runs: u32, jobs: u32, workers: u32, threads: Option<u32>) -> Result<()> {
    let all: Vec<Run> = (0..runs)
        .map(|seed| run(jobs, workers, seed.into()))
        .collect::<Result<_>>()?;
    let threads = threads.and_then(|n| NonZero::new(n as usize));
    let cancel = AtomicBool::new(false);
    let began = Instant::now();
    let measured = sim::sweep(&all, threads, |run| sim::measure(run, &cancel).1, |_| {}, &cancel)?;
    let took = began.elapsed();
    for measures in measured.iter().flatten() {
        check(measures, jobs)?;
    }
    println!(
        "sweep: {runs} runs of {jobs} jobs, {workers} workers: {:.2} s on the wall, {:.2} µs a job and core, peak {:.1} MB, \
         load {}",
        took.as_secs_f64(),
        per_job(worked(), u64::from(runs) * u64::from(jobs)),
        peak_mb(),
        load(),
    );
    Ok(())
}

/// Jobs of one to three seconds, prefetch 2, at a rate that keeps two thirds of the crew busy.
fn run(jobs: u32, workers: u32, seed: u64) -> Result<Run> {
    let count = usize::try_from(workers)?;
    // With speed ×s a worker does s/2 jobs a second. Very large crews are slow, since rates have a limit.
    let pace = (20_000_000 / workers.max(1)).clamp(100, 1000);
    let per_100_s = u64::from(workers) * u64::from(pace) / 30;
    let settings = Settings {
        speeds: vec![Speed(pace); count],
        prefetch: Prefetch(2),
        rate: Rate(u32::try_from(per_100_s)?.max(1)),
        workload: Workload {
            sizes: Sizes::Random,
            arrivals: Arrivals::Poisson,
        },
        seed: Seed(seed),
        ..Settings::default()
    };
    let cue = Cue {
        name: "jobs".into(),
        when: CueWhen::At(LabTime(0)),
        hold: Hold::No,
        does: vec![Command::PublishAtRate(jobs)],
    };
    let script = Script {
        cues: vec![cue],
        end: End::Settled,
        limit: LabTime(u64::MAX),
    };
    Ok(Run {
        settings,
        version: Version::default(),
        script: Arc::new(script),
        telling: Telling::Needed,
    })
}

fn check(measures: &Measures, jobs: u32) -> Result<()> {
    if measures.done != jobs {
        bail!("{} of {jobs} jobs were done", measures.done);
    }
    Ok(())
}

fn per_job(took: Duration, jobs: u64) -> f64 {
    let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX) / jobs.max(1);
    Duration::from_nanos(ns).as_secs_f64() * 1e6
}

fn seconds(at: LabTime) -> String {
    format!("{} s", at.seconds())
}

/// Processor time of this process so far, all threads.
fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which is in brackets, the 12th and the 13th field: hundredths of a second in user and in kernel mode.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// Of this process so far.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kb.unwrap_or(f64::NAN) / 1024.0
}

/// How busy the machine is.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}
