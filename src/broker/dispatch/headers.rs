//! The headers exchange's rule: does a message's header table match a binding's arguments?

use super::value::{Table, Value};

const MATCH: &str = "x-match";

/// `x-match`: how many headers must match, and whether those named `x-…` take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    All { with_x: bool },
    Any { with_x: bool },
}

fn rule(name: Option<&str>) -> Option<Rule> {
    match name {
        None | Some("all") => Some(Rule::All { with_x: false }),
        Some("any") => Some(Rule::Any { with_x: false }),
        Some("all-with-x") => Some(Rule::All { with_x: true }),
        Some("any-with-x") => Some(Rule::Any { with_x: true }),
        Some(_) => None,
    }
}

/// Whether `x-match` can be used; else RabbitMQ's text.
pub(super) fn validate(args: &Table) -> Result<(), String> {
    match args.get(MATCH) {
        None => Ok(()),
        Some(value @ Value::LongStr(bytes)) => match value.as_text().and_then(|name| rule(Some(name))) {
            Some(_) => Ok(()),
            None => Err(format!(
                "Invalid x-match field value <<\"{}\">>; expected all, any, all-with-x, or any-with-x",
                String::from_utf8_lossy(bytes)
            )),
        },
        Some(other) => Err(format!(
            "Invalid x-match field type {}; expected longstr",
            other.type_name()
        )),
    }
}

/// Whether `headers` match the binding's `args`. A void argument asks only that the header is there.
pub(super) fn matches(args: &Table, headers: Option<&Table>) -> bool {
    let Some(rule) = rule(args.get(MATCH).and_then(Value::as_text)) else {
        return false;
    };
    let (Rule::All { with_x } | Rule::Any { with_x }) = rule;
    let mut wanted = args
        .iter()
        .filter(|(name, _)| *name != MATCH && (with_x || !name.starts_with("x-")));
    let has = |(name, wanted): (&String, &Value)| {
        headers
            .and_then(|headers| headers.get(name))
            .is_some_and(|value| *wanted == Value::Void || wanted.is_same(value))
    };
    match rule {
        Rule::All { .. } => wanted.all(has),
        Rule::Any { .. } => wanted.any(has),
    }
}
