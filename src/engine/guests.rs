//! Who else consumes from the lab's queue, as the embedded broker tells it: its words about connections and channels
//! become the lab's words about guests.
//!
//! A guest is a channel with a consumer of the lab's queue that is not one of the lab's own: these carry tags that no
//! other client would choose, on connections that are named after the lab. Two people at one name are two guests.

use super::embedded::{dispatched_to, job, no_room, worker};
use super::mark::{Marks, dots};
use super::topology::Topology;
use crate::broker::dispatch::{
    AckMode as BrokerAck, Blocked, ChannelId, ConnectionId, Life, Message, Parting, RequeueCause, Settled, Trace,
};
use crate::lab::{
    AckMode, BrokerSays, Delivered, DeliveryTag, Figure, GuestEnd, GuestKey, GuestSeen, JobId, NoRoom, Prefetch,
    QueueKind, Seen, Subscription,
};
use std::collections::HashMap;
use std::sync::Arc;

/// The clients of one life of the broker.
#[derive(Debug, Default)]
pub(super) struct Guests {
    connections: HashMap<ConnectionId, Caller>,
    guests: HashMap<ChannelId, Guest>,
    /// Never starts anew: what was told of an earlier life of the broker stays apart.
    last: u64,
}

/// A connection.
#[derive(Debug, Default)]
struct Caller {
    address: Arc<str>,
    user: Arc<str>,
    name: Option<Arc<str>>,
    parting: Option<Parting>,
}

/// A channel that has, or had, a consumer.
#[derive(Debug)]
struct Guest {
    key: GuestKey,
    consumers: Vec<Arc<str>>,
    parting: Option<Parting>,
    /// Unacked messages, and how many of these are no jobs of this round.
    held: u64,
    strangers: u64,
}

/// The name under which the lab's own connections are known.
const OWN: &str = "dispatch-lab ";

/// As much of a name as a row has room for, in characters.
const NAME: usize = 20;

impl Guests {
    /// The broker ended, and everyone with it.
    pub(super) fn forget(&mut self) {
        self.connections.clear();
        self.guests.clear();
    }

    /// What the lab is to hear of this, if anything.
    pub(super) fn hear(&mut self, marks: &Marks, topology: &Topology, trace: &Trace) -> Option<Seen> {
        match trace {
            Trace::Life(life) => self.life(marks, topology, life).map(Seen::Guest),
            Trace::Dispatched { .. } => self.dispatched(topology, marks, trace),
            Trace::Requeued {
                channel, messages, why, ..
            } => self.requeued(marks, *channel, messages, *why).map(Seen::Guest),
        }
    }

    /// The lab has gone back to zero: what guests hold is of the round before.
    pub(super) fn next_round(&mut self) {
        for guest in self.guests.values_mut() {
            guest.strangers = guest.held;
        }
    }

    /// What guests hold that is none of this run is no business of its books.
    pub(super) fn without_strangers(&self, mut says: BrokerSays) -> BrokerSays {
        let strangers: u64 = self.guests.values().map(|guest| guest.strangers).sum();
        if let Figure::Exact(unacked) = &mut says.durable.unacked {
            *unacked = unacked.saturating_sub(strangers);
        }
        says
    }

    fn life(&mut self, marks: &Marks, topology: &Topology, life: &Life) -> Option<GuestSeen> {
        match life {
            Life::Accepted { connection, address } => {
                self.caller(*connection).address = Arc::clone(address);
                None
            }
            Life::LoggedIn { connection, user, name } => {
                let caller = self.caller(*connection);
                caller.user = Arc::clone(user);
                caller.name.clone_from(name);
                None
            }
            Life::Hung { connection } => {
                self.connections.remove(connection);
                None
            }
            Life::Parting { channel, why } => {
                self.parting(*channel, why);
                None
            }
            Life::Joined { .. } => self.joined(topology, life),
            Life::Left { channel, consumer } => self.left(*channel, consumer),
            Life::Settled {
                channel, messages, how, ..
            } => self.settled(marks, *channel, messages, *how),
            Life::Closed { channel } => self.closed(*channel),
        }
    }

    fn caller(&mut self, connection: ConnectionId) -> &mut Caller {
        self.connections.entry(connection).or_default()
    }

    fn parting(&mut self, channel: ChannelId, why: &Parting) {
        let parting = match self.guests.get_mut(&channel) {
            Some(guest) if channel.number > 0 => &mut guest.parting,
            _ if channel.number > 0 => return,
            _ => &mut self.caller(channel.connection).parting,
        };
        *parting = Some(why.clone());
    }

    fn joined(&mut self, topology: &Topology, life: &Life) -> Option<GuestSeen> {
        let Life::Joined {
            queue,
            channel,
            consumer,
            ack,
            prefetch,
        } = life
        else {
            return None;
        };
        let kind = QueueKind::ALL
            .into_iter()
            .find(|kind| **queue == *topology.name(*kind))?;
        let caller = self.connections.entry(channel.connection).or_default();
        if caller.is_ours() && worker(consumer).is_some() {
            return None;
        }
        let name = caller.called();
        let guest = self.guests.entry(*channel).or_insert_with(|| {
            self.last += 1;
            Guest {
                key: GuestKey(self.last),
                consumers: Vec::new(),
                parting: None,
                held: 0,
                strangers: 0,
            }
        });
        guest.consumers.push(Arc::clone(consumer));
        Some(GuestSeen::Came {
            guest: guest.key,
            name,
            subscription: Subscription {
                queue: kind,
                prefetch: Prefetch(*prefetch),
                ack: ack_mode(*ack),
            },
        })
    }

