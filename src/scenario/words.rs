//! The words of the file for what can be set: the same in `[settings]`, in actions and in the schema.

use crate::lab::{
    AckMode, Arrivals, BrokerCommand, Confirms, Delivery, Habit, KillKind, QueueKind, Sharing, Sizes, Version,
};

/// Words and what they mean.
pub(super) type Words<T> = [(&'static str, T)];

pub(super) const ACK: &Words<AckMode> = &[("manual", AckMode::Manual), ("auto", AckMode::Automatic)];

pub(super) const QUEUE: &Words<QueueKind> = &[("durable", QueueKind::Durable), ("transient", QueueKind::Transient)];

pub(super) const QUEUE_TYPE: &Words<Kind> = &[("classic", Kind::Classic), ("quorum", Kind::Quorum)];

pub(super) const SHARING: &Words<Sharing> = &[("one-queue", Sharing::OneQueue), ("queue-each", Sharing::QueueEach)];

pub(super) const MESSAGES: &Words<Delivery> =
    &[("persistent", Delivery::Persistent), ("transient", Delivery::Transient)];

pub(super) const SWITCH: &Words<Confirms> = &[("on", Confirms::On), ("off", Confirms::Off)];

pub(super) const WORKLOAD: &Words<Sizes> = &[
    ("equal", Sizes::Equal),
    ("odd-heavy", Sizes::OddHeavy),
    ("random", Sizes::Random),
    ("heavy-tail", Sizes::HeavyTail),
    ("instant", Sizes::Instant),
];

pub(super) const ARRIVALS: &Words<Arrivals> = &[
    ("regular", Arrivals::Regular),
    ("poisson", Arrivals::Poisson),
    ("bursty", Arrivals::Bursty),
];

pub(super) const LIKE: &Words<Version> = &[("3.10", Version::V3_10), ("4.0", Version::V4_0), ("4.3", Version::V4_3)];

pub(super) const KILL: &Words<KillKind> = &[
    ("cancel", KillKind::Cancel),
    ("close-channel", KillKind::CloseChannel),
    ("close-connection", KillKind::CloseConnection),
    ("reset", KillKind::Reset),
    ("half-open", KillKind::HalfOpen),
    ("freeze", KillKind::Freeze),
    ("crash-before-ack", KillKind::CrashBeforeAck),
];

pub(super) const HABIT: &Words<Habit> = &[
    ("acks", Habit::Acks),
    ("forgets", Habit::Forgets),
    ("requeues", Habit::Requeues),
    ("rejects", Habit::Rejects),
    ("acks-twice", Habit::AcksTwice),
];

pub(super) const BROKER: &Words<BrokerCommand> = &[
    ("kill", BrokerCommand::Kill),
    ("stop", BrokerCommand::Stop),
    ("start", BrokerCommand::Start),
];

/// `queue-type`, whose limit is a setting of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Classic,
    Quorum,
}

/// The words alone.
pub(super) fn listed<T>(words: &Words<T>) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

/// What a word means.
pub(super) fn meaning<T: Copy>(words: &Words<T>, word: &str) -> Option<T> {
    words
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, meaning)| *meaning)
}
