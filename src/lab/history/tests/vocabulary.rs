//! Any event at all, and some that are made to measure.

use super::super::super::command::{BrokerCommand, KillKind, Producing};
use super::super::super::event::{Breakage, Burial, Cause, Change, Event, Happening, Published, Requeue};
use super::super::super::ids::{DeliveryTag, Elapsed, JobId, LabTime, WorkerId};
use super::super::super::matrix::Knowledge;
use super::super::super::script::Over;
use super::super::super::settings::{
    AckMode, Arrivals, Bandwidth, Confirms, Delivery, DeliveryLimit, Habit, Heartbeat, Latency, LineQuality, Prefetch,
    QueueKind, QueueType, Rate, Seed, Settings, Sharing, Sizes, Speed, TimeScale, Version, Workload,
};
use super::super::super::snapshot::{BrokerRow, BrokerState, Control, Figure, Pace};
use super::super::super::wire::{BrokerSays, Delivered, NoRoom, QueueSays, RefusedSetting, Subscription};
use super::super::bytes::{Code, Reader, Writer};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;

pub(super) fn beginning() -> (Settings, BrokerRow) {
    let broker = BrokerRow {
        name: "none".into(),
        state: BrokerState::Up,
        control: Control::NotOurs("it is not the lab's own"),
        version: None,
    };
    (Settings::default(), broker)
}

/// One a millisecond.
pub(super) fn publications(count: u32) -> impl Iterator<Item = Event> {
    (1..=count).map(|job| Event {
        at: Elapsed(u64::from(job) * 1000),
        lab: LabTime(u64::from(job) * 1000),
        what: Happening::Published(Published {
            job: JobId(job),
            queue: QueueKind::Durable,
            delivery: Delivery::Persistent,
            confirms: Confirms::On,
        }),
    })
}

pub(super) fn reset(at: Elapsed) -> Event {
    Event {
        at,
        lab: LabTime(0),
        what: Happening::Reset(Arc::from([Speed(1000)])),
    }
}

pub(super) fn events() -> impl Strategy<Value = Event> {
    (numbers(), numbers(), happenings()).prop_map(|(at, lab, what)| Event {
        at: Elapsed(at),
        lab: LabTime(lab),
        what,
    })
}

pub(super) fn settings() -> impl Strategy<Value = Settings> {
    let first = (
        vec(speeds(), 1..70),
        any::<u16>(),
        acks(),
        queues(),
        deliveries(),
        confirms(),
    );
    let second = (
        any::<u32>(),
        workloads(),
        numbers(),
        any::<u32>(),
        lines(),
        any::<u16>(),
        queue_types(),
        select(vec![Sharing::OneQueue, Sharing::QueueEach]),
    );
    (first, second).prop_map(|(first, second)| Settings {
        speeds: first.0,
        prefetch: Prefetch(first.1),
        ack: first.2,
        queue: first.3,
        messages: first.4,
        confirms: first.5,
        rate: Rate(second.0),
        workload: second.1,
        seed: Seed(second.2),
        scale: TimeScale(second.3),
        line: second.4,
        heartbeat: Heartbeat(second.5),
        queue_type: second.6,
        sharing: second.7,
    })
}

fn queue_types() -> impl Strategy<Value = QueueType> {
    option::of(any::<u16>()).prop_map(|limit| limit.map_or(QueueType::Classic, |n| QueueType::Quorum(DeliveryLimit(n))))
}

pub(super) fn brokers() -> impl Strategy<Value = BrokerRow> {
    let state = prop_oneof![
        Just(BrokerState::Up),
        Just(BrokerState::Ended),
        ".*".prop_map(BrokerState::Away)
    ];
    let control = select(vec![
        Control::Owned,
        Control::ByCommand,
        Control::NotOurs("it is not the lab's own"),
        Control::NotOurs("this is a recording"),
    ]);
    (texts(), state, control, option::of(versions())).prop_map(|(name, state, control, version)| BrokerRow {
        name,
        state,
        control,
        version,
    })
}

fn happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![job_happenings(), worker_happenings(), other_happenings(), told()]
}

