//! The kinds of numbers in which a run is measured, and how they are said.

use std::fmt;

/// Microseconds of lab time between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabSpan(pub u64);

/// Thousandths: 1000 is 1, or 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Thousandths(pub u32);

/// Nearest-rank percentiles: the pth is the smallest value that at least p per cent of all values do not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// The median.
    pub p50: LabSpan,
    /// The 95th.
    pub p95: LabSpan,
    /// The 99th.
    pub p99: LabSpan,
}

impl Thousandths {
    /// Whole per cents, rounded.
    pub const fn percent(self) -> u32 {
        (self.0 + 5) / 10
    }
}

/// `1.67`.
impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 + 5) / 10;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// `61.3 s`, `420 ms`, `4.2 ms`.
impl fmt::Display for LabSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0 s"),
            1..9_950 => {
                let tenths = (self.0 + 50) / 100;
                write!(f, "{}.{} ms", tenths / 10, tenths % 10)
            }
            9_950..999_500 => write!(f, "{} ms", (self.0 + 500) / 1_000),
            _ => {
                let tenths = (self.0 + 50_000) / 100_000;
                write!(f, "{}.{} s", tenths / 10, tenths % 10)
            }
        }
    }
}

/// One number as a part of another; `None` of nothing.
pub(super) fn part(of: u64, whole: u64) -> Option<Thousandths> {
    let thousandths = (u128::from(of) * 1000 + u128::from(whole) / 2).checked_div(u128::from(whole))?;
    Some(Thousandths(u32::try_from(thousandths).unwrap_or(u32::MAX)))
}

/// Jain's index; `None` where nobody did anything. Milliseconds are fine enough, and their squares do not overflow.
pub(super) fn jain(busy_us: &[u64]) -> Option<Thousandths> {
    let milliseconds = || busy_us.iter().map(|us| u128::from(us / 1000));
    let sum: u128 = milliseconds().sum();
    let squares: u128 = milliseconds().map(|ms| ms * ms).sum();
    let (above, below) = (sum * sum, squares * busy_us.len() as u128);
    let thousandths = (above * 1000 + below / 2).checked_div(below)?;
    Some(Thousandths(u32::try_from(thousandths).unwrap_or(u32::MAX)))
}
