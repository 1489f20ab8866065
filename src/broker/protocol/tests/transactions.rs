//! Transactions.

use super::{World, ack, consume, publish, publish_persistent};
use crate::broker::core::Input;
use crate::broker::dispatch::{StoreSeq, VhostId};
use crate::broker::protocol::Frame;
use amq_protocol::protocol::{AMQPClass, basic, tx};

fn select() -> Frame {
    AMQPClass::Tx(tx::AMQPMethod::Select(tx::Select {})).into()
}

fn commit() -> Frame {
    AMQPClass::Tx(tx::AMQPMethod::Commit(tx::Commit {})).into()
}

fn rollback() -> Frame {
    AMQPClass::Tx(tx::AMQPMethod::Rollback(tx::Rollback {})).into()
}

fn get() -> Frame {
    basic::AMQPMethod::Get(basic::Get {
        queue: "q".into(),
        no_ack: false,
    })
    .into()
}

fn ack_up_to(tag: u64) -> Frame {
    Frame::Ack { tag, multiple: true }
}

fn reject(tag: u64) -> Frame {
    basic::AMQPMethod::Reject(basic::Reject {
        delivery_tag: tag,
        requeue: true,
    })
    .into()
}

#[test]
fn transaction_holds_publishes_and_acks_until_the_commit() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send_all(id, 1, publish("q", "a"));
    world.send(id, 1, select());
    assert_eq!(world.send(id, 1, get()), ["1/1 Basic.GetOk a"]);
    world.send_all(id, 1, publish("q", "b"));
    world.send(id, 1, super::ack(1));
    assert_eq!(world.send(id, 1, get()), ["1/1 Basic.GetEmpty"]);
    assert_eq!(world.send(id, 1, rollback()), ["1/1 Tx.RollbackOk"]);
    world.send_all(id, 1, publish("q", "c"));
    world.send(id, 1, super::ack(1));
    assert_eq!(world.send(id, 1, commit()), ["1/1 Tx.CommitOk"]);
    assert_eq!(world.send(id, 1, get()), ["1/1 Basic.GetOk c"]);
    assert_eq!(
        world.send(id, 1, super::ack(1)),
        ["1/1 close 406 PRECONDITION_FAILED - unknown delivery tag 1 (60,80)"]
    );
}

#[test]
fn commit_of_persistent_messages_is_answered_when_they_are_stored() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send(id, 1, select());
    world.send_all(id, 1, publish_persistent("q", "a"));
    assert_eq!(world.send(id, 1, commit()), ["store 2"]);
    assert_eq!(
        world.tell(Input::Stored(VhostId::default(), StoreSeq(2))),
        ["1/1 Tx.CommitOk"]
    );
}

#[test]
fn commits_that_follow_each_other_are_each_answered() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send(id, 1, select());
    world.send_all(id, 1, publish_persistent("q", "a"));
    assert_eq!(world.send_all(id, 1, vec![commit(), commit()]), ["store 2"]);
    assert_eq!(
        world.tell(Input::Stored(VhostId::default(), StoreSeq(2))),
        ["1/1 Tx.CommitOk", "1/1 Tx.CommitOk"]
    );
}

/// A channel in tx mode that holds the deliveries 1 to 4 of `q`.
fn holder() -> (World, crate::broker::dispatch::ConnectionId) {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    for body in ["a", "b", "c", "d"] {
        world.send_all(id, 1, publish("q", body));
    }
    world.send(id, 1, consume("q", "t"));
    world.send(id, 1, select());
    (world, id)
}

#[test]
fn a_tag_is_checked_when_its_ack_comes() {
    let rows: [(Vec<Frame>, Option<u64>); 13] = [
        (vec![ack(5)], Some(5)),
        (vec![ack(0)], Some(0)),
        (vec![ack(1), ack(1)], Some(1)),
        (vec![ack(1), reject(1)], Some(1)),
        (vec![ack(2), ack_up_to(2)], Some(2)),
        (vec![ack_up_to(3), ack(2)], Some(2)),
        (vec![ack_up_to(0), ack(4)], Some(4)),
        (vec![ack_up_to(0), ack_up_to(0)], None),
        (vec![ack(2), ack_up_to(3), ack(1)], Some(1)),
        (vec![ack_up_to(2), ack_up_to(1)], Some(1)),
        (vec![ack_up_to(2), ack_up_to(2)], Some(2)),
        (vec![ack_up_to(2), reject(4), ack_up_to(4)], Some(4)),
        (vec![ack(3), ack_up_to(2), ack_up_to(4), ack_up_to(0)], None),
    ];
    for (frames, unknown) in rows {
        let (mut world, id) = holder();
        let what = format!("{frames:?}");
        let told = world.send_all(id, 1, frames);
        let text = |tag| format!("1/1 close 406 PRECONDITION_FAILED - unknown delivery tag {tag} (60,");
        match unknown {
            None => assert_eq!(told, [""; 0], "{what}"),
            Some(tag) => assert!(told[0].starts_with(&text(tag)), "{what}: {told:?}"),
        }
    }
}

#[test]
fn rollback_gives_the_tags_back() {
    let (mut world, id) = holder();
    assert_eq!(
        world.send_all(id, 1, vec![ack_up_to(0), rollback()]),
        ["1/1 Tx.RollbackOk"]
    );
    let answers = ["1/1 deliver 5 dR", "1/1 Tx.CommitOk"];
    assert_eq!(world.send_all(id, 1, vec![ack_up_to(3), reject(4), commit()]), answers);
}

#[test]
fn acks_of_many_that_overlap_settle_each_delivery_once() {
    let (mut world, id) = holder();
    let settle = vec![reject(2), ack_up_to(1), ack_up_to(3), reject(4)];
    assert_eq!(world.send_all(id, 1, settle), [""; 0]);
    let answers = ["1/1 deliver 5 bR", "1/1 deliver 6 dR", "1/1 Tx.CommitOk"];
    assert_eq!(world.send(id, 1, commit()), answers);
    let rest = vec![ack_up_to(6), commit()];
    assert_eq!(world.send_all(id, 1, rest), ["1/1 Tx.CommitOk"]);
}

#[test]
fn what_a_transaction_acked_comes_back_if_its_channel_ends() {
    let (mut world, id) = holder();
    world.send(id, 1, ack_up_to(3));
    world.send(id, 1, super::close_channel());
    world.send(id, 1, super::open_channel());
    assert_eq!(world.send(id, 1, get()), ["1/1 Basic.GetOk a"]);
}

#[test]
fn exchange_that_goes_before_the_commit_takes_its_messages_and_nothing_else() {
    use amq_protocol::protocol::exchange;
    let (mut world, id) = holder();
    let declare = exchange::Declare {
        exchange: "x".into(),
        kind: "fanout".into(),
        ..exchange::Declare::default()
    };
    let delete = exchange::Delete {
        exchange: "x".into(),
        ..exchange::Delete::default()
    };
    let exchange = |method| Frame::from(AMQPClass::Exchange(method));
    world.send(id, 1, exchange(exchange::AMQPMethod::Declare(declare)));
    world.send_all(id, 1, super::message("x", "", "lost", &[0, 0], false));
    world.send_all(id, 1, publish("q", "e"));
    world.send(id, 1, exchange(exchange::AMQPMethod::Delete(delete)));
    assert_eq!(world.send(id, 1, commit()), ["1/1 deliver 5 e", "1/1 Tx.CommitOk"]);
}
