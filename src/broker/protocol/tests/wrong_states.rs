//! Methods at the wrong time or place.

use super::{World, ack, close_channel, consume, declare, open_channel, publish, qos};
use crate::broker::protocol::{Fault, Frame};
use amq_protocol::protocol::{basic, channel, connection};

#[test]
fn wrong_steps_close_the_connection() {
    let own =
        |class, method| format!("CHANNEL_ERROR - unexpected method in connection state running ({class},{method})");
    let flow = channel::AMQPMethod::Flow(channel::Flow { active: false });
    let deliver = basic::AMQPMethod::Deliver(basic::Deliver::default());
    let recover = basic::AMQPMethod::Recover(basic::Recover { requeue: false });
    let tune_ok = connection::AMQPMethod::TuneOk(connection::TuneOk::default());
    let rows: Vec<(u16, Frame, u16, String)> = vec![
        (
            5,
            qos(1),
            504,
            "CHANNEL_ERROR - expected 'channel.open' (60,10)".to_owned(),
        ),
        (
            1,
            open_channel(),
            504,
            "CHANNEL_ERROR - second 'channel.open' seen (20,10)".to_owned(),
        ),
        (0, qos(1), 504, own(60, 10)),
        (0, tune_ok.into(), 504, own(10, 31)),
        (1, flow.into(), 540, "NOT_IMPLEMENTED - active=false (20,20)".to_owned()),
        (
            1,
            deliver.into(),
            503,
            "COMMAND_INVALID - unimplemented method (60,60)".to_owned(),
        ),
        (
            1,
            recover.into(),
            540,
            "NOT_IMPLEMENTED - requeue=false (60,110)".to_owned(),
        ),
        (
            1,
            Frame::Qos {
                size: 1,
                count: 0,
                global: false,
            },
            540,
            "NOT_IMPLEMENTED - prefetch_size!=0 (1) (60,10)".to_owned(),
        ),
    ];
    for (number, frame, code, text) in rows {
        let mut world = World::new();
        let id = world.client();
        assert_eq!(world.send(id, number, frame), [format!("1/0 close {code} {text}")]);
        assert_eq!(
            world.send(id, 1, declare("q")),
            [""; 0],
            "what comes after it is ignored"
        );
    }
}

#[test]
fn immediate_publish_closes_the_connection() {
    let mut world = World::new();
    let id = world.client();
    let mut frames = publish("q", "x");
    if let Frame::Publish(publish) = &mut frames[0] {
        publish.immediate = true;
    }
    assert_eq!(
        world.send_all(id, 1, frames),
        ["1/0 close 540 NOT_IMPLEMENTED - immediate=true (60,40)"]
    );
}

#[test]
fn what_can_not_be_read_closes_the_connection() {
    let rows = [
        (
            Fault::BadEnd {
                kind: 1,
                payload: vec![0, 60, 0, 10],
                octet: 0,
            },
            "close 501 FRAME_ERROR - type 1, all octets = <<0,60,0,10>>: {invalid_frame_end_marker,0} (0,0)",
        ),
        (
            Fault::BadEnd {
                kind: 3,
                payload: b"abc".to_vec(),
                octet: 7,
            },
            "close 501 FRAME_ERROR - type 3, all octets = <<\"abc\">>: {invalid_frame_end_marker,7} (0,0)",
        ),
        (
            Fault::UnknownType {
                kind: 7,
                payload: vec![],
            },
            "close 501 FRAME_ERROR - type 7, all octets = <<>>: unknown_frame (0,0)",
        ),
        (
            Fault::TooLarge {
                kind: 3,
                size: 200_000,
                limit: 131_064,
            },
            "close 501 FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,200000,131064} (0,0)",
        ),
        (
            Fault::BadArguments {
                class: 60,
                method: 20,
                payload: vec![],
            },
            "close 501 FRAME_ERROR - cannot decode <<>> (60,20)",
        ),
    ];
    for (fault, expected) in rows {
        let mut world = World::new();
        let id = world.client();
        assert_eq!(world.send(id, 1, Frame::Malformed(fault)), [format!("1/0 {expected}")]);
    }
    let mut world = World::new();
    let id = world.client();
    assert_eq!(world.send(id, 1, Frame::Malformed(Fault::UnknownMethod)), ["1 dropped"]);
}

#[test]
fn channel_max_counts_channels_and_not_their_numbers() {
    let mut world = World::new();
    let id = world.accept(super::Peer::Loopback);
    let start = super::start_ok("PLAIN", "\0guest\0guest", true);
    world.send_all(
        id,
        0,
        vec![super::PROTOCOL, start, super::tune_ok(2, 8192, 0), super::open("/")],
    );
    assert_eq!(world.send(id, 900, open_channel()), ["1/900 Channel.OpenOk"]);
    assert_eq!(world.send(id, 2, open_channel()), ["1/2 Channel.OpenOk"]);
    let text = "number of channels opened (2) has reached the negotiated channel_max (2)";
    assert_eq!(
        world.send(id, 3, open_channel()),
        [format!("1/0 close 530 NOT_ALLOWED - {text} (0,0)")]
    );
}

#[test]
fn channel_that_the_broker_closes_ignores_all_until_close_ok() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    let closed = world.send_all(
        id,
        1,
        [vec![ack(9)], publish("q", "lost"), vec![qos(1), open_channel()]].concat(),
    );
    assert_eq!(
        closed,
        ["1/1 close 406 PRECONDITION_FAILED - unknown delivery tag 9 (60,80)"]
    );
    assert_eq!(
        world.send(id, 1, close_channel()),
        ["1/1 Channel.CloseOk"],
        "a close that crossed ours"
    );
    assert_eq!(
        world.send_all(id, 1, vec![super::channel_close_ok(), open_channel()]),
        ["1/1 Channel.OpenOk"]
    );
    assert_eq!(
        world.send(id, 1, consume("q", "t")),
        ["1/1 Basic.ConsumeOk"],
        "nothing was published"
    );
}

#[test]
fn tags_start_anew_on_a_reopened_channel() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send_all(id, 1, publish("q", "x"));
    assert_eq!(world.send(id, 1, consume("q", "t"))[1], "1/1 deliver 1 x");
    world.send_all(id, 1, vec![close_channel(), open_channel()]);
    assert_eq!(world.send(id, 1, consume("q", "t"))[1], "1/1 deliver 1 xR");
}
