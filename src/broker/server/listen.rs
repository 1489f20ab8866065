//! Accepting connections.

use super::StartError;
use super::hub::Event;
use super::link::{self, Link};
use crate::broker::dispatch::{ConnectionId, Gauge};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What each new connection needs.
#[derive(Debug)]
pub(super) struct Door {
    /// To the hub.
    pub(super) events: mpsc::Sender<Event>,
    /// All links, so that the end can wait for them.
    pub(super) tasks: TaskTracker,
    /// Ends all links at once.
    pub(super) links: CancellationToken,
    /// The largest frame a client may send before it has tuned.
    pub(super) frame_max: u32,
    /// The broker's memory.
    pub(super) gauge: Gauge,
    /// Connections beyond this, and some more that are told why, are closed at once.
    pub(super) max_connections: usize,
}

/// Connections above the limit that may come in far enough to be refused in words.
const TOLD: usize = 64;

/// How long to wait when the system can't accept (too many open files), before trying again.
const PAUSE: Duration = Duration::from_millis(100);

/// Binds, and tells the port that was picked.
pub(super) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let error = |why: std::io::Error| match why.kind() {
        std::io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Io { address, why },
    };
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let address = listener.local_addr().map_err(error)?;
    Ok((listener, address))
}

/// Accepts until told to stop.
pub(super) async fn listen(listener: TcpListener, door: Door, stop: CancellationToken) {
    let mut last = 0;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            () = door.links.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            // The listener itself is one of the tasks.
            Ok((_, peer)) if door.tasks.len() > door.max_connections.saturating_add(TOLD) => {
                tracing::warn!(%peer, most = door.max_connections, "connection turned away: there are too many");
            }
            Ok((stream, peer)) => {
                last += 1;
                tracing::info!(connection = last, %peer, "connection accepted");
                let link = Link {
                    id: ConnectionId(last),
                    peer,
                    stream,
                    frame_max: door.frame_max,
                    gauge: door.gauge.clone(),
                };
                door.tasks
                    .spawn(link::run(link, door.events.clone(), door.links.child_token()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
