//! One client's socket: bytes in, bytes out.

use super::hub::Event;
use super::outbox::{Batch, Outbox};
use crate::broker::codec::Decoder;
use crate::broker::core::Sent;
use crate::broker::dispatch::{ConnectionId, Gauge};
use crate::broker::protocol::Peer;
use futures_util::FutureExt;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A connection just accepted.
#[derive(Debug)]
pub(super) struct Link {
    /// Its number.
    pub(super) id: ConnectionId,
    /// Where it comes from.
    pub(super) peer: SocketAddr,
    /// Its socket.
    pub(super) stream: TcpStream,
    /// The largest frame before it has tuned.
    pub(super) frame_max: u32,
    /// The broker's memory.
    pub(super) gauge: Gauge,
}

/// Bytes asked for in one read: one batch for the hub.
const READ: usize = 64 * 1024;

/// Serves a connection until it ends, by whatever cause, and tells the hub. A panic ends this connection alone.
pub(super) async fn run(link: Link, events: mpsc::Sender<Event>, cancel: CancellationToken) {
    let id = link.id;
    if AssertUnwindSafe(serve(link, &events, cancel))
        .catch_unwind()
        .await
        .is_ok()
    {
        tracing::info!(connection = id.0, "connection ended");
    } else {
        tracing::error!(connection = id.0, "connection ended by a panic");
    }
    // Without a hub there is nobody left to tell.
    let _ = events.send(Event::Lost(id)).await;
}

async fn serve(link: Link, events: &mpsc::Sender<Event>, cancel: CancellationToken) {
    let Link {
        id,
        peer,
        mut stream,
        frame_max,
        gauge,
    } = link;
    let outbox = Arc::new(Outbox::new(gauge));
    let address = peer.to_string().into();
    let peer = if peer.ip().to_canonical().is_loopback() {
        Peer::Loopback
    } else {
        Peer::Remote
    };
    if prepare(&stream).is_err() {
        return;
    }
    let opened = Event::Opened {
        id,
        peer,
        address,
        outbox: Arc::clone(&outbox),
        cancel: cancel.clone(),
    };
    if events.send(opened).await.is_err() {
        return;
    }
    let (reader, writer) = stream.split();
    // Which side ended it, and how, makes no difference: the hub learns that the connection is gone.
    tokio::select! {
        () = cancel.cancelled() => {}
        _ = read(id, reader, Decoder::new(frame_max), &outbox, events) => {}
        _ = write(id, writer, &outbox, events) => {}
    }
}

/// A socket is closed with a reset, as RabbitMQ does: what a connection still had to say is of no use to anyone.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_zero_linger()
}

async fn read(
    id: ConnectionId,
    mut reader: ReadHalf<'_>,
    mut decoder: Decoder,
    outbox: &Outbox,
    events: &mpsc::Sender<Event>,
) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(READ);
    let mut usual = 0;
    loop {
        outbox.room().await;
        bytes.reserve(READ);
        if reader.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let mut frames = Vec::with_capacity(usual);
        let taken = decoder.decode(&bytes, &mut frames);
        bytes.drain(..taken);
        usual = frames.len();
        outbox.gives();
        if events.send(Event::Frames(id, frames)).await.is_err() {
            return Ok(());
        }
    }
}

async fn write(
    id: ConnectionId,
    mut writer: WriteHalf<'_>,
    outbox: &Outbox,
    events: &mpsc::Sender<Event>,
) -> io::Result<()> {
    let mut batch = Batch::default();
    loop {
        outbox.take(&mut batch).await;
        let (mut written, mut reported) = (0, 0);
        while written < batch.bytes.len() {
            let count = writer.write(&batch.bytes[written..]).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            written += count;
            if outbox.wrote(count) && events.send(Event::Drained(id)).await.is_err() {
                return Ok(());
            }
            let due = &batch.receipts[reported..];
            let complete = due.partition_point(|receipt| receipt.end <= written);
            if complete > 0 {
                reported += complete;
                let sent: Vec<Sent> = due[..complete].iter().map(|receipt| receipt.sent).collect();
                if events.send(Event::Sent(sent)).await.is_err() {
                    return Ok(());
                }
            }
        }
        if batch.last {
            return Ok(());
        }
        batch.clear();
    }
}
