//! Recordings: whole, cut, damaged, foreign, newer.

use super::super::super::ids::{Elapsed, LabTime};
use super::super::bytes::{Code, Writer};
use super::super::format::{Playback, Recorder, RecordingError};
use super::super::sections::section;
use super::vocabulary;
use super::{Event, runs};
use proptest::collection::vec;
use proptest::prelude::*;

fn recorded(events: &[Event]) -> Vec<u8> {
    let (settings, broker) = vocabulary::beginning();
    let mut recorder = Recorder::new(&settings, &broker);
    for event in events {
        recorder.push(event);
    }
    recorder.take()
}

fn some() -> Vec<u8> {
    let events: Vec<Event> = vocabulary::publications(500).collect();
    recorded(&events)
}

/// A recording in three pieces, as a program writes it that runs for a while, and where its sections begin and end.
fn in_pieces() -> (Vec<u8>, [usize; 4]) {
    let (settings, broker) = vocabulary::beginning();
    let mut recorder = Recorder::new(&settings, &broker);
    let mut bytes = recorder.take();
    let mut ends = [bytes.len(); 4];
    let events: Vec<Event> = vocabulary::publications(60).collect();
    for (piece, end) in events.chunks(20).zip(&mut ends[1..]) {
        for event in piece {
            recorder.push(event);
        }
        bytes.extend(recorder.take());
        *end = bytes.len();
    }
    (bytes, ends)
}

/// As runs have them: times go on, and end.
fn in_order(mut events: Vec<Event>) -> Vec<Event> {
    const YEAR_US: u64 = 365 * 24 * 3600 * 1_000_000;
    for event in &mut events {
        (event.at.0, event.lab.0) = (event.at.0 % YEAR_US, event.lab.0 % YEAR_US);
    }
    events.sort_by_key(|event| event.at);
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_recording_plays_what_was_recorded(
        settings in vocabulary::settings(),
        broker in vocabulary::brokers(),
        events in vec(vocabulary::events(), 0..80).prop_map(in_order),
        flushed in 1..40_usize,
    ) {
        let mut recorder = Recorder::new(&settings, &broker);
        let mut bytes = Vec::new();
        for piece in events.chunks(flushed) {
            for event in piece {
                recorder.push(event);
            }
            bytes.extend(recorder.take());
        }
        bytes.extend(recorder.take());
        let playback = Playback::read(&bytes).expect("it is whole");
        prop_assert!(playback.events().eq(events.iter().cloned()));
        prop_assert_eq!(playback.count, events.len() as u64);
        prop_assert_eq!((playback.settings, playback.broker, playback.truncated), (settings, broker, false));
    }

    #[test]
    fn a_recording_that_was_cut_off_plays_to_its_last_whole_section(
        (settings, broker, events) in runs(),
        flushed in 1..200_usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut recorder = Recorder::new(&settings, &broker);
        let mut bytes = recorder.take();
        let start = bytes.len();
        let mut ends = vec![start];
        for piece in events.chunks(flushed) {
            for event in piece {
                recorder.push(event);
            }
            bytes.extend(recorder.take());
            ends.push(bytes.len());
        }
        let cut = start + cut.index(bytes.len() - start + 1);
        let playback = Playback::read(&bytes[..cut]).expect("its start is whole");
        let flushes = ends.iter().filter(|end| **end <= cut).count() - 1;
        prop_assert_eq!(playback.truncated, !ends.contains(&cut));
        let played: Vec<Event> = playback.events().collect();
        prop_assert_eq!(playback.count, played.len() as u64);
        prop_assert!(played.len() >= (flushes * flushed).min(events.len()));
        prop_assert!(ends.contains(&cut) || played.len() < events.len());
        prop_assert_eq!(&played, &events[..played.len()]);
    }

    #[test]
    fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let (mut bytes, ends) = in_pieces();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        match Playback::read(&bytes) {
            // It can't be told from a section that was half written.
            Ok(playback) => prop_assert!(at >= ends[2] && playback.truncated && playback.count == 40),
            Err(error) => prop_assert!(at < ends[2] || error == RecordingError::Damaged(ends[2])),
        }
    }

    #[test]
    fn zeros_at_the_end_are_a_torn_end(cut in any::<prop::sample::Index>(), zeros in 1..5_000_usize) {
        let (mut bytes, ends) = in_pieces();
        let cut = ends[0] + cut.index(bytes.len() - ends[0] + 1);
        // What a file system leaves that had the new length on the disk, and not all that was written.
        bytes.truncate(cut);
        bytes.extend(std::iter::repeat_n(0, zeros));
        let playback = Playback::read(&bytes).expect("what came before is played");
        let whole = ends.iter().filter(|end| **end <= cut).count() as u64 - 1;
        prop_assert!(playback.truncated);
        prop_assert!((whole * 20..=whole * 20 + 20).contains(&playback.count), "{}", playback.count);
        prop_assert!(playback.events().eq(vocabulary::publications(60).take(playback.events().count())));
    }

    #[test]
    fn any_bytes_after_a_start_are_read_without_harm(bytes in vec(any::<u8>(), 0..100)) {
        let mut all = recorded(&[]);
        all.extend(bytes);
        if let Ok(playback) = Playback::read(&all) {
            prop_assert_eq!(playback.events().count() as u64, playback.count);
        }
    }
}

