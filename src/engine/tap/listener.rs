//! The task that listens: opens and closes the taps as the screen wishes, and publishes what was heard.

use super::log::Log;
use super::stream::Stream;
use super::told::Pass;
use super::{Chunk, Fate, Follows, Heard, Shared};
use crate::engine::target::BrokerUrl;
use crate::engine::task::Owned;
use crate::lab::{Elapsed, Frames, Tap, TapState, Way};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// The shortest time between two pictures: twelve a second.
const PAUSE: Duration = Duration::from_millis(83);
/// Copies taken at once.
const BATCH: usize = 256;
/// Connections that are heard at once, with room for those whose end was not kept.
const STREAMS: usize = 256;

/// Why there is nothing to hear under TLS.
const CIPHERTEXT: &str = "this is amqps: the link lies under TLS, and all it sees is ciphertext";

/// The listener's end of the taps.
#[derive(Debug)]
pub(in crate::engine) struct Hearing {
    shared: Arc<Shared>,
    chunks: mpsc::Receiver<Chunk>,
}

/// A listener at work. Dropped, it ends.
#[derive(Debug)]
pub(in crate::engine) struct Listening {
    /// Opens and closes the taps.
    pub(in crate::engine) tap: watch::Sender<Tap>,
    /// What they hear.
    pub(in crate::engine) frames: watch::Receiver<Arc<Frames>>,
    _task: Owned,
}

/// Who listens.
#[derive(Debug)]
struct Listener {
    hearing: Hearing,
    /// The zero of all times.
    started: Instant,
    /// Why nothing can be heard here, if so.
    deaf: Option<Arc<str>>,
    /// What the screen wishes.
    wish: watch::Receiver<Tap>,
    /// Where the frames go.
    frames: watch::Sender<Arc<Frames>>,
}

/// Why an open tap was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closed {
    Wished,
    Cancelled,
}

/// What was heard since the tap was opened.
#[derive(Debug, Default)]
struct Heap {
    log: Log,
    /// By connection, until it ends.
    streams: HashMap<u64, Stream>,
}

impl Hearing {
    pub(super) fn new(shared: Arc<Shared>, chunks: mpsc::Receiver<Chunk>) -> Self {
        Self { shared, chunks }
    }

    /// Listens, as soon as that is wished for, until cancelled. Times count from `started`.
    pub(in crate::engine) fn listen(self, started: Instant, url: &BrokerUrl, cancel: CancellationToken) -> Listening {
        let (tap, wish) = watch::channel(Tap::Off);
        let (outlet, frames) = watch::channel(Arc::default());
        let listener = Listener {
            hearing: self,
            started,
            deaf: url.is_tls().then(|| Arc::from(CIPHERTEXT)),
            wish,
            frames: outlet.clone(),
        };
        let task = Owned::spawn(cancel.clone(), listener.run(cancel), async move |why| {
            let state = TapState::Deaf(why.into());
            outlet.send_replace(Arc::new(Frames {
                state,
                ..Frames::default()
            }));
        });
        Listening {
            tap,
            frames,
            _task: task,
        }
    }

    fn open(&mut self) {
        self.shut();
        self.shared.missed.store(0, Ordering::Relaxed);
        self.shared.open.store(true, Ordering::Relaxed);
    }

    /// Nothing more is kept, and what is on its way is thrown away.
    fn shut(&mut self) {
        self.shared.open.store(false, Ordering::Relaxed);
        while let Ok(chunk) = self.chunks.try_recv() {
            self.taken(&chunk);
        }
    }

    fn taken(&self, chunk: &Chunk) {
        if let Heard::Bytes(_, _, bytes) = &chunk.heard {
            self.shared.waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
        }
    }
}

impl Listener {
    /// Runs until cancelled, or until nobody can wish for anything any more.
    async fn run(mut self, cancel: CancellationToken) {
        loop {
            let wish = *self.wish.borrow_and_update();
            match (wish, &self.deaf) {
                (Tap::On, None) => {
                    if self.listen(&cancel).await == Closed::Cancelled {
                        return;
                    }
                    continue;
                }
                (Tap::On, Some(why)) => self.say(TapState::Deaf(Arc::clone(why))),
                (Tap::Off, _) => self.say(TapState::Off),
            }
            tokio::select! {
                () = cancel.cancelled() => return,
                changed = self.wish.changed() => if changed.is_err() { return },
            }
        }
    }

    /// While the tap is open.
    async fn listen(&mut self, cancel: &CancellationToken) -> Closed {
        let mut heap = Heap::default();
        let mut chunks = Vec::with_capacity(BATCH);
        let mut due = None;
        self.hearing.open();
        self.say(TapState::On);
        let closed = loop {
            let pause = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = cancel.cancelled() => break Closed::Cancelled,
                changed = self.wish.changed() => {
                    if changed.is_err() {
                        break Closed::Cancelled;
                    }
                    if *self.wish.borrow() == Tap::Off {
                        break Closed::Wished;
                    }
                }
                () = pause => {
                    due = None;
                    let missed = self.hearing.shared.missed.load(Ordering::Relaxed);
                    self.frames.send_replace(Arc::new(heap.log.frames(missed)));
                }
                _ = self.hearing.chunks.recv_many(&mut chunks, BATCH) => {
                    due = due.or_else(|| Some(tokio::time::Instant::now() + PAUSE));
                    for chunk in chunks.drain(..) {
                        self.hearing.taken(&chunk);
                        heap.take(self.started, chunk);
                    }
                }
            }
        };
        self.hearing.shut();
        closed
    }

    fn say(&self, state: TapState) {
        self.frames.send_replace(Arc::new(Frames {
            state,
            ..Frames::default()
        }));
    }
}

impl Heap {
    fn take(&mut self, started: Instant, chunk: Chunk) {
        let Chunk {
            connection,
            party,
            at,
            follows,
            heard,
        } = chunk;
        let at = Elapsed::from(at.saturating_duration_since(started));
        if self.streams.len() > STREAMS {
            // Ends were not kept; who lives on is found again by its next frame.
            self.streams.clear();
        }
        let stream = self.streams.entry(connection).or_default();
        if follows == Follows::AGap {
            stream.lose_place();
        }
        let pass = |way, fate| Pass {
            number: 0,
            at,
            connection,
            party,
            way,
            fate,
        };
        match heard {
            Heard::Bytes(way, fate, bytes) => {
                let log = &mut self.log;
                stream.feed(way, &bytes, |passed| log.push(pass(way, fate), passed));
            }
            Heard::End => {
                let end = stream.end();
                self.log.push(pass(Way::ToBroker, Fate::Passed), end);
                self.streams.remove(&connection);
            }
        }
    }
}
