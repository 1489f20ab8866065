//! The words for the insights: a sentence about the case, and what to try.

use super::super::insight::{Insight, Remedy, Severity};
use std::fmt;

impl fmt::Display for Insight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.severity() {
            Severity::Loss | Severity::Stuck => trouble(self, f),
            Severity::NoEffect => no_effect(self, f),
            Severity::Waste => waste(self, f),
            Severity::Risk | Severity::Fact => fact(self, f),
            Severity::Verdict => verdict(self, f),
        }
    }
}

fn trouble(insight: &Insight, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use Insight as I;
    match insight {
        I::LostWithWorker { worker, jobs } => {
            write!(
                f,
                "{worker} took {} with it: auto-acked, nobody else has them",
                count(*jobs)
            )
        }
        I::BooksDiffer(more) => {
            let word = if *more < 0 { "fewer" } else { "more" };
            write!(f, "the broker holds {} {word} than clients saw", more.unsigned_abs())
        }
        I::Unconfirmed(n) => write!(f, "{} unconfirmed when the broker ended: stored, or not?", count(*n)),
        I::NobodyConsumes(n) => write!(f, "{} ready, and nobody consumes", count(*n)),
        I::Frozen { worker, unacked } => {
            write!(
                f,
                "{worker} is frozen: {} unacked while its heartbeats go on",
                staying(*unacked)
            )
        }
        I::HalfOpen {
            worker,
            unacked,
            heartbeat,
        } => write!(
            f,
            "nobody hears {worker}: {} unacked for two heartbeats of {heartbeat} s",
            staying(*unacked)
        ),
        I::ForgottenAck { worker, jobs } => {
            write!(
                f,
                "{worker} finished {} without an ack: unacked until its channel ends",
                count(*jobs)
            )
        }
        I::RequeueLoop { job, times, worker } => {
            write!(
                f,
                "{job} goes round in circles: redelivered {times} times, last to {worker}"
            )
        }
        I::WaitsForOne { worker, jobs } => {
            write!(
                f,
                "{} in {worker}'s own queue, and {worker} does not consume",
                waiting(*jobs)
            )
        }
        I::DoubleAck(worker) => write!(
            f,
            "{worker} acked an unknown delivery tag: the broker closed its channel"
        ),
        I::CancelledHolds { worker, unacked } => {
            write!(f, "{worker} cancelled its consumer and still holds {}", count(*unacked))
        }
        _ => Ok(()),
    }
}

fn no_effect(insight: &Insight, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use Insight as I;
    match insight {
        I::PrefetchWithoutAcks(prefetch) => write!(f, "auto-ack is on: prefetch {} has no effect", prefetch.0),
        I::OverLimit { worker, unacked, limit } => write!(
            f,
            "{worker} holds {unacked} unacked from before: prefetch {} limits new deliveries",
            limit.0
        ),
        I::QosForNewOnly {
            worker,
            has,
            limit,
            workers,
        } => {
            write!(
                f,
                "{worker} still has prefetch {}: it subscribed before basic.qos {}",
                has.0, limit.0
            )?;
            match workers.saturating_sub(1) {
                0 => Ok(()),
                more => write!(f, ", as {more} more"),
            }
        }
        I::JobsElsewhere(n) => write!(f, "{} in the other queue: nobody consumes there now", waiting(*n)),
        _ => Ok(()),
    }
}

fn waste(insight: &Insight, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use Insight as I;
    match insight {
        I::RedeliveryStorm { worker, jobs } => {
            write!(
                f,
                "{worker}'s end gave back {} at once: all are delivered again",
                count(*jobs)
            )
        }
        I::Starving { worker, seconds, trays } => {
            write!(
                f,
                "{worker} is idle for {seconds} s while {} in other trays",
                waiting(*trays)
            )
        }
        I::Hoarding { worker, tray, idle } => {
            write!(f, "{worker} has {} in its tray while {idle} is idle", count(*tray))
        }
        I::AllUnacked { jobs, workers } => {
            let s = if *workers == 1 { "" } else { "s" };
            write!(
                f,
                "all {} are unacked with {workers} worker{s}: none is ready",
                count(*jobs)
            )
        }
        I::Overload { work, speed } => write!(
            f,
            "{} s of work come in each second, {} s can be done",
            hundredths(*work),
            hundredths(*speed)
        ),
        I::CountsNotLoad {
            jobs,
            most,
            most_s,
            least,
            least_s,
        } => write!(
            f,
            "some {jobs} jobs each: {most_s} s of work for {most}, {least_s} s for {least}"
        ),
        I::HeadOfLine {
            worker,
            tray,
            seconds,
            job,
            dots,
        } => write!(
            f,
            "{} in {worker}'s tray wait{} {seconds} s more, behind {job} ({dots} dot{})",
            count(*tray),
            if *tray == 1 { "s" } else { "" },
            if *dots == 1 { "" } else { "s" }
        ),
        I::RoundTrips {
            worker,
            millis,
            percent,
        } => write!(
            f,
            "the next job is {millis} ms away after each ack: {percent} % of {worker}'s time"
        ),
        _ => Ok(()),
    }
}

