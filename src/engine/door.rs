//! The door of a lab that others may join: where the embedded broker listens, who may come in, and what they type.
//!
//! From this machine guest may come in, as always. From another one only the user `class` may, with the password that
//! whoever opened the door has set; without one the door does not open beyond loopback. The password goes nowhere but
//! to the broker and to the lab's own clients.

use super::target::BrokerUrl;
use super::topology::Names;
use crate::broker::dispatch::Policy;
use crate::broker::server::{ServerConfig, User};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Who comes from elsewhere.
const USER: &str = "class";

/// The queue of the classic scripts.
const QUEUE: &str = "task_queue";

/// Where others come in.
#[derive(Clone, PartialEq, Eq)]
pub struct Door {
    listen: SocketAddr,
    password: Option<String>,
    queue: String,
}

/// Why a door can't be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// Other machines, and no password.
    #[error(
        "listening on {0} lets other machines in: set a password, with --password-file FILE or in DISPATCH_LAB_PASSWORD; \
         whoever joins is asked for it"
    )]
    NoPassword(SocketAddr),
    /// A name that the broker would refuse.
    #[error("{0:?} is no name for the queue: names that are empty or begin with \"amq.\" are not for clients")]
    QueueName(String),
}

impl Door {
    /// A door at this address; port 0 takes a free one. Without a queue's name it is that of the classic scripts.
    pub fn new(listen: SocketAddr, password: Option<String>, queue: Option<String>) -> Result<Self, DoorError> {
        let queue = queue.unwrap_or_else(|| QUEUE.to_owned());
        if queue.is_empty() || queue.starts_with("amq.") || queue.len() > 255 {
            return Err(DoorError::QueueName(queue));
        }
        if password.is_none() && !listen.ip().to_canonical().is_loopback() {
            return Err(DoorError::NoPassword(listen));
        }
        Ok(Self {
            listen,
            password,
            queue,
        })
    }

    pub(super) fn queue(&self) -> &str {
        &self.queue
    }

    /// What it is for the broker: its address, its users, and where the dead letters of the shared queue go.
    pub(super) fn open(&self, config: &mut ServerConfig, names: &Names) {
        config.listen = self.listen;
        if let Some(password) = &self.password {
            config.users.push(User::new(USER, password));
        }
        config.policies.push(Policy {
            queue: self.queue.clone(),
            dead_letter_exchange: String::new(),
            dead_letter_routing_key: Some(names.dead_letters()),
        });
    }

    /// How the lab itself comes in. Guest may not, where even this machine comes from an address of the network.
    pub(super) fn own_url(&self, port: u16) -> BrokerUrl {
        let ip = match self.listen.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        match &self.password {
            Some(password) if !ip.to_canonical().is_loopback() => BrokerUrl::own(ip, port, USER, password),
            _ => BrokerUrl::own(ip, port, "guest", "guest"),
        }
    }

    /// What someone types who joins.
    pub(super) fn join_line(&self, port: u16) -> String {
        let ip = self.listen.ip();
        let host = if ip.is_unspecified() { likely_address(ip) } else { ip };
        let place = SocketAddr::new(host, port);
        let user = if self.password.is_some() { "class@" } else { "" };
        let queue = if self.queue == QUEUE {
            String::new()
        } else {
            format!(" --queue {}", self.queue)
        };
        format!("dispatch-lab join amqp://{user}{place}{queue} --name NAME")
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        f.debug_struct("Door")
            .field("listen", &self.listen)
            .field("password", &password)
            .field("queue", &self.queue)
            .finish()
    }
}

/// The address from which this machine would talk to the network. Connecting a datagram socket sends nothing.
fn likely_address(unspecified: IpAddr) -> IpAddr {
    let (any, somewhere): (SocketAddr, SocketAddr) = match unspecified {
        IpAddr::V4(_) => (
            (Ipv4Addr::UNSPECIFIED, 0).into(),
            // An address of documentation (RFC 5737), which is nobody's.
            (Ipv4Addr::new(192, 0, 2, 1), 9).into(),
        ),
        IpAddr::V6(_) => (
            (Ipv6Addr::UNSPECIFIED, 0).into(),
            (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into(),
        ),
    };
    let local = UdpSocket::bind(any).and_then(|socket| {
        socket.connect(somewhere)?;
        socket.local_addr()
    });
    match local {
        Ok(address) if !address.ip().is_unspecified() => address.ip(),
        _ if unspecified.is_ipv4() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => IpAddr::V6(Ipv6Addr::LOCALHOST),
    }
}

#[cfg(test)]
mod tests;
