//! The same file with other settings, as a sweep runs it: read anew for each, since what an action sets, and which
//! workers there are, depends on the settings.

use super::super::fault::{Fault, meant};
use super::super::mistake::Mistake;
use super::paper::{Paper, Section};
use super::settings::{self, Start};
use super::{read, steps};
use crate::lab::{QueueType, Script, Settings, Version};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::DeTable;

/// A file that is right, to be read with other settings.
#[derive(Debug)]
pub struct Variations<'t> {
    text: &'t str,
    document: Spanned<DeTable<'t>>,
}

/// What a run begins with, and what happens in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Varied {
    /// How it begins.
    pub settings: Settings,
    /// As which RabbitMQ the broker behaves.
    pub version: Version,
    /// What happens.
    pub script: Script,
}

/// Why there is no such run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// The settings contradict each other, or one of them is wrong.
    #[error("{0}")]
    Settings(Fault),
    /// The script can't be played with them.
    #[error("the script can't be played")]
    Script(Vec<Mistake>),
}

/// How the value of a setting is written in a file.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Written {
    Number(String),
    Switch(bool),
    /// With its brackets.
    List(String),
    Text(String),
}

impl<'t> Variations<'t> {
    /// Of a file, or all that is wrong with it.
    pub fn of(text: &'t str) -> Result<Self, Vec<Mistake>> {
        read(text)?;
        let (document, _) = DeTable::parse_recoverable(text);
        Ok(Self { text, document })
    }

    /// With these settings and their values, as words; all others are as the file says.
    pub fn with(&self, set: &[(&str, &str)]) -> Result<Varied, Unfit> {
        let root = Section {
            name: "the file",
            table: self.document.get_ref(),
            start: 0,
            end: 0,
        };
        let mut paper = Paper {
            text: self.text,
            faults: Vec::new(),
        };
        let mut start = super::start(&mut paper, root);
        change(&mut start, set).map_err(Unfit::Settings)?;
        let steps = steps::read(&mut paper, root);
        let play = steps::play(&mut paper, &steps, &start, &BTreeMap::new());
        let (end, limit) = steps::end(&mut paper, root, &play);
        if !paper.faults.is_empty() {
            let mistakes = paper.faults.iter().map(|fault| Mistake::new(self.text, fault));
            return Err(Unfit::Script(mistakes.collect()));
        }
        let script = Script {
            cues: play.cues,
            end,
            limit,
        };
        Ok(Varied {
            settings: start.settings,
            version: start.version,
            script,
        })
    }
}

/// How a value is written in a file; `Err`: there is no such setting, or it has no such value, whatever else is set.
pub(in super::super) fn written(setting: &str, value: &str) -> Result<Written, Fault> {
    let keys = || settings::KEYS.into_iter().chain(["like"]);
    if !keys().any(|key| key == setting) {
        let hint = match setting {
            "jobs" => "how many there are is said by --jobs N".to_owned(),
            _ => meant(setting, keys()),
        };
        let list = keys().collect::<Vec<_>>().join(", ");
        let fault = Fault::new(0..setting.len(), format!("`{setting}` is no setting")).hint(hint);
        return Err(fault.help(format!("settings are: {list}")));
    }
    let mut alone = Start {
        settings: Settings::default(),
        version: Version::default(),
    };
    if setting == "delivery-limit" {
        alone.settings.queue_type = QueueType::Quorum(crate::lab::DeliveryLimit::default());
    }
    change(&mut alone, &[(setting, value)])?;
    Ok(as_written(setting, value))
}

/// Settings whose values are words, which stand in quotes, even where they look like numbers.
const TEXTS: [&str; 10] = [
    "ack",
    "queue",
    "queue-type",
    "sharing",
    "messages",
    "workload",
    "arrivals",
    "latency",
    "heartbeat",
    "like",
];

fn as_written(setting: &str, value: &str) -> Written {
    let text = || Written::Text(value.to_owned());
    match value {
        _ if TEXTS.contains(&setting) => text(),
        "true" | "on" => Written::Switch(true),
        "false" | "off" => Written::Switch(false),
        _ if value.parse::<f64>().is_ok() => Written::Number(value.to_owned()),
        _ if value.starts_with('[') && !value.contains(char::is_control) => Written::List(value.to_owned()),
        _ => text(),
    }
}

fn change(start: &mut Start, set: &[(&str, &str)]) -> Result<(), Fault> {
    let line = |(setting, value): &(&str, &str)| match as_written(setting, value) {
        Written::Number(number) | Written::List(number) => format!("{setting} = {number}\n"),
        Written::Switch(on) => format!("{setting} = {on}\n"),
        Written::Text(text) => format!("{setting} = {}\n", toml::Value::String(text)),
    };
    let text: String = set.iter().map(line).collect();
    let (document, errors) = DeTable::parse_recoverable(&text);
    if let Some(error) = errors.first() {
        return Err(Fault::new(error.span().unwrap_or(0..0), error.message().to_owned()));
    }
    let mut paper = Paper {
        text: &text,
        faults: Vec::new(),
    };
    let section = Section {
        name: "the settings",
        table: document.get_ref(),
        start: 0,
        end: text.len(),
    };
    settings::read(&mut paper, section, start);
    match paper.faults.into_iter().next() {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "vary_tests.rs"]
mod tests;
