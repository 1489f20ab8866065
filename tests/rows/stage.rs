//! One row at play: its connections, what each line asks, and what is seen after it.

use crate::client::{Client, Incoming, Manners, Result};
use crate::methods::Method;
use crate::place::Place;
use crate::table::{Kind, Line};
use crate::words::{self, Request};
use amq_protocol::protocol::{AMQPClass, BasicProperties, basic, channel, connection, queue};
use amq_protocol::types::FieldTable;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The runner's own channels: for what is declared and counted, and for publishing with confirms.
pub(crate) const ADMIN: &str = "admin";
pub(crate) const PUBLISHER: &str = "publisher";
/// Another channel on the connection of `admin`, for looking at queues.
pub(crate) const EYE: &str = "admin/2";

/// One connection.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: Client,
    /// Nothing is read or written any more: what a hung process does.
    pub(crate) mute: bool,
}

/// One channel.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    pub(crate) link: usize,
    pub(crate) number: u16,
    pub(crate) open: bool,
    /// The job of each publish since `confirm.select`; what is confirmed is taken out.
    pub(crate) confirms: Option<BTreeMap<u64, u32>>,
    pub(crate) published: u64,
}

/// A delivery, kept to be settled and looked at.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) tag: u64,
    pub(crate) exchange: String,
    pub(crate) key: String,
    pub(crate) properties: BasicProperties,
}

/// What answers a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Method(AMQPClass),
    Got(basic::GetOk, u32),
    /// The channel or its connection was closed instead.
    Refused,
}

/// One row at play.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    /// Before each name, so that rows don't meet.
    prefix: String,
    pub(crate) links: BTreeMap<usize, Link>,
    pub(crate) channels: BTreeMap<String, Channel>,
    /// Each consumer's channel.
    pub(crate) homes: BTreeMap<String, String>,
    pub(crate) held: BTreeMap<(String, u32), Held>,
    /// The queues that are looked at after each line, by their names here.
    pub(crate) queues: BTreeSet<String>,
    /// All queues that were declared, also those that can't be looked at.
    pub(crate) known: BTreeSet<String>,
    pub(crate) actor: String,
    /// What this line has caused: whose it is, and what.
    pub(crate) seen: Vec<(String, String)>,
    next_link: usize,
    pub(crate) patience: Duration,
}

static ROWS: AtomicU32 = AtomicU32::new(0);

impl Stage {
    pub(crate) fn new(place: Place, kind: Kind) -> Self {
        let (process, row) = (std::process::id(), ROWS.fetch_add(1, Ordering::Relaxed));
        Self {
            patience: place.patience,
            place,
            kind,
            prefix: format!("rows.{process}.{row}."),
            links: BTreeMap::new(),
            channels: BTreeMap::new(),
            homes: BTreeMap::new(),
            held: BTreeMap::new(),
            queues: BTreeSet::new(),
            known: BTreeSet::new(),
            actor: String::new(),
            seen: Vec::new(),
            next_link: 0,
        }
    }

    /// Performs a line and compares.
    pub(crate) async fn play(&mut self, line: &Line) -> Result {
        let request = Request::of(&line.request);
        let expected = words::split(&line.expected);
        self.actor = self.actor_of(&request);
        self.seen.clear();
        self.perform(&request, expected.len()).await?;
        self.settle().await?;
        if self.seen.len() < expected.len() {
            self.wait_for(expected.len()).await;
            self.settle().await?;
        }
        self.compare(&expected)
    }

    pub(crate) fn until(&self) -> Instant {
        Instant::now() + self.patience
    }

    /// A name on the broker. `-` is the empty name; `amq.…` are the broker's own.
    pub(crate) fn real(&self, name: &str) -> String {
        match words::text(name) {
            "" => String::new(),
            own if own.starts_with("amq.") => own.to_owned(),
            name => format!("{}{name}", self.prefix),
        }
    }

