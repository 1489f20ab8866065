use super::log::{KEPT, Log};
use super::read::{header_fields, method_fields};
use super::split::{Piece, Splitter};
use super::stream::{Passed, Stream, What};
use super::told::{Pass, Reader};
use super::*;
use crate::lab::{Elapsed, Frame, WorkerId};
use amq_protocol::frame::{AMQPContentHeader, AMQPFrame, gen_frame};
use amq_protocol::protocol::basic::{Ack, Deliver, Nack, Publish, Qos};
use amq_protocol::protocol::connection::{self, StartOk};
use amq_protocol::protocol::{AMQPClass, BasicProperties, basic};
use amq_protocol::types::FieldTable;
use proptest::prelude::*;

fn bytes(frame: &AMQPFrame) -> Vec<u8> {
    let context = gen_frame(frame)(Vec::new().into()).expect("memory takes all");
    context.into_inner().0
}

fn method(method: basic::AMQPMethod) -> Vec<u8> {
    bytes(&AMQPFrame::Method(1, AMQPClass::Basic(method)))
}

fn deliver(tag: u64, redelivered: bool, body: &[u8]) -> Vec<u8> {
    let deliver = Deliver {
        consumer_tag: "W1.1".into(),
        delivery_tag: tag,
        redelivered,
        exchange: "".into(),
        routing_key: "jobs".into(),
    };
    let properties = BasicProperties::default()
        .with_app_id("dispatch-lab".into())
        .with_message_id((tag + 100).to_string().into())
        .with_delivery_mode(2);
    let mut all = method(basic::AMQPMethod::Deliver(deliver));
    all.extend(content(properties, body));
    all
}

fn content(properties: BasicProperties, body: &[u8]) -> Vec<u8> {
    let header = AMQPContentHeader {
        class_id: 60,
        body_size: body.len() as u64,
        properties,
    };
    let mut all = bytes(&AMQPFrame::Header(1, header));
    for piece in body.chunks(4) {
        all.extend(bytes(&AMQPFrame::Body(1, piece.to_vec())));
    }
    all
}

fn ack(tag: u64, multiple: bool) -> Vec<u8> {
    method(basic::AMQPMethod::Ack(Ack {
        delivery_tag: tag,
        multiple,
    }))
}

fn heartbeat() -> Vec<u8> {
    bytes(&AMQPFrame::Heartbeat)
}

/// All that is complete after these bytes.
fn passed(stream: &mut Stream, way: Way, bytes: &[u8]) -> Vec<Passed> {
    let mut all = Vec::new();
    stream.feed(way, bytes, |passed| all.push(passed));
    all
}

fn frames(way: Way, bytes: &[u8]) -> Vec<Frame> {
    let (mut stream, mut reader) = (Stream::default(), Reader::default());
    let all = passed(&mut stream, way, bytes);
    all.iter().map(|passed| reader.read(pass(way), passed)).collect()
}

fn pass(way: Way) -> Pass {
    Pass {
        number: 1,
        fate: Fate::Passed,
        at: Elapsed(5),
        connection: 1,
        party: Party::Worker(WorkerId(1)),
        way,
    }
}

fn field<'f>(frame: &'f Frame, name: &str) -> &'f str {
    let found = frame.fields.iter().find(|(n, _)| &**n == name);
    found.map_or_else(|| panic!("{name} in {frame:?}"), |(_, value)| value)
}

#[test]
fn a_delivery_is_one_line_with_its_header_and_body() {
    let bytes = deliver(12, true, b"maple...");
    let all = frames(Way::FromBroker, &bytes);
    let [frame] = &all[..] else { panic!("{all:?}") };
    assert_eq!(
        (&*frame.method, &*frame.summary),
        ("basic.deliver", "tag 12 · #112 ●●● · redelivered")
    );
    assert_eq!(usize::try_from(frame.size), Ok(bytes.len()));
    let rows = [
        ("consumer-tag", "W1.1"),
        ("delivery-tag", "12"),
        ("redelivered", "true"),
        ("exchange", ""),
        ("routing-key", "jobs"),
        ("delivery-mode", "2 (persistent)"),
        ("message-id", "112"),
        ("body-size", "8"),
        ("body", "maple..."),
    ];
    for (name, value) in rows {
        assert_eq!(field(frame, name), value, "{name}");
    }
}

