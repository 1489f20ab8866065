//! Message properties: kept as the bytes that came, and read only as far as the broker must know them.

use super::{nesting, table};
use crate::broker::dispatch::{Message, Persistence, Priority, REPLY_TO, Table};
use amq_protocol::protocol::basic::{AMQPProperties, gen_properties, parse_properties};
use amq_protocol::types::parsing::ParserError;
use std::sync::Arc;

/// The properties of one or more messages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Properties {
    /// From the property flags on, exactly as they came; but without the `BCC` header, which consumers are not to see
    /// (RabbitMQ's sender-selected distribution).
    pub(crate) raw: Arc<[u8]>,
    /// `delivery_mode`
    pub(super) persistence: Persistence,
    /// `headers`
    pub(super) headers: Option<Arc<Table>>,
    /// `priority`
    pub(super) priority: Option<Priority>,
    /// `user_id`, to be compared with the logged-in user.
    pub(super) user_id: Option<String>,
    /// `expiration`, to be checked.
    pub(super) expiration: Option<String>,
    /// Whether `reply_to` asks for direct replies: the name that these go to takes its place.
    pub(super) wants_replies: bool,
}

/// Further routing keys that consumers are not to see.
const BCC: &str = "BCC";

impl Properties {
    /// Reads them; `None` if they make no sense.
    pub(crate) fn parse(raw: &[u8]) -> Option<Self> {
        if !nesting::is_sound_properties(raw) {
            return None;
        }
        let (rest, read) = parse_properties(raw).map_err(|_: ParserError| ()).ok()?;
        let hidden = read.headers().as_ref().is_some_and(|fields| fields.contains_key(BCC));
        rest.is_empty().then(|| Self {
            raw: if hidden { without_bcc(raw, &read) } else { raw.into() },
            persistence: match read.delivery_mode() {
                Some(2) => Persistence::Persistent,
                _ => Persistence::Transient,
            },
            headers: read.headers().as_ref().map(|fields| Arc::new(table::table(fields))),
            priority: read.priority().map(Priority),
            user_id: read.user_id().as_ref().map(ToString::to_string),
            expiration: read.expiration().as_ref().map(ToString::to_string),
            wants_replies: read.reply_to().as_ref().is_some_and(|name| name.as_str() == REPLY_TO),
        })
    }

    /// The property bytes with another `reply_to`.
    pub(super) fn with_reply_to(&self, name: &str) -> Arc<[u8]> {
        let read = parse_properties(&self.raw[..]).ok();
        let written = read.and_then(|(_, read)| write(&read.with_reply_to(table::short(name))));
        written.unwrap_or_else(|| Arc::clone(&self.raw))
    }
}

/// The property bytes of a message to which the broker has added headers. They replace the client's own of the same
/// name; everything is written anew, as RabbitMQ does with dead-lettered messages.
pub(crate) fn with_added(message: &Message, added: &Table) -> Arc<[u8]> {
    let Ok((_, read)) = parse_properties(&message.properties[..]) else {
        return Arc::clone(&message.properties);
    };
    let mut headers = read.headers().as_ref().map(table::table).unwrap_or_default();
    headers.extend(added.iter().map(|(name, value)| (name.clone(), value.clone())));
    let read = match message.expiration {
        Some(_) => read,
        None => without_expiration(&read),
    };
    write(&read.with_headers(table::fields(&headers))).unwrap_or_else(|| Arc::clone(&message.properties))
}

/// A dead letter does not expire once more. The library can set a property, but not take it away.
fn without_expiration(read: &AMQPProperties) -> AMQPProperties {
    let mut kept = AMQPProperties::default();
    macro_rules! keep {
        ($($property:ident by $set:ident),+) => {$(
            if let Some(value) = read.$property().clone() {
                kept = kept.$set(value);
            }
        )+};
    }
    keep!(content_type by with_content_type, content_encoding by with_content_encoding, headers by with_headers);
    keep!(delivery_mode by with_delivery_mode, priority by with_priority, correlation_id by with_correlation_id);
    keep!(reply_to by with_reply_to, message_id by with_message_id, timestamp by with_timestamp);
    keep!(kind by with_type, user_id by with_user_id, app_id by with_app_id, cluster_id by with_cluster_id);
    kept
}

fn without_bcc(raw: &[u8], read: &AMQPProperties) -> Arc<[u8]> {
    let mut headers = read.headers().as_ref().map(table::table).unwrap_or_default();
    headers.remove(BCC);
    write(&read.clone().with_headers(table::fields(&headers))).unwrap_or_else(|| raw.into())
}

fn write(properties: &AMQPProperties) -> Option<Arc<[u8]>> {
    let written = gen_properties(properties)(Vec::new().into()).ok()?;
    Some(written.into_inner().0.into())
}

#[cfg(test)]
mod tests {
    use super::{Properties, with_added};
    use crate::broker::dispatch::{Charge, Failures, IntKind, Message, Persistence, Table, Ttl, Value};
    use std::sync::Arc;

    /// Flags for headers, delivery mode and expiration; headers `{"n": U 7}` with the letter that the library rewrites.
    const RAW: &[u8] = b"\x31\x00\x00\x00\x00\x05\x01nU\x00\x07\x02\x0260";

    #[test]
    fn what_the_broker_needs_is_read_and_the_bytes_are_kept() {
        let read = Properties::parse(RAW).expect("valid");
        assert_eq!(&*read.raw, RAW);
        assert_eq!(read.persistence, Persistence::Persistent);
        assert_eq!(read.expiration.as_deref(), Some("60"));
        let headers: Table = [("n".to_owned(), Value::Int(IntKind::Short, 7))].into();
        assert_eq!(read.headers.as_deref(), Some(&headers));
    }

    #[test]
    fn truncated_or_overlong_properties_are_refused() {
        assert_eq!(Properties::parse(&RAW[..RAW.len() - 1]), None);
        assert_eq!(Properties::parse(&[RAW, b"x"].concat()), None);
        assert_eq!(Properties::parse(b""), None);
    }

    #[test]
    fn added_headers_join_the_clients_own() {
        let read = Properties::parse(RAW).expect("valid");
        let message = Message {
            exchange: "".into(),
            routing_key: "q".into(),
            properties: Arc::clone(&read.raw),
            body: Arc::from(&b""[..]),
            persistence: read.persistence,
            headers: read.headers,
            priority: read.priority,
            expiration: Some(Ttl(60)),
            added: None,
            failures: Failures::default(),
            charge: Charge::default(),
        };
        let added: Table = [("x-death".to_owned(), Value::Bool(true))].into();
        let merged = Properties::parse(&with_added(&message, &added)).expect("valid");
        let names: Vec<_> = merged.headers.as_deref().expect("headers").keys().cloned().collect();
        assert_eq!(names, ["n", "x-death"]);
        assert_eq!(merged.persistence, Persistence::Persistent);
        assert_eq!(merged.expiration.as_deref(), Some("60"));
        let letter = Message {
            expiration: None,
            ..message
        };
        let merged = Properties::parse(&with_added(&letter, &added)).expect("valid");
        assert_eq!(merged.expiration, None, "a dead letter expires no more");
        assert_eq!(merged.persistence, Persistence::Persistent);
        assert!(merged.headers.is_some());
    }
}
