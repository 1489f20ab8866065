//! What a request is answered with: the shared state of the broker, and the list of outputs it goes to.

use super::auth::User;
use super::frame::{Output, Reply};
use super::handshake::Limits;
use super::memory::Memory;
use super::names::Names;
use super::rules::Rules;
use super::table::short;
use crate::broker::dispatch::{ChannelId, ConnectionId, Dispatch, Effect, Life, Millis, Trace, VhostId};
use amq_protocol::protocol::{AMQPClass, basic};
use std::collections::HashSet;
use std::sync::Arc;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// By their numbers; there is at least one.
    pub(crate) vhosts: Vec<Vhost>,
    /// Consequences that are not yet outputs. Empty between requests.
    pub(crate) effects: Vec<Effect>,
    /// What is held and may be.
    pub(crate) memory: Memory,
    /// How many connections there are, those that are not yet open included.
    pub(crate) connections: usize,
    /// Generated names.
    pub(crate) names: Names,
    /// Who may log in.
    pub(crate) users: Vec<User>,
    /// What is offered and allowed.
    pub(crate) limits: Limits,
    /// What differs by version.
    pub(crate) rules: Rules,
    /// Connections that do not want to be told when their consumer is cancelled.
    pub(crate) deaf: HashSet<ConnectionId>,
    /// Channels to be closed since a delivery was not acked in time, and the time it had in milliseconds.
    pub(crate) overdue: Vec<(ChannelId, i64)>,
    /// Channels with publishes or commits that wait for their virtual host's store.
    pub(crate) awaiting_store: Vec<(VhostId, ChannelId)>,
}

/// A virtual host: a world of its own, with its exchanges and queues.
#[derive(Debug)]
pub(crate) struct Vhost {
    /// As clients name it.
    pub(crate) name: Arc<str>,
    /// Who gets which message.
    pub(crate) dispatch: Dispatch,
}

impl Shared {
    /// The number of a virtual host.
    pub(crate) fn find_vhost(&self, name: &str) -> Option<VhostId> {
        let at = self.vhosts.iter().position(|vhost| *vhost.name == *name)?;
        u16::try_from(at).ok().map(VhostId)
    }

    /// The numbers of all virtual hosts.
    pub(crate) fn vhost_ids(&self) -> impl Iterator<Item = VhostId> + use<> {
        (0..u16::try_from(self.vhosts.len()).unwrap_or(u16::MAX)).map(VhostId)
    }

    /// A virtual host, all of whose connections have its number from [`Shared::find_vhost`].
    pub(crate) fn vhost(&self, id: VhostId) -> &Vhost {
        &self.vhosts[usize::from(id.0)]
    }
}

/// One connection's turn.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    /// The time.
    pub(crate) now: Millis,
    /// Whose turn it is.
    pub(crate) connection: ConnectionId,
    /// Where that connection is; the first one until it has opened one.
    pub(crate) vhost: VhostId,
    /// What all share.
    pub(crate) shared: &'a mut Shared,
    /// Where answers go.
    pub(crate) out: &'a mut Vec<Output>,
}

impl Session<'_> {
    /// The virtual host's dispatch, and where its consequences go.
    pub(crate) fn dispatch(&mut self) -> (&mut Dispatch, &mut Vec<Effect>) {
        let Shared { vhosts, effects, .. } = &mut *self.shared;
        (&mut vhosts[usize::from(self.vhost.0)].dispatch, effects)
    }

    /// The same, to look at.
    pub(super) fn seen(&self) -> &Dispatch {
        &self.shared.vhost(self.vhost).dispatch
    }

    /// The virtual host's name.
    pub(super) fn vhost_name(&self) -> &str {
        &self.shared.vhost(self.vhost).name
    }

    /// Answers on this connection.
    pub(super) fn send(&mut self, reply: Reply) {
        self.tell_records();
        self.out.push(Output::Send(self.connection, reply));
    }

    /// The records that a request has made go before its answer, which may have to wait for them.
    fn tell_records(&mut self) {
        if self.shared.effects.is_empty() {
            return;
        }
        for effect in std::mem::take(&mut self.shared.effects) {
            match effect {
                Effect::Store(seq, op) => self.out.push(Output::Store(self.vhost, seq, op)),
                other => self.shared.effects.push(other),
            }
        }
    }

    /// Answers with a method.
    pub(super) fn method(&mut self, channel: u16, method: AMQPClass) {
        self.send(Reply::Method(channel, Box::new(method)));
    }

    /// Answers with a method unless the client waits for none.
    pub(super) fn answer(&mut self, channel: u16, nowait: bool, method: AMQPClass) {
        if !nowait {
            self.method(channel, method);
        }
    }

    /// Tells an observer of a client's life, if there is one.
    pub(super) fn tell(&mut self, life: impl FnOnce() -> Life) {
        if self.seen().tells_lives() {
            self.out.push(Output::Trace(Trace::Life(life())));
        }
    }

    /// Makes outputs of what dispatch wants done. Called after the request's own answer where that goes first.
    pub(crate) fn flush(&mut self) {
        let mut effects = std::mem::take(&mut self.shared.effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::Deliver(delivery) => {
                    self.out
                        .push(Output::Send(delivery.channel.connection, Reply::Deliver(delivery)));
                }
                Effect::ConsumerTimedOut { channel, .. } if self.shared.deaf.contains(&channel.connection) => {
                    self.shared.overdue.push((channel, -1));
                }
                Effect::CancelConsumer { channel, tag } | Effect::ConsumerTimedOut { channel, tag } => {
                    self.cancel_notify(channel, &tag);
                }
                Effect::AckTimeout { channel, timeout_ms } => self.shared.overdue.push((channel, timeout_ms)),
                Effect::Store(seq, op) => self.out.push(Output::Store(self.vhost, seq, op)),
                Effect::Trace(trace) => self.out.push(Output::Trace(trace)),
            }
        }
        self.shared.effects = effects;
    }

    /// `basic.cancel` from the broker, if the client announced `consumer_cancel_notify`.
    fn cancel_notify(&mut self, channel: ChannelId, tag: &str) {
        if !self.shared.deaf.contains(&channel.connection) {
            let cancel = basic::Cancel {
                consumer_tag: short(tag),
                nowait: true,
            };
            let method = Box::new(AMQPClass::Basic(basic::AMQPMethod::Cancel(cancel)));
            self.out
                .push(Output::Send(channel.connection, Reply::Method(channel.number, method)));
        }
    }
}
