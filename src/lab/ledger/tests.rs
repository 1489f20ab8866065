//! Events in, books out.

use super::super::command::KillKind;
use super::super::event::{Cause, Entry, Event, Happening, Published};
use super::super::ids::{DeliveryTag, Elapsed, JobId, LabTime, WorkerId};
use super::super::settings::{AckMode, Confirms, Delivery, QueueKind, Settings, Speed};
use super::super::snapshot::{BrokerRow, BrokerState, Control, LOG_LINES};
use super::super::wire::Delivered;
use super::Ledger;
use std::sync::Arc;

const W1: WorkerId = WorkerId(1);
const W2: WorkerId = WorkerId(2);
const J1: JobId = JobId(1);

fn ledger() -> Ledger {
    let broker = BrokerRow {
        name: "none".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("there is none"),
        version: None,
    };
    Ledger::new(Settings::default(), broker)
}

fn enter(ledger: &mut Ledger, events: Vec<Happening>) {
    for what in events {
        let at = Elapsed(0);
        ledger.apply(&Event {
            at,
            lab: LabTime(0),
            what,
        });
        ledger.check();
    }
}

fn published(job: u32) -> Happening {
    Happening::Published(Published {
        job: JobId(job),
        queue: QueueKind::Durable,
        delivery: Delivery::Persistent,
        confirms: Confirms::On,
    })
}

fn delivered(worker: WorkerId, redelivered: bool, ack: AckMode) -> Happening {
    let d = Delivered {
        job: J1,
        dots: 1,
        tag: DeliveryTag(1),
        redelivered,
        ack,
    };
    Happening::Delivered(worker, d)
}

fn done_by(worker: WorkerId, redelivered: bool) -> Vec<Happening> {
    vec![
        delivered(worker, redelivered, AckMode::Manual),
        Happening::Begun(worker, J1),
        Happening::Finished(worker, J1),
    ]
}

fn ids(job: JobId) -> Arc<[JobId]> {
    [job].into()
}

fn went_back(from: WorkerId) -> Happening {
    let why = Cause::Killed(KillKind::CrashBeforeAck);
    Happening::WentBack {
        jobs: ids(J1),
        from,
        why,
    }
}

fn lost(from: Option<WorkerId>, why: Cause) -> Happening {
    Happening::Lost {
        jobs: ids(J1),
        from,
        why,
    }
}

#[test]
fn events_lead_to_books() {
    let auto = AckMode::Automatic;
    let lost_with_w1 = lost(Some(W1), Cause::Killed(KillKind::Reset));
    let taken = lost(None, Cause::TakenByOthers);
    // After the first publication: the events, and then waiting, tray, hand, done, lost, returned, twice.
    let rows: Vec<(&str, Vec<Happening>, [u32; 7])> = vec![
        ("published", vec![], [1, 0, 0, 0, 0, 0, 0]),
        ("returned", vec![Happening::Returned(J1)], [0, 0, 0, 0, 0, 1, 0]),
        ("refused", vec![Happening::Nacked(J1)], [0, 0, 0, 0, 0, 1, 0]),
        ("delivered", vec![delivered(W1, false, auto)], [0, 1, 0, 0, 0, 0, 0]),
        (
            "lost",
            vec![delivered(W1, false, auto), lost_with_w1],
            [0, 0, 0, 0, 1, 0, 0],
        ),
        ("taken", vec![taken.clone()], [0, 0, 0, 0, 1, 0, 0]),
        (
            "given back",
            vec![taken, delivered(W1, true, auto)],
            [0, 1, 0, 0, 0, 0, 0],
        ),
        ("done", done_by(W1, false), [0, 0, 0, 1, 0, 0, 0]),
        (
            "done, not acked, back",
            [done_by(W1, false), vec![went_back(W1)]].concat(),
            [1, 0, 0, 0, 0, 0, 0],
        ),
        (
            "done twice",
            [done_by(W1, false), vec![went_back(W1)], done_by(W2, true)].concat(),
            [0, 0, 0, 1, 0, 0, 1],
        ),
        (
            "done, under way again without a word",
            [
                done_by(W1, false),
                vec![Happening::Acked(W1, J1), delivered(W2, true, auto)],
            ]
            .concat(),
            [0, 1, 0, 0, 0, 0, 0],
        ),
        (
            "done, and still there after a restart",
            [
                done_by(W1, false),
                vec![Happening::Acked(W1, J1), Happening::StillThere(ids(J1))],
            ]
            .concat(),
            [1, 0, 0, 0, 0, 0, 0],
        ),
    ];
    for (name, events, expected) in rows {
        let mut ledger = ledger();
        enter(&mut ledger, vec![published(1)]);
        enter(&mut ledger, events);
        let b = ledger.books(Elapsed(0));
        let got = [b.waiting, b.tray, b.hand, b.done, b.lost, b.returned, b.twice];
        assert_eq!(got, expected, "{name}");
        assert_eq!(b.published, 1, "{name}");
    }
}

