//! Confirms and transactions.

use super::{World, message, publish, publish_persistent};
use crate::broker::core::Input;
use crate::broker::dispatch::{StoreSeq, VhostId};
use crate::broker::protocol::Frame;
use amq_protocol::protocol::{AMQPClass, confirm, tx};

fn select_confirms() -> Frame {
    AMQPClass::Confirm(confirm::AMQPMethod::Select(confirm::Select { nowait: false })).into()
}

fn tx(method: tx::AMQPMethod) -> Frame {
    AMQPClass::Tx(method).into()
}

#[test]
fn persistent_message_is_confirmed_when_stored_and_others_at_once() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    assert_eq!(world.send(id, 1, select_confirms()), ["1/1 Confirm.SelectOk"]);
    assert_eq!(world.send_all(id, 1, publish("q", "a")), ["1/1 confirm 1"]);
    assert_eq!(
        world.send_all(id, 1, publish_persistent("nowhere", "b")),
        ["1/1 confirm 2"]
    );
    let stored = world.send_all(id, 1, publish_persistent("q", "c"));
    assert_eq!(stored, ["store 2"]);
    assert_eq!(world.send_all(id, 1, publish("q", "d")), ["1/1 confirm 4"]);
    assert_eq!(world.tell(Input::Stored(VhostId::default(), StoreSeq(1))), [""; 0]);
    assert_eq!(
        world.tell(Input::Stored(VhostId::default(), StoreSeq(2))),
        ["1/1 confirm 3"]
    );
}

#[test]
fn nothing_is_confirmed_behind_the_close_of_a_shutdown() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send(id, 1, select_confirms());
    assert_eq!(world.send_all(id, 1, publish_persistent("q", "x")), ["store 2"]);
    let close = "1/0 close 320 CONNECTION_FORCED - broker forced connection closure with reason 'shutdown' (0,0)";
    assert_eq!(world.tell(Input::ShutDown), [close]);
    assert_eq!(world.tell(Input::Stored(VhostId::default(), StoreSeq(2))), [""; 0]);
}

#[test]
fn batch_of_publishes_is_confirmed_by_one_ack() {
    let mut world = World::new();
    let id = world.client();
    world.send(id, 1, select_confirms());
    let batch = (0..10).flat_map(|_| publish("nowhere", "x")).collect();
    assert_eq!(world.send_all(id, 1, batch), ["1/1 confirm 10+"]);
}

#[test]
fn refused_publish_is_not_confirmed_and_those_before_it_are() {
    let mut world = World::new();
    let id = world.client();
    world.send(id, 1, select_confirms());
    let batch = [
        publish("nowhere", "x"),
        message("nsx", "", "x", &[0, 0], false),
        publish("nowhere", "x"),
    ]
    .concat();
    let close = "1/1 close 404 NOT_FOUND - no exchange 'nsx' in vhost '/' (60,40)";
    assert_eq!(world.send_all(id, 1, batch), ["1/1 confirm 1", close]);
}

#[test]
fn confirm_and_tx_exclude_each_other() {
    let rows = [
        (
            select_confirms(),
            tx(tx::AMQPMethod::Select(tx::Select {})),
            "confirm to tx",
            "(90,10)",
        ),
        (
            tx(tx::AMQPMethod::Select(tx::Select {})),
            select_confirms(),
            "tx to confirm",
            "(85,10)",
        ),
    ];
    for (first, second, what, at) in rows {
        let mut world = World::new();
        let id = world.client();
        world.send(id, 1, first);
        let text = format!("1/1 close 406 PRECONDITION_FAILED - cannot switch from {what} mode {at}");
        assert_eq!(world.send(id, 1, second), [text]);
    }
}
