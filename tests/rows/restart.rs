//! Restarts of a broker that several rows share: each row comes to its restart, the last one to come does it for all.

use crate::client::Result;
use crate::place::{self, Place};
use dispatch_lab::broker::dispatch::Like;
use dispatch_lab::broker::server::Server;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Mutex, watch};

/// How a broker ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Kill,
    Stop,
}

/// What is restarted.
#[derive(Debug)]
enum Broker {
    /// With its data.
    Embedded(Option<Server>, Like, TempDir),
    /// A command that takes `kill9`, `stop` or `start`.
    Command(String),
}

/// A broker and the rows that play on it.
#[derive(Debug)]
pub(crate) struct Restarts {
    state: Mutex<State>,
    /// How many restarts there have been.
    done: watch::Sender<u32>,
}

#[derive(Debug)]
struct State {
    broker: Broker,
    rows: usize,
    waiting: Option<(How, usize)>,
    address: std::net::SocketAddr,
}

impl Restarts {
    /// An embedded broker that keeps its data in a folder of its own.
    pub(crate) async fn embedded(like: Like, rows: usize) -> (Self, Place) {
        let data = tempfile::tempdir().expect("a folder can be made");
        let (server, place) = place::embedded(like, Some(data.path().to_owned())).await;
        let broker = Broker::Embedded(Some(server), like, data);
        (Self::new(broker, rows, place.login.address), place)
    }

    pub(crate) fn command(command: String, place: &Place, rows: usize) -> Self {
        Self::new(Broker::Command(command), rows, place.login.address)
    }

    fn new(broker: Broker, rows: usize, address: std::net::SocketAddr) -> Self {
        let state = State {
            broker,
            rows,
            waiting: None,
            address,
        };
        Self {
            state: Mutex::new(state),
            done: watch::Sender::new(0),
        }
    }

    /// Returns when the broker has been restarted, with its address.
    pub(crate) async fn restart(&self, how: How) -> Result<std::net::SocketAddr> {
        let mut done = self.done.subscribe();
        let before = *done.borrow_and_update();
        {
            let mut state = self.state.lock().await;
            let (first, waiting) = state.waiting.unwrap_or((how, 0));
            if first != how {
                return Err("rows on one broker restart it in the same way".to_owned());
            }
            state.waiting = Some((how, waiting + 1));
            self.when_all_wait(&mut state).await?;
        }
        drop(done.wait_for(|now| *now > before).await);
        Ok(self.state.lock().await.address)
    }

    /// A row has ended.
    pub(crate) async fn leave(&self) -> Result {
        let mut state = self.state.lock().await;
        state.rows -= 1;
        self.when_all_wait(&mut state).await
    }

    async fn when_all_wait(&self, state: &mut State) -> Result {
        let Some((how, waiting)) = state.waiting else {
            return Ok(());
        };
        if waiting < state.rows {
            return Ok(());
        }
        state.waiting = None;
        match &mut state.broker {
            Broker::Embedded(server, like, data) => {
                let old = server.take().ok_or("no server")?;
                match how {
                    How::Kill => old.crash().await,
                    How::Stop => old.stop().await,
                }
                let (new, place) = place::embedded(*like, Some(data.path().to_owned())).await;
                state.address = place.login.address;
                *server = Some(new);
            }
            Broker::Command(command) => {
                // RabbitMQ writes down within half a second which quorum queues it has, and tells nobody when.
                tokio::time::sleep(Duration::from_secs(1)).await;
                control(command, if how == How::Kill { "kill9" } else { "stop" }).await?;
                control(command, "start").await?;
            }
        }
        self.done.send_modify(|done| *done += 1);
        Ok(())
    }
}

async fn control(command: &str, verb: &str) -> Result {
    let (line, verb) = (command.to_owned(), verb.to_owned());
    let told = format!("{line} {verb}");
    let run = move || {
        let mut words = line.split_whitespace();
        let program = words.next().unwrap_or_default();
        let mut command = std::process::Command::new(program);
        command.args(words).arg(verb).stdin(Stdio::null()).stdout(Stdio::null());
        command.status()
    };
    let status = tokio::task::spawn_blocking(run)
        .await
        .map_err(|error| error.to_string())?;
    match status {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("{told}: {other:?}")),
    }
}
