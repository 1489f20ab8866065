//! Who gets which job while nobody dies.

use super::script::{at, carried_out, deliveries, of, settled, workers};
use crate::lab::{AckMode, Arrivals, Command, Over, Prefetch, Settings, Sizes, Workload};

const ODD_HEAVY: Workload = Workload {
    sizes: Sizes::OddHeavy,
    arrivals: Arrivals::Regular,
};

fn odd_heavy(prefetch: u16) -> Settings {
    Settings {
        prefetch: Prefetch(prefetch),
        workload: ODD_HEAVY,
        ..workers(&[1000, 1000])
    }
}

#[test]
fn jobs_go_round_whatever_they_weigh() {
    let run = of(odd_heavy(0), settled(vec![at(0, vec![Command::Publish(40)])]));
    let (ran, events) = carried_out(&run);
    assert_eq!(ran.over, Some(Over::Reached));
    let expected: Vec<(u16, u32)> = (1..=40).map(|job| (if job % 2 == 1 { 1 } else { 2 }, job)).collect();
    let mut got = deliveries(&events);
    got.sort_by_key(|(_, job)| *job);
    assert_eq!(got, expected);
    assert_eq!(ran.snapshot.books.done, 40);
    assert_eq!(ran.snapshot.clock.now.seconds(), 100, "one has all the heavy ones");
}

#[test]
fn whoever_is_free_gets_the_next_job_when_prefetch_is_one() {
    let run = of(odd_heavy(1), settled(vec![at(0, vec![Command::Publish(40)])]));
    let (ran, events) = carried_out(&run);
    assert_eq!(ran.snapshot.books.done, 40);
    assert!(ran.snapshot.clock.now.seconds() < 66, "{:?}", ran.snapshot.clock);
    let first: Vec<(u16, u32)> = deliveries(&events).into_iter().take(4).collect();
    assert_eq!(first, [(1, 1), (2, 2), (2, 3), (1, 4)]);
}

#[test]
fn automatic_acks_hand_all_out_at_once() {
    let settings = Settings {
        ack: AckMode::Automatic,
        ..odd_heavy(1)
    };
    let (ran, events) = carried_out(&of(settings, settled(vec![at(0, vec![Command::Publish(10)])])));
    assert_eq!(ran.snapshot.books.done, 10);
    let of_second = deliveries(&events).iter().filter(|(worker, _)| *worker == 2).count();
    assert_eq!(of_second, 5, "a limit holds for nobody who does not ack");
}

#[test]
fn same_run_gives_the_same_events() {
    let run = of(odd_heavy(2), settled(vec![at(0, vec![Command::PublishAtRate(30)])]));
    let (one, other) = (carried_out(&run), carried_out(&run));
    assert_eq!(one, other);
}
