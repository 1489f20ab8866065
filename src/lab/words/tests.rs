//! Each sentence fits a line of 80 columns and says what it should.

use super::super::event::{Change, Entry};
use super::super::settings::{Prefetch, Rate, Speed};
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
            },
            "#161 #165 #166 back at their old places: W3's socket was reset",
        ),
        (
            Entry::WentBack {
                jobs: ids(&[1_000_161, 1_000_165, 1_000_166, 1_000_167, 1_000_168]),
                count: 90,
                from: WorkerId(33),
                why: Cause::Killed(KillKind::CrashBeforeAck),
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
