//! What a step of a script does: `publish 40`, `kill W2 reset`, `prefetch 10`.

use super::amount::{self, Decimal, JOBS_MAX, RATE, SCALE, SPEED, one_of, time, whole};
use super::fault::{Fault, meant};
use super::words::{ACK, ARRIVALS, BROKER, HABIT, KILL, LIKE, MESSAGES, QUEUE, SWITCH, WORKLOAD, Words, listed};
use crate::lab::{
    Bandwidth, Command, Latency, LineQuality, Prefetch, Producing, Rate, SAMPLE_MAX, Settings, Speed, TimeScale,
    WorkerId, Workload,
};
use std::ops::Range;

/// Each action, as it is written; what stands in capitals is for the writer to choose.
pub(super) const FORMS: &[(&str, &str)] = &[
    ("publish", "publish 40"),
    ("publish", "publish 40 at rate"),
    ("publish", "publish sample 5"),
    ("crash-test", "crash-test 5"),
    ("produce", "produce"),
    ("hold", "hold"),
    ("kill", "kill W2 reset"),
    ("revive", "revive W2"),
    ("add", "add worker 1.5"),
    ("remove", "remove W2"),
    ("speed", "speed W2 0.5"),
    ("habit", "habit W2 forgets"),
    ("prefetch", "prefetch 10"),
    ("qos", "qos 10"),
    ("ack", "ack auto"),
    ("queue", "queue transient"),
    ("messages", "messages transient"),
    ("confirms", "confirms on"),
    ("rate", "rate 2"),
    ("workload", "workload odd-heavy"),
    ("arrivals", "arrivals poisson"),
    ("latency", "latency 20ms"),
    ("bandwidth", "bandwidth 10000"),
    ("scale", "scale 2"),
    ("like", "like 3.10"),
    ("broker", "broker kill"),
];

/// An action, and where its worker stands, if it has one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Action {
    pub(super) does: Command,
    pub(super) worker: Option<(WorkerId, Range<usize>)>,
}

/// The words of an action, each with its place.
struct Line<'a> {
    text: &'a str,
    words: Vec<(&'a str, Range<usize>)>,
    next: usize,
    verb: &'a str,
}

/// Understands an action. `now`: the settings in force when it is done, for what is set in parts.
pub(super) fn parse(text: &str, now: &Settings) -> Result<Action, Fault> {
    let mut line = Line::new(text);
    let (verb, at) = line.word("what is to be done")?;
    line.verb = verb;
    let action = understand(&mut line, at, now)?;
    match line.words.get(line.next) {
        None => Ok(action),
        Some((word, at)) => Err(Fault::new(
            at.start..text.trim_end().len(),
            format!("`{word}` comes after a whole action"),
        )
        .hint(format!(
            "`{}` is all, a further action is a text of its own",
            &text[..at.start].trim()
        ))),
    }
}

fn understand(line: &mut Line<'_>, at: Range<usize>, now: &Settings) -> Result<Action, Fault> {
    let quality = now.line;
    let workload = now.workload;
    let plain = |does| Ok(Action { does, worker: None });
    match line.verb {
        "publish" => publish(line),
        "crash-test" => plain(Command::CrashTest(line.whole(1..=SAMPLE_MAX)?)),
        "produce" => plain(Command::Produce(Producing::On)),
        "hold" => plain(Command::Produce(Producing::Held)),
        "kill" => line.of_worker(|line, worker| Ok(Command::Kill(worker, line.kill()?))),
        "revive" => line.of_worker(|_, worker| Ok(Command::Revive(worker))),
        "add" => line.add(),
        "remove" => line.of_worker(|_, worker| Ok(Command::RemoveWorker(worker))),
        "speed" => line.of_worker(|line, worker| Ok(Command::SetSpeed(worker, Speed(line.decimal(SPEED)?)))),
        "habit" => line.of_worker(|line, worker| Ok(Command::SetHabit(worker, line.one(HABIT, "a habit")?))),
        "prefetch" => plain(Command::SetPrefetch(line.prefetch()?)),
        "qos" => plain(Command::SetQos(line.prefetch()?)),
        "ack" => plain(Command::SetAck(line.one(ACK, "a mode of acks")?)),
        "queue" => plain(Command::SetQueue(line.one(QUEUE, "a kind of queue")?)),
        "messages" => plain(Command::SetMessages(line.one(MESSAGES, "a kind of message")?)),
        "confirms" => plain(Command::SetConfirms(line.one(SWITCH, "on or off")?)),
        "rate" => plain(Command::SetRate(Rate(line.decimal(RATE)?))),
        "workload" => plain(Command::SetWorkload(Workload {
            sizes: line.one(WORKLOAD, "a workload")?,
            ..workload
        })),
        "arrivals" => plain(Command::SetWorkload(Workload {
            arrivals: line.one(ARRIVALS, "a kind of arrivals")?,
            ..workload
        })),
        "latency" => plain(Command::SetLine(LineQuality {
            latency: line.latency()?,
            ..quality
        })),
        "bandwidth" => plain(Command::SetLine(LineQuality {
            bandwidth: line.bandwidth()?,
            ..quality
        })),
        "scale" => plain(Command::SetScale(TimeScale(line.decimal(SCALE)?))),
        "like" => plain(Command::SetVersion(
            line.one(LIKE, "a version of RabbitMQ that is known here")?,
        )),
        "broker" => plain(Command::Broker(line.one(BROKER, "something that is done to a broker")?)),
        verb => Err(unknown(verb, at)),
    }
}

