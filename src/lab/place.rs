//! Where a job that went back stands in its queue; it depends on the kind of queue, and on the version of the broker.

use super::event::Cause;
use super::settings::{DeliveryLimit, QueueKind, QueueType, Settings};
use super::snapshot::BrokerRow;

/// A place in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The one it had before, among the others by the order of publication: classic queues.
    Old,
    /// Before all that have not come back, after those that came back earlier: quorum queues.
    Front,
    /// Behind all others: quorum queues without a delivery limit in RabbitMQ 3, for what a worker gave back.
    Back,
    /// It depends on what the broker is, which is not known.
    Somewhere,
}

impl Place {
    /// Where it goes from a queue of that kind (`rabbit_fifo`, returns and `requeue`; measured on 3.10, 4.0 and 4.3).
    pub fn of(settings: &Settings, broker: &BrokerRow, queue: QueueKind, why: Cause) -> Self {
        let (QueueKind::Durable, QueueType::Quorum(limit)) = (queue, settings.queue_type) else {
            return Self::Old;
        };
        if why != Cause::Requeued || limit != DeliveryLimit(0) {
            return Self::Front;
        }
        match broker.release() {
            Some(release) if release.major >= 4 => Self::Front,
            Some(_) => Self::Back,
            None => Self::Somewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::settings::Version;
    use crate::lab::snapshot::{BrokerState, Control};

    fn broker(name: &str, version: Option<Version>) -> BrokerRow {
        BrokerRow {
            name: name.into(),
            state: BrokerState::Up,
            control: Control::NotOurs("it is another's"),
            version,
        }
    }

    #[test]
    fn what_goes_back_stands_where_queue_and_version_put_it() {
        let died = Cause::ConnectionLost;
        let (classic, quorum) = (QueueType::Classic, QueueType::Quorum(DeliveryLimit(0)));
        let limited = QueueType::Quorum(DeliveryLimit(3));
        let (own, old) = (Some(Version::V4_0), Some(Version::V3_10));
        let rows = [
            (classic, "", own, Cause::Requeued, Place::Old),
            (quorum, "", own, Cause::Requeued, Place::Front),
            (quorum, "", own, died, Place::Front),
            (quorum, "", old, Cause::Requeued, Place::Back),
            (quorum, "", old, died, Place::Front),
            (limited, "", old, Cause::Requeued, Place::Front),
            (
                quorum,
                "RabbitMQ 3.10.8 at host:5672",
                None,
                Cause::Requeued,
                Place::Back,
            ),
            (
                quorum,
                "RabbitMQ 4.0.5 at host:5672",
                None,
                Cause::Requeued,
                Place::Front,
            ),
            (
                quorum,
                "LavinMQ 2.1.0 at host:5672",
                None,
                Cause::Requeued,
                Place::Somewhere,
            ),
        ];
        for (queue_type, name, version, why, place) in rows {
            let settings = Settings {
                queue_type,
                ..Settings::default()
            };
            let found = Place::of(&settings, &broker(name, version), QueueKind::Durable, why);
            assert_eq!(found, place, "{queue_type:?} {name} {version:?} {why:?}");
            let other = Place::of(&settings, &broker(name, version), QueueKind::Transient, why);
            assert_eq!(other, Place::Old, "the transient queue is a classic one");
        }
    }
}
