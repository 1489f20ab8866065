//! Which broker: the lab's own, or one at a URL. A URL is taken apart here, and its password goes nowhere but to lapin.

use super::ctl::BrokerCtl;
use super::door::Door;
use crate::lab::Heartbeat;
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the lab's broker is.
#[derive(Clone, Debug)]
pub enum Target {
    /// Inside this process, on loopback; the lab can kill and restart it.
    Embedded,
    /// The same, and others may come in there.
    Room(Door),
    /// Somewhere else.
    Url(BrokerUrl),
}

impl Target {
    /// The same with nobody else on it: what is compared or taught there has workers of its own.
    #[must_use]
    pub fn alone(&self) -> Self {
        match self {
            Self::Embedded | Self::Room(_) => Self::Embedded,
            Self::Url(url) => Self::Url(url.clone()),
        }
    }

    /// Whether the lab can end and start the broker.
    pub const fn can_be_ended(&self) -> bool {
        match self {
            Self::Embedded | Self::Room(_) => true,
            Self::Url(url) => url.ctl.is_some(),
        }
    }
}

/// The address of a broker, with its credentials. Neither `Debug` nor `Display` shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    scheme: Scheme,
    user: String,
    password: String,
    host: String,
    port: u16,
    vhost: String,
    ca: Option<PathBuf>,
    /// What ends and starts it.
    ctl: Option<BrokerCtl>,
}

/// Plain or encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Amqp,
    Amqps,
}

/// Why a URL can't be used: one sentence each, without the password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Nothing before `://`, or another scheme.
    #[error("{0:?} is no scheme for a broker: write amqp://user:password@host:port/vhost, or amqps:// for TLS")]
    Scheme(String),
    /// `amqps` without the feature.
    #[error("this build has no TLS, so amqps:// cannot be used: use amqp://, or build with the feature \"tls\"")]
    NoTls,
    /// No host.
    #[error("the URL names no host: write amqp://host:port, for example amqp://localhost:5672")]
    NoHost,
    /// The port is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535: it is usually 5672 (5671 for TLS)")]
    Port,
    /// An `@` after the first slash: a password with a slash in it, most likely.
    #[error(
        "there is an @ after a slash: write %2F for a slash in user name or password, and %40 for an @ in the vhost"
    )]
    Slash,
    /// A `%` that two hexadecimal digits do not follow, or what they mean is not UTF-8.
    #[error("the {0} is not well percent-encoded: write %25 for a percent sign")]
    Encoding(&'static str),
    /// `?key=value`.
    #[error("the lab sets the connection's parameters itself: leave out what follows the question mark")]
    Query,
}

impl BrokerUrl {
    /// The same, trusting the certificates of this PEM file as well (for `amqps`).
    #[must_use]
    pub fn with_ca(mut self, ca: Option<PathBuf>) -> Self {
        self.ca = ca;
        self
    }

    /// The same, and this command ends and starts the broker.
    #[must_use]
    pub fn with_ctl(mut self, ctl: Option<BrokerCtl>) -> Self {
        self.ctl = ctl;
        self
    }

    /// `host:port`, for people.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The same, with another password.
    #[must_use]
    pub fn with_password(mut self, password: String) -> Self {
        self.password = password;
        self
    }

