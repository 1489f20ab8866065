//! The link: what lies between lapin and the socket of one connection, so that the lab can cut it, silence it and slow
//! it down.
//!
//! lapin asks an async runtime for its TCP stream; ours hands it a [`LinkStream`] in place of a bare one. TLS, where
//! it is used, is laid over the link by lapin, so a cut looks the same on `amqp` and `amqps`.
//!
//! 1. A [`Link`] is made with each connection; its clone stays with whoever owns the connection.
//! 2. lapin connects through the link's reactor; the socket is kept inside the link.
//! 3. [`Link::reset`] takes the socket out, sets linger to zero and drops it: the peer sees a TCP reset, and lapin's
//!    next read or write fails.
//! 4. [`Link::silence`] takes the socket out and keeps it open: neither side is told anything, what lapin writes is
//!    swallowed, and what it would read never comes. Whoever has the [`Mute`] hears when the peer gives up.
//! 5. A line that is to be slow ([`slow`]) has a queue each way, which a task moves on. Else bytes pass straight
//!    through `poll_read` and `poll_write`.

mod conditions;
mod slow;

pub(super) use conditions::Conditions;

use self::slow::Slow;
use super::tap::{Ear, Fate};
use crate::lab::{LineQuality, Way};
use async_compat::{Compat, CompatExt};
use async_rs::traits::{AsyncToSocketAddrs, Reactor};
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use std::fmt;
use std::future::Future;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The runtime that lapin is given: tokio's executor, and a reactor whose sockets are links.
pub(super) type LinkRuntime = Runtime<RuntimeParts<Tokio, LinkReactor>>;

/// How long the TCP handshake may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The lab's hold on one connection's socket.
#[derive(Clone, Default)]
pub(super) struct Link {
    shared: Arc<Mutex<Shared>>,
    /// Hears what passes.
    ear: Ear,
}

#[derive(Default)]
struct Shared {
    state: State,
    quality: LineQuality,
    /// lapin's I/O thread: told of a cut by these, since a dropped socket wakes nobody.
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Default)]
enum State {
    /// Not connected yet.
    #[default]
    Idle,
    /// Bytes pass, at once or slowly.
    Open(TcpStream, Option<Box<Slow>>),
    /// Nothing passes, and nobody is told.
    Silent,
    /// Reset, or closed by lapin.
    Cut,
}

/// The socket of a silenced link: open, and mute. Dropped, it is reset.
#[derive(Debug)]
pub(super) struct Mute {
    socket: Option<TcpStream>,
}

impl Link {
    /// A link with an ear on it.
    pub(super) fn heard_by(ear: Ear) -> Self {
        Self { ear, ..Self::default() }
    }

    /// A runtime for one connection through this link. Must be called within a tokio runtime.
    pub(super) fn runtime(&self) -> LinkRuntime {
        Runtime::new(RuntimeParts::new(Tokio::current(), LinkReactor { link: self.clone() }))
    }

    /// Ends the connection without a goodbye: the peer sees a TCP reset. Again, or on a closed link: nothing.
    pub(super) fn reset(&self) {
        if let State::Open(socket, _) = leave(self.lock(), State::Cut) {
            reset(socket);
        }
    }

    /// From now on nothing passes and nobody is told; what is on its way is lost. `None`: there is nothing to silence.
    pub(super) fn silence(&self) -> Option<Mute> {
        let shared = self.lock();
        if !matches!(shared.state, State::Open(..)) {
            return None;
        }
        match leave(shared, State::Silent) {
            State::Open(socket, _) => Some(Mute { socket: Some(socket) }),
            State::Idle | State::Silent | State::Cut => None,
        }
    }

    /// How good the line is from now on, also for what is on its way.
    fn set_quality(&self, quality: LineQuality) {
        let mut shared = self.lock();
        shared.quality = quality;
        let State::Open(_, slow) = &mut shared.state else {
            return;
        };
        match slow {
            Some(slow) => slow.set_quality(quality),
            None if quality == LineQuality::default() => {}
            None => {
                *slow = Some(Box::new(Slow::new(quality)));
                drop(shared);
                slow::attend(self);
            }
        }
    }

    /// Whether there ever was a TCP connection.
    pub(super) fn was_opened(&self) -> bool {
        !matches!(self.lock().state, State::Idle)
    }

    /// Whether bytes can pass.
    #[cfg(test)]
    fn is_open(&self) -> bool {
        matches!(self.lock().state, State::Open(..))
    }

    fn open(&self, socket: TcpStream) -> io::Result<LinkStream> {
        let mut shared = self.lock();
        match shared.state {
            State::Idle => shared.state = State::Open(socket, None),
            State::Open(..) | State::Silent | State::Cut => return Err(cut()),
        }
        let quality = shared.quality;
        drop(shared);
        self.set_quality(quality);
        Ok(LinkStream { link: self.clone() })
    }

