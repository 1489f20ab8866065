//! What listening costs: jobs from publication to done on the embedded broker, with the tap closed and open, in turn.
//!
//! `cargo bench --bench wire -- [--jobs N] [--rounds N]`. Jobs have no work, three workers ack each, confirms are on.

use anyhow::{Context, Result};
use dispatch_lab::engine::{Engine, Options, Target};
use dispatch_lab::lab::{Command, Confirms, Figure, Producing, Settings, Sizes, Speed, Tap, TimeScale, Version};
use std::time::{Duration, Instant};

#[tokio::main]
async fn main() -> Result<()> {
    let (jobs, rounds) = (number("--jobs", 20_000)?, number("--rounds", 5)?);
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..2 * rounds {
        let tap = if round % 2 == 0 { Tap::Off } else { Tap::On };
        let took = run(jobs, tap).await?;
        let rate = f64::from(jobs) / took.as_secs_f64();
        println!("tap {tap:?}: {rate:.0} jobs/s");
        rates[usize::from(tap == Tap::On)].push(rate);
    }
    let [closed, open] = rates.map(median);
    println!("closed {closed:.0}, open {open:.0}: {:.3}", open / closed);
    Ok(())
}

/// How long that many jobs take.
async fn run(jobs: u32, tap: Tap) -> Result<Duration> {
    let mut settings = Settings {
        speeds: vec![Speed(10_000); 3],
        confirms: Confirms::On,
        scale: TimeScale(10_000),
        ..Settings::default()
    };
    settings.workload.sizes = Sizes::Instant;
    let options = Options {
        target: Target::Embedded,
        settings,
        version: Version::default(),
        script: None,
    };
    let engine = Engine::start(options).await?;
    engine.tap().send_replace(tap);
    let (commands, mut snapshots) = (engine.commands(), engine.snapshots());
    commands.send(Command::Produce(Producing::Held)).await?;
    snapshots
        .wait_for(|s| s.producer.connected && s.queue.consumers == Figure::Exact(3))
        .await?;
    let before = snapshots.borrow().books.done;
    let started = Instant::now();
    commands.send(Command::Publish(jobs)).await?;
    snapshots.wait_for(|s| s.books.done >= before + jobs).await?;
    let took = started.elapsed();
    drop((commands, snapshots));
    engine.shutdown().await?;
    Ok(took)
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn number(name: &str, default: u32) -> Result<u32> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next().map_or(Ok(default), |text| {
        text.parse().with_context(|| format!("{name} takes a number"))
    })
}