    /// A text of the broker as the tables write it.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(&self.prefix, "")
    }

    /// The channel on which a consumer lives, or a channel's own name.
    pub(crate) fn home(&self, name: &str) -> String {
        self.homes.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// Connects for that channel, if there is no such connection.
    pub(crate) async fn link(&mut self, name: &str, manners: Manners) -> Result<usize> {
        let first = name.split_once('/').map_or(name, |(first, _)| first);
        if let Some(channel) = self.channels.get(first)
            && self.links.contains_key(&channel.link)
        {
            return Ok(channel.link);
        }
        let client = Client::open(&self.place.login, manners, self.until()).await?;
        self.next_link += 1;
        self.links.insert(self.next_link, Link { client, mute: false });
        let channel = Channel {
            link: self.next_link,
            number: 1,
            ..Channel::default()
        };
        self.channels.insert(first.to_owned(), channel);
        Ok(self.next_link)
    }

    /// Opens the channel of that name, if it is not open. `a/2` is channel 2 on the connection of `a`.
    pub(crate) async fn channel(&mut self, name: &str) -> Result {
        let link = self.link(name, Manners::default()).await?;
        if self.channels.get(name).is_some_and(|one| one.open && one.link == link) {
            return Ok(());
        }
        let number = name.split_once('/').map_or(1, |(_, number)| words::number(number));
        let channel = Channel {
            link,
            number,
            open: true,
            ..Channel::default()
        };
        self.channels.insert(name.to_owned(), channel);
        match self.call(name, channel::Open {}).await? {
            Answer::Refused => Err(format!("channel {name} was refused")),
            _ => Ok(()),
        }
    }

    /// Sends a method on an open channel.
    pub(crate) async fn send(&mut self, name: &str, method: impl Method) -> Result {
        self.channel(name).await?;
        let (link, number) = self.place_of(name);
        if let Some(link) = self.links.get_mut(&link) {
            link.client.send(number, method).await;
        }
        Ok(())
    }

    fn place_of(&self, name: &str) -> (usize, u16) {
        let channel = self.channels.get(name);
        channel.map_or((0, 0), |channel| (channel.link, channel.number))
    }

    /// Asks, and waits for the answer. What comes meanwhile is noted as seen.
    pub(crate) async fn call(&mut self, name: &str, method: impl Method) -> Result<Answer> {
        if !self.channels.get(name).is_some_and(|channel| channel.open) {
            Box::pin(self.channel(name)).await?;
        }
        let (link, number) = self.place_of(name);
        let method = method.method();
        let asked = format!("{method:?}");
        if let Some(link) = self.links.get_mut(&link) {
            link.client.send(number, method).await;
        }
        self.answer(name, &asked).await
    }

    async fn answer(&mut self, name: &str, asked: &str) -> Result<Answer> {
        let until = self.until();
        let (link, number) = self.place_of(name);
        while self.is_open(name) {
            let Some(connection) = self.links.get_mut(&link) else {
                break;
            };
            let Some(incoming) = connection.client.next(until).await else {
                return Err(format!("no answer to {asked} on {name}"));
            };
            match self.absorb(link, incoming).await {
                Some((at, answer)) if at == number => return Ok(answer),
                _ => {}
            }
        }
        Ok(Answer::Refused)
    }

    /// Whether the channel and its connection live.
    pub(crate) fn is_open(&self, name: &str) -> bool {
        let channel = self.channels.get(name).filter(|channel| channel.open);
        channel.is_some_and(|channel| self.links.get(&channel.link).is_some_and(|link| !link.mute))
    }

    /// Notes what the broker sends by itself; hands over what answers.
    pub(crate) async fn absorb(&mut self, link: usize, incoming: Incoming) -> Option<(u16, Answer)> {
        use connection::AMQPMethod::{Blocked, Close, Unblocked};
        match incoming {
            Incoming::Lost => {
                self.end(link, "lost");
                None
            }
            Incoming::Method(_, AMQPClass::Connection(Close(close))) => {
                if let Some(link) = self.links.get_mut(&link) {
                    link.client.send(0, connection::CloseOk {}).await;
                }
                let detail = self.refusal(
                    close.reply_code,
                    close.reply_text.as_str(),
                    (close.class_id, close.method_id),
                );
                self.end(link, &format!("ended{detail}"));
                None
            }
            Incoming::Method(_, AMQPClass::Connection(Blocked(_) | Unblocked(_))) => None,
            Incoming::Method(number, AMQPClass::Channel(channel::AMQPMethod::Close(close))) => {
                let name = self.name_of(link, number);
                if let Some(link) = self.links.get_mut(&link) {
                    link.client.send(number, channel::CloseOk {}).await;
                }
                if let Some(channel) = self.channels.get_mut(&name) {
                    channel.open = false;
                }
                let detail = self.refusal(
                    close.reply_code,
                    close.reply_text.as_str(),
                    (close.class_id, close.method_id),
                );
                self.note_about(&name, &format!("closed{detail}"));
                None
            }
            Incoming::Method(number, AMQPClass::Basic(method)) => self.absorb_basic(link, number, method),
            Incoming::Method(number, method) => Some((number, Answer::Method(method))),
            Incoming::Content(number, content) => self.absorb_content(link, number, &content),
        }
    }

    fn refusal(&self, code: u16, text: &str, (class, method): (u16, u16)) -> String {
        format!("({code} {}{})", self.plain(text), words::method_name(class, method))
    }

    /// Forgets a connection, and what it had.
    pub(crate) fn end(&mut self, link: usize, how: &str) {
        self.links.remove(&link);
        let names: Vec<String> = self.names_on(link);
        self.channels.retain(|_, channel| channel.link != link);
        if let Some(first) = names.first().filter(|name| !self.is_own(name)) {
            self.note_about(first, how);
        }
    }

    pub(crate) fn names_on(&self, link: usize) -> Vec<String> {
        let channels = self.channels.iter().filter(|(_, channel)| channel.link == link);
        channels.map(|(name, _)| name.clone()).collect()
    }

    /// Whether the tables never name it, unless it acts.
    fn is_own(&self, name: &str) -> bool {
        name != self.actor && (name == EYE || name == ADMIN || name == PUBLISHER)
    }

    pub(crate) fn name_of(&self, link: usize, number: u16) -> String {
        let mut channels = self.channels.iter();
        let found = channels.find(|(_, channel)| channel.link == link && channel.number == number);
        found.map_or_else(|| format!("?{number}"), |(name, _)| name.clone())
    }

    /// Reads until as much was seen as is expected, for as long as patience lasts. The comparison tells the rest.
    pub(crate) async fn wait_for(&mut self, expected: usize) {
        let until = self.until();
        while self.seen.len() < expected && Instant::now() < until {
            self.read_a_little().await;
        }
    }

    /// Reads what has come, or waits a moment for it.
    async fn read_a_little(&mut self) {
        let links: Vec<usize> = self.links.keys().copied().collect();
        for id in links {
            let Some(link) = self.links.get_mut(&id).filter(|link| !link.mute) else {
                continue;
            };
            let soon = Instant::now() + Duration::from_millis(1);
            if let Some(incoming) = link.client.next(soon).await {
                self.absorb(id, incoming).await;
            }
        }
    }

    /// Waits until all that was asked has had its effect. A round trip on the actor's channel shows that its requests
    /// have reached the queues, one to each queue that they were handled, and one on every channel that all of it
    /// was sent.
    pub(crate) async fn settle(&mut self) -> Result {
        let actor = self.actor.clone();
        self.round_trip(&actor).await?;
        for queue in self.queues.clone() {
            self.look(&queue).await?;
        }
        let names: Vec<String> = self.channels.keys().cloned().collect();
        for name in names {
            self.round_trip(&name).await?;
        }
        Ok(())
    }

    async fn round_trip(&mut self, name: &str) -> Result {
        if self.is_open(name) {
            self.call(name, channel::Flow { active: true }).await?;
        }
        Ok(())
    }

    /// What a passive declare counts: ready and consumers. None if there is no such queue, or it is another's.
    pub(crate) async fn look(&mut self, name: &str) -> Result<Option<(u32, u32)>> {
        let declare = queue::Declare {
            queue: self.real(name).as_str().into(),
            passive: true,
            durable: false,
            exclusive: false,
            auto_delete: false,
            nowait: false,
            arguments: FieldTable::default(),
        };
        let answer = self.call(EYE, declare).await?;
        let Answer::Method(AMQPClass::Queue(queue::AMQPMethod::DeclareOk(ok))) = answer else {
            self.queues.remove(name);
            return Ok(None);
        };
        Ok(Some((ok.message_count, ok.consumer_count)))
    }
}
