//! Whether the broker at a URL can be used, asked before anything else; each way it can't is one sentence with advice.
//!
//! 1. The name is looked up, the port connected to, TLS begun where the URL says so.
//! 2. By hand: the protocol header, answered by `connection.start` (AMQP 0-9-1, section 2.2.4). Its server properties
//!    name the broker; lapin keeps them to itself.
//! 3. By lapin: log in, open the vhost.

use super::line::{self, Access, Line};
use super::link::{Conditions, Link};
use super::target::BrokerUrl;
use amq_protocol::protocol::{AMQPClass, connection, parse_class};
use amq_protocol::types::AMQPValue;
use async_compat::CompatExt;
use lapin::tcp::{AMQPUriTcpExt, OwnedTLSConfig};
use lapin::{Error, ErrorKind};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const HEADER: &[u8; 8] = b"AMQP\0\0\x09\x01";
/// No `connection.start` is longer: RabbitMQ's has some 500 bytes.
const START_LIMIT: u32 = 65_536;
const PROBE_WITHIN: Duration = Duration::from_secs(10);

/// Why the lab can't start. Each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The host's name has no address.
    #[error("host {host:?} is not known ({why}): check the name in the URL")]
    UnknownHost {
        /// As in the URL.
        host: String,
        /// The resolver's words.
        why: String,
    },
    /// Nothing listens there.
    #[error("nothing listens at {place}: start the broker, or check the port (AMQP is usually on 5672, 5671 for TLS)")]
    Refused {
        /// `host:port`.
        place: String,
    },
    /// No connection for another reason.
    #[error("{place} cannot be reached: {why}; check network and firewall")]
    Unreachable {
        /// `host:port`.
        place: String,
        /// The system's words.
        why: String,
    },
    /// No answer in ten seconds.
    #[error("{place} did not answer within ten seconds: check the address, and that no firewall is between")]
    TimedOut {
        /// `host:port`.
        place: String,
    },
    /// The file with the certificates can't be read.
    #[error("the certificate file {} cannot be used: {why}; it must be readable and in PEM format", path.display())]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// No trust, or no TLS at the other end.
    #[error(
        "no TLS with {place}: {why}; name the file of its certificate authority, or write amqp:// if the port has no TLS"
    )]
    Tls {
        /// `host:port`.
        place: String,
        /// The TLS library's words.
        why: String,
    },
    /// TLS at the other end, and the URL says `amqp`.
    #[error("{place} speaks TLS: write amqps:// in place of amqp://")]
    TlsExpected {
        /// `host:port`.
        place: String,
    },
    /// Something else listens there.
    #[error(
        "what listens at {place} is no AMQP 0-9-1 broker: check the port (15672 is RabbitMQ's web page, AMQP is on 5672)"
    )]
    NotAmqp {
        /// `host:port`.
        place: String,
    },
    /// 403.
    #[error(
        "{place} refused user {user:?} with this password: check both (guest may usually log in from the broker's own machine only)"
    )]
    Login {
        /// `host:port`.
        place: String,
        /// As in the URL.
        user: String,
    },
    /// 530.
    #[error(
        "vhost {vhost:?} at {place} is not open to user {user:?} ({why}): create it, or grant access (the default vhost is /)"
    )]
    Vhost {
        /// `host:port`.
        place: String,
        /// As in the URL.
        vhost: String,
        /// As in the URL.
        user: String,
        /// The broker's words.
        why: String,
    },
    /// The broker said no in another way.
    #[error("the broker at {place} refused the connection: {why}; its log may say more")]
    Closed {
        /// `host:port`.
        place: String,
        /// Code and text.
        why: String,
    },
    /// The lab's queues can't be declared.
    #[error(
        "user {user:?} cannot declare queues at {place}: {why}; grant configure, write and read on names that begin with \"dispatch-lab.\""
    )]
    Queues {
        /// `host:port`.
        place: String,
        /// As in the URL.
        user: String,
        /// The broker's words.
        why: String,
    },
    /// The lab's own broker did not start.
    #[error("the embedded broker did not start: {why}; another broker can be used by its URL")]
    Embedded {
        /// Why.
        why: String,
    },
}

/// A broker that can be used.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) access: Access,
    /// `RabbitMQ 4.0.5 at host:port`.
    pub(super) name: String,
    /// Logged in.
    pub(super) line: Line,
}

/// Finds out whether the broker can be used.
pub(super) async fn probe(url: BrokerUrl) -> Result<Found, StartError> {
    probe_within(url, PROBE_WITHIN).await
}

async fn probe_within(url: BrokerUrl, limit: Duration) -> Result<Found, StartError> {
    let place = url.place();
    let all = async {
        let tls = read_ca(url.ca().map(PathBuf::as_path))?;
        look_up(&url).await?;
        let start = ask_for_start(&url, &tls).await?;
        let name = format!("{} at {}", product(&start), url.place());
        let access = Access::new(url, tls);
        let line = access
            .open("lab")
            .await
            .map_err(|error| login_error(access.url(), &error))?;
        Ok(Found { access, name, line })
    };
    tokio::time::timeout(limit, Box::pin(all))
        .await
        .unwrap_or(Err(StartError::TimedOut { place }))
}

