//! How it looks on the whole, when nothing is wrong. There is always exactly one verdict, or something is.

use super::super::super::ids::WorkerId;
use super::super::super::insight::Insight;
use super::super::super::settings::Sharing;
use super::super::super::snapshot::BrokerState;
use super::{View, seconds};

/// Before so many jobs are finished under the same settings, by the same crew, there is no verdict …
const ENOUGH: u32 = 20;
/// … nor before that much lab time.
const ENOUGH_US: u64 = 10_000_000;
/// Everyone is idle when all have been for so long.
const IDLE_US: u64 = 2_000_000;
/// Jobs that each worker has to have finished before shares are compared.
const EACH: u32 = 8;
/// How far, in per cent of what its speed would give it, a share may be off …
const OFF: u64 = 10;
/// … and how far while it was found fair before, so that a single job does not change the verdict.
const STILL_OFF: u64 = 13;

pub(super) fn of(view: &View<'_>, was_fair: bool) -> Insight {
    let (done, span) = (view.tally.done, view.ago(view.tally.since));
    if let Some(workers) = all_idle(view) {
        return Insight::AllIdle(workers);
    }
    let seconds = seconds(span);
    if done < ENOUGH || span < ENOUGH_US {
        return Insight::NotEnoughData { done, seconds };
    }
    fair(view, if was_fair { STILL_OFF } else { OFF }).unwrap_or(Insight::NothingWrong { done, seconds })
}

/// Nothing is ready, nothing is held, and everybody waits.
fn all_idle(view: &View<'_>) -> Option<u32> {
    let counts = view.ledger.jobs.counts();
    let up = view.ledger.broker.state == BrokerState::Up;
    let nothing = view.waiting() == 0 && counts.tray == 0 && counts.hand == 0;
    let workers = view.live().count();
    let idle = view.live().all(|w| view.idle_us(w) >= IDLE_US);
    (up && nothing && workers > 0 && idle).then(|| u32::try_from(workers).unwrap_or(u32::MAX))
}

/// Among workers that a limit holds back, each did as much of the work as its speed is of all speed.
fn fair(view: &View<'_>, off: u64) -> Option<Insight> {
    let shared = view.ledger.settings.sharing == Sharing::OneQueue;
    let limited = view.live().all(|w| w.limit().is_some());
    if !shared || !limited || view.live().count() < 2 {
        return None;
    }
    let all_work: u64 = view.live().map(|w| u64::from(view.deeds(w.id).done_dots)).sum();
    let all_speed: u64 = view.live().map(|w| u64::from(w.speed.0)).sum();
    let mut worst: Option<(u64, WorkerId, u64, u64)> = None;
    for worker in view.live() {
        let deeds = view.deeds(worker.id);
        if deeds.done < EACH {
            return None;
        }
        let got = u64::from(deeds.done_dots) * 1000 / all_work.max(1);
        let due = u64::from(worker.speed.0) * 1000 / all_speed.max(1);
        let gap = got.abs_diff(due) * 100 / due.max(1);
        if worst.is_none_or(|(most, ..)| gap > most) {
            worst = Some((gap, worker.id, got, due));
        }
    }
    let per_cent = |per_mille: u64| u32::try_from((per_mille + 5) / 10).unwrap_or(100);
    let (gap, worker, got, due) = worst?;
    (gap <= off).then(|| Insight::Fair {
        worker,
        share: per_cent(got),
        speed: per_cent(due),
    })
}
