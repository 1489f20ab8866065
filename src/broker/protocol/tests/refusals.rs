//! Each refusal of dispatch with RabbitMQ's code, text, class and method.

use super::World;
use crate::broker::core::Input;
use crate::broker::dispatch::{ArgSeen, DeliveryTag, IntKind, Like, Refusal, Value};
use crate::broker::protocol::Frame;
use crate::broker::protocol::refusal::{Refused, Scope};
use amq_protocol::protocol::{AMQPClass, basic, exchange, queue};
use amq_protocol::types::{AMQPValue, FieldTable};

const LOCKED: &str = "405 RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be \
                      originally declared on another connection or the exclusive property value does not match that \
                      of the original declaration.";

fn inequivalent(received: ArgSeen, current: ArgSeen) -> Refusal {
    Refusal::InequivalentArg {
        what: "queue",
        name: "q".to_owned(),
        arg: "a",
        received,
        current,
    }
}

type Row = (Refusal, &'static str);

/// What is missing, reserved or belongs to someone else.
fn name_rows() -> Vec<Row> {
    let q = || "q".to_owned();
    vec![
        (Refusal::NoQueue(q()), "404 NOT_FOUND - no queue 'q' in vhost '/'"),
        (Refusal::NoExchange(q()), "404 NOT_FOUND - no exchange 'q' in vhost '/'"),
        (Refusal::QueueLocked(q()), LOCKED),
        (
            Refusal::ReservedName {
                what: "queue",
                name: "amq.foo".to_owned(),
            },
            "403 ACCESS_REFUSED - queue name 'amq.foo' contains reserved prefix 'amq.*'",
        ),
        (
            Refusal::DefaultExchange,
            "403 ACCESS_REFUSED - operation not permitted on the default exchange",
        ),
        (
            Refusal::SystemExchange("amq.direct".to_owned()),
            "403 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed",
        ),
    ]
}

/// What does not fit what is declared.
fn argument_rows() -> Vec<Row> {
    let q = || "q".to_owned();
    let typed = |i| ArgSeen::Typed(Value::Int(IntKind::SignedInt, i));
    let plain = |text: &str| ArgSeen::Plain(text.to_owned());
    vec![
        (
            inequivalent(plain("false"), plain("true")),
            "406 PRECONDITION_FAILED - inequivalent arg 'a' for queue 'q' in vhost '/': received 'false' but current \
             is 'true'",
        ),
        (
            inequivalent(typed(1000), ArgSeen::None),
            "406 PRECONDITION_FAILED - inequivalent arg 'a' for queue 'q' in vhost '/': received the value '1000' of \
             type 'signedint' but current is none",
        ),
        (
            inequivalent(ArgSeen::None, ArgSeen::Typed(Value::LongStr(b"lazy".to_vec()))),
            "406 PRECONDITION_FAILED - inequivalent arg 'a' for queue 'q' in vhost '/': received none but current is \
             the value 'lazy' of type 'longstr'",
        ),
        (
            inequivalent(typed(2000), typed(1000)),
            "406 PRECONDITION_FAILED - inequivalent arg 'a' for queue 'q' in vhost '/': received '2000' but current is \
             '1000'",
        ),
        (
            Refusal::InvalidArg {
                arg: "x-expires".to_owned(),
                queue: q(),
                reason: "{value_zero,0}".to_owned(),
            },
            "406 PRECONDITION_FAILED - invalid arg 'x-expires' for queue 'q' in vhost '/': {value_zero,0}",
        ),
        (
            Refusal::ArgNotForType {
                arg: "x-a".to_owned(),
                queue: q(),
                module: "rabbit_classic_queue",
            },
            "406 PRECONDITION_FAILED - invalid arg 'x-a' for queue 'q' in vhost '/' of queue type rabbit_classic_queue",
        ),
    ]
}

/// What is in use, unknown or not possible.
fn use_rows() -> Vec<Row> {
    let q = || "q".to_owned();
    vec![
        (
            Refusal::QueueInUse(q()),
            "406 PRECONDITION_FAILED - queue 'q' in vhost '/' in use",
        ),
        (
            Refusal::QueueNotEmpty(q()),
            "406 PRECONDITION_FAILED - queue 'q' in vhost '/' not empty",
        ),
        (
            Refusal::ExchangeInUse(q()),
            "406 PRECONDITION_FAILED - exchange 'q' in vhost '/' in use",
        ),
        (
            Refusal::ExclusiveUse(q()),
            "403 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use",
        ),
        (
            Refusal::ConsumerTagInUse("t".to_owned()),
            "530 NOT_ALLOWED - attempt to reuse consumer tag 't'",
        ),
        (
            Refusal::UnknownDeliveryTag(DeliveryTag(99)),
            "406 PRECONDITION_FAILED - unknown delivery tag 99",
        ),
        (
            Refusal::InternalExchange("x".to_owned()),
            "403 ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'",
        ),
        (
            Refusal::InvalidProperty {
                property: "non-durable",
                queue: q(),
            },
            "406 PRECONDITION_FAILED - invalid property 'non-durable' for queue 'q' in vhost '/'",
        ),
        (
            Refusal::GlobalQos(q()),
            "540 NOT_IMPLEMENTED - queue 'q' in vhost '/' does not support global qos",
        ),
        (Refusal::NotImplemented("what".to_owned()), "540 NOT_IMPLEMENTED - what"),
    ]
}

#[test]
fn texts_are_rabbitmqs() {
    for (refusal, expected) in [name_rows(), argument_rows(), use_rows()].concat() {
        let whole = matches!(
            refusal,
            Refusal::ConsumerTagInUse(_) | Refusal::NotImplemented(_) | Refusal::GlobalQos(_)
        );
        let answer = Refused::from(refusal).told("/");
        assert_eq!(format!("{} {}", answer.code.number(), answer.reply_text()), expected);
        assert_eq!(answer.scope == Scope::Connection, whole, "{expected}");
    }
}

fn queue_method(method: queue::AMQPMethod) -> Frame {
    AMQPClass::Queue(method).into()
}

fn exchange_method(method: exchange::AMQPMethod) -> Frame {
    AMQPClass::Exchange(method).into()
}

/// What is refused at once on a fresh channel, where nothing is declared: consumers and queues.
fn fresh_queue_rows() -> Vec<(Frame, &'static str)> {
    let no_queue = "404 NOT_FOUND - no queue 'nsq' in vhost '/'";
    let declare = |name: &str, passive| {
        queue_method(queue::AMQPMethod::Declare(queue::Declare {
            queue: name.into(),
            passive,
            ..Default::default()
        }))
    };
    let bind = queue::AMQPMethod::Bind(queue::Bind {
        queue: "nsq".into(),
        exchange: "amq.direct".into(),
        ..Default::default()
    });
    let purge = queue::AMQPMethod::Purge(queue::Purge {
        queue: "nsq".into(),
        nowait: false,
    });
    let get = basic::AMQPMethod::Get(basic::Get {
        queue: "nsq".into(),
        no_ack: true,
    });
    vec![
        (declare("nsq", true), no_queue),
        (super::consume("nsq", "t"), no_queue),
        (get.into(), no_queue),
        (queue_method(purge), no_queue),
        (queue_method(bind), no_queue),
        (super::consume("", "t"), "404 NOT_FOUND - no previously declared queue"),
        (
            declare("amq.foo", false),
            "403 ACCESS_REFUSED - queue name 'amq.foo' contains reserved prefix 'amq.*'",
        ),
    ]
}

/// The same for exchanges.
fn fresh_exchange_rows() -> Vec<(Frame, &'static str)> {
    let declare = |name: &str, kind: &str, passive| {
        exchange_method(exchange::AMQPMethod::Declare(exchange::Declare {
            exchange: name.into(),
            kind: kind.into(),
            passive,
            ..Default::default()
        }))
    };
    let delete = exchange::AMQPMethod::Delete(exchange::Delete {
        exchange: "amq.direct".into(),
        ..Default::default()
    });
    vec![
        (
            declare("nsx", "", true),
            "404 NOT_FOUND - no exchange 'nsx' in vhost '/'",
        ),
        (
            declare("x", "nope", false),
            "406 PRECONDITION_FAILED - unknown exchange type 'nope'",
        ),
        (
            exchange_method(delete),
            "403 ACCESS_REFUSED - deletion of system exchange 'amq.direct' in vhost '/' not allowed",
        ),
    ]
}

#[test]
fn refused_method_closes_its_channel_and_names_itself() {
    for (frame, expected) in fresh_queue_rows().into_iter().chain(fresh_exchange_rows()) {
        let mut world = World::new();
        let id = world.client();
        let at = match &frame {
            Frame::Method(method) => format!("({},{})", method.get_amqp_class_id(), method.get_amqp_method_id()),
            other => panic!("{other:?} is no method"),
        };
        assert_eq!(world.send(id, 1, frame), [format!("1/1 close {expected} {at}")]);
        assert_eq!(
            world.send(id, 2, super::open_channel()),
            ["1/2 Channel.OpenOk"],
            "the connection lives"
        );
    }
}

#[test]
fn deleting_and_unbinding_what_is_not_there_is_fine() {
    let mut world = World::new();
    let id = world.client();
    let delete = queue::Delete {
        queue: "nsq".into(),
        ..Default::default()
    };
    assert_eq!(
        world.send(id, 1, queue::AMQPMethod::Delete(delete)),
        ["1/1 Queue.DeleteOk"]
    );
    let delete = exchange::Delete {
        exchange: "nsx".into(),
        ..Default::default()
    };
    let told = world.send(id, 1, exchange_method(exchange::AMQPMethod::Delete(delete)));
    assert_eq!(told, ["1/1 Exchange.DeleteOk"]);
    let cancel = basic::Cancel {
        consumer_tag: "nope".into(),
        nowait: false,
    };
    assert_eq!(
        world.send(id, 1, basic::AMQPMethod::Cancel(cancel)),
        ["1/1 Basic.CancelOk"]
    );
}

#[test]
fn exclusive_queue_is_locked_for_others_and_goes_with_its_owner() {
    let mut world = World::new();
    let (owner, other) = (world.client(), world.client());
    let declare = queue::Declare {
        queue: "q".into(),
        exclusive: true,
        ..Default::default()
    };
    world.send(owner, 1, queue::AMQPMethod::Declare(declare));
    assert_eq!(
        world.send(other, 1, super::consume("q", "t")),
        [format!("2/1 close {LOCKED} (60,20)")]
    );
    world.tell(Input::Lost(owner));
    world.send_all(other, 1, vec![super::channel_close_ok(), super::open_channel()]);
    let gone = world.send(other, 1, super::consume("q", "t"));
    assert_eq!(gone, ["2/1 close 404 NOT_FOUND - no queue 'q' in vhost '/' (60,20)"]);
}

#[test]
fn stream_is_refused_at_once() {
    let mut world = World::new();
    let id = world.client();
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("stream".into()));
    let declare = queue::Declare {
        queue: "q".into(),
        durable: true,
        arguments,
        ..Default::default()
    };
    let told = world.send(id, 1, queue::AMQPMethod::Declare(declare));
    assert_eq!(
        told,
        ["1/0 close 540 NOT_IMPLEMENTED - this broker has no streams (queue type 'stream') (50,10)"]
    );
}

