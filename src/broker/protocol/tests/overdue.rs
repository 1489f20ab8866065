//! Deliveries that are not acked in time.

use super::{World, ack, consume, publish, setup};
use crate::broker::core::{Input, Setup, Tuning};
use crate::broker::dispatch::{Like, Millis};

const TICK: u64 = 500;

/// Where a delivery may wait for two seconds, looked at twice a second.
fn impatient(like: Like) -> World {
    let tuning = Tuning {
        consumer_timeout: Some(Millis(2000)),
        tick: Millis(TICK),
        ..setup().tuning
    };
    World::of(Setup {
        like,
        tuning,
        ..setup()
    })
}

#[test]
fn channel_of_a_delivery_that_is_not_acked_is_closed() {
    for like in [Like::V3_10, Like::V4_0] {
        let mut world = impatient(like);
        let (id, other) = (world.client(), world.client());
        world.queue(id, "q");
        world.send(id, 1, consume("q", "t"));
        world.send(other, 1, consume("q", "t"));
        assert_eq!(world.send_all(id, 1, publish("q", "x")), ["1/1 deliver 1 x"]);
        let mut told = Vec::new();
        while told.is_empty() {
            told = world.wait();
        }
        let text = "delivery acknowledgement on channel 1 timed out. Timeout value used: 2000 ms. This timeout value can \
                    be configured, see consumers doc guide to learn more";
        let close = format!("1/1 close 406 PRECONDITION_FAILED - {text} (0,0)");
        assert_eq!(told, ["2/1 deliver 1 xR".to_owned(), close], "{like:?}");
        assert!(
            (2000..=2000 + 2 * TICK).contains(&world.now.0),
            "{like:?} {:?}",
            world.now
        );
    }
}

#[test]
fn acks_in_time_and_a_longer_timeout_keep_the_channel() {
    let mut world = impatient(Like::V4_0);
    let id = world.client();
    world.queue(id, "q");
    world.send(id, 1, consume("q", "t"));
    for tag in 1..20 {
        world.send_all(id, 1, publish("q", "x"));
        world.now.0 += 1500;
        assert_eq!(world.tell(Input::Tick), [""; 0]);
        assert_eq!(world.send(id, 1, ack(tag)), [""; 0]);
    }
    world.send_all(id, 1, publish("q", "x"));
    world.tell(Input::Tuned(setup().tuning));
    world.now.0 += 1_000_000;
    assert_eq!(world.tell(Input::Tick), [""; 0]);
}
