//! The Rust as it starts, run: cargo builds examples with the tests.

use crate::broker;
use crate::running::Running;
use std::path::PathBuf;
use std::process::Command;

const JOBS: u64 = 3;

/// An example's program, beside the folder of the tests' own.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let built = test.parent().and_then(|deps| deps.parent()).expect("it lies in deps");
    built
        .join("examples")
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_producer_publishes_and_the_worker_acks() {
    if !example("worker").exists() {
        println!("skipped: the examples are not built; cargo test without --test builds them");
        return;
    }
    let server = broker::start().await;
    let start = |name: &str| {
        let mut command = Command::new(example(name));
        command.env("AMQP_URL", broker::url(&server)).arg(JOBS.to_string());
        Running::start(command)
    };
    let (status, said) = start("producer").end().await;
    assert_eq!(status, Some(0), "{said}");
    broker::until(&server, "published", |queue| queue.ready == JOBS).await;
    let worker = start("worker");
    broker::until(&server, "worked", |queue| {
        (queue.ready, queue.unacked, queue.consumers) == (0, 0, 1)
    })
    .await;
    drop(worker);
    server.stop().await;
}
