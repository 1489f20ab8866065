//! Who gets the next message.

use super::script::{Stage, play_all, play_all_on_both};

#[test]
fn idle_consumers_take_turns() {
    play_all_on_both(&[
        (
            "two, in one write",
            "
            consume c0
            consume c1
            pub 0-6 => c0:0 c1:1 c0:2 c1:3 c0:4 c1:5 c0:6",
        ),
        (
            "three with automatic ack, one by one",
            "
            consume c0 auto
            consume c1 auto
            consume c2 auto
            pub 0 => c0:0
            pub 1 => c1:1
            pub 2 => c2:2
            pub 3 => c0:3",
        ),
        (
            "three on one channel",
            "
            consume c0
            consume c1@c0
            consume c2@c0
            pub 0-4 => c0:0 c1:1 c2:2 c0:3 c1:4",
        ),
        (
            "a fetch between does not move the turn",
            "
            consume c0 auto
            consume c1 auto
            pub 0 => c0:0
            get g => empty
            pub 1-2 => c1:1 c0:2",
        ),
    ]);
}

#[test]
fn first_consumer_takes_the_backlog_that_its_prefetch_allows() {
    play_all_on_both(&[
        (
            "no limit",
            "
            pub 0-4
            consume c0 => c0:0 c0:1 c0:2 c0:3 c0:4
            consume c1",
        ),
        (
            "prefetch 1",
            "
            pub 0-14
            consume c0 prefetch=1 => c0:0
            consume c1 prefetch=1 => c1:1
            consume c2 prefetch=1 => c2:2
            ready 12",
        ),
        (
            "prefetch 4",
            "
            pub 0-14
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            consume c1 prefetch=4 => c1:4 c1:5 c1:6 c1:7
            consume c2 prefetch=4 => c2:8 c2:9 c2:10 c2:11
            ready 3",
        ),
    ]);
    play_all(&[(
        "automatic ack",
        "
        pub 0-2
        consume c0 auto prefetch=1 => c0:0 c0:1 c0:2
        consume c1 auto",
    )]);
}

#[test]
fn newcomer_joins_at_the_tail() {
    play_all_on_both(&[(
        "one more",
        "
        consume c0 auto
        consume c1 auto
        pub 0-2 => c0:0 c1:1 c0:2
        consume c2 auto
        pub 3-9 => c1:3 c0:4 c2:5 c1:6 c0:7 c2:8 c1:9",
    )]);
}

#[test]
fn leaver_is_left_out_and_the_others_keep_their_order() {
    // Messages before, who leaves, who gets the next five.
    let rows = [
        (1, 0, "1 2 1 2 1"),
        (1, 1, "2 0 2 0 2"),
        (1, 2, "1 0 1 0 1"),
        (2, 0, "2 1 2 1 2"),
        (2, 1, "2 0 2 0 2"),
        (2, 2, "0 1 0 1 0"),
        (3, 0, "1 2 1 2 1"),
        (3, 1, "0 2 0 2 0"),
        (3, 2, "0 1 0 1 0"),
    ];
    for (before, leaver, next) in rows {
        for how in ["cancel", "close", "die"] {
            for mut stage in [Stage::default(), Stage::quorum()] {
                for consumer in 0..3 {
                    stage.queue("q");
                    stage.perform(&format!("consume c{consumer} auto"));
                }
                stage.perform(&format!("pub 0-{}", before - 1));
                assert!(stage.perform(&format!("{how} c{leaver}")).is_empty());
                let seen = stage.perform(&format!("pub {before}-{}", before + 4));
                let expected: Vec<String> = next
                    .split(' ')
                    .enumerate()
                    .map(|(at, consumer)| format!("c{consumer}:{}", before + at))
                    .collect();
                assert_eq!(seen, expected, "after {before}, c{leaver} leaves by {how}");
            }
        }
    }
}

