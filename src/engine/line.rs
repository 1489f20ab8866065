//! A line: one AMQP connection of the lab, with the link that it runs through, and what its errors mean.

use super::link::{Conditions, Link};
use super::tap::{Ear, Taps};
use super::target::BrokerUrl;
use crate::lab::{DownCause, Party, WorkerId};
use lapin::tcp::OwnedTLSConfig;
use lapin::{Channel, Connection, ConnectionProperties, Error, ErrorKind};
use std::future::Future;
use std::io;
use std::time::Duration;

/// How long opening or closing anything may take before it is given up.
pub(super) const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// A goodbye that takes longer than this is replaced by a reset.
pub(super) const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Where and how to connect: everything but the name of the connection.
#[derive(Clone, Debug)]
pub(super) struct Access {
    url: BrokerUrl,
    tls: OwnedTLSConfig,
    /// What lies between the workers and the broker.
    conditions: Conditions,
    /// For the connections of producer and workers.
    taps: Option<Taps>,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) connection: Connection,
    pub(super) link: Link,
}

impl Access {
    pub(super) fn new(url: BrokerUrl, tls: OwnedTLSConfig) -> Self {
        let conditions = Conditions::default();
        Self {
            url,
            tls,
            conditions,
            taps: None,
        }
    }

    /// The same, with these between the workers and the broker.
    pub(super) fn under(mut self, conditions: Conditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// The same, and what passes the connections of producer and workers can be heard.
    pub(super) fn with_taps(mut self, taps: Taps) -> Self {
        self.taps = Some(taps);
        self
    }

    pub(super) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    pub(super) fn url(&self) -> &BrokerUrl {
        &self.url
    }

    /// Opens a connection that the broker lists as `dispatch-lab <name>`.
    pub(super) async fn open(&self, name: &str) -> Result<Line, Error> {
        let conditions = match party(name) {
            Some(Party::Worker(_)) => self.conditions.clone(),
            Some(Party::Producer) | None => Conditions::default(),
        };
        let link = Link::heard_by(self.ear(name));
        self.open_over(link, &conditions, format!("dispatch-lab {name}")).await
    }

    /// Opens a connection that the broker lists by this name.
    pub(super) async fn open_as(&self, name: String) -> Result<Line, Error> {
        let link = Link::heard_by(Ear::default());
        self.open_over(link, &Conditions::default(), name).await
    }

    async fn open_over(&self, link: Link, conditions: &Conditions, name: String) -> Result<Line, Error> {
        conditions.cover(&link);
        let uri = self.url.uri(conditions.heartbeat());
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        let connecting = Connection::connect_uri_with_config(uri, properties, self.tls.clone(), link.runtime());
        match within(OPEN_WITHIN, connecting).await {
            Ok(connection) => Ok(Line { connection, link }),
            Err(error) => {
                link.reset();
                Err(error)
            }
        }
    }

    /// The ear on a connection, where it is one of those that are looked at.
    fn ear(&self, name: &str) -> Ear {
        match (&self.taps, party(name)) {
            (Some(taps), Some(party)) => taps.ear(party),
            _ => Ear::default(),
        }
    }

    /// A connection with one channel, for a few questions.
    pub(super) async fn open_with_channel(&self, name: &str) -> Result<(Line, Channel), Error> {
        let line = self.open(name).await?;
        let channel = within(OPEN_WITHIN, line.connection.create_channel()).await?;
        Ok((line, channel))
    }
}

impl Line {
    /// `connection.close`, awaited; a reset where the broker does not answer in time.
    pub(super) async fn close(self) {
        let goodbye = self.connection.close(200, "goodbye".into());
        if within(CLOSE_WITHIN, goodbye).await.is_err() {
            self.link.reset();
        }
    }
}

/// Whose connection this is, by its name.
fn party(name: &str) -> Option<Party> {
    match name.strip_prefix('W') {
        Some(number) => number.parse().ok().map(|number| Party::Worker(WorkerId(number))),
        None => (name == "producer").then_some(Party::Producer),
    }
}

/// Bounds a wait for the broker.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    // Boxed: lapin's futures are large.
    match tokio::time::timeout(limit, Box::pin(future)).await {
        Ok(result) => result,
        Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
    }
}

/// What an error of a connection or channel says about its end.
pub(super) fn cause(error: &Error) -> DownCause {
    match error.kind() {
        ErrorKind::ProtocolError(error) => DownCause::Refused(error.get_id(), error.get_message().to_string()),
        _ => DownCause::Lost(sentence(error)),
    }
}

/// The same in one sentence.
pub(super) fn sentence(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(error) => format!("the broker said {} {}", error.get_id(), error.get_message()),
        ErrorKind::IOError(error) => io_sentence(error),
        ErrorKind::MissingHeartbeatError => "the broker sent nothing for two heartbeats".to_owned(),
        ErrorKind::InvalidConnectionState(_) | ErrorKind::InvalidChannelState(..) => {
            "the connection was closed".to_owned()
        }
        _ => format!("the connection broke: {error}"),
    }
}

fn io_sentence(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens at the broker's address".to_owned(),
        io::ErrorKind::ConnectionReset => "the connection was reset".to_owned(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => {
            "the broker ended the connection".to_owned()
        }
        io::ErrorKind::TimedOut => "the broker did not answer in time".to_owned(),
        _ => format!("the connection broke: {error}"),
    }
}
