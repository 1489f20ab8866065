//! The memory limit.

use super::{World, connection_close_ok, consume, header, open, open_channel, publish, setup, start_ok, tune_ok};
use crate::broker::core::{Input, Tuning};
use crate::broker::dispatch::{ConnectionId, Millis};
use crate::broker::protocol::connection::Peer;
use crate::broker::protocol::{Frame, Incoming, Output, Publish, Reading};
use amq_protocol::protocol::{AMQPClass, basic, tx};

/// The memory that everyone has in these tests unless it is taken away.
const MUCH: u64 = 1 << 30;

fn limit(bytes: u64) -> Input {
    Input::Tuned(Tuning {
        memory_limit: bytes,
        ..setup().tuning
    })
}

/// A publisher and a consumer of `q`.
fn two() -> (World, ConnectionId, ConnectionId) {
    let mut world = World::new();
    let (publisher, consumer) = (world.client(), world.client());
    world.queue(publisher, "q");
    world.send(consumer, 1, consume("q", "t"));
    (world, publisher, consumer)
}

/// A connection with a heartbeat of two seconds.
fn beating(world: &mut World) -> ConnectionId {
    let id = world.accept(Peer::Loopback);
    let frames = vec![
        super::PROTOCOL,
        start_ok("PLAIN", "\0guest\0guest", true),
        tune_ok(10, 8192, 2),
        open("/"),
    ];
    world.send_all(id, 0, frames);
    world.send(id, 1, open_channel());
    id
}

#[test]
fn publisher_is_blocked_at_its_first_publish_and_goes_on_when_there_is_room() {
    let (mut world, publisher, consumer) = two();
    world.send_all(publisher, 1, publish("q", "before"));
    assert_eq!(world.tell(limit(1)), [""; 0]);
    assert_eq!(world.send(consumer, 1, super::ack(1)), [""; 0]);
    assert_eq!(
        world.send_all(publisher, 1, publish("q", "a")),
        ["1/0 Connection.Blocked", "1 is not read"]
    );
    assert_eq!(world.send_all(publisher, 1, publish("q", "b")), [""; 0]);
    assert_eq!(world.wait(), [""; 0], "there is no room yet");
    assert_eq!(world.tell(limit(MUCH)), [""; 0]);
    let answers = [
        "1/0 Connection.Unblocked",
        "1 is read later",
        "1 is read",
        "2/1 deliver 2 a",
        "2/1 deliver 3 b",
    ];
    assert_eq!(world.wait(), answers);
    assert_eq!(world.broker.next_deadline(), None);
}

#[test]
fn frames_wait_while_too_much_was_said_to_answer_more() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send_all(id, 1, publish("q", &"x".repeat(1_000_000)));
    let get = basic::AMQPMethod::Get(basic::Get {
        queue: "q".into(),
        no_ack: false,
    });
    let requests = (1..=10).flat_map(|tag| {
        let reject = basic::AMQPMethod::Reject(basic::Reject {
            delivery_tag: tag,
            requeue: true,
        });
        [get.clone().into(), reject.into()].map(|frame| Incoming { channel: 1, frame })
    });
    let mut input = Input::Frames(id, requests.collect());
    let mut answers = Vec::new();
    loop {
        let out = world.tell_only(input);
        let said = out.iter().filter(|output| matches!(output, Output::Send(..))).count();
        answers.push(said);
        if !out.contains(&Output::Reading(id, Reading::WhenWritten)) {
            break;
        }
        // What comes meanwhile waits behind it.
        assert_eq!(world.send(id, 1, Frame::Heartbeat), [""; 0]);
        input = Input::Drained(id);
    }
    assert_eq!(
        answers,
        [5, 5, 0],
        "4 MiB in a turn, and the message with which they are full"
    );
}

