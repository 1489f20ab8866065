//! The lab's queues: their names, and when they are declared and deleted. Queues of others are never touched.
//!
//! - Both carry the run's name; but the durable one has a name of its own where others are to join. The durable queue is
//!   declared at the start. On a broker that is not ours the transient one is declared when it is first used: some
//!   brokers refuse it by closing the connection (RabbitMQ 4.3 and later: 541, feature `transient_nonexcl_queues`), so
//!   each declaration has a connection of its own to lose.
//! - On a broker that is not ours both expire ten minutes after their last use, so that a lab that was killed leaves
//!   nothing for long. The lab's questions (passive declares) count as use.
//! - What a worker rejects goes to a third, durable queue: both name it as their dead-letter queue. There it stays: whoever
//!   reads it acks nothing.
//! - The durable one may be a quorum queue. Each worker may have a queue of its own in place of the two, all bound to one
//!   fanout exchange, which goes when the last of them does.
//! - At the end all are deleted, by name.

mod names;
#[cfg(test)]
mod tests;

pub(super) use names::{Layout, Names};

use super::line::{self, Access, OPEN_WITHIN, within};
use super::mark::Run;
use super::task::all_in_order;
use crate::lab::{QueueKind, QueueType};
use lapin::options::{
    ExchangeDeclareOptions, ExchangeDeleteOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Error, ExchangeKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

const EXPIRES_MS: i32 = 600_000;
/// How long the farewell may take,
const DELETE_WITHIN: Duration = Duration::from_secs(5);
/// and so much longer for each queue.
const DELETE_EACH: Duration = Duration::from_millis(50);

/// Whose broker it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// It lives and dies with the lab.
    Lab,
    /// It is used by others, too.
    Others,
}

/// The lab's queues on one broker; clones share what is known of them.
#[derive(Clone, Debug)]
pub(super) struct Topology {
    access: Access,
    called: Names,
    owner: Owner,
    layout: Layout,
    known: Arc<Mutex<Known>>,
}

/// What is known of both queues. The lock is held while a queue is declared, so that nobody declares it twice.
#[derive(Debug, Default)]
struct Known {
    durable: Status,
    transient: Status,
    /// They should be empty, and the broker could not be asked to empty them.
    stale: bool,
}

#[derive(Clone, Debug, Default)]
enum Status {
    #[default]
    NotYet,
    Declared,
    /// In the broker's words.
    Refused(String),
}

/// What a declared queue has.
#[derive(Clone, Copy, Debug)]
struct Found {
    messages: u32,
    consumers: u32,
}

/// A queue that can't be had.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The broker refuses this kind of queue; in its words.
    Refused(String),
    /// The broker can't be asked.
    Away(Error),
}

impl Trouble {
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Refused(why) => why.clone(),
            Self::Away(error) => line::sentence(error),
        }
    }
}

impl Topology {
    pub(super) fn new(access: Access, run: Run, owner: Owner, layout: Layout) -> Self {
        Self::with_names(access, Names::of(run), owner, layout)
    }