#[test]
fn tallies_go_to_the_worker_that_did_it() {
    let mut ledger = ledger();
    let history = [
        vec![published(1)],
        done_by(W1, false),
        vec![went_back(W1)],
        done_by(W2, true),
    ];
    enter(&mut ledger, history.concat());
    enter(&mut ledger, vec![Happening::Acked(W2, J1), Happening::Confirmed(J1)]);
    let snapshot = ledger.snapshot(Elapsed(0));
    let tallies: Vec<[u32; 4]> = snapshot
        .workers
        .iter()
        .map(|w| [w.done, w.twice, w.redelivered, w.unacked])
        .collect();
    assert_eq!(tallies, [[1, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0]]);
    assert_eq!((snapshot.queue.redelivered, snapshot.producer.confirmed), (1, 1));
}

#[test]
fn log_keeps_the_newest_lines() {
    let mut ledger = ledger();
    for n in 1..=500 {
        enter(&mut ledger, vec![Happening::Burst(n)]);
    }
    let log = ledger.snapshot(Elapsed(0)).log;
    assert_eq!(log.len(), LOG_LINES);
    assert_eq!(log[LOG_LINES - 1].1, Entry::Burst(500));
}

#[test]
fn no_worker_gets_the_number_of_another() {
    let mut ledger = ledger();
    while let Some(id) = ledger.next_worker() {
        assert!(ledger.worker(id).is_none());
        ledger.apply(&Event {
            at: Elapsed(0),
            lab: LabTime(0),
            what: Happening::Added(id, Speed(1000)),
        });
    }
    assert_eq!(ledger.workers().last().map(|w| w.id), Some(WorkerId(u16::MAX)));
}

fn enter_at(ledger: &mut Ledger, ms: u64, what: Happening) {
    let at = Elapsed(ms * 1000);
    let lab = LabTime(ms * 1000);
    ledger.apply(&Event { at, lab, what });
    ledger.check();
}

#[test]
fn record_says_since_when_and_what_came_with_it() {
    let mut ledger = ledger();
    let again = AckMode::Manual;
    // The event, and then since when it is where it is, whether confirmed, owed and redelivered, how often finished.
    let rows: Vec<(Happening, u64, [bool; 3], u8)> = vec![
        (published(1), 0, [false, false, false], 0),
        (Happening::Confirmed(J1), 0, [true, false, false], 0),
        (delivered(W1, false, again), 2, [true, true, false], 0),
        (Happening::Begun(W1, J1), 3, [true, true, false], 0),
        (Happening::Finished(W1, J1), 4, [true, true, false], 1),
        (went_back(W1), 5, [true, false, false], 1),
        (delivered(W2, true, again), 6, [true, true, true], 1),
        (Happening::Begun(W2, J1), 7, [true, true, true], 1),
        (Happening::Finished(W2, J1), 8, [true, true, true], 2),
        (Happening::Acked(W2, J1), 8, [true, false, true], 2),
    ];
    for (ms, (what, since, marks, finishes)) in (0..).zip(rows) {
        enter_at(&mut ledger, ms, what.clone());
        let record = ledger.jobs().get(J1).expect("it was published");
        assert_eq!(record.since(), LabTime(since * 1000), "{what:?}");
        let got = [record.is_confirmed(), record.is_owed(), record.is_redelivered()];
        assert_eq!((got, record.finishes), (marks, finishes), "{what:?}");
    }
    assert_eq!(ledger.jobs().counts().redelivered, 1);
}

#[test]
fn dead_lettered_job_is_nobodys() {
    let mut ledger = ledger();
    enter(&mut ledger, vec![published(1)]);
    enter(&mut ledger, done_by(W1, false));
    enter(&mut ledger, vec![Happening::DeadLettered(W1, J1)]);
    let books = ledger.books(Elapsed(0));
    assert_eq!((books.published, books.dead, books.done), (1, 1, 0));
    assert_eq!(ledger.workers()[0].unacked, 0);
}

#[test]
fn places_count_those_that_wait_ahead_in_the_same_queue() {
    let mut ledger = ledger();
    for job in 1..=1000 {
        let Happening::Published(mut p) = published(job) else {
            unreachable!("it is one")
        };
        if job % 5 == 0 {
            p.queue = QueueKind::Transient;
        }
        enter_at(&mut ledger, 0, Happening::Published(p));
        if job % 3 == 0 {
            let jobs = [JobId(job)].into();
            let (from, why) = (None, Cause::TakenByOthers);
            enter_at(&mut ledger, 0, Happening::Lost { jobs, from, why });
        }
    }
    let jobs: Vec<JobId> = [1, 2, 5, 10, 300, 301, 700, 999, 1000, 4].map(JobId).to_vec();
    let expected = jobs.iter().map(|&JobId(job)| {
        let same = |other: &u32| (other % 5 == 0) == (job % 5 == 0);
        let ahead = (1..job).filter(|other| other % 3 != 0).filter(same).count();
        u32::try_from(ahead + 1).unwrap_or(0)
    });
    assert_eq!(ledger.jobs().places(&jobs), expected.collect::<Vec<u32>>());
}
