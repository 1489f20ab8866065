//! One channel: a sub-machine that its connection feeds with frames.
//!
//! *Open*, it assembles messages and answers methods. When the broker refuses something in channel scope it is
//! *closing*: it ignores all but the client's `channel.close-ok`, so publishes already on their way are lost, as on
//! RabbitMQ (AMQP 0-9-1, section 1.5.2.5).

use super::confirm::{Confirm, Confirms, Verdict};
use super::content::{Content, Published};
use super::frame::{Frame, Reply};
use super::refusal::{Code, Exception, MethodId, Refused};
use super::session::Session;
use super::transaction::{self, Transaction};
use super::{consume, content, exchange, publish, queue, settle};
use crate::broker::dispatch::{ChannelId, StoreSeq};
use amq_protocol::protocol::{AMQPClass, access, basic, channel, confirm};
use std::sync::Arc;

/// One open channel.
#[derive(Debug)]
pub(super) struct Channel {
    /// Its number on its connection.
    pub(super) number: u16,
    /// Who is logged in.
    pub(super) user: Arc<str>,
    /// What becomes of publishes.
    pub(super) mode: Mode,
    /// What an empty queue name means.
    pub(super) last_queue: String,
    content: Content,
    awaits_store: bool,
}

/// Plain, confirm or tx. One excludes the others.
#[derive(Debug)]
pub(super) enum Mode {
    /// Publishes are not answered.
    Plain,
    /// Publishes are confirmed.
    Confirm(Confirms),
    /// Publishes and acks are held until the commit.
    Transaction(Transaction),
}

impl Channel {
    /// A channel just opened.
    pub(super) fn new(number: u16, user: Arc<str>) -> Self {
        Self {
            number,
            user,
            mode: Mode::Plain,
            last_queue: String::new(),
            content: Content::None,
            awaits_store: false,
        }
    }

    /// Its name in dispatch.
    pub(super) fn id(&self, session: &Session) -> ChannelId {
        ChannelId {
            connection: session.connection,
            number: self.number,
        }
    }

    /// A queue's name; empty means the one last declared here.
    pub(super) fn queue_name(&self, given: &str) -> Result<String, Refused> {
        match (given, self.last_queue.as_str()) {
            ("", "") => Err(Refused::channel(Code::NotFound, "no previously declared queue")),
            ("", last) => Ok(last.to_owned()),
            (given, _) => Ok(given.to_owned()),
        }
    }

    /// Asks to be told when the store has caught up.
    pub(super) fn await_store(&mut self, session: &mut Session) {
        if !std::mem::replace(&mut self.awaits_store, true) {
            let waiting = (session.vhost, self.id(session));
            session.shared.awaiting_store.push(waiting);
        }
    }

    /// A frame from the client, other than `channel.open`, `close` and `close-ok`.
    pub(super) fn handle(&mut self, session: &mut Session, frame: Frame) -> Result<(), Exception> {
        let at = frame_id(&frame);
        match frame {
            Frame::Publish(publish) => self.content.begin(publish),
            Frame::Header(header) => {
                let shared = &*session.shared;
                let limit = shared.limits.message_bytes.unwrap_or(shared.rules.message_bytes);
                let complete = self.content.header(header, limit, &shared.memory.gauge)?;
                complete.map_or(Ok(()), |published| self.publish(session, published))
            }
            Frame::Body(piece) => self
                .content
                .body(piece, session.shared.rules.overlong_body)?
                .map_or(Ok(()), |published| self.publish(session, published)),
            Frame::Ack { tag, multiple } => {
                self.content.expect_method()?;
                settle::ack(self, session, tag, multiple).map_err(|refused| refused.at(at))
            }
            Frame::Qos { size, count, global } => {
                self.content.expect_method()?;
                consume::qos(self, session, size, count, global).map_err(|refused| refused.at(at))
            }
            Frame::Method(method) => {
                self.content.expect_method()?;
                self.method(session, *method).map_err(|refused| refused.at(at))
            }
            Frame::ProtocolHeader(_) | Frame::Heartbeat | Frame::Malformed(_) => Ok(()),
        }
    }

    /// The store has everything up to this record.
    pub(super) fn stored(&mut self, session: &mut Session, up_to: StoreSeq) {
        self.awaits_store = false;
        let waiting = match &mut self.mode {
            Mode::Plain => false,
            Mode::Confirm(confirms) => {
                confirms.stored(up_to);
                confirms.is_waiting()
            }
            Mode::Transaction(transaction) => {
                for _ in 0..transaction.stored(up_to) {
                    session.method(self.number, transaction::COMMIT_OK);
                }
                transaction.is_waiting()
            }
        };
        if waiting {
            self.await_store(session);
        }
        self.flush_confirms(session);
    }

