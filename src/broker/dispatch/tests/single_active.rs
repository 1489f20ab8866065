//! Single active consumer, on both kinds of queue (rows F9 of the measured answers).

use super::super::{Like, Value};
use super::script::{Stage, play_on};

const ALL: [Like; 3] = [Like::V3_10, Like::V4_0, Like::V4_3];

fn classic(like: Like) -> Stage {
    Stage::default()
        .like(like)
        .with("x-single-active-consumer", Value::Bool(true))
}

fn quorum(like: Like) -> Stage {
    Stage::quorum()
        .uncounted()
        .like(like)
        .with("x-single-active-consumer", Value::Bool(true))
}

#[test]
fn one_is_served_and_the_next_follows_when_it_leaves() {
    let rows = [
        (
            "its channel closes: what it held goes to the next at once",
            "
            consume c0 prefetch=2
            consume c1 prefetch=2
            consume c2 prefetch=2
            pub 0-5 => c0:0 c0:1
            ack c0:0 => c0:2
            close c0 => c1:1R c1:2R",
        ),
        (
            "its connection is lost: the same",
            "
            consume c0 prefetch=2
            consume c1@c0/2 prefetch=2
            consume c2 prefetch=2
            pub 0-5 => c0:0 c0:1
            die c0 => c2:0R c2:1R",
        ),
        (
            "it cancels: what it holds stays, the next gets what follows",
            "
            consume c0 prefetch=2
            consume c1 prefetch=2
            pub 0-3 => c0:0 c0:1
            cancel c0 => c1:2 c1:3
            ack c0:0
            pub 4
            close c0
            ack c1:2 => c1:1R
            ack c1:3 => c1:4",
        ),
        (
            "one that waits leaves: nothing happens",
            "
            consume c0 prefetch=1
            consume c1 prefetch=1
            pub 0-1 => c0:0
            cancel c1
            ack c0:0 => c0:1
            cancel c0
            consume c2 prefetch=1
            pub 2 => c2:2",
        ),
        (
            "it has acks to wait for like any other",
            "
            consume c0 auto
            consume c1 prefetch=1
            pub 0-2 => c0:0 c0:1 c0:2
            turn
            cancel c0
            pub 3-4 => c1:3
            ack c1:3 => c1:4",
        ),
    ];
    for (name, script) in rows {
        for like in ALL {
            play_on(classic(like), &format!("{name} ({like:?})"), script);
            play_on(quorum(like), &format!("{name} (quorum, {like:?})"), script);
        }
    }
}

#[test]
fn shared_limit_and_a_full_socket_hold_the_active_one_back() {
    let script = "
            qos-global c0 1
            consume c0
            consume c1
            pub 0-2 => c0:0
            ack c0:0 => c0:1
            cancel c0 => c1:2";
    for like in [Like::V3_10, Like::V4_0] {
        play_on(classic(like), "shared limit", script);
    }
}

#[test]
fn higher_priority_takes_over_a_quorum_queue_from_4_0_on() {
    let waits = "
            consume c0 prefetch=2
            pub 0-3 => c0:0 c0:1
            consume c1 prefetch=2 priority=10
            ack c0:0 => c0:2
            ack c0:1 => c0:3";
    let takes = "
            consume c0 prefetch=2
            pub 0-3 => c0:0 c0:1
            consume c1 prefetch=2 priority=10
            ack c0:0
            ack c0:1 => c1:2 c1:3
            cancel c1
            pub 4 => c0:4
            ack c1:2";
    for like in ALL {
        play_on(classic(like), "classic", waits);
    }
    play_on(quorum(Like::V3_10), "3.10", waits);
    for like in [Like::V4_0, Like::V4_3] {
        play_on(quorum(like), "take-over", takes);
        let idle = "
            consume c0 prefetch=2
            consume c1 prefetch=2 priority=1
            pub 0 => c1:0";
        play_on(quorum(like), "nothing held: at once", idle);
        let leaves = "
            consume c0 prefetch=2
            pub 0-3 => c0:0 c0:1
            consume c1 prefetch=2 priority=10
            ack c0:0
            cancel c1 => c0:2";
        play_on(quorum(like), "the higher one leaves before its turn", leaves);
    }
}

#[test]
fn who_follows_at_a_quorum_queue_goes_by_prefetch_among_equals_from_4_0_on() {
    let script = |next: &str| {
        format!(
            "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=5
            cancel c0
            pub 0 => {next}:0"
        )
    };
    for like in ALL {
        play_on(classic(like), "classic", &script("c1"));
        let next = if like == Like::V3_10 { "c1" } else { "c2" };
        play_on(quorum(like), "quorum", &script(next));
    }
}

#[test]
fn get_is_for_classic_queues_and_an_exclusive_consumer_for_none() {
    for (like, kind) in [(Like::V4_0, "quorum"), (Like::V4_3, "<<\"quorum\">>")] {
        let script = "
            pub 0
            get g => 0 left=0
            consume c0 exclusive => exclusive";
        play_on(classic(like), "classic", script);
        let script = format!(
            "
            pub 0
            get g => single-active:{kind}
            consume c0 exclusive => c0:0"
        );
        play_on(quorum(like), "quorum", &script);
    }
}

#[test]
fn those_that_wait_at_a_quorum_queue_are_not_counted() {
    let script = |waiting: u32| {
        format!(
            "
            consume c0 prefetch=2
            consume c1 prefetch=2
            consume c2 prefetch=2
            consumers {}",
            1 + waiting
        )
    };
    for like in ALL {
        play_on(classic(like), "classic", &script(2));
        play_on(quorum(like), "quorum", &script(0));
    }
}
