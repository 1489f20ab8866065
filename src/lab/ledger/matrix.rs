//! What the broker's last end left, by kind of queue and kind of message.

use super::super::event::Cause;
use super::super::ids::LabTime;
use super::super::matrix::{Ending, Knowledge, Matrix, MatrixCell, Moment};
use super::super::settings::{Delivery, QueueKind};
use super::super::snapshot::Figure;
use super::jobs::Record;
use std::ops::{Add, Sub};

/// Jobs of one kind, for example those that the broker has to keep: in a queue, or with a worker and not acked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Stake {
    pub(in super::super) published: u32,
    pub(in super::super) confirmed: u32,
    pub(in super::super) unasked: u32,
}

/// By queue and `delivery_mode`.
pub(in super::super) type Stakes = [[Stake; 2]; 2];

/// The last end, as far as it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Aftermath {
    moment: Moment,
    /// Lost with the broker, as far as told.
    lost: Stakes,
    /// Done before, and there again.
    again: Stakes,
    /// Once it is back.
    cells: [[MatrixCell; 2]; 2],
}

impl Aftermath {
    /// The broker is gone.
    pub(super) fn ended(&mut self, how: Ending, at: LabTime) {
        *self = Self {
            moment: Moment::Down(how, at),
            ..Self::default()
        };
    }

    /// The next experiment: what the last end left is told enough.
    pub(super) fn begin_again(&mut self) {
        if matches!(self.moment, Moment::Back(..)) {
            *self = Self::default();
        }
    }

    /// A job is lost; it counts here if it went with the broker.
    pub(super) fn lost(&mut self, job: &Record, why: Cause) {
        let with_the_broker = matches!(
            why,
            Cause::BrokerTransientQueue | Cause::BrokerTransientMessage | Cause::BrokerNeverHad
        );
        if matches!(self.moment, Moment::Down(..)) && with_the_broker {
            self.lost[job.queue.slot()][job.delivery.slot()].count(job);
        }
    }

    /// A job that was done is there again.
    pub(super) fn again(&mut self, job: &Record) {
        if matches!(self.moment, Moment::Down(..)) {
            self.again[job.queue.slot()][job.delivery.slot()].count(job);
        }
    }

    /// The broker is back and has to keep `stakes`; what is lost and what is there again was told before.
    pub(super) fn back(&mut self, stakes: &Stakes, known: [Knowledge; 2]) {
        let Moment::Down(how, at) = self.moment else { return };
        self.moment = Moment::Back(how, at);
        for (queue, messages) in QueueKind::ALL.into_iter().flat_map(|q| Delivery::ALL.map(|m| (q, m))) {
            let known = known[queue.slot()];
            let (queue, messages) = (queue.slot(), messages.slot());
            let (lost, again) = (self.lost[queue][messages], self.again[queue][messages]);
            let survived = stakes[queue][messages] - again;
            self.cells[queue][messages] = MatrixCell {
                survived: known.figure(survived.published),
                lost: known.figure(lost.published),
                confirmed_lost: lost.confirmed,
                again: again.published,
                ..(survived + lost).cell()
            };
        }
    }

    /// The picture, while the broker has to keep `stakes`.
    pub(super) fn matrix(&self, stakes: &Stakes) -> Matrix {
        let cells = match self.moment {
            Moment::Back(..) => self.cells,
            Moment::Running | Moment::Down(..) => stakes.map(|row| row.map(Stake::cell)),
        };
        Matrix {
            cells,
            moment: self.moment,
        }
    }
}

impl Stake {
    fn count(&mut self, job: &Record) {
        self.published += 1;
        self.confirmed += u32::from(job.is_confirmed());
        self.unasked += u32::from(job.is_unasked());
    }

    /// Nothing is known of their fate.
    fn cell(self) -> MatrixCell {
        MatrixCell {
            published: self.published,
            confirmed: self.confirmed,
            unasked: self.unasked,
            survived: Figure::Unknown,
            lost: Figure::Unknown,
            ..MatrixCell::default()
        }
    }
}

impl Add for Stake {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            published: self.published + other.published,
            confirmed: self.confirmed + other.confirmed,
            unasked: self.unasked + other.unasked,
        }
    }
}

impl Sub for Stake {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            published: self.published.saturating_sub(other.published),
            confirmed: self.confirmed.saturating_sub(other.confirmed),
            unasked: self.unasked.saturating_sub(other.unasked),
        }
    }
}
