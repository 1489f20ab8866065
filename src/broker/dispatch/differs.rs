//! A redeclaration that differs from what is there, in RabbitMQ's words.

use super::refusal::{ArgSeen, Refusal};
use super::value::Value;

/// Compares a redeclaration with what is there.
pub(super) struct Differs<'a> {
    pub(super) what: &'static str,
    pub(super) name: &'a str,
}

impl Differs<'_> {
    /// A property that both have.
    pub(super) fn plain(
        &self,
        arg: &'static str,
        current: impl ToString + Copy,
        asked: impl ToString + Copy,
    ) -> Result<(), Refusal> {
        let (current, asked) = (current.to_string(), asked.to_string());
        if current == asked {
            return Ok(());
        }
        Err(self.refusal(arg, ArgSeen::Plain(asked), ArgSeen::Plain(current)))
    }

    /// An argument that either may lack. RabbitMQ shows the types only where one side has none.
    pub(super) fn arg(&self, arg: &'static str, current: Option<&Value>, asked: Option<&Value>) -> Result<(), Refusal> {
        let (received, current) = match (asked, current) {
            (None, None) => return Ok(()),
            (Some(asked), Some(current)) if asked.is_same(current) => return Ok(()),
            (Some(asked), Some(current)) => (ArgSeen::Plain(show(asked)), ArgSeen::Plain(show(current))),
            (Some(asked), None) => (ArgSeen::Typed(asked.clone()), ArgSeen::None),
            (None, Some(current)) => (ArgSeen::None, ArgSeen::Typed(current.clone())),
        };
        Err(self.refusal(arg, received, current))
    }

    fn refusal(&self, arg: &'static str, received: ArgSeen, current: ArgSeen) -> Refusal {
        Refusal::InequivalentArg {
            what: self.what,
            name: self.name.to_owned(),
            arg,
            received,
            current,
        }
    }
}

/// A value as RabbitMQ prints it where the type is left out.
fn show(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(_, value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::LongStr(bytes) | Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Timestamp(seconds) => seconds.to_string(),
        Value::Void => "undefined".to_owned(),
        Value::Decimal(..) | Value::Array(_) | Value::Table(_) => format!("{value:?}"),
    }
}
