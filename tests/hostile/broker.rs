//! The program under attack.

use super::Result;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;

/// A running broker; killed when dropped.
pub(crate) struct Broker {
    child: Child,
    address: SocketAddr,
    errors: Option<JoinHandle<String>>,
}

impl Broker {
    /// Starts it on a free port.
    pub(crate) fn start(options: &[&str]) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dispatch-lab"))
            .args(["broker", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line)?;
        let errors = child.stderr.take().map(complaints);
        let address = line.trim_end().strip_prefix("listening on ");
        Ok(Self {
            address: address.expect("the first line says where it listens").parse()?,
            child,
            errors,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most memory that it had so far, in bytes; 0 where the system doesn't tell.
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it has now, in bytes; 0 where the system doesn't tell.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        kilobytes.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
    }

    /// It still lives, and never panicked.
    pub(crate) fn end(&mut self) -> Result {
        anyhow::ensure!(self.child.try_wait()?.is_none(), "the broker ended by itself");
        self.child.kill()?;
        self.child.wait()?;
        let errors = self.errors.take().map(JoinHandle::join);
        let told = errors.expect("ended once").expect("a thread that only reads");
        anyhow::ensure!(told.is_empty(), "the broker panicked: {told}");
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads all that it says, and keeps what speaks of a panic.
fn complaints(errors: ChildStderr) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut kept = String::new();
        let mut errors = BufReader::new(errors);
        let mut line = Vec::new();
        while errors
            .by_ref()
            .read_until(b'\n', &mut line)
            .is_ok_and(|count| count > 0)
        {
            let text = String::from_utf8_lossy(&line);
            if text.contains("panic") || !kept.is_empty() && kept.len() < 4000 {
                kept.push_str(&text);
            }
            line.clear();
        }
        kept
    })
}
