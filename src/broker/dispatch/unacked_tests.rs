use super::super::ids::Position;
use super::super::message::{Failures, Message, Persistence, Returns};
use super::super::slab::Key;
use super::*;
use crate::broker::dispatch::Charge;
use std::sync::Arc;

fn message() -> Arc<Message> {
    Arc::new(Message {
        exchange: "".into(),
        routing_key: "q".into(),
        properties: Arc::new([]),
        body: Arc::new([]),
        persistence: Persistence::Transient,
        headers: None,
        priority: None,
        expiration: None,
        added: None,
        failures: Failures(0),
        charge: Charge::default(),
    })
}

fn held(tag: u64) -> Held {
    Held {
        tag: DeliveryTag(tag),
        queue: QueueId::from_raw(0),
        entry: Entry {
            position: Position(tag),
            message: message(),
            returns: Returns(0),
            failures: Failures(0),
            redelivered: false,
            stored: false,
        },
        consumer: None,
        since: UnixMillis(0),
        grip: Grip::Holds,
    }
}

fn with(tags: impl IntoIterator<Item = u64>) -> Unacked {
    let mut unacked = Unacked::default();
    tags.into_iter().for_each(|tag| unacked.push(held(tag)));
    unacked
}

fn taken(take: impl FnOnce(&mut Vec<Held>) -> bool) -> Option<Vec<u64>> {
    let mut taken = Vec::new();
    take(&mut taken).then(|| taken.iter().map(|held| held.tag.0).collect())
}

#[test]
fn a_tag_is_taken_once() {
    // The gap between 2 and 7 is what automatic acks leave.
    for order in [[1, 2, 7, 8], [8, 7, 2, 1], [7, 1, 8, 2]] {
        let mut unacked = with([1, 2, 7, 8]);
        for tag in order {
            assert_eq!(taken(|to| unacked.take(DeliveryTag(tag), to)), Some(vec![tag]));
            assert_eq!(
                taken(|to| unacked.take(DeliveryTag(tag), to)),
                None,
                "{tag} of {order:?}"
            );
        }
        assert_eq!(taken(|to| unacked.take(DeliveryTag(5), to)), None);
        assert!(unacked.entries.is_empty());
    }
}

#[test]
fn multiple_takes_what_is_left_up_to_an_outstanding_tag() {
    let mut unacked = with([1, 2, 7, 8]);
    assert_eq!(taken(|to| unacked.take_up_to(DeliveryTag(99), to)), None);
    assert_eq!(taken(|to| unacked.take_up_to(DeliveryTag(5), to)), None);
    assert_eq!(taken(|to| unacked.take(DeliveryTag(2), to)), Some(vec![2]));
    assert_eq!(
        taken(|to| unacked.take_up_to(DeliveryTag(2), to)),
        None,
        "2 itself is gone"
    );
    assert_eq!(taken(|to| unacked.take_up_to(DeliveryTag(7), to)), Some(vec![1, 7]));
    let mut rest = Vec::new();
    unacked.take_all(&mut rest);
    assert_eq!(rest.iter().map(|held| held.tag.0).collect::<Vec<_>>(), [8]);
    assert_eq!(unacked.iter().count(), 0);
}

#[test]
fn tags_after_one_are_those_that_are_outstanding() {
    let mut unacked = with([1, 2, 7, 8, 9]);
    assert_eq!(taken(|to| unacked.take(DeliveryTag(8), to)), Some(vec![8]));
    for (tag, after) in [
        (0, &[1, 2, 7, 9][..]),
        (1, &[2, 7, 9]),
        (4, &[7, 9]),
        (7, &[9]),
        (8, &[9]),
        (9, &[]),
        (99, &[]),
    ] {
        let tags: Vec<u64> = unacked.tags_after(DeliveryTag(tag)).map(|tag| tag.0).collect();
        assert_eq!(tags, after, "after {tag}");
    }
}

#[test]
fn one_message_held_for_ever_does_not_keep_the_room_of_the_others() {
    let mut unacked = with([1]);
    for tag in 2..10_000 {
        unacked.push(held(tag));
        assert!(unacked.take(DeliveryTag(tag), &mut Vec::new()));
    }
    assert!(
        unacked.entries.len() <= 66,
        "{} entries for one message",
        unacked.entries.len()
    );
    assert_eq!(unacked.iter().count(), 1);
}
