//! Deliveries that are not acked in time, by version (rows C14 of the measured answers).

use super::super::value::IntKind;
use super::super::{Like, Value};
use super::script::{Stage, play_on};

fn timeout(ms: i64) -> Value {
    Value::Int(IntKind::SignedInt, ms)
}

#[test]
fn oldest_delivery_of_a_channel_closes_it_at_the_next_look() {
    let script = "
            ack-timeout 2000 every=500
            pub 0-2
            consume c0 prefetch=2 => c0:0 c0:1
            at 500
            at 2000
            at 2500 => timeout:1:1
            close c0
            ready 3
            at 9000";
    for like in [Like::V3_10, Like::V4_0] {
        play_on(Stage::default().like(like), "classic", script);
        play_on(Stage::quorum().like(like), "quorum", script);
    }
}

#[test]
fn what_was_fetched_counts_and_what_is_acked_in_time_does_not() {
    let script = "
            ack-timeout 2000 every=500
            pub 0-3
            consume c0 prefetch=1 => c0:0
            at 1500
            ack c0:0 => c0:1
            at 3000
            ack c0:1 => c0:2
            get g => 3 left=0
            at 4500
            ack c0:2
            at 5500 => timeout:2:1";
    for like in [Like::V3_10, Like::V4_0] {
        play_on(Stage::default().like(like), "classic", script);
    }
}

#[test]
fn timeout_can_be_set_while_deliveries_wait() {
    let script = "
            pub 0
            consume c0 => c0:0
            at 5000
            ack-timeout 2000 every=500
            at 5500 => timeout:1:1";
    for like in [Like::V3_10, Like::V4_0] {
        play_on(Stage::default().like(like), "set later", script);
    }
}

#[test]
fn a_queue_can_say_how_long_from_4_0_on() {
    let script = |seen: &str| {
        format!(
            "
            ack-timeout 1800000 every=500
            pub 0
            consume c0 => c0:0
            at 2500 {seen}"
        )
    };
    let of = |stage: Stage, like| stage.like(like).with("x-consumer-timeout", timeout(2000));
    play_on(of(Stage::default(), Like::V3_10), "3.10", &script(""));
    play_on(of(Stage::default(), Like::V4_0), "4.0", &script("=> timeout:1:1"));
    play_on(of(Stage::quorum(), Like::V4_0), "4.0 quorum", &script("=> timeout:1:1"));
    play_on(of(Stage::quorum(), Like::V4_3), "4.3 quorum", &script("=> cancel:c0"));
}

#[test]
fn classic_queues_have_none_in_4_3() {
    let script = "
            ack-timeout 2000
            pub 0
            consume c0 => c0:0
            at 99000
            ready 0";
    play_on(Stage::default().like(Like::V4_3), "classic", script);
    let script = "
            consume c0 timeout=2000 => foreign:x-consumer-timeout";
    play_on(Stage::default().like(Like::V4_3), "classic", script);
}

#[test]
fn a_quorum_queue_of_4_3_takes_back_what_is_overdue() {
    let rows = [
        (
            "its consumer is told, and gets no more until it has acked in vain",
            "
            ack-timeout 2000
            pub 0-2
            consume c0 prefetch=2 => c0:0 c0:1
            at 1999
            at 2000 => cancel:c0
            ready 3
            consumers 1
            ack c0:0
            ready 3
            ack c0:1 => c0:0Ra1 c0:1Ra1",
        ),
        (
            "only what is overdue, and to whoever has room",
            "
            ack-timeout 2000
            consume c0 prefetch=2
            pub 0 => c0:0
            at 1000
            pub 1 => c0:1
            consume c1 prefetch=1
            at 2000 => cancel:c0 c1:0Ra1
            close c0
            ack c1:0 => c1:1R1a1",
        ),
        (
            "a consumer's own timeout goes first",
            "
            ack-timeout 1800000
            pub 0-1
            consume c0 prefetch=1 timeout=2000 => c0:0
            consume c1 prefetch=1 => c1:1
            at 2000 => cancel:c0
            ready 1
            close c0
            ack c1:1 => c1:0Ra1",
        ),
        (
            "what was fetched closes its channel",
            "
            ack-timeout 2000
            pub 0
            get g => 0 left=0
            at 2000 => timeout:1:1
            ready 1
            close g",
        ),
        (
            "acked in time, nothing happens",
            "
            ack-timeout 2000
            pub 0-1
            consume c0 prefetch=1 => c0:0
            at 1500
            ack c0:0 => c0:1
            at 3000
            ack c0:1
            at 9000",
        ),
    ];
    for (name, script) in rows {
        play_on(Stage::quorum().like(Like::V4_3), name, script);
    }
}

#[test]
fn single_active_consumer_that_times_out_is_followed() {
    let stage = Stage::quorum()
        .like(Like::V4_3)
        .with("x-single-active-consumer", Value::Bool(true));
    let script = "
            ack-timeout 2000
            consume c0 prefetch=1
            consume c1 prefetch=1
            pub 0 => c0:0
            at 2000 => cancel:c0 c1:0Ra1
            ack c1:0
            ack c0:0
            cancel c1
            pub 1 => c0:1";
    play_on(stage, "followed", script);
}
