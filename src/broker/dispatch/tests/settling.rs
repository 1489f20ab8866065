//! Acks, rejects, recovers, and tags that are not outstanding.

use super::script::{Stage, play, play_all, play_all_on_both, play_on_both};

#[test]
fn ack_of_many_names_only_what_follows_those_that_are_done() {
    use super::super::{AckMode, ChannelId, ConnectionId, DeliveryTag, Dispatch, Extent, QueueSpec, Table};
    let by = ConnectionId(1);
    let channel = ChannelId {
        connection: by,
        number: 1,
    };
    let mut dispatch = Dispatch::default();
    let mut out = Vec::new();
    let spec = QueueSpec {
        name: "q".to_owned(),
        durable: false,
        exclusive: None,
        auto_delete: false,
        args: Table::new(),
    };
    dispatch.declare_queue(by, spec, &mut out).expect("a new queue");
    dispatch.open_channel(channel);
    for number in 0..9 {
        dispatch
            .publish(super::job(number, "q").into(), &mut out)
            .expect("a queue is there");
        dispatch
            .get(channel, "q", AckMode::Manual, &mut out)
            .expect("a message is there");
    }
    let (one, many) = (Extent::One, Extent::UpTo);
    for (done, tag, extent, named) in [
        (0, 3, many, &[1, 2, 3][..]),
        (0, 3, one, &[3]),
        (7, 8, many, &[8]),
        (7, 0, many, &[8, 9]),
        (7, 7, many, &[]),
        (7, 7, one, &[]),
        (7, 10, many, &[]),
    ] {
        let tags = dispatch.outstanding(channel, DeliveryTag(done), DeliveryTag(tag), extent);
        let tags: Vec<u64> = tags.iter().map(|tag| tag.0).collect();
        assert_eq!(tags, named, "{tag} {extent:?} after {done}");
    }
}

/// Where a rejected message comes back.
const RETURNS: &[(&str, &str)] = &[
    (
        "prefetch 1 rejects for ever",
        "
            pub 0-5
            consume c0 prefetch=1 => c0:0
            nack c0:0 => c0:0R
            nack c0:0 => c0:0R
            nack c0:0 => c0:0R",
    ),
    (
        "one in the middle",
        "
            pub 0-5
            consume c0 prefetch=3 => c0:0 c0:1 c0:2
            nack c0:1 => c0:1R
            ack c0:0 => c0:3
            ack c0:2 => c0:4
            ack c0:1 => c0:5",
    ),
    (
        "fetched ones too",
        "
            pub 0-2
            get g => 0 left=2
            get g => 1 left=1
            nack g:1
            get h => 1R left=1
            nack g:0
            get h => 0R left=1",
    ),
];

/// … where a quorum queue differs: it goes by the order of return.
const CLASSIC_RETURNS: &[(&str, &str)] = &[
    (
        "several at once",
        "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            nack c0:2 multiple => c0:0R c0:1R c0:2R
            nack c0:all => c0:0R c0:1R c0:2R c0:3R",
    ),
    (
        "one by one, backwards",
        "
            pub 0-5
            consume c0 prefetch=4 => c0:0 c0:1 c0:2 c0:3
            cancel c0
            nack c0:3
            nack c0:2
            nack c0:1
            nack c0:0
            get g auto => 0R left=5
            get g auto => 1R left=4
            get g auto => 2R left=3
            get g auto => 3R left=2
            get g auto => 4 left=1
            get g auto => 5 left=0",
    ),
    (
        "before what was published later",
        "
            pub 0-2
            consume c0 => c0:0 c0:1 c0:2
            cancel c0
            pub 3-5
            nack c0:2
            nack c0:0
            get g auto => 0R left=4
            get g auto => 2R left=3
            get g auto => 3 left=2
            nack c0:1
            get g auto => 1R left=2
            get g auto => 4 left=1
            get g auto => 5 left=0",
    ),
];

#[test]
fn requeued_message_returns_to_its_place() {
    play_all_on_both(RETURNS);
    play_all(CLASSIC_RETURNS);
}

