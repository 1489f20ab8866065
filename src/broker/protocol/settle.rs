//! ack, nack, reject, recover: what becomes of deliveries.

use super::channel::{Channel, Mode};
use super::refusal::{Code, Refused};
use super::session::Session;
use crate::broker::dispatch::{DeliveryTag, Extent, Settlement};
use amq_protocol::protocol::{AMQPClass, basic};

/// `basic.ack`
pub(super) fn ack(channel: &mut Channel, session: &mut Session, tag: u64, multiple: bool) -> Result<(), Refused> {
    settle(channel, session, DeliveryTag(tag), extent(multiple), Settlement::Ack)
}

/// `basic.nack`
pub(super) fn nack(channel: &mut Channel, session: &mut Session, nack: &basic::Nack) -> Result<(), Refused> {
    settle(
        channel,
        session,
        DeliveryTag(nack.delivery_tag),
        extent(nack.multiple),
        if nack.requeue {
            Settlement::Requeue
        } else {
            Settlement::Drop
        },
    )
}

/// `basic.reject`
pub(super) fn reject(channel: &mut Channel, session: &mut Session, reject: &basic::Reject) -> Result<(), Refused> {
    settle(
        channel,
        session,
        DeliveryTag(reject.delivery_tag),
        Extent::One,
        if reject.requeue {
            Settlement::RejectRequeue
        } else {
            Settlement::Drop
        },
    )
}

/// `basic.recover`: `recover-ok`, then the redeliveries.
pub(super) fn recover(channel: &Channel, session: &mut Session, requeue: bool) -> Result<(), Refused> {
    requeue_all(channel, session, requeue)?;
    let ok = basic::AMQPMethod::RecoverOk(basic::RecoverOk {});
    session.method(channel.number, AMQPClass::Basic(ok));
    session.flush();
    Ok(())
}

/// `basic.recover-async`: the redeliveries without an answer.
pub(super) fn recover_async(channel: &Channel, session: &mut Session, requeue: bool) -> Result<(), Refused> {
    requeue_all(channel, session, requeue)?;
    session.flush();
    Ok(())
}

fn requeue_all(channel: &Channel, session: &mut Session, requeue: bool) -> Result<(), Refused> {
    if !requeue {
        return Err(Refused::connection(Code::NotImplemented, "requeue=false"));
    }
    let id = channel.id(session);
    let (dispatch, effects) = session.dispatch();
    dispatch.recover(id, effects);
    Ok(())
}

fn settle(
    channel: &mut Channel,
    session: &mut Session,
    tag: DeliveryTag,
    extent: Extent,
    settlement: Settlement,
) -> Result<(), Refused> {
    let id = channel.id(session);
    if let Mode::Transaction(transaction) = &mut channel.mode {
        let named = session.seen().outstanding(id, transaction.taken_up_to(), tag, extent);
        return Ok(transaction.settle((tag, extent), named, settlement)?);
    }
    let (dispatch, effects) = session.dispatch();
    dispatch.settle(id, tag, extent, settlement, effects)?;
    session.flush();
    Ok(())
}

fn extent(multiple: bool) -> Extent {
    if multiple { Extent::UpTo } else { Extent::One }
}
