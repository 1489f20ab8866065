//! Transactions on one channel (AMQP 0-9-1, class `tx`): publishes and acks are held until the commit.
//!
//! A tag is checked when the ack comes, as in RabbitMQ: from then on it is outstanding no more, unless a rollback gives it
//! back. So a commit has nothing left to refuse, and all its records go to the store together.

use super::channel::{Channel, Mode};
use super::publish::{self, Held};
use super::refusal::{Code, Refused};
use super::session::Session;
use crate::broker::dispatch::{DeliveryTag, Extent, Refusal, Settlement, StoreSeq};
use amq_protocol::protocol::{AMQPClass, tx};
use std::collections::{BTreeSet, VecDeque};

/// What a channel in tx mode holds back.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    work: Work,
    /// `commit-ok` is due when the store has these records, once for each.
    commits: VecDeque<StoreSeq>,
}

/// What is to be done at the commit.
#[derive(Debug, Default)]
struct Work {
    publishes: Vec<Held>,
    settlements: Vec<(Settlement, Vec<DeliveryTag>)>,
    /// All that was outstanding up to here is in `settlements`: an ack of many needs to look only at what follows.
    taken_up_to: DeliveryTag,
    /// The tags after that in `settlements`.
    taken: BTreeSet<DeliveryTag>,
}

impl Transaction {
    /// Holds a message back.
    pub(super) fn publish(&mut self, held: Held) {
        self.work.publishes.push(held);
    }

    /// Up to where each outstanding delivery is settled at the commit.
    pub(super) fn taken_up_to(&self) -> DeliveryTag {
        self.work.taken_up_to
    }

    /// Holds an ack, nack or reject back. `named` are the outstanding deliveries after `taken_up_to` that it names.
    pub(super) fn settle(
        &mut self,
        (tag, extent): (DeliveryTag, Extent),
        mut named: Vec<DeliveryTag>,
        settlement: Settlement,
    ) -> Result<(), Refusal> {
        let all = extent == Extent::UpTo && tag == DeliveryTag(0);
        let work = &mut self.work;
        if !all && (named.last() != Some(&tag) || work.taken.contains(&tag)) {
            return Err(Refusal::UnknownDeliveryTag(tag));
        }
        match extent {
            Extent::UpTo => named = work.take_up_to(named),
            Extent::One => work.taken.extend(&named),
        }
        match work.settlements.last_mut() {
            Some((last, tags)) if *last == settlement => tags.append(&mut named),
            _ => work.settlements.push((settlement, named)),
        }
        Ok(())
    }

    /// Whether a commit waits for the store.
    pub(super) fn is_waiting(&self) -> bool {
        !self.commits.is_empty()
    }

    /// The store has everything up to this record. How many commits are now complete.
    pub(super) fn stored(&mut self, up_to: StoreSeq) -> usize {
        let complete = self.commits.partition_point(|seq| *seq <= up_to);
        self.commits.drain(..complete).count()
    }
}

impl Work {
    /// Takes all these, which lie next after what is taken; those that were not taken one by one before.
    fn take_up_to(&mut self, mut named: Vec<DeliveryTag>) -> Vec<DeliveryTag> {
        let Some(&last) = named.last() else { return named };
        named.retain(|tag| !self.taken.contains(tag));
        while self.taken.first().is_some_and(|tag| *tag <= last) {
            self.taken.pop_first();
        }
        self.taken_up_to = last;
        named
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
    let work = std::mem::take(&mut transaction.work);
    // Behind a commit that waits, this one waits too.
    let mut stored_by = transaction.commits.back().copied();
    let mut rejected = false;
    for held in work.publishes {
        // An exchange that is gone since the publish takes the message with it.
        if let Ok(routed) = publish::hand_over(channel.number, session, held) {
            stored_by = routed.stored_by.or(stored_by);
            rejected |= routed.rejected;
        }
    }
    let id = channel.id(session);
    for (settlement, mut tags) in work.settlements {
        tags.sort_unstable();
        let (dispatch, effects) = session.dispatch();
        dispatch.settle_each(id, &tags, settlement, effects);
        session.flush();
    }
    if rejected {
        return Err(Refused::channel(Code::PreconditionFailed, "partial tx completion"));
    }
    match (&mut channel.mode, stored_by) {
        (Mode::Transaction(transaction), Some(seq)) => {
            transaction.commits.push_back(seq);
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
    transaction.work = Work::default();
    session.method(
        channel.number,
        AMQPClass::Tx(tx::AMQPMethod::RollbackOk(tx::RollbackOk {})),
    );
    Ok(())
}

fn not_transactional() -> Refused {
    Refused::channel(Code::PreconditionFailed, "channel is not transactional")
}