fn fact(insight: &Insight, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use Insight as I;
    match insight {
        I::DurableQueueTransientMessages => {
            f.write_str("the queue is durable, the messages are not: a restart empties it")
        }
        I::PersistentMessagesTransientQueue => {
            f.write_str("the messages are persistent, the queue is not: both go with the broker")
        }
        I::PersistentWithoutConfirms => {
            f.write_str("persistent without confirms: the producer can't know which are safe")
        }
        I::Unroutable(n) => write!(
            f,
            "no queue took {}: the broker returned what it could not route",
            count(*n)
        ),
        I::DoneTwice { job, worker, jobs: 1 } => {
            write!(f, "{job} was done again, by {worker}: no ack of the first time counted")
        }
        I::DoneTwice { job, worker, jobs } => {
            write!(
                f,
                "{job} was done again, by {worker}; {jobs} jobs were done twice so far"
            )
        }
        I::DeadLettered { worker, jobs } => write!(f, "{worker} refused {} for good: dead-lettered", count(*jobs)),
        I::DeliveryLimit { job, jobs: 1 } => write!(f, "{job} came back too often: the broker dead-lettered it"),
        I::DeliveryLimit { job, jobs } => {
            write!(f, "{job} came back too often: dead-lettered, as {} more", jobs - 1)
        }
        I::OldPlace { job, jobs: 1 } => write!(f, "{job} went back to its old place, before newer jobs"),
        I::OldPlace { job, jobs } => {
            write!(
                f,
                "{job} and {} more went back to their old places, before newer jobs",
                jobs - 1
            )
        }
        I::FlaggedUndone { redelivered, twice } => {
            write!(
                f,
                "{redelivered} deliveries were flagged redelivered, yet only {twice} jobs were done twice"
            )
        }
        I::OutOfOrder { late, of } => write!(f, "{late} of {of} jobs were finished after a later one"),
        I::NotRoundRobin => f.write_str("LavinMQ lets consumers race for each job: there are no turns here"),
        I::NotRabbitMq => f.write_str("this broker is not RabbitMQ: it may hand out jobs by other rules"),
        I::DecisionsLost(n) => write!(f, "{n} dispatch decisions were too fast for the log"),
        I::ForeignMessages(n) => write!(f, "{n} messages came from someone else: acked and let go"),
        _ => Ok(()),
    }
}

fn verdict(insight: &Insight, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use Insight as I;
    match insight {
        I::AllIdle(1) => f.write_str("the worker is idle and nothing is ready: there is nothing to hand out"),
        I::AllIdle(n) => write!(
            f,
            "all {n} workers are idle and nothing is ready: there is nothing to hand out"
        ),
        I::Fair { worker, share, speed } => write!(
            f,
            "fair: shares follow speeds (furthest off {worker}: {share} % of work, {speed} % of speed)"
        ),
        I::NothingWrong { done, seconds } => {
            write!(f, "nothing is wrong: {} done in {seconds} s, none stuck", count(*done))
        }
        I::NotEnoughData { done, seconds } => {
            write!(
                f,
                "not enough data: {} done in {seconds} s under these settings",
                count(*done)
            )
        }
        _ => Ok(()),
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "loss",
            Self::Stuck => "stuck",
            Self::NoEffect => "no effect",
            Self::Waste => "waste",
            Self::Risk => "risk",
            Self::Fact => "worth knowing",
            Self::Verdict => "verdict",
        })
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ManualAck => "manual ack: the broker keeps each job until its worker acks it",
            Self::LimitPrefetch => "prefetch 1: the queue keeps what nobody has room for",
            Self::LowerPrefetch => "a smaller prefetch: more stays in the queue, for whoever is free",
            Self::RaisePrefetch => "a larger prefetch: the next job is there before the ack has arrived",
            Self::Persist => "persistent messages, then end the broker and see what is left",
            Self::UseDurable => "the durable queue, then end the broker and see what is left",
            Self::Confirm => "confirms: the broker tells which jobs it has stored",
            Self::SwitchQueue => "back to the other queue: its jobs are handed out again",
            Self::Kill => "end a worker, and see where its jobs go",
            Self::Revive => "bring a worker back",
            Self::MendHabit => "let it ack again, or end it: its jobs go back when its channel ends",
            Self::Faster => "make one worker faster or slower, and see its share follow",
            Self::AddWorker => "one more worker, or fewer jobs a second",
            Self::RemoveWorker => "leave one worker, with prefetch 1: then order holds",
            Self::Burst => "publish ten jobs at once, and see who gets them",
            Self::Table => "the table of what survived the broker's end",
            Self::Journeys => "follow the job's whole way in Messages",
            Self::Wait => "let it run on and watch",
        })
    }
}

fn count(n: u32) -> String {
    if n == 1 {
        "one job".to_owned()
    } else {
        format!("{n} jobs")
    }
}

fn staying(n: u32) -> String {
    format!("{} {}", count(n), if n == 1 { "stays" } else { "stay" })
}

fn waiting(n: u32) -> String {
    if n == 1 {
        "one job waits".to_owned()
    } else {
        format!("{n} jobs wait")
    }
}

/// `2.45`, and from a hundred on without the fraction.
fn hundredths(n: u32) -> String {
    if n >= 10_000 {
        (n / 100).to_string()
    } else {
        format!("{}.{:02}", n / 100, n % 100)
    }
}
