use super::*;
use crate::lab::{DeliveryLimit, Habit};

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
            &[r#"connection.sleep(body.count(b"."))  # heartbeats go on"#],
            &[r#"connection.sleep(body.count(b".") / 0.5)  # heartbeats go on"#],
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
            &["connection.sleep(1 / 1.5)  # heartbeats go on"],
            &["connection.sleep(1 / 20)  # heartbeats go on"],
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

/// The habit that needs a second queue.
const REJECTS: usize = 5;

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
        // How fast one publishes is no matter of methods.
        let count = if language == Language::Methods { 11 } else { 12 };
        for (at, (role, change)) in changes.into_iter().take(count).enumerate() {
            let (_, new) = difference(language, role, change);
            assert!(!new.is_empty(), "{language:?} {at}");
            let most = if at == REJECTS { 18 } else { 6 };
            assert!(new.len() <= most, "{language:?} {at} {new:?}");
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
fn heavy_tails_are_the_labs() {
    let heavy = case(|c| c.sizes = Sizes::HeavyTail);
    let python = program(Language::Python, Role::Producer, &heavy);
    let ranges = "DOTS = [range(1, 2), range(2, 6), range(6, 13), range(13, 31)]\nSHARES = [85, 10, 4, 1]\n";
    assert!(python.contains(ranges), "{python}");
    let rust = program(Language::Rust, Role::Producer, &heavy);
    for row in [
        "0..85 => 1,",
        "85..95 => 2 + dice(4),",
        "95..99 => 6 + dice(7),",
        "_ => 13 + dice(18),",
    ] {
        assert!(rust.contains(row), "{row} in {rust}");
    }
}

#[test]
fn what_is_rejected_has_a_queue_to_go_to() {
    for language in Language::ALL {
        for role in [Role::Producer, Role::Worker] {
            let rejects = program(language, role, &case(|c| c.habit = Habit::Rejects));
            assert!(
                rejects.contains("x-dead-letter-routing-key") && rejects.contains("task_dlx"),
                "{rejects}"
            );
            let acked = case(|c| (c.habit, c.ack) = (Habit::Rejects, AckMode::Automatic));
            assert!(
                !program(language, role, &acked).contains("dead"),
                "{language:?} {role:?}"
            );
        }
    }
}

#[test]
fn a_fanout_binds_each_workers_queue_and_publishes_to_the_exchange() {
    let own = case(|c| (c.sharing, c.worker) = (Sharing::QueueEach, WorkerId(3)));
    for language in Language::ALL {
        let (producer, worker) = (
            program(language, Role::Producer, &own),
            program(language, Role::Worker, &own),
        );
        assert!(!producer.contains("tasks_w3"), "{producer}");
        assert!(producer.contains("tasks") && worker.contains("tasks_w3"), "{worker}");
        assert!(worker.to_lowercase().contains("fanout"), "{worker}");
    }
}

#[test]
fn methods_tell_the_vhost_and_how_long_a_job_takes() {
    let urls = [
        ("amqp://guest:guest@localhost:5672/%2F", "/"),
        ("amqp://guest:guest@localhost:5672", "/"),
        ("amqp://localhost/", "/"),
        ("amqps://localhost/jobs", "jobs"),
        ("amqp://localhost/a%2Fb%C3%A9", "a/bé"),
    ];
    for (url, vhost) in urls {
        let worker = program(Language::Methods, Role::Worker, &case(|c| c.url = url.into()));
        assert!(worker.contains(&format!("virtual-host={vhost}\n")), "{url} {worker}");
    }
    let rows = [
        (Sizes::OddHeavy, 1000, "job-1.....\n#  5 seconds of work\n"),
        (Sizes::Equal, 500, "job-1..\n#  4 seconds of work\n"),
        (Sizes::Equal, 2000, "job-1..\n#  1 second of work\n"),
        (Sizes::HeavyTail, 2000, "job-1.\n#  0.5 seconds of work\n"),
        (Sizes::Instant, 1000, "job-1\n#  no work to do\n"),
    ];
    for (sizes, speed, want) in rows {
        let change = |c: &mut Case| (c.sizes, c.speed) = (sizes, Speed(speed));
        let worker = program(Language::Methods, Role::Worker, &case(change));
        assert!(worker.contains(want), "{worker}");
    }
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
    let rejects = case(|c| (c.queue, c.habit) = (QueueKind::Transient, Habit::Rejects));
    let quorum = case(|c| c.queue_type = QueueType::Quorum(DeliveryLimit(20)));
    let own = case(|c| {
        (c.sharing, c.queue_type) = (Sharing::QueueEach, QueueType::Quorum(DeliveryLimit(20)));
        (c.habit, c.worker) = (Habit::Rejects, WorkerId(64));
    });
    let all = [&worst, &rejects, &quorum, &own];
    for (language, case) in Language::ALL.into_iter().flat_map(|l| all.map(|case| (l, case))) {
        for role in [Role::Producer, Role::Worker] {
            for line in program(language, role, case).lines() {
                // What is imported may be cut.
                assert!(line.chars().count() <= 96 || line.starts_with("use "), "{line}");
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
