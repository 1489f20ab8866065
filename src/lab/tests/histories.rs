//! Random histories: the books balance after each step, and a replay of the events gives the same books.

use super::super::command::{BrokerCommand, Command, KillKind, Producing};
use super::super::event::Event;
use super::super::ids::WorkerId;
use super::super::settings::{
    AckMode, Arrivals, Confirms, Delivery, Habit, Latency, LineQuality, Prefetch, QueueKind, Rate, Settings, Sizes,
    Speed, TimeScale, Workload,
};
use super::super::snapshot::{Balance, BrokerRow, BrokerState};
use super::world::{Manner, World};
use proptest::prelude::*;

/// Something a person or the world does.
#[derive(Clone, Debug)]
enum Deed {
    Wish(Command),
    BreakLine(u16),
    Race(bool),
}

fn worker() -> impl Strategy<Value = WorkerId> {
    (1..5_u16).prop_map(WorkerId)
}

/// Runs of a lab: the settings and the broker at the beginning, and all events.
pub(in super::super) fn runs() -> impl Strategy<Value = (Settings, BrokerRow, Vec<Event>)> {
    (history(), prop::collection::vec(1..20_000_u64, 1..7)).prop_map(|(history, delays)| {
        let world = play(history, delays, Manner::Open);
        let (settings, broker) = world.beginning();
        (settings, broker, world.events)
    })
}

fn settings_wish() -> impl Strategy<Value = Command> {
    prop_oneof![
        prop::sample::select(vec![0, 1, 2, 5]).prop_map(|p| Command::SetPrefetch(Prefetch(p))),
        prop::sample::select(vec![AckMode::Manual, AckMode::Automatic]).prop_map(Command::SetAck),
        prop::sample::select(QueueKind::ALL.to_vec()).prop_map(Command::SetQueue),
        prop::sample::select(vec![Delivery::Persistent, Delivery::Transient]).prop_map(Command::SetMessages),
        prop::sample::select(vec![Confirms::On, Confirms::Off]).prop_map(Command::SetConfirms),
        (1..500_u32).prop_map(|r| Command::SetRate(Rate(r))),
        (
            prop::sample::select(Sizes::ALL.to_vec()),
            prop::sample::select(Arrivals::ALL.to_vec())
        )
            .prop_map(|(sizes, arrivals)| Command::SetWorkload(Workload { sizes, arrivals })),
        (worker(), 100..10_000_u32).prop_map(|(w, s)| Command::SetSpeed(w, Speed(s))),
        (100..10_000_u32).prop_map(|s| Command::SetScale(TimeScale(s))),
    ]
}

fn wish() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => settings_wish(),
        4 => (worker(), prop::sample::select(KillKind::ALL.to_vec())).prop_map(|(w, k)| Command::Kill(w, k)),
        4 => worker().prop_map(Command::Revive),
        3 => (worker(), prop::sample::select(Habit::ALL.to_vec())).prop_map(|(w, h)| Command::SetHabit(w, h)),
        1 => (0..500_u16).prop_map(|ms| {
            Command::SetLine(LineQuality { latency: Latency(ms), ..LineQuality::default() })
        }),
        2 => (1..12_u32).prop_map(Command::Publish),
        1 => prop::sample::select(vec![Producing::On, Producing::Held]).prop_map(Command::Produce),
        1 => Just(Command::AddWorker(Speed(1500))),
        1 => worker().prop_map(Command::RemoveWorker),
        1 => prop::sample::select(vec![Command::Pause, Command::Resume, Command::Step, Command::Resume]),
        2 => prop::sample::select(vec![BrokerCommand::Kill, BrokerCommand::Start, BrokerCommand::Start])
            .prop_map(Command::Broker),
        1 => Just(Command::Reset),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        12 => wish().prop_map(Deed::Wish),
        1 => (1..5_u16).prop_map(Deed::BreakLine),
        1 => any::<bool>().prop_map(Deed::Race),
    ]
}

/// Deeds with the microseconds after each.
fn history() -> impl Strategy<Value = Vec<(Deed, u64)>> {
    let pause = prop::sample::select(vec![0, 100, 700, 5_000, 300_000, 2_000_000]);
    prop::collection::vec((deed(), pause), 1..40)
}

fn play(history: Vec<(Deed, u64)>, delays: Vec<u64>, manner: Manner) -> World {
    let mut world = World::new(Settings::default()).with_delays(delays);
    world.manner = manner;
    let mut world = world.started();
    for (deed, pause) in history {
        match deed {
            Deed::Wish(command) => world.command(command),
            Deed::BreakLine(worker) => world.break_line(worker),
            Deed::Race(racing) => world.racing = racing,
        }
        world.run_us(pause);
    }
    world
}

/// Everything is brought back and the producer held; then nothing may be left over.
fn settle(world: &mut World) {
    world.run_s(1);
    world.command(Command::Produce(Producing::Held));
    world.command(Command::Resume);
    world.command(Command::SetScale(TimeScale(10_000)));
    world.run_s(1);
    if world.snapshot().broker.state != BrokerState::Up {
        world.command(Command::Broker(BrokerCommand::Start));
        world.run_s(1);
    }
    world.command(Command::SetQueue(QueueKind::Durable));
    let workers: Vec<WorkerId> = world.snapshot().workers.iter().map(|w| w.id).collect();
    for id in workers {
        world.command(Command::Revive(id));
        world.command(Command::SetHabit(id, Habit::Acks));
        world.command(Command::SetSpeed(id, Speed(10_000)));
        // What was forgotten fills the prefetch until its channel ends; the last worker would take nothing more.
        if world.lab.ledger().worker(id).is_some_and(|w| !w.unheard.is_empty()) {
            world.break_line(id.0);
        }
    }
    world.run_s(60);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// `World` checks the books against a recount after every step; here the rest.
    #[test]
    fn books_balance_whatever_happens(
        history in history(),
        delays in prop::collection::vec(1..20_000_u64, 1..7),
    ) {
        let mut world = play(history, delays, Manner::Open);
        prop_assert_eq!(&world.replayed(), world.lab.ledger());
        settle(&mut world);
        let snapshot = world.snapshot();
        let books = snapshot.books;
        prop_assert_eq!(books.balance, Balance::Balanced, "{:?}", books);
        prop_assert_eq!(books.tray + books.hand, 0, "{:?}", books);
        prop_assert_eq!(books.waiting, snapshot.elsewhere);
        prop_assert_eq!(books.published, books.done + books.waiting + books.lost + books.returned + books.dead);
    }

    /// A broker that tells nothing: what clients can't know may differ, but nothing breaks and nobody is stuck.
    #[test]
    fn lab_lives_with_a_broker_that_tells_nothing(
        history in history(),
        delays in prop::collection::vec(1..20_000_u64, 1..7),
    ) {
        let mut world = play(history, delays, Manner::Closed);
        settle(&mut world);
        let books = world.snapshot().books;
        prop_assert_eq!(books.tray + books.hand, 0, "{:?}", books);
        prop_assert_eq!(&world.replayed(), world.lab.ledger());
    }
}
