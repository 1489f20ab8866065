//! Comparisons, played for real: two labs on one broker, their clocks started together.

use crate::harness::Place;
use crate::on_both;
use dispatch_lab::engine::Arena;
use dispatch_lab::lab::{
    Contest, ContestOrder, Decider, Entry, Feed, LabSpan, LabTime, Phase, Plan, Preset, Rate, Side, Sizes, Thousandths,
    TimeScale,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A comparison that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(120);

on_both!(
    fair_dispatch_is_near_the_ideal_and_round_robin_is_not,
    auto_ack_loses_what_manual_acks_keep,
    jobs_at_a_rate_come_at_the_same_lab_times_on_both_sides,
    what_is_ended_early_leaves_no_queue,
    the_next_comparison_takes_the_place_of_the_one_before,
);

type Pictures = watch::Receiver<Option<Arc<Contest>>>;

async fn begin(arena: &Arena, plan: Plan) {
    let order = ContestOrder::Begin(Box::new(plan));
    arena.orders().send(order).await.expect("the arena is open");
}

async fn until(pictures: &mut Pictures, what: &str, holds: impl Fn(&Contest) -> bool) -> Arc<Contest> {
    let latest = pictures.clone();
    let waiting = pictures.wait_for(|picture| picture.as_ref().is_some_and(|contest| holds(contest)));
    if let Ok(found) = tokio::time::timeout(PATIENCE, waiting).await {
        return found.expect("the arena is open").clone().expect("there is a picture");
    }
    let picture = latest.borrow().clone();
    panic!("{what}: never, but {:?}", picture.map(|contest| summary(&contest)))
}

fn summary(contest: &Contest) -> String {
    let sides = contest
        .sides
        .each_ref()
        .map(|side| (&side.measures, side.snapshot.books));
    format!("{:?} {sides:?}", contest.phase)
}

async fn play(place: &Place, plan: Plan) -> Arc<Contest> {
    let arena = Arena::open(place.target());
    let mut pictures = arena.contests();
    begin(&arena, plan).await;
    let contest = until(&mut pictures, "it is over", |contest| !contest.is_under_way()).await;
    arena.close().await.expect("nothing is left behind");
    assert_eq!(contest.phase, Phase::Over, "{}", summary(&contest));
    println!("{}", summary(&contest));
    println!("{:?}", contest.verdict());
    contest
}

async fn fair_dispatch_is_near_the_ideal_and_round_robin_is_not(place: Place) {
    let mut plan = Preset::FairDispatch.plan();
    plan.sides[0].scale = TimeScale(5_000);
    let contest = play(&place, plan).await;
    let [in_turn, fair] = Side::ALL.map(|side| &contest.side(side).measures);
    assert_eq!([in_turn.done, fair.done], [40; 2]);
    assert_eq!([in_turn.ideal, fair.ideal], [LabSpan(60_000_000); 2]);
    // All heavy jobs were W1's, whatever the machine: 100 s of work, 20 for the other.
    assert_eq!(in_turn.workers[0].busy, LabSpan(100_000_000));
    assert_eq!(in_turn.workers[1].busy, LabSpan(20_000_000));
    assert_eq!(in_turn.fairness, Some(Thousandths(692)));
    assert!(in_turn.ratio() >= Some(Thousandths(1667)), "{in_turn:?}");
    assert!(fair.ratio() <= Some(Thousandths(1100)), "{fair:?}");
    let verdict = contest.verdict().expect("it is over");
    assert_eq!((verdict.winner, verdict.by), (Some(Side::B), Decider::Makespan));
}

/// When the side's own clock had it that a worker was killed.
fn struck(contest: &Contest, side: Side) -> LabTime {
    let log = &contest.side(side).snapshot.log;
    let killed = log.iter().find(|(_, entry)| matches!(entry, Entry::Killed(..)));
    let at = killed.unwrap_or_else(|| panic!("nobody was killed: {log:?}")).0;
    println!("{side:?}: struck at {at:?}");
    at
}

async fn auto_ack_loses_what_manual_acks_keep(place: Place) {
    let mut plan = Preset::Acks.plan();
    plan.sides[0].scale = TimeScale(10_000);
    let contest = play(&place, plan).await;
    let [manual, auto] = Side::ALL.map(|side| &contest.side(side).measures);
    assert_eq!((manual.done, manual.lost), (40, 0));
    for side in Side::ALL {
        let struck = struck(&contest, side);
        assert!(
            struck >= contest.plan.blows[0].at,
            "{side:?} is struck by its own clock, at {struck:?}"
        );
    }
    assert!(auto.lost > 0, "{auto:?}");
    assert_eq!(auto.done + auto.lost, 40);
    let verdict = contest.verdict().expect("it is over");
    assert_eq!((verdict.winner, verdict.by), (Some(Side::A), Decider::Lost));
}

async fn jobs_at_a_rate_come_at_the_same_lab_times_on_both_sides(place: Place) {
    let mut plan = Preset::FairDispatch.plan();
    (plan.feed, plan.jobs) = (Feed::AtRate, 60);
    plan.sides[0].rate = Rate(1_000);
    plan.sides[0].workload.sizes = Sizes::Instant;
    let contest = play(&place, plan).await;
    for side in Side::ALL {
        let measures = &contest.side(side).measures;
        assert_eq!((measures.jobs, measures.done), (60, 60));
    }
    // The last one comes 59 tenths of a second after the first: nothing can be sooner.
    let ideals = Side::ALL.map(|side| contest.side(side).measures.ideal);
    assert_eq!(ideals, [LabSpan(5_900_000); 2]);
}

async fn what_is_ended_early_leaves_no_queue(place: Place) {
    let arena = Arena::open(place.target());
    let mut pictures = arena.contests();
    begin(&arena, Preset::FairDispatch.plan()).await;
    until(&mut pictures, "jobs are being done", |contest| {
        contest.side(Side::A).measures.done > 0
    })
    .await;
    arena.orders().send(ContestOrder::End).await.expect("the arena is open");
    let ended = until(&mut pictures, "it is ended", |contest| !contest.is_under_way()).await;
    assert_eq!((&ended.phase, ended.verdict()), (&Phase::Ended, None));
    arena.close().await.expect("nothing is left behind");
}

async fn the_next_comparison_takes_the_place_of_the_one_before(place: Place) {
    let arena = Arena::open(place.target());
    let mut pictures = arena.contests();
    begin(&arena, Preset::FairDispatch.plan()).await;
    until(&mut pictures, "it runs", |contest| contest.phase == Phase::Running).await;
    let mut next = Preset::FairDispatch.plan();
    next.jobs = 3;
    next.sides[0].workload.sizes = Sizes::Instant;
    begin(&arena, next).await;
    let over = until(&mut pictures, "the next is over", |contest| {
        contest.plan.jobs == 3 && contest.phase == Phase::Over
    })
    .await;
    assert_eq!(over.sides.each_ref().map(|side| side.measures.done), [3, 3]);
    begin(&arena, Preset::FairDispatch.plan()).await;
    until(&mut pictures, "a third runs", |contest| {
        contest.plan.jobs == 40 && contest.phase == Phase::Running
    })
    .await;
    arena
        .close()
        .await
        .expect("leaving in the middle leaves nothing behind");
}
