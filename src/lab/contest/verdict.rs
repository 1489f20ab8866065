//! Who won, said in one sentence with the number that decides.
//!
//! What weighs most comes first: a lost job cannot be made up for by speed, and a job done twice only by much of it.

use super::super::measure::{LabSpan, Thousandths, WorkerShare};
use super::super::settings::{Bandwidth, Prefetch};
use super::{Contest, Latency, Measures, Phase, Side};

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who did better; `None`: it made no difference.
    pub winner: Option<Side>,
    /// The number that decides.
    pub by: Decider,
    /// Who won, and by how much.
    pub sentence: String,
    /// Why, where the numbers tell; else empty.
    pub why: String,
}

/// What a comparison is decided by, in the order of weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decider {
    /// Jobs that nobody did.
    Lost,
    /// Jobs that were not done in time.
    Open,
    /// When the last job was done.
    Makespan,
    /// Jobs that were done more than once.
    Twice,
    /// How long jobs waited.
    Wait,
    /// Nothing.
    Nothing,
}

/// Two makespans, or two waits, that are nearer to each other than this are the same: 5 %.
const SAME: u32 = 1_050;
/// Waits shorter than this are no argument, whatever their ratio.
const NOTICEABLE: LabSpan = LabSpan(100_000);

pub(super) fn verdict(contest: &Contest) -> Verdict {
    let judges = [by_losses, by_open, by_makespan, by_twice, by_wait];
    judges
        .into_iter()
        .find_map(|judge| judge(contest))
        .unwrap_or_else(|| no_difference(contest))
}

fn measures(contest: &Contest, side: Side) -> &Measures {
    &contest.side(side).measures
}

/// The side with the smaller count, and both counts, its own first.
fn fewer(contest: &Contest, count: impl Fn(&Measures) -> u32) -> Option<(Side, u32, u32)> {
    let [a, b] = Side::ALL.map(|side| count(measures(contest, side)));
    match a.cmp(&b) {
        std::cmp::Ordering::Less => Some((Side::A, a, b)),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some((Side::B, b, a)),
    }
}

/// The side with the shorter time, how many times shorter it is, and both times, its own first.
fn shorter(
    contest: &Contest,
    time: impl Fn(&Measures) -> Option<LabSpan>,
) -> Option<(Side, Thousandths, LabSpan, LabSpan)> {
    let a = time(measures(contest, Side::A))?;
    let b = time(measures(contest, Side::B))?;
    let (winner, short, long) = if a <= b { (Side::A, a, b) } else { (Side::B, b, a) };
    let times = u64::from(SAME).max(long.0.saturating_mul(1000) / short.0.max(1));
    let times = Thousandths(u32::try_from(times).unwrap_or(u32::MAX));
    (times.0 > SAME).then_some((winner, times, short, long))
}

fn by_losses(contest: &Contest) -> Option<Verdict> {
    let (winner, less, more) = fewer(contest, |m| m.lost)?;
    let (name, other) = names(contest, winner);
    let sentence = match less {
        0 => format!("{name} loses nothing; {other} loses {}", jobs(more)),
        _ => format!("{name} loses {}; {other} loses {}", jobs(less), jobs(more)),
    };
    let acks = contest.plan.sides[0].ack != contest.plan.sides[1].ack;
    let why = if acks {
        "what counts as acked once it is sent dies with the worker that holds it".to_owned()
    } else {
        String::new()
    };
    Some(decided(winner, Decider::Lost, sentence, why))
}

fn by_open(contest: &Contest) -> Option<Verdict> {
    let open = |m: &Measures| contest.plan.jobs.saturating_sub(m.done + m.lost + m.returned + m.dead);
    let (winner, less, more) = fewer(contest, open)?;
    let (name, other) = names(contest, winner);
    let sentence = format!(
        "{name} finishes {}; {other} does not: {} still open",
        if less == 0 {
            "in time".to_owned()
        } else {
            format!("all but {less}")
        },
        jobs(more)
    );
    Some(decided(winner, Decider::Open, sentence, String::new()))
}

