//! The Python, run by `DISPATCH_LAB_PYTHON` or `python3`, where that has pika; else the tests say that they were skipped.

use crate::broker;
use crate::cases;
use crate::running::Running;
use dispatch_lab::broker::dispatch::QueueTotals;
use dispatch_lab::broker::server::Server;
use dispatch_lab::code::{Case, Language, Role, program};
use dispatch_lab::lab::{AckMode, Delivery, Habit, QueueKind, QueueType, Rate, Settings, Sharing, Sizes, WorkerId};
use lapin::options::{BasicGetOptions, BasicRejectOptions};
use lapin::{Connection, ConnectionProperties};
use std::path::{Path, PathBuf};
use std::process::Command;

const JOBS: u32 = 6;

/// The Python that has pika.
fn python() -> Option<String> {
    let python = std::env::var("DISPATCH_LAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python).args(["-c", "import pika"]).output();
    if asked.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    println!("skipped: {python} has no pika; name one that has in DISPATCH_LAB_PYTHON");
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_combination_runs_and_does_what_it_says() {
    let Some(python) = python() else { return };
    let shared = |(_, case): &(_, Case)| case.sharing == Sharing::OneQueue;
    for (name, case) in cases::quick().into_iter().filter(shared) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |role| written(folder.path(), role, &case);
        let server = broker::start().await;
        let url = broker::url(&server);
        let mut producer = start(&python, &file(Role::Producer), &url);
        for job in 1..=JOBS {
            assert!(
                producer.line().await.starts_with(&format!(" [x] sent job-{job}")),
                "{name}"
            );
        }
        let (status, said) = producer.end().await;
        assert_eq!(status, Some(0), "{name}: {said}");
        broker::until(&server, name, |queue| queue.ready == u64::from(JOBS)).await;
        assert_mode(&url, &case).await;
        let mut worker = start(&python, &file(Role::Worker), &url);
        check(name, &case, &server, &mut worker).await;
        if case.habit == Habit::AcksTwice {
            let (status, said) = worker.end().await;
            assert!(status == Some(1) && said.contains("406"), "{name}: {status:?} {said}");
        }
        server.stop().await;
    }
}

/// A copy comes only to a queue that is there: so the workers are first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_worker_with_a_queue_of_its_own_gets_every_job() {
    let Some(python) = python() else { return };
    let (folder, server) = (tempfile::tempdir().expect("a folder"), broker::start().await);
    let url = broker::url(&server);
    let mut workers = Vec::new();
    for number in 1..=2 {
        let mut case = Case::with(&Settings::default());
        (case.sharing, case.worker, case.sizes) = (Sharing::QueueEach, WorkerId(number), Sizes::Instant);
        case.rate = Rate::MAX;
        workers.push(start(&python, &written(folder.path(), Role::Worker, &case), &url));
        let own = format!("tasks_w{number}");
        broker::until(&server, &own, |queue| *queue.name == *own && queue.consumers == 1).await;
        written(folder.path(), Role::Producer, &case);
    }
    let mut producer = start(&python, &folder.path().join("producer.py"), &url);
    for worker in &mut workers {
        for job in 1..=JOBS {
            assert_eq!(worker.line().await, format!(" [x] job-{job}"));
        }
    }
    for job in 1..=JOBS {
        assert_eq!(producer.line().await, format!(" [x] sent job-{job}"));
    }
    let (status, said) = producer.end().await;
    assert_eq!(status, Some(0), "{said}");
    server.stop().await;
}

fn written(folder: &Path, role: Role, case: &Case) -> PathBuf {
    let path = folder.join(role.title()).with_extension("py");
    std::fs::write(&path, program(Language::Python, role, case)).expect("it can be written");
    path
}

fn start(python: &str, file: &Path, url: &str) -> Running {
    let mut command = Command::new(python);
    command.arg(file).arg(JOBS.to_string()).env("AMQP_URL", url);
    Running::start(command)
}

/// What becomes of the jobs.
async fn check(name: &str, case: &Case, server: &Server, worker: &mut Running) {
    let jobs = u64::from(JOBS);
    let prefetch = u64::from(case.prefetch.0);
    // The first job comes first, but for what was looked at before it.
    assert!(worker.line().await.starts_with(" [x] job-1"), "{name}");
    match (case.ack, case.habit) {
        (AckMode::Automatic, _) | (_, Habit::Acks | Habit::Rejects) => {
            for job in 2..=JOBS {
                assert!(worker.line().await.starts_with(&format!(" [x] job-{job}")), "{name}");
            }
            broker::until(server, name, |queue| {
                (queue.ready, queue.unacked, queue.consumers) == (0, 0, 1)
            })
            .await;
            if case.habit == Habit::Rejects {
                let dead = |queue: &QueueTotals| &*queue.name == "task_queue_dead" && queue.ready == jobs;
                broker::until(server, name, dead).await;
            }
        }
        (_, Habit::Forgets) => {
            let held = |queue: &QueueTotals| (queue.ready, queue.unacked);
            broker::until(server, name, |queue| held(queue) == (jobs - prefetch, prefetch)).await;
        }
        (_, Habit::Requeues) => while !worker.line().await.ends_with("(redelivered)") {},
        (_, Habit::AcksTwice) => {
            broker::until(server, name, |queue| (queue.ready, queue.consumers) == (jobs - 1, 0)).await;
        }
    }
}

/// Looks at the first message, and puts it back where it was.
async fn assert_mode(url: &str, case: &Case) {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("the broker is there");
    let channel = connection.create_channel().await.expect("a channel");
    let name = match (case.queue, case.habit) {
        _ if case.queue_type != QueueType::Classic => "task_quorum_3",
        (QueueKind::Durable, _) => "task_queue",
        (QueueKind::Transient, Habit::Rejects) => "task_dlx_transient",
        (QueueKind::Transient, _) => "task_queue_transient",
    };
    let got = channel
        .basic_get(name.into(), BasicGetOptions::default())
        .await
        .expect("the queue is there");
    let message = got.expect("it has messages");
    let want = match case.messages {
        Delivery::Persistent => 2,
        Delivery::Transient => 1,
    };
    assert_eq!(*message.properties.delivery_mode(), Some(want));
    let back = BasicRejectOptions { requeue: true };
    channel
        .basic_reject(message.delivery_tag, back)
        .await
        .expect("it is taken back");
    connection.close(200, "goodbye".into()).await.expect("close-ok");
}
