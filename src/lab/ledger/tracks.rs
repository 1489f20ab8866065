//! Where jobs moved lately: a short ring of moves, and counts by quarters of a second of real time.

use super::super::event::{Event, Happening};
use super::super::ids::{Elapsed, JobId};
use super::super::travel::{Flows, Leg, MOVES, Move, Travel};
use std::collections::VecDeque;

/// A count's width in real time, in microseconds.
const QUARTER_US: u64 = 250_000;
/// Those of a second, and the one under way.
const QUARTERS: usize = 5;
/// How many jobs of a crowd that moves at once are told one by one.
const NAMED: usize = 8;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tracks {
    moves: VecDeque<Move>,
    counts: [Flows; QUARTERS],
    /// The number of the newest quarter that has a count.
    quarter: u64,
}

impl Tracks {
    pub(super) fn note(&mut self, event: &Event) {
        let at = event.at;
        match &event.what {
            Happening::Published(p) => self.push(at, &[p.job], Leg::ToQueue),
            Happening::Delivered(worker, d) => self.push(at, &[d.job], Leg::ToWorker(*worker)),
            Happening::Finished(worker, job) => self.push(at, &[*job], Leg::Done(*worker)),
            Happening::WentBack { jobs, from, .. } => self.push(at, jobs, Leg::Back(*from)),
            Happening::Lost { jobs, from, .. } => self.push(at, jobs, Leg::Lost(*from)),
            _ => {}
        }
    }

    fn push(&mut self, at: Elapsed, jobs: &[JobId], leg: Leg) {
        self.turn_to(at.0 / QUARTER_US);
        let count = &mut self.counts[slot(self.quarter)];
        let count = match leg {
            Leg::ToQueue => &mut count.to_queue,
            Leg::ToWorker(_) => &mut count.to_workers,
            Leg::Done(_) => &mut count.done,
            Leg::Back(_) => &mut count.back,
            Leg::Lost(_) => &mut count.lost,
        };
        *count += u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        for &job in jobs.iter().take(NAMED) {
            if self.moves.len() == MOVES {
                self.moves.pop_front();
            }
            self.moves.push_back(Move { job, leg, at });
        }
    }

    /// Quarters in which nothing moved count nothing.
    fn turn_to(&mut self, quarter: u64) {
        for passed in (self.quarter + 1..=quarter).rev().take(QUARTERS) {
            self.counts[slot(passed)] = Flows::default();
        }
        self.quarter = self.quarter.max(quarter);
    }

    pub(super) fn travel(&self, now: Elapsed) -> Travel {
        let present = now.0 / QUARTER_US;
        let is_kept = |quarter: &u64| *quarter <= self.quarter && self.quarter - quarter < QUARTERS as u64;
        let second = (present.saturating_sub(QUARTERS as u64 - 1)..present).filter(is_kept);
        let per_s = second
            .map(|quarter| self.counts[slot(quarter)])
            .fold(Flows::default(), sum);
        Travel {
            moves: self.moves.iter().copied().collect(),
            per_s,
        }
    }
}

fn slot(quarter: u64) -> usize {
    usize::try_from(quarter % QUARTERS as u64).unwrap_or(0)
}

const fn sum(one: Flows, other: Flows) -> Flows {
    Flows {
        to_queue: one.to_queue + other.to_queue,
        to_workers: one.to_workers + other.to_workers,
        done: one.done + other.done,
        back: one.back + other.back,
        lost: one.lost + other.lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::event::Cause;
    use crate::lab::ids::{LabTime, WorkerId};

    fn finished(at: u64, job: u32) -> Event {
        Event {
            at: Elapsed(at),
            lab: LabTime(0),
            what: Happening::Finished(WorkerId(1), JobId(job)),
        }
    }

    #[test]
    fn a_rate_is_that_of_the_last_whole_second() {
        let mut tracks = Tracks::default();
        for n in 0..20 {
            tracks.note(&finished(1_000_000 + 100_000 * n, 1));
        }
        let rate = |now| tracks.travel(Elapsed(now)).per_s.done;
        assert_eq!(rate(2_999_999), 10, "the quarter under way does not count yet");
        assert_eq!(rate(3_000_000), 10);
        assert_eq!(rate(3_600_000), 5);
        assert_eq!(rate(4_000_000), 0);
        assert_eq!(rate(60_000_000), 0);
    }

    #[test]
    fn a_long_quiet_time_leaves_no_old_count() {
        let mut tracks = Tracks::default();
        for (quarter, wanted) in [(0, 1), (3, 2), (4, 2), (9, 1), (400, 1)] {
            tracks.note(&finished(quarter * QUARTER_US, 1));
            let rate = tracks.travel(Elapsed((quarter + 1) * QUARTER_US)).per_s.done;
            assert_eq!(rate, wanted, "after quarter {quarter}");
        }
    }

    #[test]
    fn only_the_newest_moves_are_kept_and_a_crowd_is_told_by_its_first() {
        let mut tracks = Tracks::default();
        for job in 0..100 {
            tracks.note(&finished(0, job));
        }
        let jobs: Vec<JobId> = (200..300).map(JobId).collect();
        tracks.note(&Event {
            at: Elapsed(1),
            lab: LabTime(0),
            what: Happening::WentBack {
                jobs: jobs.into(),
                from: WorkerId(1),
                why: Cause::Removed,
            },
        });
        let travel = tracks.travel(Elapsed(1_000_000));
        assert_eq!(travel.moves.len(), MOVES);
        assert_eq!(travel.moves[0].job, JobId(44));
        let back = travel.moves.iter().filter(|m| matches!(m.leg, Leg::Back(_))).count();
        assert_eq!((back, travel.per_s.back), (NAMED, 100));
    }
}
