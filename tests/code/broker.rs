//! The embedded broker, and what it says of the queue that the programs use.

use dispatch_lab::broker::dispatch::QueueTotals;
use dispatch_lab::broker::server::{Server, ServerConfig};
use std::time::Duration;

/// A condition that does not come true within this has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn start() -> Server {
    Server::start(ServerConfig::default()).await.expect("loopback")
}

pub(crate) fn url(server: &Server) -> String {
    format!("amqp://guest:guest@{}/%2F", server.address())
}

/// Waits for totals of one queue.
pub(crate) async fn until(server: &Server, what: &str, condition: impl Fn(&QueueTotals) -> bool) {
    let mut totals = server.totals();
    let waiting = totals.wait_for(|all| all.iter().any(&condition));
    let reached = tokio::time::timeout(PATIENCE, waiting)
        .await
        .is_ok_and(|waited| waited.is_ok());
    assert!(reached, "{what}: never, but {:?}", server.totals().borrow());
}
