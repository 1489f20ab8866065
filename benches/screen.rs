//! What the dashboard costs: jobs a second from published to done, with the screen open and without it.
//!
//! `cargo bench --bench screen -- [--jobs N] [--rounds N]`. The program runs itself on a pseudo-terminal of 200×60 whose
//! other end reads everything; there, in one process, runs with and without the screen take turns. Wanted: a ratio of
//! at least 0.95.

use anyhow::{Context, Result};
use dispatch_lab::engine::{Engine, Options, Target};
use dispatch_lab::lab::{Command, Prefetch, Rate, Settings, Sizes, Speed, Version, Workload};
use dispatch_lab::tui::{self, ScreenOptions, Seat};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Where the inner process writes what it found; its standard output is the screen.
const REPORT: &str = "DISPATCH_LAB_BENCH_REPORT";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u32| {
        let at = arguments.iter().position(|a| a == name);
        at.and_then(|i| arguments.get(i + 1))
            .map_or(Ok(default), |text| text.parse())
    };
    let (jobs, rounds) = (number("--jobs", 60_000)?, number("--rounds", 7)?);
    match std::env::var_os(REPORT) {
        Some(report) => inside(Path::new(&report), jobs, rounds),
        None => outside(jobs, rounds),
    }
}

/// Runs this program on a pseudo-terminal and prints its report.
fn outside(jobs: u32, rounds: u32) -> Result<()> {
    let report = tempfile::NamedTempFile::new()?;
    let pty = native_pty_system().openpty(PtySize {
        rows: 60,
        cols: 200,
        ..PtySize::default()
    })?;
    let mut command = CommandBuilder::new(std::env::current_exe()?);
    command.args(["--jobs", &jobs.to_string(), "--rounds", &rounds.to_string()]);
    command.env(REPORT, report.path());
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    let mut child = pty.slave.spawn_command(command)?;
    drop(pty.slave);
    let mut screen = pty.master.try_clone_reader()?;
    let reader = std::thread::spawn(move || {
        let (mut bytes, mut buffer) = (0, vec![0; 1 << 16]);
        // The other end closes with an error on Linux.
        while let Ok(read @ 1..) = screen.read(&mut buffer) {
            bytes += read;
        }
        bytes
    });
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "the inner process failed: {status:?}");
    drop(pty.master);
    let drawn = reader.join().ok().context("the reader panicked")?;
    print!("{}", std::fs::read_to_string(report.path())?);
    println!("drawn: {} KiB", drawn / 1024);
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dashboard {
    Open,
    Closed,
}

fn inside(report: &Path, jobs: u32, rounds: u32) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    // The first run warms up and does not count.
    runtime.block_on(throughput(jobs, Dashboard::Closed))?;
    for round in 0..rounds {
        // Who goes first changes, so that a machine that slows down harms both alike.
        let turns = if round % 2 == 0 {
            [Dashboard::Open, Dashboard::Closed]
        } else {
            [Dashboard::Closed, Dashboard::Open]
        };
        for dashboard in turns {
            let rate = runtime.block_on(throughput(jobs, dashboard))?;
            match dashboard {
                Dashboard::Open => open.push(rate),
                Dashboard::Closed => closed.push(rate),
            }
        }
    }
    let mut text = format!("{jobs} jobs from published to done, jobs/s: median (lowest … highest) of {rounds} runs\n");
    for (name, rates) in [("open", &mut open), ("closed", &mut closed)] {
        rates.sort_by(f64::total_cmp);
        let last = rates.len() - 1;
        writeln!(
            text,
            "{name:8}{:9.0} ({:.0} … {:.0})",
            rates[last / 2],
            rates[0],
            rates[last]
        )?;
    }
    writeln!(text, "ratio   {:9.3}", open[open.len() / 2] / closed[closed.len() / 2])?;
    std::fs::write(report, text)?;
    Ok(())
}

/// Jobs a second of one run.
async fn throughput(jobs: u32, dashboard: Dashboard) -> Result<f64> {
    let base = Settings::default();
    let settings = Settings {
        speeds: vec![Speed(10_000); 4],
        prefetch: Prefetch(100),
        rate: Rate(1),
        workload: Workload {
            sizes: Sizes::Instant,
            ..base.workload
        },
        ..base
    };
    let engine = Engine::start(Options {
        target: Target::Embedded,
        settings,
        version: Version::default(),
        script: None,
    })
    .await?;
    let stop = CancellationToken::new();
    let screen = async {
        if dashboard == Dashboard::Open {
            let seat = Seat::bare(engine.commands(), engine.snapshots(), stop.clone());
            tui::run(seat, ScreenOptions::default()).await.map(|_| ())?;
        }
        anyhow::Ok(())
    };
    let work = async {
        let took = work(&engine, jobs).await;
        stop.cancel();
        took
    };
    let (shown, took) = tokio::join!(screen, work);
    shown?;
    let rate = f64::from(jobs) / took?;
    engine.shutdown().await?;
    Ok(rate)
}

/// Seconds from the command to the last job done.
async fn work(engine: &Engine, jobs: u32) -> Result<f64> {
    let mut news = engine.snapshots();
    while news.borrow_and_update().queue.consumers != dispatch_lab::lab::Figure::Exact(4) {
        news.changed().await.context("the lab ended")?;
    }
    let before = news.borrow().books.done;
    let began = Instant::now();
    engine.commands().send(Command::Publish(jobs)).await?;
    while news.borrow_and_update().books.done < before + jobs {
        news.changed().await.context("the lab ended")?;
    }
    Ok(began.elapsed().as_secs_f64())
}
