//! What a signal, or a broker that goes, leaves behind: nothing.

use super::{Files, SIX_JOBS, program, stderr};
use dispatch_lab::broker::dispatch::QueueTotals;
use dispatch_lab::broker::server::{Server, ServerConfig};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

/// Far beyond what is needed: a slow machine is no failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// A broker that is not the program's own, and the program at work on it: a run that would last for minutes.
struct Work {
    server: Server,
    program: Child,
    _files: Files,
}

impl Work {
    async fn begun() -> Self {
        let server = Server::start(ServerConfig::default()).await.expect("it starts");
        let files = Files::new();
        let file = files.write("six.toml", &SIX_JOBS.replace("publish 6", "publish 2000"));
        let url = format!("amqp://guest:guest@{}/%2f", server.address());
        let program = program(&["--url", &url, &file])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut totals = server.totals();
        until(&mut totals, "jobs are with the workers", |queues| {
            queues.iter().any(|queue| queue.unacked > 0)
        })
        .await;
        Self {
            server,
            program,
            _files: files,
        }
    }
}

async fn until(totals: &mut watch::Receiver<Arc<[QueueTotals]>>, what: &str, holds: impl Fn(&[QueueTotals]) -> bool) {
    let held = tokio::time::timeout(PATIENCE, totals.wait_for(|queues| holds(queues))).await;
    held.unwrap_or_else(|_| panic!("waited in vain until {what}"))
        .expect("the broker runs");
}

async fn ended(program: Child) -> Output {
    let ended = spawn_blocking(|| program.wait_with_output());
    let ended = tokio::time::timeout(PATIENCE, ended).await.expect("it ends in time");
    ended.expect("no panic").expect("it can be waited for")
}

#[tokio::test]
async fn signals_end_a_run_and_leave_no_queue_behind() {
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        let work = Work::begun().await;
        let pid = work.program.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .expect("it runs")
                .success()
        );
        let output = ended(work.program).await;
        assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
        assert!(output.stdout.is_empty(), "what was not run to its end has no result");
        let mut totals = work.server.totals();
        until(&mut totals, "all queues are gone", <[QueueTotals]>::is_empty).await;
        work.server.stop().await;
    }
}

#[tokio::test]
async fn broker_that_goes_away_ends_the_run_with_a_sentence() {
    let work = Work::begun().await;
    work.server.crash().await;
    let output = ended(work.program).await;
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(
        told.starts_with("dispatch-lab: the broker went away during the run: "),
        "{told}"
    );
    assert!(output.stdout.is_empty());
}
