//! The crash program: a broker under load is killed with SIGKILL at a random moment, started again, and asked what it
//! still has; round after round on the same folder. It keeps books of what was promised, and compares.
//!
//! What is promised:
//! - what was declared is there, and need not be declared again;
//! - a confirmed message is there, once, to the last byte, until it was acked, in its old place;
//! - an ack is kept if a confirm for a persistent message that was published after it, on the same channel, has come;
//!   other acks may be forgotten, as in RabbitMQ, and their messages come again;
//! - messages of a classic queue come back flagged redelivered, all of them; of a quorum queue those that had been
//!   delivered, which is known under the same condition as an ack; they come back before the others.
//!
//! `CRASH_ROUNDS=200 CRASH_SEED=1 cargo test --test crash`: how often (5 unless told), and the seed of what is random
//! but for the machine's own timing.

mod books;
mod broker;
mod load;

use anyhow::{Context, Result, ensure};
use books::{Books, Survivor};
use broker::Running;
use lapin::options::{BasicGetOptions, QueuePurgeOptions};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Rounds unless told otherwise.
const ROUNDS: u32 = 5;

/// The longest time under load, in milliseconds.
const LOAD_MS: u64 = 500;

/// A step that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    match all_rounds().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn all_rounds() -> Result<()> {
    let number = |name: &str, default: u64| std::env::var(name).map_or(Ok(default), |text| text.parse::<u64>());
    let rounds = u32::try_from(number("CRASH_ROUNDS", u64::from(ROUNDS))?)?;
    let seed = number("CRASH_SEED", rand::random())?;
    println!("{rounds} rounds, seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir()?;
    let mut total = books::Sum::default();
    load::judge_itself()?;
    let mut running = Running::start(folder.path()).await?;
    within("the declarations", load::prepare(running.address())).await?;
    for round in 1..=rounds {
        let (next, sum) = one_round(running, folder.path(), round, &mut random)
            .await
            .with_context(|| format!("round {round}, seed {seed}"))?;
        println!("round {round}: {sum}");
        total += sum;
        running = next;
    }
    println!("total: {total}");
    running.stop()
}

/// Load, kill, restart, count. Leaves an empty broker.
async fn one_round(
    mut running: Running,
    folder: &Path,
    round: u32,
    random: &mut StdRng,
) -> Result<(Running, books::Sum)> {
    let load = within(
        "the start of the load",
        load::start(running.address(), round, random.random()),
    )
    .await?;
    let time = Duration::from_millis(random.random_range(5..LOAD_MS));
    tokio::time::sleep(time).await;
    running.kill()?;
    let books = within("the end of the load", load.end()).await?;
    let mut running = within("the broker's start", Running::start(folder)).await?;
    let mut sum = within("the count", survivors(&running, &books)).await?;
    sum.load_ms = time.as_millis();
    // Every other time what was fetched is also found to be gone after a stop.
    if random.random() {
        running.stop()?;
        running = within("the broker's start after a stop", Running::start(folder)).await?;
        let left = within("the count after a stop", survivors(&running, &Books::default())).await?;
        ensure!(
            left.back() == 0,
            "{} messages came back after an orderly stop",
            left.back()
        );
    }
    Ok((running, sum))
}

async fn within<T>(what: &str, step: impl Future<Output = Result<T>>) -> Result<T> {
    let ended = tokio::time::timeout(PATIENCE, step).await;
    ended
        .with_context(|| format!("{what} takes too long"))?
        .with_context(|| what.to_owned())
}

/// Fetches all there is and compares.
async fn survivors(running: &Running, books: &Books) -> Result<books::Sum> {
    let (_connection, channel) = load::channel(running.address()).await?;
    let mut found = Vec::new();
    for queue in load::QUEUES {
        let mut here = Vec::new();
        while let Some(got) = channel
            .basic_get(queue.name.into(), BasicGetOptions { no_ack: true })
            .await
            .with_context(|| format!("queue {}", queue.name))?
        {
            here.push(Survivor {
                id: load::id(&got.delivery.data)?,
                redelivered: got.delivery.redelivered,
            });
        }
        found.push(here);
    }
    channel
        .queue_purge(load::BEACONS.into(), QueuePurgeOptions::default())
        .await?;
    // So that the next crash can't bring back what was fetched here.
    load::all_is_stored(&channel).await?;
    let (sum, faults) = books.compare(&found);
    ensure!(faults.is_empty(), "{sum}\n{}", faults.join("\n"));
    Ok(sum)
}
