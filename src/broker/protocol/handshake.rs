//! From the first eight bytes to `connection.open-ok` (AMQP 0-9-1, section 2.2.4), and what can't be read at all.
//!
//! A client may send everything at once without waiting. Who breaks the rules before being let in is dropped without
//! a word after a delay, as RabbitMQ does, except for a login that failed and a virtual host that does not exist.

use super::auth::{Login, log_in};
use super::connection::{Connection, Stage};
use super::frame::{ClosedHow, Fault, Frame, Incoming, Output, Reply};
use super::heartbeat::Heartbeat;
use super::memory::Hearing;
use super::refusal::{Code, Exception, MethodId, Refused};
use super::rules::{AMQP_0_9_1, Rules};
use super::session::{Session, Shared};
use crate::broker::dispatch::{Life, VhostId};
use amq_protocol::protocol::{AMQPClass, connection};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::fmt::Write;
use std::sync::Arc;

/// What the broker offers and allows. The defaults are RabbitMQ's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Channels per connection.
    pub(crate) channel_max: u16,
    /// Bytes per frame, with its header and end octet.
    pub(crate) frame_max: u32,
    /// Seconds between heartbeats that are proposed.
    pub(crate) heartbeat_s: u16,
    /// Connections beyond this may not enter a virtual host.
    pub(crate) max_connections: usize,
    /// How long the handshake may take.
    pub(crate) handshake_ms: u64,
    /// The largest body in bytes; `None`: the version's own.
    pub(crate) message_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            channel_max: 2047,
            frame_max: 131_072,
            heartbeat_s: 60,
            max_connections: 4096,
            handshake_ms: 10_000,
            message_bytes: None,
        }
    }
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The protocol header.
    Header,
    /// `connection.start-ok`
    StartOk,
    /// `connection.tune-ok`
    TuneOk,
    /// `connection.open`
    Open,
}

/// The protocol header of AMQP 0-9-1, and that of AMQP 0-9, which RabbitMQ takes for the same.
const HEADERS: [[u8; 8]; 2] = [AMQP_0_9_1, *b"AMQP\x01\x01\x00\x09"];

/// How long a client that broke the rules waits for its end.
const PENALTY_MS: u64 = 1500;

/// The smallest frame that anyone must take (AMQP 0-9-1, section 1.2, `frame-min-size`).
pub(crate) const FRAME_MIN: u32 = 4096;

/// What clients may rely on, named as RabbitMQ names it.
const CAPABILITIES: [&str; 9] = [
    "publisher_confirms",
    "exchange_exchange_bindings",
    "basic.nack",
    "consumer_cancel_notify",
    "connection.blocked",
    "consumer_priorities",
    "authentication_failure_close",
    "per_consumer_qos",
    "direct_reply_to",
];

/// A frame before the connection is open.
pub(super) fn frame(connection: &mut Connection, session: &mut Session, step: Step, incoming: Incoming) {
    match (step, incoming.frame) {
        (Step::Header, Frame::ProtocolHeader(header)) => protocol_header(connection, session, header),
        (_, Frame::Heartbeat) => {}
        (step, Frame::Method(method)) if incoming.channel == 0 => match (step, *method) {
            (Step::StartOk, AMQPClass::Connection(connection::AMQPMethod::StartOk(ok))) => {
                start_ok(connection, session, &ok);
            }
            (Step::TuneOk, AMQPClass::Connection(connection::AMQPMethod::TuneOk(ok))) => {
                tune_ok(connection, session, &ok);
            }
            (Step::Open, AMQPClass::Connection(connection::AMQPMethod::Open(open))) => {
                self::open(connection, session, open.virtual_host.as_str());
            }
            (_, AMQPClass::Connection(connection::AMQPMethod::Close(_))) => connection.closed_by_client(session),
            _ => connection.end(session.now, PENALTY_MS),
        },
        _ => connection.end(session.now, PENALTY_MS),
    }
}

/// A close for what can't be read; `None`: no close frame, as RabbitMQ drops clients with unknown methods.
pub(super) fn fault_refusal(fault: Fault) -> Option<Exception> {
    let (text, at) = match fault {
        Fault::UnknownMethod => return None,
        Fault::BadEnd { kind, payload, octet } => (
            framing(kind, &payload, &format!("{{invalid_frame_end_marker,{octet}}}")),
            MethodId::default(),
        ),
        Fault::UnknownType { kind, payload } => (framing(kind, &payload, "unknown_frame"), MethodId::default()),
        Fault::TooLarge { kind, size, limit } => (
            framing(kind, &[], &format!("{{frame_too_large,{size},{limit}}}")),
            MethodId::default(),
        ),
        Fault::BadArguments { class, method, payload } => (
            format!("cannot decode {}", octets(&payload)),
            MethodId::new(class, method),
        ),
    };
    Some(Refused::connection(Code::FrameError, text).at(at))
}

fn protocol_header(connection: &mut Connection, session: &mut Session, header: [u8; 8]) {
    if !HEADERS.contains(&header) {
        session.send(Reply::ProtocolHeader(session.shared.rules.answer_to(header)));
        return connection.drop_socket(session, ClosedHow::Flushed);
    }
    let start = connection::AMQPMethod::Start(connection::Start {
        version_major: 0,
        version_minor: 9,
        server_properties: server_properties(&session.shared.rules),
        mechanisms: session.shared.rules.mechanisms.into(),
        locales: "en_US".into(),
    });
    session.method(0, AMQPClass::Connection(start));
    connection.stage = Stage::Handshake(Step::StartOk);
}

/// What the embedded broker calls itself: `dispatch-lab 0.1.0`.
const PLATFORM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

