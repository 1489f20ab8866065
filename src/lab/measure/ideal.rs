//! The lower bound of a makespan, kept as jobs come: no list of them is needed.
//!
//! From the moment `r` at which job k came, the work of k and all later jobs is still to be done, by speeds of sum `S`;
//! so nothing ends before `r + W(k…)/S`. With `W` the work of all and `W(<k)` that of the jobs before k, this is
//! `W/S + (r − W(<k)/S)`: the greatest bracket so far is enough. For the first job it is the bound of all work.

use super::super::ids::LabTime;
use super::super::job::UNITS_PER_DOT;
use super::super::settings::Speed;
use super::LabSpan;

/// What the bound depends on.
#[derive(Clone, Debug, Default)]
pub(super) struct Ideal {
    /// All work so far.
    units: u64,
    /// The greatest `r − W(<k)/S` so far, in microseconds of the lab clock. A bracket taken while the sum of speeds was
    /// smaller is too small, which leaves the bound a bound.
    lead_us: Option<i64>,
    /// When it came, and how much work it is: the job with which the fastest worker would be done last, had it begun
    /// each when it came.
    longest: Option<(LabTime, u64)>,
    /// The greatest sum of speeds so far, in thousandths.
    sum: u64,
    fastest: u64,
}

impl Ideal {
    /// The workers' speeds are these now.
    pub(super) fn see(&mut self, speeds: impl Iterator<Item = Speed>) {
        let mut sum = 0;
        for speed in speeds {
            sum += u64::from(speed.0);
            self.fastest = self.fastest.max(u64::from(speed.0));
        }
        self.sum = self.sum.max(sum);
    }

    /// A job came.
    pub(super) fn add(&mut self, at: LabTime, dots: u32) {
        let units = u64::from(dots) * UNITS_PER_DOT;
        let lead = signed(at.0) - signed(self.units / self.sum.max(1));
        self.lead_us = Some(self.lead_us.map_or(lead, |greatest| greatest.max(lead)));
        if self.alone_us(Some((at, units))) >= self.alone_us(self.longest) {
            self.longest = Some((at, units));
        }
        self.units = self.units.saturating_add(units);
    }

    /// Counted from `since`, the first publication.
    pub(super) fn bound(&self, since: LabTime) -> LabSpan {
        let together = self.lead_us.unwrap_or(0) + signed(self.units / self.sum.max(1));
        let end = u64::try_from(together).unwrap_or(0).max(self.alone_us(self.longest));
        LabSpan(end.saturating_sub(since.0))
    }

    fn alone_us(&self, job: Option<(LabTime, u64)>) -> u64 {
        job.map_or(0, |(at, units)| at.0 + units / self.fastest.max(1))
    }
}

fn signed(us: u64) -> i64 {
    i64::try_from(us).unwrap_or(i64::MAX)
}
