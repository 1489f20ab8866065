//! How a connection ends: closed by the client, by the broker with a reason, or without a word.

use super::connection::{Connection, Stage};
use super::frame::{ClosedHow, Fault, Frame, Output};
use super::handshake;
use super::refusal::{Answer, Code, Exception, MethodId, Refused};
use super::session::Session;
use super::table::short;
use crate::broker::dispatch::{ChannelId, Life, Millis, Parting};
use amq_protocol::protocol::{AMQPClass, connection};

/// How long a client may take to answer `connection.close`, or to close the socket after its own.
const CLOSING_MS: u64 = 30_000;

impl Connection {
    /// The broker stops in good order. Dispatch keeps what is held, so that the store does too.
    pub(crate) fn shut_down(&mut self, session: &mut Session) {
        self.forget_parked(session);
        match self.stage {
            Stage::Running => {
                let text = "broker forced connection closure with reason 'shutdown'";
                let refused = Refused::connection(Code::ConnectionForced, text);
                self.close(session, refused.at(MethodId::default()));
            }
            Stage::Closing => {}
            Stage::Handshake(_) | Stage::Ended => self.drop_socket(session, ClosedHow::AtOnce),
        }
    }

    /// Nothing more is said. `delay_ms` leaves the client time to close the socket itself, or to guess no passwords.
    pub(super) fn end(&mut self, now: Millis, delay_ms: u64) {
        self.stage = Stage::Ended;
        self.heartbeat = None;
        self.deadline = Some(Millis(now.0 + delay_ms));
    }

    /// Asks the driver to end the socket.
    pub(super) fn drop_socket(&mut self, session: &mut Session, how: ClosedHow) {
        self.stage = Stage::Ended;
        self.heartbeat = None;
        self.deadline = None;
        session.out.push(Output::Close(self.id(), how));
    }

    /// Sends `connection.close` and waits for the answer.
    pub(super) fn close(&mut self, session: &mut Session, exception: Exception) {
        let Exception { refused, at } = exception;
        let answer = refused.told(session.vhost_name());
        self.close_with(session, &answer, at);
    }

    pub(super) fn close_with(&mut self, session: &mut Session, answer: &Answer, at: MethodId) {
        let close = connection::AMQPMethod::Close(connection::Close {
            reply_code: answer.code.number(),
            reply_text: short(&answer.reply_text()),
            class_id: at.class,
            method_id: at.method,
        });
        session.method(0, AMQPClass::Connection(close));
        self.end(session.now, CLOSING_MS);
        self.stage = Stage::Closing;
    }

    /// The client closes the connection.
    pub(super) fn closed_by_client(&mut self, session: &mut Session) {
        self.tell_parting(session, 0, Parting::Goodbye);
        self.release(session);
        session.method(
            0,
            AMQPClass::Connection(connection::AMQPMethod::CloseOk(connection::CloseOk {})),
        );
        self.end(session.now, CLOSING_MS);
    }

    /// Why its channel (0: the connection) is about to end.
    pub(super) fn tell_parting(&self, session: &mut Session, number: u16, why: Parting) {
        let channel = ChannelId {
            connection: self.id(),
            number,
        };
        session.tell(|| Life::Parting { channel, why });
    }

    pub(super) fn closing(&mut self, session: &mut Session, frame: Frame) {
        if let Frame::Method(method) = frame
            && let AMQPClass::Connection(method) = *method
        {
            match method {
                connection::AMQPMethod::CloseOk(_) => self.drop_socket(session, ClosedHow::Flushed),
                connection::AMQPMethod::Close(_) => {
                    let ok = connection::AMQPMethod::CloseOk(connection::CloseOk {});
                    session.method(0, AMQPClass::Connection(ok));
                }
                _ => {}
            }
        }
    }

    pub(super) fn malformed(&mut self, session: &mut Session, fault: Fault) {
        match handshake::fault_refusal(fault) {
            Some(exception) => self.refuse(session, 0, exception),
            None => self.drop_socket(session, ClosedHow::AtOnce),
        }
    }
}