fn job_happenings() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (jobs(), queues(), deliveries(), confirms()).prop_map(|(job, queue, delivery, confirms)| {
            Happening::Published(Published {
                job,
                queue,
                delivery,
                confirms,
            })
        }),
        jobs().prop_map(Happening::Confirmed),
        jobs().prop_map(Happening::Nacked),
        jobs().prop_map(Happening::Returned),
        (
            jobs(),
            select(vec![Burial::DeliveryLimit, Burial::Rejected, Burial::Other])
        )
            .prop_map(|(job, why)| Happening::Buried(job, why)),
        (jobs(), option::of(workers()), acks(), vec((workers(), rooms()), 0..5)).prop_map(
            |(job, to, ack, passed_over)| Happening::Dispatched {
                job,
                to,
                ack,
                passed_over: passed_over.into(),
            }
        ),
        (workers(), delivered()).prop_map(|(worker, d)| Happening::Delivered(worker, d)),
        (workers(), jobs()).prop_map(|(worker, job)| Happening::Begun(worker, job)),
        (workers(), jobs()).prop_map(|(worker, job)| Happening::Finished(worker, job)),
        (workers(), jobs()).prop_map(|(worker, job)| Happening::Acked(worker, job)),
        (workers(), jobs()).prop_map(|(worker, job)| Happening::Forgot(worker, job)),
        (workers(), jobs(), select(vec![Requeue::Yes, Requeue::No]))
            .prop_map(|(worker, job, requeue)| Happening::Rejected(worker, job, requeue)),
        (workers(), jobs()).prop_map(|(worker, job)| Happening::DeadLettered(worker, job)),
        (lists(), workers(), causes()).prop_map(|(jobs, from, why)| Happening::WentBack { jobs, from, why }),
        (lists(), option::of(workers()), causes()).prop_map(|(jobs, from, why)| Happening::Lost { jobs, from, why }),
        lists().prop_map(Happening::StillThere),
    ]
}

fn worker_happenings() -> impl Strategy<Value = Happening> {
    let subscription = (queues(), any::<u16>(), acks()).prop_map(|(queue, prefetch, ack)| Subscription {
        queue,
        prefetch: Prefetch(prefetch),
        ack,
    });
    let breakage = prop_oneof![
        texts().prop_map(Breakage::Lost),
        texts().prop_map(Breakage::Refused),
        Just(Breakage::Cancelled)
    ];
    prop_oneof![
        (workers(), speeds()).prop_map(|(worker, speed)| Happening::Added(worker, speed)),
        workers().prop_map(Happening::Removed),
        workers().prop_map(Happening::Starting),
        (workers(), subscription).prop_map(|(worker, sub)| Happening::Subscribed(worker, sub)),
        workers().prop_map(Happening::Revived),
        workers().prop_map(Happening::Doomed),
        (workers(), select(KillKind::ALL.to_vec())).prop_map(|(worker, kind)| Happening::Killed(worker, kind)),
        (workers(), breakage).prop_map(|(worker, how)| Happening::Broke(worker, how)),
        workers().prop_map(Happening::Waiting),
        workers().prop_map(Happening::Foreign),
        (workers(), texts()).prop_map(|(worker, name)| Happening::GuestCame(worker, name)),
    ]
}

fn other_happenings() -> impl Strategy<Value = Happening> {
    let command = select(vec![BrokerCommand::Kill, BrokerCommand::Stop, BrokerCommand::Start]);
    let knowledge = select(vec![Knowledge::Exact, Knowledge::Estimated, Knowledge::Unknown]);
    prop_oneof![
        Just(Happening::Started),
        Just(Happening::ProducerUp),
        any::<u32>().prop_map(Happening::Burst),
        any::<u32>().prop_map(Happening::Sample),
        changes().prop_map(Happening::Changed),
        numbers().prop_map(|to| Happening::Stepped(LabTime(to))),
        numbers().prop_map(|by| Happening::Slipped(Elapsed(by))),
        command.prop_map(Happening::BrokerAsked),
        prop::array::uniform2(knowledge).prop_map(Happening::BrokerUp),
        numbers().prop_map(Happening::DecisionsLost),
        vec(speeds(), 0..70).prop_map(|speeds| Happening::Reset(speeds.into())),
        any::<u16>().prop_map(Happening::Cued),
        select(vec![Over::Reached, Over::OutOfTime]).prop_map(Happening::Over),
    ]
}

fn told() -> impl Strategy<Value = Happening> {
    let figure = prop_oneof![
        Just(Figure::Unknown),
        numbers().prop_map(Figure::Exact),
        numbers().prop_map(Figure::Estimated)
    ];
    let queue = prop::array::uniform3(figure).prop_map(|[ready, unacked, consumers]| QueueSays {
        ready,
        unacked,
        consumers,
    });
    let says = (queue.clone(), queue).prop_map(|(durable, transient)| BrokerSays { durable, transient });
    prop_oneof![
        texts().prop_map(Happening::ProducerDown),
        texts().prop_map(Happening::Declined),
        (queues(), texts()).prop_map(|(kind, why)| Happening::Refused(RefusedSetting::Queue(kind), why)),
        texts().prop_map(Happening::BrokerDown),
        texts().prop_map(Happening::BrokerStartFailed),
        texts().prop_map(Happening::BrokerEndFailed),
        says.prop_map(|says| Happening::BrokerSays(Box::new(says))),
    ]
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<u16>().prop_map(|limit| Change::Prefetch(Prefetch(limit))),
        any::<u16>().prop_map(|limit| Change::Qos(Prefetch(limit))),
        acks().prop_map(Change::Ack),
        queues().prop_map(Change::Queue),
        deliveries().prop_map(Change::Messages),
        confirms().prop_map(Change::Confirms),
        any::<u32>().prop_map(|rate| Change::Rate(Rate(rate))),
        workloads().prop_map(Change::Workload),
        (workers(), speeds()).prop_map(|(worker, speed)| Change::Speed(worker, speed)),
        any::<u32>().prop_map(|scale| Change::Scale(TimeScale(scale))),
        lines().prop_map(Change::Line),
        (workers(), select(Habit::ALL.to_vec())).prop_map(|(worker, habit)| Change::Habit(worker, habit)),
        select(vec![Producing::On, Producing::Held]).prop_map(Change::Producing),
        select(vec![Pace::Running, Pace::Paused]).prop_map(Change::Pace),
        versions().prop_map(Change::Version),
    ]
}

