//! What is kept of a run, and that it stays bounded.

use super::grid::CELLS;
use super::grid::Level;
use super::{BLOCKS, Course, Ended};
use crate::lab::{
    BrokerCommand, BrokerRow, Cause, Delivery, DeliveryLimit, Happening, Knowledge, LabTime, QueueType, Settings,
    Speed, Version, WorkerId,
};
use crate::report::tests::hand::{Hand, own_broker, round_robin, stormy};
use std::sync::Arc;

fn course(hand: &mut Hand) -> Course {
    let mut course = Course::new(&hand.settings, &own_broker());
    hand.events().iter().for_each(|event| course.note(event));
    course
}

#[test]
fn each_piece_of_work_is_a_block() {
    let course = course(&mut round_robin());
    let [first, second] = &course.tracks[..] else {
        panic!("two workers")
    };
    assert_eq!((first.blocks.len(), second.blocks.len()), (20, 20));
    let block = first.blocks[1];
    assert_eq!((block.job.0, block.from.0, block.to.0), (3, 5_000_000, 10_000_000));
    assert!(first.blocks.iter().all(|b| b.ended == Ended::Done && !b.again));
}

#[test]
fn deaths_cut_work_and_what_comes_again_is_marked() {
    let course = course(&mut stormy());
    let told: Vec<Vec<(u32, Ended, bool)>> = course
        .tracks
        .iter()
        .map(|track| track.blocks.iter().map(|b| (b.job.0, b.ended, b.again)).collect())
        .collect();
    let done = |job| (job, Ended::Done, false);
    let again = |job| (job, Ended::Done, true);
    assert_eq!(told[0], [done(1), done(4), done(9), (7, Ended::Cut, true), again(5)]);
    assert_eq!(told[1], [done(2), (5, Ended::Cut, false), (7, Ended::Twice, true)]);
    assert_eq!(
        told[2],
        [
            done(3),
            done(6),
            done(7),
            done(10),
            done(11),
            (13, Ended::Cut, false),
            again(8),
            again(12)
        ]
    );
    let downs: Vec<_> = course.tracks[2]
        .downs
        .iter()
        .map(|d| (d.from.0, d.to.map(|to| to.0)))
        .collect();
    assert_eq!(downs, [(3_000_000, Some(5_000_000)), (7_500_000, Some(9_400_000))]);
    let lost: Vec<u32> = course.crew.iter().map(|served| served.lost).collect();
    assert_eq!(lost, [0, 0, 1]);
}

#[test]
fn what_is_open_is_told_cell_by_cell() {
    let course = course(&mut stormy());
    let at = |ms: u64| course.grid.levels()[usize::try_from(ms / 250).expect("small")];
    let level = |waiting, held| Level { waiting, held };
    assert_eq!(at(0), level(6, 6));
    assert_eq!(
        at(3_000),
        level(5, 4),
        "#7 and #8 went back; #7 is done and comes again"
    );
    assert_eq!(at(7_500), level(4, 0), "the broker has ended");
    assert_eq!(at(15_500), level(0, 0));
}

#[test]
fn a_long_run_keeps_no_more_than_a_short_one() {
    let mut hand = Hand::new(Settings {
        speeds: vec![Speed(1000)],
        ..Settings::default()
    });
    let jobs = u32::try_from(BLOCKS).expect("few") + 500;
    hand.publish(1..=jobs, Delivery::Persistent);
    for job in 1..=jobs {
        let begin = u64::from(job - 1) * 1_000;
        hand.at(begin).deliver(1, &[job], false).begin(1, job);
        hand.at(begin + 500).next(1, job, None);
    }
    let course = course(&mut hand);
    assert!(!course.has_all_blocks() && course.tracks[0].blocks.is_empty());
    let cells = course.tracks[0].cells_until(course.last(), &course.grid);
    assert!(cells.len() <= CELLS && course.grid.levels().len() <= CELLS);
    assert_eq!(cells.iter().map(|cell| cell.done).sum::<u32>(), jobs);
    assert_eq!(
        cells.iter().map(|cell| cell.busy_us).sum::<u64>(),
        u64::from(jobs) * 500_000
    );
    assert_eq!(course.measures(course.last()).done, jobs);
}