    /// Sends the confirms that are due.
    pub(super) fn flush_confirms(&mut self, session: &mut Session) {
        if let Mode::Confirm(confirms) = &mut self.mode {
            for confirm in confirms.take_due() {
                session.send(reply(self.number, confirm));
            }
        }
    }

    fn publish(&mut self, session: &mut Session, published: Published) -> Result<(), Exception> {
        publish::publish(self, session, published).map_err(|refused| refused.at(content::PUBLISH))
    }

    fn method(&mut self, session: &mut Session, method: AMQPClass) -> Result<(), Refused> {
        match method {
            AMQPClass::Basic(method) => self.basic(session, method),
            AMQPClass::Queue(method) => queue::handle(self, session, method),
            AMQPClass::Exchange(method) => exchange::handle(self, session, method),
            AMQPClass::Confirm(confirm::AMQPMethod::Select(select)) => self.select(session, select.nowait),
            AMQPClass::Tx(method) => transaction::handle(self, session, &method),
            AMQPClass::Channel(channel::AMQPMethod::Flow(flow)) => self.flow(session, flow.active),
            AMQPClass::Access(access::AMQPMethod::Request(_)) => {
                let ok = access::AMQPMethod::RequestOk(access::RequestOk {});
                session.method(self.number, AMQPClass::Access(ok));
                Ok(())
            }
            _ => Err(unimplemented()),
        }
    }

    fn basic(&mut self, session: &mut Session, method: basic::AMQPMethod) -> Result<(), Refused> {
        match method {
            basic::AMQPMethod::Consume(consume) => consume::consume(self, session, &consume),
            basic::AMQPMethod::Cancel(cancel) => {
                consume::cancel(self, session, cancel);
                Ok(())
            }
            basic::AMQPMethod::Get(get) => consume::get(self, session, &get),
            basic::AMQPMethod::Nack(nack) => settle::nack(self, session, &nack),
            basic::AMQPMethod::Reject(reject) => settle::reject(self, session, &reject),
            basic::AMQPMethod::Recover(recover) => settle::recover(self, session, recover.requeue),
            basic::AMQPMethod::RecoverAsync(recover) => settle::recover_async(self, session, recover.requeue),
            // RabbitMQ takes cancel-ok for an answer to its own basic.cancel, though that is sent with nowait.
            basic::AMQPMethod::CancelOk(_) => Ok(()),
            _ => Err(unimplemented()),
        }
    }

    fn select(&mut self, session: &mut Session, nowait: bool) -> Result<(), Refused> {
        match self.mode {
            Mode::Transaction(_) => {
                return Err(Refused::channel(
                    Code::PreconditionFailed,
                    "cannot switch from tx to confirm mode",
                ));
            }
            Mode::Plain => self.mode = Mode::Confirm(Confirms::default()),
            Mode::Confirm(_) => {}
        }
        let ok = confirm::AMQPMethod::SelectOk(confirm::SelectOk {});
        session.answer(self.number, nowait, AMQPClass::Confirm(ok));
        Ok(())
    }

    fn flow(&self, session: &mut Session, active: bool) -> Result<(), Refused> {
        if !active {
            return Err(Refused::connection(Code::NotImplemented, "active=false"));
        }
        let ok = channel::AMQPMethod::FlowOk(channel::FlowOk { active });
        session.method(self.number, AMQPClass::Channel(ok));
        Ok(())
    }
}

fn reply(channel: u16, Confirm { verdict, tag, multiple }: Confirm) -> Reply {
    match verdict {
        Verdict::Ack => Reply::Confirm { channel, tag, multiple },
        Verdict::Nack => {
            let nack = basic::Nack {
                delivery_tag: tag,
                multiple,
                requeue: true,
            };
            Reply::Method(channel, Box::new(AMQPClass::Basic(basic::AMQPMethod::Nack(nack))))
        }
    }
}

/// The class and method of a frame; 0 and 0 if it is no method.
pub(super) fn frame_id(frame: &Frame) -> MethodId {
    match frame {
        Frame::Publish(_) => content::PUBLISH,
        Frame::Ack { .. } => MethodId::new(60, 80),
        Frame::Qos { .. } => MethodId::new(60, 10),
        Frame::Method(method) => MethodId::new(method.get_amqp_class_id(), method.get_amqp_method_id()),
        _ => MethodId::default(),
    }
}

fn unimplemented() -> Refused {
    Refused::connection(Code::CommandInvalid, "unimplemented method")
}
