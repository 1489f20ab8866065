use super::*;
use crate::lab::Habit;

/// What becomes of a case.
type Change = fn(&mut Case);
/// A change, the lines that go by it and the lines that come.
type Row = (Role, Change, &'static [&'static str], &'static [&'static str]);

fn case(change: impl FnOnce(&mut Case)) -> Case {
    let mut case = Case::with(&Settings::default());
    change(&mut case);
    case
}

/// The lines that a change takes away and puts there.
fn difference(language: Language, role: Role, change: impl FnOnce(&mut Case)) -> (Vec<String>, Vec<String>) {
    let (before, after) = (
        program(language, role, &case(|_| ())),
        program(language, role, &case(change)),
    );
    let all = marked(&before, &after);
    let of = |mark| {
        all.iter()
            .filter(|line| line.0 == mark)
            .map(|line| line.1.trim().to_owned())
            .collect()
    };
    (of(Mark::Gone), of(Mark::New))
}

#[test]
fn each_setting_changes_the_lines_that_it_is_about_and_no_other() {
    let python = |role, change: fn(&mut Case)| difference(Language::Python, role, change);
    let rows: [Row; 9] = [
        (
            Role::Worker,
            |c| c.prefetch = Prefetch(5),
            &["channel.basic_qos(prefetch_count=0)  # 0: no limit"],
            &["channel.basic_qos(prefetch_count=5)"],
        ),
        (
            Role::Worker,
            |c| c.ack = AckMode::Automatic,
            &[
                "channel.basic_ack(delivery_tag=method.delivery_tag)",
                r#"channel.basic_consume("task_queue", work)"#,
            ],
            &[
                "# no ack: the broker took it as acked when it was sent",
                r#"channel.basic_consume("task_queue", work, auto_ack=True)"#,
            ],
        ),
        (
            Role::Worker,
            |c| c.habit = Habit::Requeues,
            &["channel.basic_ack(delivery_tag=method.delivery_tag)"],
            &["channel.basic_nack(delivery_tag=method.delivery_tag, requeue=True)"],
        ),
        (
            Role::Worker,
            |c| c.speed = Speed(500),
            &[r#"time.sleep(body.count(b"."))"#],
            &[r#"time.sleep(body.count(b".") / 0.5)"#],
        ),
        (Role::Worker, |c| c.messages = Delivery::Transient, &[], &[]),
        (
            Role::Producer,
            |c| c.messages = Delivery::Transient,
            &["properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent),"],
            &["properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.Transient),"],
        ),
        (
            Role::Producer,
            |c| c.confirms = Confirms::On,
            &[],
            &["channel.confirm_delivery()  # basic_publish waits for the confirm"],
        ),
        (
            Role::Producer,
            |c| c.rate = Rate(2000),
            &["time.sleep(1 / 1.5)"],
            &["time.sleep(1 / 20)"],
        ),
        (Role::Producer, |c| c.prefetch = Prefetch(1), &[], &[]),
    ];
    for (role, change, gone, new) in rows {
        let (was, is) = python(role, change);
        assert_eq!(
            (was, is),
            (
                gone.iter().map(|l| (*l).to_owned()).collect(),
                new.iter().map(|l| (*l).to_owned()).collect()
            )
        );
    }
}

#[test]
fn every_language_tells_of_every_setting() {
    let changes: [(Role, Change); 12] = [
        (Role::Worker, |c| c.prefetch = Prefetch(1)),
        (Role::Worker, |c| c.ack = AckMode::Automatic),
        (Role::Worker, |c| c.queue = QueueKind::Transient),
        (Role::Worker, |c| c.habit = Habit::Forgets),
        (Role::Worker, |c| c.habit = Habit::Requeues),
        (Role::Worker, |c| c.habit = Habit::Rejects),
        (Role::Worker, |c| c.habit = Habit::AcksTwice),
        (Role::Producer, |c| c.queue = QueueKind::Transient),
        (Role::Producer, |c| c.messages = Delivery::Transient),
        (Role::Producer, |c| c.confirms = Confirms::On),
        (Role::Worker, |c| c.speed = Speed(2000)),
        (Role::Producer, |c| c.rate = Rate(1)),
    ];
    for language in Language::ALL {
        // How fast one works or publishes is no matter of methods.
        let count = if language == Language::Methods { 10 } else { 12 };
        for (at, (role, change)) in changes.into_iter().take(count).enumerate() {
            let (_, new) = difference(language, role, change);
            assert!(!new.is_empty(), "{language:?} {at}");
            assert!(new.len() <= 6, "{language:?} {at} {new:?}");
        }
    }
}

#[test]
fn rates_and_speeds_are_written_as_one_writes_numbers() {
    let rows = [
        (1, "0.01"),
        (150, "1.5"),
        (400, "4"),
        (1_000_000, "10000"),
        (1050, "10.5"),
    ];
    for (rate, want) in rows {
        assert_eq!(per_second(Rate(rate)), want);
    }
    assert_eq!(
        (times(Speed(500)), times(Speed(2000)), times(Speed(1250))),
        ("0.5".into(), "2".into(), "1.25".into())
    );
}

#[test]
fn lines_are_short_enough_for_half_a_wide_screen() {
    let worst = case(|c| {
        c.queue = QueueKind::Transient;
        c.ack = AckMode::Automatic;
        c.confirms = Confirms::On;
        c.arrivals = Arrivals::Poisson;
        c.sizes = Sizes::HeavyTail;
    });
    for language in Language::ALL {
        for role in [Role::Producer, Role::Worker] {
            for line in program(language, role, &worst).lines() {
                assert!(line.chars().count() <= 96, "{line}");
            }
        }
    }
}

#[test]
fn marks_keep_what_both_have() {
    let all = marked("a\nb\nc\n", "a\nx\nc\nd\n");
    let want = [
        (Mark::Same, "a"),
        (Mark::Gone, "b"),
        (Mark::New, "x"),
        (Mark::Same, "c"),
        (Mark::New, "d"),
    ];
    assert_eq!(all, want);
}
