//! One client connection: a sub-machine that the broker feeds with frames and the time.
//!
//! 1. The handshake (file `handshake`): header, start, tune, open, each within the handshake's deadline.
//! 2. *Running*: channel 0 carries the connection's own methods; every other number is a channel of its own.
//! 3. *Closing*: the broker sent `connection.close`. All but the client's answer is ignored.
//! 4. *Ended*: nothing more is said; the socket goes when the client closes it or the deadline passes.
//!
//! (AMQP 0-9-1, section 2.2.4. What RabbitMQ answers to each wrong step was measured, and its texts are used.)

use super::channel::{Channel, frame_id};
use super::frame::{ClosedHow, Frame, Incoming};
use super::handshake::{self, Step};
use super::heartbeat::{Heartbeat, Pulse};
use super::memory::{Flow, Hearing};
use super::refusal::{Code, Exception, MethodId, Refused, Scope};
use super::session::Session;
use super::table::short;
use crate::broker::dispatch::{ChannelId, Charge, ConnectionId, Millis, Parting, RequeueCause, StoreSeq, VhostId};
use amq_protocol::protocol::{AMQPClass, channel, connection};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a client sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// On this machine.
    Loopback,
    /// Elsewhere.
    Remote,
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Its number.
    id: ConnectionId,
    /// Where the client sits.
    pub(super) peer: Peer,
    /// Who is logged in; empty before.
    pub(super) user: Arc<str>,
    /// Where it is; the first virtual host until it has opened one.
    vhost: VhostId,
    /// How many channels it may have open.
    pub(super) channel_max: u16,
    /// Running once the handshake is done.
    pub(super) stage: Stage,
    /// When it is dropped, unless something happens before.
    pub(super) deadline: Option<Millis>,
    /// On once tuned.
    pub(super) heartbeat: Option<Heartbeat>,
    /// Whether it is read.
    pub(super) flow: Flow,
    /// Whether it is told that it is not.
    pub(super) hearing: Hearing,
    channels: BTreeMap<u16, Slot>,
    _charge: Charge,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not yet open.
    Handshake(Step),
    /// Open.
    Running,
    /// The broker closes it and waits for the answer.
    Closing,
    /// Over.
    Ended,
}

/// A channel number in use.
#[derive(Debug)]
enum Slot {
    Open(Box<Channel>),
    /// The broker sent `channel.close` and waits for `close-ok`.
    Closing,
}

impl Connection {
    /// A connection just accepted, to be open before the deadline.
    pub(crate) fn new(id: ConnectionId, peer: Peer, deadline: Millis, charge: Charge) -> Self {
        Self {
            id,
            peer,
            user: Arc::from(""),
            vhost: VhostId::default(),
            channel_max: 0,
            stage: Stage::Handshake(Step::Header),
            deadline: Some(deadline),
            heartbeat: None,
            flow: Flow::Open,
            hearing: Hearing::Deaf,
            channels: BTreeMap::new(),
            _charge: charge,
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> ConnectionId {
        self.id
    }

    /// Where it is.
    pub(crate) fn vhost(&self) -> VhostId {
        self.vhost
    }

    /// It enters a virtual host.
    pub(super) fn enter(&mut self, session: &mut Session, vhost: VhostId) {
        self.vhost = vhost;
        session.vhost = vhost;
    }

    /// Bytes came and held these frames (perhaps none that is complete).
    pub(crate) fn frames(&mut self, session: &mut Session, frames: Vec<Incoming>) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.received();
        }
        self.take(session, frames);
        for slot in self.channels.values_mut() {
            if let Slot::Open(channel) = slot {
                channel.flush_confirms(session);
            }
        }
    }

    /// The store has everything up to this record. At a shutdown that may come after `connection.close`, behind which
    /// nothing more is said.
    pub(crate) fn stored(&mut self, session: &mut Session, channel: ChannelId, up_to: StoreSeq) {
        if self.stage != Stage::Running {
            return;
        }
        if let Some(Slot::Open(channel)) = self.channels.get_mut(&channel.number) {
            channel.stored(session, up_to);
        }
    }

