//! Hand-made runs against numbers worked out by hand.

use super::super::event::{Breakage, Cause, Published};
use super::super::settings::{AckMode, Arrivals, Confirms, Delivery, QueueKind, Workload};
use super::super::wire::Delivered;
use super::super::{DeliveryTag, Elapsed};
use super::*;

const S: u64 = 1_000_000;

/// Odd jobs five seconds, even ones one, and workers of these speeds.
fn meter(speeds: &[u32]) -> Meter {
    sized(speeds, Sizes::OddHeavy)
}

fn sized(speeds: &[u32], sizes: Sizes) -> Meter {
    Meter::new(&Settings {
        speeds: speeds.iter().copied().map(Speed).collect(),
        workload: Workload {
            sizes,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    })
}

fn at(meter: &mut Meter, us: u64, what: Happening) {
    meter.note(&Event {
        at: Elapsed(us),
        lab: LabTime(us),
        what,
    });
}

fn publish(meter: &mut Meter, us: u64, jobs: std::ops::RangeInclusive<u32>) {
    for job in jobs {
        let published = Published {
            job: JobId(job),
            queue: QueueKind::Durable,
            delivery: Delivery::Persistent,
            confirms: Confirms::Off,
        };
        at(meter, us, Happening::Published(published));
    }
}

/// A worker does a job from one second to another.
fn work(meter: &mut Meter, worker: u16, job: u32, (from, to): (u64, u64)) {
    at(meter, from * S, Happening::Begun(WorkerId(worker), JobId(job)));
    at(meter, to * S, Happening::Finished(WorkerId(worker), JobId(job)));
}

fn seconds(seconds: u64) -> LabSpan {
    LabSpan(seconds * S)
}

#[test]
fn round_robin_of_odd_heavy_jobs_is_measured_as_by_hand() {
    let mut meter = meter(&[1000, 1000]);
    publish(&mut meter, 0, 1..=4);
    work(&mut meter, 1, 1, (0, 5));
    work(&mut meter, 2, 2, (0, 1));
    work(&mut meter, 2, 4, (1, 2));
    work(&mut meter, 1, 3, (5, 10));
    let found = meter.measures(LabTime(11 * S));
    assert_eq!((found.jobs, found.done, found.lost, found.twice), (4, 4, 0, 0));
    assert_eq!(found.makespan, Some(seconds(10)));
    // Twelve seconds of work, two workers.
    assert_eq!(found.ideal, seconds(6));
    assert_eq!(found.ratio(), Some(Thousandths(1667)));
    // Of twenty seconds, twelve were worked.
    assert_eq!(found.idle, Some(Thousandths(400)));
    // 12² / (2 · (10² + 2²)).
    assert_eq!(found.fairness, Some(Thousandths(692)));
    let shares: Vec<_> = found.workers.iter().map(|w| (w.done, w.busy, w.share)).collect();
    assert_eq!(
        shares,
        [
            (2, seconds(10), Some(Thousandths(833))),
            (2, seconds(2), Some(Thousandths(167)))
        ]
    );
    // Waits: 0 0 1 5; sojourns: 1 2 5 10.
    let percentiles = |p50, p95, p99| {
        Some(Percentiles {
            p50: seconds(p50),
            p95: seconds(p95),
            p99: seconds(p99),
        })
    };
    assert_eq!(found.wait, percentiles(0, 5, 5));
    assert_eq!(found.sojourn, percentiles(2, 10, 10));
}

#[test]
fn the_ideal_is_the_greatest_of_its_bounds() {
    // Job sizes 5, 1, 5, 1 …; when each comes (in seconds); speeds; the bound, in milliseconds after the first.
    let rows: [(&[u32], &[u64], u64); 8] = [
        // All work on all workers: 12 s / 2.
        (&[1000, 1000], &[0, 0, 0, 0], 6_000),
        // The longest job: one of 5 s and one of 1 s on four workers.
        (&[1000; 4], &[0, 0], 5_000),
        // The longest job on the fastest: 5 s at ×2, not 6 s / 3.
        (&[2000, 500, 500], &[0, 0], 2_500),
        // All work on unequal workers: 12 s / 1.5.
        (&[1000, 500], &[0, 0, 0, 0], 8_000),
        // The last job comes late and takes its own time.
        (&[1000, 1000], &[0, 0, 0, 30], 31_000),
        // The last two come late: 6 s of work, at least 5 s for the heavy one.
        (&[1000], &[0, 0, 30, 30], 36_000),
        // Counted from the first publication, not from zero.
        (&[1000], &[10, 10], 6_000),
        // One worker, jobs of 5 and 1 at once, then one of 5 after two seconds: 11 s in one go.
        (&[1000], &[0, 0, 2], 11_000),
    ];
    for (speeds, comes, bound_ms) in rows {
        let mut meter = meter(speeds);
        for (job, come) in (1..).zip(comes) {
            publish(&mut meter, come * S, job..=job);
        }
        let found = meter.measures(LabTime(100 * S)).ideal;
        assert_eq!(found, LabSpan(bound_ms * 1000), "{speeds:?} {comes:?}");
    }
}

#[test]
fn a_faster_or_further_worker_lowers_the_bound_and_none_raises_it() {
    let mut meter = meter(&[1000]);
    publish(&mut meter, 0, 1..=4);
    assert_eq!(meter.measures(LabTime(0)).ideal, seconds(12));
    at(&mut meter, S, Happening::Added(WorkerId(2), Speed(1000)));
    assert_eq!(meter.measures(LabTime(S)).ideal, seconds(6));
    at(
        &mut meter,
        S,
        Happening::Changed(Change::Speed(WorkerId(2), Speed(2000))),
    );
    assert_eq!(meter.measures(LabTime(S)).ideal, seconds(4));
    at(
        &mut meter,
        S,
        Happening::Changed(Change::Speed(WorkerId(2), Speed(100))),
    );
    assert_eq!(meter.measures(LabTime(S)).ideal, seconds(4));
}

#[test]
fn a_job_done_twice_counts_by_its_first_finish() {
    let mut meter = meter(&[1000, 1000]);
    publish(&mut meter, 0, 1..=1);
    work(&mut meter, 1, 1, (0, 5));
    let went = Happening::WentBack {
        jobs: [JobId(1)].into(),
        from: WorkerId(1),
        why: Cause::Killed(KillKind::CrashBeforeAck),
    };
    at(&mut meter, 5 * S, went);
    let again = Delivered {
        job: JobId(1),
        dots: 5,
        tag: DeliveryTag(1),
        redelivered: true,
        ack: AckMode::Manual,
    };
    at(&mut meter, 5 * S, Happening::Delivered(WorkerId(2), again));
    work(&mut meter, 2, 1, (6, 11));
    let found = meter.measures(LabTime(12 * S));
    assert_eq!((found.done, found.twice, found.redelivered), (1, 1, 1));
    assert_eq!(found.makespan, Some(seconds(5)));
    assert_eq!(found.sojourn.map(|s| s.p99), Some(seconds(5)));
    // What is done after the last first finish is no part of any number of time.
    assert_eq!([found.workers[0].busy, found.workers[1].busy], [seconds(5), seconds(0)]);
    assert_eq!(found.idle, Some(Thousandths(500)));
    publish(&mut meter, 12 * S, 2..=2);
    assert_eq!(meter.measures(LabTime(12 * S)).workers[1].busy, seconds(5));
}

#[test]
fn the_wait_of_a_job_ends_where_the_work_that_finished_it_begins() {
    let mut meter = meter(&[1000, 1000]);
    publish(&mut meter, 0, 1..=1);
    at(&mut meter, S, Happening::Begun(WorkerId(1), JobId(1)));
    let went = Happening::WentBack {
        jobs: [JobId(1)].into(),
        from: WorkerId(1),
        why: Cause::ConnectionLost,
    };
    at(&mut meter, 4 * S, went);
    work(&mut meter, 2, 1, (7, 12));
    let found = meter.measures(LabTime(12 * S));
    assert_eq!(found.wait.map(|w| w.p50), Some(seconds(7)));
    // What was begun and not finished was work all the same.
    assert_eq!([found.workers[0].busy, found.workers[1].busy], [seconds(3), seconds(5)]);
}

#[test]
fn lost_jobs_are_lost_unless_someone_had_done_them_or_they_are_there_again() {
    let mut meter = meter(&[1000]);
    publish(&mut meter, 0, 1..=4);
    work(&mut meter, 1, 1, (0, 5));
    let lost = Happening::Lost {
        jobs: [JobId(1), JobId(2), JobId(3)].into(),
        from: Some(WorkerId(1)),
        why: Cause::Killed(KillKind::Reset),
    };
    at(&mut meter, 6 * S, lost);
    assert_eq!(meter.measures(LabTime(6 * S)).lost, 2);
    at(&mut meter, 7 * S, Happening::StillThere([JobId(3)].into()));
    at(&mut meter, 7 * S, Happening::Returned(JobId(4)));
    let found = meter.measures(LabTime(7 * S));
    assert_eq!((found.done, found.lost, found.returned), (1, 1, 1));
}

#[test]
fn a_frozen_worker_is_not_busy() {
    let mut meter = meter(&[1000]);
    publish(&mut meter, 0, 1..=1);
    at(&mut meter, 0, Happening::Begun(WorkerId(1), JobId(1)));
    at(&mut meter, 2 * S, Happening::Killed(WorkerId(1), KillKind::Freeze));
    let found = meter.measures(LabTime(10 * S));
    assert_eq!(found.workers[0].busy, seconds(2));
    assert_eq!(found.idle, Some(Thousandths(800)));
}

#[test]
fn a_thawed_worker_goes_on_where_it_stood() {
    let mut meter = meter(&[1000, 1000]);
    publish(&mut meter, 0, 1..=1);
    at(&mut meter, S, Happening::Begun(WorkerId(1), JobId(1)));
    at(&mut meter, 3 * S, Happening::Killed(WorkerId(1), KillKind::Freeze));
    at(&mut meter, 7 * S, Happening::Revived(WorkerId(1)));
    assert_eq!(meter.measures(LabTime(8 * S)).workers[0].busy, seconds(3));
    at(&mut meter, 10 * S, Happening::Finished(WorkerId(1), JobId(1)));
    let found = meter.measures(LabTime(10 * S));
    assert_eq!(found.workers[0].busy, seconds(5));
    assert_eq!(found.wait.map(|w| w.p50), Some(seconds(1)));
    assert_eq!(found.idle, Some(Thousandths(750)));
}

#[test]
fn a_worker_stands_still_from_its_end_on_until_its_job_has_gone_back() {
    let ends = [
        Happening::Killed(WorkerId(1), KillKind::Reset),
        Happening::GaveUp(WorkerId(1)),
        Happening::Broke(WorkerId(1), Breakage::Lost("reset by peer".into())),
    ];
    for end in ends {
        let mut meter = meter(&[1000]);
        publish(&mut meter, 0, 1..=1);
        at(&mut meter, 0, Happening::Begun(WorkerId(1), JobId(1)));
        at(&mut meter, 2 * S, end.clone());
        let went = Happening::WentBack {
            jobs: [JobId(1)].into(),
            from: WorkerId(1),
            why: Cause::ConnectionLost,
        };
        at(&mut meter, 4 * S, went);
        assert_eq!(meter.measures(LabTime(9 * S)).workers[0].busy, seconds(2), "{end:?}");
    }
    let mut meter = meter(&[1000]);
    publish(&mut meter, 0, 1..=1);
    at(&mut meter, 0, Happening::Begun(WorkerId(1), JobId(1)));
    at(&mut meter, 2 * S, Happening::Killed(WorkerId(1), KillKind::Cancel));
    at(&mut meter, 2 * S, Happening::Revived(WorkerId(1)));
    assert_eq!(
        meter.measures(LabTime(3 * S)).workers[0].busy,
        seconds(3),
        "it works on"
    );
}

#[test]
fn there_is_no_ratio_where_not_all_the_work_was_done() {
    for end in [
        Happening::Returned(JobId(2)),
        Happening::DeadLettered(WorkerId(1), JobId(2)),
        Happening::Lost {
            jobs: [JobId(2)].into(),
            from: None,
            why: Cause::BrokerNeverHad,
        },
    ] {
        let mut meter = meter(&[1000]);
        publish(&mut meter, 0, 1..=2);
        work(&mut meter, 1, 1, (0, 5));
        at(&mut meter, 6 * S, end.clone());
        let found = meter.measures(LabTime(6 * S));
        assert_eq!(
            (found.open(), found.makespan, found.ratio()),
            (0, Some(seconds(5)), None),
            "{end:?}"
        );
    }
}

#[test]
fn jobs_that_are_not_measured_are_no_part_of_the_ideal() {
    let mut meter = meter(&[1000]);
    publish(&mut meter, 0, 1..=1);
    meter.counts.jobs = MEASURED_JOBS;
    publish(&mut meter, 0, 2..=3);
    let found = meter.measures(LabTime(0));
    assert_eq!((found.unmeasured, found.ideal), (2, seconds(5)));
}

#[test]
fn unfinished_work_counts_up_to_now() {
    let mut meter = meter(&[1000, 1000]);
    publish(&mut meter, 0, 1..=2);
    at(&mut meter, 0, Happening::Begun(WorkerId(1), JobId(1)));
    let found = meter.measures(LabTime(2 * S));
    assert_eq!((found.makespan, found.ratio()), (None, None));
    assert_eq!(found.idle, Some(Thousandths(500)));
    assert_eq!(found.fairness, Some(Thousandths(500)));
}

#[test]
fn nothing_published_has_no_numbers() {
    let found = meter(&[1000]).measures(LabTime(5 * S));
    assert_eq!(
        (found.makespan, found.idle, found.fairness, found.wait),
        (None, None, None, None)
    );
    assert_eq!(found.ideal, LabSpan(0));
}

#[test]
fn jobs_without_work_have_no_ratio() {
    let mut meter = sized(&[1000], Sizes::Instant);
    publish(&mut meter, 0, 1..=1);
    work(&mut meter, 1, 1, (1, 1));
    let found = meter.measures(LabTime(S));
    assert_eq!(
        (found.makespan, found.ideal, found.ratio()),
        (Some(seconds(1)), LabSpan(0), None)
    );
}

#[test]
fn a_reset_begins_anew() {
    let mut meter = meter(&[1000]);
    publish(&mut meter, 0, 1..=2);
    work(&mut meter, 1, 1, (0, 5));
    at(&mut meter, 0, Happening::Reset([Speed(1000), Speed(1000)].into()));
    let found = meter.measures(LabTime(0));
    assert_eq!((found.jobs, found.done, found.workers.len()), (0, 0, 2));
    publish(&mut meter, 0, 1..=2);
    assert_eq!(meter.measures(LabTime(0)).ideal, seconds(5));
}

#[test]
fn sample_jobs_have_their_own_size() {
    let mut meter = sized(&[1000], Sizes::Instant);
    at(&mut meter, 0, Happening::Sample(1));
    publish(&mut meter, 0, 1..=5);
    assert_eq!(meter.measures(LabTime(0)).ideal, seconds(12));
}

#[test]
fn spans_are_said_in_the_unit_that_fits() {
    let rows = [
        (0, "0 s"),
        (40, "0.0 ms"),
        (4_200, "4.2 ms"),
        (41_700, "42 ms"),
        (999_499, "999 ms"),
        (999_500, "1.0 s"),
        (61_300_000, "61.3 s"),
    ];
    for (us, said) in rows {
        assert_eq!(LabSpan(us).to_string(), said);
    }
    assert_eq!(Thousandths(1667).to_string(), "1.67");
    assert_eq!(Thousandths(1667).percent(), 167);
}
