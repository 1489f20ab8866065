//! The steps that keys take through speeds, rates, scales, sizes and arrivals.

use crate::lab::{Arrivals, Bandwidth, Habit, Latency, Prefetch, Rate, Sizes, Speed, TimeScale};

/// Worker speeds, in thousandths.
const SPEEDS: [u32; 7] = [100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// Time scales, in thousandths.
const SCALES: [u32; 7] = [100, 200, 500, 1_000, 2_000, 5_000, 10_000];
/// Jobs in 100 seconds.
const RATES: [u32; 19] = [
    10, 20, 50, 100, 150, 200, 300, 400, 500, 700, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000,
    1_000_000,
];

/// Milliseconds each way.
const LATENCIES: [u16; 6] = [0, 5, 20, 50, 100, 500];
/// Bytes a second; 0 is no limit.
const BANDWIDTHS: [u32; 4] = [0, 64_000, 8_000, 1_000];

/// Which way a key steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the next greater value.
    Up,
    /// To the next smaller one.
    Down,
}

pub(super) fn speed(from: Speed, way: Way) -> Option<Speed> {
    step(&SPEEDS, from.0, way).map(Speed)
}

pub(super) fn scale(from: TimeScale, way: Way) -> Option<TimeScale> {
    step(&SCALES, from.0, way).map(TimeScale)
}

pub(super) fn rate(from: Rate, way: Way) -> Option<Rate> {
    step(&RATES, from.0, way).map(Rate)
}

/// Prefetch 0 is no limit, yet it is the lowest step: the number on the key's label grows with `p`.
pub(super) fn prefetch(from: Prefetch, way: Way) -> Option<Prefetch> {
    step(&Prefetch::STEPS, from, way)
}

/// The same round and round.
pub(super) fn next_prefetch(from: Prefetch) -> Prefetch {
    prefetch(from, Way::Up).unwrap_or(Prefetch(0))
}

pub(super) fn next_sizes(from: Sizes) -> Sizes {
    following(&Sizes::ALL, from)
}

pub(super) fn next_arrivals(from: Arrivals) -> Arrivals {
    following(&Arrivals::ALL, from)
}

pub(super) fn latency(from: Latency, way: Way) -> Option<Latency> {
    step(&LATENCIES, from.0, way).map(Latency)
}

pub(super) fn next_bandwidth(from: Bandwidth) -> Bandwidth {
    Bandwidth(following(&BANDWIDTHS, from.0))
}

pub(super) fn next_habit(from: Habit) -> Habit {
    following(&Habit::ALL, from)
}

/// The one after `from`, round and round.
fn following<T: Copy + PartialEq>(all: &[T], from: T) -> T {
    all.iter()
        .copied()
        .cycle()
        .skip_while(|&one| one != from)
        .nth(1)
        .unwrap_or(from)
}

/// The neighbour of `from`, which itself need not be a step.
fn step<T: Copy + Ord>(steps: &[T], from: T, way: Way) -> Option<T> {
    match way {
        Way::Up => steps.iter().copied().find(|&step| step > from),
        Way::Down => steps.iter().rev().copied().find(|&step| step < from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_between_steps_moves_to_its_neighbours() {
        assert_eq!(speed(Speed(700), Way::Up), Some(Speed(1_000)));
        assert_eq!(speed(Speed(700), Way::Down), Some(Speed(500)));
    }

    #[test]
    fn the_ends_have_no_further_step() {
        assert_eq!(prefetch(Prefetch(0), Way::Down), None);
        assert_eq!(prefetch(Prefetch(250), Way::Up), None);
        assert_eq!(rate(Rate(1_000_000), Way::Up), None);
        assert_eq!(scale(TimeScale(100), Way::Down), None);
    }

    #[test]
    fn sizes_and_arrivals_come_round() {
        let mut sizes = Sizes::Equal;
        for _ in 0..5 {
            sizes = next_sizes(sizes);
        }
        assert_eq!(sizes, Sizes::Equal);
        let mut arrivals = Arrivals::Regular;
        for _ in 0..3 {
            arrivals = next_arrivals(arrivals);
        }
        assert_eq!(arrivals, Arrivals::Regular);
    }
}