fn by_makespan(contest: &Contest) -> Option<Verdict> {
    let (winner, times, short, long) = shorter(contest, |m| m.makespan)?;
    let (name, _) = names(contest, winner);
    let sentence = format!("{name} finishes {}× sooner: {short} against {long}", tenths(times));
    let why = why_later(contest, winner.other());
    Some(decided(winner, Decider::Makespan, sentence, why))
}

fn by_twice(contest: &Contest) -> Option<Verdict> {
    let (winner, less, more) = fewer(contest, |m| m.twice)?;
    let (name, other) = names(contest, winner);
    let done = |count| match count {
        0 => "no job".to_owned(),
        _ => jobs(count),
    };
    let sentence = format!("{name} does {} twice; {other} does {} twice", done(less), done(more));
    Some(decided(winner, Decider::Twice, sentence, String::new()))
}

fn by_wait(contest: &Contest) -> Option<Verdict> {
    let (winner, times, short, long) = shorter(contest, |m| m.wait.map(|wait| wait.p50))?;
    if long.0 - short.0 < NOTICEABLE.0 {
        return None;
    }
    let (name, _) = names(contest, winner);
    let times = tenths(times);
    let sentence = format!(
        "{name} lets jobs wait {times}× less: half of them begin within {short}, not {long}; both end together"
    );
    Some(decided(winner, Decider::Wait, sentence, String::new()))
}

fn no_difference(contest: &Contest) -> Verdict {
    let [a, b] = Side::ALL.map(|side| measures(contest, side).makespan);
    let sentence = match (a, b) {
        (Some(a), Some(b)) if contest.phase == Phase::Over => {
            format!("no difference: both finish within 5 % of each other, after {a} and {b}")
        }
        _ => "no difference: neither side got its jobs done".to_owned(),
    };
    Verdict {
        winner: None,
        by: Decider::Nothing,
        sentence,
        why: String::new(),
    }
}

/// Why the side took longer: one had most of the work, or everyone waited for the wire.
fn why_later(contest: &Contest, loser: Side) -> String {
    let [slow, fast] = [loser, loser.other()].map(|side| measures(contest, side));
    let uneven = |m: &Measures| m.fairness.map_or(1000, |jain| jain.0);
    let settings = &contest.plan.sides[loser.slot()];
    let waits = settings.line.latency > Latency(0) || settings.line.bandwidth > Bandwidth(0);
    let (name, _) = names(contest, loser);
    if uneven(slow) + 50 < uneven(fast) {
        return hoarder(slow, &name);
    }
    if waits
        && settings.prefetch != Prefetch(0)
        && settings.prefetch < contest.plan.sides[loser.other().slot()].prefetch
    {
        return format!("at {name} a worker idles from each ack until the next job has come down the line");
    }
    String::new()
}

/// `with prefetch 0 W1 worked 100.0 s and W2 only 20.0 s: …`.
fn hoarder(slow: &Measures, name: &str) -> String {
    let busiest = slow.workers.iter().max_by_key(|w| w.busy);
    let idlest = slow.workers.iter().min_by_key(|w| w.busy);
    let (Some(busiest), Some(idlest)) = (busiest, idlest) else {
        return String::new();
    };
    let jobs = |w: &WorkerShare| format!("{} ({} jobs)", w.busy, w.done);
    format!(
        "with {name}, {} had to work {} while {} had work for only {}",
        busiest.worker,
        jobs(busiest),
        idlest.worker,
        jobs(idlest)
    )
}

fn decided(winner: Side, by: Decider, sentence: String, why: String) -> Verdict {
    Verdict {
        winner: Some(winner),
        by,
        sentence,
        why,
    }
}

/// The winner's and the loser's.
fn names(contest: &Contest, winner: Side) -> (String, String) {
    (contest.plan.name(winner), contest.plan.name(winner.other()))
}

fn jobs(count: u32) -> String {
    match count {
        1 => "1 job".to_owned(),
        _ => format!("{count} jobs"),
    }
}

fn tenths(times: Thousandths) -> String {
    let tenths = (times.0 + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}
