//! What becomes of the messages that a dying worker held.

use super::script::{Stage, play, play_all_on_both, play_on_both};

#[test]
fn cancel_leaves_the_held_messages_with_the_channel() {
    play(
        "the next consumer gets the rest, and the held ones when the channel closes",
        "
        pub 0-9
        consume v prefetch=5 => v:0 v:1 v:2 v:3 v:4
        cancel v
        ready 5
        consumers 0
        consume s => s:5 s:6 s:7 s:8 s:9
        ack v:1
        close v => s:0R s:2R s:3R s:4R",
    );
    play_on_both(
        "a cancel moves nothing to the others",
        "
        consume c0 prefetch=2
        consume c1 prefetch=1
        pub 0-4 => c0:0 c1:1 c0:2
        cancel c0
        ack c1:1 => c1:3",
    );
}

#[test]
fn held_messages_come_back_flagged_and_in_their_places() {
    for how in ["close", "die"] {
        let script = |rest: &str| {
            format!(
                "
                pub 0-9
                consume v prefetch=5 => v:0 v:1 v:2 v:3 v:4
                {rest}"
            )
            .replace("{how}", how)
        };
        let rows = [
            (
                "to the next consumer",
                script(
                    "{how} v
                    ready 10
                    consumers 0
                    consume s => s:0R s:1R s:2R s:3R s:4R s:5 s:6 s:7 s:8 s:9",
                ),
            ),
            (
                "to a survivor with room",
                script(
                    "consume s => s:5 s:6 s:7 s:8 s:9
                    {how} v => s:0R s:1R s:2R s:3R s:4R",
                ),
            ),
            (
                "without those that were acked",
                script(
                    "cancel v
                    ack v:1
                    ack v:3
                    {how} v
                    consume s => s:0R s:2R s:4R s:5 s:6 s:7 s:8 s:9",
                ),
            ),
            (
                "before what the survivor has not seen",
                script(
                    "consume s prefetch=1 => s:5
                    {how} v
                    ack s:5 => s:0R
                    ack s:0 => s:1R
                    ack s:1 => s:2R
                    ack s:2 => s:3R
                    ack s:3 => s:4R
                    ack s:4 => s:6",
                ),
            ),
            (
                "though the ready ones were purged meanwhile",
                script(
                    "purge 5
                    ready 0
                    {how} v
                    ready 5",
                ),
            ),
        ];
        for (name, script) in &rows {
            play_on_both(&format!("{name} ({how})"), script);
        }
    }
}

#[test]
fn several_deaths_interleave_to_publish_order() {
    play(
        "two held every other one",
        "
        consume v0 prefetch=3
        consume v1 prefetch=3
        pub 0-5 => v0:0 v1:1 v0:2 v1:3 v0:4 v1:5
        pub 6-7
        die v1
        ready 5
        die v0
        consume s => s:0R s:1R s:2R s:3R s:4R s:5R s:6 s:7",
    );
}

#[test]
fn rotation_goes_on_through_redeliveries() {
    play_all_on_both(&[
        (
            "free survivors share",
            "
            consume c0
            consume c1
            consume c2
            pub 0-6 => c0:0 c1:1 c2:2 c0:3 c1:4 c2:5 c0:6
            die c0 => c1:0R c2:3R c1:6R
            pub 7-9 => c2:7 c1:8 c2:9",
        ),
        (
            "full survivors take from the head as they free themselves",
            "
            consume v prefetch=2
            consume s0 prefetch=2
            consume s1 prefetch=2
            consume s2 prefetch=2
            pub 0-11 => v:0 s0:1 s1:2 s2:3 v:4 s0:5 s1:6 s2:7
            die v
            ack s0:1 => s0:0R
            ack s2:3 => s2:4R",
        ),
    ]);
}

#[test]
fn no_message_goes_to_a_channel_of_a_dying_connection() {
    play_on_both(
        "two channels, one connection",
        "
        consume a
        consume b@a/2
        consume s prefetch=1
        pub 0-4 => a:0 b:1 s:2 a:3 b:4
        die a
        ready 4
        ack s:2 => s:0R",
    );
}

#[test]
fn automatic_ack_loses_what_was_delivered() {
    play_on_both(
        "nothing comes back",
        "
        pub 0-4
        consume v auto => v:0 v:1 v:2 v:3 v:4
        die v
        ready 0",
    );
}

#[test]
fn repeated_deaths_change_nothing_but_the_flag() {
    let mut stage = Stage::default();
    stage.queue("q");
    stage.perform("pub 0");
    for life in 0..4 {
        let flag = if life == 0 { "" } else { "R" };
        assert_eq!(stage.perform(&format!("consume v{life}")), [format!("v{life}:0{flag}")]);
        assert!(stage.perform(&format!("die v{life}")).is_empty());
        stage.dispatch.check();
    }
}