    fn of(shared: Arc<Mutex<Shared>>) -> Self {
        Self {
            shared,
            ear: Ear::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Nothing here panics with the lock held; a poisoned one is as good as any.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves the present state for another, and wakes whoever waits for it.
fn leave(mut shared: MutexGuard<'_, Shared>, state: State) -> State {
    let mut former = std::mem::replace(&mut shared.state, state);
    let pump = match &mut former {
        State::Open(_, Some(slow)) => slow.pump.take(),
        _ => None,
    };
    let wakers = [shared.reader.take(), shared.writer.take(), pump];
    drop(shared);
    wakers.into_iter().flatten().for_each(Waker::wake);
    former
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.lock().state {
            State::Idle => "idle",
            State::Open(..) => "open",
            State::Silent => "silent",
            State::Cut => "cut",
        };
        f.debug_tuple("Link").field(&state).finish()
    }
}

/// The stream that lapin reads and writes.
#[derive(Debug)]
pub(super) struct LinkStream {
    link: Link,
}

impl Shared {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let result = match &mut self.state {
            State::Open(socket, None) => Pin::new(socket).poll_read(cx, buf),
            State::Open(_, Some(slow)) => slow.read(buf),
            State::Silent => Poll::Pending,
            State::Idle | State::Cut => return Poll::Ready(Err(cut())),
        };
        if result.is_pending() {
            self.reader = Some(cx.waker().clone());
        }
        result
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = match &mut self.state {
            State::Open(socket, None) => Pin::new(socket).poll_write(cx, buf),
            State::Open(_, Some(slow)) => slow.write(buf),
            State::Silent => Poll::Ready(Ok(buf.len())),
            State::Idle | State::Cut => return Poll::Ready(Err(cut())),
        };
        if result.is_pending() {
            self.writer = Some(cx.waker().clone());
        }
        result
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state {
            State::Open(socket, None) => Pin::new(socket).poll_shutdown(cx),
            // lapin drops the stream next, which closes the socket.
            State::Open(_, Some(_)) | State::Silent => Poll::Ready(Ok(())),
            State::Idle | State::Cut => Poll::Ready(Err(cut())),
        }
    }
}

impl AsyncRead for LinkStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = self.link.lock().poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = &read {
            self.link
                .ear
                .heard(Way::FromBroker, Fate::Passed, &buf.filled()[before..]);
        }
        read
    }
}

impl AsyncWrite for LinkStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut shared = self.link.lock();
        let written = shared.poll_write(cx, buf);
        let fate = match shared.state {
            State::Silent => Fate::Swallowed,
            State::Idle | State::Open(..) | State::Cut => Fate::Passed,
        };
        drop(shared);
        if let Poll::Ready(Ok(length)) = &written {
            self.link.ear.heard(Way::ToBroker, fate, &buf[..*length]);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A TCP socket has nothing to flush, and a slow line flushes by itself.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.link.lock().poll_shutdown(cx)
    }
}

impl Drop for LinkStream {
    fn drop(&mut self) {
        // lapin is done with it: the socket closes here, in good order, also while a clone of the link lives on. That
        // of a silent link is with its `Mute`.
        leave(self.link.lock(), State::Cut);
        self.link.ear.ended();
    }
}

impl Mute {
    /// Waits until the peer ends the connection. What it sends till then is let go, as a network that swallows all
    /// would: left in the socket, it would hide the end. Given up and called again, it goes on.
    pub(super) async fn ended(&mut self) {
        let Some(socket) = &mut self.socket else { return };
        let mut swallowed = vec![0; 8 * 1024];
        while matches!(socket.read(&mut swallowed).await, Ok(1..)) {}
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            reset(socket);
        }
    }
}

fn reset(socket: TcpStream) {
    // Should linger be refused, the drop still ends the connection, by a FIN.
    if let Err(error) = socket.set_zero_linger() {
        tracing::warn!(%error, "no reset: linger was refused");
    }
    drop(socket);
}

/// Makes lapin's sockets pass through a link.
#[derive(Clone, Debug)]
pub(super) struct LinkReactor {
    link: Link,
}

impl Reactor for LinkReactor {
    type TcpStream = Compat<LinkStream>;
    type Sleep = tokio::time::Sleep;

    #[expect(
        refining_impl_trait,
        reason = "the trait's own bounds are of a crate that is not a dependency"
    )]
    fn register<H: Read + Write + Send + 'static>(&self, _: H) -> io::Result<Compat<LinkStream>> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    fn sleep(&self, dur: Duration) -> Self::Sleep {
        tokio::time::sleep(dur)
    }

    fn interval(&self, dur: Duration) -> impl futures_util::Stream<Item = Instant> + Send + 'static {
        let ticks = tokio::time::interval(dur);
        futures_util::stream::unfold(ticks, async |mut ticks| Some((ticks.tick().await.into_std(), ticks)))
    }

    fn tcp_connect_addr(&self, addr: SocketAddr) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        let link = self.link.clone();
        async move {
            let connect = TcpStream::connect(addr);
            let socket = tokio::time::timeout(CONNECT_WITHIN, connect)
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            socket.set_nodelay(true)?;
            Ok(link.open(socket)?.compat())
        }
    }

    async fn tcp_connect<A: AsyncToSocketAddrs + Send>(&self, addrs: A) -> io::Result<Self::TcpStream> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for addr in addrs.to_socket_addrs().await? {
            match self.tcp_connect_addr(addr).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "the link was cut")
}

#[cfg(test)]
mod tests;
