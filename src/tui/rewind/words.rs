//! What the bar of the past says: moments, and events in a few words.

use crate::lab::{Breakage, BrokerCommand, Change, Delivered, Elapsed, Event, Happening, JobId, Over, Pace, WorkerId};
use crate::tui::steps::Way;

/// Why the lab can't be asked for anything while its past is shown.
pub(in crate::tui) const THE_PAST: &str = "you look at the past: End goes back to now";
/// Why nothing can be changed in a recording.
pub(in crate::tui) const A_RECORDING: &str = "this is a recording: nothing can be changed in it";

/// When there is no further speed.
pub(in crate::tui) const fn no_further(way: Way) -> &'static str {
    match way {
        Way::Up => "the past is played no faster",
        Way::Down => "the past is played no slower",
    }
}

/// `01:30.2`, and from an hour on `1:01:30`.
pub(in crate::tui) fn moment(at: Elapsed) -> String {
    let tenths = at.0 / 100_000;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes:02}:{seconds:02}.{tenth}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `5,120`.
pub(in crate::tui) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An event in a few words.
pub(in crate::tui) fn event(event: &Event) -> String {
    match &event.what {
        Happening::Started => "the clock starts".to_owned(),
        Happening::Published(job) => format!("{} published", job.job),
        Happening::Confirmed(job) => format!("{job} confirmed"),
        Happening::Nacked(job) => format!("{job} refused by the broker"),
        Happening::Returned(job) => format!("{job} returned: no queue"),
        Happening::Burst(n) => format!("{n} jobs at once, on command"),
        Happening::Sample(n) => format!("{n} jobs of each kind, on command"),
        Happening::Dispatched { job, to: Some(to), .. } => format!("the broker chose {to} for {job}"),
        Happening::Dispatched { job, to: None, .. } => format!("the broker gave {job} to someone else"),
        Happening::WentBack { jobs, from, .. } => format!("{} from {from} back in the queue", several(jobs)),
        Happening::Lost { jobs, .. } => format!("{} lost", several(jobs)),
        Happening::StillThere(jobs) => format!("{} still in the queue", several(jobs)),
        Happening::Changed(change) => changed(change),
        Happening::Declined(why) => why.to_string(),
        Happening::Refused(_, why) => format!("the broker refused a setting: {why}"),
        Happening::Stepped(_) => "one step of the clock".to_owned(),
        Happening::Slipped(by) => format!("the lab was {} s late", by.0 / 1_000_000),
        Happening::DecisionsLost(n) => format!("{n} decisions untold"),
        Happening::Reset(_) => "back to zero".to_owned(),
        Happening::Cued(cue) => format!("the script's cue {}", cue + 1),
        Happening::Over(Over::Reached) => "the script is at its end".to_owned(),
        Happening::Over(Over::OutOfTime) => "the script ran out of time".to_owned(),
        of_worker => worker(of_worker).unwrap_or_else(|| broker(of_worker)),
    }
}

/// What a worker, or its life, brought.
fn worker(what: &Happening) -> Option<String> {
    Some(match what {
        Happening::Delivered(worker, delivered) => delivery(*worker, delivered),
        Happening::Begun(worker, job) => format!("{job} into {worker}'s hand"),
        Happening::Finished(worker, job) => format!("{worker} finished {job}"),
        Happening::Acked(worker, job) => format!("{worker} acked {job}"),
        Happening::Forgot(worker, job) => format!("{worker} forgot to ack {job}"),
        Happening::Rejected(worker, job, _) => format!("{worker} refused {job}"),
        Happening::DeadLettered(_, job) => format!("{job} dead-lettered"),
        Happening::Added(worker, speed) => format!("{worker} added, {speed}"),
        Happening::GuestCame(worker, name) => format!("{worker} {name} consumes: a guest"),
        Happening::Removed(worker) => format!("{worker} removed"),
        Happening::Starting(worker) => format!("{worker} starts"),
        Happening::Subscribed(worker, _) => format!("{worker} consumes"),
        Happening::Revived(worker) => format!("{worker} brought back"),
        Happening::Doomed(worker) => format!("{worker} is to crash before its next ack"),
        Happening::Killed(worker, kind) => format!("{worker}: {}", kind.past()),
        Happening::Broke(worker, how) => broke(*worker, how),
        Happening::Waiting(worker) => format!("{worker} waits for the broker"),
        Happening::Foreign(worker) => format!("{worker} got a message of someone else"),
        _ => return None,
    })
}

/// What the broker, or the producer's line to it, brought.
fn broker(what: &Happening) -> String {
    match what {
        Happening::ProducerUp => "the producer is connected".to_owned(),
        Happening::ProducerDown(why) => format!("the producer lost its line: {why}"),
        Happening::BrokerAsked(BrokerCommand::Kill) => "the broker is killed".to_owned(),
        Happening::BrokerAsked(BrokerCommand::Stop) => "the broker is stopped".to_owned(),
        Happening::BrokerAsked(BrokerCommand::Start) => "the broker is started".to_owned(),
        Happening::BrokerDown(why) => format!("the broker is gone: {why}"),
        Happening::BrokerStartFailed(why) => format!("the broker did not start: {why}"),
        Happening::BrokerUp(_) => "the broker answers".to_owned(),
        Happening::BrokerSays(_) => "the broker told its figures".to_owned(),
        // All others have their words above.
        _ => String::new(),
    }
}

fn delivery(worker: WorkerId, delivered: &Delivered) -> String {
    let again = if delivered.redelivered { ", redelivered" } else { "" };
    format!("{} into {worker}'s tray{again}", delivered.job)
}

fn broke(worker: WorkerId, how: &Breakage) -> String {
    match how {
        Breakage::Lost(why) | Breakage::Refused(why) => format!("{worker}'s line broke: {why}"),
        Breakage::Cancelled => format!("{worker}'s consumer was cancelled by the broker"),
    }
}

fn several(jobs: &[JobId]) -> String {
    match jobs {
        [job] => job.to_string(),
        jobs => format!("{} jobs", jobs.len()),
    }
}

fn changed(change: &Change) -> String {
    match change {
        Change::Prefetch(prefetch) => prefetch.to_string(),
        Change::Qos(prefetch) => format!("basic.qos {}", prefetch.0),
        Change::Ack(ack) => ack.to_string(),
        Change::Pace(Pace::Paused) => "paused".to_owned(),
        Change::Pace(Pace::Running) => "the clock runs again".to_owned(),
        other => other.to_string(),
    }
}