fn unknown(verb: &str, at: Range<usize>) -> Fault {
    let mut verbs: Vec<&str> = FORMS.iter().map(|row| row.0).collect();
    verbs.dedup();
    let hint = match verb {
        "pause" | "wait" | "sleep" => "the next step waits: give it `after = \"2s\"`".to_owned(),
        "reset" => "a script is one run from its beginning: it can't begin again".to_owned(),
        "start" | "stop" | "crash" => "did you mean `broker kill`, `broker stop` or `broker start`?".to_owned(),
        _ => meant(verb, verbs.iter().copied()),
    };
    Fault::new(at, format!("`{verb}` is no action"))
        .hint(hint)
        .help(format!("actions are: {}", verbs.join(", ")))
}

fn publish(line: &mut Line<'_>) -> Result<Action, Fault> {
    let plain = |does| Ok(Action { does, worker: None });
    if line.take("sample") {
        return plain(Command::PublishSample(line.whole(1..=SAMPLE_MAX)?));
    }
    let count = line.whole(1..=JOBS_MAX)?;
    if !line.take("at") {
        return plain(Command::Publish(count));
    }
    let (word, at) = line.word("`rate`")?;
    if word == "rate" {
        plain(Command::PublishAtRate(count))
    } else {
        let hint = match word {
            "once" => format!("`publish {count}` alone is at once"),
            _ => format!("write `publish {count} at rate`: the rate is set by `rate 2`"),
        };
        Err(Fault::new(at, format!("`{word}` instead of `rate`")).hint(hint))
    }
}

