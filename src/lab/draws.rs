//! What is random in the lab: the size of each job and the gap before it.
//!
//! Each draw depends on the seed and the job's number alone, so whoever has the seed has the jobs, whatever else
//! happens. The generator is xoshiro256++, whose values rand documents as portable; what is made of its words here
//! uses integers only, since rand's own distributions and the platforms' logarithms may change their last bits.

use super::ids::JobId;
use super::job::Job;
use super::settings::{Arrivals, Rate, Seed, Sizes, Workload};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// The words of the jobs, in turn.
const WORDS: [&str; 16] = [
    "maple", "birch", "cedar", "willow", "hazel", "rowan", "aspen", "alder", "linden", "juniper", "laurel", "holly",
    "spruce", "beech", "walnut", "poplar",
];

/// How many jobs a burst of bursty arrivals has.
const BURST: u32 = 8;

/// Heavy-tailed sizes: of a hundred jobs so many, and the fewest and most dots they have.
pub const HEAVY_TAIL: [(u32, u32, u32); 4] = [(85, 1, 1), (10, 2, 5), (4, 6, 12), (1, 13, 30)];

/// Keeps the streams of sizes and of gaps apart.
#[derive(Clone, Copy)]
enum Stream {
    Size = 1,
    Gap = 2,
}

/// The job of that number.
pub(super) fn job(seed: Seed, id: JobId, sizes: Sizes) -> Job {
    let mut rng = generator(seed, id, Stream::Size);
    let dots = match sizes {
        Sizes::Equal => 2,
        Sizes::OddHeavy if id.0 % 2 == 1 => 5,
        Sizes::OddHeavy => 1,
        Sizes::Random => between(&mut rng, 1, 3),
        Sizes::HeavyTail => heavy_tail(&mut rng),
        Sizes::Instant => 0,
    };
    let word = WORDS[id.0.saturating_sub(1) as usize % WORDS.len()];
    Job { id, word, dots }
}

/// Nanoseconds of lab time between the job before and this one.
pub(super) fn gap_ns(seed: Seed, id: JobId, workload: Workload, rate: Rate) -> u64 {
    let mean_ns = 100_000_000_000 / u64::from(rate.0.max(1));
    match workload.arrivals {
        Arrivals::Regular => mean_ns,
        Arrivals::Poisson => {
            let unit = exponential(&mut generator(seed, id, Stream::Gap));
            u64::try_from((u128::from(mean_ns) * u128::from(unit)) >> 32).unwrap_or(u64::MAX)
        }
        Arrivals::Bursty if id.0 <= 1 => mean_ns,
        Arrivals::Bursty if id.0 % BURST == 1 => mean_ns * u64::from(BURST),
        Arrivals::Bursty => 0,
    }
}

fn generator(seed: Seed, id: JobId, stream: Stream) -> Xoshiro256PlusPlus {
    let place = (u64::from(id.0) << 2) | stream as u64;
    Xoshiro256PlusPlus::seed_from_u64(seed.0.rotate_left(32) ^ place.wrapping_mul(0xD6E8_FEB8_6659_FD93))
}

/// Uniform, both ends included.
fn between(rng: &mut Xoshiro256PlusPlus, low: u32, high: u32) -> u32 {
    let span = u64::from(high - low + 1);
    let word = rng.next_u64() >> 32;
    low + u32::try_from((word * span) >> 32).unwrap_or(0)
}

/// Mostly one dot; one in a hundred has 13 to 30.
fn heavy_tail(rng: &mut Xoshiro256PlusPlus) -> u32 {
    let mut place = between(rng, 1, 100);
    for (share, low, high) in HEAVY_TAIL {
        if place <= share {
            return between(rng, low, high);
        }
        place -= share;
    }
    1
}

/// Exponential with mean one, in units of 2⁻³²; von Neumann's way, which only compares uniform numbers.
fn exponential(rng: &mut Xoshiro256PlusPlus) -> u64 {
    let mut whole = 0;
    loop {
        let first = rng.next_u64() >> 32;
        let (mut last, mut run) = (first, 1_u32);
        loop {
            let next = rng.next_u64() >> 32;
            if next > last {
                break;
            }
            last = next;
            run += 1;
        }
        if run % 2 == 1 {
            return (whole << 32) | first;
        }
        whole += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(sizes: Sizes, arrivals: Arrivals) -> Workload {
        Workload { sizes, arrivals }
    }

    #[test]
    fn same_seed_gives_the_same_jobs_on_every_machine() {
        let dots = |seed| -> Vec<u32> {
            (1..=20)
                .map(|n| job(Seed(seed), JobId(n), Sizes::Random).dots)
                .collect()
        };
        assert_eq!(dots(7), FROZEN_DOTS);
        assert_ne!(dots(8), FROZEN_DOTS);
        let poisson = workload(Sizes::Equal, Arrivals::Poisson);
        let gaps: Vec<u64> = (1..=4).map(|n| gap_ns(Seed(7), JobId(n), poisson, Rate(100))).collect();
        assert_eq!(gaps, FROZEN_GAPS);
    }

    const FROZEN_DOTS: [u32; 20] = [2, 1, 3, 3, 1, 2, 3, 2, 1, 3, 3, 2, 2, 3, 3, 3, 2, 3, 2, 1];
    const FROZEN_GAPS: [u64; 4] = [1_012_553_711, 256_162_780, 280_734_576, 2_754_161_061];

    #[test]
    fn sizes_are_as_named() {
        let dots = |sizes, n| job(Seed(1), JobId(n), sizes).dots;
        for n in 1..500 {
            assert_eq!(dots(Sizes::Equal, n), 2);
            assert_eq!(dots(Sizes::OddHeavy, n), if n % 2 == 1 { 5 } else { 1 });
            assert!((1..=3).contains(&dots(Sizes::Random, n)));
            assert!((1..=30).contains(&dots(Sizes::HeavyTail, n)));
            assert_eq!(dots(Sizes::Instant, n), 0);
        }
        let ones = (1..=1000).filter(|&n| dots(Sizes::HeavyTail, n) == 1).count();
        assert!((800..900).contains(&ones), "{ones}");
        assert!((1..=1000).any(|n| dots(Sizes::HeavyTail, n) >= 13));
    }

    #[test]
    fn arrivals_keep_the_mean_rate() {
        for arrivals in Arrivals::ALL {
            let w = workload(Sizes::Equal, arrivals);
            let sum: u64 = (1..=8_000).map(|n| gap_ns(Seed(3), JobId(n), w, Rate(1000))).sum();
            let mean_us = sum / 8_000 / 1000;
            assert!((97_000..103_000).contains(&mean_us), "{arrivals}: {mean_us}");
        }
    }

    #[test]
    fn bursty_jobs_come_eight_at_once() {
        let w = workload(Sizes::Equal, Arrivals::Bursty);
        let zero: Vec<bool> = (1..=17).map(|n| gap_ns(Seed(3), JobId(n), w, Rate(100)) == 0).collect();
        let expected: Vec<bool> = (1..=17).map(|n| n % 8 != 1).collect();
        assert_eq!(zero, expected);
    }
}
