//! A complete message on its way to dispatch: checks, routing, returns, confirms.

use super::channel::{Channel, Mode};
use super::content::Published;
use super::expiration;
use super::frame::Reply;
use super::properties::Properties;
use super::refusal::{Code, Refused};
use super::session::Session;
use super::table::short;
use crate::broker::dispatch::{Charge, Failures, Gauge, Message, Routed, Ttl};
use amq_protocol::protocol::{AMQPClass, basic};
use std::sync::Arc;

/// A message that is ready to be routed.
#[derive(Debug)]
pub(super) struct Held {
    message: Arc<Message>,
    mandatory: bool,
}

/// The content of a `basic.publish` is complete.
pub(super) fn publish(channel: &mut Channel, session: &mut Session, published: Published) -> Result<(), Refused> {
    if published.publish.immediate {
        return Err(Refused::connection(Code::NotImplemented, "immediate=true"));
    }
    if let Err(refused) = check(channel, &published.properties) {
        // RabbitMQ looks at the exchange first.
        session.seen().check_target(&published.publish.exchange)?;
        return Err(refused);
    }
    let wanted = published.properties.wants_replies;
    let reply_to = wanted.then(|| session.seen().reply_to(channel.id(session)));
    let reply_to = reply_to.transpose()?;
    let held = hold(published, reply_to.as_deref(), &session.shared.memory.gauge);
    match &mut channel.mode {
        Mode::Plain => {
            hand_over(channel.number, session, held)?;
        }
        Mode::Confirm(confirms) => {
            let routed = hand_over(channel.number, session, held)?;
            confirms.published(routed);
            if confirms.is_waiting() {
                channel.await_store(session);
            }
        }
        Mode::Transaction(transaction) => {
            session.seen().check_target(&held.message.exchange)?;
            transaction.publish(held);
        }
    }
    Ok(())
}

/// Routes a message; what can't be routed and is mandatory goes back (AMQP 0-9-1, `basic.return`), before its confirm.
pub(super) fn hand_over(channel: u16, session: &mut Session, held: Held) -> Result<Routed, Refused> {
    let returned = held.mandatory.then(|| Arc::clone(&held.message));
    let (dispatch, effects) = session.dispatch();
    let routed = dispatch.publish(held.message, effects)?;
    if let Some(message) = returned.filter(|_| routed.queues == 0) {
        let method = basic::AMQPMethod::Return(basic::Return {
            reply_code: 312,
            reply_text: short("NO_ROUTE"),
            exchange: short(&message.exchange),
            routing_key: short(&message.routing_key),
        });
        session.send(Reply::Content(channel, Box::new(AMQPClass::Basic(method)), message));
    }
    session.flush();
    Ok(routed)
}

fn hold(published: Published, reply_to: Option<&str>, gauge: &Gauge) -> Held {
    let Published {
        publish,
        properties,
        body,
    } = published;
    let mut message = Message {
        exchange: publish.exchange,
        routing_key: publish.routing_key,
        properties: reply_to.map_or_else(|| Arc::clone(&properties.raw), |name| properties.with_reply_to(name)),
        body,
        persistence: properties.persistence,
        headers: properties.headers.clone(),
        priority: properties.priority,
        expiration: properties
            .expiration
            .as_deref()
            .and_then(|text| text.parse().ok())
            .map(Ttl),
        added: None,
        failures: Failures::default(),
        charge: Charge::default(),
    };
    message.charge = message.charge_on(gauge);
    Held {
        message: Arc::new(message),
        mandatory: publish.mandatory,
    }
}

fn check(channel: &Channel, properties: &Properties) -> Result<(), Refused> {
    let precondition = |text| Err(Refused::channel(Code::PreconditionFailed, text));
    if let Some(user) = &properties.user_id
        && **user != *channel.user
    {
        return precondition(format!(
            "user_id property set to '{user}' but authenticated user was '{}'",
            channel.user
        ));
    }
    if let Some(expiration) = &properties.expiration
        && let Err(why) = expiration::parse(expiration)
    {
        return precondition(format!("invalid expiration '{expiration}': {why}"));
    }
    Ok(())
}
