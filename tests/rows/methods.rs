//! Each method that is sent, as the codec's enum.

use amq_protocol::protocol::{AMQPClass, basic, channel, confirm, connection, exchange, queue, tx};

/// A method of AMQP.
pub(crate) trait Method {
    fn method(self) -> AMQPClass;
}

impl Method for AMQPClass {
    fn method(self) -> AMQPClass {
        self
    }
}

macro_rules! methods {
    ($($class:ident: $group:ident { $($name:ident),* })*) => {
        $($(impl Method for $class::$name {
            fn method(self) -> AMQPClass {
                AMQPClass::$group($class::AMQPMethod::$name(self))
            }
        })*)*
    };
}

methods! {
    basic: Basic { Ack, Cancel, Consume, Get, Nack, Publish, Qos, Recover, RecoverAsync, Reject }
    channel: Channel { Close, CloseOk, Flow, Open }
    confirm: Confirm { Select }
    connection: Connection { Close, CloseOk, Open, StartOk, TuneOk }
    exchange: Exchange { Bind, Declare, Delete }
    queue: Queue { Bind, Declare, Delete, Purge, Unbind }
    tx: Tx { Commit, Rollback, Select }
}
