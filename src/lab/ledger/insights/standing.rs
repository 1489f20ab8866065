//! What follows from settings and from how each worker is: true at once, and until it is changed.

use super::super::super::insight::Insight;
use super::super::super::settings::{AckMode, Confirms, Delivery, QueueKind, Settings};
use super::super::super::snapshot::{Balance, BrokerState, RABBITMQ, WorkerState};
use super::super::{Limits, WorkerBook};
use super::{Case, View};

/// So many finished and not acked are no accident …
const UNSAID: u32 = 3;
/// … after so long: an ack follows the work at once.
const UNSAID_US: u64 = 5_000_000;

pub(super) fn look(view: &View<'_>, cases: &mut Vec<Case>) {
    let ledger = view.ledger;
    cases.extend(of_settings(&ledger.settings).map(|insight| (0, insight)));
    let elsewhere = ledger.jobs.counts().waiting[ledger.settings.queue.other().slot()];
    if elsewhere > 0 {
        cases.push((0, Insight::JobsElsewhere(elsewhere)));
    }
    if let Balance::Differs(more) = ledger.balance(view.now.real) {
        cases.push((0, Insight::BooksDiffer(more)));
    }
    match ledger.broker.product() {
        Some("LavinMQ") => cases.push((0, Insight::NotRoundRobin)),
        Some(product) if product != RABBITMQ => cases.push((0, Insight::NotRabbitMq)),
        Some(_) | None => {}
    }
    if ledger.decisions_lost > 0 {
        cases.push((0, Insight::DecisionsLost(ledger.decisions_lost)));
    }
    if ledger.foreign > 0 {
        cases.push((0, Insight::ForeignMessages(ledger.foreign)));
    }
    nobody_consumes(view, cases);
    qos_for_new_only(view, cases);
    for worker in ledger.present() {
        of_worker(view, worker, cases);
    }
}

/// Needs no data at all: these settings mean this.
fn of_settings(s: &Settings) -> impl Iterator<Item = Insight> {
    let limit = (s.ack == AckMode::Automatic && s.prefetch.0 > 0).then_some(Insight::PrefetchWithoutAcks(s.prefetch));
    let safety = match (s.queue, s.messages) {
        (QueueKind::Durable, Delivery::Transient) if !s.uses_quorum() => Some(Insight::DurableQueueTransientMessages),
        (QueueKind::Transient, Delivery::Persistent) => Some(Insight::PersistentMessagesTransientQueue),
        (QueueKind::Durable, Delivery::Persistent) if s.confirms == Confirms::Off => {
            Some(Insight::PersistentWithoutConfirms)
        }
        _ => None,
    };
    limit.into_iter().chain(safety)
}

/// The broker is up, jobs wait, and no worker consumes or is about to. A frozen one consumes still.
fn nobody_consumes(view: &View<'_>, cases: &mut Vec<Case>) {
    let ledger = view.ledger;
    let waiting = ledger.jobs.counts().waiting[ledger.settings.queue.slot()];
    let up = ledger.broker.state == BrokerState::Up;
    let ended = |w: &WorkerBook| {
        matches!(
            w.state,
            WorkerState::Cancelled | WorkerState::ChannelClosed(_) | WorkerState::Gone(..)
        )
    };
    if up && waiting > 0 && ledger.present().all(ended) {
        cases.push((0, Insight::NobodyConsumes(waiting)));
        return;
    }
    let alone = |w: &&WorkerBook| up && ended(w);
    for worker in ledger.present().filter(alone) {
        let (worker, jobs) = (worker.id, ledger.jobs.waiting_for(worker.id));
        if jobs > 0 {
            cases.push((jobs.into(), Insight::WaitsForOne { worker, jobs }));
        }
    }
}

fn of_worker(view: &View<'_>, worker: &WorkerBook, cases: &mut Vec<Case>) {
    let (id, unacked) = (worker.id, worker.unacked);
    match &worker.state {
        WorkerState::Frozen if unacked > 0 => cases.push((unacked.into(), Insight::Frozen { worker: id, unacked })),
        WorkerState::Silent(_, heartbeat) if unacked > 0 => cases.push((
            unacked.into(),
            Insight::HalfOpen {
                worker: id,
                unacked,
                heartbeat: heartbeat.0,
            },
        )),
        WorkerState::Cancelled if unacked > 0 => {
            cases.push((unacked.into(), Insight::CancelledHolds { worker: id, unacked }));
        }
        _ => {}
    }
    over_limit(worker, cases);
    forgotten_ack(view, worker, cases);
}

/// The limit of the settings was sent by `basic.qos` alone, and these consumers are older.
fn qos_for_new_only(view: &View<'_>, cases: &mut Vec<Case>) {
    let (ledger, limit) = (view.ledger, view.ledger.settings.prefetch);
    if ledger.limits != Limits::ByQosAlone || ledger.settings.ack != AckMode::Manual {
        return;
    }
    let has = |w: &WorkerBook| w.subscription.map(|subscription| subscription.prefetch);
    let mut older = view
        .live()
        .filter_map(|w| Some((w.id, has(w).filter(|has| *has != limit)?)));
    let Some((worker, has)) = older.next() else { return };
    let workers = 1 + u32::try_from(older.count()).unwrap_or(u32::MAX);
    let case = Insight::QosForNewOnly {
        worker,
        has,
        limit,
        workers,
    };
    cases.push((0, case));
}

/// More unacked than the limit that holds for new deliveries.
fn over_limit(worker: &WorkerBook, cases: &mut Vec<Case>) {
    let unacked = worker.unacked;
    // Forgotten acks count against the limit of the channel's present consumer only until it subscribes again.
    if let Some(limit) = worker.limit()
        && unacked > u32::from(limit.0)
    {
        let case = Insight::OverLimit {
            worker: worker.id,
            unacked,
            limit,
        };
        cases.push((unacked.into(), case));
    }
}

/// It told that it forgot, or it finished several and acked none for seconds; not one whose acks the network swallows.
fn forgotten_ack(view: &View<'_>, worker: &WorkerBook, cases: &mut Vec<Case>) {
    if matches!(worker.state, WorkerState::Silent(..)) {
        return;
    }
    let deeds = view.deeds(worker.id);
    let silent = deeds.unsaid >= UNSAID && view.ago(deeds.unsaid_since) >= UNSAID_US;
    let jobs = deeds.forgot + if silent { deeds.unsaid } else { 0 };
    if jobs > 0 && worker.unacked > 0 {
        let case = Insight::ForgottenAck {
            worker: worker.id,
            jobs,
        };
        cases.push((jobs.into(), case));
    }
}
