//! Publishers and consumers, until the broker is gone.

use crate::books::{Books, Id};
use anyhow::{Context, Result, anyhow, ensure};
use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
    ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind, PublisherConfirm};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// A queue of the load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueUsed {
    pub(crate) name: &'static str,
    pub(crate) quorum: bool,
}

const fn queue(name: &'static str, quorum: bool) -> QueueUsed {
    QueueUsed { name, quorum }
}

/// All queues. The last two get what is published to [`ALL`].
pub(crate) const QUEUES: [QueueUsed; 4] = [
    queue("classic", false),
    queue("quorum", true),
    queue("classic of all", false),
    queue("quorum of all", true),
];

/// A fanout exchange.
const ALL: &str = "all";
const OF_ALL: [usize; 2] = [2, 3];

/// Where consumers publish to, to learn what is stored.
pub(crate) const BEACONS: &str = "beacons";

const PUBLISHERS: u8 = 3;
const CONSUMERS: usize = 2;
/// Unconfirmed publishes of each publisher.
const WINDOW: usize = 60;
pub(crate) const PREFETCH: u16 = 20;
/// A consumer holds that many for a while.
const HELD: usize = 8;
/// Acks between beacons.
const ACKS: u32 = 15;
/// Bytes after a message's words: none, some, and so many that queues share them.
const PADDING: [usize; 4] = [0, 20, 300, 5000];

/// A client that has noticed nothing after that time won't.
const NOTICED: Duration = Duration::from_secs(5);

type Shared = Arc<Mutex<Books>>;

/// A load under way.
pub(crate) struct Load {
    books: Shared,
    tasks: JoinSet<()>,
    _first: Connection,
}

/// A connection and a channel on it.
pub(crate) async fn channel(address: SocketAddr) -> Result<(Connection, Channel)> {
    let url = format!("amqp://guest:guest@{address}/%2f?frame_max=8192");
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    Ok((connection, channel))
}

/// Declares all that the load needs. Once: from then on the broker must know it.
pub(crate) async fn prepare(address: SocketAddr) -> Result<()> {
    let (_connection, channel) = channel(address).await?;
    declare(&channel).await
}

/// Begins.
pub(crate) async fn start(address: SocketAddr, round: u32, seed: u64) -> Result<Load> {
    let (connection, _) = channel(address).await?;
    let books = Shared::default();
    let mut tasks = JoinSet::new();
    for publisher in 0..PUBLISHERS {
        let (books, random) = (Arc::clone(&books), StdRng::seed_from_u64(seed ^ u64::from(publisher)));
        tasks.spawn(async move {
            // It ends with the broker, by whatever error that brings.
            let _ = publish(address, (round, publisher), &books, random).await;
        });
    }
    for at in 0..QUEUES.len() * CONSUMERS {
        let (books, random) = (
            Arc::clone(&books),
            StdRng::seed_from_u64(seed.rotate_left(17) ^ at as u64),
        );
        tasks.spawn(async move {
            let _ = consume(address, at % QUEUES.len(), &books, random).await;
        });
    }
    Ok(Load {
        books,
        tasks,
        _first: connection,
    })
}

