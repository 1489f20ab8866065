//! What a script does, and when.

use super::super::command::{Command, KillKind, Producing};
use super::super::event::{Change, Happening};
use super::super::ids::{LabTime, WorkerId};
use super::super::script::{Compare, Condition, Count, Cue, CueWhen, End, Hold, Over, Play, Script, WorkerCount};
use super::super::settings::{Arrivals, Delivery, Habit, Prefetch, Rate, Settings, Sizes, Speed, TimeScale, Workload};
use super::super::snapshot::Pace;
use super::world::World;

const S: u64 = 1_000_000;
const MINUTE: LabTime = LabTime(60 * S);

fn settings() -> Settings {
    Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(1),
        rate: Rate(100),
        workload: Workload {
            sizes: Sizes::OddHeavy,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    }
}

fn cue(when: CueWhen, does: &[Command]) -> Cue {
    Cue {
        name: "".into(),
        when,
        hold: Hold::No,
        does: does.to_vec(),
    }
}

fn asked(when: CueWhen, does: &[Command]) -> Cue {
    Cue {
        hold: Hold::Ask,
        ..cue(when, does)
    }
}

fn at(seconds: u64) -> CueWhen {
    CueWhen::At(LabTime(seconds * S))
}

fn when(what: Count, is: Compare, than: u32) -> CueWhen {
    CueWhen::When(Condition { what, is, than })
}

fn script(cues: Vec<Cue>) -> Script {
    Script {
        cues,
        end: End::Settled,
        limit: MINUTE,
    }
}

fn begun(script: Script) -> World {
    World::with_script(settings(), Some(script)).started()
}

/// When each cue came.
fn cued(world: &World) -> Vec<(u16, LabTime)> {
    let cued = world.events.iter().filter_map(|event| match event.what {
        Happening::Cued(n) => Some((n, event.lab)),
        _ => None,
    });
    cued.collect()
}

fn over(world: &World) -> Vec<(Over, LabTime)> {
    let over = world.events.iter().filter_map(|event| match event.what {
        Happening::Over(over) => Some((over, event.lab)),
        _ => None,
    });
    over.collect()
}

fn play(world: &World) -> Play {
    world.snapshot().play.expect("there is a script")
}

#[test]
fn producer_is_held_until_the_script_says_otherwise() {
    let mut world = begun(script(vec![cue(at(5), &[Command::Produce(Producing::On)])]));
    world.run_s(4);
    assert_eq!(world.snapshot().producer.published, 0);
    world.run_s(7);
    assert_eq!(world.snapshot().producer.published, 5, "one a second from then on");
}

#[test]
fn cues_come_at_their_exact_lab_times_however_seldom_the_driver_ticks() {
    let cues = || {
        vec![
            cue(at(0), &[Command::Publish(3)]),
            cue(CueWhen::After(LabTime(1_500_001)), &[Command::Publish(1)]),
            cue(at(1), &[Command::Publish(1)]),
            cue(at(7), &[Command::SetPrefetch(Prefetch(5))]),
        ]
    };
    let mut often = begun(script(cues()));
    let mut seldom = begun(script(cues()));
    (0..1000).for_each(|_| often.run_us(9_000));
    seldom.run_us(9_000_000);
    let times = [0, 1_500_001, 1_500_001, 7 * S].map(LabTime);
    assert_eq!(cued(&seldom), (0..).zip(times).collect::<Vec<_>>());
    assert_eq!(often.events, seldom.events);
}

#[test]
fn condition_is_seen_at_once_and_after_all_cues_before_it() {
    let killed = Command::Kill(WorkerId(2), KillKind::Reset);
    let held = |n| when(Count::Worker(WorkerId(2), WorkerCount::Held), Compare::AtLeast, n);
    let mut world = begun(script(vec![
        cue(at(0), &[Command::Publish(4)]),
        cue(held(1), &[killed]),
        cue(held(1), &[]),
        cue(at(3), &[Command::Revive(WorkerId(2))]),
    ]));
    world.run_s(2);
    let delivered = world
        .events
        .iter()
        .position(|e| matches!(&e.what, Happening::Delivered(w, _) if w.0 == 2));
    let came = world
        .events
        .iter()
        .position(|e| e.what == Happening::Cued(1))
        .expect("it came");
    assert!(delivered.expect("it got one") < came);
    assert_eq!(world.events[came].lab, world.events[came - 1].lab);
    assert_eq!(play(&world).next, 3, "the second kill found the same job still there");
    world.run_s(30);
    assert_eq!(cued(&world).last(), Some(&(3, LabTime(3 * S))));
    assert_eq!(over(&world).len(), 1);
    assert_eq!(world.snapshot().books.done, 4);
}