fn read_ca(path: Option<&Path>) -> Result<OwnedTLSConfig, StartError> {
    let Some(path) = path else {
        return Ok(OwnedTLSConfig::default());
    };
    let bad = |why: String| StartError::CaFile {
        path: path.to_owned(),
        why,
    };
    let pem = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(bad("it holds no certificate".to_owned()));
    }
    Ok(OwnedTLSConfig {
        identity: None,
        cert_chain: Some(pem),
    })
}

async fn look_up(url: &BrokerUrl) -> Result<(), StartError> {
    let unknown = |why: String| StartError::UnknownHost {
        host: url.host().to_owned(),
        why,
    };
    let mut found = tokio::net::lookup_host((url.host(), url.port()))
        .await
        .map_err(|error| unknown(error.to_string()))?;
    found.next().map(|_| ()).ok_or_else(|| unknown("no address".to_owned()))
}

/// Connects, begins TLS where wanted, and reads what the broker says first.
async fn ask_for_start(url: &BrokerUrl, tls: &OwnedTLSConfig) -> Result<connection::Start, StartError> {
    let link = Link::default();
    let runtime = link.runtime();
    let uri = url.uri(Conditions::default().heartbeat());
    let connecting = uri.connect_with_config_async(tls.as_ref(), &runtime);
    let stream = Box::pin(connecting)
        .await
        .map_err(|error| connect_error(url, &link, &error))?;
    let mut stream = stream.compat();
    let payload = read_start(&mut stream).await.map_err(|answer| match answer {
        Answer::Tls => StartError::TlsExpected { place: url.place() },
        Answer::Other => StartError::NotAmqp { place: url.place() },
    })?;
    match parse_class(payload.as_slice()) {
        Ok((_, AMQPClass::Connection(connection::AMQPMethod::Start(start)))) => Ok(start),
        _ => Err(StartError::NotAmqp { place: url.place() }),
    }
}

/// What answers when no broker does.
enum Answer {
    Tls,
    Other,
}

impl From<io::Error> for Answer {
    fn from(_: io::Error) -> Self {
        Self::Other
    }
}

async fn read_start(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<Vec<u8>, Answer> {
    stream.write_all(HEADER).await?;
    stream.flush().await?;
    let mut head = [0; 7];
    // One byte first: a TLS alert has seven in all, and may come in pieces.
    stream.read_exact(&mut head[..1]).await?;
    match head[0] {
        1 => {}
        // The content type of a TLS alert, or of a handshake message.
        0x15 | 0x16 => return Err(Answer::Tls),
        _ => return Err(Answer::Other),
    }
    stream.read_exact(&mut head[1..]).await?;
    let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
    if size > START_LIMIT {
        return Err(Answer::Other);
    }
    let mut payload = vec![0; size as usize];
    stream.read_exact(&mut payload).await?;
    Ok(payload)
}

fn connect_error(url: &BrokerUrl, link: &Link, error: &io::Error) -> StartError {
    let place = url.place();
    let why = error.to_string();
    match error.kind() {
        // A socket that was open: what failed is TLS.
        _ if link.was_opened() => StartError::Tls { place, why },
        io::ErrorKind::ConnectionRefused => StartError::Refused { place },
        io::ErrorKind::TimedOut => StartError::TimedOut { place },
        _ => StartError::Unreachable { place, why },
    }
}

fn login_error(url: &BrokerUrl, error: &Error) -> StartError {
    let place = url.place();
    let user = url.user().to_owned();
    match error.kind() {
        ErrorKind::ProtocolError(refusal) => match refusal.get_id() {
            403 => StartError::Login { place, user },
            530 => StartError::Vhost {
                place,
                vhost: url.vhost().to_owned(),
                user,
                why: refusal.get_message().to_string(),
            },
            _ => StartError::Closed {
                place,
                why: line::sentence(error),
            },
        },
        _ => StartError::Closed {
            place,
            why: line::sentence(error),
        },
    }
}

/// How the platform of the embedded broker begins.
const OWN_PLATFORM: &str = concat!(env!("CARGO_PKG_NAME"), " ");

/// `RabbitMQ 4.0.5`, from the server properties. The embedded broker says what it behaves as, and its own name as its
/// platform: `dispatch-lab 0.1.0 as RabbitMQ 4.0.5`.
fn product(start: &connection::Start) -> String {
    let property = |key: &str| match start.server_properties.inner().get(key) {
        Some(AMQPValue::LongString(text)) => Some(printable(&text.to_string())),
        _ => None,
    };
    match (property("product"), property("version")) {
        (Some(product), Some(version)) => match property("platform").filter(|name| name.starts_with(OWN_PLATFORM)) {
            Some(own) => format!("{own} as {product} {version}"),
            None => format!("{product} {version}"),
        },
        (Some(product), None) => product,
        (None, _) => "AMQP broker".to_owned(),
    }
}

/// What a stranger says goes to the screen: short, and nothing that steers a terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests;
