//! What the server says of a queue beside its declaration; and who comes, settles and goes.

use super::super::{
    AckMode, ChannelId, ConnectionId, Consume, DeliveryTag, Dispatch, Effect, Extent, Life, Policy, QueueSpec,
    RequeueCause, Settled, Settlement, Table, Trace, Tracing, Value,
};
use super::{job, number, totals};
use std::sync::Arc;

const BY: ConnectionId = ConnectionId(1);
const CHANNEL: ChannelId = ChannelId {
    connection: BY,
    number: 1,
};

fn declare(dispatch: &mut Dispatch, name: &str, args: Table) {
    let spec = QueueSpec {
        name: name.to_owned(),
        durable: true,
        exclusive: None,
        auto_delete: false,
        args,
    };
    dispatch
        .declare_queue(BY, spec, &mut Vec::new())
        .expect("it is new, or equal");
}

/// A queue `q` with these arguments, and queues `dead` and `own` for dead letters.
fn broker(args: Table) -> Dispatch {
    let mut dispatch = Dispatch::default();
    dispatch.open_channel(CHANNEL);
    declare(&mut dispatch, "q", args);
    declare(&mut dispatch, "dead", Table::new());
    declare(&mut dispatch, "own", Table::new());
    dispatch
}

fn policy() -> [Policy; 1] {
    [Policy {
        queue: "q".to_owned(),
        dead_letter_exchange: String::new(),
        dead_letter_routing_key: Some("dead".to_owned()),
    }]
}

/// How many messages are in `dead` and in `own` after one of `q` was rejected.
fn after_a_reject(dispatch: &mut Dispatch) -> [u64; 2] {
    let mut out = Vec::new();
    dispatch.publish(Arc::new(job(0, "q")), &mut out).expect("routable");
    let got = dispatch.get(CHANNEL, "q", AckMode::Manual, &mut out).expect("a queue");
    let tag = got.expect("a message").delivery.tag;
    dispatch
        .settle(CHANNEL, tag, Extent::One, Settlement::Drop, &mut out)
        .expect("outstanding");
    dispatch.check();
    ["dead", "own"].map(|queue| totals(dispatch, queue).ready)
}

#[test]
fn policy_sends_dead_letters_where_the_queue_s_own_arguments_do_not() {
    let mut dispatch = broker(Table::new());
    assert_eq!(after_a_reject(&mut dispatch), [0, 0], "nothing is said");
    dispatch.set_policies(&policy());
    assert_eq!(after_a_reject(&mut dispatch), [1, 0]);
    declare(&mut dispatch, "q", Table::new());
    dispatch.set_policies(&[]);
    assert_eq!(after_a_reject(&mut dispatch), [1, 0], "nothing is said any more");
    let args = [
        ("x-dead-letter-exchange".to_owned(), Value::text("")),
        ("x-dead-letter-routing-key".to_owned(), Value::text("own")),
    ];
    let mut dispatch = broker(args.into_iter().collect());
    dispatch.set_policies(&policy());
    assert_eq!(after_a_reject(&mut dispatch), [0, 1], "the queue's own word counts");
}

#[test]
fn policy_holds_for_queues_to_come_and_is_not_compared() {
    let mut dispatch = Dispatch::default();
    dispatch.set_policies(&policy());
    dispatch.open_channel(CHANNEL);
    for name in ["q", "dead", "own", "q"] {
        declare(&mut dispatch, name, Table::new());
    }
    assert_eq!(after_a_reject(&mut dispatch), [1, 0]);
}

fn lives(effects: &[Effect]) -> Vec<String> {
    let life = |effect: &Effect| match effect {
        Effect::Trace(Trace::Life(life)) => Some(match life {
            Life::Joined { consumer, prefetch, .. } => format!("{consumer} joined {prefetch}"),
            Life::Left { consumer, .. } => format!("{consumer} left"),
            Life::Settled { messages, how, .. } => {
                let numbers: Vec<u32> = messages.iter().map(|message| number(message)).collect();
                let how = match how {
                    Settled::Acked => "acked",
                    Settled::Rejected => "rejected",
                };
                format!("{numbers:?} {how}")
            }
            Life::Closed { channel } => format!("{} closed", channel.number),
            other => format!("{other:?}"),
        }),
        Effect::Trace(Trace::Requeued { messages, .. }) => Some(format!("{} back", messages.len())),
        _ => None,
    };
    effects.iter().filter_map(life).collect()
}

#[test]
fn lives_are_told_in_order_and_the_end_of_a_channel_before_what_it_held_goes_back() {
    let mut dispatch = broker(Table::new());
    dispatch.set_lives(Tracing::On);
    dispatch.set_tracing(Tracing::On);
    let mut out = Vec::new();
    let consume = Consume {
        queue: "q".to_owned(),
        tag: "c".into(),
        ack: AckMode::Manual,
        exclusive: false,
        args: Table::new(),
    };
    dispatch
        .consume(CHANNEL, consume, &mut out)
        .expect("the queue is there");
    for n in 0..5 {
        dispatch.publish(Arc::new(job(n, "q")), &mut out).expect("routable");
    }
    let settle = |dispatch: &mut Dispatch, tag, extent, how, out: &mut Vec<Effect>| {
        dispatch
            .settle(CHANNEL, DeliveryTag(tag), extent, how, out)
            .expect("outstanding");
    };
    settle(&mut dispatch, 2, Extent::UpTo, Settlement::Ack, &mut out);
    settle(&mut dispatch, 3, Extent::One, Settlement::Drop, &mut out);
    dispatch.cancel(CHANNEL, "c", &mut out);
    dispatch.close_channel(CHANNEL, RequeueCause::ChannelClosed, &mut out);
    let want = [
        "c joined 0",
        "[0, 1] acked",
        "[2] rejected",
        "c left",
        "1 closed",
        "2 back",
    ];
    dispatch.check();
    assert_eq!(lives(&out), want);
}