#[test]
fn reused_consumer_tag_closes_the_connection() {
    let mut world = World::new();
    let id = world.client();
    world.queue(id, "q");
    world.send(id, 1, super::consume("q", "t"));
    let told = world.send(id, 1, super::consume("q", "t"));
    assert_eq!(
        told,
        ["1/0 close 530 NOT_ALLOWED - attempt to reuse consumer tag 't' (60,20)"]
    );
}

#[test]
fn unknown_exchange_type_closes_the_connection_of_3_10_and_the_channel_of_later_ones() {
    let declare = exchange::Declare {
        exchange: "x".into(),
        kind: "nope".into(),
        ..exchange::Declare::default()
    };
    let text = "unknown exchange type 'nope' (40,10)";
    for (like, close) in [
        (Like::V3_10, "1/0 close 503 COMMAND_INVALID"),
        (Like::V4_0, "1/1 close 406 PRECONDITION_FAILED"),
        (Like::V4_3, "1/1 close 406 PRECONDITION_FAILED"),
    ] {
        let mut world = World::like(like);
        let id = world.client();
        let method: Frame = AMQPClass::Exchange(exchange::AMQPMethod::Declare(declare.clone())).into();
        assert_eq!(world.send(id, 1, method), [format!("{close} - {text}")], "{like:?}");
    }
}
