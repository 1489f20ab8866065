//! What passes the connections of producer and workers, as the tap hears it: on the lab's own broker and on any other.

use crate::harness::{Bench, Place, instant, settings, worker};
use crate::on_both;
use dispatch_lab::lab::{Command, Frame, Frames, KillKind, Party, Prefetch, TapState, Way, WorkerId, WorkerState};

on_both!(
    each_job_passes_as_publish_confirm_deliver_and_ack,
    a_change_of_prefetch_passes_as_cancel_qos_and_consume,
    a_reset_passes_without_a_goodbye_and_a_close_with_one,
    acks_that_a_silent_network_swallowed_are_told_as_such,
);

const JOBS: u32 = 5;
const W1: Party = Party::Worker(WorkerId(1));

fn count(frames: &Frames, method: &str, way: Way) -> usize {
    frames
        .list
        .iter()
        .filter(|f| &*f.method == method && f.way == way)
        .count()
}

/// The methods of one party, oldest first.
fn methods(frames: &Frames, party: Party) -> Vec<&str> {
    frames
        .list
        .iter()
        .filter(|f| f.party == party)
        .map(|f| &*f.method)
        .collect()
}

fn of<'f>(frames: &'f Frames, method: &str, way: Way) -> Vec<&'f Frame> {
    let wanted = frames.list.iter().filter(|f| &*f.method == method && f.way == way);
    wanted.map(|frame| &**frame).collect()
}

async fn each_job_passes_as_publish_confirm_deliver_and_ack(place: Place) {
    let mut bench = Bench::paused(&place, instant()).await;
    bench.ask(Command::Resume).await;
    bench.listen();
    bench
        .frames_until("the tap is open", |frames| frames.state == TapState::On)
        .await;
    bench.publish(JOBS).await;
    let after = bench.until("all are done", |s| s.books.done == JOBS).await;
    let jobs = JOBS as usize;
    let frames = bench
        .frames_until("all have passed", |frames| {
            count(frames, "basic.ack", Way::ToBroker) == jobs && count(frames, "basic.deliver", Way::FromBroker) == jobs
        })
        .await;
    assert_eq!(count(&frames, "basic.publish", Way::ToBroker), jobs);
    assert!(
        count(&frames, "basic.ack", Way::FromBroker) > 0,
        "one confirm may stand for many"
    );
    for delivered in of(&frames, "basic.deliver", Way::FromBroker) {
        let of_job = |frame: &&&Frame| {
            let job = delivered.summary.split(" · ").nth(1).expect("tag · job");
            frame.summary.ends_with(job) && frame.party == delivered.party
        };
        let acks = of(&frames, "basic.ack", Way::ToBroker);
        let ack = acks
            .iter()
            .find(of_job)
            .unwrap_or_else(|| panic!("{delivered:?} in {acks:?}"));
        assert!(
            ack.at >= delivered.at && ack.number > delivered.number,
            "{ack:?} {delivered:?}"
        );
        assert!(
            delivered.at <= after.at && delivered.size > 60,
            "{delivered:?} {:?}",
            after.at
        );
    }
    assert_eq!((frames.dropped, frames.missed), (0, 0));
    bench.end().await;
}

async fn a_change_of_prefetch_passes_as_cancel_qos_and_consume(place: Place) {
    let bench = Bench::paused(&place, settings()).await;
    bench.listen();
    bench
        .frames_until("the tap is open", |frames| frames.state == TapState::On)
        .await;
    bench.ask(Command::SetPrefetch(Prefetch(3))).await;
    let frames = bench
        .frames_until("all subscribed again", |frames| {
            count(frames, "basic.consume-ok", Way::FromBroker) == 3
        })
        .await;
    let seen = methods(&frames, W1);
    let mut wanted = [
        "basic.cancel",
        "basic.qos",
        "basic.qos-ok",
        "basic.consume",
        "basic.consume-ok",
    ]
    .iter();
    let mut next = wanted.next();
    for method in &seen {
        if Some(method) == next {
            next = wanted.next();
        }
    }
    assert_eq!(next, None, "in this order: {seen:?}");
    let qos = of(&frames, "basic.qos", Way::ToBroker);
    assert!(qos.iter().all(|frame| &*frame.summary == "prefetch-count 3"), "{qos:?}");
    bench.end().await;
}

async fn a_reset_passes_without_a_goodbye_and_a_close_with_one(place: Place) {
    for (kind, want) in [
        (KillKind::Reset, "no goodbye"),
        (KillKind::CloseConnection, "in good order"),
    ] {
        let bench = Bench::paused(&place, settings()).await;
        bench.listen();
        bench
            .frames_until("the tap is open", |frames| frames.state == TapState::On)
            .await;
        bench.ask(Command::Kill(WorkerId(1), kind)).await;
        let frames = bench
            .frames_until("the socket is closed", |frames| {
                methods(frames, W1).last() == Some(&"socket closed")
            })
            .await;
        let end = frames.list.iter().rfind(|frame| frame.party == W1).expect("it ended");
        assert!(end.summary.starts_with(want), "{kind:?} {end:?}");
        bench.ask(Command::Revive(WorkerId(1))).await;
        let frames = bench
            .frames_until("it consumes again", |frames| {
                methods(frames, W1).last() == Some(&"basic.consume-ok")
            })
            .await;
        let login: Vec<&str> = methods(&frames, W1);
        assert!(
            login.contains(&"protocol header") && login.contains(&"connection.tune-ok"),
            "{login:?}"
        );
        assert!(!format!("{frames:?}").contains("\\0guest"), "no password in {frames:?}");
        bench.end().await;
    }
}

async fn acks_that_a_silent_network_swallowed_are_told_as_such(place: Place) {
    let mut bench = Bench::with_jobs_handed_out(&place, instant(), JOBS).await;
    bench.listen();
    bench
        .frames_until("the tap is open", |frames| frames.state == TapState::On)
        .await;
    bench.ask(Command::Kill(WorkerId(1), KillKind::HalfOpen)).await;
    bench
        .until("it is silent", |s| {
            matches!(worker(s, 1).state, WorkerState::Silent(..))
        })
        .await;
    bench.ask(Command::Resume).await;
    let frames = bench
        .frames_until("all have acked", |frames| {
            count(frames, "basic.ack", Way::ToBroker) == JOBS as usize
        })
        .await;
    for ack in of(&frames, "basic.ack", Way::ToBroker) {
        let swallowed = ack.summary.ends_with("swallowed by the network");
        assert_eq!(swallowed, ack.party == W1, "{ack:?}");
    }
    bench.end().await;
}
