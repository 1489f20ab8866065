//! Deleted and emptied queues, auto-delete, exclusive consumers, and the counts.

use super::super::{
    AckMode, Binding, ChannelId, ConnectionId, Consume, DeleteRule, Destination, Dispatch, Effect, ExchangeKind,
    ExchangeSpec, QueueCounts, Refusal, Table,
};
use super::script::{Stage, play, play_all};

const BY: ConnectionId = ConnectionId(0);

#[test]
fn counts_are_of_ready_messages_and_all_consumers() {
    play(
        "two held",
        "
        pub 0-4
        consume v prefetch=2 => v:0 v:1
        ready 3
        consumers 1
        purge 3
        ready 0
        cancel v
        consumers 0
        close v
        ready 2",
    );
}

#[test]
fn consumers_of_a_deleted_queue_are_told() {
    let mut stage = Stage::default();
    stage.queue("q");
    for line in ["pub 0-2", "consume b", "consume a@b", "consume c"] {
        stage.perform(line);
    }
    stage.delete("q");
    stage.dispatch.check();
    assert_eq!(
        stage.perform("cancel b"),
        ["cancel:b", "cancel:a", "cancel:c"],
        "in the order in which they came"
    );
    stage.queue("q");
    assert!(stage.perform("pub 3").is_empty());
    assert_eq!(stage.perform("consume b"), ["b:3"], "the tag is free again");
}

#[test]
fn deletion_may_depend_on_use_and_content() {
    let mut stage = Stage::default();
    stage.queue("q");
    stage.perform("pub 0-2");
    stage.perform("consume v prefetch=1");
    let mut delete = |if_unused, if_empty| {
        let rule = DeleteRule { if_unused, if_empty };
        stage.dispatch.delete_queue(BY, "q", rule, &mut Vec::new())
    };
    assert_eq!(delete(false, true), Err(Refusal::QueueNotEmpty("q".to_owned())));
    assert_eq!(delete(true, false), Err(Refusal::QueueInUse("q".to_owned())));
    assert_eq!(delete(false, false), Ok(2), "what is held does not count");
    assert_eq!(delete(false, false), Ok(0));
}

#[test]
fn auto_delete_queue_goes_with_its_last_consumer() {
    for (how, stays) in [
        ("cancel a", false),
        ("close a", false),
        ("die a", false),
        ("cancel b", true),
    ] {
        let mut stage = Stage::default();
        stage.queue("auto");
        stage.perform("pub 0-1 queue=auto");
        assert!(stage.dispatch.check_queue(BY, "auto").is_ok(), "it was never used");
        stage.perform("consume a queue=auto");
        if stays {
            stage.perform("consume b queue=auto");
        }
        stage.perform(how);
        stage.dispatch.check();
        assert_eq!(stage.dispatch.check_queue(BY, "auto").is_ok(), stays, "{how}");
    }
}

#[test]
fn exclusive_consumer_shares_with_no_one() {
    play_all(&[
        (
            "the first is exclusive",
            "
            consume a exclusive
            consume b => exclusive
            cancel a
            consume b
            pub 0 => b:0",
        ),
        (
            "the second would be",
            "
            consume a
            consume b exclusive => exclusive
            pub 0-1 => a:0 a:1",
        ),
        (
            "a tag is free on another channel only",
            "
            consume a
            consume a@a => reused
            pub 0 => a:0",
        ),
    ]);
}

#[test]
fn auto_delete_exchange_goes_with_its_last_binding() {
    let mut stage = Stage::default();
    let mut out: Vec<Effect> = Vec::new();
    stage.queue("q");
    stage.queue("p");
    let binding = |queue: &str| Binding {
        exchange: "x".to_owned(),
        to: Destination::Queue(queue.to_owned()),
        key: String::new(),
        args: Table::new(),
    };
    let spec = ExchangeSpec {
        name: "x".to_owned(),
        kind: ExchangeKind::Fanout,
        durable: false,
        auto_delete: true,
        internal: false,
        args: Table::new(),
    };
    stage.dispatch.declare_exchange(spec, &mut out).expect("a new exchange");
    assert!(stage.dispatch.check_exchange("x").is_ok(), "it was never bound");
    for queue in ["q", "p"] {
        stage
            .dispatch
            .bind(BY, binding(queue), &mut out)
            .expect("both ends are there");
    }
    let in_use = stage.dispatch.delete_exchange("x", true, &mut out);
    assert_eq!(in_use, Err(Refusal::ExchangeInUse("x".to_owned())));
    stage.dispatch.unbind(BY, &binding("q"), &mut out).expect("bound");
    assert!(stage.dispatch.check_exchange("x").is_ok());
    stage.delete("p");
    assert_eq!(
        stage.dispatch.check_exchange("x"),
        Err(Refusal::NoExchange("x".to_owned()))
    );
}

#[test]
fn requests_on_a_channel_that_is_not_open_do_nothing() {
    let mut stage = Stage::default();
    stage.queue("q");
    stage.perform("pub 0");
    let channel = ChannelId {
        connection: BY,
        number: 9,
    };
    let mut out = Vec::new();
    let consume = Consume {
        queue: "q".to_owned(),
        tag: "c".into(),
        ack: AckMode::Manual,
        exclusive: false,
        args: Table::new(),
    };
    let dispatch: &mut Dispatch = &mut stage.dispatch;
    assert_eq!(dispatch.consume(channel, consume, &mut out), Ok(()));
    assert_eq!(dispatch.get(channel, "q", AckMode::Manual, &mut out), Ok(None));
    dispatch.recover(channel, &mut out);
    assert_eq!(
        dispatch.check_queue(BY, "q"),
        Ok(QueueCounts { ready: 1, consumers: 0 })
    );
    assert_eq!(out, []);
}
