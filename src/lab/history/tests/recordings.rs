//! Recordings: whole, cut, damaged, foreign, newer.

use super::super::format::{Playback, Recorder, RecordingError};
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_recording_plays_what_was_recorded(
        settings in vocabulary::settings(),
        broker in vocabulary::brokers(),
        events in vec(vocabulary::events(), 0..80),
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
    fn a_recording_that_was_cut_off_plays_to_its_last_whole_event(
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
        prop_assert_eq!(&played, &events[..played.len()]);
    }

    #[test]
    fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut bytes = some();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(playback) = Playback::read(&bytes) {
            prop_assert!(playback.truncated, "only a length that grew looks like a cut");
        }
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
        ("newer", newer(2), RecordingError::Newer(2)),
        ("only the magic", some()[..23].to_vec(), RecordingError::NoStart),
        ("half of the magic", some()[..10].to_vec(), RecordingError::NoStart),
        ("half of the start", some()[..40].to_vec(), RecordingError::NoStart),
    ];
    for (name, bytes, expected) in rows {
        assert_eq!(Playback::read(&bytes).err(), Some(expected), "{name}");
    }
}

#[test]
fn checksum_is_the_common_one() {
    assert_eq!(super::super::format::crc32(b"123456789"), 0xCBF4_3926);
}

#[test]
fn errors_say_what_to_do() {
    let text = RecordingError::Newer(9).to_string();
    assert!(text.contains("use a newer one"), "{text}");
}
