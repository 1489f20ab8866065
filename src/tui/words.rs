//! Texts that the screen alone says. What the lab means has its words in `lab`.

use crate::lab::{
    AckMode, Confirms, Delivery, Elapsed, Ending, Figure, GoneHow, Habit, Heartbeat, KillKind, LineQuality, MatrixCell,
    Moment, Prefetch, QueueKind, Settings, Toll, WorkerId, WorkerState,
};
use crate::tui::LessonWish;

/// Between two lessons, while nothing moves.
pub(super) const fn set_up(wish: LessonWish) -> &'static str {
    match wish {
        LessonWish::Again => "the lesson is set up anew …",
        LessonWish::Row(_) => "the next lesson is set up …",
    }
}

/// When the lab's inbox is full.
pub(super) const LAB_IS_BUSY: &str = "the lab is busy: that key was not passed on, press it again";

/// When drawing takes so long that motion is left out.
pub(super) const SLOW_TERMINAL: &str = "this terminal is slow: still pictures from now on";

/// When a digit names a row that is not there.
pub(super) fn no_such_row(row: usize, rows: usize) -> String {
    format!("there is no row {row}: {rows} workers")
}

/// When a question is closed because its worker went.
pub(super) fn no_longer_there(id: WorkerId) -> String {
    format!("{id} is no longer there")
}

/// The likeliest cause of a difference between the broker's count and the books, which balance in themselves.
pub(super) const fn difference(more: i64, moment: Moment) -> &'static str {
    match (more, moment) {
        (0.., _) => "foreign messages?",
        (_, Moment::Back(Ending::Away, _)) => "lost while it was away?",
        (_, _) => "taken by others?",
    }
}

/// Below the table of what survived, by what can be done next.
pub(super) const FILL_THE_TABLE: &str = "e publishes five jobs of each kind, with confirms; B then ends the broker.";
pub(super) const END_THE_BROKER: &str = "Predict it. Then B ends the broker: kill it, or stop it in good order.";
pub(super) const START_THE_BROKER: &str = "Predict it. Then B starts the broker, and it reads its disk.";
pub(super) const BROKER_IS_AWAITED: &str = "The lab waits until the broker answers again.";

/// Confirmed, and lost all the same.
pub(super) fn broken_promises(count: Figure) -> String {
    let were = if magnitude(count) == 1 { "was" } else { "were" };
    let count = figure(count);
    format!(
        "! {count} {were} confirmed and lost: a confirm of a transient message, or of a message in a transient queue, \
         promises nothing beyond the broker's life."
    )
}

/// Durable, persistent, confirmed, and lost: what must never happen.
pub(super) fn broken_word(count: Figure) -> String {
    let count = figure(count);
    format!("✖ {count} confirmed, durable and persistent, and lost all the same: the broker broke its promise.")
}

/// Done, or taken as acked, before the broker's end, and there again.
pub(super) fn settled_and_there(count: u64) -> String {
    format!("! {count} settled before it ended are there again: the acks were not on disk.")
}

/// Why the jobs of one kind survived a broker's end, or did not, in two lengths.
pub(super) const fn fate(queue: QueueKind, messages: Delivery, cell: &MatrixCell, moment: Moment) -> [&'static str; 2] {
    let Moment::Back(how, _) = moment else { return [""; 2] };
    match (queue, messages, cell.survived, cell.lost) {
        (_, _, Figure::Unknown, _) | (_, _, _, Figure::Unknown) => [
            "This broker does not tell which jobs it still has.",
            "not told by this broker",
        ],
        (QueueKind::Durable, Delivery::Persistent, _, Figure::Exact(0) | Figure::Estimated(0)) => {
            ["Both, durable and persistent: it survived.", "both: it survived"]
        }
        (_, _, _, Figure::Exact(0) | Figure::Estimated(0)) => match how {
            Ending::Away => ["All are there: it may never have ended.", "there: did it end?"],
            Ending::Killed | Ending::Stopped => ["Still there."; 2],
        },
        (QueueKind::Durable, Delivery::Persistent, _, _) => {
            ["The lost were not on disk yet when it ended.", "lost: not on disk yet"]
        }
        (QueueKind::Durable, Delivery::Transient, _, _) => [
            "The queue came back, the message was not on disk.",
            "queue back, message was not on disk",
        ],
        (QueueKind::Transient, _, _, _) => [
            "The queue was not durable: gone with the broker.",
            "queue not durable: gone",
        ],
    }
}

