//! The credit that automatic acks give back to consumers of quorum queues, a moment after the delivery.

use super::{Broker, Stage, own_turn};
use crate::broker::dispatch::Millis;
use crate::broker::protocol::{Output, Vhost};

/// How long a quorum queue takes to learn of an automatic ack: there RabbitMQ writes a record, which a client that asks
/// for the next thing overtakes.
const CREDIT_TURN: Millis = Millis(2);

impl Broker {
    fn owes_credit(&self, vhost: &Vhost) -> bool {
        self.stage == Stage::Serving && vhost.dispatch.owes_credit()
    }

    /// When consumers get the credit that automatic acks owe them, unless a client asks for something first.
    pub(super) fn credit_due(&self) -> Option<Millis> {
        self.owed_since.map(|since| Millis(since.0 + CREDIT_TURN.0))
    }

    pub(super) fn note_owed(&mut self, now: Millis) {
        let owes = self.shared.vhosts.iter().any(|vhost| self.owes_credit(vhost));
        self.owed_since = owes.then(|| self.owed_since.unwrap_or(now));
    }

    pub(super) fn settle_automatic(&mut self, now: Millis, out: &mut Vec<Output>) {
        self.owed_since = None;
        for id in self.shared.vhost_ids() {
            if self.owes_credit(self.shared.vhost(id)) {
                let mut turn = own_turn(&mut self.shared, now, id, out);
                let (dispatch, effects) = turn.dispatch();
                dispatch.settle_automatic(effects);
                turn.flush();
            }
        }
    }
}
