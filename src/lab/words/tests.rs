//! Each sentence fits a line of 80 columns and says what it should.

use super::super::event::{Change, Entry};
use super::super::insight::{Insight, Lesson, Remedy, examples};
use super::super::place::Place;
use super::super::settings::{AckMode, Prefetch, Rate, Settings, Speed};
use super::*;
use std::sync::Arc;

fn ids(numbers: &[u32]) -> Arc<[JobId]> {
    numbers.iter().map(|&n| JobId(n)).collect()
}

#[test]
fn sentences_read_as_intended() {
    let rows: &[(Entry, &str)] = &[
        (
            Entry::Dispatched {
                job: JobId(168),
                to: WorkerId(1),
                passed_over: Arc::from([
                    (WorkerId(2), PassedOver::NoRoom(NoRoom::Full(1))),
                    (WorkerId(3), PassedOver::Gone),
                ]),
            },
            "#168 → W1  next in turn; W2 is full (1/1), W3 is gone",
        ),
        (
            Entry::WentBack {
                jobs: ids(&[161, 165, 166]),
                count: 3,
                from: WorkerId(3),
                why: Cause::Killed(KillKind::Reset),
                place: Place::Old,
            },
            "#161 #165 #166 back at their old places: W3's socket was reset",
        ),
        (
            Entry::WentBack {
                jobs: ids(&[1_000_161, 1_000_165, 1_000_166, 1_000_167, 1_000_168]),
                count: 90,
                from: WorkerId(33),
                why: Cause::Killed(KillKind::CrashBeforeAck),
                place: Place::Old,
            },
            "#1000161 #1000165 #1000166 #1000167 … 90 jobs back at their old places: \
             W33's process crashed before the ack",
        ),
        (
            Entry::Lost {
                jobs: ids(&[4]),
                count: 1,
                from: None,
                why: Cause::BrokerTransientMessage,
            },
            "#4 lost: transient messages, and the broker ended",
        ),
        (
            Entry::Changed(Change::Prefetch(Prefetch(1))),
            "prefetch 1: every worker re-subscribed; it holds for new deliveries",
        ),
        (
            Entry::Changed(Change::Rate(Rate(150))),
            "the producer publishes 1.5/s, at once",
        ),
        (Entry::Added(WorkerId(4), Speed(500)), "W4 added, ×0.5"),
    ];
    for (entry, text) in rows {
        assert_eq!(entry.to_string(), *text);
    }
}

#[test]
fn every_kill_kind_has_its_words() {
    for kind in KillKind::ALL {
        assert!(!kind.past().is_empty());
        assert!(kind.lesson().chars().count() <= 60, "{kind}");
        let why = Cause::Killed(kind).to_string();
        assert!(why.starts_with("the "), "{why}");
    }
}

#[test]
fn each_insight_fits_a_line() {
    for insight in examples() {
        let text = insight.to_string();
        assert!(!text.is_empty(), "{insight:?}");
        assert!(text.chars().count() <= 78, "{} columns: {text}", text.chars().count());
        if let Some(worker) = insight.worker() {
            assert!(text.contains(&worker.to_string()), "{text}");
        }
    }
}

#[test]
fn each_lesson_has_a_title_a_rule_and_a_known_kind_of_source() {
    let sources = [
        "rabbitmq.com/docs/",
        "rabbitmq.com/tutorials/",
        "github.com/",
        "dispatch-lab: ",
    ];
    for insight in examples() {
        let Lesson {
            title,
            belief,
            rule,
            source,
        } = insight.lesson();
        assert!(!title.is_empty() && title.chars().count() <= 31, "{title}");
        assert!(belief.chars().count() <= 66, "{belief}");
        assert!(rule.ends_with('.') && rule.chars().count() <= 125, "{rule}");
        let path = sources.iter().find_map(|known| source.strip_prefix(known));
        assert!(path.is_some_and(|path| !path.is_empty()), "{source}");
    }
}

#[test]
fn each_remedy_is_a_sentence() {
    let settings = Settings::default();
    for insight in examples() {
        let text = insight.remedy(&settings).to_string();
        assert!((10..=70).contains(&text.chars().count()), "{text}");
    }
}

#[test]
fn fewer_in_trays_is_another_key_in_each_case() {
    let hoarding = Insight::Hoarding {
        worker: WorkerId(1),
        tray: 2,
        idle: WorkerId(2),
    };
    let rows = [
        (AckMode::Automatic, 0, Remedy::ManualAck),
        (AckMode::Automatic, 5, Remedy::ManualAck),
        (AckMode::Manual, 0, Remedy::LimitPrefetch),
        (AckMode::Manual, 1, Remedy::Wait),
        (AckMode::Manual, 5, Remedy::LowerPrefetch),
    ];
    for (ack, prefetch, remedy) in rows {
        let settings = Settings {
            ack,
            prefetch: Prefetch(prefetch),
            ..Settings::default()
        };
        assert_eq!(hoarding.remedy(&settings), remedy, "{ack}, {prefetch}");
    }
}
