//! Which queues the lab has, and what they are called.

use super::Topology;
use crate::engine::mark::Run;
use crate::lab::{QueueKind, QueueType, Settings, Sharing, WorkerId};
use std::sync::Arc;

/// What queues the lab has, fixed for a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Layout {
    /// Of the durable queue.
    pub(super) queue_type: QueueType,
    shares: Shares,
}

/// Who consumes from which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shares {
    /// All from the one of a kind.
    OneQueue,
    /// So many workers, each from a queue of its own; all of them are of this kind.
    Each(u16, QueueKind),
}

impl Layout {
    pub(in super::super) fn of(settings: &Settings) -> Self {
        let workers = u16::try_from(settings.copies()).unwrap_or(1);
        Self {
            queue_type: settings.queue_type,
            shares: match settings.sharing {
                Sharing::OneQueue => Shares::OneQueue,
                Sharing::QueueEach => Shares::Each(workers, settings.queue),
            },
        }
    }
}

/// How the queues are called.
#[derive(Clone, Debug)]
pub(in super::super) struct Names {
    run: Run,
    /// The durable queue's, where others are to find it, and declare it without arguments. Where its dead letters go,
    /// the broker says then.
    shared: Option<Arc<str>>,
}

impl Names {
    /// Names that nobody else uses.
    pub(in super::super) fn of(run: Run) -> Self {
        Self { run, shared: None }
    }

    #[cfg(test)]
    pub(super) fn run(&self) -> Run {
        self.run
    }

    /// The same, but for the durable queue.
    pub(in super::super) fn sharing(self, durable: &str) -> Self {
        Self {
            shared: Some(durable.into()),
            ..self
        }
    }

    /// A queue of all workers, for example `dispatch-lab.0a1b2c3d.durable`.
    pub(in super::super) fn queue(&self, kind: QueueKind) -> String {
        match (kind, &self.shared) {
            (QueueKind::Durable, Some(shared)) => shared.to_string(),
            (QueueKind::Durable, None) => format!("dispatch-lab.{}.durable", self.run),
            (QueueKind::Transient, _) => format!("dispatch-lab.{}.transient", self.run),
        }
    }

    /// The queue for what workers reject.
    pub(in super::super) fn dead_letters(&self) -> String {
        format!("dispatch-lab.{}.dead", self.run)
    }

    /// Whether others consume from it, too.
    pub(super) fn is_shared(&self, kind: QueueKind) -> bool {
        kind == QueueKind::Durable && self.shared.is_some()
    }
}

impl Topology {
    /// The queues of that kind.
    pub(in super::super) fn names(&self, kind: QueueKind) -> Vec<String> {
        match self.layout.shares {
            Shares::OneQueue => vec![self.name(kind)],
            Shares::Each(workers, own) if own == kind => (1..=workers).map(|n| self.own(WorkerId(n))).collect(),
            Shares::Each(..) => Vec::new(),
        }
    }

    /// The queue that this worker consumes from.
    pub(in super::super) fn queue_of(&self, worker: WorkerId, kind: QueueKind) -> String {
        match self.layout.shares {
            Shares::OneQueue => self.name(kind),
            Shares::Each(..) => self.own(worker),
        }
    }

    /// Whose own queue that is.
    pub(in super::super) fn owner_of(&self, queue: &str) -> Option<WorkerId> {
        if self.layout.shares == Shares::OneQueue {
            return None;
        }
        let number = queue.strip_prefix(&self.own_prefix())?;
        number.parse().ok().map(WorkerId)
    }

    fn own(&self, worker: WorkerId) -> String {
        format!("{}{}", self.own_prefix(), worker.0)
    }

    fn own_prefix(&self) -> String {
        format!("dispatch-lab.{}.each.W", self.called.run)
    }

    /// The exchange to which all own queues are bound.
    pub(in super::super) fn fanout(&self) -> Option<String> {
        match self.layout.shares {
            Shares::OneQueue => None,
            Shares::Each(..) => Some(format!("dispatch-lab.{}.fanout", self.called.run)),
        }
    }

    /// Whether the broker may dead-letter by itself.
    pub(in super::super) const fn buries(&self) -> bool {
        matches!(self.layout.queue_type, QueueType::Quorum(_))
    }

    /// The name of a shared queue, for example `dispatch-lab.0a1b2c3d.durable`.
    pub(in super::super) fn name(&self, kind: QueueKind) -> String {
        self.called.queue(kind)
    }

    /// The queue for what workers reject.
    pub(in super::super) fn dead_letters(&self) -> String {
        self.called.dead_letters()
    }

    /// Every queue there may be, that of dead letters last.
    pub(in super::super) fn all(&self) -> Vec<String> {
        let of_kinds = QueueKind::ALL.into_iter().flat_map(|kind| self.names(kind));
        of_kinds.chain([self.dead_letters()]).collect()
    }
}
