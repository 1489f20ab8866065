//! From what passed to what is shown: the fields by their names, and the line that matters most.

use super::Fate;
use super::read::{Field, header_fields, method_fields, text};
use super::stream::{Content, Goodbye, Passed, What};
use crate::engine::mark::dots;
use crate::lab::{Elapsed, Frame, Party, Way};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Deliveries whose job is remembered for their ack.
const REMEMBERED: usize = 16_384;
/// Characters of a value that are shown.
const LONGEST: usize = 400;
/// Characters of a stranger's body in the summary.
const GLIMPSE: usize = 24;
/// More dots than this are a number.
const DOTS: usize = 5;

/// What is said of a frame that a silent network let go.
const SWALLOWED: &str = "swallowed by the network";
/// What the lab's messages and queues are known by.
const APP: &str = "dispatch-lab";

/// When and where something passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) number: u64,
    pub(super) at: Elapsed,
    pub(super) connection: u64,
    pub(super) party: Party,
    pub(super) way: Way,
    pub(super) fate: Fate,
}

/// Reads what passed, in order, and remembers which job a delivery tag stands for.
#[derive(Debug, Default)]
pub(super) struct Reader {
    jobs: HashMap<(u64, u16, u64), String>,
}

/// What is shown of a frame.
#[derive(Debug, Default)]
struct Shown {
    method: &'static str,
    summary: String,
    fields: Vec<Field>,
}

impl Reader {
    pub(super) fn read(&mut self, pass: Pass, passed: &Passed) -> Frame {
        let mut shown = match &passed.what {
            What::Greeting(version) => greeting(*version),
            What::Heartbeat => of("heartbeat", "still there"),
            What::End(Goodbye::Said) => of("socket closed", "in good order"),
            What::End(Goodbye::Unsaid) => of("socket closed", "no goodbye; unacked goes back"),
            What::Method(payload) => self.method(pass, passed.channel, payload),
            What::Content(content) => self.content(pass, passed.channel, content),
        };
        if pass.fate == Fate::Swallowed {
            let separator = if shown.summary.is_empty() { "" } else { " · " };
            let _ = write!(shown.summary, "{separator}{SWALLOWED}");
        }
        let fields = shown.fields.into_iter();
        Frame {
            number: pass.number,
            at: pass.at,
            party: pass.party,
            way: pass.way,
            channel: passed.channel,
            method: shown.method.into(),
            size: u32::try_from(passed.size).unwrap_or(u32::MAX),
            summary: shown.summary.into(),
            fields: fields
                .filter(|(name, _)| !name.starts_with("reserved"))
                .map(|(name, value)| (Arc::from(name), cut(value, LONGEST).into()))
                .collect(),
        }
    }

    fn method(&mut self, pass: Pass, channel: u16, payload: &[u8]) -> Shown {
        let Some((method, fields)) = method_fields(payload) else {
            return of("?", "can't be read");
        };
        let summary = match (method.name, pass.way) {
            ("basic.ack" | "basic.nack" | "basic.reject", Way::ToBroker) => self.settled(pass, channel, &fields),
            ("basic.ack", Way::FromBroker) => confirmed("confirms", &fields),
            ("basic.nack", Way::FromBroker) => confirmed("refuses", &fields),
            _ => plain(&fields),
        };
        Shown {
            method: method.name,
            summary,
            fields,
        }
    }

    fn content(&mut self, pass: Pass, channel: u16, content: &Content) -> Shown {
        let Some((method, mut fields)) = method_fields(&content.method) else {
            return of("?", "can't be read");
        };
        let (length, properties) = header_fields(&content.header).unwrap_or_default();
        let job = job(&properties, &content.body);
        if let Some(tag) = number(&fields, "delivery-tag") {
            self.remember((pass.connection, channel, tag), job.clone());
        }
        let summary = match method.name {
            "basic.publish" => published(&fields, &properties, &job),
            "basic.return" => format!("{job} · {}", value(&fields, "reply-text").unwrap_or_default()),
            _ => delivered(&fields, &job),
        };
        fields.extend(properties.into_iter().map(with_meaning));
        fields.push(("body-size", length.to_string()));
        fields.push(("body", text(&content.body)));
        Shown {
            method: method.name,
            summary,
            fields,
        }
    }

    fn remember(&mut self, key: (u64, u16, u64), job: String) {
        if self.jobs.len() >= REMEMBERED {
            // Acks of what is forgotten show their tag alone.
            self.jobs.clear();
        }
        self.jobs.insert(key, job);
    }

