//! The broker as a program of its own.

use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running broker; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts it on a folder and waits until it listens.
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dispatch-lab"))
            .args(["broker", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("its output is piped")?;
        let mut line = String::new();
        let read = tokio::task::spawn_blocking(move || BufReader::new(out).read_line(&mut line).map(|_| line));
        let line = read.await??;
        let address = line.trim_end().strip_prefix("listening on ");
        let Some(address) = address else {
            let status = child.wait()?;
            anyhow::bail!("the broker did not start: {status}, its first line is {line:?}");
        };
        let address = address.parse()?;
        Ok(Self { child, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM: an orderly stop.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        ensure!(Command::new("kill").args(["-TERM", &pid]).status()?.success());
        let status = self.child.wait()?;
        ensure!(status.success(), "the broker stopped with {status}");
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
