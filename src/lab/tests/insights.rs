//! What a whole run tells.

use super::super::command::{Command, KillKind, Producing};
use super::super::ids::WorkerId;
use super::super::insight::{Insight, Severity};
use super::super::settings::{AckMode, Arrivals, Confirms, Prefetch, Rate, Settings, Sizes, Speed, Workload};
use super::world::World;

fn settings(prefetch: u16, sizes: Sizes) -> Settings {
    Settings {
        speeds: vec![Speed(1000), Speed(500), Speed(2000)],
        prefetch: Prefetch(prefetch),
        confirms: Confirms::On,
        rate: Rate(200),
        workload: Workload {
            sizes,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

fn titles(world: &World) -> Vec<&'static str> {
    let insights = world.snapshot().insights;
    insights.iter().map(|p| p.insight.lesson().title).collect()
}

#[test]
fn odd_heavy_in_turns_is_equal_in_counts_and_unequal_in_work() {
    let mut world = World::new(Settings {
        speeds: vec![Speed(1000); 2],
        rate: Rate(60),
        ..settings(0, Sizes::OddHeavy)
    })
    .started();
    world.run_s(60);
    let told = titles(&world);
    for title in ["Equal counts, unequal work", "A worker hoards"] {
        assert!(told.contains(&title), "{title} in {told:?}");
    }
}

#[test]
fn with_prefetch_one_and_enough_work_shares_follow_speeds() {
    let mut world = World::new(settings(1, Sizes::Equal)).started();
    world.run_s(60);
    let told = titles(&world);
    // Two jobs a second of two dots each are more than three and a half dots a second.
    assert!(told.contains(&"More work than workers"), "{told:?}");
    world.command(Command::SetRate(Rate(150)));
    world.run_s(60);
    assert!(titles(&world).contains(&"Fair: shares follow speeds"), "{:?}", titles(&world));
}

#[test]
fn a_tray_that_dies_under_auto_ack_is_told_as_lost() {
    let mut world = World::new(Settings {
        ack: AckMode::Automatic,
        ..settings(5, Sizes::Equal)
    })
    .started();
    world.run_s(20);
    assert!(world.tells(Insight::PrefetchWithoutAcks(Prefetch(5))));
    let held = world.row(2).tray_len + u32::from(world.row(2).hand.is_some());
    world.kill(2, KillKind::Reset);
    world.run_us(10_000);
    let lost = Insight::LostWithWorker {
        worker: WorkerId(2),
        jobs: held,
    };
    assert_eq!(world.snapshot().insights.first().map(|p| p.insight), Some(lost));
}

#[test]
fn before_there_are_enough_jobs_there_is_no_verdict() {
    let mut world = World::new(settings(1, Sizes::Equal)).started();
    world.run_s(4);
    assert!(titles(&world).contains(&"Not enough data"), "{:?}", titles(&world));
}

#[test]
fn there_is_one_verdict_or_something_is_wrong() {
    let mut world = World::new(settings(0, Sizes::Random)).started();
    for second in 0..90 {
        match second {
            30 => world.kill(1, KillKind::Freeze),
            50 => world.command(Command::Produce(Producing::Held)),
            60 => world.command(Command::Revive(WorkerId(1))),
            _ => {}
        }
        world.run_s(1);
        let insights = world.snapshot().insights;
        let of = |is: fn(Severity) -> bool| insights.iter().filter(|p| is(p.insight.severity())).count();
        let trouble = of(|s| s <= Severity::Waste);
        let verdicts = of(|s| s == Severity::Verdict);
        assert!(
            if trouble > 0 { verdicts <= 1 } else { verdicts == 1 },
            "at {second} s: {insights:?}"
        );
    }
    assert_eq!(world.replayed(), *world.lab.ledger());
}