fn server_properties(rules: &Rules) -> FieldTable {
    let mut capabilities = FieldTable::default();
    for name in CAPABILITIES {
        capabilities.insert(name.into(), AMQPValue::Boolean(true));
    }
    let mut properties = FieldTable::default();
    properties.insert("capabilities".into(), AMQPValue::FieldTable(capabilities));
    for (name, value) in [
        // Clients ask these two for what a broker can do; who it really is stands in the third.
        ("product", "RabbitMQ"),
        ("version", rules.version),
        ("platform", PLATFORM),
    ] {
        properties.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    properties
}

fn start_ok(connection: &mut Connection, session: &mut Session, ok: &connection::StartOk) {
    if !capable(&ok.client_properties, "consumer_cancel_notify") {
        session.shared.deaf.insert(connection.id());
    }
    if capable(&ok.client_properties, "connection.blocked") {
        connection.hearing = Hearing::Hears;
    }
    let mechanism = ok.mechanism.as_str();
    let login = if session.shared.rules.offers(mechanism) {
        log_in(
            &session.shared.users,
            connection.peer,
            mechanism,
            ok.response.as_bytes(),
        )
    } else {
        Login::UnknownMechanism
    };
    match login {
        Login::Accepted(user) => {
            connection.user = user.into();
            tell_login(connection, session, &ok.client_properties);
            connection.stage = Stage::Handshake(Step::TuneOk);
            let limits = &session.shared.limits;
            let tune = connection::AMQPMethod::Tune(connection::Tune {
                channel_max: limits.channel_max,
                frame_max: limits.frame_max,
                heartbeat: limits.heartbeat_s,
            });
            session.method(0, AMQPClass::Connection(tune));
        }
        Login::Refused if capable(&ok.client_properties, "authentication_failure_close") => {
            let text = format!(
                "Login was refused using authentication mechanism {mechanism}. For details see the broker logfile."
            );
            let refused = Refused::connection(Code::AccessRefused, text);
            connection.close(session, refused.at(MethodId::default()));
        }
        Login::Refused | Login::UnknownMechanism => connection.end(session.now, PENALTY_MS),
    }
}

/// Who logged in, for an observer.
fn tell_login(connection: &Connection, session: &mut Session, client_properties: &FieldTable) {
    let name = client_properties.inner().get("connection_name");
    let name = name.and_then(AMQPValue::as_long_string).map(|name| {
        let text: String = String::from_utf8_lossy(name.as_bytes()).into();
        Arc::from(text)
    });
    session.tell(|| Life::LoggedIn {
        connection: connection.id(),
        user: Arc::clone(&connection.user),
        name,
    });
}

/// Whether a client announced a capability.
fn capable(client_properties: &FieldTable, name: &str) -> bool {
    let capabilities = client_properties
        .inner()
        .get("capabilities")
        .and_then(AMQPValue::as_field_table);
    capabilities
        .and_then(|table| table.inner().get(name))
        .and_then(AMQPValue::as_bool)
        == Some(true)
}

/// The client's choice counts, within the broker's limits. Zero means "no limit" and so is above them.
fn tune_ok(connection: &mut Connection, session: &mut Session, ok: &connection::TuneOk) {
    let limits = &session.shared.limits;
    let channels = (1..=limits.channel_max).contains(&ok.channel_max);
    let frames = (session.shared.rules.frame_min..=limits.frame_max).contains(&ok.frame_max);
    if !channels || !frames {
        return connection.end(session.now, PENALTY_MS);
    }
    connection.channel_max = ok.channel_max;
    connection.heartbeat = Heartbeat::new(session.now, ok.heartbeat);
    connection.stage = Stage::Handshake(Step::Open);
    session.out.push(Output::FrameMax(connection.id(), ok.frame_max));
}

fn open(connection: &mut Connection, session: &mut Session, virtual_host: &str) {
    match find_vhost(session.shared, virtual_host) {
        Ok(vhost) => connection.enter(session, vhost),
        Err(refused) => return connection.close(session, refused.at(MethodId::new(10, 40))),
    }
    connection.stage = Stage::Running;
    connection.deadline = None;
    session.method(
        0,
        AMQPClass::Connection(connection::AMQPMethod::OpenOk(connection::OpenOk {})),
    );
}

fn find_vhost(shared: &Shared, name: &str) -> Result<VhostId, Refused> {
    let most = shared.limits.max_connections;
    if shared.connections > most {
        let text = format!("connection refused: node connection limit ({most}) is reached");
        return Err(Refused::connection(Code::NotAllowed, text));
    }
    shared
        .find_vhost(name)
        .ok_or_else(|| Refused::connection(Code::NotAllowed, format!("vhost {name} not found")))
}

/// RabbitMQ shows at most 16 bytes of a frame.
fn framing(kind: u8, payload: &[u8], why: &str) -> String {
    let (which, shown) = match payload.first_chunk::<16>() {
        Some(first) if payload.len() > 16 => ("first 16", &first[..]),
        _ => ("all", payload),
    };
    format!("type {kind}, {which} octets = {}: {why}", octets(shown))
}

/// Bytes as Erlang prints them: as text if all are printable, else as numbers. The reply text has room for few.
fn octets(bytes: &[u8]) -> String {
    let printable = |byte: &u8| (32..127).contains(byte) || (8..14).contains(byte) || *byte == 27;
    if !bytes.is_empty() && bytes.iter().all(printable) {
        return format!("<<{:?}>>", String::from_utf8_lossy(&bytes[..bytes.len().min(256)]));
    }
    let mut text = String::from("<<");
    for (i, byte) in bytes.iter().take(256).enumerate() {
        let comma = if i == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{byte}");
    }
    text + ">>"
}
