//! What each worker did, besides what the meter measures.

use super::super::outcome::OutcomeWorker;
use super::jobs::Jobs;
use crate::lab::{Happening, WorkerId};

/// By number, from `W1`; removed ones stay.
#[derive(Clone, Debug)]
pub(super) struct Workers(Vec<Sums>);

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    redelivered: u32,
    twice: u32,
    lost: u32,
    life: Life,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    /// On its way to its consumer.
    #[default]
    Coming,
    Consuming,
    Down,
}

impl Workers {
    pub(super) fn new(count: usize) -> Self {
        Self(vec![Sums::default(); count])
    }

    /// `jobs` know of the event already.
    pub(super) fn note(&mut self, what: &Happening, jobs: &Jobs) {
        match what {
            Happening::Added(..) => self.0.push(Sums::default()),
            Happening::GuestCame(id, _) => self.guest_came(*id),
            Happening::Delivered(id, d) if d.redelivered => self.change(*id, |w| w.redelivered += 1),
            Happening::Finished(id, job) if jobs.finished(*job) > 1 => self.change(*id, |w| w.twice += 1),
            Happening::Lost {
                jobs, from: Some(id), ..
            } => {
                let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
                self.change(*id, |w| w.lost += count);
            }
            Happening::Starting(id) | Happening::Waiting(id) => self.change(*id, |w| w.life = Life::Coming),
            Happening::Subscribed(id, _) => self.change(*id, |w| w.life = Life::Consuming),
            // One that froze, or was silenced, never lost its consumer.
            Happening::Revived(id) => self.change(*id, |w| {
                if w.life == Life::Down {
                    w.life = Life::Consuming;
                }
            }),
            Happening::Killed(id, _) | Happening::Broke(id, _) | Happening::Removed(id) => {
                self.change(*id, |w| w.life = Life::Down);
            }
            _ => {}
        }
    }

    pub(super) fn outcome(&self) -> Vec<OutcomeWorker> {
        let told = |(number, sums): (u16, &Sums)| OutcomeWorker {
            name: WorkerId(number).to_string().into(),
            redelivered: sums.redelivered,
            twice: sums.twice,
            lost: sums.lost,
            consuming: sums.life == Life::Consuming,
            ..OutcomeWorker::default()
        };
        (1..).zip(&self.0).map(told).collect()
    }

    fn guest_came(&mut self, id: WorkerId) {
        if usize::from(id.0) == self.0.len() + 1 {
            self.0.push(Sums::default());
        }
        self.change(id, |w| w.life = Life::Consuming);
    }

    fn change(&mut self, id: WorkerId, f: impl FnOnce(&mut Sums)) {
        let place = usize::from(id.0).checked_sub(1);
        if let Some(sums) = place.and_then(|place| self.0.get_mut(place)) {
            f(sums);
        }
    }
}
