//! What follows from who has how much, and for how long.

use super::super::super::command::Producing;
use super::super::super::ids::LabTime;
use super::super::super::insight::Insight;
use super::super::super::settings::{Prefetch, Sharing};
use super::super::super::snapshot::{BrokerState, WorkerState};
use super::super::WorkerBook;
use super::{Case, View, seconds, tray_of};

/// How long a worker is idle before another's full tray is worth a remark: longer than any delivery takes.
const IDLE_US: u64 = 2_000_000;
/// How long it is idle before it starves: longer than a usual job.
const STARVES_US: u64 = 10_000_000;
/// A tray from which one could give.
const HOARD: u32 = 2;
/// Fewer unacked than this is no backlog, only work under way …
const ALL_UNACKED: u32 = 10;
/// … and so is less than this for each worker.
const ALL_UNACKED_EACH: u32 = 3;
/// A job is heavy from so many dots on …
const HEAVY_DOTS: u32 = 4;
/// … and when so much of it is left, in lab time.
const HEAVY_LEFT_US: u64 = 2_000_000;
/// Jobs that each worker has to have been given before counts are compared.
const COUNTED: u32 = 6;
/// The most work is so many per cent of the least before it counts as unequal.
const UNEQUAL: u64 = 150;
/// Jobs from which a mean is taken.
const MEAN_OF: u64 = 20;
/// Work that comes in, in per cent of what can be done: above this it is too much, with some room for the mean's error.
const TOO_MUCH: u64 = 110;
/// Per cent of a worker's time that round trips may take.
const TRIPS: u64 = 10;

pub(super) fn look(view: &View<'_>, cases: &mut Vec<Case>) {
    // Where each worker has a queue of its own nobody gets what another could have had.
    if view.ledger.settings.sharing == Sharing::OneQueue {
        hoarding(view, cases);
        starving(view, cases);
        counts_not_load(view, cases);
        overload(view, cases);
    }
    all_unacked(view, cases);
    round_trips(view, cases);
    for worker in view.ledger.present() {
        head_of_line(view, worker, cases);
    }
}

/// The queue has nothing, one worker has nothing, and another has more than it can work on.
fn hoarding(view: &View<'_>, cases: &mut Vec<Case>) {
    if view.waiting() > 0 {
        return;
    }
    let Some(idle) = view.ledger.present().find(|w| view.idle_us(w) >= IDLE_US) else {
        return;
    };
    for hoarder in view.ledger.present().filter(|w| tray_of(w) >= HOARD) {
        let tray = tray_of(hoarder);
        let case = Insight::Hoarding {
            worker: hoarder.id,
            tray,
            idle: idle.id,
        };
        cases.push((tray.into(), case));
    }
}

/// Idle for long, while there is work in other trays.
fn starving(view: &View<'_>, cases: &mut Vec<Case>) {
    let trays = view.ledger.present().map(tray_of).sum();
    if trays < HOARD {
        return;
    }
    for worker in view.ledger.present() {
        let idle = view.idle_us(worker);
        if idle >= STARVES_US {
            let case = Insight::Starving {
                worker: worker.id,
                seconds: seconds(idle),
                trays,
            };
            cases.push((idle, case));
        }
    }
}

/// Nothing ready, and much more unacked than is worked on.
fn all_unacked(view: &View<'_>, cases: &mut Vec<Case>) {
    let used = view.ledger.settings.queue.slot();
    let jobs = view.ledger.jobs.counts().unacked[used];
    let holders = view.ledger.present().filter(|w| w.unacked > 0).count();
    let workers = u32::try_from(holders).unwrap_or(u32::MAX);
    if view.waiting() == 0 && jobs >= ALL_UNACKED.max(ALL_UNACKED_EACH.saturating_mul(workers)) {
        cases.push((0, Insight::AllUnacked { jobs, workers }));
    }
}

