//! Transactions on one channel (AMQP 0-9-1, class `tx`): publishes and acks are held until the commit.

use super::channel::{Channel, Mode};
use super::publish::{self, Held};
use super::refusal::{Code, Refused};
use super::session::Session;
use crate::broker::dispatch::{DeliveryTag, Extent, Settlement, StoreSeq};
use amq_protocol::protocol::{AMQPClass, tx};

/// What a channel in tx mode holds back.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    publishes: Vec<Held>,
    settlements: Vec<(DeliveryTag, Extent, Settlement)>,
    /// `commit-ok` is due when the store has this record.
    commit_waits_for: Option<StoreSeq>,
}

impl Transaction {
    /// Holds a message back.
    pub(super) fn publish(&mut self, held: Held) {
        self.publishes.push(held);
    }

    /// Holds an ack, nack or reject back.
    pub(super) fn settle(&mut self, tag: DeliveryTag, extent: Extent, settlement: Settlement) {
        self.settlements.push((tag, extent, settlement));
    }

    /// Whether a commit waits for the store.
    pub(super) fn is_waiting(&self) -> bool {
        self.commit_waits_for.is_some()
    }

    /// The store has everything up to this record. Whether the waiting commit is now complete.
    pub(super) fn stored(&mut self, up_to: StoreSeq) -> bool {
        self.commit_waits_for.take_if(|seq| *seq <= up_to).is_some()
    }
}

/// Any method of class `tx`.
pub(super) fn handle(channel: &mut Channel, session: &mut Session, method: &tx::AMQPMethod) -> Result<(), Refused> {
    match method {
        tx::AMQPMethod::Select(_) => select(channel, session),
        tx::AMQPMethod::Commit(_) => commit(channel, session),
        tx::AMQPMethod::Rollback(_) => rollback(channel, session),
        _ => Err(Refused::connection(Code::CommandInvalid, "unimplemented method")),
    }
}

/// The answer to a commit.
pub(super) const COMMIT_OK: AMQPClass = AMQPClass::Tx(tx::AMQPMethod::CommitOk(tx::CommitOk {}));

fn select(channel: &mut Channel, session: &mut Session) -> Result<(), Refused> {
    match channel.mode {
        Mode::Confirm(_) => {
            return Err(Refused::channel(
                Code::PreconditionFailed,
                "cannot switch from confirm to tx mode",
            ));
        }
        Mode::Plain => channel.mode = Mode::Transaction(Transaction::default()),
        Mode::Transaction(_) => {}
    }
    session.method(channel.number, AMQPClass::Tx(tx::AMQPMethod::SelectOk(tx::SelectOk {})));
    Ok(())
}

/// Publishes first, then acks, then the answer: after all of it is stored.
fn commit(channel: &mut Channel, session: &mut Session) -> Result<(), Refused> {
    let Mode::Transaction(transaction) = &mut channel.mode else {
        return Err(not_transactional());
    };
    let work = std::mem::take(transaction);
    let mut stored_by = None;
    for held in work.publishes {
        stored_by = publish::hand_over(channel.number, session, held)?
            .stored_by
            .or(stored_by);
    }
    let id = channel.id(session);
    for (tag, extent, settlement) in work.settlements {
        let (dispatch, effects) = session.dispatch();
        dispatch.settle(id, tag, extent, settlement, effects)?;
        session.flush();
    }
    match (&mut channel.mode, stored_by) {
        (Mode::Transaction(transaction), Some(seq)) => {
            transaction.commit_waits_for = Some(seq);
            channel.await_store(session);
        }
        _ => session.method(channel.number, COMMIT_OK),
    }
    Ok(())
}

fn rollback(channel: &mut Channel, session: &mut Session) -> Result<(), Refused> {
    let Mode::Transaction(transaction) = &mut channel.mode else {
        return Err(not_transactional());
    };
    *transaction = Transaction::default();
    session.method(
        channel.number,
        AMQPClass::Tx(tx::AMQPMethod::RollbackOk(tx::RollbackOk {})),
    );
    Ok(())
}

fn not_transactional() -> Refused {
    Refused::channel(Code::PreconditionFailed, "channel is not transactional")
}
