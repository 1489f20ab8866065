//! Message assembly.

use super::{World, consume, header, message, publish, setup};
use crate::broker::dispatch::Like;
use crate::broker::protocol::{Frame, Publish};

fn begin() -> Frame {
    let publish = Publish {
        exchange: "".into(),
        routing_key: "q".into(),
        mandatory: false,
        immediate: false,
    };
    Frame::Publish(publish)
}

fn body(text: &str) -> Frame {
    Frame::Body(text.as_bytes().into())
}

#[test]
fn body_comes_in_any_number_of_pieces() {
    let rows: [(u64, &[&str], &str); 5] = [
        (0, &[], ""),
        (3, &["abc"], "abc"),
        (3, &["a", "b", "c"], "abc"),
        (3, &["a", "", "bc"], "abc"),
        // RabbitMQ up to 4.0 keeps what goes beyond the announced size.
        (2, &["a", "bcd"], "abcd"),
    ];
    for (size, pieces, whole) in rows {
        let mut world = World::new();
        let id = world.client();
        world.queue(id, "q");
        world.send(id, 1, consume("q", "t"));
        let frames = [begin(), header(60, size, &[0, 0])]
            .into_iter()
            .chain(pieces.iter().map(|piece| body(piece)));
        assert_eq!(
            world.send_all(id, 1, frames.collect()),
            [format!("1/1 deliver 1 {whole}")],
            "{pieces:?}"
        );
    }
}

#[test]
fn messages_of_two_channels_may_interleave() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send(id, 1, consume("q", "t"));
    world.send(id, 2, super::open_channel());
    for (one, two) in publish("q", "one").into_iter().zip(publish("q", "two")).take(2) {
        world.send(id, 1, one);
        world.send(id, 2, two);
    }
    assert_eq!(world.send(id, 2, body("two")), ["1/1 deliver 1 two"]);
    assert_eq!(world.send(id, 1, body("one")), ["1/1 deliver 2 one"]);
}

#[test]
fn frames_out_of_turn_close_the_connection() {
    let no_method = "close 505 UNEXPECTED_FRAME - expected method frame, got non method frame instead (0,0)";
    let no_header = "close 505 UNEXPECTED_FRAME - expected content header for class 60, got non content header frame \
                     instead (60,40)";
    let no_body = "close 505 UNEXPECTED_FRAME - expected content body, got non content body frame instead (60,40)";
    let other_class =
        "close 505 UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead (60,40)";
    let rows = [
        (vec![body("abc")], no_method),
        (vec![header(60, 1, &[0, 0])], no_method),
        (vec![begin(), begin()], no_header),
        (vec![begin(), body("abc")], no_header),
        (vec![begin(), super::qos(1)], no_header),
        (vec![begin(), header(50, 1, &[0, 0])], other_class),
        (vec![begin(), header(60, 1, &[0, 0]), begin()], no_body),
        (vec![begin(), header(60, 1, &[0, 0]), header(60, 1, &[0, 0])], no_body),
        (vec![begin(), header(60, 1, &[0, 0]), super::ack(1)], no_body),
    ];
    for (frames, expected) in rows {
        let mut world = World::new();
        let id = world.client();
        assert_eq!(world.send_all(id, 1, frames), [format!("1/0 {expected}")]);
    }
}

#[test]
fn message_above_the_limit_closes_the_channel_before_its_body_comes() {
    const MIB: u64 = 1024 * 1024;
    let rows = [
        (Like::V3_10, None, 128 * MIB, "configured "),
        (Like::V4_0, None, 16 * MIB, "configured "),
        (Like::V4_3, None, 16 * MIB, "configured "),
        (Like::V4_0, Some(10), 10, "configured "),
        (Like::V4_0, Some(512 * MIB), 512 * MIB, ""),
    ];
    for (like, message_bytes, limit, configured) in rows {
        let mut setup = setup();
        setup.like = like;
        setup.limits.message_bytes = message_bytes;
        let mut world = World::of(setup);
        let id = world.client();
        let size = limit + 1;
        let text = format!("message size {size} is larger than {configured}max size {limit}");
        let frames = vec![begin(), header(60, size, &[0, 0]), body("abc")];
        assert_eq!(
            world.send_all(id, 1, frames),
            [format!("1/1 close 406 PRECONDITION_FAILED - {text} (60,40)")]
        );
    }
}

#[test]
fn body_beyond_its_announced_size_is_refused_since_4_3() {
    let mut world = World::like(Like::V4_3);
    let id = world.client();
    let frames = vec![begin(), header(60, 2, &[0, 0]), body("a"), body("bcd")];
    let text = "FRAME_ERROR - content body frame exceeds remaining content size";
    assert_eq!(world.send_all(id, 1, frames), [format!("1/0 close 501 {text} (60,40)")]);
}

#[test]
fn properties_that_do_not_hold_are_refused() {
    // user_id "bob"; expiration "abc".
    let rows: [(&[u8], &str); 3] = [
        (
            &[0, 0x10, 3, b'b', b'o', b'b'],
            "user_id property set to 'bob' but authenticated user was 'guest'",
        ),
        (&[1, 0, 3, b'a', b'b', b'c'], "invalid expiration 'abc': no_integer"),
        (&[1, 0, 2, b'-', b'1'], "invalid expiration '-1': {value_negative,-1}"),
    ];
    for (properties, text) in rows {
        let mut world = World::new();
        let id = world.client();
        let frames = message("", "q", "x", properties, false);
        assert_eq!(
            world.send_all(id, 1, frames),
            [format!("1/1 close 406 PRECONDITION_FAILED - {text} (60,40)")]
        );
    }
}
