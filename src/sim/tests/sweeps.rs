//! Many runs at once; and runs of which little is told.

use super::script::{at, carried_out, of, settled, workers};
use crate::lab::{AckMode, Command, Habit, Happening, KillKind, Measures, Prefetch, Settings, WorkerId};
use crate::sim::{Run, Telling, measure, sweep};
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The same jobs, with other limits.
fn runs(telling: Telling) -> Vec<Run> {
    let with = |prefetch| {
        let settings = Settings {
            prefetch: Prefetch(prefetch),
            ..workers(&[1000, 500, 2000])
        };
        Run {
            telling,
            ..of(settings, settled(vec![at(0, vec![Command::Publish(50)])]))
        }
    };
    (0..12).map(with).collect()
}

fn measured(run: &Run) -> Measures {
    measure(run, &AtomicBool::new(false)).1
}

#[test]
fn runs_of_a_sweep_come_to_what_each_comes_to_alone() {
    let runs = runs(Telling::Needed);
    let ended = AtomicUsize::new(0);
    let done = |n: usize| {
        ended.fetch_max(n, Ordering::Relaxed);
    };
    let swept = sweep(&runs, NonZero::new(3), measured, done, &AtomicBool::new(false)).expect("there are threads");
    let alone: Vec<Option<Measures>> = runs.iter().map(|run| Some(measured(run))).collect();
    assert_eq!(swept, alone);
    assert_eq!(ended.into_inner(), runs.len());
    let makespans: Vec<_> = swept.iter().flatten().map(|m| m.makespan).collect();
    assert_ne!(makespans[0], makespans[1], "a limit makes a difference");
}

#[test]
fn cancelled_sweep_begins_no_other_run() {
    let cancel = AtomicBool::new(false);
    let each = |_: &Run| cancel.store(true, Ordering::Relaxed);
    let swept = sweep(&runs(Telling::Needed), NonZero::new(1), each, |_| {}, &cancel).expect("there is a thread");
    assert!(swept.iter().all(Option::is_none));
}

#[test]
fn cancelled_run_ends_early() {
    let endless = of(
        workers(&[1000]),
        settled(vec![at(0, vec![Command::PublishAtRate(1_000_000)])]),
    );
    let cancel = AtomicBool::new(true);
    let (ran, measures) = measure(&endless, &cancel);
    assert_eq!(ran.over, None);
    assert!(measures.done < 1_000_000);
}

/// Everything that a run has in store, once with all that can be told of it and once without.
fn eventful(ack: AckMode, telling: Telling) -> Run {
    let w = WorkerId;
    let settings = Settings {
        ack,
        ..workers(&[1000, 500, 2000, 1000])
    };
    let cues = vec![
        at(0, vec![Command::Publish(60), Command::SetHabit(w(3), Habit::Requeues)]),
        at(
            3_000,
            vec![Command::Kill(w(1), KillKind::Reset), Command::SetPrefetch(Prefetch(2))],
        ),
        at(
            4_000,
            vec![Command::Revive(w(1)), Command::Kill(w(2), KillKind::HalfOpen)],
        ),
        at(
            6_000,
            vec![Command::SetHabit(w(3), Habit::Acks), Command::PublishAtRate(20)],
        ),
        at(
            9_000,
            vec![Command::RemoveWorker(w(4)), Command::AddWorker(crate::lab::Speed(700))],
        ),
        at(12_000, vec![Command::CrashTest(2)]),
        at(20_000, vec![Command::Kill(w(3), KillKind::CrashBeforeAck)]),
    ];
    Run {
        telling,
        ..of(settings, settled(cues))
    }
}

#[test]
fn jobs_fare_the_same_however_much_is_told() {
    for ack in [AckMode::Manual, AckMode::Automatic] {
        let (all, all_events) = carried_out(&eventful(ack, Telling::All));
        let (needed, needed_events) = carried_out(&eventful(ack, Telling::Needed));
        let told_in_both = |what: &Happening| !matches!(what, Happening::Dispatched { .. } | Happening::BrokerSays(_));
        let both = [&all_events, &needed_events].map(|events| {
            let kept = events.iter().filter(|event| told_in_both(&event.what));
            kept.map(|event| format!("{event:?}")).collect::<Vec<_>>()
        });
        assert_eq!(both[0], both[1], "{ack:?}");
        let sums = |ran: &crate::sim::Ran| {
            let books = crate::lab::Books {
                balance: crate::lab::Balance::Balanced,
                ..ran.snapshot.books
            };
            let done: Vec<u32> = ran.snapshot.workers.iter().map(|worker| worker.done).collect();
            (books, done, ran.snapshot.producer, ran.over)
        };
        assert_eq!(sums(&all), sums(&needed), "{ack:?}");
        let measures = [Telling::All, Telling::Needed].map(|telling| measured(&eventful(ack, telling)));
        assert_eq!(measures[0], measures[1], "{ack:?}");
        assert!(needed.snapshot.log.is_empty() && !all.snapshot.log.is_empty());
    }
}