/// A number with how well it is known: `12`, `≈12`, `?`.
pub(super) fn figure(figure: Figure) -> String {
    match figure {
        Figure::Exact(n) => n.to_string(),
        Figure::Estimated(n) => format!("≈{n}"),
        Figure::Unknown => "?".to_owned(),
    }
}

/// The same in at most `width` columns: thousands and millions are cut short when they must be.
pub(super) fn figure_in(width: u16, figure: Figure) -> String {
    match figure {
        Figure::Exact(n) => count(width, n),
        Figure::Estimated(n) => format!("≈{}", count(width.saturating_sub(1), n)),
        Figure::Unknown => "?".to_owned(),
    }
}

/// A count in at most `width` columns: `4123`, `4.1k`, `412k`, `4.1M`.
pub(super) fn count(width: u16, n: impl Into<u64>) -> String {
    let n = n.into();
    let plain = n.to_string();
    if plain.len() <= usize::from(width) {
        return plain;
    }
    let units = [
        (1_000, 'k'),
        (1_000_000, 'M'),
        (1_000_000_000, 'G'),
        (1_000_000_000_000, 'T'),
    ];
    let (size, unit) = units
        .into_iter()
        .find(|(size, _)| n / size < 1_000)
        .unwrap_or((1_000_000_000_000, 'T'));
    let (whole, tenth) = (n / size, n % size * 10 / size);
    let fine = format!("{whole}.{tenth}{unit}");
    if fine.len() <= usize::from(width) {
        fine
    } else {
        format!("{whole}{unit}")
    }
}

/// The number itself, for bars.
pub(super) const fn magnitude(figure: Figure) -> u64 {
    match figure {
        Figure::Exact(n) | Figure::Estimated(n) => n,
        Figure::Unknown => 0,
    }
}

/// How a worker that does not work is, in the place of its hand and tray; `None`: it works.
/// The texts are the same but for their length: the longest that fits is shown.
pub(super) fn state(state: &WorkerState, now: Elapsed) -> Option<[String; 2]> {
    match state {
        WorkerState::Starting => Some(both("… subscribing")),
        WorkerState::Waiting => Some(both("… waits for the broker")),
        WorkerState::Silent(since, heartbeat) => Some(silent(now.0.saturating_sub(since.0), *heartbeat)),
        WorkerState::ChannelClosed(toll) => Some(ended("channel closed", *toll, "")),
        WorkerState::Gone(GoneHow::Killed(KillKind::CrashBeforeAck), toll) => {
            Some(ended("crashed before ack", *toll, ""))
        }
        WorkerState::Gone(GoneHow::Killed(kind), toll) => Some(ended(kind.past(), *toll, "")),
        WorkerState::Gone(GoneHow::Refused(why), toll) => Some(ended("refused", *toll, why)),
        WorkerState::Gone(GoneHow::Lost(why), toll) => Some(ended("line lost", *toll, why)),
        WorkerState::Consuming | WorkerState::Cancelled | WorkerState::Doomed | WorkerState::Frozen => None,
    }
}

/// How long it has been, and how long it will be.
fn silent(us: u64, heartbeat: Heartbeat) -> [String; 2] {
    let (seconds, tenths) = (us / 1_000_000, us / 100_000 % 10);
    let wait = silence(heartbeat);
    [
        format!("¦ network silent {seconds}.{tenths} s: broker waits 2 heartbeats, {wait}"),
        format!("¦ silent {seconds}.{tenths} of {wait}"),
    ]
}

/// How long a broker takes to find out that nothing comes any more: it looks once each heartbeat, and twice in vain.
pub(super) fn silence(heartbeat: Heartbeat) -> String {
    let seconds = u32::from(heartbeat.0);
    format!("{}–{} s", 2 * seconds, 3 * seconds)
}

