//! How many jobs a script publishes.

use super::super::amount::{JOBS_MAX, TIME_MAX};
use crate::lab::{Command, LabTime, Script, Settings};

/// How many jobs it publishes by number; what a producer publishes on and on is not counted.
pub fn publishes(script: &Script, settings: &Settings) -> u64 {
    let number = |does: &Command| match does {
        Command::Publish(n) | Command::PublishAtRate(n) => u64::from(*n),
        _ => 0,
    };
    let does = script.cues.iter().flat_map(|cue| &cue.does);
    does.map(number).sum::<u64>() * u64::from(settings.copies())
}

/// The same with another number in its first `publish 40`, or `publish 40 at rate`; its limit grows in proportion, since
/// so many jobs need their time. `None`: nothing is published by number, or all its jobs were too many.
pub fn with_jobs(mut script: Script, settings: &Settings, jobs: u32) -> Option<Script> {
    let does = script.cues.iter_mut().flat_map(|cue| &mut cue.does);
    let mut numbers = does.filter_map(|does| match does {
        Command::Publish(n) | Command::PublishAtRate(n) => Some(n),
        _ => None,
    });
    let first = numbers.next()?;
    let before = std::mem::replace(first, jobs).max(1);
    if jobs > before {
        let longer = u128::from(script.limit.0) * u128::from(jobs) / u128::from(before);
        script.limit = LabTime(u64::try_from(longer).unwrap_or(u64::MAX).min(TIME_MAX.0));
    }
    (publishes(&script, settings) <= u64::from(JOBS_MAX)).then_some(script)
}
