//! Jobs on their way, for a screen on which they are seen to travel: the newest moves, and how many a second.

use super::ids::{Elapsed, JobId, WorkerId};

/// How many moves a picture carries at most.
pub const MOVES: usize = 64;

/// What moved lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Travel {
    /// The newest moves, oldest first, at most [`MOVES`].
    pub moves: Vec<Move>,
    /// How many there were in the last whole second of real time.
    pub per_s: Flows,
}

/// A job went from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub job: JobId,
    /// From where to where.
    pub leg: Leg,
    /// When, in real time.
    pub at: Elapsed,
}

/// A leg of a job's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// From the producer to the queue.
    ToQueue,
    /// From the queue to a worker's tray.
    ToWorker(WorkerId),
    /// Out of a worker's hand, finished.
    Done(WorkerId),
    /// From a worker back to its place in the queue.
    Back(WorkerId),
    /// From a worker, or from the queue, to nowhere.
    Lost(Option<WorkerId>),
}

/// Moves in a second, by leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    /// Published.
    pub to_queue: u32,
    /// Delivered.
    pub to_workers: u32,
    /// Finished.
    pub done: u32,
    /// Gone back to the queue.
    pub back: u32,
    /// Lost.
    pub lost: u32,
}