/// Prefetch and the turn.
const TURNS: &[(&str, &str)] = &[
    (
        "one was waiting: all had been tried, so the acks make the order",
        "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=1
            pub 0-3 => c0:0 c1:1 c2:2
            ack c2:2 => c2:3
            ack c0:0
            ack c1:1
            pub 4-6 => c0:4 c1:5
            ready 1",
    ),
    (
        "the waiting one was purged",
        "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=1
            pub 0-3 => c0:0 c1:1 c2:2
            purge 1
            ack c2:2
            ack c0:0
            ack c1:1
            pub 4-6 => c2:4 c0:5 c1:6",
    ),
    (
        "with a backlog each ack brings the next to the acker",
        "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=1
            pub 0-11 => c0:0 c1:1 c2:2
            ack c1:1 => c1:3
            ack c1:3 => c1:4
            ack c1:4 => c1:5
            ack c0:0 => c0:6
            ack c2:2 => c2:7
            ack c0:6 => c0:8",
    ),
    (
        "a skipped turn is lost: c0 comes back at the tail",
        "
            consume c0 prefetch=1
            consume c1 prefetch=10
            pub 0-5 => c0:0 c1:1 c1:2 c1:3 c1:4 c1:5
            ack c0:0
            pub 6-9 => c1:6 c0:7 c1:8 c1:9",
    ),
    (
        "two on one channel",
        "
            consume c0 prefetch=1
            consume c1@c0
            pub 0-4 => c0:0 c1:1
            ack c1:1 => c1:2
            ack c0:0 => c0:3
            ack c0:3 multiple => c0:4",
    ),
];

/// … where a quorum queue differs: it lets the acks make the order.
const CLASSIC_TURNS: &[(&str, &str)] = &[
    (
        "acks in time keep the old order",
        "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=1
            pub 0-2 => c0:0 c1:1 c2:2
            ack c2:2
            ack c0:0
            ack c1:1
            pub 3-5 => c0:3 c1:4 c2:5",
    ),
    (
        "partial credit keeps the old order",
        "
            consume c0 prefetch=2
            consume c1 prefetch=2
            pub 0-3 => c0:0 c1:1 c0:2 c1:3
            ack c1:1
            ack c0:0
            pub 4-6 => c0:4 c1:5
            ready 1",
    ),
];

#[test]
fn consumer_without_room_is_set_aside_only_when_its_turn_comes() {
    play_all_on_both(TURNS);
    play_all(CLASSIC_TURNS);
}

#[test]
fn busy_worker_is_skipped_when_prefetch_is_one() {
    let mut stage = Stage::default();
    stage.queue("q");
    stage.perform("consume c0 prefetch=1");
    stage.perform("consume c1 prefetch=1");
    assert_eq!(stage.perform("pub 0-19"), ["c0:0", "c1:1"]);
    for number in 1..19 {
        assert_eq!(
            stage.perform(&format!("ack c1:{number}")),
            [format!("c1:{}", number + 1)]
        );
    }
    assert!(stage.perform("ack c1:19").is_empty());
}

#[test]
fn higher_consumer_priority_is_served_first_while_it_has_room() {
    play_all_on_both(&[
        (
            "a busy one, a newcomer, its death",
            "
            consume c0 prefetch=2 priority=10
            consume c1
            consume c2
            pub 0-5 => c0:0 c0:1 c1:2 c2:3 c1:4 c2:5
            ack c0:0
            pub 6-7 => c0:6 c1:7
            consume c3 priority=20
            pub 8-9 => c3:8 c3:9
            die c3 => c2:8R c1:9R",
        ),
        (
            "equal ones take turns, a negative one is the last resort",
            "
            consume c0 priority=1
            consume c1 priority=2
            consume c2 priority=1
            consume c3 priority=-1
            pub 0-3 => c1:0 c1:1 c1:2 c1:3
            die c1 => c0:0R c2:1R c0:2R c2:3R
            pub 4-7 => c0:4 c2:5 c0:6 c2:7",
        ),
    ]);
}
