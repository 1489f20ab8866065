//! The lab clock: the integral of the time scale over real time, standing while paused.
//!
//! Kept in nanoseconds, so that no number of changes of scale loses a microsecond: a real microsecond at a scale in
//! thousandths is exactly that many lab nanoseconds.

use super::ids::{Elapsed, LabTime};
use super::settings::TimeScale;
use super::snapshot::Pace;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LabClock {
    /// When `lab_ns` was true.
    real: Elapsed,
    lab_ns: u64,
    scale: TimeScale,
    pace: Pace,
    /// The clock stands at zero until the crew is complete, so that a slow connect moves no arrival.
    started: Started,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Started {
    No,
    Yes,
}

impl LabClock {
    pub(super) const fn new(scale: TimeScale) -> Self {
        Self {
            real: Elapsed(0),
            lab_ns: 0,
            scale,
            pace: Pace::Running,
            started: Started::No,
        }
    }

    pub(super) fn now(&self, at: Elapsed) -> LabTime {
        LabTime(self.now_ns(at) / 1000)
    }

    /// When the clock will show `lab`; `None` while it stands.
    pub(super) fn when(&self, lab: LabTime) -> Option<Elapsed> {
        if !self.moves() {
            return None;
        }
        let ahead_ns = lab.0.saturating_mul(1000).saturating_sub(self.lab_ns);
        let scale = u64::from(self.scale.0.max(1));
        Some(Elapsed(self.real.0.saturating_add(ahead_ns.div_ceil(scale))))
    }

    pub(super) const fn pace(&self) -> Pace {
        self.pace
    }

    pub(super) fn is_started(&self) -> bool {
        self.started == Started::Yes
    }

    pub(super) fn start(&mut self, at: Elapsed) {
        self.anchor(at);
        self.started = Started::Yes;
    }

    pub(super) fn set_pace(&mut self, at: Elapsed, pace: Pace) {
        self.anchor(at);
        self.pace = pace;
    }

    pub(super) fn set_scale(&mut self, at: Elapsed, scale: TimeScale) {
        self.anchor(at);
        self.scale = scale;
    }

    /// A step while paused.
    pub(super) fn jump(&mut self, at: Elapsed, lab: LabTime) {
        self.anchor(at);
        self.lab_ns = self.lab_ns.max(lab.0.saturating_mul(1000));
    }

    /// That much real time did not count.
    pub(super) fn slip(&mut self, by: Elapsed) {
        self.real = Elapsed(self.real.0.saturating_add(by.0));
    }

    /// Back to zero, until the crew is complete again; a pause holds on.
    pub(super) fn reset(&mut self, at: Elapsed) {
        self.real = at;
        self.lab_ns = 0;
        self.started = Started::No;
    }

    fn anchor(&mut self, at: Elapsed) {
        self.lab_ns = self.now_ns(at);
        self.real = at;
    }

    fn now_ns(&self, at: Elapsed) -> u64 {
        if !self.moves() {
            return self.lab_ns;
        }
        let gone_us = at.0.saturating_sub(self.real.0);
        self.lab_ns
            .saturating_add(gone_us.saturating_mul(u64::from(self.scale.0)))
    }

    fn moves(&self) -> bool {
        self.pace == Pace::Running && self.is_started()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lab_time_is_the_integral_of_the_scale() {
        let mut clock = LabClock::new(TimeScale(1000));
        assert_eq!(clock.now(Elapsed(50)), LabTime(0));
        clock.start(Elapsed(1_000));
        clock.set_scale(Elapsed(2_000), TimeScale(333));
        clock.set_scale(Elapsed(2_001), TimeScale(10_000));
        clock.set_pace(Elapsed(3_000), Pace::Paused);
        // 1000 at ×1, 1 at ×0.333, 999 at ×10.
        assert_eq!(clock.now(Elapsed(9_000)), LabTime(1_000 + 9_990));
        assert_eq!(clock.when(LabTime(20_000)), None);
        clock.jump(Elapsed(9_000), LabTime(20_000));
        clock.set_pace(Elapsed(9_500), Pace::Running);
        assert_eq!(clock.now(Elapsed(9_600)), LabTime(21_000));
    }

    #[test]
    fn slipped_time_does_not_count() {
        let mut clock = LabClock::new(TimeScale(2000));
        clock.start(Elapsed(0));
        clock.slip(Elapsed(700));
        assert_eq!(clock.now(Elapsed(1_000)), LabTime(600));
        assert_eq!(clock.when(LabTime(600)), Some(Elapsed(1_000)));
    }

    #[test]
    fn when_is_the_first_microsecond_that_shows_the_time() {
        for scale in [100, 333, 1000, 7777, 10_000] {
            let mut clock = LabClock::new(TimeScale(scale));
            clock.start(Elapsed(17));
            for lab in [1, 999, 1_000_000, 123_456_789] {
                let at = clock.when(LabTime(lab)).expect("the clock runs");
                assert!(clock.now(at) >= LabTime(lab), "{scale} {lab}");
                assert!(clock.now(Elapsed(at.0 - 1)) < LabTime(lab), "{scale} {lab}");
            }
        }
    }
}
