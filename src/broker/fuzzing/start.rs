//! How a broker and its connections begin.

use super::script::Script;
use super::wishes;
use crate::broker::core::{Broker, Setup, Tuning};
use crate::broker::dispatch::{Image, LastStop, Millis, Tracing, UnixMillis};
use crate::broker::protocol::{Frame, Limits, User};
use amq_protocol::protocol::{AMQPClass, channel, connection};

/// What every version allows.
pub(super) const FRAME_MAX: u32 = 8192;

pub(super) const TUNING: Tuning = Tuning {
    consumer_timeout: Some(Millis(60_000)),
    tick: Millis(1000),
    memory_limit: u64::MAX,
};

/// A broker with what survived.
pub(super) fn broker(
    script: &Script,
    started: UnixMillis,
    seed: u64,
    images: &mut [(String, Image)],
    how: LastStop,
) -> Broker {
    let setup = Setup {
        users: vec![User::guest()],
        vhosts: vec!["/".to_owned(), "other".to_owned()],
        limits: Limits {
            message_bytes: Some(64),
            channel_max: 3,
            ..Limits::default()
        },
        tracing: if script.tracing { Tracing::On } else { Tracing::Off },
        like: script.like,
        tuning: TUNING,
        seed,
        started,
    };
    Broker::new(setup, images, how)
}

/// All that opens a connection and its first channel. `how` spoils a word.
pub(super) fn handshake(how: u8) -> Vec<(u16, Frame)> {
    let spoiled = |word: u8| how >> 4 == 2 && how & 7 == word;
    let own = |method| (0, Frame::from(AMQPClass::Connection(method)));
    let start_ok = connection::StartOk {
        mechanism: if spoiled(0) { "X" } else { "PLAIN" }.into(),
        response: if spoiled(1) { "\0guest\0wrong" } else { "\0guest\0guest" }.into(),
        locale: "en_US".into(),
        client_properties: wishes::capabilities(how & 8 == 0),
    };
    let tune_ok = connection::TuneOk {
        channel_max: if spoiled(2) { 0 } else { 3 },
        frame_max: if spoiled(3) { 8 } else { FRAME_MAX },
        heartbeat: if how >> 4 == 3 { 10 } else { 0 },
    };
    let open = connection::Open {
        virtual_host: match how >> 4 {
            2 if spoiled(4) => "none".into(),
            4 => "other".into(),
            _ => "/".into(),
        },
    };
    let open_channel = AMQPClass::Channel(channel::AMQPMethod::Open(channel::Open {}));
    let version = if spoiled(5) { 2 } else { 1 };
    vec![
        (0, Frame::ProtocolHeader([b'A', b'M', b'Q', b'P', 0, 0, 9, version])),
        own(connection::AMQPMethod::StartOk(start_ok)),
        own(connection::AMQPMethod::TuneOk(tune_ok)),
        own(connection::AMQPMethod::Open(open)),
        (1, open_channel.into()),
    ]
}