#[test]
fn rejecter_is_unblocked_before_its_message_is_back() {
    play_all_on_both(&[
        (
            "both full: back to the rejecter",
            "
            consume c0 prefetch=1
            consume c1 prefetch=1
            pub 0-1 => c0:0 c1:1
            nack c0:0 => c0:0R",
        ),
        (
            "both free: whose turn it is",
            "
            consume c0
            consume c1
            pub 0 => c0:0
            nack c0:0 => c1:0R
            nack c1:0 => c0:0R
            nack c0:0 => c1:0R",
        ),
        (
            "others wait: the head goes to the rejecter",
            "
            consume c0 prefetch=1
            consume c1 prefetch=1
            consume c2 prefetch=1
            pub 0-4 => c0:0 c1:1 c2:2
            nack c1:1 => c1:1R",
        ),
    ]);
}

#[test]
fn dropped_message_is_gone() {
    play_on_both(
        "and the next comes",
        "
        pub 0-2
        consume c0 prefetch=1 => c0:0
        drop c0:0 => c0:1
        die c0
        ready 2",
    );
}

#[test]
fn recover_returns_all_that_the_channel_holds() {
    play_all_on_both(&[
        (
            "to itself",
            "
            pub 0-2
            consume c0 => c0:0 c0:1 c0:2
            recover c0 => c0:0R c0:1R c0:2R
            ack c0:#3 => unknown:3
            ack c0:#4
            ack c0:#6",
        ),
        (
            "dealt over both",
            "
            pub 0-2
            consume c0 => c0:0 c0:1 c0:2
            consume c1
            recover c0 => c0:0R c1:1R c0:2R",
        ),
    ]);
}

#[test]
fn only_outstanding_tags_can_be_settled() {
    // Four are held; what follows, and how many come back at the channel's end.
    let rows = [
        ("unknown", "ack c0:#99 => unknown:99", 4),
        ("unknown, nack", "nack c0:#99 => unknown:99", 4),
        ("unknown, drop", "drop c0:#99 => unknown:99", 4),
        ("twice", "ack c0:#1\nack c0:#1 => unknown:1", 3),
        ("zero", "ack c0:#0 => unknown:0", 4),
        ("zero means all", "ack c0:#0 multiple", 0),
        ("all, and again", "ack c0:#0 multiple\nack c0:#0 multiple", 0),
        ("all dropped", "drop c0:#0 multiple", 0),
        (
            "up to one that is gone",
            "ack c0:#2\nack c0:#2 multiple => unknown:2",
            3,
        ),
        ("up to none", "ack c0:#99 multiple => unknown:99", 4),
        (
            "below what is gone",
            "ack c0:#2 multiple\nack c0:#1 multiple => unknown:1",
            2,
        ),
    ];
    for (name, lines, left) in rows {
        play_on_both(
            name,
            &format!(
                "
                pub 0-3
                consume c0 => c0:0 c0:1 c0:2 c0:3
                {lines}
                close c0
                ready {left}"
            ),
        );
    }
    play_on_both(
        "tags belong to their channel, and automatic acks leave none",
        "
        pub 0-1
        consume c0 => c0:0 c0:1
        ack d:#1 => unknown:1
        consume e auto
        pub 2 => c0:2
        pub 3 => e:3
        ack e:#1 => unknown:1",
    );
}

#[test]
fn tags_are_one_sequence_over_consumers_and_fetches() {
    play_on_both(
        "two queues and a fetch",
        "
        pub 0-2
        pub 9 queue=other
        get c0 => 0 left=2
        consume c0 => c0:1 c0:2
        consume c1@c0 queue=other => c1:9
        ack c0:#4
        ack c0:#1
        ack c0:#3
        ack c0:#2
        ack c0:#5 => unknown:5",
    );
}

#[test]
fn settlements_for_a_deleted_queue_are_accepted_silently() {
    let mut stage = Stage::default();
    stage.queue("q");
    stage.perform("pub 0-3");
    stage.perform("consume v");
    stage.delete("q");
    assert!(stage.perform("ack v:0").contains(&"cancel:v".to_owned()));
    stage.dispatch.check();
    for line in ["nack v:1", "drop v:2", "ack v:3", "ack v:all"] {
        assert!(stage.perform(line).is_empty(), "{line}");
        stage.dispatch.check();
    }
    assert_eq!(stage.perform("ack v:#1"), ["unknown:1"]);
}

#[test]
fn acks_of_several_consumers_take_effect_in_the_order_of_their_tags() {
    // RabbitMQ groups by consumer tag: b's credit comes back first although z's message is older.
    play(
        "two on one channel, both set aside",
        "
        consume z prefetch=1
        consume b@z
        pub 0-2 => z:0 b:1
        purge 1
        ack z:all
        pub 3-4 => b:3 z:4",
    );
}
