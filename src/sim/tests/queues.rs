//! Quorum queues with a delivery limit, and a queue for each worker.

use super::script::{at, carried_out, deliveries, of, settled, workers};
use crate::lab::{
    Burial, Command, DeliveryLimit, Habit, Happening, Prefetch, QueueType, Settings, Sharing, Sizes, WorkerId, Workload,
};

fn equal(speeds: &[u32]) -> Settings {
    Settings {
        prefetch: Prefetch(1),
        workload: Workload {
            sizes: Sizes::Equal,
            ..Settings::default().workload
        },
        ..workers(speeds)
    }
}

#[test]
fn delivery_limit_ends_what_comes_back_too_often() {
    let settings = Settings {
        queue_type: QueueType::Quorum(DeliveryLimit(2)),
        ..equal(&[1000])
    };
    let habit = Command::SetHabit(WorkerId(1), Habit::Requeues);
    let (ran, events) = carried_out(&of(settings, settled(vec![at(0, vec![habit, Command::Publish(2)])])));
    let buried = events
        .iter()
        .filter(|event| matches!(event.what, Happening::Buried(_, Burial::DeliveryLimit)));
    assert_eq!(buried.count(), 2);
    assert_eq!((ran.snapshot.books.done, ran.snapshot.books.dead), (0, 2));
    assert_eq!(deliveries(&events).len(), 6, "each came three times");
}

#[test]
fn each_worker_gets_its_copy_of_each_message() {
    let settings = Settings {
        sharing: Sharing::QueueEach,
        ..equal(&[1000, 500, 2000])
    };
    let (ran, events) = carried_out(&of(settings, settled(vec![at(0, vec![Command::Publish(4)])])));
    assert_eq!((ran.snapshot.books.published, ran.snapshot.books.done), (12, 12));
    let mut got = deliveries(&events);
    got.sort_by_key(|(_, job)| *job);
    let expected: Vec<(u16, u32)> = (0..12).map(|n| (n % 3 + 1, u32::from(n) + 1)).collect();
    assert_eq!(got, expected);
}
