//! From the first bytes to open, and the end of a connection.

use super::{PROTOCOL, Peer, World, connection_close_ok, open, open_channel, start_ok, tune_ok};
use crate::broker::core::Input;
use crate::broker::dispatch::{ConnectionId, Like};
use crate::broker::protocol::{Frame, Incoming, Output, Reply};
use amq_protocol::protocol::{AMQPClass, connection};
use amq_protocol::types::AMQPValue;

#[test]
fn everything_may_be_sent_at_once() {
    let mut world = World::new();
    let id = world.accept(Peer::Loopback);
    let frames = vec![
        PROTOCOL,
        start_ok("PLAIN", "\0guest\0guest", true),
        tune_ok(2047, 8192, 0),
        open("/"),
    ];
    assert_eq!(
        world.send_all(id, 0, frames),
        [
            "1/0 Connection.Start",
            "1/0 Connection.Tune",
            "1 frame_max 8192",
            "1/0 Connection.OpenOk",
        ]
    );
    assert_eq!(world.send(id, 1, open_channel()), ["1/1 Channel.OpenOk"]);
    assert_eq!(world.broker.next_deadline(), None);
}

#[test]
fn foreign_protocol_gets_our_header_and_is_closed() {
    let (old, new) = (*b"AMQP\x00\x00\x09\x01", *b"AMQP\x03\x01\x00\x00");
    let rows = [
        (Like::V3_10, *b"GET / HT", old),
        (Like::V3_10, *b"AMQP\x00\x01\x00\x00", old),
        (Like::V4_0, *b"GET / HT", new),
        (Like::V4_0, *b"AMQP\x01\x01\x08\x00", new),
        (Like::V4_0, *b"AMQP\x00\x00\x09\x00", old),
        (Like::V4_3, *b"AMQP\x00\x01\x00\x00", new),
        (Like::V4_3, new, old),
    ];
    for (like, header, answer) in rows {
        let mut world = World::like(like);
        let id = world.accept(Peer::Loopback);
        assert_eq!(
            world.send(id, 0, Frame::ProtocolHeader(header)),
            [format!("1/header {answer:?}"), "1 closed".to_owned()],
            "{like:?} {header:?}"
        );
    }
}

#[test]
fn amqp_0_9_counts_as_0_9_1() {
    let mut world = World::new();
    let id = world.accept(Peer::Loopback);
    let header = Frame::ProtocolHeader(*b"AMQP\x01\x01\x00\x09");
    assert_eq!(world.send(id, 0, header), ["1/0 Connection.Start"]);
}

#[test]
fn start_tells_the_version_and_how_to_log_in() {
    let rows = [
        (Like::V3_10, "3.10.8", "PLAIN AMQPLAIN"),
        (Like::V4_0, "4.0.5", "PLAIN AMQPLAIN ANONYMOUS"),
        (Like::V4_3, "4.3.6", "PLAIN AMQPLAIN ANONYMOUS"),
    ];
    for (like, version, mechanisms) in rows {
        let mut world = World::like(like);
        let id = world.accept(Peer::Loopback);
        let mut out = Vec::new();
        let frames = vec![Incoming {
            channel: 0,
            frame: PROTOCOL,
        }];
        world.broker.handle(world.now, Input::Frames(id, frames), &mut out);
        let [Output::Send(_, Reply::Method(0, method))] = &out[..] else {
            panic!("{out:?}");
        };
        let AMQPClass::Connection(connection::AMQPMethod::Start(start)) = &**method else {
            panic!("{method:?}");
        };
        assert_eq!(start.mechanisms.to_string(), mechanisms);
        let told = start.server_properties.inner().get("version");
        assert_eq!(told, Some(&AMQPValue::LongString(version.into())));
    }
}

#[test]
fn guest_comes_in_anonymously_since_4_0() {
    for (like, expected) in [(Like::V3_10, vec![]), (Like::V4_0, vec!["1/0 Connection.Tune"])] {
        let mut world = World::like(like);
        let id = world.accept(Peer::Loopback);
        world.send(id, 0, PROTOCOL);
        assert_eq!(world.send(id, 0, start_ok("ANONYMOUS", "", true)), expected, "{like:?}");
    }
}

#[test]
fn smallest_frame_is_larger_since_4_3() {
    for (like, frame_max, taken) in [
        (Like::V3_10, 4096, true),
        (Like::V4_0, 4096, true),
        (Like::V4_3, 8191, false),
        (Like::V4_3, 8192, true),
    ] {
        let mut world = World::like(like);
        let id = world.accept(Peer::Loopback);
        world.send_all(id, 0, vec![PROTOCOL, start_ok("PLAIN", "\0guest\0guest", true)]);
        let told = world.send(id, 0, tune_ok(2047, frame_max, 0));
        assert_eq!(!told.is_empty(), taken, "{like:?} {frame_max}");
    }
}

#[test]
fn silent_client_is_dropped_after_ten_seconds() {
    let mut world = World::new();
    world.accept(Peer::Loopback);
    assert_eq!(world.wait(), ["1 dropped"]);
    assert_eq!(world.now.0, 10_000);
}

#[test]
fn client_that_keeps_talking_but_does_not_finish_is_dropped_in_time_too() {
    let mut world = World::new();
    let id = world.accept(Peer::Loopback);
    let frames = [
        PROTOCOL,
        start_ok("PLAIN", "\0guest\0guest", true),
        tune_ok(2047, 8192, 0),
    ];
    for frame in frames.into_iter().chain((0..10).map(|_| Frame::Heartbeat)) {
        world.now.0 += 700;
        world.send(id, 0, frame);
        // Bytes that are no complete frame yet.
        world.send_all(id, 0, Vec::new());
    }
    let mut told = Vec::new();
    while told.last().is_none_or(|line| line != "1 dropped") {
        told = world.wait();
    }
    assert_eq!(world.now.0, 10_000);
}

