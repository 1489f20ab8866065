//! The lab's queues on the virtual broker: two for all workers and one for dead letters, or, where each worker has a queue
//! of its own, these, bound to one fanout exchange.

use super::mark::Target;
use crate::broker::dispatch::{
    Binding, ConnectionId, DeleteRule, Destination, Dispatch, Effect, ExchangeKind, ExchangeSpec, IntKind, QueueSpec,
    QueueTotals, Table, Value,
};
use crate::lab::{
    BrokerSays, DeliveryLimit, Figure, JobId, QueueKind, QueueSays, QueueType, Settings, Sharing, WorkerId,
};
use std::sync::Arc;

/// The broker's own questions have no client.
pub(super) const NOBODY: ConnectionId = ConnectionId(0);

const NAMES: [&str; 2] = ["dispatch-lab.durable", "dispatch-lab.transient"];
pub(super) const DEAD: &str = "dispatch-lab.dead";
const FANOUT: &str = "dispatch-lab.fanout";

/// Which queues there are, fixed for a run.
#[derive(Debug)]
pub(super) struct Queues {
    /// Of the durable ones.
    kind: QueueType,
    /// Where jobs for the durable and for the transient queue are sent.
    targets: [Target; 2],
    shares: Shares,
}

#[derive(Debug)]
enum Shares {
    OneQueue,
    /// A queue for each worker, all of this kind.
    Each(QueueKind, Vec<Arc<str>>),
}

impl Queues {
    pub(super) fn of(settings: &Settings) -> Self {
        let direct = |name: &str| Target {
            exchange: "".into(),
            key: name.into(),
        };
        let fanout = || Target {
            exchange: FANOUT.into(),
            key: "".into(),
        };
        let (targets, shares) = match settings.sharing {
            Sharing::OneQueue => (NAMES.map(direct), Shares::OneQueue),
            Sharing::QueueEach => {
                let names = (1..=settings.copies()).map(|n| format!("dispatch-lab.each.W{n}").into());
                let shares = Shares::Each(settings.queue, names.collect());
                ([fanout(), fanout()], shares)
            }
        };
        Self {
            kind: settings.queue_type,
            targets,
            shares,
        }
    }

    /// Where jobs of that kind of queue are sent.
    pub(super) fn target(&self, kind: QueueKind) -> &Target {
        &self.targets[kind.slot()]
    }

    /// The queue that this worker consumes from.
    pub(super) fn queue_of(&self, worker: WorkerId, kind: QueueKind) -> String {
        let own = |names: &Vec<Arc<str>>| {
            names
                .get(usize::from(worker.0.saturating_sub(1)))
                .map(ToString::to_string)
        };
        match &self.shares {
            Shares::OneQueue => NAMES[kind.slot()].to_owned(),
            Shares::Each(_, names) => own(names).unwrap_or_default(),
        }
    }

    /// Whose copy of a message it is, where each worker has one: copies are numbered in the order of the workers.
    pub(super) fn copy(&self, job: JobId, worker: WorkerId) -> JobId {
        match self.shares {
            Shares::OneQueue => job,
            Shares::Each(..) => JobId(job.0.saturating_add(u32::from(worker.0.saturating_sub(1)))),
        }
    }

    /// Whose own queue that is; `None`: it is none of the lab's, or everybody's.
    pub(super) fn owner_of(&self, queue: &str) -> Option<WorkerId> {
        let Shares::Each(_, names) = &self.shares else {
            return None;
        };
        let place = names.iter().position(|name| **name == *queue)?;
        u16::try_from(place + 1).ok().map(WorkerId)
    }

    /// Whether jobs wait in it for workers.
    pub(super) fn has(&self, queue: &str) -> bool {
        match self.shares {
            Shares::OneQueue => NAMES.contains(&queue),
            Shares::Each(..) => self.owner_of(queue).is_some(),
        }
    }

