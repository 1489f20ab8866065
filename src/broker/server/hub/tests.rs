//! The hub without sockets, on a clock that the test moves.

use super::{BATCH, Event, Hub, Signals};
use crate::broker::dispatch::{ConnectionId, LastStop};
use crate::broker::protocol::{Frame, Incoming, Peer};
use crate::broker::server::keeper::Keeper;
use crate::broker::server::outbox::{Batch, Outbox};
use crate::broker::server::{EVENTS, ServerConfig, Tunables, broker};
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn clock_goes_on_while_events_never_end() {
    let (events_in, events) = mpsc::channel(EVENTS);
    let (totals, _totals) = watch::channel(Arc::from([]));
    let hub = Hub::new(
        broker(&ServerConfig::default(), &mut [], LastStop::Orderly),
        Keeper::nothing(),
        events,
        totals,
        None,
    );
    let crash = CancellationToken::new();
    let running = tokio::spawn(hub.run(Signals {
        stop: CancellationToken::new(),
        crash: crash.clone(),
        links: CancellationToken::new(),
        tuned: watch::channel(Tunables::default()).1,
    }));
    let (outbox, silent) = (Arc::new(Outbox::default()), ConnectionId(1));
    let dropped = CancellationToken::new();
    let opened = Event::Opened {
        id: silent,
        peer: Peer::Loopback,
        address: "".into(),
        outbox: Arc::clone(&outbox),
        cancel: dropped.clone(),
    };
    events_in.send(opened).await.expect("the hub lives");
    tokio::task::yield_now().await;
    // All of this is there when the hub next looks, and the handshake's ten seconds are over.
    for _ in 0..2 * BATCH {
        let flood = Event::Frames(ConnectionId(2), Vec::new());
        events_in.try_send(flood).expect("room for the flood");
    }
    let late = Incoming {
        channel: 0,
        frame: Frame::ProtocolHeader(*b"AMQP\x00\x00\x09\x01"),
    };
    events_in.try_send(Event::Frames(silent, vec![late])).expect("room");
    tokio::time::advance(Duration::from_secs(11)).await;
    dropped.cancelled().await;
    assert!(
        outbox.take(&mut Batch::default()).now_or_never().is_none(),
        "answered after its deadline"
    );
    crash.cancel();
    running.await.expect("the hub ends well");
}