#[test]
fn failed_login_is_told_only_to_those_who_can_hear_it() {
    let refused = "1/0 close 403 ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details \
                   see the broker logfile. (0,0)";
    let rows = [
        ("PLAIN", "\0guest\0x", Peer::Loopback, true, vec![refused]),
        ("PLAIN", "\0guest\0guest", Peer::Remote, true, vec![refused]),
        ("PLAIN", "\0guest\0x", Peer::Loopback, false, vec![]),
        ("NOPE", "", Peer::Loopback, true, vec![]),
    ];
    for (mechanism, response, peer, capable, expected) in rows {
        let mut world = World::new();
        let id = world.accept(peer);
        world.send(id, 0, PROTOCOL);
        assert_eq!(
            world.send(id, 0, start_ok(mechanism, response, capable)),
            expected,
            "{mechanism} {response:?}"
        );
        if expected.is_empty() {
            assert_eq!(world.wait(), ["1 dropped"]);
            assert!(world.now.0 >= 1000, "a guesser waits");
        } else {
            assert_eq!(world.send(id, 0, connection_close_ok()), ["1 closed"]);
        }
    }
}

#[test]
fn tuning_beyond_the_offer_drops_the_client() {
    for (channel_max, frame_max) in [(2048, 131_072), (0, 131_072), (2047, 131_073), (2047, 4095), (2047, 0)] {
        let mut world = World::new();
        let id = world.accept(Peer::Loopback);
        world.send_all(id, 0, vec![PROTOCOL, start_ok("PLAIN", "\0guest\0guest", true)]);
        assert_eq!(
            world.send(id, 0, tune_ok(channel_max, frame_max, 0)),
            [""; 0],
            "{channel_max} {frame_max}"
        );
        assert_eq!(world.wait(), ["1 dropped"]);
    }
}

#[test]
fn only_the_default_virtual_host_exists() {
    for (name, text) in [("nope", "vhost nope not found"), ("", "vhost  not found")] {
        let mut world = World::new();
        let id = world.accept(Peer::Loopback);
        world.send_all(
            id,
            0,
            vec![
                PROTOCOL,
                start_ok("PLAIN", "\0guest\0guest", true),
                tune_ok(10, 8192, 0),
            ],
        );
        assert_eq!(
            world.send(id, 0, open(name)),
            [format!("1/0 close 530 NOT_ALLOWED - {text} (10,40)")]
        );
    }
}

#[test]
fn connections_above_the_limit_are_refused_until_others_go() {
    let mut setup = super::setup();
    setup.limits.max_connections = 1;
    let mut world = World::of(setup);
    let first = world.connect();
    let log_in = || {
        let start_ok = start_ok("PLAIN", "\0guest\0guest", true);
        vec![PROTOCOL, start_ok, tune_ok(10, 8192, 0), open("/")]
    };
    let second = world.accept(Peer::Loopback);
    let text = "connection refused: node connection limit (1) is reached";
    let told = world.send_all(second, 0, log_in());
    assert_eq!(
        told.last(),
        Some(&format!("2/0 close 530 NOT_ALLOWED - {text} (10,40)"))
    );
    world.tell(Input::Lost(first));
    world.tell(Input::Lost(second));
    let third = world.accept(Peer::Loopback);
    let told = world.send_all(third, 0, log_in());
    assert_eq!(told.last().map(String::as_str), Some("3/0 Connection.OpenOk"));
}

#[test]
fn dead_peer_is_dropped_without_a_word_after_three_heartbeats_at_most() {
    let mut world = World::new();
    let id = world.accept(Peer::Loopback);
    world.send_all(
        id,
        0,
        vec![
            PROTOCOL,
            start_ok("PLAIN", "\0guest\0guest", true),
            tune_ok(10, 8192, 2),
        ],
    );
    world.send(id, 0, open("/"));
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last| last != "1 dropped") {
        seen.extend(world.wait());
    }
    assert_eq!(world.now.0, 6000);
    let beats = seen.iter().filter(|line| *line == "1/0 heartbeat").count();
    assert_eq!(beats, seen.len() - 1);
    assert!(
        beats >= 4,
        "one each second but for the first, when the handshake was answered"
    );
}

#[test]
fn client_that_closes_is_answered_and_given_time_to_go() {
    let mut world = World::new();
    let id = world.client();
    let close = connection::AMQPMethod::Close(connection::Close::default());
    assert_eq!(world.send(id, 0, close), ["1/0 Connection.CloseOk"]);
    assert_eq!(world.send(id, 1, open_channel()), [""; 0]);
    assert_eq!(world.wait(), ["1 dropped"]);
}

#[test]
fn shutdown_closes_all_who_are_open_with_320() {
    let mut world = World::new();
    let id = world.client();
    world.accept(Peer::Loopback);
    let mut told = world.tell(Input::ShutDown);
    told.sort();
    let text = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";
    assert_eq!(told, [format!("1/0 close 320 {text} (0,0)"), "2 dropped".to_owned()]);
    assert_eq!(world.send(id, 0, connection_close_ok()), ["1 closed"]);
    assert_eq!(world.tell(Input::Lost(id)), [""; 0]);
}

#[test]
fn whoever_comes_after_the_shutdown_is_turned_away() {
    let mut world = World::new();
    assert_eq!(world.tell(Input::ShutDown), [""; 0]);
    assert_eq!(
        world.tell(Input::Opened(ConnectionId(7), Peer::Loopback)),
        ["7 dropped"]
    );
    assert_eq!(world.tell(Input::Lost(ConnectionId(7))), [""; 0]);
}
