//! The ready-made pairs, played on the small broker: what the numbers come to without any wire.

use super::super::command::{Command, Producing};
use super::super::contest::{Feed, Preset, Side};
use super::super::event::Happening;
use super::super::measure::{LabSpan, Measures, Meter, Thousandths};
use super::super::settings::{Settings, TimeScale};
use super::world::World;

fn played(settings: Settings, feed: Feed, jobs: u32) -> (World, Measures) {
    let mut meter = Meter::new(&settings);
    let mut world = World::new(settings).started();
    world.command(Command::Produce(Producing::Held));
    world.run_s(1);
    world.command(match feed {
        Feed::AtOnce => Command::Publish(jobs),
        Feed::AtRate => Command::PublishAtRate(jobs),
    });
    world.run_s(300);
    world.events.iter().for_each(|event| meter.note(event));
    let measures = meter.measures(world.snapshot().clock.now);
    (world, measures)
}

fn at_life_speed(settings: &Settings) -> Settings {
    Settings {
        scale: TimeScale(1_000),
        ..settings.clone()
    }
}

#[test]
fn round_robin_takes_five_thirds_of_the_ideal_and_fair_dispatch_the_ideal() {
    let plan = Preset::FairDispatch.plan();
    let [in_turn, fair] = Side::ALL.map(|side| {
        let settings = at_life_speed(&plan.sides[side.slot()]);
        played(settings, plan.feed, plan.jobs).1
    });
    assert_eq!((in_turn.done, fair.done), (40, 40));
    assert_eq!([in_turn.ideal, fair.ideal], [LabSpan(60_000_000); 2]);
    let ratio = |m: &Measures| m.ratio().expect("both are done").0;
    // Five seconds for each odd job, all of them W1's: 100 s against 60 s, and a millisecond for the wire.
    assert!((1667..1670).contains(&ratio(&in_turn)), "{in_turn:?}");
    assert!((1000..1010).contains(&ratio(&fair)), "{fair:?}");
    assert_eq!(in_turn.workers[0].busy, LabSpan(100_000_000));
    assert_eq!(in_turn.workers[1].busy, LabSpan(20_000_000));
    assert_eq!(in_turn.fairness, Some(Thousandths(692)));
    assert!(fair.fairness.is_some_and(|jain| jain.0 > 990));
}

#[test]
fn a_number_of_jobs_comes_at_the_rate_and_then_the_producer_holds() {
    let settings = at_life_speed(&Preset::FairDispatch.plan().sides[1]);
    let (world, measures) = played(settings, Feed::AtRate, 7);
    assert_eq!((measures.jobs, measures.done), (7, 7));
    let times: Vec<u64> = world
        .events
        .iter()
        .filter(|event| matches!(event.what, Happening::Published(_)))
        .map(|event| event.lab.0)
        .collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 500_000), "{times:?}");
    assert_eq!(world.snapshot().producer.producing, Producing::Held);
}

#[test]
fn a_wish_to_hold_or_to_go_on_ends_the_number() {
    let settings = at_life_speed(&Preset::FairDispatch.plan().sides[1]);
    let mut world = World::new(settings).started();
    world.command(Command::PublishAtRate(1000));
    world.run_s(2);
    world.command(Command::Produce(Producing::Held));
    world.run_s(5);
    let held = world.snapshot().books.published;
    assert!(held <= 5, "{held}");
    world.command(Command::Produce(Producing::On));
    world.run_s(2);
    world.command(Command::PublishAtRate(3));
    world.run_s(5);
    let after = world.snapshot().books.published;
    assert_eq!(after, held + 4 + 3, "two seconds at two a second, and three more");
}
