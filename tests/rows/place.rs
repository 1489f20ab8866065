//! The brokers that the rows run on.

use crate::client::{Client, Login, Manners, Result};
use crate::restart::Restarts;
use crate::table::LIKES;
use amq_protocol::uri::AMQPUri;
use dispatch_lab::broker::dispatch::Like;
use dispatch_lab::broker::server::{Server, ServerConfig};
use std::net::ToSocketAddrs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const URL: &str = "DISPATCH_LAB_TEST_URL";
const CONTROL: &str = "DISPATCH_LAB_TEST_CTL";

/// A broker, as a row sees it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) login: Login,
    /// Whose behaviour is expected of it.
    pub(crate) like: Like,
    /// What does not come within this does not come.
    pub(crate) patience: Duration,
    /// How it is restarted, if it can be.
    pub(crate) restarts: Option<Arc<Restarts>>,
}

/// The versions that the embedded broker can be.
pub(crate) const EMBEDDED: &[Like] = &[Like::V3_10, Like::V4_0, Like::V4_3];

/// The embedded broker on a port of its own, as that version.
pub(crate) async fn embedded(like: Like, data: Option<PathBuf>) -> (Server, Place) {
    let config = ServerConfig {
        like,
        data,
        ..ServerConfig::default()
    };
    let server = Server::start(config).await.expect("it starts");
    let place = Place {
        login: guest(server.address()),
        like,
        patience: Duration::from_secs(5),
        restarts: None,
    };
    (server, place)
}

fn guest(address: std::net::SocketAddr) -> Login {
    Login {
        address,
        user: "guest".to_owned(),
        password: "guest".to_owned(),
        vhost: "/".to_owned(),
    }
}

/// The broker that the environment names, and the command that restarts it.
pub(crate) async fn from_environment() -> Option<(Place, Option<String>)> {
    let Ok(url) = std::env::var(URL) else {
        println!("skipped: {URL} names no broker");
        return None;
    };
    let login = login(&url).unwrap_or_else(|error| panic!("{URL}: {error}"));
    let until = Instant::now() + Duration::from_secs(20);
    let client = Client::open(&login, Manners::default(), until).await;
    let version = client.unwrap_or_else(|error| panic!("{URL}: {error}")).version;
    let place = Place {
        login,
        like: like(&version),
        patience: Duration::from_secs(20),
        restarts: None,
    };
    println!("rows on RabbitMQ {version}, held against {:?}", place.like);
    Some((place, std::env::var(CONTROL).ok()))
}

fn login(url: &str) -> Result<Login> {
    let uri: AMQPUri = url.parse()?;
    let (host, port) = (uri.authority.host.as_str(), uri.authority.port);
    let mut addresses = (host, port).to_socket_addrs().map_err(|error| error.to_string())?;
    Ok(Login {
        address: addresses.next().ok_or("the host has no address")?,
        user: uri.authority.userinfo.username,
        password: uri.authority.userinfo.password,
        vhost: uri.vhost,
    })
}

/// The column for a version: its own, or the last one before it.
fn like(version: &str) -> Like {
    let number = |part: &str| part.parse().unwrap_or(0);
    let of = |text: &str| -> Vec<u32> { text.split('.').take(2).map(number).collect() };
    let known = LIKES.iter().rev();
    let found = known.clone().find(|(_, name)| of(name) <= of(version));
    found.map_or(Like::V3_10, |(like, _)| *like)
}