#[test]
fn client_that_can_not_hear_it_is_blocked_in_silence() {
    let mut world = World::new();
    let id = world.accept(Peer::Loopback);
    let frames = vec![
        super::PROTOCOL,
        start_ok("PLAIN", "\0guest\0guest", false),
        tune_ok(10, 8192, 0),
        open("/"),
    ];
    world.send_all(id, 0, frames);
    world.send(id, 1, open_channel());
    world.tell(limit(1));
    assert_eq!(world.send_all(id, 1, publish("q", "a")), ["1 is not read"]);
    world.tell(limit(MUCH));
    assert_eq!(world.wait(), ["1 is read later", "1 is read"]);
}

#[test]
fn blocked_client_is_not_dropped_for_its_silence() {
    let mut world = World::new();
    let id = beating(&mut world);
    world.tell(limit(1));
    world.send_all(id, 1, publish("q", "a"));
    let mut seen = Vec::new();
    while world.now < Millis(60_000) {
        seen.extend(world.wait());
    }
    assert!(seen.iter().all(|line| line == "1/0 heartbeat"), "{seen:?}");
    world.tell(limit(MUCH));
    while seen.last().is_none_or(|line| line != "1 dropped") {
        seen.extend(world.wait());
    }
    assert!(world.now <= Millis(60_000 + 6_250));
}

#[test]
fn blocked_client_hears_of_the_shutdown_and_is_heard() {
    let (mut world, publisher, _) = two();
    world.tell(limit(1));
    world.send_all(publisher, 1, publish("q", "a"));
    let told = world.tell(Input::ShutDown);
    assert!(told.contains(&"1 is read".to_owned()), "{told:?}");
    assert_eq!(world.send(publisher, 0, connection_close_ok()), ["1 closed"]);
}

#[test]
fn everything_that_is_held_counts_until_it_is_gone() {
    const SIZE: usize = 10_000;
    let body = "x".repeat(SIZE);
    let unfinished = || {
        let publish = Publish {
            exchange: "".into(),
            routing_key: "q".into(),
            mandatory: false,
            immediate: false,
        };
        let body = Frame::Body(body.as_bytes().into());
        vec![Frame::Publish(publish), header(60, 2 * SIZE as u64, &[0, 0]), body]
    };
    let select: Frame = AMQPClass::Tx(tx::AMQPMethod::Select(tx::Select {})).into();
    let uncommitted = [vec![select], publish("nowhere", &body)].concat();
    for (what, frames) in [
        ("ready", publish("q", &body)),
        ("unfinished", unfinished()),
        ("uncommitted", uncommitted),
    ] {
        let mut world = World::new();
        let (id, keeper) = (world.client(), world.client());
        world.queue(keeper, "q");
        let before = world.broker.gauge().held();
        world.send_all(id, 1, frames);
        let held = world.broker.gauge().held() - before;
        assert!((SIZE as u64..SIZE as u64 + 1000).contains(&held), "{what}: {held}");
        world.tell(Input::Lost(id));
        let purge = amq_protocol::protocol::queue::Purge {
            queue: "q".into(),
            nowait: false,
        };
        world.send(keeper, 1, amq_protocol::protocol::queue::AMQPMethod::Purge(purge));
        world.tell(Input::Lost(keeper));
        assert_eq!(world.broker.gauge().held(), 0, "{what}");
    }
}

#[test]
fn message_counts_once_however_many_queues_share_it() {
    let mut world = World::new();
    let id = world.client();
    for name in ["a", "b", "c"] {
        world.queue(id, name);
        let bind = amq_protocol::protocol::queue::Bind {
            queue: name.into(),
            exchange: "amq.fanout".into(),
            ..amq_protocol::protocol::queue::Bind::default()
        };
        world.send(id, 1, amq_protocol::protocol::queue::AMQPMethod::Bind(bind));
    }
    let before = world.broker.gauge().held();
    world.send_all(
        id,
        1,
        super::message("amq.fanout", "", &"x".repeat(10_000), &[0, 0], false),
    );
    let held = world.broker.gauge().held() - before;
    assert!((10_000..11_000).contains(&held), "{held}");
}