#[test]
fn work_under_way_counts_up_to_now() {
    let mut hand = round_robin();
    let (course, _) = hand.played(42_000);
    let under_way = course.tracks[0].ongoing(LabTime(42_000_000)).expect("it works");
    assert_eq!(
        (under_way.job.0, under_way.from.0, under_way.ended),
        (17, 40_000_000, Ended::Not)
    );
    let busy: u64 = course.tracks[0]
        .cells_until(LabTime(42_000_000), &course.grid)
        .iter()
        .map(|c| c.busy_us)
        .sum();
    assert_eq!(busy, 42_000_000);
    assert!(course.tracks[1].ongoing(LabTime(42_000_000)).is_none());
}

#[test]
fn a_reset_begins_anew_with_the_settings_as_they_are() {
    let mut hand = stormy();
    hand.at(16_000)
        .tell(Happening::Reset(Arc::from([Speed(1000), Speed(300)])));
    let course = course(&mut hand);
    assert_eq!(course.began().speeds, [Speed(1000), Speed(300)]);
    assert_eq!(course.began().messages, Delivery::Transient, "as it was set before");
    assert!(!course.changed() && course.highlights.lines().next().is_none());
    assert_eq!((course.tracks.len(), course.measures(LabTime(0)).jobs), (2, 0));
}

#[test]
fn of_many_lines_the_first_and_the_last_are_kept() {
    let mut hand = Hand::new(Settings::default());
    for turn in 0..500 {
        hand.at(turn * 10).tell(Happening::Revived(WorkerId(1)));
    }
    let course = course(&mut hand);
    let times: Vec<u64> = course.highlights.lines().map(|line| line.at.0 / 10_000).collect();
    let (before, omitted) = (course.highlights.before_gap(), course.highlights.omitted);
    assert_eq!(times.len() as u64 + omitted, 500);
    assert_eq!(
        (times[0], times[before - 1], times[before]),
        (0, before as u64 - 1, before as u64 + omitted)
    );
    assert_eq!(times.last(), Some(&499));
}

fn said(course: &Course) -> Vec<&str> {
    course.highlights.lines().map(|line| line.text.as_str()).collect()
}

#[test]
fn an_end_that_failed_is_told_and_so_is_the_next_outage() {
    let mut hand = Hand::new(Settings::default());
    hand.tell(Happening::BrokerAsked(BrokerCommand::Kill))
        .tell(Happening::BrokerEndFailed("it would not".into()));
    hand.at(1_000).tell(Happening::BrokerDown("the line broke".into()));
    hand.at(2_000).tell(Happening::BrokerUp([Knowledge::Exact; 2]));
    let course = course(&mut hand);
    let lines = said(&course);
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[1].contains("it would not"), "{lines:?}");
    assert_eq!(lines[2], "the line broke");
}

#[test]
fn what_goes_back_to_a_quorum_queue_goes_where_its_version_puts_it() {
    for (version, wanted) in [(Version::V3_10, "behind all"), (Version::V4_0, "before all")] {
        let mut hand = Hand::new(Settings {
            queue_type: QueueType::Quorum(DeliveryLimit(0)),
            ..Settings::default()
        });
        hand.publish(1..=1, Delivery::Persistent).deliver(1, &[1], false);
        hand.went_back(1, &[1], Cause::Requeued);
        let broker = BrokerRow {
            version: Some(version),
            ..own_broker()
        };
        let mut course = Course::new(&hand.settings, &broker);
        hand.events().iter().for_each(|event| course.note(event));
        let lines = said(&course);
        assert!(lines[0].contains(wanted), "{version}: {lines:?}");
    }
}
