//! What a comparison says of two sets of numbers.

use super::super::command::Producing;
use super::super::measure::{LabSpan, Percentiles, Thousandths, WorkerShare};
use super::super::snapshot::{BrokerState, Control};
use super::*;

fn broker() -> BrokerRow {
    BrokerRow {
        name: "a broker".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("it is the comparison's"),
        version: None,
    }
}

fn over(plan: Plan, a: Measures, b: Measures) -> Contest {
    let mut contest = Contest::new(plan, &broker());
    contest.phase = Phase::Over;
    let [side_a, side_b] = &mut contest.sides;
    (side_a.measures, side_b.measures) = (a, b);
    contest
}

/// Forty jobs done in that many seconds, shared like this by busy seconds and jobs.
fn done(seconds: u64, busy: &[(u64, u32)], jain: u32) -> Measures {
    let workers = (1..).zip(busy).map(|(id, (busy, done))| WorkerShare {
        worker: WorkerId(id),
        done: *done,
        busy: LabSpan(busy * 1_000_000),
        share: None,
    });
    Measures {
        jobs: 40,
        done: 40,
        makespan: Some(LabSpan(seconds * 1_000_000)),
        workers: workers.collect(),
        fairness: Some(Thousandths(jain)),
        ..Measures::default()
    }
}

fn even(seconds: u64) -> Measures {
    done(seconds, &[(seconds, 20), (seconds, 20)], 1000)
}

fn said(contest: &Contest) -> (Option<Side>, Decider, String, String) {
    let Verdict {
        winner,
        by,
        sentence,
        why,
    } = contest.verdict().expect("it is over");
    (winner, by, sentence, why)
}

#[test]
fn the_sooner_side_wins_and_the_busiest_worker_says_why() {
    let round_robin = done(100, &[(100, 20), (20, 20)], 692);
    let fair = done(60, &[(60, 20), (60, 20)], 1000);
    let (winner, by, sentence, why) = said(&over(Preset::FairDispatch.plan(), round_robin, fair));
    assert_eq!((winner, by), (Some(Side::B), Decider::Makespan));
    assert_eq!(sentence, "prefetch 1 finishes 1.7× sooner: 60.0 s against 100.0 s");
    assert_eq!(
        why,
        "with prefetch 0, W1 had to work 100.0 s (20 jobs) while W2 had work for only 20.0 s (20 jobs)"
    );
}

#[test]
fn losses_weigh_more_than_speed() {
    let auto = Measures {
        done: 33,
        lost: 7,
        ..even(20)
    };
    let (winner, by, sentence, why) = said(&over(Preset::Acks.plan(), even(40), auto));
    assert_eq!((winner, by), (Some(Side::A), Decider::Lost));
    assert_eq!(sentence, "manual ack loses nothing; auto-ack loses 7 jobs");
    assert!(why.contains("dies with the worker"), "{why}");
}

#[test]
fn latency_is_named_where_it_makes_the_difference() {
    let (winner, by, sentence, why) = said(&over(Preset::Latency.plan(), even(8), even(1)));
    assert_eq!((winner, by), (Some(Side::B), Decider::Makespan));
    assert_eq!(sentence, "prefetch 20 finishes 8.0× sooner: 1.0 s against 8.0 s");
    assert!(why.starts_with("at prefetch 1 a worker idles"), "{why}");
}

#[test]
fn what_is_within_five_per_cent_is_no_difference() {
    let (winner, by, sentence, _) = said(&over(Preset::FairDispatch.plan(), even(60), even(62)));
    assert_eq!((winner, by), (None, Decider::Nothing));
    assert_eq!(
        sentence,
        "no difference: both finish within 5 % of each other, after 60.0 s and 62.0 s"
    );
}

#[test]
fn jobs_done_twice_decide_between_equals() {
    let twice = Measures { twice: 1, ..even(60) };
    let (winner, by, sentence, _) = said(&over(Preset::Acks.plan(), twice, even(60)));
    assert_eq!((winner, by), (Some(Side::B), Decider::Twice));
    assert_eq!(sentence, "auto-ack does no job twice; manual ack does 1 job twice");
}