    fn left(&mut self, channel: ChannelId, consumer: &Arc<str>) -> Option<GuestSeen> {
        let guest = self.guests.get_mut(&channel)?;
        let before = guest.consumers.len();
        guest.consumers.retain(|tag| tag != consumer);
        let last = guest.consumers.is_empty() && before > 0;
        last.then_some(GuestSeen::Cancelled(guest.key))
    }

    fn closed(&mut self, channel: ChannelId) -> Option<GuestSeen> {
        let guest = self.guests.remove(&channel);
        let of_connection = self.connections.get(&channel.connection);
        let of_connection = of_connection.and_then(|caller| caller.parting.clone());
        let guest = guest?;
        let end = match (guest.parting, of_connection) {
            (Some(Parting::Goodbye), _) => GuestEnd::ClosedChannel,
            (Some(Parting::Refused(text)), _) | (None, Some(Parting::Refused(text))) => {
                GuestEnd::Refused(text.to_string())
            }
            (None, Some(Parting::Goodbye)) => GuestEnd::ClosedConnection,
            (Some(Parting::Silence), _) | (None, Some(Parting::Silence)) => GuestEnd::Silent,
            (None, None) => GuestEnd::Lost,
        };
        Some(GuestSeen::Ended(guest.key, end))
    }

    fn settled(
        &mut self,
        marks: &Marks,
        channel: ChannelId,
        messages: &[Arc<Message>],
        how: Settled,
    ) -> Option<GuestSeen> {
        let guest = self.guests.get_mut(&channel)?;
        let (key, jobs) = (guest.key, guest.lets_go(marks, messages));
        let seen = match how {
            Settled::Acked => GuestSeen::Acked,
            Settled::Rejected => GuestSeen::Rejected,
        };
        (!jobs.is_empty()).then(|| seen(key, jobs))
    }

    /// With a channel's end all goes back, which is told by that end.
    fn requeued(
        &mut self,
        marks: &Marks,
        channel: ChannelId,
        messages: &[Arc<Message>],
        why: RequeueCause,
    ) -> Option<GuestSeen> {
        let guest = self.guests.get_mut(&channel)?;
        let (key, jobs) = (guest.key, guest.lets_go(marks, messages));
        (!why.is_an_end() && !jobs.is_empty()).then_some(GuestSeen::GaveBack(key, jobs))
    }

    fn dispatched(&mut self, topology: &Topology, marks: &Marks, trace: &Trace) -> Option<Seen> {
        let Trace::Dispatched {
            channel,
            consumer,
            tag,
            ack,
            redelivered,
            message,
            passed_over,
            ..
        } = trace
        else {
            return None;
        };
        let decision = dispatched_to(topology, marks, trace);
        if let (Some(guest), BrokerAck::Manual) = (self.guests.get_mut(channel), ack) {
            guest.held += 1;
            guest.strangers += u64::from(decision.is_none());
        }
        let decision = decision?;
        let full = |(consumer, why): &(Arc<str>, Blocked)| Some((self.with_tag(consumer)?, no_room(*why)));
        let passed_over: Vec<(GuestKey, NoRoom)> = passed_over.iter().filter_map(full).collect();
        let to = self
            .guests
            .get(channel)
            .filter(|guest| guest.consumers.contains(consumer))
            .map(|guest| {
                let delivered = Delivered {
                    job: decision.job,
                    dots: dots(&message.body),
                    tag: DeliveryTag(tag.0),
                    redelivered: *redelivered,
                    ack: ack_mode(*ack),
                };
                (guest.key, delivered)
            });
        if to.is_none() && passed_over.is_empty() {
            return Some(Seen::Dispatched(decision));
        }
        Some(Seen::Guest(GuestSeen::Dispatched {
            to,
            dispatched: decision,
            passed_over,
        }))
    }

    fn with_tag(&self, consumer: &Arc<str>) -> Option<GuestKey> {
        let mut guests = self.guests.values();
        guests
            .find(|guest| guest.consumers.contains(consumer))
            .map(|guest| guest.key)
    }
}

impl Guest {
    /// These are not with it any more; the jobs of this round among them.
    fn lets_go(&mut self, marks: &Marks, messages: &[Arc<Message>]) -> Vec<JobId> {
        let jobs: Vec<JobId> = messages
            .iter()
            .filter_map(|message| job(marks, message, None))
            .collect();
        let (all, ours) = (messages.len() as u64, jobs.len() as u64);
        self.held = self.held.saturating_sub(all);
        self.strangers = self.strangers.saturating_sub(all - ours);
        jobs
    }
}

impl Caller {
    fn is_ours(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.starts_with(OWN))
    }

    /// Its own name; else its user and address.
    fn called(&self) -> Arc<str> {
        let shown = shown(self.name.as_deref().unwrap_or_default());
        match shown.trim() {
            "" => format!("{}@{}", self.user, self.address).into(),
            name => name.into(),
        }
    }
}

/// As much of a name as there is room for, without what a terminal would not show as it is.
fn shown(name: &str) -> String {
    let letters = name.chars().filter(|&c| !c.is_control() && !turns(c));
    letters.take(NAME).collect()
}

/// Whether it would have what follows read from the other side.
const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

const fn ack_mode(ack: BrokerAck) -> AckMode {
    match ack {
        BrokerAck::Manual => AckMode::Manual,
        BrokerAck::Automatic => AckMode::Automatic,
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_name_shows_as_it_is_written() {
        assert_eq!(shown("Zoë\u{1b}[2J"), "Zoë[2J");
        assert_eq!(shown("a\u{202e}b\u{202a}c\u{2066}d\u{2069}e"), "abcde");
        assert_eq!(shown(&"x".repeat(99)).len(), 20);
    }
}