#[test]
fn what_is_no_recording_is_told_apart() {
    let newer = |version| [&some()[..23], &[version], &some()[24..]].concat();
    let rows: Vec<(&str, Vec<u8>, RecordingError)> = vec![
        ("nothing", vec![], RecordingError::Foreign),
        ("a text", b"dispatch your letters".to_vec(), RecordingError::Foreign),
        ("newer", newer(3), RecordingError::Newer(3)),
        ("only the magic", some()[..23].to_vec(), RecordingError::NoStart),
        ("half of the magic", some()[..10].to_vec(), RecordingError::NoStart),
        ("half of the start", some()[..40].to_vec(), RecordingError::NoStart),
    ];
    for (name, bytes, expected) in rows {
        assert_eq!(Playback::read(&bytes).err(), Some(expected), "{name}");
    }
}

#[test]
fn a_recording_of_the_first_version_plays_with_what_it_did_not_know_as_it_was() {
    let (settings, broker) = vocabulary::beginning();
    let mut start = Writer::plain();
    settings.put(&mut start);
    // The kind of queue and the sharing, a byte each, came with the second version.
    start.bytes.truncate(start.bytes.len() - 2);
    broker.put(&mut start);
    let mut bytes = some()[..23].to_vec();
    bytes.push(1);
    section(&start.bytes, &mut bytes);
    let mut recorder = Recorder::new(&settings, &broker);
    let head = recorder.take().len();
    let events: Vec<Event> = vocabulary::publications(50).collect();
    for event in &events {
        recorder.push(event);
    }
    assert!(head > bytes.len() - 2, "the second version says more");
    bytes.extend(recorder.take());
    let playback = Playback::read(&bytes).expect("it is whole");
    assert!(playback.events().eq(events));
    assert_eq!((playback.settings, playback.broker), (settings, broker));
}

/// What it is, its bytes, and how many events are played of it, cut off or not.
type Row = (&'static str, Vec<u8>, Result<(u64, bool), RecordingError>);

#[test]
fn what_follows_a_bad_section_tells_damage_from_a_torn_end() {
    let (whole, ends) = in_pieces();
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = whole.clone();
        bytes.splice(at..at + to.len(), to.iter().copied());
        bytes
    };
    let long = |len: u32| changed(ends[0], &len.to_le_bytes());
    let to_the_end = u32::try_from(whole.len() - ends[0] - 8).expect("it is small");
    let damaged = |at: usize| Err(RecordingError::Damaged(at));
    let rows: [Row; 9] = [
        ("as it was", whole.clone(), Ok((60, false))),
        ("a length beyond the end", long(100_000), damaged(ends[0])),
        ("a length to the end", long(to_the_end), damaged(ends[0])),
        ("a length that nobody writes", long(u32::MAX), damaged(ends[0])),
        ("no length", long(0), damaged(ends[0])),
        (
            "a changed section in between",
            changed(ends[1] + 9, &[0xAA; 4]),
            damaged(ends[1]),
        ),
        (
            "a last section half of zeros",
            changed(ends[3] - 9, &[0; 9]),
            Ok((40, true)),
        ),
        (
            "text at the end",
            [&whole[..], b"so long, and thanks"].concat(),
            damaged(ends[3]),
        ),
        ("half a head at the end", [&whole[..], &[7, 0]].concat(), Ok((60, true))),
    ];
    for (name, bytes, expected) in rows {
        let read = Playback::read(&bytes);
        let got = read.map(|playback| (playback.count, playback.truncated));
        assert_eq!(got, expected, "{name}");
    }
}

#[test]
fn times_that_no_run_has_are_refused() {
    let one = |at: u64, lab: u64| {
        let mut event = vocabulary::reset(Elapsed(at));
        event.lab = LabTime(lab);
        event
    };
    let rows = [
        ("in order", [one(5, 5), one(5, 0)], true),
        ("backwards", [one(5, 5), one(4, 5)], false),
        ("past all ends", [one(5, 5), one(u64::MAX, 5)], false),
        ("past all ends of the lab's clock", [one(5, 5), one(6, u64::MAX)], false),
    ];
    for (name, events, good) in rows {
        assert_eq!(Playback::read(&recorded(&events)).is_ok(), good, "{name}");
    }
}

#[test]
fn checksum_is_the_common_one() {
    assert_eq!(super::super::sections::crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn errors_say_what_to_do() {
    let text = RecordingError::Newer(9).to_string();
    assert!(text.contains("use a newer one"), "{text}");
}
