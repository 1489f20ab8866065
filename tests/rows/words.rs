//! Lines taken apart: words, options, values.

use amq_protocol::types::{AMQPValue, FieldArray, FieldTable};

/// Splits at spaces that are not inside parentheses.
pub(crate) fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut depth) = (Vec::new(), String::new(), 0_i32);
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if letter.is_whitespace() && depth == 0 {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
        } else {
            word.push(letter);
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// One request: a verb, words, and options `key=value`.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) verb: String,
    pub(crate) words: Vec<String>,
    options: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn of(text: &str) -> Self {
        let mut all = split(text).into_iter();
        let verb = all.next().unwrap_or_default();
        let (options, words): (Vec<_>, Vec<_>) = all.partition(|word| word.contains('=') && !word.starts_with('#'));
        let options = options
            .iter()
            .filter_map(|option| option.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Self { verb, words, options }
    }

    /// The word at that place.
    pub(crate) fn word(&self, at: usize) -> &str {
        let word = self.words.get(at);
        word.unwrap_or_else(|| panic!("{} needs {} words", self.verb, at + 1))
    }

    /// Whether the word is among them.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word == flag)
    }

    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.option(name).map(number)
    }

    /// The options with that prefix, without it.
    pub(crate) fn table(&self, prefix: &str) -> Vec<(&str, &str)> {
        let options = self.options.iter();
        options
            .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
            .collect()
    }

    /// The options that are the broker's arguments: `x-…` and `alternate-exchange`.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = (&str, &str)> {
        let options = self.options.iter();
        options
            .filter(|(key, _)| key.starts_with("x-") || key == "alternate-exchange")
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

pub(crate) fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

/// `3` or `3-7`
pub(crate) fn numbers(text: &str) -> std::ops::RangeInclusive<u32> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    number(first)..=number(last)
}

/// `-` is the empty text.
pub(crate) fn text(word: &str) -> &str {
    if word == "-" { "" } else { word }
}

/// `5`, `true`, `void`, `"5"`, `[a,b]`, or a text.
pub(crate) fn value(word: &str) -> AMQPValue {
    if let Ok(int) = word.parse::<i32>() {
        return AMQPValue::LongInt(int);
    }
    if let Ok(int) = word.parse::<i64>() {
        return AMQPValue::LongLongInt(int);
    }
    if let Some(list) = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return AMQPValue::FieldArray(FieldArray::from(list.split(',').map(value).collect::<Vec<_>>()));
    }
    match word {
        "true" => AMQPValue::Boolean(true),
        "false" => AMQPValue::Boolean(false),
        "void" => AMQPValue::Void,
        _ => AMQPValue::LongString(text(word.trim_matches('"')).into()),
    }
}

/// A value as the tables write it.
pub(crate) fn tell(value: &AMQPValue) -> String {
    match value {
        AMQPValue::Boolean(flag) => flag.to_string(),
        AMQPValue::ShortShortInt(int) => int.to_string(),
        AMQPValue::ShortInt(int) => int.to_string(),
        AMQPValue::LongInt(int) => int.to_string(),
        AMQPValue::LongLongInt(int) => int.to_string(),
        AMQPValue::LongUInt(int) => int.to_string(),
        AMQPValue::LongString(text) => text.to_string(),
        AMQPValue::FieldArray(all) => {
            let all: Vec<String> = all.as_slice().iter().map(tell).collect();
            all.join(",")
        }
        AMQPValue::FieldTable(table) => tell_table(table),
        AMQPValue::Void => "void".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Without `time`, which no table can know.
fn tell_table(table: &FieldTable) -> String {
    let fields = table.inner().iter();
    let fields: Vec<String> = fields
        .filter(|(name, _)| name.as_str() != "time")
        .map(|(name, value)| format!("{name}={}", tell(value)))
        .collect();
    format!("({})", fields.join(" "))
}

/// The names of the methods that refusals name.
pub(crate) fn method_name(class: u16, method: u16) -> String {
    let name = match (class, method) {
        (0, 0) => return String::new(),
        (10, 31) => "connection.tune-ok",
        (10, 40) => "connection.open",
        (20, 10) => "channel.open",
        (20, 20) => "channel.flow",
        (40, 10) => "exchange.declare",
        (40, 20) => "exchange.delete",
        (40, 30) => "exchange.bind",
        (50, 10) => "queue.declare",
        (50, 20) => "queue.bind",
        (50, 30) => "queue.purge",
        (50, 40) => "queue.delete",
        (60, 10) => "basic.qos",
        (60, 20) => "basic.consume",
        (60, 40) => "basic.publish",
        (60, 70) => "basic.get",
        (60, 80) => "basic.ack",
        (60, 90) => "basic.reject",
        (60, 110) => "basic.recover",
        (60, 120) => "basic.nack",
        (85, 10) => "confirm.select",
        (90, 10) => "tx.select",
        (90, 20) => "tx.commit",
        _ => return format!("; {class}.{method}"),
    };
    format!("; {name}")
}
