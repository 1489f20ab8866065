//! How a line ends: as asked, or by itself. Either way it is reported once, after all that was delivered.

use super::Worker;
use crate::engine::deliveries::End;
use crate::engine::line::{CLOSE_WITHIN, cause, within};
use crate::lab::{AckMode, Cut, DownCause, Epoch, Seen};
use lapin::Error;

impl Worker {
    pub(super) async fn cut(&mut self, epoch: Epoch, cut: Cut) {
        self.break_silence();
        let automatic = self.consumer_acks_by_itself();
        match cut {
            Cut::Channel | Cut::Connection if automatic => {
                // What is on its way counts as acked, so it must be known before the end; the cancel gathers it.
                // A failure here is one of the close below, too.
                let _ = self.cancel_consumer().await;
            }
            _ => {}
        }
        match cut {
            Cut::Channel => self.close_channel().await,
            Cut::Connection => self.close_connection().await,
            Cut::Reset => self.reset(),
        }
        self.finish_consumer(CLOSE_WITHIN).await;
        self.channel = None;
        self.down(epoch, DownCause::Asked(cut)).await;
    }

    fn consumer_acks_by_itself(&self) -> bool {
        let consumer = self.channel.as_ref().and_then(|open| open.consumer.as_ref());
        consumer.is_some_and(|consuming| consuming.ack == AckMode::Automatic)
    }

    async fn close_channel(&mut self) {
        let Some(open) = &self.channel else { return };
        if within(CLOSE_WITHIN, open.channel.close(200, "closed by the lab".into()))
            .await
            .is_err()
        {
            self.reset();
        }
    }

    async fn close_connection(&mut self) {
        if let Some(connected) = self.connected.take() {
            connected.line.close().await;
        }
    }

    pub(super) fn reset(&mut self) {
        if let Some(connected) = self.connected.take() {
            connected.line.link.reset();
        }
    }

    /// The consumer ended, and nobody here asked for it.
    pub(super) async fn consumer_ended(&mut self, end: End) {
        if let Some(open) = &mut self.channel {
            open.consumer = None;
        }
        if self.client_gave_up().await {
            return;
        }
        let Some(open) = &self.channel else { return };
        match end {
            End::Cancelled if open.channel.status().connected() => {
                let epoch = open.epoch;
                self.tell(Seen::CancelledByBroker(self.id, epoch)).await;
            }
            End::Cancelled => self.lost("the connection was closed").await,
            End::Failed(error) => self.broke(&error).await,
        }
    }

    /// lapin told of an error: it may be of a channel that was left long ago.
    pub(super) async fn look_after(&mut self, error: &Error) {
        if self.client_gave_up().await {
            return;
        }
        let dead = self
            .channel
            .as_ref()
            .is_some_and(|open| !open.channel.status().connected());
        if dead {
            self.broke(error).await;
        } else {
            self.drop_what_is_dead();
        }
    }

    async fn lost(&mut self, why: &str) {
        self.gone(DownCause::Lost(why.to_owned())).await;
    }

    pub(super) async fn broke(&mut self, error: &Error) {
        tracing::info!(worker = %self.id, %error, "line broke");
        self.gone(cause(error)).await;
    }

    async fn gone(&mut self, cause: DownCause) {
        self.finish_consumer(CLOSE_WITHIN).await;
        let epoch = self.channel.take().map(|open| open.epoch);
        self.drop_what_is_dead();
        if let Some(epoch) = epoch {
            self.down(epoch, cause).await;
        }
    }

    pub(super) fn drop_what_is_dead(&mut self) {
        if self
            .connected
            .as_ref()
            .is_some_and(|connected| !connected.line.connection.status().connected())
        {
            self.reset();
        }
    }
}
