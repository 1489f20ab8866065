//! AMQP's grammar: what a client may say when, and how each request is answered. Pure; frames in, replies out.
//!
//! | file | what it knows |
//! |---|---|
//! | `frame` | the frames and replies themselves: the words shared with `codec` |
//! | `connection`, `handshake`, `ending`, `auth`, `heartbeat` | one client connection from its first eight bytes to its end |
//! | `memory` | the limit above which publishers are not read |
//! | `channel`, `content`, `confirm`, `transaction` | one channel: methods, message assembly, confirm and tx mode |
//! | `exchange`, `queue`, `consume`, `publish`, `settle` | the methods by what they are about |
//! | `refusal` | why not: RabbitMQ's codes and texts |
//! | `rules` | what differs by RabbitMQ's version |
//! | `properties`, `expiration`, `table`, `nesting`, `names` | message properties, their time to live, field tables and how deep they nest, generated names |

mod auth;
mod channel;
mod confirm;
mod connection;
mod consume;
mod content;
mod ending;
mod exchange;
mod expiration;
mod frame;
mod handshake;
mod heartbeat;
mod memory;
mod names;
mod nesting;
mod properties;
mod publish;
mod queue;
mod refusal;
mod rules;
mod session;
mod settle;
mod table;
mod transaction;

pub use auth::User;
pub(super) use connection::{Connection, Peer};
pub(super) use frame::{ClosedHow, Fault, Frame, Header, Incoming, Output, Publish, Reading, Reply};
pub(super) use handshake::{FRAME_MIN, Limits};
pub(super) use memory::{FULL, Memory};
pub(super) use names::Names;
pub(super) use nesting::is_sound_method;
pub(super) use properties::{Properties, with_added};
pub(super) use rules::Rules;
pub(super) use session::{Session, Shared, Vhost};

#[cfg(test)]
mod tests;