#[test]
fn waits_decide_where_all_else_is_the_same() {
    let waits = |p50| Measures {
        wait: Some(Percentiles {
            p50: LabSpan(p50),
            p95: LabSpan(9_000_000),
            p99: LabSpan(9_000_000),
        }),
        ..even(60)
    };
    let (winner, by, sentence, _) = said(&over(Preset::FairDispatch.plan(), waits(6_000_000), waits(2_000_000)));
    assert_eq!((winner, by), (Some(Side::B), Decider::Wait));
    assert!(
        sentence.starts_with("prefetch 1 lets jobs wait 3.0× less"),
        "{sentence}"
    );
    let (winner, ..) = said(&over(Preset::FairDispatch.plan(), waits(60_000), waits(20_000)));
    assert_eq!(winner, None, "nobody notices 40 ms");
}

#[test]
fn a_side_that_is_not_done_in_time_has_lost() {
    let stuck = Measures { done: 35, ..even(30) };
    let mut contest = over(Preset::Acks.plan(), stuck, even(60));
    contest.phase = Phase::TimedOut;
    let (winner, by, sentence, _) = said(&contest);
    assert_eq!((winner, by), (Some(Side::B), Decider::Open));
    assert_eq!(
        sentence,
        "auto-ack finishes in time; manual ack does not: 5 jobs still open"
    );
}

#[test]
fn while_it_goes_on_there_is_no_verdict() {
    let mut contest = over(Preset::FairDispatch.plan(), even(60), even(10));
    for phase in [
        Phase::Preparing,
        Phase::Running,
        Phase::Ended,
        Phase::Failed(String::new()),
    ] {
        contest.phase = phase;
        assert_eq!(contest.verdict(), None);
    }
}

#[test]
fn sides_are_called_by_what_differs() {
    let mut plan = Preset::FairDispatch.plan();
    assert_eq!([plan.name(Side::A), plan.name(Side::B)], ["prefetch 0", "prefetch 1"]);
    plan.sides[1].ack = AckMode::Automatic;
    assert_eq!(plan.name(Side::B), "prefetch 1, auto-ack");
    plan.sides[1] = plan.sides[0].clone();
    assert_eq!(plan.name(Side::B), "side B");
}

#[test]
fn both_sides_have_the_same_jobs() {
    let mut plan = Preset::FairDispatch.plan();
    plan.sides[0].seed = super::super::Seed(11);
    plan.sides[0].rate = Rate(500);
    plan.sides[0].scale = TimeScale(10_000);
    let plan = plan.levelled();
    let [a, b] = &plan.sides;
    assert_eq!(
        (a.seed, a.workload, a.rate, &a.speeds),
        (b.seed, b.workload, b.rate, &b.speeds)
    );
    assert_eq!(b.scale, TimeScale(10_000));
    assert_ne!(a.prefetch, b.prefetch);
    for preset in Preset::ALL {
        assert_eq!(preset.plan(), preset.plan().levelled());
    }
}

#[test]
fn the_limit_allows_for_the_slowest_way() {
    // 120 s of work on one worker, half as much again, and a minute.
    assert_eq!(Preset::FairDispatch.plan().limit(), LabTime(240_000_000));
}

#[test]
fn a_side_is_settled_when_books_and_measures_have_no_open_job() {
    let mut contest = over(Preset::FairDispatch.plan(), even(60), even(60));
    assert!(!contest.is_settled(Side::A), "its picture shows nothing published");
    let picture = Arc::make_mut(&mut contest.sides[0].snapshot);
    picture.producer.producing = Producing::Held;
    picture.books.published = 40;
    picture.books.done = 40;
    assert!(contest.is_settled(Side::A));
    contest.sides[0].measures.done = 39;
    assert!(!contest.is_settled(Side::A));
}
