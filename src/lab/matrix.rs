//! Durable queue × persistent message: what a broker's end leaves of the jobs that it had to keep.

use super::ids::LabTime;
use super::settings::{Delivery, QueueKind};
use super::snapshot::Figure;

/// The four cells, and which moment they are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// By queue, then by `delivery_mode`, each in the order of its `ALL`.
    pub cells: [[MatrixCell; 2]; 2],
    /// Before the broker's end, after it, or after its return.
    pub moment: Moment,
}

/// The jobs of one kind of queue and one kind of message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatrixCell {
    /// Jobs that the broker has to keep: published, and not acked yet. Of a broker that is back: had to keep.
    pub published: u32,
    /// Of these, those that it confirmed.
    pub confirmed: u32,
    /// Of these, those for which no confirm was asked.
    pub unasked: u32,
    /// Of these, those that are there again.
    pub survived: Figure,
    /// Of these, those that are not.
    pub lost: Figure,
    /// Lost although confirmed.
    pub confirmed_lost: u32,
    /// Besides: done before the end, and there again, since the ack did not reach the disk.
    pub again: u32,
}

/// Of which moment a matrix is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// The broker has not ended yet, or a new sample was published; this is what it keeps now.
    #[default]
    Running,
    /// It ended then, and is not back.
    Down(Ending, LabTime),
    /// It ended then, and is back.
    Back(Ending, LabTime),
}

/// How a broker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// At once, by the lab.
    Killed,
    /// In good order, by the lab.
    Stopped,
    /// It went away; nobody here knows how, or whether it ended at all.
    Away,
}

/// How well it is known what became of the jobs of one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Knowledge {
    /// The broker told it job by job.
    Exact,
    /// Worked out from its figures and the rule.
    Estimated,
    /// Not known.
    #[default]
    Unknown,
}

impl Matrix {
    /// One of the four.
    pub const fn cell(&self, queue: QueueKind, messages: Delivery) -> &MatrixCell {
        &self.cells[queue.slot()][messages.slot()]
    }

    /// All four.
    pub fn all(&self) -> impl Iterator<Item = &MatrixCell> {
        self.cells.iter().flatten()
    }
}

impl Knowledge {
    /// A number that is known so well.
    pub(super) fn figure(self, n: u32) -> Figure {
        match self {
            Self::Exact => Figure::Exact(n.into()),
            Self::Estimated => Figure::Estimated(n.into()),
            Self::Unknown => Figure::Unknown,
        }
    }
}