#[test]
fn what_was_true_before_the_cues_turn_makes_it_come_when_its_turn_is() {
    let mut world = begun(script(vec![
        cue(at(0), &[Command::Publish(1)]),
        cue(at(10), &[]),
        cue(when(Count::Done, Compare::Equal, 1), &[]),
    ]));
    world.run_s(11);
    assert_eq!(cued(&world).last(), Some(&(2, LabTime(10 * S))));
}

#[test]
fn question_stops_the_clock_at_the_cue_and_its_commands_wait_for_the_answer() {
    let mut world = begun(script(vec![
        cue(at(0), &[Command::Publish(1)]),
        asked(at(2), &[Command::Publish(2)]),
    ]));
    world.run_s(5);
    assert_eq!(
        play(&world),
        Play {
            next: 1,
            asked: Some(1),
            over: None
        }
    );
    assert_eq!(world.snapshot().clock.now, LabTime(2 * S));
    assert_eq!(world.snapshot().producer.published, 1);
    world.command(Command::Resume);
    assert_eq!(cued(&world)[1], (1, LabTime(2 * S)));
    assert_eq!(play(&world).asked, None);
    assert_eq!(world.snapshot().producer.published, 3);
    let paces = [Pace::Paused, Pace::Running].map(|pace| Happening::Changed(Change::Pace(pace)));
    assert!(paces.iter().all(|pace| world.happened(|h| h == pace) == 1));
}

#[test]
fn without_holds_nothing_stops() {
    let held = script(vec![asked(at(2), &[Command::Publish(2)])]);
    let mut world = begun(held.without_holds());
    world.run_s(3);
    assert_eq!(cued(&world), [(0, LabTime(2 * S))]);
}

#[test]
fn while_paused_only_a_step_makes_a_cue_come() {
    let mut world = begun(script(vec![
        cue(at(3), &[Command::Publish(1)]),
        asked(when(Count::Published, Compare::Equal, 1), &[Command::Publish(1)]),
    ]));
    world.run_s(1);
    world.command(Command::Pause);
    world.run_s(10);
    assert_eq!(cued(&world), []);
    world.command(Command::Step);
    assert_eq!(cued(&world), [(0, LabTime(3 * S))]);
    assert_eq!(play(&world).asked, None, "the next waits for its own step");
    world.command(Command::Step);
    assert_eq!(play(&world).asked, Some(1));
    world.command(Command::Step);
    assert_eq!(cued(&world), [(0, LabTime(3 * S)), (1, LabTime(3 * S))]);
}

#[test]
fn run_is_over_once_when_all_is_settled() {
    let mut world = begun(script(vec![cue(at(1), &[Command::PublishAtRate(4)])]));
    world.run_s(40);
    let [(Over::Reached, end)] = over(&world)[..] else {
        panic!("{:?}", over(&world));
    };
    let last = world
        .events
        .iter()
        .rfind(|e| matches!(e.what, Happening::Acked(..)))
        .expect("one was acked");
    assert_eq!(end, last.lab);
    assert_eq!(world.snapshot().books.done, 4);
    assert_eq!(play(&world).over, Some(Over::Reached));
}

#[test]
fn an_unacked_job_or_a_broker_that_is_down_is_not_settled() {
    let forgets = Command::SetHabit(WorkerId(1), Habit::Forgets);
    let down = Command::Broker(super::super::command::BrokerCommand::Kill);
    for does in [[forgets, Command::Publish(1)], [Command::Publish(0), down]] {
        let mut world = begun(script(vec![cue(at(0), &does)]));
        world.run_s(59);
        assert_eq!(over(&world), [], "{does:?}");
        world.run_s(2);
        assert_eq!(over(&world), [(Over::OutOfTime, MINUTE)], "{does:?}");
    }
}

#[test]
fn each_end_is_reached_at_its_moment() {
    let twenty = Condition {
        what: Count::Published,
        is: Compare::AtLeast,
        than: 20,
    };
    for (end, over_at) in [
        (End::At(LabTime(8 * S)), 8 * S),
        (End::At(LabTime(S)), 5 * S),
        (End::After(LabTime(S / 2)), 11 * S / 2),
        (End::When(twenty), 25 * S),
    ] {
        let script = Script {
            end,
            ..script(vec![cue(at(5), &[Command::PublishAtRate(30)])])
        };
        let mut world = begun(script);
        world.run_s(40);
        assert_eq!(over(&world), [(Over::Reached, LabTime(over_at))], "{end:?}");
    }
}

#[test]
fn cue_that_never_comes_runs_out_of_time() {
    let mut world = begun(script(vec![
        cue(when(Count::Lost, Compare::More, 0), &[Command::Publish(1)]),
        cue(at(0), &[Command::Publish(1)]),
    ]));
    world.run_s(90);
    assert_eq!(over(&world), [(Over::OutOfTime, MINUTE)]);
    assert_eq!(cued(&world), []);
}

