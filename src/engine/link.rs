//! The link: what lies between lapin and the socket of one connection, so that the lab can cut it.
//!
//! lapin asks an async runtime for its TCP stream; ours hands it a [`LinkStream`] in place of a bare one. TLS, where
//! it is used, is laid over the link by lapin, so a cut looks the same on `amqp` and `amqps`.
//!
//! 1. A [`Link`] is made with each connection; its clone stays with whoever owns the connection.
//! 2. lapin connects through the link's reactor; the socket is kept inside the link.
//! 3. [`Link::reset`] takes the socket out, sets linger to zero and drops it: the peer sees a TCP reset, and lapin's
//!    next read or write fails.
//!
//! Everything that passes goes through `poll_read` and `poll_write` below: stalls, delays and taps belong there.

use super::tap::Tap;
use crate::lab::Way;
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
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
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
    tap: Tap,
}

#[derive(Default)]
struct Shared {
    state: State,
    /// lapin's I/O thread: told of a cut by these, since a dropped socket wakes nobody.
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Default)]
enum State {
    /// Not connected yet.
    #[default]
    Idle,
    /// Bytes pass.
    Open(TcpStream),
    /// Reset, or closed by lapin.
    Cut,
}

impl Link {
    /// A link with an ear on it.
    pub(super) fn heard_by(tap: Tap) -> Self {
        Self {
            tap,
            ..Self::default()
        }
    }

    /// A runtime for one connection through this link. Must be called within a tokio runtime.
    pub(super) fn runtime(&self) -> LinkRuntime {
        Runtime::new(RuntimeParts::new(Tokio::current(), LinkReactor { link: self.clone() }))
    }

    /// Ends the connection without a goodbye: the peer sees a TCP reset. Again, or on a closed link: nothing.
    pub(super) fn reset(&self) {
        let mut shared = self.lock();
        if let State::Open(socket) = std::mem::replace(&mut shared.state, State::Cut) {
            // Should linger be refused, the drop still ends the connection, by a FIN.
            if let Err(error) = socket.set_zero_linger() {
                tracing::warn!(%error, "no reset: linger was refused");
            }
        }
        let wakers = [shared.reader.take(), shared.writer.take()];
        drop(shared);
        wakers.into_iter().flatten().for_each(Waker::wake);
    }

    /// Whether there ever was a TCP connection.
    pub(super) fn was_opened(&self) -> bool {
        !matches!(self.lock().state, State::Idle)
    }

    /// Whether bytes can pass.
    #[cfg(test)]
    fn is_open(&self) -> bool {
        matches!(self.lock().state, State::Open(_))
    }

    fn open(&self, socket: TcpStream) -> io::Result<LinkStream> {
        let mut shared = self.lock();
        match shared.state {
            State::Idle => shared.state = State::Open(socket),
            State::Open(_) | State::Cut => return Err(cut()),
        }
        Ok(LinkStream { link: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Nothing here panics with the lock held; a poisoned one is as good as any.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.lock().state {
            State::Idle => "idle",
            State::Open(_) => "open",
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

impl LinkStream {
    fn with_socket<T>(
        &self,
        keep_waker: impl FnOnce(&mut Shared),
        poll: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut shared = self.link.lock();
        let State::Open(socket) = &mut shared.state else {
            return Poll::Ready(Err(cut()));
        };
        let result = poll(Pin::new(socket));
        if result.is_pending() {
            keep_waker(&mut shared);
        }
        result
    }
}

impl AsyncRead for LinkStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let waker = cx.waker().clone();
        let before = buf.filled().len();
        let read = self.with_socket(|shared| shared.reader = Some(waker), |socket| socket.poll_read(cx, buf));
        if let Poll::Ready(Ok(())) = &read {
            self.link.tap.heard(Way::FromBroker, &buf.filled()[before..]);
        }
        read
    }
}

impl AsyncWrite for LinkStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let waker = cx.waker().clone();
        let written = self.with_socket(
            |shared| shared.writer = Some(waker),
            |socket| socket.poll_write(cx, buf),
        );
        if let Poll::Ready(Ok(length)) = &written {
            self.link.tap.heard(Way::ToBroker, &buf[..*length]);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with_socket(|_| (), |socket| socket.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with_socket(|_| (), |socket| socket.poll_shutdown(cx))
    }
}

impl Drop for LinkStream {
    fn drop(&mut self) {
        // lapin is done with it: the socket closes here, in good order, also while a clone of the link lives on.
        self.link.lock().state = State::Cut;
        self.link.tap.ended();
    }
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
