//! The broker as a program of its own.

use super::{Server, ServerConfig, StartError, TunablesError};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the program serves, and how.
#[derive(Clone, Debug, Default)]
pub struct ServeOptions {
    /// The broker.
    pub config: ServerConfig,
    /// A file that changes its tunables: read at the start, and again at each SIGHUP.
    pub tunables: Option<PathBuf>,
}

/// Why the program ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its file of tunables says nothing.
    #[error(transparent)]
    Tunables(#[from] TunablesError),
    /// It could not say where it listens.
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    /// It could not store what it has confirmed or was about to.
    #[error("{0}: the broker has ended, and all that it confirmed is stored")]
    Store(String),
    /// It could not wait for signals.
    #[error("cannot wait for SIGHUP, SIGINT and SIGTERM: {0}")]
    Signals(std::io::Error),
}

/// Serves until SIGINT or SIGTERM, then stops in good order. The first line on standard output says where it listens.
pub async fn serve(options: ServeOptions) -> Result<(), ServeError> {
    let ServeOptions { mut config, tunables } = options;
    let unchanged = config.tunables;
    if let Some(file) = &tunables {
        config.tunables = unchanged.changed_by(file)?;
    }
    // Before the first line, so that no signal after it is missed.
    let end = signals().map_err(ServeError::Signals)?;
    let mut again = Hangups::of(tunables.as_deref()).map_err(ServeError::Signals)?;
    let mut server = Server::start(config).await?;
    // Nobody here asks what came back; the list of it need not stay.
    drop(server.take_restored());
    if let Err(error) = announce(server.address()) {
        // Nobody knows where it listens, but the data folder is in good order and stays so.
        server.stop().await;
        return Err(ServeError::Output(error));
    }
    let mut totals = server.totals();
    let retune = async {
        loop {
            again.next().await;
            if let Some(file) = &tunables {
                match unchanged.changed_by(file) {
                    Ok(tunables) => server.tune(tunables),
                    Err(error) => tracing::warn!(%error, "tunables stay as they are"),
                }
            }
        }
    };
    tokio::select! {
        () = end => {}
        () = retune => {}
        // The sender goes only when the broker has failed: by a panic, which stop() passes on, or by its disk.
        () = async { while totals.changed().await.is_ok() {} } => {}
    }
    let failure = server.failure();
    server.stop().await;
    failure.map_or(Ok(()), |why| Err(ServeError::Store(why)))
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

/// Waits for SIGHUP, where there is a reason to.
#[cfg(unix)]
struct Hangups(Option<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Hangups {
    /// Without a file to read again, SIGHUP ends the program as it does by default.
    fn of(file: Option<&Path>) -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = file.map(|_| signal(SignalKind::hangup())).transpose()?;
        Ok(Self(signals))
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some(signals) => drop(signals.recv().await),
            None => std::future::pending().await,
        }
    }
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

/// There is no SIGHUP here.
#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
impl Hangups {
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn of(_file: Option<&Path>) -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}