#[test]
fn declined_command_is_told_at_the_moment_of_its_cue() {
    let mut world = begun(script(vec![cue(at(1), &[Command::SetSpeed(WorkerId(9), Speed(1000))])]));
    world.run_s(2);
    let came = world
        .events
        .iter()
        .position(|e| e.what == Happening::Cued(0))
        .expect("it came");
    let next = &world.events[came + 1];
    assert!(matches!(next.what, Happening::Declined(_)), "{next:?}");
    assert_eq!((next.at, next.lab), (world.events[came].at, world.events[came].lab));
}

#[test]
fn reset_plays_it_again_from_the_beginning() {
    let mut world = begun(script(vec![
        cue(at(0), &[Command::Publish(4), Command::AddWorker(Speed(500))]),
        cue(
            at(1),
            &[
                Command::SetPrefetch(Prefetch(7)),
                Command::SetHabit(WorkerId(1), Habit::Rejects),
                Command::Produce(Producing::On),
            ],
        ),
    ]));
    world.command(Command::SetScale(TimeScale(2000)));
    world.run_s(3);
    let first = cued(&world);
    world.command(Command::Reset);
    world.run_us(100_000);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.settings.prefetch, Prefetch(1), "what the script changed");
    assert_eq!(snapshot.settings.scale, TimeScale(2000), "what a person changed");
    assert_eq!(snapshot.producer.producing, Producing::Held);
    assert_eq!(snapshot.workers.len(), 3, "two of the beginning, and the one that came");
    assert!(snapshot.workers.iter().all(|w| w.habit == Habit::Acks));
    world.run_s(3);
    assert_eq!(cued(&world), [first.clone(), first].concat());
}

#[test]
fn replayed_events_give_the_same_books() {
    let mut world = begun(script(vec![
        cue(at(0), &[Command::Publish(9)]),
        asked(at(2), &[Command::Kill(WorkerId(1), KillKind::CloseChannel)]),
    ]));
    world.run_s(3);
    world.command(Command::Resume);
    world.run_s(40);
    assert_eq!(world.replayed(), *world.lab.ledger());
}

/// How each job was sent.
fn sent(world: &World) -> Vec<Delivery> {
    let sent = world.events.iter().filter_map(|event| match &event.what {
        Happening::Published(p) => Some(p.delivery),
        _ => None,
    });
    sent.collect()
}

#[test]
fn what_a_cue_does_is_done_in_its_order_however_many_jobs_are_published() {
    for n in [3, 2500] {
        let transient = Command::SetMessages(Delivery::Transient);
        let mut world = begun(script(vec![
            cue(at(1), &[Command::Publish(n), transient, Command::Publish(n)]),
            cue(at(1), &[Command::SetMessages(Delivery::Persistent)]),
        ]));
        world.run_s(2);
        let n = usize::try_from(n).expect("it is small");
        let told = sent(&world);
        assert_eq!(told.len(), 2 * n);
        assert!(told[..n].iter().all(|delivery| *delivery == Delivery::Persistent));
        assert!(told[n..].iter().all(|delivery| *delivery == Delivery::Transient));
        let place = |what: &Happening| world.events.iter().position(|event| event.what == *what);
        let last = world
            .events
            .iter()
            .rposition(|e| matches!(e.what, Happening::Published(_)));
        assert!(
            place(&Happening::Cued(1)) > last,
            "all is sent before the next cue comes"
        );
        assert_eq!(cued(&world), [(0, LabTime(S)), (1, LabTime(S))]);
    }
}

#[test]
fn burst_on_command_is_of_the_kind_that_was_set_then() {
    let mut world = World::new(settings()).started();
    world.command(Command::Produce(Producing::Held));
    world.run_us(1_000);
    world.command(Command::Publish(2500));
    world.command(Command::SetMessages(Delivery::Transient));
    world.command(Command::Publish(2));
    world.run_s(1);
    let transient = sent(&world)
        .iter()
        .filter(|delivery| **delivery == Delivery::Transient)
        .count();
    assert_eq!(transient, 2);
}

#[test]
fn jobs_at_the_rate_are_added_to_those_that_are_still_to_come() {
    let five = [Command::PublishAtRate(5)];
    let mut world = begun(script(vec![cue(at(0), &five), cue(at(2), &five)]));
    world.run_s(30);
    assert_eq!(world.snapshot().producer.published, 10);
    assert_eq!(world.snapshot().producer.producing, Producing::Held);
}

#[test]
fn script_is_out_of_time_when_there_is_no_room_for_more_jobs() {
    let mut world = begun(Script {
        end: End::At(MINUTE),
        ..script(vec![cue(at(0), &[Command::Produce(Producing::On)])])
    });
    world.lab.room.jobs = 5;
    world.run_s(20);
    assert_eq!(over(&world), [(Over::OutOfTime, LabTime(6 * S))]);
}
