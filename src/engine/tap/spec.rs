//! The methods of AMQP 0-9-1 with RabbitMQ's extensions: number, name and arguments, as the specification lists them.
//!
//! `secret` is a long string that is not shown: it holds a password.

/// A method: class, number, name, and its arguments as `name:type`.
pub(super) struct Method {
    class: u16,
    number: u16,
    pub(super) name: &'static str,
    arguments: &'static str,
}

impl Method {
    /// Name and type of each argument.
    pub(super) fn arguments(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.arguments
            .split_whitespace()
            .filter_map(|argument| argument.split_once(':'))
    }

    /// Whether header and body follow.
    pub(super) fn has_content(&self) -> bool {
        self.class == 60 && matches!(self.number, 40 | 50 | 60 | 71)
    }
}

/// The method of these numbers.
pub(super) fn method(class: u16, number: u16) -> Option<&'static Method> {
    METHODS
        .iter()
        .find(|method| (method.class, method.number) == (class, number))
}

/// The properties of a content header, from the highest bit of its flags down.
pub(super) const PROPERTIES: [(&str, &str); 14] = [
    ("content-type", "shortstr"),
    ("content-encoding", "shortstr"),
    ("headers", "table"),
    ("delivery-mode", "octet"),
    ("priority", "octet"),
    ("correlation-id", "shortstr"),
    ("reply-to", "shortstr"),
    ("expiration", "shortstr"),
    ("message-id", "shortstr"),
    ("timestamp", "longlong"),
    ("type", "shortstr"),
    ("user-id", "shortstr"),
    ("app-id", "shortstr"),
    ("cluster-id", "shortstr"),
];

const fn row(class: u16, number: u16, name: &'static str, arguments: &'static str) -> Method {
    Method {
        class,
        number,
        name,
        arguments,
    }
}

