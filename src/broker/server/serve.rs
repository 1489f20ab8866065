//! The broker as a program of its own.

use super::{Server, ServerConfig, StartError, User};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the program ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It could not say where it listens.
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    /// It could not wait for signals.
    #[error("cannot wait for SIGINT and SIGTERM: {0}")]
    Signals(std::io::Error),
}

/// Serves until SIGINT or SIGTERM, then stops in good order. The first line on standard output says where it listens.
/// An empty `users` means guest.
pub async fn serve(listen: SocketAddr, users: Vec<User>, data: Option<PathBuf>) -> Result<(), ServeError> {
    let users = if users.is_empty() { vec![User::guest()] } else { users };
    // Before the first line, so that no signal after it is missed.
    let end = signals().map_err(ServeError::Signals)?;
    let mut server = Server::start(ServerConfig {
        listen,
        users,
        data,
        ..ServerConfig::default()
    })
    .await?;
    // Nobody here asks what came back; the list of it need not stay.
    drop(server.take_restored());
    announce(server.address()).map_err(ServeError::Output)?;
    let mut totals = server.totals();
    tokio::select! {
        () = end => {}
        // The sender goes only when the broker has failed: stop() then says how.
        () = async { while totals.changed().await.is_ok() {} } => {}
    }
    server.stop().await;
    Ok(())
}

fn announce(address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

#[cfg(unix)]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signals() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a console there is no Ctrl-C to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