#[test]
fn each_way_to_settle_says_what_it_means() {
    let (mut stream, mut reader) = (Stream::default(), Reader::default());
    let mut line = |way, bytes: &[u8]| {
        let all = passed(&mut stream, way, bytes);
        reader.read(pass(way), &all[0]).summary.to_string()
    };
    line(Way::FromBroker, &deliver(7, false, b"oak"));
    line(Way::FromBroker, &deliver(8, false, b"elm.........."));
    assert_eq!(line(Way::ToBroker, &ack(7, false)), "tag 7 · #107");
    assert_eq!(
        line(Way::ToBroker, &ack(8, true)),
        "tag 8 · #108 ●×10 · and all before it"
    );
    assert_eq!(
        line(Way::FromBroker, &ack(3, true)),
        "confirms publish 3 and all before it"
    );
    let nack = |requeue| {
        method(basic::AMQPMethod::Nack(Nack {
            delivery_tag: 9,
            multiple: false,
            requeue,
        }))
    };
    assert_eq!(line(Way::ToBroker, &nack(true)), "tag 9 · requeue");
    assert_eq!(
        line(Way::ToBroker, &nack(false)),
        "tag 9 · don't requeue: dead-letter or drop it"
    );
}

#[test]
fn a_publication_names_message_mode_and_key() {
    let publish = Publish {
        exchange: "".into(),
        routing_key: "jobs".into(),
        mandatory: true,
        immediate: false,
    };
    let mut bytes = method(basic::AMQPMethod::Publish(publish));
    bytes.extend(content(BasicProperties::default(), b""));
    let all = frames(Way::ToBroker, &bytes);
    assert_eq!(&*all[0].summary, "“” · transient · key jobs");
    assert_eq!(field(&all[0], "mandatory"), "true");
}

#[test]
fn the_password_is_not_shown() {
    let login = StartOk {
        client_properties: FieldTable::default(),
        mechanism: "PLAIN".into(),
        response: "\0guest\0sesame".into(),
        locale: "en_US".into(),
    };
    let login = AMQPClass::Connection(connection::AMQPMethod::StartOk(login));
    let all = frames(Way::ToBroker, &bytes(&AMQPFrame::Method(0, login)));
    assert_eq!(&*all[0].method, "connection.start-ok");
    assert!(!format!("{all:?}").contains("sesame"), "{all:?}");
}

#[test]
fn a_stream_begins_with_its_greeting_and_ends_with_or_without_goodbye() {
    let mut stream = Stream::default();
    let all = passed(&mut stream, Way::ToBroker, b"AMQP\0\0\x09\x01");
    assert_eq!(all[0].what, What::Greeting([0, 0, 9, 1]));
    let line = |stream: &Stream| Reader::default().read(pass(Way::ToBroker), &stream.end()).summary;
    assert!(line(&stream).starts_with("no goodbye"));
    let close = AMQPClass::Connection(connection::AMQPMethod::CloseOk(connection::CloseOk {}));
    passed(&mut stream, Way::FromBroker, &bytes(&AMQPFrame::Method(0, close)));
    assert_eq!(&*line(&stream), "in good order");
}

/// Frames of every kind, one after another, and where each begins.
fn traffic() -> (Vec<u8>, Vec<usize>) {
    let pieces = [
        ack(1, false),
        deliver(
            2,
            false,
            b"a body with \x01\x00\x01\x00\x00\x00\x04 in it, like a frame's beginning",
        ),
        heartbeat(),
        method(basic::AMQPMethod::Qos(Qos {
            prefetch_count: 1,
            global: false,
        })),
        deliver(3, true, b"maple.."),
        ack(3, false),
        heartbeat(),
    ];
    let mut at = 0;
    let starts = pieces.iter().map(|piece| {
        let start = at;
        at += piece.len();
        start
    });
    (pieces.concat(), starts.collect())
}

#[test]
fn opened_anywhere_it_finds_the_next_method_and_all_after_it() {
    let (bytes, starts) = traffic();
    let whole = frames(Way::FromBroker, &bytes);
    assert_eq!(whole.len(), starts.len());
    for from in 0..bytes.len() {
        let heard = frames(Way::FromBroker, &bytes[from..]);
        let first = starts.iter().position(|start| *start >= from).unwrap_or(starts.len());
        let methods = |frames: &[Frame]| frames.iter().map(|f| f.method.to_string()).collect::<Vec<_>>();
        assert_eq!(methods(&heard), methods(&whole[first..]), "from {from}");
    }
}

