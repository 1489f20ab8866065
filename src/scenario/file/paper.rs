//! A file as it lies on the desk: its tables and values with their places, and the list of what is wrong with it.

use super::super::amount::{Decimal, Refusal, one_of, whole};
use super::super::fault::{Fault, meant, nearest};
use super::super::words::Words;
use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// The text and what was found to be wrong with it.
pub(super) struct Paper<'t> {
    pub(super) text: &'t str,
    pub(super) faults: Vec<Fault>,
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) struct Section<'a, 't> {
    /// As it is written: `[settings]`.
    pub(super) name: &'static str,
    pub(super) table: &'a DeTable<'t>,
    /// Where it begins: what is missing in it is missing there.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A string of the file.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: Arc<str>,
    /// Where it stands, with its quotes.
    pub(super) at: Range<usize>,
    /// Where its first character stands, if the characters of the file are those of the string.
    inside: Option<usize>,
}

impl Piece {
    /// The place of a part of it in the file.
    pub(super) fn place(&self, part: &Range<usize>) -> Range<usize> {
        match self.inside {
            Some(start) => start + part.start..start + part.end,
            None => self.at.clone(),
        }
    }

    /// A fault inside it, with its place in the file.
    pub(super) fn rebase(&self, fault: Fault) -> Fault {
        Fault {
            at: self.place(&fault.at),
            ..fault
        }
    }
}

impl<'a, 't> Section<'a, 't> {
    pub(super) fn at(&self) -> Range<usize> {
        self.start..self.end
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value<'t>> {
        self.table.get(key)
    }

    /// Whether a place is in it, or in its header.
    pub(super) fn covers(&self, at: &Range<usize>) -> bool {
        let inside = self.table.iter().flat_map(|(key, value)| [key.span(), value.span()]);
        self.at().contains(&at.start) || inside.into_iter().any(|place| place.contains(&at.start))
    }

