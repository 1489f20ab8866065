//! What the screen looks at besides the present picture, and what it is shown: an earlier moment, a page of jobs, the
//! journey of one.

use super::event::{Burial, Cause, Event, PassedOver, Requeue};
use super::ids::{Elapsed, JobId, LabTime, WorkerId};
use super::settings::{Confirms, Delivery, QueueKind};
use super::snapshot::Snapshot;
use std::sync::Arc;

/// What the screen looks at. Each answer ([`Sight`]) says which question it answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gaze {
    /// Which moment.
    pub when: When,
    /// Which jobs.
    pub page: Option<PageQuery>,
    /// Which job in particular.
    pub journey: Option<JobId>,
}

/// A moment of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// The present, which moves on.
    #[default]
    Now,
    /// At that real time: after the last event that is not later.
    At(Elapsed),
    /// Right after that many events of the run; 0 is its beginning.
    After(u64),
}

/// A place in the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// How many events there were before it.
    pub events: u64,
    /// Real time.
    pub at: Elapsed,
    /// Lab time.
    pub lab: LabTime,
}

/// How far back one can look, and how far forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The oldest moment that is still known.
    pub first: Point,
    /// The newest.
    pub last: Point,
    /// Bytes that the kept events take.
    pub bytes: u64,
}

/// What was seen there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sight {
    /// The question.
    pub gaze: Gaze,
    /// From when to when there is anything to see.
    pub extent: Extent,
    /// The moment that is shown, within the extent.
    pub point: Point,
    /// The last event before it, if it is still known.
    pub event: Option<Event>,
    /// The picture of that moment; `None` while the present is looked at.
    pub past: Option<Arc<Snapshot>>,
    /// The jobs asked for, as of that moment.
    pub page: Option<Page>,
    /// The journey asked for, up to that moment.
    pub journey: Option<Journey>,
}

/// Which jobs, in which order, from which on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// Which.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// The first row wanted, counted from 0.
    pub first: u32,
    /// How many rows.
    pub rows: u16,
    /// Move the page so that this job is on it, if it passes the filter.
    pub find: Option<JobId>,
}

/// A filter of jobs. A job may pass several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// In the queue, or on the wire.
    Ready,
    /// Delivered and not begun.
    Tray,
    /// Being worked on.
    Hand,
    /// The broker waits for an ack.
    Unacked,
    /// Finished.
    Done,
    /// Finished more than once.
    Twice,
    /// Delivered at least once with the redelivered flag.
    Redelivered,
    /// Nobody will ever do it.
    Lost,
    /// In the dead-letter queue, or refused by the broker.
    DeadLettered,
}

impl Filter {
    /// All of them, in the order of the key.
    pub const ALL: [Self; 10] = [
        Self::All,
        Self::Ready,
        Self::Tray,
        Self::Hand,
        Self::Unacked,
        Self::Done,
        Self::Twice,
        Self::Redelivered,
        Self::Lost,
        Self::DeadLettered,
    ];

    /// Its place in `ALL`.
    pub const fn slot(self) -> usize {
        self as usize
    }
}

/// The order of a list of jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// The newest number first.
    #[default]
    Newest,
    /// The oldest number first.
    Oldest,
    /// Whatever has been as it is for the longest time first.
    Longest,
}

/// Some of the jobs that pass a filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// How many jobs pass each filter, by [`Filter::slot`].
    pub counts: [u32; 10],
    /// The place of the first row in the whole list.
    pub first: u32,
    /// The rows.
    pub rows: Vec<PageRow>,
}

/// One job in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRow {
    /// Its number.
    pub job: JobId,
    /// Where it is.
    pub place: Whereabouts,
    /// Since when, to the millisecond.
    pub since: LabTime,
    /// Its queue.
    pub queue: QueueKind,
    /// Its `delivery_mode`.
    pub delivery: Delivery,
    /// Whether the broker confirmed it; `None`: that was not asked for.
    pub confirmed: Option<bool>,
    /// Whether the broker waits for an ack, as far as clients know.
    pub unacked: bool,
    /// Whether it was ever delivered with the redelivered flag.
    pub redelivered: bool,
    /// How often it was finished, up to 255.
    pub finishes: u8,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In its queue, or on the wire.
    Ready,
    /// In a worker's tray.
    Tray(WorkerId),
    /// In its hand.
    Hand(WorkerId),
    /// Done.
    Done,
    /// Lost.
    Lost(Cause),
    /// No queue took it.
    Returned,
    /// In the dead-letter queue.
    DeadLettered,
}

/// All that happened to one job.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// The job.
    pub job: JobId,
    /// As it is at the moment looked at; `None`: it was not published by then.
    pub row: Option<PageRow>,
    /// What happened to it, in order.
    pub steps: Vec<Step>,
    /// Whether its first steps are too old to be known.
    pub cut_off: bool,
}

/// A step of a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When, on the lab clock.
    pub lab: LabTime,
    /// When, in real time.
    pub at: Elapsed,
    /// The events of the run up to and with it.
    pub events: u64,
    /// What.
    pub what: StepKind,
}

/// What can happen to a job.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Sent to the broker.
    Published(QueueKind, Delivery, Confirms),
    /// The broker has it.
    Confirmed,
    /// The broker refused it, or it never left.
    Nacked,
    /// No queue took it.
    Returned,
    /// The broker chose who gets it; `None`: a consumer that is not of this lab.
    Dispatched(Option<WorkerId>, Arc<[(WorkerId, PassedOver)]>),
    /// In that worker's tray, with this redelivered flag.
    Delivered(WorkerId, bool),
    /// In that worker's hand.
    Begun(WorkerId),
    /// The work is done; for the how manieth time.
    Finished(WorkerId, u8),
    /// Acked.
    Acked(WorkerId),
    /// The worker forgot to ack.
    Forgot(WorkerId),
    /// The worker refused it.
    Rejected(WorkerId, Requeue),
    /// Back in its queue; at which place from its head, where that can be told.
    WentBack(WorkerId, Cause, Option<u32>),
    /// In the dead-letter queue.
    DeadLettered(WorkerId),
    /// There too, put there by the broker itself.
    Buried(Burial),
    /// Lost, with whom.
    Lost(Option<WorkerId>, Cause),
    /// The restarted broker still had it.
    StillThere,
}