    /// Whether the text of a URL names a user and no password.
    pub fn lacks_password(text: &str) -> bool {
        let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| !user.contains(':'))
    }

    /// As whoever the lab knows can come in there: the lab itself.
    pub(super) fn own(ip: IpAddr, port: u16, user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            host: ip.to_string(),
            ..Self::loopback(port)
        }
    }

    /// On loopback, as the lab's own broker is.
    pub(super) fn loopback(port: u16) -> Self {
        Self {
            scheme: Scheme::Amqp,
            user: "guest".into(),
            password: "guest".into(),
            host: "127.0.0.1".into(),
            port,
            vhost: "/".into(),
            ca: None,
            ctl: None,
        }
    }

    /// As a program has it that is shown to everyone: in place of a password that is a secret stands `PASSWORD`.
    pub(super) fn for_programs(&self) -> String {
        let scheme = if self.is_tls() { "amqps" } else { "amqp" };
        let known = self.user == "guest" && self.password == "guest";
        let password = if known { "guest" } else { "PASSWORD" };
        let (user, vhost) = (encode(&self.user), encode(&self.vhost));
        format!("{scheme}://{user}:{password}@{}/{vhost}", self.place())
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn vhost(&self) -> &str {
        &self.vhost
    }

    pub(super) fn ca(&self) -> Option<&PathBuf> {
        self.ca.as_ref()
    }

    pub(super) fn ctl(&self) -> Option<&BrokerCtl> {
        self.ctl.as_ref()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.scheme == Scheme::Amqps
    }

    /// What lapin wants. Small frames, since lapin's buffers are many frames long. lapin takes
    /// the broker's heartbeat where that is shorter, or where this is none.
    pub(super) fn uri(&self, heartbeat: Heartbeat) -> AMQPUri {
        AMQPUri {
            scheme: match self.scheme {
                Scheme::Amqp => AMQPScheme::AMQP,
                Scheme::Amqps => AMQPScheme::AMQPS,
            },
            authority: AMQPAuthority {
                userinfo: AMQPUserInfo {
                    username: self.user.clone(),
                    password: self.password.clone(),
                },
                host: self.host.clone(),
                port: self.port,
            },
            vhost: self.vhost.clone(),
            query: AMQPQueryString {
                frame_max: Some(8192),
                heartbeat: Some(heartbeat.0),
                ..AMQPQueryString::default()
            },
        }
    }
}

impl FromStr for BrokerUrl {
    type Err = UrlError;

    /// `amqp[s]://[user[:password]@]host[:port][/vhost]`. Left out: guest, guest, 5672 or 5671, `/`.
    /// A lone final slash means the vhost `/` too: nobody names a vhost with an empty string.
    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text
            .trim()
            .split_once("://")
            .ok_or_else(|| UrlError::Scheme(first_word(text)))?;
        let scheme = parse_scheme(scheme)?;
        if rest.contains('?') {
            return Err(UrlError::Query);
        }
        let (authority, vhost) = rest.split_once('/').unwrap_or((rest, ""));
        if vhost.contains('@') {
            return Err(UrlError::Slash);
        }
        let (userinfo, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, "guest"));
        let (host, port) = parse_address(address, scheme)?;
        Ok(Self {
            scheme,
            user: or_default(decode(user, "user name")?, "guest"),
            password: decode(password, "password")?,
            host,
            port,
            vhost: or_default(decode(vhost, "vhost")?, "/"),
            ca: None,
            ctl: None,
        })
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls() { "amqps" } else { "amqp" };
        write!(f, "{scheme}://{}:***@{}", self.user, self.place())?;
        if self.vhost == "/" {
            Ok(())
        } else {
            write!(f, "/{}", self.vhost)
        }
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}

fn parse_scheme(scheme: &str) -> Result<Scheme, UrlError> {
    match scheme.to_ascii_lowercase().as_str() {
        "amqp" => Ok(Scheme::Amqp),
        // Without its TLS feature lapin would speak plaintext here, password and all.
        "amqps" if cfg!(feature = "tls") => Ok(Scheme::Amqps),
        "amqps" => Err(UrlError::NoTls),
        other => Err(UrlError::Scheme(other.to_owned())),
    }
}

fn parse_address(address: &str, scheme: Scheme) -> Result<(String, u16), UrlError> {
    let (host, port) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, "")) => (v6, None),
        Some((v6, port)) => (v6, Some(port.trim_start_matches(':'))),
        None => address
            .split_once(':')
            .map_or((address, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return Err(UrlError::NoHost);
    }
    let port = match (port, scheme) {
        (None, Scheme::Amqp) => 5672,
        (None, Scheme::Amqps) => 5671,
        (Some(text), _) => match text.parse() {
            Ok(port) if port > 0 => port,
            _ => return Err(UrlError::Port),
        },
    };
    Ok((decode(host, "host")?, port))
}

fn decode(text: &str, part: &'static str) -> Result<String, UrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap_or(b'-'), rest.next().unwrap_or(b'-')];
            let hex = std::str::from_utf8(&digits).map_err(|_| UrlError::Encoding(part))?;
            bytes.push(u8::from_str_radix(hex, 16).map_err(|_| UrlError::Encoding(part))?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| UrlError::Encoding(part))
}

/// Percent-encodes all but what a URL leaves as it is (RFC 3986, section 2.3).
fn encode(text: &str) -> String {
    let mut url = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

fn or_default(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}

/// What to quote of a text that is no URL: nothing that could be a password.
fn first_word(text: &str) -> String {
    text.split([':', '@', '/']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