impl Load {
    /// Waits until all have noticed that the broker is gone. A client that was just connecting may never notice.
    pub(crate) async fn end(mut self) -> Result<Books> {
        while let Ok(Some(ended)) = tokio::time::timeout(NOTICED, self.tasks.join_next()).await {
            ended?;
        }
        self.tasks.shutdown().await;
        let books = Arc::into_inner(self.books).context("all have ended")?;
        Ok(books.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn declare(channel: &Channel) -> Result<()> {
    let durable = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    for queue in QUEUES {
        let mut arguments = FieldTable::default();
        if queue.quorum {
            arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
        }
        channel.queue_declare(queue.name.into(), durable, arguments).await?;
    }
    channel
        .queue_declare(BEACONS.into(), durable, FieldTable::default())
        .await?;
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(ALL.into(), ExchangeKind::Fanout, options, FieldTable::default())
        .await?;
    for at in OF_ALL {
        let options = QueueBindOptions::default();
        channel
            .queue_bind(
                QUEUES[at].name.into(),
                ALL.into(),
                "".into(),
                options,
                FieldTable::default(),
            )
            .await?;
    }
    Ok(())
}

fn with<T>(books: &Shared, act: impl FnOnce(&mut Books) -> T) -> T {
    act(&mut books.lock().unwrap_or_else(PoisonError::into_inner))
}

async fn send(channel: &Channel, exchange: &str, key: &str, body: &[u8]) -> Result<PublisherConfirm> {
    let options = BasicPublishOptions::default();
    let properties = BasicProperties::default().with_delivery_mode(2);
    Ok(channel
        .basic_publish(exchange.into(), key.into(), options, body, properties)
        .await?)
}

async fn publish(address: SocketAddr, (round, publisher): (u32, u8), books: &Shared, mut random: StdRng) -> Result<()> {
    let (_connection, channel) = channel(address).await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let mut waiting: VecDeque<(Id, Vec<usize>, PublisherConfirm)> = VecDeque::new();
    for number in 0.. {
        let id = Id {
            round,
            publisher,
            number,
        };
        let at = random.random_range(0..=QUEUES.len());
        let (exchange, key, to) = match QUEUES.get(at) {
            Some(queue) => ("", queue.name, vec![at]),
            None => (ALL, "", OF_ALL.to_vec()),
        };
        with(books, |books| books.published(id, &to));
        waiting.push_back((id, to, send(&channel, exchange, key, &body(id)).await?));
        while waiting.len() >= WINDOW
            && let Some((id, to, confirm)) = waiting.pop_front()
        {
            settle(books, id, &to, confirm).await?;
        }
    }
    Ok(())
}

async fn settle(books: &Shared, id: Id, to: &[usize], confirm: PublisherConfirm) -> Result<()> {
    match confirm.await? {
        Confirmation::Ack(_) => with(books, |books| books.confirmed(id, to)),
        other => return Err(anyhow!("not confirmed: {other:?}")),
    }
    Ok(())
}

async fn consume(address: SocketAddr, queue: usize, books: &Shared, mut random: StdRng) -> Result<()> {
    let (_connection, channel) = channel(address).await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let name = QUEUES[queue].name.into();
    let mut consumer = channel
        .basic_consume(name, "".into(), BasicConsumeOptions::default(), FieldTable::default())
        .await?;
    let mut held: Vec<(Id, Delivery)> = Vec::new();
    let mut acks = 0;
    // What the client knew when it published the beacon.
    let mut beacon: Option<(PublisherConfirm, u64)> = None;
    let me = with(books, Books::enter);
    while let Some(delivery) = consumer.next().await {
        let delivery = delivery?;
        let id = id(&delivery.data)?;
        with(books, |books| books.delivered(queue, id, me));
        held.push((id, delivery));
        if held.len() > HELD {
            let (id, delivery) = held.swap_remove(random.random_range(0..held.len()));
            with(books, |books| books.acked(queue, id, me));
            delivery.ack(BasicAckOptions::default()).await?;
            acks += 1;
        }
        if acks >= ACKS && beacon.is_none() {
            acks = 0;
            let time = with(books, Books::time);
            beacon = Some((send(&channel, "", BEACONS, b"beacon").await?, time));
        } else if acks >= ACKS
            && let Some((confirm, time)) = beacon.take()
        {
            confirm.await?;
            with(books, |books| books.beacon(me, time));
        }
    }
    Ok(())
}

/// Returns when all that this channel has done is stored.
pub(crate) async fn all_is_stored(channel: &Channel) -> Result<()> {
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    send(channel, "", BEACONS, b"beacon").await?.await?;
    Ok(())
}

/// A message's body: its id in words, and bytes that no other message has.
fn body(id: Id) -> Vec<u8> {
    let Id {
        round,
        publisher,
        number,
    } = id;
    let mut body = format!("{round} {publisher} {number} ").into_bytes();
    let seed = u64::from(round) << 40 | u64::from(publisher) << 32 | u64::from(number);
    let mut random = StdRng::seed_from_u64(seed);
    let length = PADDING[random.random_range(0..PADDING.len())];
    body.extend((0..length).map(|_| random.random::<u8>()));
    body
}

/// Whose message it is; an error unless it is as it was published, to the last byte.
pub(crate) fn id(found: &[u8]) -> Result<Id> {
    let mut words = found.split(|byte| *byte == b' ').map(std::str::from_utf8);
    let mut word = || words.next().context("a word is missing");
    let id = Id {
        round: word()??.parse()?,
        publisher: word()??.parse()?,
        number: word()??.parse()?,
    };
    ensure!(found == body(id), "the body of {id:?} is not as it was published");
    Ok(id)
}

/// That a body which was cut, changed or swapped does not pass.
pub(crate) fn judge_itself() -> Result<()> {
    let long = |number: &u32| body(of(*number)).len() > 5000;
    let mut numbers = (0..).filter(long);
    let (one, other) = (numbers.next().context("one")?, numbers.next().context("another")?);
    let whole = body(of(one));
    ensure!(id(&whole)? == of(one), "a good body is refused");
    let words = whole.len() - 5000;
    let swapped = [&whole[..words], &body(of(other))[body(of(other)).len() - 5000..]].concat();
    let mut changed = whole.clone();
    changed[words + 4321] ^= 1;
    for bad in [
        &swapped,
        &changed,
        &whole[..words].to_vec(),
        &whole[..words + 4999].to_vec(),
    ] {
        ensure!(id(bad).is_err(), "a wrong body passes");
    }
    Ok(())
}

fn of(number: u32) -> Id {
    Id {
        round: 3,
        publisher: 1,
        number,
    }
}
