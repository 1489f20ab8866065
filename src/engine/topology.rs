//! The lab's queues: their names, and when they are declared and deleted. Queues of others are never touched.
//!
//! - Both carry the run's name; but the durable one has a name of its own where others are to join. The durable queue is declared at the start. On a broker that is not ours the transient
//!   one is declared when it is first used: some brokers refuse it by closing the connection (RabbitMQ 4.3 and later:
//!   541, feature `transient_nonexcl_queues`), so each declaration has a connection of its own to lose.
//! - On a broker that is not ours both expire ten minutes after their last use, so that a lab that was killed leaves
//!   nothing for long. The lab's questions (passive declares) count as use.
//! - What a worker rejects goes to a third, durable queue, which nobody consumes: both name it as their dead-letter
//!   queue.
//! - At the end all are deleted, by name.

use super::line::{self, Access, OPEN_WITHIN, within};
use super::mark::Run;
use crate::lab::QueueKind;
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Error};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

const EXPIRES_MS: i32 = 600_000;
/// How long the farewell may take.
const DELETE_WITHIN: Duration = Duration::from_secs(5);

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
    names: Names,
    owner: Owner,
    known: Arc<Mutex<Known>>,
}

/// How the queues are called.
#[derive(Clone, Debug)]
pub(super) struct Names {
    run: Run,
    /// The durable queue's, where others are to find it, and declare it without arguments. Where its dead letters go,
    /// the broker says then.
    shared: Option<Arc<str>>,
}

impl Names {
    /// Names that nobody else uses.
    pub(super) fn of(run: Run) -> Self {
        Self { run, shared: None }
    }

    /// The same, but for the durable queue.
    pub(super) fn sharing(self, durable: &str) -> Self {
        Self {
            shared: Some(durable.into()),
            ..self
        }
    }

    pub(super) fn queue(&self, kind: QueueKind) -> String {
        match (kind, &self.shared) {
            (QueueKind::Durable, Some(shared)) => shared.to_string(),
            (QueueKind::Durable, None) => format!("dispatch-lab.{}.durable", self.run),
            (QueueKind::Transient, _) => format!("dispatch-lab.{}.transient", self.run),
        }
    }

    pub(super) fn dead_letters(&self) -> String {
        format!("dispatch-lab.{}.dead", self.run)
    }

    fn is_shared(&self, kind: QueueKind) -> bool {
        kind == QueueKind::Durable && self.shared.is_some()
    }
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

impl Topology {
    pub(super) fn new(access: Access, run: Run, owner: Owner) -> Self {
        Self::with_names(access, Names::of(run), owner)
    }

    pub(super) fn with_names(access: Access, names: Names, owner: Owner) -> Self {
        Self {
            access,
            names,
            owner,
            known: Arc::default(),
        }
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    #[cfg(test)]
    pub(super) fn run(&self) -> Run {
        self.names.run
    }

    /// As if the broker had refused it.
    #[cfg(test)]
    pub(super) async fn refuse(&self, kind: QueueKind, why: &str) {
        *self.known.lock().await.of(kind) = Status::Refused(why.to_owned());
    }

    /// The name of a queue, for example `dispatch-lab.0a1b2c3d.durable`.
    pub(super) fn name(&self, kind: QueueKind) -> String {
        self.names.queue(kind)
    }

    /// The queue for what workers reject.
    pub(super) fn dead_letters(&self) -> String {
        self.names.dead_letters()
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
            for kind in self.declared().await {
                self.empty_one(&channel, kind).await?;
            }
            self.delete(&channel, self.dead_letters()).await?;
            self.declare_dead_letters(&channel).await?;
            Ok(())
        }
        .await;
        line.close().await;
        result
    }

    /// A queue that others consume from, too, is purged: deleted, it would take their consumers along. What they hold
    /// stays with them.
    async fn empty_one(&self, channel: &Channel, kind: QueueKind) -> Result<(), Error> {
        if self.names.is_shared(kind) {
            let purging = channel.queue_purge(self.name(kind).into(), QueuePurgeOptions::default());
            return within(OPEN_WITHIN, purging).await.map(|_| ());
        }
        self.delete(channel, self.name(kind)).await?;
        self.declare(channel, kind).await.map(|_| ())
    }

    /// Deletes them all, whether or not they were ever declared. Bounded in time; `Err`: they may still be there.
    pub(super) async fn delete_all(&self) -> Result<(), Error> {
        let all = async {
            let (line, channel) = self.access.open_with_channel("farewell").await?;
            let durable = self.delete(&channel, self.name(QueueKind::Durable)).await;
            let transient = self.delete(&channel, self.name(QueueKind::Transient)).await;
            let dead = self.delete(&channel, self.dead_letters()).await;
            line.close().await;
            durable.and(transient).and(dead)
        };
        within(DELETE_WITHIN, all).await
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
        if kind == QueueKind::Durable {
            self.declare_dead_letters(channel).await?;
        }
        let mut arguments = self.arguments();
        if !self.names.is_shared(kind) {
            let to = AMQPValue::LongString(self.dead_letters().into());
            arguments.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
            arguments.insert("x-dead-letter-routing-key".into(), to);
        }
        let declaring = channel.queue_declare(self.name(kind).into(), options, arguments);
        let queue = within(OPEN_WITHIN, declaring).await?;
        Ok(Found {
            messages: queue.message_count(),
            consumers: queue.consumer_count(),
        })
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
