//! Methods of class `exchange`.

use super::channel::Channel;
use super::refusal::{Code, Refused};
use super::rules::UnknownType;
use super::session::Session;
use super::table::table;
use crate::broker::dispatch::{Binding, Destination, ExchangeKind, ExchangeSpec};
use amq_protocol::protocol::{AMQPClass, exchange};

/// Any method of class `exchange`.
pub(super) fn handle(channel: &Channel, session: &mut Session, method: exchange::AMQPMethod) -> Result<(), Refused> {
    match method {
        exchange::AMQPMethod::Declare(method) => declare(channel, session, &method),
        exchange::AMQPMethod::Delete(method) => delete(channel, session, &method),
        exchange::AMQPMethod::Bind(method) => bind(channel, session, &method),
        exchange::AMQPMethod::Unbind(method) => unbind(channel, session, &method),
        _ => Err(Refused::connection(Code::CommandInvalid, "unimplemented method")),
    }
}

fn declare(channel: &Channel, session: &mut Session, declare: &exchange::Declare) -> Result<(), Refused> {
    if declare.passive {
        session.seen().check_exchange(declare.exchange.as_str())?;
    } else {
        let spec = ExchangeSpec {
            name: declare.exchange.to_string(),
            kind: kind(session, declare.kind.as_str())?,
            durable: declare.durable,
            auto_delete: declare.auto_delete,
            internal: declare.internal,
            args: table(&declare.arguments),
        };
        let (dispatch, effects) = session.dispatch();
        dispatch.declare_exchange(spec, effects)?;
    }
    let ok = exchange::AMQPMethod::DeclareOk(exchange::DeclareOk {});
    session.answer(channel.number, declare.nowait, AMQPClass::Exchange(ok));
    session.flush();
    Ok(())
}

fn delete(channel: &Channel, session: &mut Session, delete: &exchange::Delete) -> Result<(), Refused> {
    let (dispatch, effects) = session.dispatch();
    dispatch.delete_exchange(delete.exchange.as_str(), delete.if_unused, effects)?;
    let ok = exchange::AMQPMethod::DeleteOk(exchange::DeleteOk {});
    session.answer(channel.number, delete.nowait, AMQPClass::Exchange(ok));
    session.flush();
    Ok(())
}

fn bind(channel: &Channel, session: &mut Session, bind: &exchange::Bind) -> Result<(), Refused> {
    let binding = Binding {
        exchange: bind.source.to_string(),
        to: Destination::Exchange(bind.destination.to_string()),
        key: bind.routing_key.to_string(),
        args: table(&bind.arguments),
    };
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    dispatch.bind(by, binding, effects)?;
    let ok = exchange::AMQPMethod::BindOk(exchange::BindOk {});
    session.answer(channel.number, bind.nowait, AMQPClass::Exchange(ok));
    session.flush();
    Ok(())
}

fn unbind(channel: &Channel, session: &mut Session, unbind: &exchange::Unbind) -> Result<(), Refused> {
    let binding = Binding {
        exchange: unbind.source.to_string(),
        to: Destination::Exchange(unbind.destination.to_string()),
        key: unbind.routing_key.to_string(),
        args: table(&unbind.arguments),
    };
    let by = session.connection;
    let (dispatch, effects) = session.dispatch();
    dispatch.unbind(by, &binding, effects)?;
    let ok = exchange::AMQPMethod::UnbindOk(exchange::UnbindOk {});
    session.answer(channel.number, unbind.nowait, AMQPClass::Exchange(ok));
    session.flush();
    Ok(())
}

fn kind(session: &Session, name: &str) -> Result<ExchangeKind, Refused> {
    match name {
        "direct" => Ok(ExchangeKind::Direct),
        "fanout" => Ok(ExchangeKind::Fanout),
        "topic" => Ok(ExchangeKind::Topic),
        "headers" => Ok(ExchangeKind::Headers),
        _ => {
            let text = format!("unknown exchange type '{name}'");
            Err(match session.shared.rules.unknown_exchange_type {
                UnknownType::CommandInvalid => Refused::connection(Code::CommandInvalid, text),
                UnknownType::PreconditionFailed => Refused::channel(Code::PreconditionFailed, text),
            })
        }
    }
}
