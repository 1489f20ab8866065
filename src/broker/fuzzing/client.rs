//! What a client may be told, and when: kept from the broker's own words, in their order.

use crate::broker::protocol::Reply;
use amq_protocol::protocol::{AMQPClass, basic, channel, connection};
use std::collections::{BTreeMap, BTreeSet};

/// One connection as its client sees it.
#[derive(Debug)]
pub(super) struct Client {
    stage: Stage,
    channels: BTreeMap<u16, Channel>,
    /// What the broker closed and the client has not answered.
    pub(super) unanswered: BTreeSet<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Until `connection.open-ok`.
    Handshake,
    Open,
    /// The broker sent `connection.close`.
    ClosedByBroker,
    /// The broker sent `connection.close-ok`.
    ClosedByClient,
    /// The socket is to be closed.
    Gone,
}

#[derive(Debug, Default)]
struct Channel {
    state: State,
    last_tag: u64,
    consumers: BTreeSet<String>,
    /// It asked for a consumer with a generated tag and for no answer, so it does not know the tag.
    has_unnamed: bool,
    /// Publishes whose commands were sent, and which of them were confirmed.
    published: u64,
    confirmed: BTreeSet<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open,
    ClosedByBroker,
}

impl Client {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::Handshake,
            channels: BTreeMap::new(),
            unanswered: BTreeSet::new(),
        }
    }

    /// The broker wants the socket closed; at a shutdown perhaps once more.
    pub(super) fn ended(&mut self) {
        self.stage = Stage::Gone;
        self.unanswered.clear();
    }

    pub(super) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    pub(super) fn is_gone(&self) -> bool {
        self.stage == Stage::Gone
    }

    /// Whether this channel is open, as far as the client knows.
    pub(super) fn has_channel(&self, number: u16) -> bool {
        self.channels
            .get(&number)
            .is_some_and(|channel| channel.state == State::Open)
    }

    /// The client sent `basic.publish`: no more confirms than that may come.
    pub(super) fn publishes(&mut self, number: u16) {
        self.channels.entry(number).or_default().published += 1;
    }

    /// The client asked for a consumer and for no answer.
    pub(super) fn consumes_silently(&mut self, number: u16, tag: &str) {
        let channel = self.channels.entry(number).or_default();
        if tag.is_empty() {
            channel.has_unnamed = true;
        } else {
            channel.consumers.insert(tag.to_owned());
        }
    }

    /// The broker said this.
    ///
    /// # Panics
    /// If it may not.
    pub(super) fn hears(&mut self, reply: &Reply) {
        match reply {
            Reply::ProtocolHeader(_) => assert_eq!(self.stage, Stage::Handshake),
            Reply::Heartbeat => assert!(matches!(self.stage, Stage::Open | Stage::Handshake)),
            // A socket that was dropped may have consumers until the driver says that it is gone.
            _ if self.stage == Stage::Gone => assert!(is_for_consumers(reply), "{reply:?} after the end"),
            Reply::Method(0, method) => self.own_method(method),
            Reply::Method(number, method) => self.method(*number, method),
            Reply::Content(number, method, _) => self.content(*number, method),
            Reply::Deliver(delivery) => {
                let number = delivery.channel.number;
                let channel = self.open_channel(number, reply);
                channel.tagged(delivery.tag.0);
                assert!(
                    channel.has_consumer(&delivery.consumer),
                    "{number}: a delivery to {}, who does not consume",
                    delivery.consumer
                );
            }
            Reply::Confirm { channel, tag, multiple } => {
                self.open_channel(*channel, reply).settled(*tag, *multiple);
            }
        }
    }

    fn own_method(&mut self, method: &AMQPClass) {
        let AMQPClass::Connection(method) = method else {
            panic!("{method:?} on channel 0");
        };
        self.stage = match (method, self.stage) {
            (connection::AMQPMethod::OpenOk(_), Stage::Handshake)
            | (
                connection::AMQPMethod::UpdateSecretOk(_)
                | connection::AMQPMethod::Blocked(_)
                | connection::AMQPMethod::Unblocked(_),
                Stage::Open,
            ) => Stage::Open,
            (connection::AMQPMethod::Start(_) | connection::AMQPMethod::Tune(_), Stage::Handshake) => Stage::Handshake,
            (connection::AMQPMethod::Close(_), Stage::Open | Stage::Handshake) => {
                self.unanswered = [0].into();
                Stage::ClosedByBroker
            }
            (connection::AMQPMethod::CloseOk(_), Stage::Open | Stage::Handshake) => Stage::ClosedByClient,
            (connection::AMQPMethod::CloseOk(_), Stage::ClosedByBroker) => Stage::ClosedByBroker,
            (method, stage) => panic!("{method:?} while {stage:?}"),
        };
    }

    fn method(&mut self, number: u16, method: &AMQPClass) {
        assert_eq!(self.stage, Stage::Open, "{number} {method:?}");
        let unanswered = &mut self.unanswered;
        let channel = self.channels.entry(number).or_default();
        match (method, channel.state) {
            (AMQPClass::Channel(channel::AMQPMethod::OpenOk(_)), State::Closed | State::ClosedByBroker) => {
                // What the client sent ahead of the answer is remembered.
                channel.state = State::Open;
                channel.last_tag = 0;
                unanswered.remove(&number);
            }
            (AMQPClass::Channel(channel::AMQPMethod::CloseOk(_)), State::ClosedByBroker) => {}
            (AMQPClass::Channel(channel::AMQPMethod::CloseOk(_)), _) => *channel = Channel::default(),
            (AMQPClass::Channel(channel::AMQPMethod::Close(_)), State::Open) => {
                *channel = Channel {
                    state: State::ClosedByBroker,
                    ..Channel::default()
                };
                unanswered.insert(number);
            }
            (AMQPClass::Basic(method), State::Open) => channel.basic(method),
            (_, State::Open) => {}
            (method, state) => panic!("{number} {method:?} while {state:?}"),
        }
    }

    fn content(&mut self, number: u16, method: &AMQPClass) {
        assert!(
            self.has_channel(number),
            "{number} {method:?} on a channel that is not open"
        );
        match method {
            AMQPClass::Basic(basic::AMQPMethod::GetOk(ok)) => {
                self.channels.entry(number).or_default().tagged(ok.delivery_tag);
            }
            AMQPClass::Basic(basic::AMQPMethod::Return(_)) => {}
            _ => panic!("{method:?} with content"),
        }
    }

    fn open_channel(&mut self, number: u16, reply: &Reply) -> &mut Channel {
        assert_eq!(self.stage, Stage::Open, "{reply:?}");
        assert!(self.has_channel(number), "{reply:?} on a channel that is not open");
        self.channels.entry(number).or_default()
    }
}

