//! The history against the plainest one; what is written is read; what is cut or damaged is found.

mod recordings;
mod vocabulary;

use super::super::event::Event;
use super::super::ids::{Elapsed, JobId};
use super::super::settings::Settings;
use super::super::sight::{Filter, Gaze, PageQuery, Sort, StepKind, When};
use super::super::snapshot::BrokerRow;
use super::super::tests::histories::runs;
use super::bytes::{Code, Reader, Writer};
use super::moments::Distances;
use super::naive::Naive;
use super::{History, Layout};
use proptest::prelude::*;

/// Small pieces, so that short runs have many.
const SMALL: Layout = Layout {
    block: 16,
    distances: Distances { near: 48, far: 200 },
};

fn history(settings: &Settings, broker: &BrokerRow, limit: u64, events: &[Event]) -> History {
    let mut history = History::with_layout(settings.clone(), broker.clone(), limit, SMALL);
    events.iter().for_each(|event| history.push(event));
    history
}

fn naive(settings: &Settings, broker: &BrokerRow, events: &[Event]) -> Naive {
    let mut naive = Naive::new(settings.clone(), broker.clone());
    events.iter().for_each(|event| naive.push(event));
    naive
}

fn whens() -> impl Strategy<Value = When> {
    prop_oneof![
        1 => Just(When::Now),
        3 => (0..30_000_000_u64).prop_map(|at| When::At(Elapsed(at))),
        6 => (0..1_500_u64).prop_map(When::After),
    ]
}

fn queries() -> impl Strategy<Value = PageQuery> {
    let filter = prop::sample::select(Filter::ALL.to_vec());
    let sort = prop::sample::select(vec![Sort::Newest, Sort::Oldest, Sort::Longest]);
    let find = prop::option::weighted(0.3, (0..80_u32).prop_map(JobId));
    (filter, sort, 0..60_u32, 0..30_u16, find).prop_map(|(filter, sort, first, rows, find)| PageQuery {
        filter,
        sort,
        first,
        rows,
        find,
    })
}

fn gazes() -> impl Strategy<Value = Gaze> {
    let journey = prop::option::of((0..80_u32).prop_map(JobId));
    (whens(), prop::option::of(queries()), journey).prop_map(|(when, page, journey)| Gaze { when, page, journey })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sees_what_a_list_of_all_events_shows(
        (settings, broker, events) in runs(),
        gazes in prop::collection::vec(gazes(), 1..12),
    ) {
        let mut history = history(&settings, &broker, u64::MAX, &events);
        let mut naive = naive(&settings, &broker, &events);
        let now = Elapsed(events.last().map_or(0, |event| event.at.0) + 5);
        for gaze in gazes {
            let (mut sight, expected) = (history.look(&gaze, now), naive.look(&gaze, now));
            prop_assert!(sight.extent.bytes > 0 || events.is_empty());
            sight.extent.bytes = 0;
            prop_assert_eq!(sight, expected);
        }
    }

    #[test]
    fn single_steps_see_what_a_list_of_all_events_shows((settings, broker, events) in runs(), from in 0..300_u64) {
        let mut history = history(&settings, &broker, u64::MAX, &events);
        let mut naive = naive(&settings, &broker, &events);
        let there_and_back = (from..from + 40).chain((from..from + 40).rev());
        for when in there_and_back.map(When::After) {
            let gaze = Gaze { when, ..Gaze::default() };
            let (mut sight, expected) = (history.look(&gaze, Elapsed(0)), naive.look(&gaze, Elapsed(0)));
            sight.extent.bytes = 0;
            prop_assert_eq!(sight, expected);
        }
    }

    #[test]
    fn with_little_room_the_oldest_goes_and_the_rest_is_as_it_was(
        (settings, broker, events) in runs(),
        limit in 500..6_000_u64,
        gazes in prop::collection::vec(gazes(), 1..12),
    ) {
        let mut history = history(&settings, &broker, limit, &events);
        let mut naive = naive(&settings, &broker, &events);
        let now = Elapsed(events.last().map_or(0, |event| event.at.0));
        let first = history.extent().first;
        for gaze in gazes {
            let sight = history.look(&gaze, now);
            prop_assert_eq!(sight.extent.first, first);
            prop_assert!(sight.point.events >= first.events && sight.point.at >= first.at);
            let gaze = match gaze.when {
                When::Now => gaze,
                When::At(at) => Gaze { when: When::At(at.max(first.at)), ..gaze },
                When::After(n) => Gaze { when: When::After(n.max(first.events)), ..gaze },
            };
            let expected = naive.look(&gaze, now);
            prop_assert_eq!(sight.point, expected.point);
            prop_assert_eq!(sight.past, expected.past);
            prop_assert_eq!(sight.page, expected.page);
            if sight.point.events > first.events {
                prop_assert_eq!(sight.event, expected.event);
            }
            let (Some(told), Some(whole)) = (sight.journey, expected.journey) else { continue };
            let kept: Vec<_> = whole.steps.into_iter().filter(|step| step.events > first.events).collect();
            prop_assert_eq!(told.cut_off, told.row.is_some()
                && !kept.iter().any(|step| matches!(step.what, StepKind::Published(..))));
            prop_assert_eq!(told.steps, kept);
        }
    }

    #[test]
    fn events_of_a_run_are_read_as_they_were_written((settings, _, events) in runs()) {
        let mut writer = Writer::new(settings.scale.0);
        events.iter().for_each(|event| event.put(&mut writer));
        let mut reader = Reader::new(&writer.bytes).expect("it has a beginning");
        for event in &events {
            prop_assert_eq!(Event::get(&mut reader), Some(event.clone()));
        }
        prop_assert_eq!(reader.left(), 0);
    }
}

#[test]
fn what_is_kept_stays_within_the_limit_but_for_the_last_piece() {
    let (settings, broker) = vocabulary::beginning();
    let mut history = History::with_layout(settings, broker, 20_000, SMALL);
    let mut most = 0;
    for event in vocabulary::publications(20_000) {
        history.push(&event);
        most = most.max(history.extent().bytes);
    }
    let extent = history.extent();
    assert!(most < 40_000, "{most}");
    assert!(extent.first.events > 15_000, "{extent:?}");
    assert_eq!(extent.last.events, 20_000);
}

#[test]
fn a_job_of_the_run_before_is_not_mistaken_for_its_namesake() {
    let (settings, broker) = vocabulary::beginning();
    let mut events: Vec<Event> = vocabulary::publications(3).collect();
    events.push(vocabulary::reset(events[2].at));
    events.extend(vocabulary::publications(2));
    let mut history = history(&settings, &broker, u64::MAX, &events);
    let mut steps = |after, job| {
        let gaze = Gaze {
            when: When::After(after),
            journey: Some(JobId(job)),
            ..Gaze::default()
        };
        let journey = history.look(&gaze, Elapsed(0)).journey.expect("it was asked for");
        journey.steps.iter().map(|step| step.events).collect::<Vec<u64>>()
    };
    assert_eq!(steps(3, 2), [2]);
    assert_eq!(steps(4, 2), [0; 0]);
    assert_eq!(steps(6, 2), [6]);
    assert_eq!(steps(6, 3), [0; 0]);
}
