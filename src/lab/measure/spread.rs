//! How times are spread: exact while there are few of them, a table of fixed size beyond.

use super::{LabSpan, Percentiles};

/// So many values are kept as they are.
const EXACT: usize = 4_096;
/// The table's rows for each power of two, as a power of two: a value beyond [`EXACT`] is known to 1 part in 128.
const FINE: u32 = 7;
/// Rows of the table.
const ROWS: usize = (65 - FINE as usize) << FINE;

/// Times, in microseconds.
#[derive(Clone, Debug)]
pub(super) enum Spread {
    /// In their order.
    Exact(Vec<u64>),
    /// How many lie in each row.
    Counted(Box<[u32]>),
}

impl Default for Spread {
    fn default() -> Self {
        Self::Exact(Vec::new())
    }
}

impl Spread {
    pub(super) fn add(&mut self, us: u64) {
        match self {
            Self::Exact(values) if values.len() < EXACT => {
                let place = values.partition_point(|&value| value <= us);
                values.insert(place, us);
            }
            Self::Exact(values) => {
                let mut rows = vec![0_u32; ROWS].into_boxed_slice();
                for value in values {
                    rows[row(*value)] += 1;
                }
                rows[row(us)] += 1;
                *self = Self::Counted(rows);
            }
            Self::Counted(rows) => rows[row(us)] += 1,
        }
    }

    /// `None` of no values.
    pub(super) fn percentiles(&self) -> Option<Percentiles> {
        Some(Percentiles {
            p50: self.rank(50)?,
            p95: self.rank(95)?,
            p99: self.rank(99)?,
        })
    }

    fn rank(&self, percent: u64) -> Option<LabSpan> {
        match self {
            Self::Exact(values) => {
                let rank = nearest(values.len() as u64, percent);
                let place = usize::try_from(rank.checked_sub(1)?).ok()?;
                values.get(place).copied().map(LabSpan)
            }
            Self::Counted(rows) => {
                let rank = nearest(rows.iter().copied().map(u64::from).sum(), percent);
                let mut below = 0;
                let row = rows.iter().position(|&count| {
                    below += u64::from(count);
                    below >= rank
                })?;
                Some(LabSpan(least(row)))
            }
        }
    }
}

/// The rank, from 1, of a percentile.
const fn nearest(count: u64, percent: u64) -> u64 {
    (count * percent).div_ceil(100)
}

/// Values up to 2^FINE have a row each; beyond, each power of two has 2^FINE rows.
fn row(us: u64) -> usize {
    let magnitude = (u64::BITS - us.leading_zeros()).saturating_sub(FINE + 1);
    let fine = usize::try_from(us >> magnitude).unwrap_or(0);
    ((magnitude as usize) << FINE) + fine
}

/// The least value of a row.
fn least(row: usize) -> u64 {
    let magnitude = (row >> FINE).saturating_sub(1);
    let fine = row - (magnitude << FINE);
    (fine as u64) << magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        // From the usual example of the method: 15 20 35 40 50.
        let mut spread = Spread::default();
        assert_eq!(spread.percentiles(), None);
        for value in [50, 15, 40, 35, 20] {
            spread.add(value);
        }
        let found = spread.percentiles().expect("there are values");
        assert_eq!((found.p50.0, found.p95.0, found.p99.0), (35, 50, 50));
        assert_eq!(spread.rank(30), Some(LabSpan(20)));
        assert_eq!(spread.rank(40), Some(LabSpan(20)));
    }

    #[test]
    fn rows_hold_what_they_are_named_for() {
        for us in (0..100_000).chain([u64::from(u32::MAX), u64::MAX]) {
            let least_of_row = least(row(us));
            assert!(row(us) < ROWS, "{us}");
            assert!(
                least_of_row <= us && us - least_of_row <= us / 128,
                "{us}: {least_of_row}"
            );
        }
    }

    #[test]
    fn many_values_are_known_to_one_part_in_128() {
        let mut spread = Spread::default();
        for value in 1..=100_000_u64 {
            spread.add(value * 1000);
        }
        let found = spread.percentiles().expect("there are values");
        for (percentile, exact) in [
            (found.p50, 50_000_000),
            (found.p95, 95_000_000),
            (found.p99, 99_000_000),
        ] {
            assert!(
                percentile.0 <= exact && exact - percentile.0 <= exact / 128,
                "{percentile:?}"
            );
        }
    }
}