fn causes() -> impl Strategy<Value = Cause> {
    let others = vec![
        Cause::Removed,
        Cause::ConnectionLost,
        Cause::Requeued,
        Cause::BrokerTransientQueue,
        Cause::BrokerTransientMessage,
        Cause::BrokerNeverHad,
        Cause::BrokerEnded,
        Cause::TakenByOthers,
    ];
    prop_oneof![select(others), select(KillKind::ALL.to_vec()).prop_map(Cause::Killed)]
}

fn delivered() -> impl Strategy<Value = Delivered> {
    let dots = prop_oneof![0..70_u32, any::<u32>()];
    (jobs(), dots, numbers(), any::<bool>(), acks()).prop_map(|(job, dots, tag, redelivered, ack)| Delivered {
        job,
        dots,
        tag: DeliveryTag(tag),
        redelivered,
        ack,
    })
}

/// In order, as they come, and any.
fn lists() -> impl Strategy<Value = Arc<[JobId]>> {
    let sorted = prop::collection::btree_set(0..200_u32, 0..60);
    prop_oneof![
        sorted.prop_map(|jobs| jobs.into_iter().map(JobId).collect()),
        vec(jobs(), 0..20).prop_map(Arc::from),
    ]
}

fn numbers() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, 0..5_000_000_u64, any::<u64>(), Just(u64::MAX)]
}

fn jobs() -> impl Strategy<Value = JobId> {
    prop_oneof![0..300_u32, any::<u32>(), Just(u32::MAX)].prop_map(JobId)
}

fn workers() -> impl Strategy<Value = WorkerId> {
    prop_oneof![9 => 0..65_u16, 1 => any::<u16>()].prop_map(WorkerId)
}

fn rooms() -> impl Strategy<Value = NoRoom> {
    prop_oneof![Just(NoRoom::Unsent), any::<u16>().prop_map(NoRoom::Full)]
}

fn texts() -> impl Strategy<Value = Arc<str>> {
    ".*".prop_map(Arc::from)
}

fn speeds() -> impl Strategy<Value = Speed> {
    any::<u32>().prop_map(Speed)
}

fn acks() -> impl Strategy<Value = AckMode> {
    select(vec![AckMode::Manual, AckMode::Automatic])
}

fn queues() -> impl Strategy<Value = QueueKind> {
    select(QueueKind::ALL.to_vec())
}

fn deliveries() -> impl Strategy<Value = Delivery> {
    select(Delivery::ALL.to_vec())
}

fn confirms() -> impl Strategy<Value = Confirms> {
    select(vec![Confirms::On, Confirms::Off])
}

fn versions() -> impl Strategy<Value = Version> {
    select(vec![Version::V3_10, Version::V4_0, Version::V4_3])
}

fn workloads() -> impl Strategy<Value = Workload> {
    (select(Sizes::ALL.to_vec()), select(Arrivals::ALL.to_vec()))
        .prop_map(|(sizes, arrivals)| Workload { sizes, arrivals })
}

fn lines() -> impl Strategy<Value = LineQuality> {
    (any::<u16>(), any::<u32>()).prop_map(|(latency, bandwidth)| LineQuality {
        latency: Latency(latency),
        bandwidth: Bandwidth(bandwidth),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happened_is_read_as_it_was_written(events in vec(events(), 0..60), scale in any::<u32>()) {
        let mut writer = Writer::new(scale);
        for event in &events {
            event.put(&mut writer);
        }
        let mut reader = Reader::new(&writer.bytes).expect("it has a beginning");
        for event in &events {
            prop_assert_eq!(Event::get(&mut reader), Some(event.clone()));
        }
        prop_assert_eq!(reader.left(), 0);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in vec(any::<u8>(), 0..300)) {
        let mut reader = Reader::plain(&bytes);
        while reader.left() > 0 && Event::get(&mut reader).is_some() {}
    }
}
