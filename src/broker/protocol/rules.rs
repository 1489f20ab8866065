//! What differs at the protocol from one version of RabbitMQ to another: one small table, like dispatch's own.
//!
//! All else is the same in 3.10, 4.0 and 4.3. Nothing in protocol but this table asks for the version.

use crate::broker::dispatch::Like;

/// The protocol header of AMQP 0-9-1.
pub(super) const AMQP_0_9_1: [u8; 8] = *b"AMQP\x00\x00\x09\x01";

/// That of AMQP 1.0 with SASL.
const AMQP_1_0: [u8; 8] = *b"AMQP\x03\x01\x00\x00";

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// The version as the server's properties tell it.
    pub(super) version: &'static str,
    /// How clients may log in, as `connection.start` offers it.
    pub(super) mechanisms: &'static str,
    /// The smallest `frame_max` that a client may tune to, in bytes. (AMQP 0-9-1, section 1.2: 4096.)
    pub(super) frame_min: u32,
    /// The largest body, in bytes, unless the broker is told another.
    pub(super) message_bytes: u64,
    /// What becomes of body beyond the size that its header announced.
    pub(super) overlong_body: OverlongBody,
    /// How an exchange of an unknown type is refused.
    pub(super) unknown_exchange_type: UnknownType,
    /// The protocol header that foreign ones are answered with.
    foreign: [u8; 8],
}

/// See [`Rules::overlong_body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OverlongBody {
    /// It belongs to the message.
    Kept,
    /// 501
    Refused,
}

/// See [`Rules::unknown_exchange_type`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnknownType {
    /// 503: the connection is closed.
    CommandInvalid,
    /// 406: the channel is closed.
    PreconditionFailed,
}

const V3_10: Rules = Rules {
    version: "3.10.8",
    mechanisms: "PLAIN AMQPLAIN",
    frame_min: 4096,
    message_bytes: 128 * 1024 * 1024,
    overlong_body: OverlongBody::Kept,
    unknown_exchange_type: UnknownType::CommandInvalid,
    foreign: AMQP_0_9_1,
};

const V4_0: Rules = Rules {
    version: "4.0.5",
    mechanisms: "PLAIN AMQPLAIN ANONYMOUS",
    message_bytes: 16 * 1024 * 1024,
    unknown_exchange_type: UnknownType::PreconditionFailed,
    foreign: AMQP_1_0,
    ..V3_10
};

const V4_3: Rules = Rules {
    version: "4.3.6",
    frame_min: 8192,
    overlong_body: OverlongBody::Refused,
    ..V4_0
};

impl Rules {
    /// The table.
    pub(crate) fn of(like: Like) -> Self {
        match like {
            Like::V3_10 => V3_10,
            Like::V4_0 => V4_0,
            Like::V4_3 => V4_3,
        }
    }

    /// Whether a way to log in is offered.
    pub(super) fn offers(&self, mechanism: &str) -> bool {
        self.mechanisms.split(' ').any(|offered| offered == mechanism)
    }

    /// The protocol header that answers one the broker does not speak. RabbitMQ from 4.0 on speaks AMQP 1.0 and says so,
    /// but to whoever asked for 0-9 or more of the old line; whoever begins with 1.0 itself hears the truth here.
    pub(super) fn answer_to(&self, header: [u8; 8]) -> [u8; 8] {
        match header {
            [b'A', b'M', b'Q', b'P', 0, 0, minor, _] if minor >= 9 => AMQP_0_9_1,
            AMQP_1_0 => AMQP_0_9_1,
            _ => self.foreign,
        }
    }
}
