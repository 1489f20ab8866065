//! Methods of class `queue`.

use super::channel::Channel;
use super::refusal::{Code, Refused};
use super::session::Session;
use super::table::{short, table};
use crate::broker::dispatch::{Binding, DeleteRule, Destination, QueueSpec, REPLY_TO};
use amq_protocol::protocol::{AMQPClass, queue};

/// Any method of class `queue`.
pub(super) fn handle(channel: &mut Channel, session: &mut Session, method: queue::AMQPMethod) -> Result<(), Refused> {
    match method {
        queue::AMQPMethod::Declare(declare) if declare.passive || declare.queue.as_str().starts_with(REPLY_TO) => {
            check(channel, session, &declare)
        }
        queue::AMQPMethod::Declare(method) => declare(channel, session, &method),
        queue::AMQPMethod::Bind(method) => bind(channel, session, &method),
        queue::AMQPMethod::Unbind(method) => unbind(channel, session, &method),
        queue::AMQPMethod::Purge(method) => purge(channel, session, &method),
        queue::AMQPMethod::Delete(method) => delete(channel, session, &method),
        _ => Err(Refused::connection(Code::CommandInvalid, "unimplemented method")),
    }
}

fn declare(channel: &mut Channel, session: &mut Session, declare: &queue::Declare) -> Result<(), Refused> {
    let generated = declare.queue.as_str().is_empty();
    let name = if generated {
        session.shared.names.queue()
    } else {
        declare.queue.to_string()
    };
    let spec = QueueSpec {
        name: name.clone(),
        durable: declare.durable,
        exclusive: declare.exclusive.then_some(session.connection),
        auto_delete: declare.auto_delete,
        args: table(&declare.arguments),
    };
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    let counts = if generated {
        dispatch.declare_generated_queue(by, spec, effects)?
    } else {
        dispatch.declare_queue(by, spec, effects)?
    };
    answer(
        session,
        channel.number,
        declare.nowait,
        queue::DeclareOk {
            queue: short(&name),
            message_count: counts.ready,
            consumer_count: counts.consumers,
        },
    );
    channel.last_queue = name;
    Ok(())
}

/// A passive declare: counts, or 404.
fn check(channel: &mut Channel, session: &mut Session, declare: &queue::Declare) -> Result<(), Refused> {
    let name = channel.queue_name(declare.queue.as_str())?;
    let by = session.connection;
    let counts = session.dispatch().0.check_queue(by, &name)?;
    answer(
        session,
        channel.number,
        declare.nowait,
        queue::DeclareOk {
            queue: short(&name),
            message_count: counts.ready,
            consumer_count: counts.consumers,
        },
    );
    channel.last_queue = name;
    Ok(())
}

fn answer(session: &mut Session, number: u16, nowait: bool, ok: queue::DeclareOk) {
    session.answer(number, nowait, AMQPClass::Queue(queue::AMQPMethod::DeclareOk(ok)));
    session.flush();
}

fn bind(channel: &Channel, session: &mut Session, bind: &queue::Bind) -> Result<(), Refused> {
    let queue = channel.queue_name(bind.queue.as_str())?;
    let binding = Binding {
        exchange: bind.exchange.to_string(),
        key: key(&queue, bind.queue.as_str(), bind.routing_key.as_str()),
        to: Destination::Queue(queue),
        args: table(&bind.arguments),
    };
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    dispatch.bind(by, binding, effects)?;
    let ok = queue::AMQPMethod::BindOk(queue::BindOk {});
    session.answer(channel.number, bind.nowait, AMQPClass::Queue(ok));
    session.flush();
    Ok(())
}

fn unbind(channel: &Channel, session: &mut Session, unbind: &queue::Unbind) -> Result<(), Refused> {
    let queue = channel.queue_name(unbind.queue.as_str())?;
    let binding = Binding {
        exchange: unbind.exchange.to_string(),
        key: key(&queue, unbind.queue.as_str(), unbind.routing_key.as_str()),
        to: Destination::Queue(queue),
        args: table(&unbind.arguments),
    };
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    dispatch.unbind(by, &binding, effects)?;
    session.method(
        channel.number,
        AMQPClass::Queue(queue::AMQPMethod::UnbindOk(queue::UnbindOk {})),
    );
    session.flush();
    Ok(())
}

/// Without a queue name and without a key, the key is the name of the queue last declared
/// (AMQP 0-9-1, `queue.bind`, rule `routing-key`).
fn key(queue: &str, named: &str, key: &str) -> String {
    if named.is_empty() && key.is_empty() {
        queue.to_owned()
    } else {
        key.to_owned()
    }
}

fn purge(channel: &Channel, session: &mut Session, purge: &queue::Purge) -> Result<(), Refused> {
    let name = channel.queue_name(purge.queue.as_str())?;
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    let message_count = dispatch.purge_queue(by, &name, effects)?;
    let ok = queue::AMQPMethod::PurgeOk(queue::PurgeOk { message_count });
    session.answer(channel.number, purge.nowait, AMQPClass::Queue(ok));
    session.flush();
    Ok(())
}

fn delete(channel: &Channel, session: &mut Session, delete: &queue::Delete) -> Result<(), Refused> {
    let name = channel.queue_name(delete.queue.as_str())?;
    let rule = DeleteRule {
        if_unused: delete.if_unused,
        if_empty: delete.if_empty,
    };
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    let message_count = dispatch.delete_queue(by, &name, rule, effects)?;
    let ok = queue::AMQPMethod::DeleteOk(queue::DeleteOk { message_count });
    session.answer(channel.number, delete.nowait, AMQPClass::Queue(ok));
    session.flush();
    Ok(())
}
