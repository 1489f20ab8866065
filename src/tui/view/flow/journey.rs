//! Which job is where on its way at a moment of real time.

use crate::lab::{Elapsed, JobId, Leg, Move, WorkerId};
use crate::tui::facts::Facts;
use crate::tui::model::Model;

/// How long a job is seen on a leg, in microseconds of real time; the way back takes longer, since it is rare and matters.
const AWAY_US: u64 = 800_000;
const BACK_US: u64 = 1_600_000;

/// A job on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traveller {
    pub(super) job: JobId,
    pub(super) leg: Leg,
    /// Per mille of the leg.
    pub(super) progress: u16,
}

impl Traveller {
    /// Whose leg it is.
    pub(super) const fn worker(&self) -> Option<WorkerId> {
        match self.leg {
            Leg::ToQueue => None,
            Leg::ToWorker(id) | Leg::Done(id) | Leg::Back(id) => Some(id),
            Leg::Lost(from) => from,
        }
    }

    /// Whether it goes back to the queue.
    pub(super) const fn is_upstream(&self) -> bool {
        matches!(self.leg, Leg::Back(_))
    }
}

const fn takes(leg: Leg) -> u64 {
    match leg {
        Leg::ToQueue | Leg::ToWorker(_) | Leg::Done(_) => AWAY_US,
        Leg::Back(_) | Leg::Lost(_) => BACK_US,
    }
}

/// When each move is seen to end. A job that was quicker than the eye starts a leg where it ended the one before.
pub(in super::super) fn ends(moves: &[Move]) -> Vec<(Move, Elapsed)> {
    let mut seen: Vec<(Move, Elapsed)> = Vec::with_capacity(moves.len());
    for &one in moves {
        let before = seen.iter().rev().find(|(m, _)| m.job == one.job).map(|(_, end)| end.0);
        let start = one.at.0.max(before.unwrap_or(0));
        seen.push((one, Elapsed(start + takes(one.leg))));
    }
    seen
}

/// Who is under way now; where nothing moves, the last one of each leg, midway.
pub(super) fn travellers(model: &Model, facts: &Facts) -> Vec<Traveller> {
    let moves = &facts.snapshot.travel.moves;
    let Some(now) = model.travel_now(facts) else {
        return still(moves);
    };
    let on_the_way = ends(moves).into_iter().filter_map(|(one, end)| {
        let start = end.0 - takes(one.leg);
        let since = now.0.checked_sub(start)?;
        let progress = u16::try_from(since * 1000 / takes(one.leg)).unwrap_or(u16::MAX);
        (progress <= 1000).then_some(Traveller {
            job: one.job,
            leg: one.leg,
            progress,
        })
    });
    on_the_way.collect()
}

fn still(moves: &[Move]) -> Vec<Traveller> {
    let mut shown: Vec<Traveller> = Vec::new();
    for one in moves.iter().rev() {
        if shown.iter().all(|t| t.leg != one.leg) {
            shown.push(Traveller {
                job: one.job,
                leg: one.leg,
                progress: 500,
            });
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(job: u32, leg: Leg, at: u64) -> Move {
        Move {
            job: JobId(job),
            leg,
            at: Elapsed(at),
        }
    }

    #[test]
    fn a_job_handed_on_at_once_is_seen_on_one_leg_after_the_other() {
        let to_worker = Leg::ToWorker(WorkerId(1));
        let seen = ends(&[
            one(1, Leg::ToQueue, 0),
            one(2, Leg::ToQueue, 10),
            one(1, to_worker, 1_000),
        ]);
        let ends: Vec<u64> = seen.iter().map(|(_, end)| end.0).collect();
        assert_eq!(ends, [AWAY_US, 10 + AWAY_US, 2 * AWAY_US]);
    }

    #[test]
    fn a_still_picture_has_the_last_of_each_leg() {
        let done = Leg::Done(WorkerId(1));
        let seen = still(&[one(1, Leg::ToQueue, 0), one(2, Leg::ToQueue, 10), one(1, done, 20)]);
        let jobs: Vec<u32> = seen.iter().map(|t| t.job.0).collect();
        assert_eq!(jobs, [1, 2]);
    }
}