    /// A delivery was not acked in time.
    pub(crate) fn overdue(&mut self, session: &mut Session, number: u16, timeout_ms: i64) {
        if let Some(Slot::Open(_)) = self.channels.get(&number) {
            let text = format!(
                "delivery acknowledgement on channel {number} timed out. Timeout value used: {timeout_ms} ms. This timeout \
                 value can be configured, see consumers doc guide to learn more"
            );
            let refused = Refused::channel(Code::PreconditionFailed, text);
            self.refuse(session, number, refused.at(MethodId::default()));
        }
    }

    /// Something was sent on it.
    pub(crate) fn sent(&mut self) {
        if let Some(heartbeat) = &mut self.heartbeat {
            heartbeat.sent();
        }
    }

    /// When [`Connection::tick`] has something to do.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        let heartbeat = self.heartbeat.as_ref().map(Heartbeat::deadline);
        self.deadline.into_iter().chain(heartbeat).min()
    }

    /// Time passed.
    pub(crate) fn tick(&mut self, session: &mut Session) {
        if self.deadline.is_some_and(|deadline| deadline <= session.now) {
            self.drop_socket(session, ClosedHow::AtOnce);
            return;
        }
        if let (Flow::Blocked(_) | Flow::Behind(_), Some(heartbeat)) = (&self.flow, &mut self.heartbeat) {
            heartbeat.received();
        }
        match self.heartbeat.as_mut().map(|heartbeat| heartbeat.tick(session.now)) {
            Some(Pulse::Beat) => session.send(super::Reply::Heartbeat),
            Some(Pulse::Dead) => {
                self.tell_parting(session, 0, Parting::Silence);
                self.drop_socket(session, ClosedHow::AtOnce);
            }
            Some(Pulse::Steady) | None => {}
        }
    }

    /// The socket is gone, or about to go: what its channels held goes back.
    pub(crate) fn release(&mut self, session: &mut Session) {
        self.channels.clear();
        let (dispatch, effects) = session.dispatch();
        dispatch.close_connection(self.id, effects);
        session.flush();
    }

    pub(super) fn frame(&mut self, session: &mut Session, incoming: Incoming) {
        match self.stage {
            Stage::Handshake(step) => handshake::frame(self, session, step, incoming),
            Stage::Running => self.running(session, incoming),
            Stage::Closing => self.closing(session, incoming.frame),
            Stage::Ended => {}
        }
    }

    fn running(&mut self, session: &mut Session, incoming: Incoming) {
        let Incoming { channel: number, frame } = incoming;
        match (number, frame) {
            (_, Frame::Heartbeat) => {}
            (_, Frame::Malformed(fault)) => self.malformed(session, fault),
            (0, frame) => self.own_method(session, frame),
            (_, Frame::Method(method)) => match *method {
                AMQPClass::Channel(channel::AMQPMethod::Open(_)) => self.open(session, number),
                AMQPClass::Channel(channel::AMQPMethod::Close(_)) => self.close_channel(session, number),
                AMQPClass::Channel(channel::AMQPMethod::CloseOk(_)) => self.channel_close_ok(number),
                method => self.on_channel(session, number, Frame::Method(Box::new(method))),
            },
            (_, frame) => self.on_channel(session, number, frame),
        }
    }

    fn on_channel(&mut self, session: &mut Session, number: u16, frame: Frame) {
        let result = match self.channels.get_mut(&number) {
            Some(Slot::Open(channel)) => channel.handle(session, frame),
            Some(Slot::Closing) => Ok(()),
            None => Err(Refused::connection(Code::ChannelError, "expected 'channel.open'").at(frame_id(&frame))),
        };
        if let Err(exception) = result {
            self.refuse(session, number, exception);
        }
    }

    fn open(&mut self, session: &mut Session, number: u16) {
        let refused = match self.channels.get(&number) {
            Some(Slot::Open(_)) => {
                Refused::connection(Code::ChannelError, "second 'channel.open' seen").at(MethodId::new(20, 10))
            }
            Some(Slot::Closing) => return,
            None if self.channels.len() >= usize::from(self.channel_max) => {
                let max = self.channel_max;
                let text = format!("number of channels opened ({max}) has reached the negotiated channel_max ({max})");
                Refused::connection(Code::NotAllowed, text).at(MethodId::default())
            }
            None => {
                let channel = Channel::new(number, Arc::clone(&self.user));
                let id = channel.id(session);
                session.dispatch().0.open_channel(id);
                self.channels.insert(number, Slot::Open(Box::new(channel)));
                let ok = channel::AMQPMethod::OpenOk(channel::OpenOk {});
                return session.method(number, AMQPClass::Channel(ok));
            }
        };
        self.refuse(session, number, refused);
    }

    /// The client closes a channel: what it held goes back before the answer. Without such a channel, the close
    /// crossed the broker's own, and is answered too.
    fn close_channel(&mut self, session: &mut Session, number: u16) {
        match self.channels.get(&number) {
            Some(Slot::Open(_)) => {
                self.tell_parting(session, number, Parting::Goodbye);
                self.release_channel(session, number);
            }
            Some(Slot::Closing) => {}
            None => {
                let refused = Refused::connection(Code::ChannelError, "expected 'channel.open'");
                return self.refuse(session, number, refused.at(MethodId::new(20, 40)));
            }
        }
        session.method(
            number,
            AMQPClass::Channel(channel::AMQPMethod::CloseOk(channel::CloseOk {})),
        );
    }

    fn channel_close_ok(&mut self, number: u16) {
        if matches!(self.channels.get(&number), Some(Slot::Closing)) {
            self.channels.remove(&number);
        }
    }

    fn release_channel(&mut self, session: &mut Session, number: u16) {
        if let Some(Slot::Open(mut channel)) = self.channels.remove(&number) {
            channel.flush_confirms(session);
            let id = channel.id(session);
            let (dispatch, effects) = session.dispatch();
            dispatch.close_channel(id, RequeueCause::ChannelClosed, effects);
            session.flush();
        }
    }

    /// Closes what the refusal says.
    pub(super) fn refuse(&mut self, session: &mut Session, number: u16, exception: Exception) {
        let Exception { refused, at } = exception;
        let answer = refused.told(session.vhost_name());
        let scope = match answer.scope {
            Scope::Channel => number,
            Scope::Connection => 0,
        };
        self.tell_parting(session, scope, Parting::Refused(answer.code_and_text()));
        match answer.scope {
            Scope::Channel => {
                self.release_channel(session, number);
                self.channels.insert(number, Slot::Closing);
                let close = channel::AMQPMethod::Close(channel::Close {
                    reply_code: answer.code.number(),
                    reply_text: short(&answer.reply_text()),
                    class_id: at.class,
                    method_id: at.method,
                });
                session.method(number, AMQPClass::Channel(close));
            }
            Scope::Connection => {
                self.release(session);
                self.close_with(session, &answer, at);
            }
        }
    }

    /// A frame on channel 0 while running.
    fn own_method(&mut self, session: &mut Session, frame: Frame) {
        let at = frame_id(&frame);
        if let Frame::Method(method) = frame
            && let AMQPClass::Connection(method) = *method
        {
            match method {
                connection::AMQPMethod::Close(_) => return self.closed_by_client(session),
                connection::AMQPMethod::UpdateSecret(_) => {
                    let ok = connection::AMQPMethod::UpdateSecretOk(connection::UpdateSecretOk {});
                    return session.method(0, AMQPClass::Connection(ok));
                }
                _ => {}
            }
        }
        let refused = Refused::connection(Code::ChannelError, "unexpected method in connection state running");
        self.refuse(session, 0, refused.at(at));
    }
}
