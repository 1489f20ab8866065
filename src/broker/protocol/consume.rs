//! consume, cancel, get, qos: how a client asks for messages.

use super::channel::Channel;
use super::frame::Reply;
use super::refusal::{Code, Refused};
use super::session::Session;
use super::table::{short, table};
use crate::broker::dispatch::{AckMode, Consume, Got, QosScope, REPLY_TO};
use amq_protocol::protocol::{AMQPClass, basic};

/// `basic.consume`: `consume-ok`, then the first deliveries.
pub(super) fn consume(channel: &mut Channel, session: &mut Session, consume: &basic::Consume) -> Result<(), Refused> {
    let tag = match consume.consumer_tag.as_str() {
        "" => session.shared.names.consumer(),
        given => given.to_owned(),
    };
    let id = channel.id(session);
    if consume.queue.as_str() == REPLY_TO {
        let token = session.shared.names.replies();
        let ack = ack_mode(consume.no_ack);
        session.dispatch().0.consume_replies(id, &tag, ack, &token)?;
        consume_ok(channel, session, consume, &tag);
        return Ok(());
    }
    let wanted = Consume {
        queue: channel.queue_name(consume.queue.as_str())?,
        tag: tag.as_str().into(),
        ack: ack_mode(consume.no_ack),
        exclusive: consume.exclusive,
        args: table(&consume.arguments),
    };
    let (dispatch, effects) = session.dispatch();
    dispatch.consume(id, wanted, effects)?;
    consume_ok(channel, session, consume, &tag);
    Ok(())
}

fn consume_ok(channel: &Channel, session: &mut Session, consume: &basic::Consume, tag: &str) {
    let ok = basic::AMQPMethod::ConsumeOk(basic::ConsumeOk {
        consumer_tag: short(tag),
    });
    session.answer(channel.number, consume.nowait, AMQPClass::Basic(ok));
    session.flush();
}

/// `basic.cancel`: no delivery for the tag follows `cancel-ok`. An unknown tag is fine.
pub(super) fn cancel(channel: &Channel, session: &mut Session, cancel: basic::Cancel) {
    let id = channel.id(session);
    let (dispatch, effects) = session.dispatch();
    dispatch.cancel(id, cancel.consumer_tag.as_str(), effects);
    let ok = basic::AMQPMethod::CancelOk(basic::CancelOk {
        consumer_tag: cancel.consumer_tag,
    });
    session.answer(channel.number, cancel.nowait, AMQPClass::Basic(ok));
    session.flush();
}

/// `basic.get`
pub(super) fn get(channel: &Channel, session: &mut Session, get: &basic::Get) -> Result<(), Refused> {
    let queue = channel.queue_name(get.queue.as_str())?;
    let id = channel.id(session);
    let (dispatch, effects) = session.dispatch();
    let got = dispatch.get(id, &queue, ack_mode(get.no_ack), effects)?;
    if let Some(got) = got {
        get_ok(channel.number, session, got);
    } else {
        let empty = basic::AMQPMethod::GetEmpty(basic::GetEmpty {});
        session.method(channel.number, AMQPClass::Basic(empty));
    }
    session.flush();
    Ok(())
}

/// `basic.qos`. RabbitMQ has no limit in bytes.
pub(super) fn qos(
    channel: &Channel,
    session: &mut Session,
    size: u32,
    count: u16,
    global: bool,
) -> Result<(), Refused> {
    if size != 0 {
        return Err(Refused::connection(
            Code::NotImplemented,
            format!("prefetch_size!=0 ({size})"),
        ));
    }
    let scope = if global { QosScope::Channel } else { QosScope::Consumer };
    let id = channel.id(session);
    let (dispatch, effects) = session.dispatch();
    dispatch.qos(id, count, scope, effects);
    session.method(
        channel.number,
        AMQPClass::Basic(basic::AMQPMethod::QosOk(basic::QosOk {})),
    );
    session.flush();
    Ok(())
}

fn get_ok(number: u16, session: &mut Session, got: Got) {
    let delivery = got.delivery;
    let ok = basic::AMQPMethod::GetOk(basic::GetOk {
        delivery_tag: delivery.tag.0,
        redelivered: delivery.redelivered,
        exchange: short(&delivery.message.exchange),
        routing_key: short(&delivery.message.routing_key),
        message_count: got.left,
    });
    session.send(Reply::Content(number, Box::new(AMQPClass::Basic(ok)), delivery.message));
}

fn ack_mode(no_ack: bool) -> AckMode {
    if no_ack { AckMode::Automatic } else { AckMode::Manual }
}
