//! Direct replies.

use super::super::replies::REPLY_TO;
use super::super::{AckMode, ChannelId, ConnectionId, Dispatch, Effect, Refusal, RequeueCause};
use super::job;
use std::sync::Arc;

const ASKER: ChannelId = ChannelId {
    connection: ConnectionId(1),
    number: 1,
};

fn send(dispatch: &mut Dispatch, key: &str) -> (u32, Vec<Effect>) {
    let mut out = Vec::new();
    let routed = dispatch
        .publish(Arc::new(job(7, key)), &mut out)
        .expect("the default exchange is there");
    dispatch.check();
    (routed.queues, out)
}

fn asker() -> Dispatch {
    let mut dispatch = Dispatch::default();
    dispatch.open_channel(ASKER);
    let consumed = dispatch.consume_replies(ASKER, "r", AckMode::Automatic, "token");
    consumed.expect("the first, without acks");
    dispatch
}

#[test]
fn reply_goes_straight_to_the_channel_that_asked() {
    let mut dispatch = asker();
    let name = dispatch.reply_to(ASKER).expect("it consumes");
    assert_eq!(&*name, "amq.rabbitmq.reply-to.token");
    for tag in 1..=2 {
        let (queues, out) = send(&mut dispatch, &name);
        let [Effect::Deliver(delivery)] = &out[..] else {
            panic!("{out:?}");
        };
        let seen = (
            queues,
            delivery.channel,
            &*delivery.consumer,
            delivery.tag.0,
            delivery.redelivered,
        );
        assert_eq!(seen, (1, ASKER, "r", tag, false));
        dispatch.sent(ASKER, delivery.queue, 1, &mut Vec::new());
    }
    let counts = dispatch.check_queue(ConnectionId(2), &name).expect("it is there");
    assert_eq!((counts.ready, counts.consumers), (0, 1));
}

#[test]
fn replies_end_with_their_consumer_or_channel() {
    let ends: [fn(&mut Dispatch); 3] = [
        |dispatch| dispatch.cancel(ASKER, "r", &mut Vec::new()),
        |dispatch| dispatch.close_channel(ASKER, RequeueCause::ChannelClosed, &mut Vec::new()),
        |dispatch| dispatch.close_connection(ASKER.connection, &mut Vec::new()),
    ];
    for end in ends {
        let mut dispatch = asker();
        let name = dispatch.reply_to(ASKER).expect("it consumes");
        end(&mut dispatch);
        assert_eq!(send(&mut dispatch, &name), (0, Vec::new()));
        let missing = dispatch.check_queue(ConnectionId(1), &name);
        assert_eq!(missing, Err(Refusal::NoQueue(name.to_string())));
        assert!(dispatch.reply_to(ASKER).is_err());
    }
}

#[test]
fn misuse_is_refused_in_rabbitmqs_words() {
    let mut dispatch = asker();
    let again = dispatch.consume_replies(ASKER, "s", AckMode::Automatic, "other");
    assert_eq!(again, Err(Refusal::Replies("reply consumer already set")));
    let acks = dispatch.consume_replies(ASKER, "s", AckMode::Manual, "other");
    assert_eq!(acks, Err(Refusal::Replies("reply consumer cannot acknowledge")));
    let stranger = ChannelId { number: 2, ..ASKER };
    dispatch.open_channel(stranger);
    let nothing = Err(Refusal::Replies("fast reply consumer does not exist"));
    assert_eq!(dispatch.reply_to(stranger), nothing);
    assert!(dispatch.check_queue(ConnectionId(1), REPLY_TO).is_ok());
}
