//! What lies between workers and broker: latency, bandwidth, silence, and a return to zero.

use super::script::{at, carried_out, of, settled, workers};
use crate::lab::{
    Bandwidth, Breakage, Command, Event, Happening, Heartbeat, KillKind, Latency, LineQuality, Prefetch, Settings,
    Sizes, WorkerId, Workload,
};

fn instant(prefetch: u16, line: LineQuality) -> Settings {
    Settings {
        prefetch: Prefetch(prefetch),
        workload: Workload {
            sizes: Sizes::Instant,
            ..Settings::default().workload
        },
        line,
        ..workers(&[1000])
    }
}

/// Milliseconds of lab time from the first job's publication to the last one's end.
fn took_ms(settings: Settings, jobs: u32) -> u64 {
    let (_, events) = carried_out(&of(settings, settled(vec![at(0, vec![Command::Publish(jobs)])])));
    let time = |what: fn(&Happening) -> bool| events.iter().filter(move |e| what(&e.what)).map(|e| e.lab.0);
    let first = time(|what| matches!(what, Happening::Published(_))).min();
    let last = time(|what| matches!(what, Happening::Finished(..))).max();
    last.zip(first).map_or(0, |(last, first)| (last - first) / 1000)
}

#[test]
fn far_worker_with_prefetch_one_waits_a_round_trip_for_each_job() {
    let far = LineQuality {
        latency: Latency(50),
        ..LineQuality::default()
    };
    let (one, ten) = (took_ms(instant(1, far), 20), took_ms(instant(20, far), 20));
    assert!((1_950..2_010).contains(&one), "19 round trips and a way: {one} ms");
    assert!((50..60).contains(&ten), "a way: {ten} ms");
}

#[test]
fn narrow_line_lets_through_so_many_bytes_a_second() {
    let narrow = LineQuality {
        bandwidth: Bandwidth(1_350),
        ..LineQuality::default()
    };
    let took = took_ms(instant(0, narrow), 50);
    assert!((4_500..5_500).contains(&took), "ten deliveries a second: {took} ms");
}

fn time_of(events: &[Event], what: impl Fn(&Happening) -> bool) -> u64 {
    let found = events.iter().find(|event| what(&event.what));
    found.map(|event| event.at.0).expect("it happened")
}

#[test]
fn broker_finds_out_after_two_to_three_heartbeats() {
    const W1: WorkerId = WorkerId(1);
    for silent_at in [300, 700, 1_100, 1_500, 1_900] {
        let settings = Settings {
            heartbeat: Heartbeat(1),
            prefetch: Prefetch(1),
            ..workers(&[100, 1000])
        };
        let cues = vec![
            at(0, vec![Command::Publish(4)]),
            at(silent_at, vec![Command::Kill(W1, KillKind::HalfOpen)]),
        ];
        let (_, events) = carried_out(&of(settings, settled(cues)));
        let killed = time_of(&events, |what| matches!(what, Happening::Killed(..)));
        let broke = time_of(&events, |what| matches!(what, Happening::Broke(W1, Breakage::Lost(_))));
        let waited = broke - killed;
        assert!((2_000_000..=3_001_000).contains(&waited), "{silent_at}: {waited}");
    }
}

#[test]
fn return_to_zero_plays_the_script_again() {
    let jobs = vec![Command::Publish(6)];
    let script = settled(vec![at(0, jobs), at(2_500, vec![Command::Reset])]);
    let run = of(workers(&[1000, 1000]), script);
    let mut world = super::super::world::World::new(&run);
    let mut resets = 0;
    let mut published = 0;
    let mut hear = |event: &Event| match event.what {
        Happening::Reset(_) => resets += 1,
        Happening::Published(_) => published += 1,
        _ => {}
    };
    world.start(&mut hear);
    for _ in 0..2_000 {
        world.step(&mut hear);
    }
    assert!(resets >= 2, "{resets}");
    assert!(published >= 6 * (resets - 1), "{published} after {resets}");
}
