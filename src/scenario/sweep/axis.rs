//! What varies: `prefetch=0,1,2`, `workers=2..16`, `latency=0ms..40ms/10ms`.

use super::super::fault::Fault;
use super::super::file::written;
use super::grid::RUNS_MAX;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

/// A setting, in the words of a file, and the values that it has, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Which.
    pub setting: Arc<str>,
    /// As they were written, each once; at least one.
    pub values: Vec<Arc<str>>,
}

impl FromStr for Axis {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let example = "for example prefetch=0,1,5 or workers=2..16";
        let Some((setting, list)) = text.split_once('=') else {
            return Err(Fault::new(0..text.len(), "a setting and its values are wanted").hint(example));
        };
        let (setting, offset) = (setting.trim(), setting.len() + 1);
        let mut values: Vec<Arc<str>> = Vec::new();
        for (at, item) in items(list, offset) {
            if item.is_empty() {
                let fault = match written(setting, "0") {
                    // An unknown setting is the greater mistake.
                    Err(fault) if fault.at.start == 0 && !fault.help.is_empty() => fault,
                    _ => Fault::new(at, format!("a value of {setting} is missing")).hint(example),
                };
                return Err(fault);
            }
            for value in range(item, &at)?.unwrap_or_else(|| vec![item.to_owned()]) {
                written(setting, &value).map_err(|fault| Fault {
                    at: at.clone(),
                    ..fault
                })?;
                if values.iter().any(|other| **other == *value) {
                    return Err(Fault::new(at, format!("{setting} is {value} twice")));
                }
                values.push(value.into());
            }
        }
        Ok(Self {
            setting: setting.into(),
            values,
        })
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.setting, self.values.join(","))
    }
}

/// What stands between commas that are in no brackets, and where.
fn items(list: &str, offset: usize) -> Vec<(Range<usize>, &str)> {
    let (mut found, mut begin, mut depth) = (Vec::new(), 0, 0_u32);
    let ends = list.char_indices().filter(|(_, c)| "[],".contains(*c));
    for (at, sign) in ends.chain([(list.len(), ',')]) {
        match sign {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 || at == list.len() => {
                found.push((offset + begin..offset + at, list[begin..at].trim()));
                begin = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// `2..16`, `2..16/2`, `0ms..20ms/5ms`, both ends included; `None`: it is none.
fn range(item: &str, at: &Range<usize>) -> Result<Option<Vec<String>>, Fault> {
    let Some((first, rest)) = item.split_once("..").filter(|_| !item.starts_with('[')) else {
        return Ok(None);
    };
    let wrong = |what: String, hint: &str| Err(Fault::new(at.clone(), what).hint(hint));
    let (last, step) = match rest.split_once('/') {
        Some((last, step)) => (last, Some(step)),
        None => (rest, None),
    };
    let parts = [first, last, step.unwrap_or("1")].map(whole);
    let [Some((first, unit)), Some((last, last_unit)), Some((step, step_unit))] = parts else {
        return wrong(
            format!("`{item}` is not a range"),
            "whole numbers: 2..16, or 2..16/2 with a step, or 0ms..20ms/5ms",
        );
    };
    if last_unit != unit || (rest.contains('/') && step_unit != unit) {
        let hint = "all of them have the same unit: 0ms..20ms/5ms";
        return wrong(format!("`{item}` mixes units"), hint);
    }
    if step == 0 || last < first {
        return wrong(format!("`{item}` leads nowhere"), "it goes up: 2..16, or 2..16/2");
    }
    if (last - first) / step >= RUNS_MAX as u64 {
        return wrong(format!("`{item}` has too many values"), "a larger step helps");
    }
    let (mut values, mut next) = (Vec::new(), Some(first));
    while let Some(value) = next.filter(|value| *value <= last) {
        values.push(format!("{value}{unit}"));
        next = value.checked_add(step);
    }
    Ok(Some(values))
}

/// A whole number and its unit.
fn whole(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let is_unit = unit.chars().all(|c| c.is_ascii_alphabetic());
    digits.parse().ok().filter(|_| is_unit).map(|number| (number, unit))
}
