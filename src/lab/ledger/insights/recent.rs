//! What happened just now, and what it means.

use super::super::super::insight::Insight;
use super::super::super::settings::Sharing;
use super::super::super::snapshot::BrokerState;
use super::{Case, View};

/// A job that came back so often goes round in circles: a worker's end or two would explain fewer.
const ROUNDS: u32 = 3;
/// Redeliveries from which on the flag is worth a word.
const FLAGGED: u32 = 5;
/// Jobs from which the order is judged …
const ORDER_OF: u32 = 10;
/// … and the part of them, one in so many, that makes it worth a word.
const LATE: u32 = 5;
/// For how long it is told that jobs went back to their old places, in lab time.
const PLACE_US: u64 = 10_000_000;

pub(super) fn look(view: &View<'_>, cases: &mut Vec<Case>) {
    of_workers(view, cases);
    of_jobs(view, cases);
    out_of_order(view, cases);
    // While the broker is away the question stands.
    let down = view.ledger.broker.state != BrokerState::Up;
    if let Some(mark) = view.tally.unconfirmed
        && (down || view.is_recent(mark.at))
    {
        cases.push((0, Insight::Unconfirmed(mark.what)));
    }
}

fn of_workers(view: &View<'_>, cases: &mut Vec<Case>) {
    let tally = view.tally;
    if let Some(mark) = tally.lost.filter(|mark| view.is_recent(mark.at)) {
        let (worker, jobs) = mark.what;
        cases.push((0, Insight::LostWithWorker { worker, jobs }));
    }
    if let Some(mark) = tally.storm.filter(|mark| view.is_recent(mark.at)) {
        let (worker, jobs) = mark.what;
        cases.push((0, Insight::RedeliveryStorm { worker, jobs }));
    }
    if let Some(mark) = tally.double_ack.filter(|mark| view.is_recent(mark.at)) {
        cases.push((0, Insight::DoubleAck(mark.what)));
    }
    if let Some(mark) = tally.refused.filter(|mark| view.is_recent(mark.at)) {
        let worker = mark.what;
        let jobs = view.deeds(worker).refused;
        cases.push((0, Insight::DeadLettered { worker, jobs }));
    }
}

fn of_jobs(view: &View<'_>, cases: &mut Vec<Case>) {
    let (tally, ledger) = (view.tally, view.ledger);
    let twice = ledger.jobs.counts().twice;
    for round in tally
        .rounds
        .iter()
        .filter(|r| r.times >= ROUNDS && view.is_recent(r.last))
    {
        let case = Insight::RequeueLoop {
            job: round.job,
            times: round.times,
            worker: round.worker,
        };
        cases.push((round.times.into(), case));
    }
    if let Some(mark) = tally.twice.filter(|mark| view.is_recent(mark.at)) {
        let (job, worker) = mark.what;
        cases.push((
            0,
            Insight::DoneTwice {
                job,
                worker,
                jobs: twice,
            },
        ));
    }
    if let Some(mark) = tally.back.filter(|mark| view.ago(mark.at) < PLACE_US) {
        let (job, jobs) = mark.what;
        cases.push((0, Insight::OldPlace { job, jobs }));
    }
    if let Some(mark) = tally.buried.filter(|mark| view.is_recent(mark.at)) {
        let (job, jobs) = mark.what;
        cases.push((0, Insight::DeliveryLimit { job, jobs }));
    }
    let redelivered = ledger.redelivered;
    if redelivered >= FLAGGED && twice * 2 < redelivered && tally.redelivered.is_some_and(|at| view.is_recent(at)) {
        cases.push((0, Insight::FlaggedUndone { redelivered, twice }));
    }
    if let Some(mark) = tally.returned.filter(|mark| view.is_recent(mark.at)) {
        cases.push((0, Insight::Unroutable(mark.what)));
    }
}

fn out_of_order(view: &View<'_>, cases: &mut Vec<Case>) {
    if view.ledger.settings.sharing == Sharing::QueueEach {
        return;
    }
    let (late, of) = (view.tally.late, view.tally.finished);
    if of >= ORDER_OF && late * LATE >= of {
        cases.push((0, Insight::OutOfOrder { late, of }));
    }
}
