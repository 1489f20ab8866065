//! Who may log in: SASL `PLAIN` (RFC 4616) and `ANONYMOUS`, and RabbitMQ's `AMQPLAIN`.

use super::connection::Peer;
use super::nesting;
use amq_protocol::types::parsing::{ParserError, parse_field_table};
use amq_protocol::types::{AMQPValue, FieldTable};
use std::fmt;

/// A user.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    name: String,
    password: String,
    reach: Reach,
}

/// From where a user may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Loopback,
    Anywhere,
}

impl User {
    /// A user who may come from anywhere.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: password.into(),
            reach: Reach::Anywhere,
        }
    }

    /// `guest` with the password `guest`, from loopback only (RabbitMQ's `loopback_users`).
    pub fn guest() -> Self {
        Self {
            reach: Reach::Loopback,
            ..Self::new("guest", "guest")
        }
    }

    /// Whether this user may come from another machine.
    pub fn may_be_remote(&self) -> bool {
        self.reach == Reach::Anywhere
    }
}

/// Without the password.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

/// What a login came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// Come in.
    Accepted(String),
    /// Wrong name, wrong password, or from afar.
    Refused,
    /// A mechanism that was not offered.
    UnknownMechanism,
}

/// Checks the response of `connection.start-ok`. Who comes anonymously is guest, as in RabbitMQ 4.
pub(super) fn log_in(users: &[User], peer: Peer, mechanism: &str, response: &[u8]) -> Login {
    let credentials = match mechanism {
        "PLAIN" => plain(response),
        "AMQPLAIN" => amqplain(response),
        "ANONYMOUS" => Some((b"guest".to_vec(), b"guest".to_vec())),
        _ => return Login::UnknownMechanism,
    };
    let known = credentials.and_then(|(name, password)| {
        users.iter().find(|user| {
            user.name.as_bytes() == name
                && same(user.password.as_bytes(), &password)
                && (peer == Peer::Loopback || user.may_be_remote())
        })
    });
    known.map_or(Login::Refused, |user| Login::Accepted(user.name.clone()))
}

type Credentials = (Vec<u8>, Vec<u8>);

/// `NUL name NUL password`; RabbitMQ knows no one who acts for another.
fn plain(response: &[u8]) -> Option<Credentials> {
    let mut parts = response.strip_prefix(&[0])?.split(|&byte| byte == 0);
    let (name, password) = (parts.next()?, parts.next()?);
    parts.next().is_none().then(|| (name.to_vec(), password.to_vec()))
}

/// A field table without its length, with `LOGIN` and `PASSWORD`.
fn amqplain(response: &[u8]) -> Option<Credentials> {
    let length = u32::try_from(response.len()).ok()?;
    let whole = [&length.to_be_bytes()[..], response].concat();
    if !nesting::is_sound_table(&whole) {
        return None;
    }
    let (_, fields) = parse_field_table(&whole[..]).map_err(|_: ParserError| ()).ok()?;
    Some((text(&fields, "LOGIN")?, text(&fields, "PASSWORD")?))
}

fn text(fields: &FieldTable, name: &str) -> Option<Vec<u8>> {
    match fields.inner().get(name)? {
        AMQPValue::LongString(text) => Some(text.as_bytes().to_vec()),
        _ => None,
    }
}

/// Compares in a time that does not tell where the difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::{Login, Peer, User, log_in};

    #[test]
    fn logins() {
        let users = [User::guest(), User::new("ann", "secret")];
        let amqplain = b"\x05LOGINS\x00\x00\x00\x03ann\x08PASSWORDS\x00\x00\x00\x06secret";
        let (guest, ann) = (Login::Accepted("guest".to_owned()), Login::Accepted("ann".to_owned()));
        let rows: [(&str, &[u8], Peer, Login); 13] = [
            ("PLAIN", b"\0guest\0guest", Peer::Loopback, guest.clone()),
            ("ANONYMOUS", b"anyone", Peer::Loopback, guest),
            ("ANONYMOUS", b"", Peer::Remote, Login::Refused),
            ("PLAIN", b"ann\0guest\0guest", Peer::Loopback, Login::Refused),
            ("PLAIN", b"\0guest\0guest\0", Peer::Loopback, Login::Refused),
            ("PLAIN", b"\0guest\0guest", Peer::Remote, Login::Refused),
            ("PLAIN", b"\0ann\0secret", Peer::Remote, ann.clone()),
            ("AMQPLAIN", amqplain, Peer::Remote, ann),
            ("AMQPLAIN", b"\x05LOGIN", Peer::Loopback, Login::Refused),
            ("PLAIN", b"\0guest\0wrong", Peer::Loopback, Login::Refused),
            ("PLAIN", b"\0nobody\0guest", Peer::Loopback, Login::Refused),
            ("PLAIN", b"guest", Peer::Loopback, Login::Refused),
            ("EXTERNAL", b"", Peer::Loopback, Login::UnknownMechanism),
        ];
        for (mechanism, response, peer, expected) in rows {
            assert_eq!(
                log_in(&users, peer, mechanism, response),
                expected,
                "{mechanism} {response:?} {peer:?}"
            );
        }
    }

    #[test]
    fn login_of_tables_nested_without_end_is_refused() {
        let mut response = Vec::new();
        for level in (0..3_000_u32).rev() {
            response.extend_from_slice(b"\x01kF");
            response.extend_from_slice(&(level * 7).to_be_bytes());
        }
        assert_eq!(
            log_in(&[User::guest()], Peer::Loopback, "AMQPLAIN", &response),
            Login::Refused
        );
    }

    #[test]
    fn debug_output_hides_the_password() {
        assert!(!format!("{:?}", User::new("ann", "secret")).contains("secret"));
    }
}
