//! Numbers and times in the small languages, with their limits.

use super::fault::{Fault, meant};
use super::token::UNITS;
use super::words::{Words, listed, meaning};
use crate::lab::{LabTime, Rate, Speed, TimeScale, WorkerId};
use std::ops::{Range, RangeInclusive};

/// The most jobs that one scenario publishes.
pub const JOBS_MAX: u32 = 10_000_000;

/// The most workers that a scenario has: beyond [`MAX_WORKERS`](crate::lab::MAX_WORKERS) it can only be simulated.
pub const WORKERS_MAX: u16 = 10_000;

/// The longest time that can be named.
pub(super) const TIME_MAX: LabTime = LabTime(1_000 * 3_600 * 1_000_000);

/// A number in tenths, hundredths or thousandths, within limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    pub(super) low: u32,
    pub(super) high: u32,
    /// How many make up one.
    pub(super) one: u32,
}

pub(super) const SPEED: Decimal = Decimal {
    low: Speed::MIN.0,
    high: Speed::MAX.0,
    one: 1000,
};

pub(super) const SCALE: Decimal = Decimal {
    low: TimeScale::MIN.0,
    high: TimeScale::MAX.0,
    one: 1000,
};

pub(super) const RATE: Decimal = Decimal {
    low: Rate::MIN.0,
    high: Rate::MAX.0,
    one: 100,
};

/// What can't be.
pub(super) type Refusal = (String, String);

impl Decimal {
    pub(super) fn bounds(self) -> (f64, f64) {
        let of = |n: u32| f64::from(n) / f64::from(self.one);
        (of(self.low), of(self.high))
    }

    pub(super) fn of(self, number: f64) -> Result<u32, Refusal> {
        let (low, high) = self.bounds();
        if !(low..=high).contains(&number) {
            return Err((
                format!("{number} is out of range"),
                format!("from {low} to {high} is allowed"),
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked: at most 1,000,000"
        )]
        Ok((number * f64::from(self.one)).round() as u32)
    }
}

/// A whole number within limits.
pub(super) fn whole(number: i64, within: &RangeInclusive<u32>) -> Result<u32, Refusal> {
    u32::try_from(number)
        .ok()
        .filter(|n| within.contains(n))
        .ok_or_else(|| {
            (
                format!("{number} is out of range"),
                format!("from {} to {} is allowed", within.start(), within.end()),
            )
        })
}

/// A time: `10s`, `200ms`, `1.5m`, `1h`.
pub(super) fn time(text: &str) -> Result<LabTime, Refusal> {
    let wanted = || {
        let bare: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        if bare.is_empty() {
            "a time is a number and its unit: `10s`, `200ms`, `5m`, `1h`".to_owned()
        } else {
            format!("a time has a unit: `{bare}s`, or ms, m, h")
        }
    };
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = (text[..split].trim_end(), &text[split..]);
    let scale = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, ms)| ms * 1000.0);
    let number = number
        .bytes()
        .all(|c| c.is_ascii_digit() || c == b'.')
        .then(|| number.parse::<f64>().ok())
        .flatten();
    let Some((number, scale)) = number.zip(scale) else {
        return Err((format!("`{text}` is not a time"), wanted()));
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and the limit is below"
    )]
    let time = LabTime((number * scale).round() as u64);
    if time > TIME_MAX {
        return Err((format!("`{text}` is too long"), "1000h is the longest".to_owned()));
    }
    Ok(time)
}

/// A time as files write it: `10s`, `200ms`, `1.5m`, `1h`.
///
/// # Errors
/// What is wrong with it, and what is allowed.
pub fn lab_time(text: &str) -> Result<LabTime, String> {
    time(text).map_err(|(what, hint)| format!("{what}; {hint}"))
}

/// A worker's name.
pub(super) fn worker(text: &str) -> Option<WorkerId> {
    let digits = text.strip_prefix('W')?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|c| c.is_ascii_digit());
    plain.then(|| digits.parse().ok().map(WorkerId)).flatten()
}

/// One word of a list.
pub(super) fn one_of<T: Copy>(words: &Words<T>, word: &str, at: Range<usize>, what: &str) -> Result<T, Fault> {
    meaning(words, word).ok_or_else(|| {
        let all = listed(words);
        let near = meant(word, all.iter().copied());
        let list = format!("`{}`", all.join("`, `"));
        let fault = Fault::new(at, format!("`{word}` is not {what}"));
        if near.is_empty() {
            fault.hint(format!("one of {list}"))
        } else {
            fault.hint(near).help(format!("{what} is one of {list}"))
        }
    })
}