#[rustfmt::skip]
const METHODS: [Method; 65] = [
    row(10, 10, "connection.start", "version-major:octet version-minor:octet server-properties:table mechanisms:longstr locales:longstr"),
    row(10, 11, "connection.start-ok", "client-properties:table mechanism:shortstr response:secret locale:shortstr"),
    row(10, 20, "connection.secure", "challenge:secret"),
    row(10, 21, "connection.secure-ok", "response:secret"),
    row(10, 30, "connection.tune", "channel-max:short frame-max:long heartbeat:short"),
    row(10, 31, "connection.tune-ok", "channel-max:short frame-max:long heartbeat:short"),
    row(10, 40, "connection.open", "virtual-host:shortstr reserved-1:shortstr reserved-2:bit"),
    row(10, 41, "connection.open-ok", "reserved-1:shortstr"),
    row(10, 50, "connection.close", "reply-code:short reply-text:shortstr class-id:short method-id:short"),
    row(10, 51, "connection.close-ok", ""),
    row(10, 60, "connection.blocked", "reason:shortstr"),
    row(10, 61, "connection.unblocked", ""),
    row(10, 70, "connection.update-secret", "new-secret:secret reason:shortstr"),
    row(10, 71, "connection.update-secret-ok", ""),
    row(20, 10, "channel.open", "reserved-1:shortstr"),
    row(20, 11, "channel.open-ok", "reserved-1:longstr"),
    row(20, 20, "channel.flow", "active:bit"),
    row(20, 21, "channel.flow-ok", "active:bit"),
    row(20, 40, "channel.close", "reply-code:short reply-text:shortstr class-id:short method-id:short"),
    row(20, 41, "channel.close-ok", ""),
    row(40, 10, "exchange.declare", "reserved-1:short exchange:shortstr type:shortstr passive:bit durable:bit auto-delete:bit internal:bit no-wait:bit arguments:table"),
    row(40, 11, "exchange.declare-ok", ""),
    row(40, 20, "exchange.delete", "reserved-1:short exchange:shortstr if-unused:bit no-wait:bit"),
    row(40, 21, "exchange.delete-ok", ""),
    row(40, 30, "exchange.bind", "reserved-1:short destination:shortstr source:shortstr routing-key:shortstr no-wait:bit arguments:table"),
    row(40, 31, "exchange.bind-ok", ""),
    row(40, 40, "exchange.unbind", "reserved-1:short destination:shortstr source:shortstr routing-key:shortstr no-wait:bit arguments:table"),
    row(40, 51, "exchange.unbind-ok", ""),
    row(50, 10, "queue.declare", "reserved-1:short queue:shortstr passive:bit durable:bit exclusive:bit auto-delete:bit no-wait:bit arguments:table"),
    row(50, 11, "queue.declare-ok", "queue:shortstr message-count:long consumer-count:long"),
    row(50, 20, "queue.bind", "reserved-1:short queue:shortstr exchange:shortstr routing-key:shortstr no-wait:bit arguments:table"),
    row(50, 21, "queue.bind-ok", ""),
    row(50, 30, "queue.purge", "reserved-1:short queue:shortstr no-wait:bit"),
    row(50, 31, "queue.purge-ok", "message-count:long"),
    row(50, 40, "queue.delete", "reserved-1:short queue:shortstr if-unused:bit if-empty:bit no-wait:bit"),
    row(50, 41, "queue.delete-ok", "message-count:long"),
    row(50, 50, "queue.unbind", "reserved-1:short queue:shortstr exchange:shortstr routing-key:shortstr arguments:table"),
    row(50, 51, "queue.unbind-ok", ""),
    row(60, 10, "basic.qos", "prefetch-size:long prefetch-count:short global:bit"),
    row(60, 11, "basic.qos-ok", ""),
    row(60, 20, "basic.consume", "reserved-1:short queue:shortstr consumer-tag:shortstr no-local:bit no-ack:bit exclusive:bit no-wait:bit arguments:table"),
    row(60, 21, "basic.consume-ok", "consumer-tag:shortstr"),
    row(60, 30, "basic.cancel", "consumer-tag:shortstr no-wait:bit"),
    row(60, 31, "basic.cancel-ok", "consumer-tag:shortstr"),
    row(60, 40, "basic.publish", "reserved-1:short exchange:shortstr routing-key:shortstr mandatory:bit immediate:bit"),
    row(60, 50, "basic.return", "reply-code:short reply-text:shortstr exchange:shortstr routing-key:shortstr"),
    row(60, 60, "basic.deliver", "consumer-tag:shortstr delivery-tag:longlong redelivered:bit exchange:shortstr routing-key:shortstr"),
    row(60, 70, "basic.get", "reserved-1:short queue:shortstr no-ack:bit"),
    row(60, 71, "basic.get-ok", "delivery-tag:longlong redelivered:bit exchange:shortstr routing-key:shortstr message-count:long"),
    row(60, 72, "basic.get-empty", "reserved-1:shortstr"),
    row(60, 80, "basic.ack", "delivery-tag:longlong multiple:bit"),
    row(60, 90, "basic.reject", "delivery-tag:longlong requeue:bit"),
    row(60, 100, "basic.recover-async", "requeue:bit"),
    row(60, 110, "basic.recover", "requeue:bit"),
    row(60, 111, "basic.recover-ok", ""),
    row(60, 120, "basic.nack", "delivery-tag:longlong multiple:bit requeue:bit"),
    row(85, 10, "confirm.select", "no-wait:bit"),
    row(85, 11, "confirm.select-ok", ""),
    row(90, 10, "tx.select", ""),
    row(90, 11, "tx.select-ok", ""),
    row(90, 20, "tx.commit", ""),
    row(90, 21, "tx.commit-ok", ""),
    row(90, 30, "tx.rollback", ""),
    row(90, 31, "tx.rollback-ok", ""),
    // Of old clients; RabbitMQ takes it and does nothing.
    row(30, 10, "access.request", "realm:shortstr exclusive:bit passive:bit active:bit write:bit read:bit"),
];
