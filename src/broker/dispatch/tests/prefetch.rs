//! `basic.qos`: per consumer, shared by the channel, both, changed underway; and the socket's own limit.

use super::super::{Effect, QueueId};
use super::script::{Stage, play_all, play_all_on_both};

#[test]
fn prefetch_is_per_consumer_and_for_consumers_to_come() {
    play_all_on_both(&[
        (
            "two consumers of one channel have their own",
            "
            pub 0-9
            consume c0 prefetch=2 => c0:0 c0:1
            consume c1@c0 => c1:2 c1:3",
        ),
        (
            "a later change leaves the old consumer alone",
            "
            pub 0-19
            consume c0 prefetch=1 => c0:0
            qos c0 5
            consume c1@c0 => c1:1 c1:2 c1:3 c1:4 c1:5
            ack c0:0 => c0:6
            ack c0:6 => c0:7",
        ),
        (
            "several acked at once free as many places",
            "
            pub 0-19
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            ack c0:1 multiple => c0:4 c0:5
            ack c0:3 => c0:6
            ack c0:all => c0:7 c0:8 c0:9 c0:10
            close c0
            ready 13",
        ),
        (
            "fetched messages do not count",
            "
            pub 0-9
            qos c0 1
            get c0 => 0 left=9
            get c0 => 1 left=8
            consume c0 => c0:2",
        ),
        (
            "what a cancelled consumer holds does not count for the next",
            "
            pub 0-9
            consume v prefetch=2 => v:0 v:1
            cancel v
            consume w@v => w:2 w:3
            ack v:0
            ack v:1
            ack w:2 => w:4",
        ),
    ]);
}

/// `global=true`, alone and with limits per consumer.
const SHARED_LIMIT: &[(&str, &str)] = &[
    (
        "the first consumer takes all of it",
        "
            pub 0-9
            qos-global c0 2
            consume c0 => c0:0 c0:1
            consume c1@c0",
    ),
    (
        "automatic ack does not count",
        "
            pub 0-2
            qos-global c0 1
            consume c0 auto => c0:0 c0:1 c0:2",
    ),
    (
        "each channel has its own",
        "
            pub 0-9
            qos-global c0 2
            qos-global c1 2
            consume c0 => c0:0 c0:1
            consume c1 => c1:2 c1:3",
    ),
    (
        "both limits hold; a freed place goes round",
        "
            pub 0-9
            qos c0 2
            qos-global c0 3
            consume c0 => c0:0 c0:1
            consume c1@c0 => c1:2
            ack c0:0 => c0:3
            ack c0:1 => c1:4
            ack c1:2 => c0:5",
    ),
    (
        "any limit per consumer lifts it",
        "
            pub 0-5
            qos-global c0 3
            qos c0 2
            consume c0 => c0:0 c0:1
            consume c1@c0 => c1:2 c1:3
            ack c0:0 => c0:4
            ack c0:1 => c0:5",
    ),
    (
        "even 0 per consumer lifts it, at once",
        "
            pub 0-4
            qos-global c0 2
            consume c0 => c0:0 c0:1
            qos c0 0 => c0:2 c0:3 c0:4",
    ),
    (
        "what is unacked already counts",
        "
            consume c0
            pub 0-4 => c0:0 c0:1 c0:2 c0:3 c0:4
            qos-global c0 2
            pub 5-9
            ack c0:2 multiple
            ack c0:3 => c0:5
            ack c0:4 => c0:6",
    ),
    (
        "raised and lifted",
        "
            pub 0-7
            qos-global c0 2
            consume c0 => c0:0 c0:1
            qos-global c0 5 => c0:2 c0:3 c0:4
            qos-global c0 0 => c0:5 c0:6 c0:7",
    ),
    (
        "lowered below what is held",
        "
            pub 0-9
            qos-global c0 5
            consume c0 => c0:0 c0:1 c0:2 c0:3 c0:4
            qos-global c0 2
            ack c0:0
            ack c0:1
            ack c0:2
            ack c0:3 => c0:5",
    ),
    (
        "fetched messages do not count, nor do their acks",
        "
            pub 0-9
            qos-global c0 1
            get c0 => 0 left=9
            get c0 => 1 left=8
            consume c0 => c0:2
            ack c0:0
            ack c0:1
            ack c0:2 => c0:3",
    ),
];

#[test]
fn channel_limit_is_shared_and_holds_at_once() {
    play_all(SHARED_LIMIT);
}

#[test]
fn full_channel_limit_holds_back_automatic_ack_and_other_queues() {
    play_all(&[(
        "two queues",
        "
        pub 0-3
        pub 100-101 queue=other
        qos-global c0 2
        consume c0 => c0:0 c0:1
        consume c1@c0 auto queue=other
        ack c0:0 => c0:2
        ack c0:all => c0:3 c1:100 c1:101",
    )]);
}

#[test]
fn two_hundred_unwritten_deliveries_block_a_channel_until_some_are_written() {
    let mut stage = Stage::default();
    stage.queue("q");
    stage.perform("consume slow auto");
    stage.perform("pub 0-249");
    assert_eq!(stage.perform("ready 50"), Vec::<String>::new());
    let (channel, queue, mut out) = (stage.channel("slow"), QueueId(0), Vec::new());
    stage.dispatch.sent(channel, queue, 30, &mut out);
    stage.dispatch.check();
    let delivered = out.iter().filter(|effect| matches!(effect, Effect::Deliver(_))).count();
    assert_eq!(delivered, 30);
    stage.perform("ready 20");
    stage.perform("consume quick auto");
    stage.perform("ready 0");
}