#[test]
fn what_was_not_kept_is_no_reason_to_go_astray() {
    let (bytes, starts) = traffic();
    for cut in 1..starts[3] {
        let mut stream = Stream::default();
        passed(&mut stream, Way::FromBroker, &bytes[..cut]);
        stream.lose_place();
        let found = passed(&mut stream, Way::FromBroker, &bytes[starts[3]..]);
        assert_eq!(found.len(), starts.len() - 3, "cut at {cut}");
    }
}

#[test]
fn the_log_keeps_the_newest_and_counts_the_rest() {
    let mut log = Log::default();
    let extra = 10;
    for _ in 0..KEPT + extra {
        for passed in passed(&mut Stream::default(), Way::ToBroker, &ack(1, false)) {
            log.push(pass(Way::ToBroker), passed);
        }
    }
    let frames = log.frames(3);
    assert_eq!(
        (frames.list.len(), frames.dropped, frames.missed),
        (KEPT, extra as u64, 3)
    );
    let numbers: Vec<u64> = frames.list.iter().map(|frame| frame.number).collect();
    assert_eq!(
        (numbers[0], numbers[KEPT - 1]),
        (extra as u64 + 1, (KEPT + extra) as u64)
    );
    assert!(Arc::ptr_eq(&log.frames(3).list[0], &frames.list[0]), "it is read once");
}

#[tokio::test]
async fn a_closed_tap_keeps_nothing_and_a_full_one_counts_what_it_misses() {
    let (taps, hearing) = Taps::new();
    let ear = taps.ear(Party::Producer);
    ear.heard(Way::ToBroker, Fate::Passed, b"unheard");
    ear.ended();
    assert_eq!(taps.shared.chunks.capacity(), CHUNKS);
    taps.shared.open.store(true, Ordering::Relaxed);
    for _ in 0..CHUNKS + 3 {
        ear.heard(Way::ToBroker, Fate::Passed, b"four");
    }
    assert_eq!(taps.shared.missed.load(Ordering::Relaxed), 12);
    assert_eq!(taps.shared.waiting.load(Ordering::Relaxed), 4 * CHUNKS);
    drop(hearing);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_keep_for_ever(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20)) {
        let mut stream = Stream::default();
        for chunk in &chunks {
            passed(&mut stream, Way::ToBroker, chunk);
            let _ = (method_fields(chunk), header_fields(chunk));
        }
        let mut splitter = Splitter::default();
        splitter.feed(&chunks.concat(), |_| ());
    }

    #[test]
    fn it_does_not_matter_how_the_bytes_are_cut(cuts in prop::collection::vec(1_usize..40, 1..60)) {
        let (bytes, _) = traffic();
        let mut whole = Vec::new();
        Splitter::default().feed(&bytes, |piece| whole.push(copied(piece)));
        let (mut splitter, mut found, mut rest) = (Splitter::default(), Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            splitter.feed(now, |piece| found.push(copied(piece)));
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(found, whole);
    }
}

fn copied(piece: Piece<'_>) -> (u8, u16, Vec<u8>) {
    match piece {
        Piece::Greeting(version) => (0, 0, version.to_vec()),
        Piece::Frame { kind, channel, payload } => (kind, channel, payload.to_vec()),
    }
}

#[test]
fn what_the_network_swallowed_is_marked() {
    let (mut stream, mut reader) = (Stream::default(), Reader::default());
    let mut all = passed(&mut stream, Way::ToBroker, &ack(7, false));
    all.extend(passed(&mut stream, Way::ToBroker, &heartbeat()));
    let lost = Pass {
        fate: Fate::Swallowed,
        ..pass(Way::ToBroker)
    };
    let summaries: Vec<_> = all.iter().map(|passed| reader.read(lost, passed).summary).collect();
    assert_eq!(
        summaries.iter().map(|summary| &**summary).collect::<Vec<_>>(),
        [
            "tag 7 · swallowed by the network",
            "still there · swallowed by the network"
        ]
    );
}