impl<'a> Line<'a> {
    fn new(text: &'a str) -> Self {
        let place = |word: &'a str| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (word, start..start + word.len())
        };
        Self {
            text,
            words: text.split_whitespace().map(place).collect(),
            next: 0,
            verb: "",
        }
    }

    fn word(&mut self, what: &str) -> Result<(&'a str, Range<usize>), Fault> {
        let found = self.words.get(self.next).cloned();
        self.next += 1;
        found.ok_or_else(|| {
            let end = self.text.trim_end().len();
            let form = FORMS
                .iter()
                .find(|row| row.0 == self.verb)
                .map_or("publish 40", |row| row.1);
            Fault::new(end..end, format!("{what} is missing")).hint(format!("for example `{form}`"))
        })
    }

    fn take(&mut self, wanted: &str) -> bool {
        let is = self.words.get(self.next).is_some_and(|(word, _)| *word == wanted);
        self.next += usize::from(is);
        is
    }

    fn of_worker(&mut self, rest: impl FnOnce(&mut Self, WorkerId) -> Result<Command, Fault>) -> Result<Action, Fault> {
        let (word, at) = self.word("a worker")?;
        let worker = amount::worker(word).ok_or_else(|| {
            let fault = Fault::new(at.clone(), format!("`{word}` is not a worker"));
            match amount::worker(&word.to_uppercase()) {
                Some(worker) => fault.hint(format!("did you mean `{worker}`?")),
                None => fault.hint("they are called W1, W2, …"),
            }
        })?;
        let does = rest(self, worker)?;
        Ok(Action {
            does,
            worker: Some((worker, at)),
        })
    }

    fn kill(&mut self) -> Result<crate::lab::KillKind, Fault> {
        let (first, at) = self
            .word("the way in which it ends")
            .map_err(|fault| fault.hint(format!("one of `{}`", listed(KILL).join("`, `"))))?;
        // `close connection` for `close-connection`.
        let rest: Vec<&str> = self.words[self.next..].iter().map(|(word, _)| *word).collect();
        let joined = [&[first], rest.as_slice()].concat().join("-");
        if !rest.is_empty() && listed(KILL).contains(&joined.as_str()) {
            return Err(
                Fault::new(at.start..self.text.trim_end().len(), "one word is wanted here")
                    .hint(format!("write `{joined}`")),
            );
        }
        one_of(KILL, first, at, "a way to end")
    }

    fn one<T: Copy>(&mut self, words: &Words<T>, what: &str) -> Result<T, Fault> {
        let (word, at) = self.word(what)?;
        one_of(words, word, at, what)
    }

    fn whole(&mut self, within: std::ops::RangeInclusive<u32>) -> Result<u32, Fault> {
        let (word, at) = self.word("a number")?;
        let number: i64 = word
            .replace('_', "")
            .parse()
            .map_err(|_| Fault::new(at.clone(), format!("`{word}` is not a whole number")))?;
        whole(number, &within).map_err(|(what, hint)| Fault::new(at, what).hint(hint))
    }

    fn decimal(&mut self, decimal: Decimal) -> Result<u32, Fault> {
        let (word, at) = self.word("a number")?;
        let number: f64 = word
            .parse()
            .map_err(|_| Fault::new(at.clone(), format!("`{word}` is not a number")))?;
        decimal
            .of(number)
            .map_err(|(what, hint)| Fault::new(at, what).hint(hint))
    }

    fn add(&mut self) -> Result<Action, Fault> {
        let (word, at) = self.word("`worker`")?;
        if word != "worker" {
            return Err(Fault::new(at, format!("`{word}` can't be added")).hint("`add worker`, or `add worker 1.5`"));
        }
        let speed = if self.words.len() > self.next {
            Speed(self.decimal(SPEED)?)
        } else {
            Speed(1000)
        };
        Ok(Action {
            does: Command::AddWorker(speed),
            worker: None,
        })
    }

    fn prefetch(&mut self) -> Result<Prefetch, Fault> {
        let number = self.whole(0..=u32::from(u16::MAX))?;
        Ok(Prefetch(u16::try_from(number).unwrap_or(u16::MAX)))
    }

    fn latency(&mut self) -> Result<Latency, Fault> {
        let (word, at) = self.word("a time")?;
        let fault = |(what, hint): amount::Refusal| Fault::new(at.clone(), what).hint(hint);
        latency(word).map_err(fault)
    }

    fn bandwidth(&mut self) -> Result<Bandwidth, Fault> {
        let (word, at) = self.word("a number of bytes a second")?;
        let number: i64 = word
            .replace('_', "")
            .parse()
            .map_err(|_| Fault::new(at.clone(), format!("`{word}` is not a number of bytes a second")))?;
        bandwidth(number).map_err(|(what, hint)| Fault::new(at, what).hint(hint))
    }
}

/// The longest latency, in milliseconds.
pub(super) const LATENCY_MAX: u16 = 2000;

/// The least bandwidth but for none at all: with less, connections don't come about.
pub(super) const BANDWIDTH_MIN: u32 = 500;

/// Whole milliseconds.
pub(super) fn latency(text: &str) -> Result<Latency, amount::Refusal> {
    let micros = time(text)?.0;
    u16::try_from(micros / 1000)
        .ok()
        .filter(|ms| micros % 1000 == 0 && *ms <= LATENCY_MAX)
        .map(Latency)
        .ok_or_else(|| {
            (
                format!("{text} is out of range"),
                "whole milliseconds from 0ms to 2000ms are allowed".to_owned(),
            )
        })
}

/// Bytes a second.
pub(super) fn bandwidth(number: i64) -> Result<Bandwidth, amount::Refusal> {
    u32::try_from(number)
        .ok()
        .filter(|bytes| *bytes == 0 || *bytes >= BANDWIDTH_MIN)
        .map(Bandwidth)
        .ok_or_else(|| {
            (
                format!("{number} bytes a second are out of range"),
                "0 for no limit, or 500 and more".to_owned(),
            )
        })
}