/// What lies between each worker and the broker, if anything does.
pub(super) fn line(quality: LineQuality) -> Option<String> {
    let latency = (quality.latency.0 > 0).then(|| format!("{} ms", quality.latency.0));
    let bandwidth = (quality.bandwidth.0 > 0).then(|| quality.bandwidth.to_string());
    match (latency, bandwidth) {
        (Some(latency), Some(bandwidth)) => Some(format!("{latency}, {bandwidth}")),
        (one, other) => one.or(other),
    }
}

/// A worker's bad habit, as a sign and in a word.
pub(super) const fn habit(habit: Habit) -> Option<(&'static str, &'static str)> {
    match habit {
        Habit::Acks => None,
        Habit::Forgets => Some(("~", "forgets")),
        Habit::Requeues => Some(("↺", "requeues")),
        Habit::Rejects => Some(("†", "rejects")),
        Habit::AcksTwice => Some(("=", "acks 2×")),
    }
}

fn both(text: &str) -> [String; 2] {
    [text.to_owned(), text.to_owned()]
}

fn ended(how: &str, toll: Toll, why: &str) -> [String; 2] {
    let colon = if why.is_empty() { "" } else { ": " };
    let (long, short) = match (toll.back, toll.lost) {
        (0, 0) => (String::new(), String::new()),
        (back, 0) => (format!(", {back} went back"), format!(", {back} back")),
        (0, lost) => (format!(", {lost} lost"), format!(", {lost} lost")),
        (back, lost) => (
            format!(", {back} went back, {lost} lost"),
            format!(", {back} back {lost} lost"),
        ),
    };
    [
        format!("✖ {how}{long}{colon}{why}"),
        format!("✖ {how}{short}{colon}{why}"),
    ]
}

/// What the settings mean together: one rule each, for a wide screen and for the broker menu.
pub(super) fn rules(settings: &Settings) -> [(&'static str, String); 4] {
    [
        ("prefetch", prefetch_rule(settings.prefetch, settings.ack)),
        ("ack", ack_rule(settings.ack).to_owned()),
        ("durability", survival(settings).to_owned()),
        ("confirms", confirms_rule(settings.confirms).to_owned()),
    ]
}

fn prefetch_rule(prefetch: Prefetch, ack: AckMode) -> String {
    match (ack, prefetch.0) {
        (AckMode::Automatic, _) => "No effect with auto-ack: nothing is ever unacked, so nothing is full.".to_owned(),
        (AckMode::Manual, 0) => {
            "No limit: each job goes to the next worker in turn at once, however busy that one is.".to_owned()
        }
        (AckMode::Manual, 1) => {
            "A worker gets its next job when it has acked the last one: the fast ones get more.".to_owned()
        }
        (AckMode::Manual, n) => format!(
            "Up to {n} unacked per worker: one in its hand, the others in its tray, out of the reach of idle workers."
        ),
    }
}

const fn ack_rule(ack: AckMode) -> &'static str {
    match ack {
        AckMode::Manual => {
            "By the worker, after the work. Till then the broker keeps the job: if the worker's line breaks, it goes back."
        }
        AckMode::Automatic => "The broker forgets a job once it is sent: what dies with a worker is lost.",
    }
}

/// What a broker's end leaves of a job in the queue.
const fn survival(settings: &Settings) -> &'static str {
    match (settings.queue, settings.messages) {
        _ if settings.uses_quorum() => {
            "A quorum queue keeps all its messages over the broker's end, persistent or not."
        }
        (QueueKind::Durable, Delivery::Persistent) => "Queue and messages survive the broker's end.",
        (QueueKind::Durable, Delivery::Transient) => {
            "The queue survives the broker's end, empty: messages are transient."
        }
        (QueueKind::Transient, Delivery::Persistent) => {
            "The queue goes with the broker, and persistent messages with it."
        }
        (QueueKind::Transient, Delivery::Transient) => "Queue and messages go with the broker.",
    }
}

const fn confirms_rule(confirms: Confirms) -> &'static str {
    match confirms {
        Confirms::On => "The broker answers for each message that it has taken it on.",
        Confirms::Off => "The producer is never told whether a message arrived.",
    }
}
