//! Durable queue × persistent message: what a broker's end leaves, and how well that is known.

use super::super::command::{BrokerCommand, Command, Producing};
use super::super::event::{Entry, Happening};
use super::super::ids::JobId;
use super::super::matrix::{Ending, Matrix, MatrixCell, Moment};
use super::super::settings::{AckMode, Confirms, Delivery, Prefetch, QueueKind, Settings, Speed, Version};
use super::super::snapshot::{Balance, BrokerState, Figure};
use super::super::wire::{Seen, Survivors};
use super::world::{Manner, World};

/// Two workers on the durable queue, and a producer that publishes on command.
fn world(manner: Manner) -> World {
    let mut world = World::new(Settings {
        speeds: vec![Speed(1000); 2],
        prefetch: Prefetch(1),
        ..Settings::default()
    });
    world.manner = manner;
    let mut world = world.started();
    world.command(Command::Produce(Producing::Held));
    world.run_us(100_000);
    world
}

fn end_and_start(world: &mut World, how: BrokerCommand) {
    world.command(Command::Broker(how));
    world.run_us(100_000);
    world.command(Command::Broker(BrokerCommand::Start));
    world.run_us(100_000);
}

fn matrix(world: &World) -> Matrix {
    world.snapshot().matrix
}

const fn cell(published: u32, survived: Figure, lost: Figure, confirmed_lost: u32) -> MatrixCell {
    MatrixCell {
        published,
        confirmed: published,
        unasked: 0,
        survived,
        lost,
        confirmed_lost,
        again: 0,
    }
}

#[test]
fn of_a_sample_only_persistent_messages_in_a_durable_queue_survive() {
    for (how, ending) in [
        (BrokerCommand::Kill, Ending::Killed),
        (BrokerCommand::Stop, Ending::Stopped),
    ] {
        for (manner, figure) in [
            (Manner::Open, Figure::Exact as fn(u64) -> Figure),
            (Manner::Closed, Figure::Estimated),
        ] {
            let mut world = world(manner);
            assert_eq!(matrix(&world).moment, Moment::Running);
            world.command(Command::PublishSample(5));
            world.run_us(100_000);
            assert_eq!(world.snapshot().at_stake, [[5, 5], [5, 5]]);
            world.command(Command::Broker(how));
            world.run_us(100_000);
            let down = matrix(&world);
            assert!(matches!(down.moment, Moment::Down(it, _) if it == ending), "{down:?}");
            assert!(
                down.all()
                    .all(|c| (c.published, c.confirmed, c.survived) == (5, 5, Figure::Unknown)),
                "{down:?}"
            );
            world.command(Command::Broker(BrokerCommand::Start));
            world.run_us(100_000);
            let kept = cell(5, figure(5), figure(0), 0);
            let gone = cell(5, figure(0), figure(5), 5);
            assert_eq!(matrix(&world).cells, [[kept, gone], [gone, gone]], "{how:?} {manner:?}");
            assert!(matches!(matrix(&world).moment, Moment::Back(it, _) if it == ending));
            world.run_s(60);
            let books = world.snapshot().books;
            assert_eq!(
                (books.done, books.lost, books.balance),
                (5, 15, Balance::Balanced),
                "{how:?}"
            );
            assert_eq!(world.replayed(), *world.lab.ledger());
        }
    }
}

#[test]
fn new_sample_is_a_new_question() {
    let mut world = world(Manner::Open);
    world.command(Command::CrashTest(1));
    world.run_s(3);
    assert!(matches!(matrix(&world).moment, Moment::Back(..)));
    world.command(Command::PublishSample(2));
    assert_eq!(matrix(&world).moment, Moment::Running);
    assert_eq!(
        matrix(&world).cell(QueueKind::Transient, Delivery::Transient).published,
        2
    );
}

#[test]
fn what_was_done_before_the_end_was_not_at_stake() {
    let mut world = world(Manner::Open);
    world.command(Command::PublishSample(2));
    world.run_s(4);
    let done = world.snapshot().books.done;
    assert_eq!(done, 2);
    end_and_start(&mut world, BrokerCommand::Kill);
    let durable = matrix(&world).cells[0];
    assert_eq!(durable[0].published + durable[1].published, 4 - done);
    assert!(durable.iter().all(|c| c.confirmed == c.published), "{durable:?}");
}

#[test]
fn jobs_without_confirms_are_told_apart() {
    let mut world = world(Manner::Open);
    world.command(Command::Publish(3));
    world.run_us(100_000);
    end_and_start(&mut world, BrokerCommand::Kill);
    let cell = *matrix(&world).cell(QueueKind::Durable, Delivery::Persistent);
    assert_eq!((cell.published, cell.confirmed, cell.unasked), (3, 0, 3));
    assert_eq!((cell.survived, cell.confirmed_lost), (Figure::Exact(3), 0));
}

#[test]
fn jobs_acked_on_sending_were_not_the_brokers_to_keep() {
    let mut world = world(Manner::Open);
    world.command(Command::SetAck(AckMode::Automatic));
    world.run_us(100_000);
    world.command(Command::Publish(6));
    world.run_us(100_000);
    end_and_start(&mut world, BrokerCommand::Kill);
    assert!(matrix(&world).all().all(|c| c.published == 0), "{:?}", matrix(&world));
    assert_eq!(world.snapshot().books.lost, 6);
}

