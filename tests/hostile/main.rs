//! Clients that mean harm, or are broken: the broker survives each, with bounded memory, and others notice nothing.
//!
//! Each test starts the program itself, so that its memory can be measured from outside. `HOSTILE_FULL=1` gives the
//! full counts; use it with `--release`. What was measured is printed (`--nocapture`).
#![cfg(unix)]

mod broker;
mod bystander;
mod bytes;
mod client;
mod deaf;
mod handshakes;
mod hoards;
mod routes;
mod words;

use broker::Broker;
use std::time::Duration;

type Result<T = ()> = anyhow::Result<T>;

/// A condition that does not come true fails the test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(60);

const MB: u64 = 1024 * 1024;

/// The first count usually, the second if all is to be tried.
fn count(usual: u32, full: u32) -> u32 {
    if std::env::var_os("HOSTILE_FULL").is_some_and(|value| value == "1") {
        full
    } else {
        usual
    }
}

/// Lets `attack` go on while a bystander works; then memory may have grown by `megabytes` at most.
fn endures(name: &str, megabytes: u64, attack: impl FnOnce(&Broker) -> Result) -> Result {
    endures_with(&[], name, megabytes, attack)
}

/// The same with options for the broker.
fn endures_with(options: &[&str], name: &str, megabytes: u64, attack: impl FnOnce(&Broker) -> Result) -> Result {
    let mut broker = Broker::start(options)?;
    let bystander = bystander::Bystander::start(broker.address())?;
    let before = broker.peak();
    let began = std::time::Instant::now();
    attack(&broker)?;
    let took = began.elapsed();
    let (rounds, slowest) = bystander.stop()?;
    let grown = (broker.peak() - before) / MB;
    println!("{name}: {took:.1?}, {grown} MB more at the peak; bystander: {rounds} rounds, the slowest {slowest:.1?}");
    broker.end()?;
    anyhow::ensure!(grown <= megabytes, "{name}: {grown} MB more, {megabytes} are allowed");
    Ok(())
}