    fn settled(&mut self, pass: Pass, channel: u16, fields: &[Field]) -> String {
        let Some(tag) = number(fields, "delivery-tag") else {
            return String::new();
        };
        let mut line = format!("tag {tag}");
        if let Some(job) = self.jobs.remove(&(pass.connection, channel, tag)) {
            let _ = write!(line, " · {job}");
        }
        if is_set(fields, "multiple") {
            line.push_str(" · and all before it");
        }
        match value(fields, "requeue") {
            Some("true") => line.push_str(" · requeue"),
            Some(_) => line.push_str(" · don't requeue: dead-letter or drop it"),
            None => {}
        }
        line
    }
}

fn of(method: &'static str, summary: &str) -> Shown {
    Shown {
        method,
        summary: summary.to_owned(),
        fields: Vec::new(),
    }
}

fn greeting([_, major, minor, revision]: [u8; 4]) -> Shown {
    of("protocol header", &format!("AMQP {major}-{minor}-{revision}, please"))
}

/// Which message: the lab's job by its number and dots, a stranger's by how its body begins.
fn job(properties: &[Field], body: &[u8]) -> String {
    let dots = dots(body) as usize;
    match (value(properties, "app-id"), value(properties, "message-id")) {
        (Some(APP), Some(id)) if dots == 0 => format!("#{id}"),
        (Some(APP), Some(id)) if dots <= DOTS => format!("#{id} {}", "●".repeat(dots)),
        (Some(APP), Some(id)) => format!("#{id} ●×{dots}"),
        _ => format!("“{}”", cut(text(body), GLIMPSE)),
    }
}

fn delivered(fields: &[Field], job: &str) -> String {
    let tag = value(fields, "delivery-tag").unwrap_or_default();
    let again = if is_set(fields, "redelivered") {
        " · redelivered"
    } else {
        ""
    };
    format!("tag {tag} · {job}{again}")
}

fn published(fields: &[Field], properties: &[Field], job: &str) -> String {
    let mode = match value(properties, "delivery-mode") {
        Some("2") => " · persistent",
        _ => " · transient",
    };
    let to = match value(fields, "exchange") {
        None | Some("") => String::new(),
        Some(exchange) => format!(" · exchange {exchange}"),
    };
    // The lab's own queues say nothing new.
    let key = match value(fields, "routing-key") {
        Some(key) if !key.starts_with(APP) => format!(" · key {key}"),
        _ => String::new(),
    };
    format!("{job}{mode}{to}{key}")
}

fn confirmed(verb: &str, fields: &[Field]) -> String {
    let tag = value(fields, "delivery-tag").unwrap_or_default();
    let all = if is_set(fields, "multiple") {
        " and all before it"
    } else {
        ""
    };
    format!("{verb} publish {tag}{all}")
}

/// The fields that say something: flags that are set, texts that are not empty, numbers.
fn plain(fields: &[Field]) -> String {
    let said = fields.iter().filter_map(|(name, value)| match (*name, value.as_str()) {
        (name, _) if name.starts_with("reserved") => None,
        ("class-id" | "method-id" | "prefetch-size" | "version-major" | "version-minor", _)
        | (_, "false" | "" | "{}" | "•••") => None,
        (name, "true") => Some(name.to_owned()),
        ("reply-text" | "queue" | "type" | "mechanism", value) => Some(value.to_owned()),
        ("reply-code", code) => Some(code.to_owned()),
        ("arguments" | "server-properties" | "client-properties", table) => Some(table.to_owned()),
        (name, value) => Some(format!("{name} {value}")),
    });
    cut(said.collect::<Vec<_>>().join(" · "), LONGEST)
}

/// Numbers that stand for something.
fn with_meaning((name, value): Field) -> Field {
    let meaning = match (name, value.as_str()) {
        ("delivery-mode", "1") => " (transient)",
        ("delivery-mode", "2") => " (persistent)",
        _ => "",
    };
    (name, value + meaning)
}

fn value<'f>(fields: &'f [Field], name: &str) -> Option<&'f str> {
    fields.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
}

fn number(fields: &[Field], name: &str) -> Option<u64> {
    value(fields, name)?.parse().ok()
}

fn is_set(fields: &[Field], name: &str) -> bool {
    value(fields, name) == Some("true")
}

/// At most that many characters; a cut is marked.
fn cut(mut text: String, longest: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(longest) {
        text.truncate(at);
        text.push('…');
    }
    text
}