/// Nobody is ever full, so each got the same number, and one got far more work by it.
fn counts_not_load(view: &View<'_>, cases: &mut Vec<Case>) {
    if view.live().any(|w| w.limit().is_some()) {
        return;
    }
    // Time that a worker needs for what it was given, in microseconds, and the number of jobs.
    let load = |w: &WorkerBook| {
        let deeds = view.deeds(w.id);
        let us = u64::from(deeds.dealt_dots) * 1_000_000_000 / u64::from(w.speed.0.max(1));
        (us, deeds.dealt, w.id)
    };
    // How fast a guest works is not known.
    let loads = || view.live().filter(|w| w.guest.is_none()).map(load);
    let (Some(most), Some(least)) = (loads().max(), loads().min()) else {
        return;
    };
    let counts = || loads().map(|(_, jobs, _)| jobs);
    let (Some(many), Some(few)) = (counts().max(), counts().min()) else {
        return;
    };
    let equal = few >= COUNTED && many - few <= 1 + few / 5;
    if equal && most.0 * 100 >= least.0 * UNEQUAL && most.0 > least.0 {
        let case = Insight::CountsNotLoad {
            jobs: few,
            most: most.2,
            most_s: seconds(most.0),
            least: least.2,
            least_s: seconds(least.0),
        };
        cases.push((0, case));
    }
}

/// Work comes in faster than it can be done, and shows: more waits than there are workers.
fn overload(view: &View<'_>, cases: &mut Vec<Case>) {
    let ledger = view.ledger;
    if ledger.producing != Producing::On || ledger.broker.state != BrokerState::Up || view.tally.came < MEAN_OF {
        return;
    }
    // Hundredths of a second of work a second: jobs in 100 s times mean dots; a thousandth of speed is a tenth of one.
    let work = u64::from(ledger.settings.rate.0) * view.tally.came_dots / view.tally.came;
    let speed = view.live().map(|w| u64::from(w.speed.0)).sum::<u64>() / 10;
    let counts = ledger.jobs.counts();
    let unknown = view.live().any(|w| w.guest.is_some());
    let behind = u64::from(view.waiting() + counts.tray) > 2 * view.live().count() as u64;
    if speed > 0 && !unknown && behind && work * 100 > speed * TOO_MUCH {
        let figure = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let case = Insight::Overload {
            work: figure(work),
            speed: figure(speed),
        };
        cases.push((0, case));
    }
}

/// Prefetch 1, jobs are ready, and the line is so slow that the hand is empty for a good part of the time.
fn round_trips(view: &View<'_>, cases: &mut Vec<Case>) {
    let settings = &view.ledger.settings;
    let millis = 2 * u64::from(settings.line.latency.0);
    if millis == 0 || view.waiting() == 0 || view.tally.jobs < MEAN_OF {
        return;
    }
    let trip_us = millis * u64::from(settings.scale.0);
    for worker in view.live().filter(|w| w.limit() == Some(Prefetch(1))) {
        let work_us = view.tally.dots * 1_000_000_000 / view.tally.jobs / u64::from(worker.speed.0.max(1));
        let percent = trip_us * 100 / (trip_us + work_us).max(1);
        if percent >= TRIPS {
            let case = Insight::RoundTrips {
                worker: worker.id,
                millis: u32::try_from(millis).unwrap_or(u32::MAX),
                percent: u32::try_from(percent).unwrap_or(100),
            };
            cases.push((percent, case));
        }
    }
}

/// A tray behind a job that is heavy and far from done.
fn head_of_line(view: &View<'_>, worker: &WorkerBook, cases: &mut Vec<Case>) {
    let (Some(hand), Some(due)) = (worker.hand, worker.due()) else {
        return;
    };
    let (row, tray) = (hand.row(0), tray_of(worker));
    let left = due.0.saturating_sub(view.now.lab.0);
    if tray >= HOARD && row.dots >= HEAVY_DOTS && left >= HEAVY_LEFT_US {
        let case = Insight::HeadOfLine {
            worker: worker.id,
            tray,
            seconds: seconds(left),
            job: row.job,
            dots: row.dots,
        };
        cases.push((left, case));
    }
}

impl View<'_> {
    /// Jobs in the queue in use, or on the wire.
    pub(super) fn waiting(&self) -> u32 {
        self.ledger.jobs.counts().waiting[self.ledger.settings.queue.slot()]
    }

    /// Workers that consume and work.
    pub(super) fn live(&self) -> impl Iterator<Item = &WorkerBook> {
        let works = |w: &&WorkerBook| matches!(w.state, WorkerState::Consuming | WorkerState::Doomed);
        self.ledger.present().filter(works)
    }

    /// For how long it could work and has nothing.
    pub(super) fn idle_us(&self, worker: &WorkerBook) -> u64 {
        worker.idle_since.map_or(0, |since: LabTime| self.ago(since))
    }
}
