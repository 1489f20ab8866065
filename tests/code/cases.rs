//! Settings that between them have each choice at least once.

use dispatch_lab::code::Case;
use dispatch_lab::lab::{
    AckMode, Arrivals, Confirms, Delivery, DeliveryLimit, Habit, Prefetch, QueueKind, QueueType, Rate, Settings,
    Sharing, Sizes, Speed, WorkerId,
};

/// A name, which is that of a compiled file too, and what it stands for.
pub(crate) fn all() -> Vec<(&'static str, Case)> {
    let case = |change: fn(&mut Case)| {
        let mut case = Case::with(&Settings::default());
        change(&mut case);
        case
    };
    vec![
        ("as_it_starts", case(|_| ())),
        (
            "fair",
            case(|c| {
                (c.prefetch, c.confirms, c.speed) = (Prefetch(1), Confirms::On, Speed(500));
                (c.sizes, c.arrivals) = (Sizes::OddHeavy, Arrivals::Poisson);
            }),
        ),
        (
            "careless",
            case(|c| {
                (c.ack, c.queue, c.messages) = (AckMode::Automatic, QueueKind::Transient, Delivery::Transient);
                (c.sizes, c.arrivals) = (Sizes::HeavyTail, Arrivals::Bursty);
            }),
        ),
        (
            "auto_ack_with_prefetch",
            case(|c| {
                (c.ack, c.prefetch, c.confirms) = (AckMode::Automatic, Prefetch(3), Confirms::On);
                (c.sizes, c.rate, c.speed) = (Sizes::Equal, Rate(400), Speed(2000));
            }),
        ),
        (
            "forgets",
            case(|c| {
                (c.habit, c.prefetch, c.messages) = (Habit::Forgets, Prefetch(2), Delivery::Transient);
                c.sizes = Sizes::Instant;
            }),
        ),
        (
            "requeues",
            case(|c| (c.habit, c.prefetch) = (Habit::Requeues, Prefetch(1))),
        ),
        (
            "rejects",
            case(|c| (c.habit, c.queue, c.confirms) = (Habit::Rejects, QueueKind::Transient, Confirms::On)),
        ),
        ("acks_twice", case(|c| c.habit = Habit::AcksTwice)),
        (
            "quorum",
            case(|c| {
                c.queue_type = QueueType::Quorum(DeliveryLimit(3));
                (c.habit, c.prefetch, c.confirms) = (Habit::Rejects, Prefetch(2), Confirms::On);
            }),
        ),
        (
            "own_queue",
            case(|c| (c.sharing, c.worker, c.prefetch) = (Sharing::QueueEach, WorkerId(2), Prefetch(1))),
        ),
    ]
}

/// The same, and nobody has to wait: jobs without work, as fast as can be. Where dots and pauses are written is kept.
pub(crate) fn quick() -> Vec<(&'static str, Case)> {
    let mut all = all();
    for (_, case) in &mut all {
        case.rate = Rate::MAX;
        case.speed = Speed(10_000);
        if case.sizes != Sizes::Equal {
            case.sizes = Sizes::Instant;
        }
    }
    all
}
