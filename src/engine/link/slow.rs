//! A slow line: each way a queue of bytes with the times at which they are through.
//!
//! A byte leaves when those before it have left and the bandwidth allows it, and arrives one latency later. Nothing is
//! lost and nothing overtakes: a queue that is full holds back whoever fills it, lapin or the peer. One task for each
//! slow line moves the bytes on; it ends when the line is as good as none and both queues are empty.

use super::{Link, Shared, State};
use crate::lab::{Bandwidth, LineQuality};
use std::collections::VecDeque;
use std::future::Future as _;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// What is under way each way at most, in bytes, on a line without a limit.
const WINDOW: usize = 256 * 1024;
/// The same on a line with one: what passes in a second, but not less than this.
const WINDOW_MIN: usize = 512;
/// A limited line lets bytes through in pieces, so many in a second.
const PIECES_PER_S: usize = 20;
/// What is read from the socket at once.
const READ: usize = 16 * 1024;

/// Both ways.
#[derive(Debug)]
pub(super) struct Slow {
    quality: LineQuality,
    /// From lapin to the socket.
    out: Pipe,
    /// From the socket to lapin.
    back: Pipe,
    /// How the socket ended; told to lapin when all before it is through.
    end: Option<End>,
    /// The task that moves bytes on.
    pub(super) pump: Option<Waker>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// In good order.
    Closed,
    Failed(io::ErrorKind),
}

/// One way.
#[derive(Debug)]
struct Pipe {
    pieces: VecDeque<Piece>,
    bytes: usize,
    /// When the last byte in it has left.
    free_at: Instant,
}

#[derive(Debug)]
struct Piece {
    /// When it is through; never before those ahead of it.
    due: Instant,
    data: Vec<u8>,
    /// How much of it was taken.
    taken: usize,
}

impl Slow {
    pub(super) fn new(quality: LineQuality) -> Self {
        let pipe = || Pipe {
            pieces: VecDeque::new(),
            bytes: 0,
            free_at: Instant::now(),
        };
        Self {
            quality,
            out: pipe(),
            back: pipe(),
            end: None,
            pump: None,
        }
    }

    /// A better line hurries on what is on its way; a worse one holds for what comes.
    pub(super) fn set_quality(&mut self, quality: LineQuality) {
        self.quality = quality;
        self.out.hurry(quality);
        self.back.hurry(quality);
        self.wake_pump();
    }

    /// lapin reads.
    pub(super) fn read(&mut self, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let now = Instant::now();
        let before = buf.remaining();
        while buf.remaining() > 0
            && let Some(piece) = self.back.due(now)
        {
            let n = piece.len().min(buf.remaining());
            buf.put_slice(&piece[..n]);
            self.back.take(n);
        }
        if buf.remaining() < before {
            // There is room again for what the peer sends.
            self.wake_pump();
            return Poll::Ready(Ok(()));
        }
        match self.end {
            Some(End::Closed) if self.back.bytes == 0 => Poll::Ready(Ok(())),
            Some(End::Failed(kind)) if self.back.bytes == 0 => Poll::Ready(Err(kind.into())),
            _ => Poll::Pending,
        }
    }

    /// lapin writes.
    pub(super) fn write(&mut self, buf: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(End::Failed(kind)) = self.end {
            return Poll::Ready(Err(kind.into()));
        }
        let n = self.out.room(self.quality).min(buf.len());
        if n == 0 && !buf.is_empty() {
            return Poll::Pending;
        }
        self.out.push(&buf[..n], self.quality);
        self.wake_pump();
        Poll::Ready(Ok(n))
    }

    fn wake_pump(&mut self) {
        if let Some(pump) = self.pump.take() {
            pump.wake();
        }
    }

    /// Writes what is through.
    fn move_out(&mut self, socket: &mut TcpStream, cx: &mut Context<'_>) {
        while let Some(piece) = self.out.due(Instant::now()) {
            match Pin::new(&mut *socket).poll_write(cx, piece) {
                Poll::Ready(Ok(n)) => self.out.take(n),
                Poll::Ready(Err(error)) => {
                    self.end = Some(End::Failed(error.kind()));
                    self.out.clear();
                }
                Poll::Pending => return,
            }
        }
    }