    pub(super) fn with_names(access: Access, called: Names, owner: Owner, layout: Layout) -> Self {
        Self {
            access,
            called,
            owner,
            layout,
            known: Arc::default(),
        }
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    #[cfg(test)]
    pub(super) fn run(&self) -> Run {
        self.called.run()
    }

    /// As if the broker had refused it.
    #[cfg(test)]
    pub(super) async fn refuse(&self, kind: QueueKind, why: &str) {
        *self.known.lock().await.of(kind) = Status::Refused(why.to_owned());
    }

    /// Declares the queue where that has not been done.
    pub(super) async fn ensure(&self, kind: QueueKind) -> Result<(), Trouble> {
        let mut known = self.known.lock().await;
        match known.of(kind) {
            Status::Declared => return Ok(()),
            Status::Refused(why) => return Err(Trouble::Refused(why.clone())),
            Status::NotYet => {}
        }
        let result = self.declare_apart(kind).await.map(|_| ());
        match &result {
            Ok(()) => *known.of(kind) = Status::Declared,
            Err(Trouble::Refused(why)) => *known.of(kind) = Status::Refused(why.clone()),
            Err(Trouble::Away(_)) => {}
        }
        result
    }

    /// Which queues there are.
    pub(super) async fn declared(&self) -> Vec<QueueKind> {
        let mut known = self.known.lock().await;
        let both = [QueueKind::Durable, QueueKind::Transient];
        both.into_iter()
            .filter(|kind| matches!(known.of(*kind), Status::Declared))
            .collect()
    }

    /// Declares again what was asked for before: after the broker came back, perhaps as another version. What is there
    /// stays as it is, but for what a reset would have removed. How many messages each queue has, while nobody consumes
    /// them.
    pub(super) async fn declare_again(&self) -> Result<[Option<u64>; 2], Trouble> {
        if self.known.lock().await.stale {
            return self.empty().await.map(|()| [None; 2]).map_err(Trouble::Away);
        }
        let mut counts = [None; 2];
        for kind in QueueKind::ALL {
            let mut known = self.known.lock().await;
            if matches!(known.of(kind), Status::NotYet) {
                continue;
            }
            match (self.declare_apart(kind).await, kind) {
                (Ok(found), _) => {
                    *known.of(kind) = Status::Declared;
                    counts[kind.slot()] = (found.consumers == 0).then(|| found.messages.into());
                }
                // The lab can do without it.
                (Err(Trouble::Refused(why)), QueueKind::Transient) => *known.of(kind) = Status::Refused(why),
                (Err(trouble), _) => return Err(trouble),
            }
        }
        Ok(counts)
    }

    /// Deletes and declares again what was declared: nothing is left in them.
    pub(super) async fn empty(&self) -> Result<(), Error> {
        let result = self.try_empty().await;
        self.known.lock().await.stale = result.is_err();
        result
    }

    async fn try_empty(&self) -> Result<(), Error> {
        let (line, channel) = self.access.open_with_channel("reset").await?;
        let result = async {
            self.delete(&channel, self.dead_letters()).await?;
            self.declare_dead_letters(&channel).await?;
            for kind in self.declared().await {
                self.empty_kind(&channel, kind).await?;
            }
            Ok(())
        }
        .await;
        line.close().await;
        result
    }

    /// A queue that others consume from, too, is purged: deleted, it would take their consumers along. What they hold
    /// stays with them.
    async fn empty_kind(&self, channel: &Channel, kind: QueueKind) -> Result<(), Error> {
        if self.called.is_shared(kind) {
            let purging = channel.queue_purge(self.name(kind).into(), QueuePurgeOptions::default());
            return within(OPEN_WITHIN, purging).await.map(|_| ());
        }
        for name in self.names(kind) {
            self.delete(channel, name).await?;
        }
        self.declare(channel, kind).await.map(|_| ())
    }

    /// Deletes them all, whether or not they were ever declared. Bounded in time; `Err`: they may still be there.
    pub(super) async fn delete_all(&self) -> Result<(), Error> {
        let all = async {
            let (line, channel) = self.access.open_with_channel("farewell").await?;
            let result = self.delete_at(&channel).await;
            line.close().await;
            result
        };
        let queues = u32::try_from(self.all().len()).unwrap_or(u32::MAX);
        within(DELETE_WITHIN + DELETE_EACH.saturating_mul(queues), all).await
    }

    /// The exchange first, so that nothing more comes; the queues are not waited for one by one.
    async fn delete_at(&self, channel: &Channel) -> Result<(), Error> {
        let mut result = Ok(());
        if let Some(exchange) = self.fanout() {
            let deleting = channel.exchange_delete(exchange.into(), ExchangeDeleteOptions::default());
            result = within(OPEN_WITHIN, deleting).await;
        }
        let deleting = self.all().into_iter().map(|name| self.delete(channel, name));
        all_in_order(deleting).await.into_iter().fold(result, Result::and)
    }

    async fn declare_apart(&self, kind: QueueKind) -> Result<Found, Trouble> {
        let (line, channel) = self.access.open_with_channel("queues").await.map_err(Trouble::Away)?;
        let result = self.declare(&channel, kind).await;
        line.close().await;
        result.map_err(|error| {
            if error.is_amqp_error() {
                Trouble::Refused(line::sentence(&error))
            } else {
                Trouble::Away(error)
            }
        })
    }

    async fn declare(&self, channel: &Channel, kind: QueueKind) -> Result<Found, Error> {
        let options = QueueDeclareOptions {
            durable: kind == QueueKind::Durable,
            ..QueueDeclareOptions::default()
        };
        let names = self.names(kind);
        if kind == QueueKind::Durable || self.fanout().is_some() {
            self.declare_dead_letters(channel).await?;
        }
        if !names.is_empty() {
            self.declare_fanout(channel, kind).await?;
        }
        let mut found = Found {
            messages: 0,
            consumers: 0,
        };
        for name in names {
            let declaring = channel.queue_declare(name.as_str().into(), options, self.arguments_of(kind));
            let queue = within(OPEN_WITHIN, declaring).await?;
            self.bind(channel, name).await?;
            found.messages += queue.message_count();
            found.consumers += queue.consumer_count();
        }
        Ok(found)
    }

    /// Where there is to be one. It survives with its queues, and goes with the last of them.
    async fn declare_fanout(&self, channel: &Channel, kind: QueueKind) -> Result<(), Error> {
        let Some(exchange) = self.fanout() else { return Ok(()) };
        let options = ExchangeDeclareOptions {
            durable: kind == QueueKind::Durable,
            auto_delete: true,
            ..ExchangeDeclareOptions::default()
        };
        let none = FieldTable::default();
        let declaring = channel.exchange_declare(exchange.into(), ExchangeKind::Fanout, options, none);
        within(OPEN_WITHIN, declaring).await
    }

    async fn bind(&self, channel: &Channel, queue: String) -> Result<(), Error> {
        let Some(exchange) = self.fanout() else { return Ok(()) };
        let options = QueueBindOptions::default();
        let binding = channel.queue_bind(queue.into(), exchange.into(), "".into(), options, FieldTable::default());
        within(OPEN_WITHIN, binding).await
    }

    fn arguments_of(&self, kind: QueueKind) -> FieldTable {
        let mut arguments = self.arguments();
        if !self.called.is_shared(kind) {
            let to = AMQPValue::LongString(self.dead_letters().into());
            arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
            arguments.insert("x-dead-letter-routing-key".into(), to);
        }
        if let (QueueKind::Durable, QueueType::Quorum(limit)) = (kind, self.layout.queue_type) {
            arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
            if limit.0 > 0 {
                arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(limit.0.into()));
            }
        }
        arguments
    }

    async fn declare_dead_letters(&self, channel: &Channel) -> Result<(), Error> {
        let options = QueueDeclareOptions {
            durable: true,
            ..QueueDeclareOptions::default()
        };
        let declaring = channel.queue_declare(self.dead_letters().into(), options, self.arguments());
        within(OPEN_WITHIN, declaring).await.map(|_| ())
    }

    fn arguments(&self) -> FieldTable {
        let mut arguments = FieldTable::default();
        if self.owner == Owner::Others {
            arguments.insert("x-expires".into(), AMQPValue::LongInt(EXPIRES_MS));
        }
        arguments
    }

    async fn delete(&self, channel: &Channel, name: String) -> Result<(), Error> {
        let deleting = channel.queue_delete(name.into(), QueueDeleteOptions::default());
        within(OPEN_WITHIN, deleting).await.map(|_| ())
    }
}

impl Known {
    fn of(&mut self, kind: QueueKind) -> &mut Status {
        match kind {
            QueueKind::Durable => &mut self.durable,
            QueueKind::Transient => &mut self.transient,
        }
    }
}
