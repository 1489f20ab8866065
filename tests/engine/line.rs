//! Latency and a limit between the workers and the broker.

use crate::harness::{Bench, Place, instant};
use crate::on_both;
use dispatch_lab::lab::{Balance, Bandwidth, Command, Confirms, Latency, LineQuality, Prefetch, Settings, Speed};
use std::time::{Duration, Instant};

on_both!(
    larger_prefetch_hides_latency,
    slow_line_loses_nothing_and_changes_at_once,
    workers_begin_on_a_bad_line,
);

const LATENCY: Latency = Latency(20);

fn one_worker(prefetch: u16, line: LineQuality) -> Settings {
    Settings {
        speeds: vec![Speed(1000)],
        prefetch: Prefetch(prefetch),
        confirms: Confirms::Off,
        line,
        ..instant()
    }
}

/// How long one worker takes for so many jobs without work.
async fn time_for(place: &Place, prefetch: u16, jobs: u32) -> Duration {
    let line = LineQuality {
        latency: LATENCY,
        ..LineQuality::default()
    };
    let mut bench = Bench::paused(place, one_worker(prefetch, line)).await;
    bench.ask(Command::Resume).await;
    let start = Instant::now();
    bench.publish(jobs).await;
    bench
        .until("all are done", |s| {
            s.books.done == jobs && s.books.balance == Balance::Balanced && s.workers[0].unacked == 0
        })
        .await;
    let time = start.elapsed();
    bench.end().await;
    time
}

/// With prefetch 1 each job waits for the last ack's way to the broker, and its own way back.
async fn larger_prefetch_hides_latency(place: Place) {
    const JOBS: u32 = 60;
    let one = time_for(&place, 1, JOBS).await;
    let twenty = time_for(&place, 20, JOBS).await;
    println!("prefetch 1: {one:?}, prefetch 20: {twenty:?}");
    assert!(one >= Duration::from_millis(u64::from(JOBS - 1) * 40), "{one:?}");
    assert!(one > 3 * twenty, "{one:?} and {twenty:?}");
}

async fn slow_line_loses_nothing_and_changes_at_once(place: Place) {
    const JOBS: u32 = 400;
    let mut bench = Bench::paused(&place, one_worker(0, LineQuality::default())).await;
    bench.ask(Command::Resume).await;
    let bad = LineQuality {
        latency: Latency(100),
        bandwidth: Bandwidth(8_000),
    };
    bench.ask(Command::SetLine(bad)).await;
    bench.until("it is bad", |s| s.settings.line == bad).await;
    bench.publish(JOBS).await;
    bench.until("some are through", |s| s.books.done > 20).await;
    bench.ask(Command::SetLine(LineQuality::default())).await;
    let end = bench
        .until("all are done", |s| {
            s.books.done == JOBS && s.books.balance == Balance::Balanced
        })
        .await;
    assert_eq!((end.books.lost, end.books.twice, end.queue.redelivered), (0, 0, 0));
    bench.end().await;
}

async fn workers_begin_on_a_bad_line(place: Place) {
    let line = LineQuality {
        latency: Latency(50),
        bandwidth: Bandwidth(8_000),
    };
    let mut bench = Bench::paused(&place, one_worker(5, line)).await;
    bench.ask(Command::Resume).await;
    bench.publish(20).await;
    bench.until("all are done", |s| s.books.done == 20).await;
    bench.end().await;
}
