//! Virtual hosts: worlds apart.

use super::{World, ack, consume, declare, message, publish, publish_persistent};
use crate::broker::core::{Input, Sent};
use crate::broker::dispatch::{ChannelId, QueueId, StoreSeq, VhostId};
use crate::broker::protocol::Frame;
use amq_protocol::protocol::{AMQPClass, basic, confirm};

const OTHER: VhostId = VhostId(1);

/// A client of each virtual host, with a queue `q` there.
fn two() -> (World, [crate::broker::dispatch::ConnectionId; 2]) {
    let mut world = World::new();
    let clients = ["/", "other"].map(|vhost| {
        let id = world.connect_to(vhost);
        world.send(id, 1, super::open_channel());
        world.queue(id, "q");
        id
    });
    (world, clients)
}

#[test]
fn queues_of_one_name_are_two_in_two_virtual_hosts() {
    let (mut world, [here, there]) = two();
    world.send(here, 1, consume("q", "t"));
    assert_eq!(world.send_all(there, 1, publish("q", "a")), [""; 0]);
    assert_eq!(world.send_all(here, 1, publish("q", "b")), ["1/1 deliver 1 b"]);
    assert_eq!(
        world.send(there, 1, consume("q", "t")),
        ["2/1 Basic.ConsumeOk", "2/1 deliver 1 a"]
    );
    assert_eq!(world.send(there, 1, ack(1)), [""; 0]);
}

#[test]
fn refusals_name_the_virtual_host() {
    let (mut world, [_, there]) = two();
    let close = "2/1 close 404 NOT_FOUND - no exchange 'nsx' in vhost 'other' (60,40)";
    assert_eq!(
        world.send_all(there, 1, message("nsx", "", "x", &[0, 0], false)),
        [close]
    );
}

#[test]
fn records_are_confirmed_by_their_own_virtual_host() {
    let (mut world, clients) = two();
    let select: Frame = AMQPClass::Confirm(confirm::AMQPMethod::Select(confirm::Select { nowait: false })).into();
    for id in clients {
        world.send(id, 1, select.clone());
        assert_eq!(world.send_all(id, 1, publish_persistent("q", "x")), ["store 2"]);
    }
    let stored = |vhost| Input::Stored(vhost, StoreSeq(2));
    assert_eq!(world.tell(stored(OTHER)), ["2/1 confirm 1"]);
    assert_eq!(world.tell(stored(VhostId::default())), ["1/1 confirm 1"]);
}

#[test]
fn what_was_sent_is_counted_where_its_connection_is() {
    let (mut world, [_, there]) = two();
    let mut frames = vec![automatic("q")];
    frames.extend((0..201).flat_map(|_| publish("q", "x")));
    let told = world.send_all(there, 1, frames);
    let delivered = told.iter().filter(|line| line.contains("deliver")).count();
    assert_eq!(delivered, 200, "as many as may be unsent");
    let sent = Sent {
        channel: ChannelId {
            connection: there,
            number: 1,
        },
        queue: QueueId(0),
        count: 200,
    };
    let told = world.tell(Input::Sent(vec![sent]));
    assert_eq!(told, ["2/1 deliver 201 x"]);
}

fn automatic(queue: &str) -> Frame {
    let consume = basic::Consume {
        queue: queue.into(),
        consumer_tag: "t".into(),
        no_ack: true,
        ..basic::Consume::default()
    };
    basic::AMQPMethod::Consume(consume).into()
}

#[test]
fn lost_connection_gives_back_what_it_held_in_its_own_virtual_host() {
    let (mut world, [here, there]) = two();
    world.send(there, 1, consume("q", "t"));
    world.send_all(there, 1, publish("q", "x"));
    let heir = world.connect_to("other");
    world.send(heir, 1, super::open_channel());
    world.send(heir, 1, consume("q", "t"));
    assert_eq!(world.tell(Input::Lost(there)), [format!("{}/1 deliver 1 xR", heir.0)]);
    assert_eq!(world.tell(Input::Lost(here)), [""; 0]);
    assert_eq!(
        world.send(heir, 1, declare("q")),
        [format!("{}/1 Queue.DeclareOk", heir.0)]
    );
}