impl Channel {
    fn basic(&mut self, method: &basic::AMQPMethod) {
        match method {
            basic::AMQPMethod::ConsumeOk(ok) => {
                self.consumers.insert(ok.consumer_tag.to_string());
            }
            basic::AMQPMethod::CancelOk(ok) => {
                self.consumers.remove(ok.consumer_tag.as_str());
            }
            basic::AMQPMethod::Cancel(cancel) => {
                let tag = cancel.consumer_tag.as_str();
                assert!(self.has_consumer(tag), "a consumer is cancelled once");
                self.consumers.remove(tag);
            }
            basic::AMQPMethod::Nack(nack) => self.settled(nack.delivery_tag, nack.multiple),
            _ => {}
        }
    }

    fn has_consumer(&self, tag: &str) -> bool {
        self.consumers.contains(tag) || self.has_unnamed && tag.starts_with("amq.ctag-")
    }

    /// Delivery tags count without a gap.
    fn tagged(&mut self, tag: u64) {
        assert_eq!(tag, self.last_tag + 1, "delivery tags have no gap");
        self.last_tag = tag;
    }

    /// A publish is confirmed once.
    fn settled(&mut self, tag: u64, multiple: bool) {
        assert!(
            (1..=self.published).contains(&tag),
            "{tag} is confirmed of {}",
            self.published
        );
        let first = if multiple { 1 } else { tag };
        let open = (first..=tag).filter(|tag| self.confirmed.insert(*tag)).count();
        assert!(open > 0, "{tag} is confirmed twice");
    }
}

fn is_for_consumers(reply: &Reply) -> bool {
    match reply {
        Reply::Deliver(_) => true,
        Reply::Method(_, method) => matches!(**method, AMQPClass::Basic(basic::AMQPMethod::Cancel(_))),
        _ => false,
    }
}
