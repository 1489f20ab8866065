//! Everything that can be written can be read.

use super::*;
use crate::broker::dispatch::{IntKind, Priority, Ttl, UnixMillis};
use crate::broker::store::bytes::{Encoder, Malformed};
use crate::broker::store::record::{BodyAt, Mark, Names, Thing, read_kept, write_kept};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just(IntKind::Byte),
        Just(IntKind::UnsignedByte),
        Just(IntKind::Short),
        Just(IntKind::UnsignedShort),
        Just(IntKind::SignedInt),
        Just(IntKind::UnsignedInt),
        Just(IntKind::Long),
    ];
    let leaf = prop_oneof![
        Just(Value::Void),
        any::<bool>().prop_map(Value::Bool),
        (kind, any::<i64>()).prop_map(|(kind, value)| Value::Int(kind, value)),
        (-1e9_f32..1e9).prop_map(Value::Float),
        (-1e9_f64..1e9).prop_map(Value::Double),
        any::<(u8, u32)>().prop_map(|(scale, value)| Value::Decimal(scale, value)),
        vec(any::<u8>(), 0..8).prop_map(Value::LongStr),
        any::<u64>().prop_map(Value::Timestamp),
        vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            btree_map(".{0,4}", inner, 0..4).prop_map(Value::Table),
        ]
    })
}

fn table() -> impl Strategy<Value = Table> {
    btree_map(".{0,6}", value(), 0..5)
}

fn any_message() -> impl Strategy<Value = Message> {
    let names = (".{0,6}", ".{0,6}", vec(any::<u8>(), 0..20), any::<bool>());
    let tables = (proptest::option::of(table()), proptest::option::of(table()));
    let rest = (any::<Option<u8>>(), any::<Option<u32>>(), any::<u16>());
    (names, tables, rest).prop_map(
        |((exchange, key, properties, persistent), (headers, added), rest)| Message {
            exchange: exchange.into(),
            routing_key: key.into(),
            properties: properties.into(),
            persistence: if persistent {
                Persistence::Persistent
            } else {
                Persistence::Transient
            },
            headers: headers.map(Arc::new),
            priority: rest.0.map(Priority),
            expiration: rest.1.map(Ttl),
            added: added.map(Arc::new),
            failures: Failures(rest.2),
            ..message(Arc::from([]))
        },
    )
}

fn thing() -> impl Strategy<Value = Thing> {
    let kind = prop_oneof![
        Just(ExchangeKind::Direct),
        Just(ExchangeKind::Fanout),
        Just(ExchangeKind::Topic),
        Just(ExchangeKind::Headers),
    ];
    prop_oneof![
        (".{0,8}", kind, any::<[bool; 3]>(), table()).prop_map(|(name, kind, flags, args)| {
            let [durable, auto_delete, internal] = flags;
            Thing::Exchange(ExchangeSpec {
                name,
                kind,
                durable,
                auto_delete,
                internal,
                args,
            })
        }),
        (".{0,8}", any::<[bool; 2]>(), table()).prop_map(|(name, [durable, auto_delete], args)| {
            Thing::Queue(QueueSpec {
                name,
                durable,
                exclusive: None,
                auto_delete,
                args,
            })
        }),
        (".{0,8}", (any::<bool>(), ".{0,8}"), ".{0,8}", table()).prop_map(|(exchange, (queue, name), key, args)| {
            Thing::Binding(Binding {
                exchange,
                to: if queue {
                    Destination::Queue(name)
                } else {
                    Destination::Exchange(name)
                },
                key,
                args,
            })
        }),
    ]
}

proptest! {
    #[test]
    fn message_is_read_as_it_was_written(
        messages in vec((any_message(), any::<u64>(), any::<Option<u64>>(), vec(any::<u8>(), 0..20)), 1..4)
    ) {
        let mut names = Names::default();
        for (message, seq, expires, body) in messages {
            let mut bytes = Encoder::default();
            let expires = expires.map(UnixMillis);
            write_kept(&mut bytes, StoreSeq(seq), expires, &message, BodyAt::Here(&body));
            let read = read_kept(&bytes.0, &mut names).expect("it was written");
            prop_assert_eq!((read.seq, read.expires, read.body), (StoreSeq(seq), expires, BodyAt::Here(&body)));
            prop_assert_eq!(read.message, message);
        }
    }

    #[test]
    fn thing_is_read_as_it_was_written(thing in thing()) {
        prop_assert_eq!(Thing::read(&thing.write()), Ok(thing));
    }

    #[test]
    fn mark_is_read_as_it_was_written(seq: u64, which in 0..3, returns: u32, failures: u16) {
        let standing = match which {
            0 => Standing::Fresh,
            1 => Standing::HandedOut(StoreSeq(seq)),
            _ => Standing::Back(StoreSeq(seq)),
        };
        let mark = Mark { standing, returns: Returns(returns), failures: Failures(failures) };
        let mut bytes = Encoder::default();
        mark.write(&mut bytes);
        prop_assert_eq!(Mark::read(&bytes.0), Ok(mark));
    }

    #[test]
    fn other_bytes_are_refused_or_read_but_never_a_panic(bytes in vec(any::<u8>(), 0..60), cut in 0_usize..60) {
        let _ = (Thing::read(&bytes), Mark::read(&bytes), read_kept(&bytes, &mut Names::default()).is_ok());
        let whole = Thing::Queue(classic("a name")).write();
        let cut = cut % whole.len();
        prop_assert_eq!(Thing::read(&whole[..cut]), Err(Malformed));
    }
}
