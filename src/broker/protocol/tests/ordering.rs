//! What goes before what.

use super::{World, ack, close_channel, consume, message, publish, qos};
use crate::broker::core::{Input, Sent};
use crate::broker::dispatch::{ChannelId, QueueId};
use amq_protocol::protocol::{basic, confirm, queue};

/// A client with three messages in queue `q`.
fn loaded(world: &mut World) -> crate::broker::dispatch::ConnectionId {
    let id = world.client();
    world.queue(id, "q");
    for body in ["0", "1", "2"] {
        assert_eq!(world.send_all(id, 1, publish("q", body)), [""; 0]);
    }
    id
}

#[test]
fn consume_ok_goes_before_the_first_delivery() {
    let mut world = World::new();
    let id = loaded(&mut world);
    let told = world.send_all(id, 1, vec![qos(2), consume("q", "t")]);
    assert_eq!(
        told,
        [
            "1/1 Basic.QosOk",
            "1/1 Basic.ConsumeOk",
            "1/1 deliver 1 0",
            "1/1 deliver 2 1"
        ]
    );
}

#[test]
fn nothing_is_delivered_after_cancel_ok() {
    let mut world = World::new();
    let id = loaded(&mut world);
    world.send_all(id, 1, vec![qos(1), consume("q", "t")]);
    let cancel = basic::AMQPMethod::Cancel(basic::Cancel {
        consumer_tag: "t".into(),
        nowait: false,
    });
    let told = world.send_all(id, 1, vec![cancel.into(), ack(1)]);
    assert_eq!(told, ["1/1 Basic.CancelOk"]);
}

#[test]
fn channel_that_closes_gives_back_before_close_ok_and_gets_nothing_after_it() {
    let mut world = World::new();
    let id = loaded(&mut world);
    world.send_all(id, 1, vec![qos(2), consume("q", "t")]);
    let other = world.client();
    assert_eq!(
        world.send(other, 1, consume("q", "u")),
        ["2/1 Basic.ConsumeOk", "2/1 deliver 1 2"]
    );
    assert_eq!(
        world.send(id, 1, close_channel()),
        ["2/1 deliver 2 0R", "2/1 deliver 3 1R", "1/1 Channel.CloseOk"]
    );
}

#[test]
fn lost_connection_gives_back_in_order() {
    let mut world = World::new();
    let id = loaded(&mut world);
    world.send(id, 1, consume("q", "t"));
    let other = world.client();
    world.send(other, 1, consume("q", "u"));
    assert_eq!(
        world.tell(Input::Lost(id)),
        ["2/1 deliver 1 0R", "2/1 deliver 2 1R", "2/1 deliver 3 2R"]
    );
}

#[test]
fn recover_ok_goes_before_the_redeliveries_and_recover_async_has_no_answer() {
    let mut world = World::new();
    let id = loaded(&mut world);
    world.send(id, 1, consume("q", "t"));
    let recover = basic::AMQPMethod::Recover(basic::Recover { requeue: true });
    let told = world.send(id, 1, recover);
    assert_eq!(
        told,
        [
            "1/1 Basic.RecoverOk",
            "1/1 deliver 4 0R",
            "1/1 deliver 5 1R",
            "1/1 deliver 6 2R"
        ]
    );
    let recover = basic::AMQPMethod::RecoverAsync(basic::RecoverAsync { requeue: true });
    assert_eq!(world.send(id, 1, recover).len(), 3);
}

#[test]
fn return_goes_before_the_confirm() {
    let mut world = World::new();
    let id = world.client();
    let select = confirm::AMQPMethod::Select(confirm::Select { nowait: false });
    world.send(id, 1, amq_protocol::protocol::AMQPClass::Confirm(select));
    let told = world.send_all(id, 1, message("", "nowhere", "a", &[0, 0], true));
    assert_eq!(told, ["1/1 Basic.Return a", "1/1 confirm 1"]);
}

#[test]
fn consumers_of_a_deleted_queue_are_told_if_they_want_to_know() {
    for (capable, expected) in [
        (true, vec!["1/1 Basic.Cancel", "2/1 Queue.DeleteOk"]),
        (false, vec!["2/1 Queue.DeleteOk"]),
    ] {
        let mut world = World::new();
        let id = world.accept(super::Peer::Loopback);
        let start = super::start_ok("PLAIN", "\0guest\0guest", capable);
        world.send_all(
            id,
            0,
            vec![super::PROTOCOL, start, super::tune_ok(9, 8192, 0), super::open("/")],
        );
        world.send(id, 1, super::open_channel());
        world.queue(id, "q");
        world.send(id, 1, consume("q", "t"));
        let other = world.client();
        let delete = queue::AMQPMethod::Delete(queue::Delete {
            queue: "q".into(),
            ..queue::Delete::default()
        });
        let mut told = world.send(other, 1, delete);
        told.retain(|line| !line.starts_with("store"));
        told.sort();
        assert_eq!(told, expected);
    }
}

#[test]
fn slow_socket_holds_back_what_comes_after_200_unwritten_deliveries() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    let consume = basic::Consume {
        queue: "q".into(),
        no_ack: true,
        ..basic::Consume::default()
    };
    world.send(id, 1, basic::AMQPMethod::Consume(consume));
    let delivered: usize = (0..250).map(|_| world.send_all(id, 1, publish("q", "x")).len()).sum();
    assert_eq!(delivered, 200);
    let channel = ChannelId {
        connection: id,
        number: 1,
    };
    let queue = world.broker.totals().next().map(|_| QueueId(0)).expect("one queue");
    let told = world.tell(Input::Sent(vec![Sent {
        channel,
        queue,
        count: 30,
    }]));
    assert_eq!(told.len(), 30);
}
