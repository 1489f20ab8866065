//! A half-open line: the network swallows everything, and tells nobody.
//!
//! 1. The socket is taken from under lapin and kept open, mute. The worker's program goes on with what it has; its acks
//!    go nowhere.
//! 2. lapin misses the broker's heartbeats and gives up: the program knows, and stops. The socket stays open, since
//!    no goodbye would arrive.
//! 3. The broker misses the worker's heartbeats and closes the socket. Only then does what the worker held go back, and
//!    the line is down. Either side may be the first.
//!
//! Whoever cuts the line meanwhile (the worker is brought back or removed, the lab ends) resets the socket.

use super::Worker;
use crate::engine::line::{CLOSE_WITHIN, within};
use crate::engine::link::{Link, Mute};
use crate::lab::{DownCause, Epoch, Seen};
use lapin::options::BasicQosOptions;
use std::time::Duration;

/// The last word may take this long; the network goes silent without it then.
const LAST_WORD_WITHIN: Duration = Duration::from_secs(1);

/// A line that is silent.
#[derive(Debug)]
pub(super) struct Silent {
    epoch: Epoch,
    socket: Mute,
    client: Client,
}

/// What the worker's client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    Unaware,
    GaveUp,
}

impl Worker {
    /// A line that is down has been reported, and can't be silenced any more.
    pub(super) async fn silence(&mut self, epoch: Epoch) {
        if !self.is_current(epoch) {
            return;
        }
        self.say_a_last_word().await;
        let link = self.connected.as_ref().map(|connected| &connected.line.link);
        self.silent = link.and_then(Link::silence).map(|socket| Silent {
            epoch,
            socket,
            client: Client::Unaware,
        });
    }

    /// So that the broker has heard of the worker when the silence begins, and counts from there: the limit for
    /// consumers to come, which changes nothing.
    async fn say_a_last_word(&self) {
        if let Some(open) = &self.channel {
            // If it fails, the line is down, which is noticed elsewhere.
            let qos = open.channel.basic_qos(open.prefetch.0, BasicQosOptions::default());
            let _ = within(LAST_WORD_WITHIN, qos).await;
        }
    }

    /// lapin has noticed something; true: it was the silence, and that is all.
    pub(super) async fn client_gave_up(&mut self) -> bool {
        let Some(silent) = &mut self.silent else { return false };
        let (before, epoch) = (std::mem::replace(&mut silent.client, Client::GaveUp), silent.epoch);
        if before == Client::Unaware {
            self.finish_consumer(CLOSE_WITHIN).await;
            self.channel = None;
            self.connected = None;
            self.tell(Seen::GaveUp(self.id, epoch)).await;
        }
        true
    }

    /// The broker closed the socket.
    pub(super) async fn silence_ended(&mut self) {
        let Some(silent) = self.silent.take() else { return };
        self.reset();
        self.finish_consumer(CLOSE_WITHIN).await;
        self.channel = None;
        let why = "heartbeats stayed away".to_owned();
        self.down(silent.epoch, DownCause::Lost(why)).await;
    }

    /// Resets a silent socket; the line must not be spoken to after that.
    pub(super) fn break_silence(&mut self) {
        if self.silent.take().is_some() {
            self.reset();
        }
    }
}

/// Waits until the broker closes the socket of a silent line; without one, for ever.
pub(super) async fn ended(silent: Option<&mut Silent>) {
    match silent {
        Some(silent) => silent.socket.ended().await,
        None => std::future::pending().await,
    }
}
