//! Message priorities, as measured on RabbitMQ.

use super::super::Like;
use super::script::{Stage, play_on};

fn classic(max: i64) -> Stage {
    Stage::default().with_number("x-max-priority", max)
}

const MIXED: &str = "
    pub 0 priority=0
    pub 1 priority=5
    pub 2 priority=3
    pub 3 priority=9
    pub 4
    pub 5 priority=5
    pub 6 priority=0
    pub 7 priority=3
    consume v auto => ";

#[test]
fn order_is_the_queues_and_the_versions() {
    let rows = [
        (classic(5), "1 3 5 2 7 0 4 6"),
        (Stage::default(), "0 1 2 3 4 5 6 7"),
        (Stage::quorum().like(Like::V3_10), "0 1 2 3 4 5 6 7"),
        (Stage::quorum().like(Like::V4_0), "1 3 0 5 2 4 6 7"),
        (Stage::quorum().like(Like::V4_3), "3 1 5 4 2 7 0 6"),
    ];
    for (stage, order) in rows {
        let expected: Vec<String> = order.split(' ').map(|job| format!("v:{job}")).collect();
        play_on(stage, order, &format!("{MIXED}{}", expected.join(" ")));
    }
}

#[test]
fn what_is_delivered_is_not_overtaken_but_what_waits_is() {
    play_on(
        classic(5),
        "a free place takes the new one",
        "
        pub 0-3 priority=0
        consume v prefetch=2 => v:0 v:1
        pub 9 priority=5
        ack v:0 => v:9
        nack v:1 => v:1R",
    );
}

#[test]
fn returned_message_takes_its_place_in_its_own_priority() {
    play_on(
        classic(5),
        "classic",
        "
        pub 0 priority=1
        pub 1 priority=3
        pub 2 priority=3
        get g => 1 left=2
        get g => 2 left=1
        get g => 0 left=0
        pub 3 priority=3
        pub 4 priority=2
        nack g:0
        nack g:2
        nack g:1
        consume v => v:1R v:2R v:3 v:4 v:0R",
    );
    for like in [Like::V4_0, Like::V4_3] {
        play_on(
            Stage::quorum().uncounted().like(like),
            "quorum: what came back goes first, whatever its priority",
            "
            pub 0 priority=1
            get g => 0 left=0
            pub 1 priority=9
            nack g:0
            consume v => v:0R v:1",
        );
    }
}

#[test]
fn consumers_take_turns_as_without_priorities() {
    play_on(
        classic(5),
        "plain round robin",
        "
        consume c0 auto
        consume c1 auto
        pub 0 priority=0 => c0:0
        pub 1 priority=1 => c1:1
        pub 2 priority=2 => c0:2
        pub 3 priority=0 => c1:3
        pub 4 priority=1 => c0:4
        pub 5 priority=2 => c1:5",
    );
}
