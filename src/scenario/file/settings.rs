//! `[settings]`, and what a flip sets.

use super::super::action::{bandwidth, latency};
use super::super::amount::{RATE, SCALE, SPEED, WORKERS_MAX, time};
use super::super::fault::Fault;
use super::super::words::{ACK, ARRIVALS, Kind, LIKE, MESSAGES, QUEUE, QUEUE_TYPE, SHARING, WORKLOAD};
use super::paper::{Paper, Section, Value};
use crate::lab::{
    Confirms, DeliveryLimit, Heartbeat, Prefetch, QueueKind, QueueType, Rate, Seed, Settings, Speed, TimeScale, Version,
};
use toml::de::DeValue;

/// What can be set, in the order in which it is listed.
pub(in super::super) const KEYS: [&str; 17] = [
    "workers",
    "prefetch",
    "ack",
    "queue",
    "queue-type",
    "delivery-limit",
    "sharing",
    "messages",
    "confirms",
    "rate",
    "workload",
    "arrivals",
    "seed",
    "scale",
    "latency",
    "bandwidth",
    "heartbeat",
];

/// Settings, and as which RabbitMQ the broker behaves: both can be flipped.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Start {
    pub(super) settings: Settings,
    pub(super) version: Version,
}

/// Changes the settings by what a table says.
pub(super) fn read<'t>(paper: &mut Paper<'t>, section: Section<'_, 't>, start: &mut Start) {
    let mut limit = None;
    for (key, value) in section.table {
        if key.get_ref() == "delivery-limit" {
            limit = Some((key.span(), value));
        } else {
            one(paper, key.get_ref(), value, start);
        }
    }
    if let Some((at, value)) = limit {
        let read = paper.integer(value, &(1..=u32::from(u16::MAX)));
        match (&mut start.settings.queue_type, read) {
            (QueueType::Quorum(limit), Some(n)) => *limit = DeliveryLimit(u16::try_from(n).unwrap_or(u16::MAX)),
            (QueueType::Quorum(_), None) => {}
            (QueueType::Classic, _) => paper
                .fault(Fault::new(at, "a classic queue has no delivery limit").hint("set queue-type = \"quorum\" too")),
        }
    }
    sense(paper, section, &start.settings);
}

fn one<'t>(paper: &mut Paper<'t>, key: &str, value: &Value<'t>, start: &mut Start) {
    let settings = &mut start.settings;
    match key {
        "workers" => put(&mut settings.speeds, workers(paper, value)),
        "prefetch" => {
            let number = paper.integer(value, &(0..=u32::from(u16::MAX)));
            put(
                &mut settings.prefetch,
                number.map(|n| Prefetch(u16::try_from(n).unwrap_or(u16::MAX))),
            );
        }
        "ack" => put(&mut settings.ack, paper.word(value, ACK, "a mode of acks")),
        "queue" => put(&mut settings.queue, paper.word(value, QUEUE, "a kind of queue")),
        "queue-type" => {
            let kind = paper.word(value, QUEUE_TYPE, "a type of queue");
            put(&mut settings.queue_type, kind.map(queue_type));
        }
        "sharing" => put(&mut settings.sharing, paper.word(value, SHARING, "a way of sharing")),
        "messages" => put(&mut settings.messages, paper.word(value, MESSAGES, "a kind of message")),
        "confirms" => {
            let on = paper.boolean(value);
            put(
                &mut settings.confirms,
                on.map(|on| if on { Confirms::On } else { Confirms::Off }),
            );
        }
        "rate" => put(&mut settings.rate, paper.decimal(value, RATE).map(Rate)),
        "workload" => put(&mut settings.workload.sizes, paper.word(value, WORKLOAD, "a workload")),
        "arrivals" => put(
            &mut settings.workload.arrivals,
            paper.word(value, ARRIVALS, "a kind of arrivals"),
        ),
        "seed" => {
            let seed = paper.long(value, &(0..=i64::MAX));
            put(&mut settings.seed, seed.map(|n| Seed(n.unsigned_abs())));
        }
        "scale" => put(&mut settings.scale, paper.decimal(value, SCALE).map(TimeScale)),
        "latency" => put(&mut settings.line.latency, paper.said(value, "a time", latency)),
        "bandwidth" => {
            let number = paper.long(value, &(0..=i64::from(u32::MAX)));
            let read = number.map(|n| bandwidth(n).map_err(|(what, hint)| Fault::new(value.span(), what).hint(hint)));
            put(&mut settings.line.bandwidth, read.and_then(|read| paper.keep(read)));
        }
        "heartbeat" => put(&mut settings.heartbeat, paper.said(value, "a time", heartbeat)),
        "like" => put(&mut start.version, version(paper, value)),
        // Told by `known`.
        _ => {}
    }
}

fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn queue_type(kind: Kind) -> QueueType {
    match kind {
        Kind::Classic => QueueType::Classic,
        Kind::Quorum => QueueType::Quorum(DeliveryLimit::default()),
    }
}

/// `4.0`, with or without quotes.
pub(super) fn version<'t>(paper: &mut Paper<'t>, value: &Value<'t>) -> Option<Version> {
    let what = "a version of RabbitMQ that is known here";
    match value.get_ref() {
        DeValue::Float(_) | DeValue::Integer(_) => {
            let at = value.span();
            let bare = paper.says(&at).to_owned();
            paper.fault(Fault::new(at, "a version is a text, not a number").hint(format!("in quotes: \"{bare}\"")));
            None
        }
        _ => paper.word(value, LIKE, what),
    }
}

fn heartbeat(text: &str) -> Result<Heartbeat, (String, String)> {
    let micros = time(text)?.0;
    u16::try_from(micros / 1_000_000)
        .ok()
        .filter(|s| micros % 1_000_000 == 0 && (1..=60).contains(s))
        .map(Heartbeat)
        .ok_or_else(|| {
            (
                format!("{text} is out of range"),
                "whole seconds from 1s to 60s are allowed".to_owned(),
            )
        })
}

/// A number of them, or the speed of each.
fn workers<'t>(paper: &mut Paper<'t>, value: &Value<'t>) -> Option<Vec<Speed>> {
    let most = usize::from(WORKERS_MAX);
    let DeValue::Array(list) = value.get_ref() else {
        if let DeValue::Float(_) | DeValue::String(_) | DeValue::Boolean(_) = value.get_ref() {
            let what = "`workers` is how many there are, or a list of their speeds";
            paper.fault(Fault::new(value.span(), what).hint("for example 2, or [1.0, 0.5]"));
            return None;
        }
        let count = paper.integer(value, &(1..=u32::from(WORKERS_MAX)))?;
        return Some(vec![Speed(1000); usize::try_from(count).unwrap_or(most)]);
    };
    if list.is_empty() || list.len() > most {
        let what = format!("there are {} workers", list.len());
        paper.fault(Fault::new(value.span(), what).hint(format!("from 1 to {WORKERS_MAX} are allowed")));
        return None;
    }
    let items: Vec<&Value<'t>> = list.iter().collect();
    // How many there are is known even where a speed is wrong.
    let mut speed = |item| Speed(paper.decimal(item, SPEED).unwrap_or(1000));
    Some(items.into_iter().map(&mut speed).collect())
}

/// What can be written and can't be.
fn sense(paper: &mut Paper<'_>, section: Section<'_, '_>, settings: &Settings) {
    let quorum = matches!(settings.queue_type, QueueType::Quorum(_));
    if quorum && settings.queue == QueueKind::Transient {
        let key = if section.get("queue").is_some() {
            "queue"
        } else {
            "queue-type"
        };
        paper.fault(Fault::new(section.key(key), "a quorum queue is durable, always").hint("leave one of the two out"));
    }
}
