//! A line without a hub.

use super::Line;
use crate::broker::dispatch::{Gauge, StoreSeq, VhostId};
use crate::broker::protocol::{Reading, Reply};
use crate::broker::server::outbox::{Batch, Outbox};
use futures_util::FutureExt;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const HERE: VhostId = VhostId(0);

fn line() -> (Line, Gauge) {
    let gauge = Gauge::default();
    let outbox = Arc::new(Outbox::new(gauge.clone()));
    (Line::new(outbox, CancellationToken::new()), gauge)
}

fn confirm(tag: u64) -> Reply {
    Reply::Confirm {
        channel: 1,
        tag,
        multiple: false,
    }
}

/// The tags that the link gets when records are stored up to `stored`; 0 for a heartbeat.
fn heard(line: &mut Line, stored: u64) -> Vec<u8> {
    line.hand_over(|_, seq| seq.0 <= stored);
    let mut batch = Batch::default();
    if line.outbox.take(&mut batch).now_or_never().is_none() {
        return Vec::new();
    }
    line.outbox.wrote(batch.bytes.len());
    let mut rest = &batch.bytes[..];
    let mut tags = Vec::new();
    while !rest.is_empty() {
        let length = usize::from(rest[6]) + 8;
        // The last octet of a confirm's tag; a heartbeat has no payload.
        tags.push(if length == 8 { 0 } else { rest[18] });
        rest = &rest[length..];
    }
    tags
}

#[test]
fn answer_goes_out_when_its_own_record_is_stored() {
    let (mut line, _) = line();
    line.say(confirm(1));
    for record in 2..=4 {
        line.wait_for(HERE, StoreSeq(record));
        line.say(confirm(record));
    }
    assert_eq!(heard(&mut line, 0), [1], "what was said before waits for nothing");
    assert_eq!(heard(&mut line, 1), [0; 0]);
    assert_eq!(heard(&mut line, 3), [2, 3]);
    line.wait_for(HERE, StoreSeq(5));
    line.say(confirm(5));
    assert_eq!(heard(&mut line, 4), [4], "a record that came later holds back nothing");
    assert_eq!(heard(&mut line, 5), [5]);
}

#[test]
fn heartbeat_goes_past_what_waits() {
    let (mut line, _) = line();
    line.wait_for(HERE, StoreSeq(1));
    line.say(confirm(1));
    line.say(Reply::Heartbeat);
    assert_eq!(heard(&mut line, 0), [0]);
    assert_eq!(heard(&mut line, 1), [1]);
}

#[test]
fn what_waits_counts_as_backlog_and_memory_until_it_is_written() {
    let (mut line, gauge) = line();
    line.wait_for(HERE, StoreSeq(1));
    for tag in 0..300_000 {
        line.say(confirm(tag));
    }
    assert_eq!(heard(&mut line, 0), [0; 0]);
    assert!(gauge.held() > 6_000_000, "{}", gauge.held());
    assert!(
        line.outbox.is_unread(),
        "nothing more is read of whoever is owed so much"
    );
    assert_eq!(heard(&mut line, 1).len(), 300_000);
    assert_eq!(gauge.held(), 0);
    assert!(!line.outbox.is_unread());
}

#[test]
fn broker_is_told_of_room_once_what_was_said_is_written() {
    let (mut line, _) = line();
    line.set_reading(Reading::WhenWritten);
    assert!(line.has_awaited_room(), "nothing is owed");
    line.set_reading(Reading::On);
    for tag in 0..300_000 {
        line.say(confirm(tag));
    }
    line.set_reading(Reading::WhenWritten);
    line.hand_over(|_, _| true);
    assert!(!line.has_awaited_room());
    assert!(!line.outbox.wrote(1));
    assert!(line.outbox.wrote(300_000 * 21 - 1), "the link tells");
    assert!(!line.has_awaited_room(), "once");
}

#[test]
fn socket_ends_behind_the_last_answer() {
    let (mut line, _) = line();
    line.say(confirm(1));
    line.wait_for(HERE, StoreSeq(1));
    line.say(confirm(2));
    line.finish();
    let mut batch = Batch::default();
    line.hand_over(|_, _| false);
    line.outbox.take(&mut batch).now_or_never().expect("the first");
    assert!(!batch.last);
    batch.clear();
    line.hand_over(|_, _| true);
    line.outbox.take(&mut batch).now_or_never().expect("the second");
    assert!(batch.last);
}