    /// Reads what the peer has sent, as far as there is room for it. A line that is to be no longer slow takes nothing
    /// more in.
    fn move_in(&mut self, socket: &mut TcpStream, cx: &mut Context<'_>) {
        let mut space = [0; READ];
        while self.end.is_none() && self.quality != LineQuality::default() {
            let room = self.back.room(self.quality).min(READ);
            if room == 0 {
                return;
            }
            let mut buf = ReadBuf::new(&mut space[..room]);
            match Pin::new(&mut *socket).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if buf.filled().is_empty() => self.end = Some(End::Closed),
                Poll::Ready(Ok(())) => self.back.push(buf.filled(), self.quality),
                Poll::Ready(Err(error)) => self.end = Some(End::Failed(error.kind())),
                Poll::Pending => return,
            }
        }
    }

    /// When the next piece is through, of those that are not yet.
    fn next_due(&self, now: Instant) -> Option<Instant> {
        let heads = [self.out.pieces.front(), self.back.pieces.front()];
        heads
            .into_iter()
            .flatten()
            .map(|piece| piece.due)
            .filter(|due| *due > now)
            .min()
    }

    fn is_over(&self) -> bool {
        self.quality == LineQuality::default() && self.out.bytes == 0 && self.back.bytes == 0 && self.end.is_none()
    }
}

impl Pipe {
    fn room(&self, quality: LineQuality) -> usize {
        let window = match per_s(quality.bandwidth) {
            None => WINDOW,
            Some(bytes) => bytes.clamp(WINDOW_MIN, WINDOW),
        };
        window.saturating_sub(self.bytes)
    }

    fn push(&mut self, data: &[u8], quality: LineQuality) {
        let latency = Duration::from_millis(quality.latency.0.into());
        let piece = per_s(quality.bandwidth).map_or(usize::MAX, |bytes| (bytes / PIECES_PER_S).max(1));
        let mut last = self.pieces.back().map(|piece| piece.due);
        self.free_at = self.free_at.max(Instant::now());
        for data in data.chunks(piece) {
            self.free_at += time_for(data.len(), quality.bandwidth);
            let through = self.free_at + latency;
            let due = last.map_or(through, |last| last.max(through));
            last = Some(due);
            self.bytes += data.len();
            self.pieces.push_back(Piece {
                due,
                data: data.to_vec(),
                taken: 0,
            });
        }
    }

    fn due(&self, now: Instant) -> Option<&[u8]> {
        let piece = self.pieces.front().filter(|piece| piece.due <= now)?;
        Some(&piece.data[piece.taken..])
    }

    fn take(&mut self, n: usize) {
        self.bytes -= n;
        if let Some(piece) = self.pieces.front_mut() {
            piece.taken += n;
            if piece.taken == piece.data.len() {
                self.pieces.pop_front();
            }
        }
    }

    fn hurry(&mut self, quality: LineQuality) {
        let latency = Duration::from_millis(quality.latency.0.into());
        self.free_at = Instant::now();
        for piece in &mut self.pieces {
            self.free_at += time_for(piece.data.len() - piece.taken, quality.bandwidth);
            piece.due = piece.due.min(self.free_at + latency);
        }
    }

    fn clear(&mut self) {
        self.pieces.clear();
        self.bytes = 0;
    }
}

/// Moves the bytes of a slow line on, until it is fast again or cut.
pub(super) fn attend(link: &Link) {
    let link = link.clone();
    // The link owns it: it ends with the connection.
    tokio::spawn(async move {
        let mut timer = pin!(tokio::time::sleep(Duration::ZERO));
        std::future::poll_fn(|cx| link.lock().pump(cx, timer.as_mut())).await;
    });
}

impl Shared {
    /// Ready: there is no slow line any more.
    fn pump(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<()> {
        let State::Open(socket, place) = &mut self.state else {
            return Poll::Ready(());
        };
        let Some(slow) = place else { return Poll::Ready(()) };
        slow.pump = Some(cx.waker().clone());
        loop {
            slow.move_out(socket, cx);
            slow.move_in(socket, cx);
            let Some(due) = slow.next_due(Instant::now()) else {
                break;
            };
            timer.as_mut().reset(due);
            if timer.as_mut().poll(cx).is_pending() {
                break;
            }
        }
        let over = slow.is_over();
        if over {
            *place = None;
        }
        // They look for themselves whether there is something for them.
        [self.reader.take(), self.writer.take()]
            .into_iter()
            .flatten()
            .for_each(Waker::wake);
        if over { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Bytes a second; `None`: no limit.
fn per_s(bandwidth: Bandwidth) -> Option<usize> {
    usize::try_from(bandwidth.0).ok().filter(|bytes| *bytes > 0)
}

/// What so many bytes take.
fn time_for(bytes: usize, bandwidth: Bandwidth) -> Duration {
    match (u64::try_from(bytes), bandwidth.0) {
        (_, 0) | (Err(_), _) => Duration::ZERO,
        (Ok(bytes), per_s) => Duration::from_micros(bytes.saturating_mul(1_000_000) / u64::from(per_s)),
    }
}
