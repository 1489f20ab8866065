//! A report's sentences, and the settings in words.

use super::course::Course;
use super::model::Fact;
use crate::lab::{
    AckMode, BrokerRow, Confirms, Delivery, DeliveryLimit, Ending, Figure, GoneHow, LabSpan, Measures, Moment,
    QueueKind, QueueType, Settings, Sharing, Snapshot, Speed, WorkerRow, WorkerShare, WorkerState,
};

/// More workers than these are told by the busiest and the least busy.
const NAMED: usize = 4;

/// `2 workers, prefetch 0`.
pub(super) fn title(began: &Settings, broker: &BrokerRow) -> String {
    let broker = if broker.version.is_some() {
        format!("the {}", broker.name)
    } else {
        broker.name.to_string()
    };
    format!(
        "{}, {}, on {broker}",
        count(began.speeds.len(), "worker"),
        dealing(began)
    )
}

/// What happened, in one sentence.
pub(super) fn sentence(course: &Course, measures: &Measures) -> String {
    let began = course.began();
    let opening = format!(
        "{}, {}, {}",
        count(measures.jobs as usize, "job"),
        count(measures.workers.len(), "worker"),
        dealing(began)
    );
    if measures.jobs == 0 {
        return format!("{opening}: nothing was published.");
    }
    let mut pieces = Vec::new();
    if let Some(ratio) = measures.ratio() {
        pieces.push(format!("{ratio} × the ideal time"));
    }
    for (number, what) in [
        (measures.open(), "still open"),
        (measures.lost, "lost"),
        (measures.returned, "returned"),
        (measures.dead, "dead-lettered"),
        (measures.twice, "done twice"),
    ] {
        if number > 0 {
            pieces.push(format!("{number} {what}"));
        }
    }
    let rest = pieces
        .iter()
        .fold(String::new(), |text, piece| format!("{text}; {piece}"));
    let changed = if course.changed() {
        " Settings were changed on the way."
    } else {
        ""
    };
    format!("{opening}: {}{rest}.{changed}", worked(course, &measures.workers))
}

/// `W1 worked 100 s, W2 20 s`.
fn worked(course: &Course, workers: &[WorkerShare]) -> String {
    if workers.iter().all(|w| w.busy.0 == 0) {
        return "nobody worked".to_owned();
    }
    let of = |w: &WorkerShare, verb: &str| format!("{}{verb} {}", course.name(w.worker), seconds(w.busy));
    if workers.len() <= NAMED {
        let all = workers.iter().enumerate();
        let all: Vec<String> = all.map(|(at, w)| of(w, if at == 0 { " worked" } else { "" })).collect();
        return all.join(", ");
    }
    let (most, least) = (
        workers.iter().max_by_key(|w| w.busy),
        workers.iter().min_by_key(|w| w.busy),
    );
    let most = most.map_or(String::new(), |w| of(w, ", the busiest, worked"));
    let least = least.map_or(String::new(), |w| of(w, ", the least busy,"));
    format!("{most}; {least}")
}

/// How jobs are dealt out.
fn dealing(settings: &Settings) -> String {
    match settings.ack {
        AckMode::Automatic => "auto-ack".to_owned(),
        AckMode::Manual => format!("prefetch {}", settings.prefetch.0),
    }
}

/// Whole seconds without a fraction.
fn seconds(span: LabSpan) -> String {
    span.to_string().replace(".0 s", " s")
}

pub(super) fn count(n: usize, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}

/// The numbers that matter most.
pub(super) fn figures(m: &Measures) -> Vec<Fact> {
    let none = || "—".to_owned();
    let makespan = Fact::new("makespan", m.makespan.map_or_else(none, seconds));
    let makespan = makespan.noted(match m.ratio() {
        Some(ratio) => format!("{ratio} × the ideal, {}", seconds(m.ideal)),
        None if m.open() > 0 => format!("so far; no order of work ends before {}", seconds(m.ideal)),
        None => "not all jobs were done".to_owned(),
    });
    let alone = 100 / u32::try_from(m.workers.len().max(1)).unwrap_or(u32::MAX);
    let fairness = Fact::new("fairness", m.fairness.map_or_else(none, |f| f.to_string())).noted(format!(
        "of busy times, by Jain's index: 1 when all worked equally long, 0.{alone:02} when one did all"
    ));
    let idle = Fact::new("idle", m.idle.map_or_else(none, |idle| format!("{} %", idle.percent())));
    let wait = Fact::new("wait", m.wait.map_or_else(none, |wait| seconds(wait.p50)));
    vec![
        Fact::new("done", format!("{} of {}", m.done, m.jobs)).noted(match m.open() {
            0 => "none is open".to_owned(),
            open => format!("{open} still open"),
        }),
        Fact::new("lost", m.lost.to_string()).noted("nobody will ever do them"),
        Fact::new("done twice", m.twice.to_string()).noted("or more often"),
        Fact::new("redelivered", m.redelivered.to_string()).noted("deliveries with this flag"),
        makespan,
        fairness,
        idle.noted("of all workers' time, dead or alive"),
        wait.noted(m.wait.map_or_else(
            || "no job was begun and done".to_owned(),
            |wait| {
                format!(
                    "half waited no longer; 95 %: {}, 99 %: {}",
                    seconds(wait.p95),
                    seconds(wait.p99)
                )
            },
        )),
    ]
}

/// Which broker, and as which it behaved.
pub(super) fn broker(row: &BrokerRow) -> String {
    match row.version {
        Some(version) => format!("the {}, as RabbitMQ {version}", row.name),
        None => row.name.to_string(),
    }
}

