//! The table of what survived the broker's end: durable queue × persistent message, read from the broker's disk.

use crate::harness::{Bench, Place, all_consume, settings};
use dispatch_lab::lab::{
    Balance, BrokerCommand, BrokerState, Command, Confirms, Ending, Figure, Matrix, MatrixCell, Moment, Snapshot,
    Version,
};

/// Jobs of each kind.
const EACH: u32 = 5;

fn cell(survived: u64, confirmed_lost: u32) -> MatrixCell {
    MatrixCell {
        published: EACH,
        confirmed: EACH,
        unasked: 0,
        survived: Figure::Exact(survived),
        lost: Figure::Exact(u64::from(EACH) - survived),
        confirmed_lost,
        again: 0,
    }
}

/// Only what was both durable and persistent is there.
fn as_the_rule_says(matrix: &Matrix) -> bool {
    let (kept, gone) = (cell(u64::from(EACH), 0), cell(0, EACH));
    matrix.cells == [[kept, gone], [gone, gone]]
}

fn is_back(s: &Snapshot) -> bool {
    matches!(s.matrix.moment, Moment::Back(..)) && s.producer.connected && all_consume(s)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_is_exact_after_a_kill_and_after_a_stop() {
    for (how, ending) in [
        (BrokerCommand::Kill, Ending::Killed),
        (BrokerCommand::Stop, Ending::Stopped),
    ] {
        let mut bench = Bench::paused(&Place::Embedded, settings()).await;
        bench.ask(Command::PublishSample(EACH)).await;
        bench
            .until("all are confirmed", |s| s.matrix.all().all(|c| c.confirmed == EACH))
            .await;
        bench.ask(Command::Broker(how)).await;
        let down = bench
            .until("it is down", |s| s.broker.state == BrokerState::Ended)
            .await;
        assert!(matches!(down.matrix.moment, Moment::Down(it, _) if it == ending));
        assert!(down.matrix.all().all(|c| c.survived == Figure::Unknown));
        bench.ask(Command::Broker(BrokerCommand::Start)).await;
        let back = bench.until("it is back", is_back).await;
        assert!(as_the_rule_says(&back.matrix), "{how:?}: {:?}", back.matrix);
        assert!(matches!(back.matrix.moment, Moment::Back(it, _) if it == ending));
        bench.ask(Command::Resume).await;
        let end = bench
            .until("what survived is done", |s| {
                s.books.done == EACH && s.books.balance == Balance::Balanced
            })
            .await;
        assert_eq!((end.books.lost, end.books.twice), (3 * EACH, 0), "{how:?}");
        bench.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_test_fills_the_table_by_one_command() {
    let mut bench = Bench::paused(&Place::Embedded, settings()).await;
    bench.ask(Command::CrashTest(EACH)).await;
    let back = bench.until("it is back", is_back).await;
    assert!(as_the_rule_says(&back.matrix), "{:?}", back.matrix);
    assert_eq!(back.settings.confirms, Confirms::On);
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_durable_survives_from_version_to_version() {
    let mut bench = Bench::paused(&Place::Embedded, settings()).await;
    bench.publish(6).await;
    for version in [Version::V3_10, Version::V4_3, Version::V4_0] {
        bench
            .until("all are with the broker", |s| s.at_stake == [[6, 0], [0, 0]])
            .await;
        bench.ask(Command::SetVersion(version)).await;
        let back = bench
            .until("it is another", |s| s.broker.version == Some(version) && is_back(s))
            .await;
        assert_eq!(back.books.lost, 0, "{version}");
    }
    bench.ask(Command::Resume).await;
    bench.until("all are done", |s| s.books.done == 6).await;
    bench.end().await;
}