    /// Whether the broker may dead-letter by itself.
    pub(super) const fn buries(&self) -> bool {
        matches!(self.kind, QueueType::Quorum(_))
    }

    /// Declares all; what is there stays as it is.
    pub(super) fn declare(&self, dispatch: &mut Dispatch, out: &mut Vec<Effect>) {
        // Nobody else declares anything, so nothing of it can be refused.
        let _ = dispatch.declare_queue(NOBODY, queue(DEAD, QueueKind::Durable, Table::new()), out);
        match &self.shares {
            Shares::OneQueue => {
                for (kind, name) in QueueKind::ALL.into_iter().zip(NAMES) {
                    let _ = dispatch.declare_queue(NOBODY, queue(name, kind, self.arguments(kind)), out);
                }
            }
            Shares::Each(kind, names) => {
                let _ = dispatch.declare_exchange(fanout(*kind), out);
                for name in names {
                    let _ = dispatch.declare_queue(NOBODY, queue(name, *kind, self.arguments(*kind)), out);
                    let _ = dispatch.bind(NOBODY, bound(name), out);
                }
            }
        }
    }

    /// Deletes all, with what is in them.
    pub(super) fn delete(&self, dispatch: &mut Dispatch, out: &mut Vec<Effect>) {
        let own = match &self.shares {
            Shares::OneQueue => &[][..],
            Shares::Each(_, names) => names,
        };
        let all = NAMES.into_iter().chain([DEAD]).chain(own.iter().map(|name| &**name));
        for name in all {
            let _ = dispatch.delete_queue(NOBODY, name, DeleteRule::default(), out);
        }
    }

    /// The broker's figures of them.
    pub(super) fn says(&self, totals: impl Iterator<Item = QueueTotals>) -> BrokerSays {
        let mut sums = [[0_u64; 3]; 2];
        for totals in totals {
            let kind = match &self.shares {
                Shares::OneQueue => NAMES.iter().position(|name| **name == *totals.name),
                Shares::Each(kind, _) => self.owner_of(&totals.name).map(|_| kind.slot()),
            };
            if let Some([ready, unacked, consumers]) = kind.map(|kind| &mut sums[kind]) {
                *ready += totals.ready;
                *unacked += totals.unacked;
                *consumers += u64::from(totals.consumers);
            }
        }
        let [durable, transient] = sums.map(|sum| {
            let [ready, unacked, consumers] = sum.map(Figure::Exact);
            QueueSays {
                ready,
                unacked,
                consumers,
            }
        });
        BrokerSays { durable, transient }
    }

    fn arguments(&self, kind: QueueKind) -> Table {
        let mut args = Table::from([
            ("x-dead-letter-exchange".to_owned(), text("")),
            ("x-dead-letter-routing-key".to_owned(), text(DEAD)),
        ]);
        if let (QueueKind::Durable, QueueType::Quorum(DeliveryLimit(limit))) = (kind, self.kind) {
            args.insert("x-queue-type".into(), text("quorum"));
            if limit > 0 {
                let limit = Value::Int(IntKind::SignedInt, limit.into());
                args.insert("x-delivery-limit".into(), limit);
            }
        }
        args
    }
}

fn text(text: &str) -> Value {
    Value::LongStr(text.as_bytes().to_vec())
}

fn queue(name: &str, kind: QueueKind, args: Table) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        durable: kind == QueueKind::Durable,
        exclusive: None,
        auto_delete: false,
        args,
    }
}

fn fanout(kind: QueueKind) -> ExchangeSpec {
    ExchangeSpec {
        name: FANOUT.to_owned(),
        kind: ExchangeKind::Fanout,
        durable: kind == QueueKind::Durable,
        auto_delete: true,
        internal: false,
        args: Table::new(),
    }
}

fn bound(queue: &str) -> Binding {
    Binding {
        exchange: FANOUT.to_owned(),
        to: Destination::Queue(queue.to_owned()),
        key: String::new(),
        args: Table::new(),
    }
}
