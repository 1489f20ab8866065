//! The broker's end: what survives by kind of queue and message, and what is confirmed.

use super::script::{at, carried_out, of, settled, when, workers};
use crate::lab::{
    Arrivals, BrokerCommand, Command, Compare, Condition, Confirms, Count, Delivery, Event, Happening, Over, Prefetch,
    QueueKind, Settings, Sizes, Speed, Version, WorkerCount, WorkerId, Workload,
};

fn one_busy_worker() -> Settings {
    Settings {
        prefetch: Prefetch(1),
        ..workers(&[1000])
    }
}

fn killed_and_started(before: Vec<Command>, kill_at: u64, how: BrokerCommand) -> Vec<crate::lab::Cue> {
    vec![
        at(0, before),
        at(kill_at, vec![Command::Broker(how)]),
        at(kill_at + 100, vec![]),
        at(kill_at + 2_000, vec![Command::Broker(BrokerCommand::Start)]),
    ]
}

#[test]
fn only_persistent_messages_in_a_durable_queue_outlive_the_broker() {
    for (queue, messages, survives) in [
        (QueueKind::Durable, Delivery::Persistent, true),
        (QueueKind::Durable, Delivery::Transient, false),
        (QueueKind::Transient, Delivery::Persistent, false),
    ] {
        for how in [BrokerCommand::Kill, BrokerCommand::Stop] {
            let settings = Settings {
                queue,
                messages,
                ..one_busy_worker()
            };
            let cues = killed_and_started(vec![Command::Publish(10)], 500, how);
            let (ran, _) = carried_out(&of(settings, settled(cues)));
            let expected = if survives { (10, 0) } else { (0, 10) };
            let books = ran.snapshot.books;
            assert_eq!((books.done, books.lost), expected, "{queue:?} {messages:?} {how:?}");
        }
    }
}

fn first_confirm(events: &[Event]) -> Option<u64> {
    let published = events.iter().find(|e| matches!(e.what, Happening::Published(_)))?.at;
    let confirmed = events.iter().find(|e| matches!(e.what, Happening::Confirmed(_)))?.at;
    Some(confirmed.0 - published.0)
}

#[test]
fn confirm_of_a_persistent_message_waits_for_the_disk() {
    let confirmed = |messages| {
        let settings = Settings {
            confirms: Confirms::On,
            messages,
            ..workers(&[1000, 1000])
        };
        let (ran, events) = carried_out(&of(settings, settled(vec![at(10, vec![Command::Publish(20)])])));
        assert_eq!(ran.snapshot.producer.confirmed, 20);
        first_confirm(&events).expect("it was confirmed")
    };
    let (transient, persistent) = (confirmed(Delivery::Transient), confirmed(Delivery::Persistent));
    assert!(transient < 1_000 && persistent >= 2_000, "{transient} {persistent}");
}

#[test]
fn what_never_reached_the_disk_is_lost_with_a_crash_and_not_confirmed() {
    let settings = Settings {
        confirms: Confirms::On,
        ..one_busy_worker()
    };
    let at_once = vec![Command::Publish(10), Command::Broker(BrokerCommand::Kill)];
    let cues = vec![at(0, at_once), at(3_000, vec![Command::Broker(BrokerCommand::Start)])];
    let (ran, _) = carried_out(&of(settings, settled(cues)));
    assert_eq!((ran.snapshot.books.lost, ran.snapshot.producer.confirmed), (10, 0));
}

#[test]
fn crash_flags_all_that_waited_as_redelivered_and_a_good_stop_what_was_out() {
    let redelivered = |how| {
        let cues = killed_and_started(vec![Command::Publish(10)], 500, how);
        let (ran, _) = carried_out(&of(one_busy_worker(), settled(cues)));
        ran.snapshot.queue.redelivered
    };
    assert_eq!(
        (redelivered(BrokerCommand::Kill), redelivered(BrokerCommand::Stop)),
        (10, 1)
    );
}

#[test]
fn crash_test_and_another_version_run_by_themselves() {
    let cues = vec![
        at(0, vec![Command::CrashTest(3)]),
        at(10_000, vec![Command::SetVersion(Version::V3_10)]),
    ];
    let (ran, _) = carried_out(&of(one_busy_worker(), settled(cues)));
    assert_eq!(ran.snapshot.broker.version, Some(Version::V3_10));
    let books = ran.snapshot.books;
    assert_eq!(books.published, 12);
    assert_eq!(books.done + books.lost, 3 + 9, "{books:?}");
}

/// The work takes no time, the disk does.
#[test]
fn script_has_settled_only_when_all_confirms_have_come() {
    let settings = Settings {
        confirms: Confirms::On,
        workload: Workload {
            sizes: Sizes::Instant,
            arrivals: Arrivals::Regular,
        },
        ..workers(&[1000])
    };
    let (ran, _) = carried_out(&of(settings, settled(vec![at(10, vec![Command::Publish(1)])])));
    assert_eq!((ran.over, ran.snapshot.producer.confirmed), (Some(Over::Reached), 1));
}

#[test]
fn simulated_lab_takes_on_more_workers_than_a_real_one() {
    let more = vec![Command::AddWorker(Speed(1000)); 100];
    let (ran, _) = carried_out(&of(workers(&[1000]), settled(vec![at(0, more)])));
    assert_eq!(ran.snapshot.workers.len(), 101);
}

/// The slow worker has the first job while the other one does all the rest: after the start the queue's places go on right
/// behind the first one.
#[test]
fn jobs_after_a_start_are_stored_where_others_were_before() {
    for how in [BrokerCommand::Kill, BrokerCommand::Stop] {
        let others_done = Condition {
            what: Count::Worker(WorkerId(2), WorkerCount::Done),
            is: Compare::AtLeast,
            than: 5,
        };
        let settings = Settings {
            prefetch: Prefetch(1),
            ..workers(&[100, 1000])
        };
        let cues = vec![
            at(0, vec![Command::Publish(6)]),
            when(others_done, vec![]),
            at(12_000, vec![Command::Broker(how)]),
            at(14_000, vec![Command::Broker(BrokerCommand::Start)]),
            at(20_000, vec![Command::Publish(2)]),
            at(21_000, vec![Command::Broker(how)]),
            at(23_000, vec![Command::Broker(BrokerCommand::Start)]),
        ];
        let (ran, _) = carried_out(&of(settings, settled(cues)));
        let books = ran.snapshot.books;
        assert_eq!((books.done, books.lost), (8, 0), "{how:?}");
    }
}