#[test]
fn forgotten_acks_are_counted_beside_what_was_at_stake() {
    let mut world = world(Manner::Open);
    world.command(Command::PublishSample(1));
    world.run_s(4);
    assert_eq!(world.snapshot().books.done, 2);
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_us(100_000);
    world.feed_seen(Seen::BrokerUp(Survivors::Known(vec![JobId(1)])));
    let cell = *matrix(&world).cell(QueueKind::Durable, Delivery::Persistent);
    assert_eq!((cell.published, cell.survived, cell.again), (0, Figure::Exact(0), 1));
}

#[test]
fn brokers_figures_tell_what_its_absence_cost() {
    let unknown = |n| MatrixCell {
        survived: Figure::Unknown,
        lost: Figure::Unknown,
        ..cell(n, Figure::Unknown, Figure::Unknown, 0)
    };
    let kept = |n: u32| cell(n, Figure::Estimated(n.into()), Figure::Estimated(0), 0);
    let gone = |n: u32| cell(n, Figure::Estimated(0), Figure::Estimated(n.into()), n);
    let rows = [
        ([Some(6), Some(6)], [[kept(3), kept(3)], [kept(3), kept(3)]], 0),
        ([Some(9), Some(6)], [[kept(3), kept(3)], [kept(3), kept(3)]], 0),
        ([Some(3), Some(0)], [[kept(3), gone(3)], [gone(3), gone(3)]], 9),
        ([Some(3), None], [[kept(3), gone(3)], [unknown(3), unknown(3)]], 3),
        (
            [Some(2), Some(1)],
            [[unknown(3), unknown(3)], [unknown(3), unknown(3)]],
            0,
        ),
        ([None, None], [[unknown(3), unknown(3)], [unknown(3), unknown(3)]], 0),
    ];
    for (counts, cells, lost) in rows {
        let mut world = world(Manner::Closed);
        world.command(Command::PublishSample(3));
        world.run_us(100_000);
        world.feed_seen(Seen::BrokerDown("no answer".into()));
        world.feed_seen(Seen::BrokerUp(Survivors::Counted(counts)));
        let matrix = matrix(&world);
        assert_eq!(matrix.cells, cells, "{counts:?}");
        assert!(matches!(matrix.moment, Moment::Back(Ending::Away, _)), "{matrix:?}");
        assert_eq!(world.snapshot().books.lost, lost, "{counts:?}");
    }
}

#[test]
fn sample_is_refused_without_a_producer_and_switches_confirms_on() {
    let mut world = world(Manner::Open);
    assert_eq!(world.snapshot().settings.confirms, Confirms::Off);
    world.command(Command::PublishSample(u32::MAX));
    assert_eq!(world.snapshot().settings.confirms, Confirms::On);
    assert_eq!(world.snapshot().books.published, 400);
    world.feed_seen(Seen::ProducerDown("gone".into()));
    for command in [Command::PublishSample(5), Command::CrashTest(5)] {
        world.command(command);
        let why = "the producer is not connected: nothing was published";
        assert_eq!(world.log().last(), Some(&Entry::Declined(why.into())));
    }
    assert_eq!(world.snapshot().books.published, 400);
}

#[test]
fn crash_test_kills_once_all_is_confirmed_and_starts_again() {
    let mut world = world(Manner::Open);
    world.command(Command::CrashTest(5));
    assert_eq!(world.snapshot().broker.state, BrokerState::Up);
    world.run_us(200_000);
    assert_eq!(world.snapshot().broker.state, BrokerState::Ended, "all was confirmed");
    world.run_s(2);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.broker.state, BrokerState::Up);
    let lost: Vec<u32> = snapshot.matrix.all().map(|c| c.confirmed_lost).collect();
    assert_eq!(lost, [0, 5, 5, 5]);
    assert_eq!(world.happened(|h| matches!(h, Happening::BrokerUp(_))), 1);
    assert_eq!(world.replayed(), *world.lab.ledger());
}

#[test]
fn whoever_interferes_with_a_crash_test_has_the_broker() {
    let mut world = world(Manner::Open);
    world.command(Command::CrashTest(1));
    world.command(Command::Broker(BrokerCommand::Stop));
    world.run_s(10);
    assert_eq!(world.snapshot().broker.state, BrokerState::Ended);
    assert!(matches!(matrix(&world).moment, Moment::Down(Ending::Stopped, _)));
}

#[test]
fn another_version_is_an_orderly_stop_and_a_start() {
    let mut world = world(Manner::Open);
    world.command(Command::Publish(4));
    world.run_us(100_000);
    world.command(Command::SetVersion(Version::V4_3));
    assert_eq!(
        world.snapshot().broker.version,
        Some(Version::V4_0),
        "it still runs as it did"
    );
    world.run_us(100_000);
    assert_eq!(world.snapshot().broker.state, BrokerState::Ended);
    world.run_s(30);
    let snapshot = world.snapshot();
    assert_eq!(
        (snapshot.broker.state, snapshot.broker.version),
        (BrokerState::Up, Some(Version::V4_3))
    );
    assert_eq!((snapshot.books.done, snapshot.books.lost), (4, 0));
    assert!(matches!(snapshot.matrix.moment, Moment::Back(Ending::Stopped, _)));
    world.command(Command::SetVersion(Version::V4_3));
    let why = "the broker is as RabbitMQ 4.3 already";
    assert_eq!(world.log().last(), Some(&Entry::Declined(why.into())));
    world.command(Command::Broker(BrokerCommand::Kill));
    world.run_us(100_000);
    world.command(Command::SetVersion(Version::V3_10));
    world.run_s(5);
    let broker = world.snapshot().broker;
    assert_eq!(
        (broker.state, broker.version),
        (BrokerState::Ended, Some(Version::V3_10)),
        "a broker that is down stays so"
    );
}
