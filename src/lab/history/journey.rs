//! The journey of one job, read from the few blocks that tell of it.

use super::super::event::{Event, Happening, PassedOver};
use super::super::ids::JobId;
use super::super::ledger::Ledger;
use super::super::sight::{Journey, Step, StepKind};
use super::bytes::Code;
use super::page::row;
use super::tape::Tape;

/// All that happened to a job before `events`, where the books are `ledger`.
pub(super) fn journey(tape: &Tape, ledger: &Ledger, job: JobId, events: u64) -> Journey {
    let record = ledger.jobs().get(job);
    let mut steps = Vec::new();
    if record.is_some() {
        let began = tape.run_began(events);
        for (number, _) in tape.blocks_of(job, began, events) {
            steps.extend(block_steps(tape, number, job, began..events));
        }
    }
    let finishes = record.map_or(0, |record| record.finishes);
    number_finishes(&mut steps, finishes);
    Journey {
        job,
        row: record.map(|record| row(job, record)),
        cut_off: record.is_some() && !steps.iter().any(|step| matches!(step.what, StepKind::Published(..))),
        steps,
    }
}

fn block_steps(tape: &Tape, number: u64, job: JobId, range: std::ops::Range<u64>) -> Vec<Step> {
    let (Some(block), Some(mut reader)) = (tape.block(number), tape.reader(number, None)) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    let mut before = block.before.events;
    while before < range.end
        && let Some(event) = Event::get(&mut reader)
    {
        if range.contains(&before)
            && let Some(what) = step(&event.what, job, || block.place(before, &event.what, job))
        {
            steps.push(Step {
                lab: event.lab,
                at: event.at,
                events: before + 1,
                what,
            });
        }
        before += 1;
    }
    steps
}

/// The last one is the one that the books have counted last; older ones may be forgotten.
fn number_finishes(steps: &mut [Step], finishes: u8) {
    let mut n = finishes;
    for step in steps.iter_mut().rev() {
        if let StepKind::Finished(_, nth) = &mut step.what {
            *nth = n.max(1);
            n = n.saturating_sub(1);
        }
    }
}

/// What an event means for that job, if anything.
pub(super) fn step(what: &Happening, job: JobId, place: impl FnOnce() -> Option<u32>) -> Option<StepKind> {
    let of = |jobs: &[JobId]| jobs.binary_search(&job).is_ok();
    Some(match what {
        Happening::Published(p) if p.job == job => StepKind::Published(p.queue, p.delivery, p.confirms),
        Happening::Confirmed(j) if *j == job => StepKind::Confirmed,
        Happening::Nacked(j) if *j == job => StepKind::Nacked,
        Happening::Returned(j) if *j == job => StepKind::Returned,
        Happening::Dispatched {
            job: j,
            to,
            passed_over,
            ..
        } if *j == job => {
            let passed_over = passed_over
                .iter()
                .map(|&(worker, why)| (worker, PassedOver::NoRoom(why)));
            StepKind::Dispatched(*to, passed_over.collect())
        }
        Happening::Delivered(worker, d) if d.job == job => StepKind::Delivered(*worker, d.redelivered),
        Happening::Begun(worker, j) if *j == job => StepKind::Begun(*worker),
        Happening::Finished(worker, j) if *j == job => StepKind::Finished(*worker, 1),
        Happening::Acked(worker, j) if *j == job => StepKind::Acked(*worker),
        Happening::Forgot(worker, j) if *j == job => StepKind::Forgot(*worker),
        Happening::Rejected(worker, j, requeue) if *j == job => StepKind::Rejected(*worker, *requeue),
        Happening::DeadLettered(worker, j) if *j == job => StepKind::DeadLettered(*worker),
        Happening::Buried(j, why) if *j == job => StepKind::Buried(*why),
        Happening::WentBack { jobs, from, why } if of(jobs) => StepKind::WentBack(*from, *why, place()),
        Happening::Lost { jobs, from, why } if of(jobs) => StepKind::Lost(*from, *why),
        Happening::StillThere(jobs) if of(jobs) => StepKind::StillThere,
        _ => return None,
    })
}