/// What the run began with; where it is different at the end, that is noted.
pub(super) fn settings(course: &Course, picture: &Snapshot) -> Vec<Fact> {
    let (began, now) = (course.began(), &*picture.settings);
    let (begun_on, ended_on) = (broker(course.broker()), broker(course.broker_now()));
    let on = Fact::new("broker", begun_on.as_str());
    let said = |name, of: &dyn Fn(&Settings) -> String| {
        let fact = Fact::new(name, of(began));
        if of(now) == of(began) {
            fact
        } else {
            fact.noted(format!("at the end: {}", of(now)))
        }
    };
    vec![
        Fact::new("workers", workers(&began.speeds)),
        said("prefetch", &|s| s.prefetch.to_string().replacen("prefetch ", "", 1)),
        said("acks", &|s| match s.ack {
            AckMode::Manual => "manual: after the work".to_owned(),
            AckMode::Automatic => "automatic: once sent".to_owned(),
        }),
        said("queue", &|s| queue(s)),
        said("messages", &|s| match s.messages {
            Delivery::Persistent => "persistent".to_owned(),
            Delivery::Transient => "transient".to_owned(),
        }),
        said("confirms", &|s| match s.confirms {
            Confirms::On => "on".to_owned(),
            Confirms::Off => "off".to_owned(),
        }),
        said("jobs", &|s| s.workload.sizes.to_string()),
        said("arrivals", &|s| format!("{}, {}", s.workload.arrivals, s.rate)),
        said("lines", &|s| s.line.to_string()),
        said("heartbeat", &|s| format!("{} s", s.heartbeat.0)),
        said("lab clock", &|s| s.scale.to_string()),
        said("seed", &|s| s.seed.0.to_string()),
        if ended_on == begun_on {
            on
        } else {
            on.noted(format!("at the end: {ended_on}"))
        },
    ]
}

fn workers(speeds: &[Speed]) -> String {
    match speeds {
        [first, rest @ ..] if rest.iter().all(|speed| speed == first) => format!("{} at {first}", speeds.len()),
        _ => {
            let all: Vec<String> = speeds.iter().map(Speed::to_string).collect();
            format!("{}: {}", speeds.len(), all.join(", "))
        }
    }
}

fn queue(settings: &Settings) -> String {
    let kind = match (settings.queue, settings.queue_type) {
        (QueueKind::Transient, _) => "transient, classic".to_owned(),
        (QueueKind::Durable, QueueType::Classic) => "durable, classic".to_owned(),
        (QueueKind::Durable, QueueType::Quorum(DeliveryLimit(0))) => "durable, quorum".to_owned(),
        (QueueKind::Durable, QueueType::Quorum(limit)) => format!("durable, quorum, delivery limit {}", limit.0),
    };
    match settings.sharing {
        Sharing::OneQueue => kind,
        Sharing::QueueEach => format!("{kind}; one for each worker, each gets every message"),
    }
}

/// Said where a run was not left to its script.
pub(super) const MEDDLED: &str = "Something was changed by hand while the script played: what is predicted and expected of \
                                  it may not hold in this run.";

/// What the command line alone does not bring back.
pub(super) fn unrepeated(course: &Course) -> String {
    let did = course.highlights.lines().next().is_some();
    if did {
        "What was done by hand while it ran is listed above; the command begins the same run, and the same seed gives \
         the same jobs."
            .to_owned()
    } else {
        "The same seed gives the same jobs at the same lab times.".to_owned()
    }
}

/// As a sentence of its own begins.
pub(super) fn upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

pub(super) fn figure(figure: Figure) -> String {
    match figure {
        Figure::Exact(n) => n.to_string(),
        Figure::Estimated(n) => format!("≈ {n}"),
        Figure::Unknown => "not known".to_owned(),
    }
}

pub(super) fn moment(moment: Moment) -> String {
    let how = |ending| match ending {
        Ending::Killed => "was killed",
        Ending::Stopped => "was stopped in good order",
        Ending::Away => "went away",
    };
    match moment {
        Moment::Running => String::new(),
        Moment::Down(ending, at) => format!(
            "The broker {} at {}, and is not back yet.",
            how(ending),
            seconds(LabSpan(at.0))
        ),
        Moment::Back(ending, at) => format!("The broker {} at {}, and is back.", how(ending), seconds(LabSpan(at.0))),
    }
}

/// How a worker is.
pub(super) fn state(row: &WorkerRow) -> String {
    match &row.state {
        WorkerState::Starting => "starting".to_owned(),
        WorkerState::Consuming => match (row.hand, row.tray_len) {
            (None, 0) => "idle".to_owned(),
            (Some(hand), 0) => format!("works on {}", hand.job),
            (Some(hand), tray) => format!("works on {}, {tray} in its tray", hand.job),
            (None, tray) => format!("{tray} in its tray"),
        },
        WorkerState::Cancelled => "consumer cancelled".to_owned(),
        WorkerState::ChannelClosed(_) => "channel closed".to_owned(),
        WorkerState::Gone(GoneHow::Killed(kind), _) => kind.past().to_owned(),
        WorkerState::Gone(GoneHow::Refused(why) | GoneHow::Lost(why), _) => why.clone(),
        WorkerState::Frozen => "frozen".to_owned(),
        WorkerState::Silent(..) => "network silent".to_owned(),
        WorkerState::Doomed => "will crash before its next ack".to_owned(),
        WorkerState::Waiting => "waits for the broker".to_owned(),
    }
}