    /// The place of a key.
    pub(super) fn key(&self, key: &str) -> Range<usize> {
        self.table.get_key_value(key).map_or(self.at(), |(key, _)| key.span())
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl<'t> Paper<'t> {
    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// What the text of the file says there, shortened.
    pub(super) fn says(&self, at: &Range<usize>) -> &'t str {
        self.text.get(at.clone()).unwrap_or_default()
    }

    /// Keeps what is right; what is wrong is noted.
    pub(super) fn keep<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.faults.push(fault)).ok()
    }

    fn keep_at<T>(&mut self, at: Range<usize>, result: Result<T, Refusal>) -> Option<T> {
        self.keep(result.map_err(|(what, hint)| Fault::new(at, what).hint(hint)))
    }

    /// Notes each key that is not in the list. `elsewhere` tells where a key belongs that is known but not here.
    pub(super) fn known(
        &mut self,
        section: Section<'_, 't>,
        keys: &[&str],
        elsewhere: fn(&str) -> Option<&'static str>,
    ) {
        for (key, _) in section.table {
            let word: &str = key.get_ref();
            if keys.contains(&word) {
                continue;
            }
            let near = meant(word, keys.iter().copied());
            let hint = match elsewhere(word).filter(|_| near.is_empty()) {
                Some(place) => format!("it belongs under {place}"),
                None => near,
            };
            self.fault(
                Fault::new(key.span(), format!("`{word}` is not known in {}", section.name))
                    .hint(hint)
                    .help(format!("{} has: {}", section.name, keys.join(", "))),
            );
        }
    }

    /// Notes that a key is missing; not where another key is probably this one with a typing error.
    pub(super) fn missing(&mut self, section: Section<'_, 't>, key: &str, example: &str) {
        if section
            .table
            .iter()
            .any(|(other, _)| nearest(other.get_ref(), [key]).is_some())
        {
            return;
        }
        self.fault(
            Fault::new(section.at(), format!("`{key}` is missing in {}", section.name))
                .hint(format!("for example {key} = {example}")),
        );
    }

    fn wrong_kind(&mut self, value: &Value<'t>, wanted: &str, hint: String) {
        let what = format!("{wanted} is wanted here, not {}", kind(value.get_ref()));
        self.fault(Fault::new(value.span(), what).hint(hint));
    }

    pub(super) fn table<'a>(&mut self, value: &'a Value<'t>, name: &'static str) -> Option<Section<'a, 't>> {
        if let DeValue::Table(table) = value.get_ref() {
            let Range { start, end } = value.span();
            return Some(Section {
                name,
                table,
                start,
                end,
            });
        }
        let hint = match value.get_ref() {
            DeValue::Array(_) => format!("it is there once: write {name}"),
            _ => format!("write {name} on a line of its own, and its keys below"),
        };
        self.wrong_kind(value, "a table", hint);
        None
    }

    /// The tables of a list: `[[script]]`.
    pub(super) fn tables<'a>(
        &mut self,
        value: Option<&'a Value<'t>>,
        name: &'static str,
        most: usize,
    ) -> Vec<Section<'a, 't>> {
        let Some(value) = value else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            let hint = match value.get_ref() {
                DeValue::Table(_) => format!("there may be several: write {name} with two brackets"),
                _ => format!("write {name} on a line of its own, and its keys below"),
            };
            self.wrong_kind(value, "a list of tables", hint);
            return Vec::new();
        };
        if list.len() > most {
            self.fault(Fault::new(
                value.span(),
                format!("too many: there are {} of {name}, {most} are allowed", list.len()),
            ));
        }
        let items = list.iter().take(most).collect::<Vec<_>>();
        items.into_iter().filter_map(|item| self.table(item, name)).collect()
    }

    pub(super) fn piece(&mut self, value: &Value<'t>, what: &str) -> Option<Piece> {
        let DeValue::String(string) = value.get_ref() else {
            let literal = self.says(&value.span()).to_owned();
            let hint = match value.get_ref() {
                DeValue::Array(_) | DeValue::Table(_) => String::new(),
                _ => format!("in quotes: \"{literal}\""),
            };
            self.wrong_kind(value, what, hint);
            return None;
        };
        let inside = match string {
            Cow::Borrowed(part) => (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize),
            Cow::Owned(_) => None,
        };
        Some(Piece {
            text: string.as_ref().into(),
            at: value.span(),
            inside,
        })
    }

    /// A text for people: its white space made plain.
    pub(super) fn prose(&mut self, value: &Value<'t>, most: usize) -> Option<Arc<str>> {
        let piece = self.piece(value, "a text")?;
        if let Some(odd) = piece.text.chars().find(|c| c.is_control() && !c.is_whitespace()) {
            self.fault(Fault::new(
                piece.at,
                format!("the control character {} can't be shown", odd.escape_unicode()),
            ));
            return None;
        }
        let plain = piece.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = plain.chars().count();
        if length > most {
            self.fault(Fault::new(
                piece.at,
                format!("too long: it has {length} characters, {most} are allowed"),
            ));
            return None;
        }
        if plain.is_empty() {
            self.fault(Fault::new(piece.at, "nothing stands here"));
            return None;
        }
        Some(plain.into())
    }

    /// One text, or a list of them.
    pub(super) fn one_or_more<'a>(&mut self, value: &'a Value<'t>, what: &str, most: usize) -> Vec<&'a Value<'t>> {
        match value.get_ref() {
            DeValue::Array(list) if list.len() <= most => list.iter().collect(),
            DeValue::Array(list) => {
                let many = list.len();
                self.fault(Fault::new(
                    value.span(),
                    format!("too many: {many} in one list, {most} are allowed"),
                ));
                Vec::new()
            }
            DeValue::String(_) => vec![value],
            _ => {
                self.wrong_kind(value, what, String::new());
                Vec::new()
            }
        }
    }

    pub(super) fn integer(&mut self, value: &Value<'t>, within: &RangeInclusive<u32>) -> Option<u32> {
        let wide = i64::from(*within.start())..=i64::from(*within.end());
        let number = self.long(value, &wide)?;
        self.keep_at(value.span(), whole(number, within))
    }

    /// A whole number of any size that the file may have.
    pub(super) fn long(&mut self, value: &Value<'t>, within: &RangeInclusive<i64>) -> Option<i64> {
        let DeValue::Integer(integer) = value.get_ref() else {
            let bare = match value.get_ref() {
                DeValue::String(text) if text.trim().parse::<i64>().is_ok() => {
                    format!("without quotes: {}", text.trim())
                }
                _ => format!("from {} to {}", within.start(), within.end()),
            };
            self.wrong_kind(value, "a whole number", bare);
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let found = number.filter(|number| within.contains(number));
        if found.is_none() {
            let what = format!("{} is out of range", integer.as_str());
            let hint = format!("from {} to {} is allowed", within.start(), within.end());
            self.fault(Fault::new(value.span(), what).hint(hint));
        }
        found
    }

    pub(super) fn decimal(&mut self, value: &Value<'t>, decimal: Decimal) -> Option<u32> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let Some(number) = number else {
            let (low, high) = decimal.bounds();
            let bare = match value.get_ref() {
                DeValue::String(text) if text.trim().parse::<f64>().is_ok() => {
                    format!("without quotes: {}", text.trim())
                }
                _ => format!("from {low} to {high}"),
            };
            self.wrong_kind(value, "a number", bare);
            return None;
        };
        self.keep_at(value.span(), decimal.of(number))
    }

    pub(super) fn boolean(&mut self, value: &Value<'t>) -> Option<bool> {
        if let DeValue::Boolean(is) = value.get_ref() {
            return Some(*is);
        }
        self.wrong_kind(value, "true or false", "without quotes".to_owned());
        None
    }

    pub(super) fn word<T: Copy>(&mut self, value: &Value<'t>, words: &Words<T>, what: &str) -> Option<T> {
        let piece = self.piece(
            value,
            &format!("one of \"{}\"", super::super::words::listed(words).join("\", \"")),
        )?;
        let result = one_of(words, &piece.text, 0..piece.text.len(), what);
        self.keep(result.map_err(|fault| piece.rebase(fault)))
    }

    /// Something that a text says in a way of its own, such as a time.
    pub(super) fn said<T>(
        &mut self,
        value: &Value<'t>,
        what: &str,
        read: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        if let DeValue::Integer(_) | DeValue::Float(_) = value.get_ref() {
            let number = self.says(&value.span()).to_owned();
            let hint = format!("it has a unit and quotes: \"{number}s\" or \"{number}ms\"");
            self.wrong_kind(value, what, hint);
            return None;
        }
        let piece = self.piece(value, what)?;
        self.keep_at(piece.at.clone(), read(&piece.text))
    }
}
