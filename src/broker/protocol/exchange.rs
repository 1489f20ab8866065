//! Methods of class `exchange`.

use super::channel::Channel;
use super::refusal::{Code, Refused};
use super::rules::UnknownType;
use super::session::Session;
use super::table::table;
use crate::broker::dispatch::{ExchangeKind, ExchangeSpec};
use amq_protocol::protocol::{AMQPClass, exchange};

/// Any method of class `exchange`.
pub(super) fn handle(channel: &Channel, session: &mut Session, method: exchange::AMQPMethod) -> Result<(), Refused> {
    match method {
        exchange::AMQPMethod::Declare(method) => declare(channel, session, &method),
        exchange::AMQPMethod::Delete(method) => delete(channel, session, &method),
        exchange::AMQPMethod::Bind(_) | exchange::AMQPMethod::Unbind(_) => Err(Refused::connection(
            Code::NotImplemented,
            "exchange to exchange bindings",
        )),
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
