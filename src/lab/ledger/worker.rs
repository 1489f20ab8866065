//! What is known of one worker: its tray, its hand, its tallies.

mod ends;

use super::super::ids::{DeliveryTag, JobId, LabTime, WorkerId};
use super::super::job::UNITS_PER_DOT;
use super::super::settings::{AckMode, Habit, Prefetch, Speed};
use super::super::snapshot::{Mark, WorkerState};
use super::super::wire::{Delivered, Subscription};
use super::sheets::Sheets;
use super::timeline::{Ongoing, Timeline};
use std::collections::VecDeque;
use std::sync::Arc;

/// A delivery that the worker's process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Held {
    pub(in super::super) job: JobId,
    pub(in super::super) tag: DeliveryTag,
    pub(in super::super) ack: AckMode,
    dots: u32,
    redelivered: bool,
}

/// Deliveries in the order in which they came there; without a limit they can be all jobs there are.
pub(in super::super) type Tray = Sheets<Held, 32>;

/// The job in hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct InHand {
    pub(in super::super) held: Held,
    /// Work done before `since`.
    units: u64,
    /// When the work went on last; `None` while it stands still for good.
    since: Option<LabTime>,
}

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct WorkerBook {
    pub(in super::super) id: WorkerId,
    /// What it is called, if it is not of the lab.
    pub(in super::super) guest: Option<Arc<str>>,
    pub(in super::super) speed: Speed,
    pub(in super::super) habit: Habit,
    pub(in super::super) state: WorkerState,
    /// What was delivered and not begun.
    pub(in super::super) tray: Tray,
    pub(in super::super) hand: Option<InHand>,
    /// Finished, and about to be acked, or to be left so by a crash.
    pub(in super::super) owing: Option<Held>,
    /// Finished, and the broker will not hear of it: the ack was forgotten, or went nowhere.
    pub(in super::super) unheard: Tray,
    /// Handed out with auto-ack, and not arrived yet, as far as the broker tells.
    pub(in super::super) wire: VecDeque<JobId>,
    /// With which limit it consumes.
    pub(super) subscription: Option<Subscription>,
    /// It is to crash after its next finished job; outlives a restart of the broker.
    pub(in super::super) doomed: bool,
    /// What the program knows of its line.
    knows: Knows,
    /// Removed workers stay in the books.
    pub(in super::super) removed: bool,
    pub(super) unacked: u32,
    pub(super) done: u32,
    pub(super) redelivered: u32,
    pub(super) twice: u32,
    pub(super) lost: u32,
    /// Since when it could work and has nothing.
    pub(super) idle_since: Option<LabTime>,
    pub(super) timeline: Timeline,
}

/// What the program of a silenced worker knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Knows {
    Nothing,
    /// Its own heartbeats ran out.
    Silence,
}

impl WorkerBook {
    pub(super) fn new(id: WorkerId, speed: Speed, at: LabTime) -> Self {
        Self {
            id,
            guest: None,
            speed,
            habit: Habit::default(),
            state: WorkerState::Starting,
            tray: Tray::default(),
            hand: None,
            owing: None,
            unheard: Tray::default(),
            wire: VecDeque::new(),
            subscription: None,
            doomed: false,
            knows: Knows::Nothing,
            removed: false,
            unacked: 0,
            done: 0,
            redelivered: 0,
            twice: 0,
            lost: 0,
            idle_since: None,
            timeline: Timeline::new(at),
        }
    }

    pub(super) fn keep_no_timeline(&mut self) {
        self.timeline = Timeline::none();
    }

    /// When the job in hand will be done at this speed.
    pub(super) fn due(&self) -> Option<LabTime> {
        // When a guest is ready only the guest knows.
        let hand = self.hand.filter(|_| self.guest.is_none())?;
        let left = hand.needed().saturating_sub(hand.units);
        Some(LabTime(hand.since?.0 + left.div_ceil(u64::from(self.speed.0.max(1)))))
    }

    /// Per mille of the job in hand.
    pub(super) fn progress(&self, now: LabTime) -> u16 {
        let Some(hand) = self.hand else { return 0 };
        let done = hand.units + hand.since.map_or(0, |since| self.units(since, now));
        match hand.needed() {
            0 => 1000,
            needed => u16::try_from(u128::from(done) * 1000 / u128::from(needed)).map_or(1000, |p| p.min(1000)),
        }
    }

    pub(super) fn ongoing(&self) -> Option<Ongoing> {
        let hand = self.hand?;
        Some(Ongoing {
            job: hand.held.job,
            since: hand.since?,
        })
    }

    fn units(&self, since: LabTime, now: LabTime) -> u64 {
        now.0.saturating_sub(since.0).saturating_mul(u64::from(self.speed.0))
    }

    pub(super) fn deliver(&mut self, d: &Delivered) {
        if let Some(i) = self.wire.iter().position(|&job| job == d.job) {
            self.wire.remove(i);
        }
        self.redelivered += u32::from(d.redelivered);
        self.unacked += u32::from(d.ack == AckMode::Manual);
        self.idle_since = None;
        self.tray.push_back(Held {
            job: d.job,
            tag: d.tag,
            ack: d.ack,
            dots: d.dots,
            redelivered: d.redelivered,
        });
    }

    pub(super) fn begin(&mut self, at: LabTime) {
        let Some(held) = self.tray.pop_front() else { return };
        self.timeline.begin(at, held.job);
        if held.redelivered {
            self.timeline.mark(at, Mark::Redelivered);
        }
        self.hand = Some(InHand {
            held,
            units: 0,
            since: Some(at),
        });
    }

    /// The job in hand; a guest settles what is in its tray, too.
    pub(super) fn finish(&mut self, at: LabTime, job: JobId) {
        let finished = if self.hand.is_some_and(|hand| hand.held.job == job) {
            self.rest(at);
            self.hand.take().map(|hand| hand.held)
        } else {
            let held = self.tray.iter().find(|held| held.job == job).copied();
            self.tray.retain(|held| held.job != job);
            held
        };
        self.done += 1;
        self.owing = finished.filter(|held| held.ack == AckMode::Manual);
        self.note_idle(at);
    }

    pub(super) fn finish_again(&mut self, at: LabTime) {
        self.twice += 1;
        self.timeline.mark(at, Mark::Twice);
    }

    pub(super) fn acked(&mut self) {
        self.owing = None;
        self.unacked = self.unacked.saturating_sub(1);
    }

    /// The ack of what was finished last will not reach the broker.
    pub(super) fn forgot(&mut self) {
        if let Some(held) = self.owing.take() {
            self.unheard.push_back(held);
        }
    }

    /// Takes these jobs (in order of their numbers) from wherever it has them.
    pub(super) fn release(&mut self, jobs: &[JobId], at: LabTime) {
        if let (&[job], Some(hand)) = (jobs, self.hand)
            && hand.held.job == job
        {
            self.release_hand(at, hand.held);
            return;
        }
        let gone = |job: JobId| jobs.binary_search(&job).is_ok();
        let (mut unacked, mut gave_hand) = (0, false);
        let mut count = |held: &Held| unacked += u32::from(held.ack == AckMode::Manual);
        self.tray.retain(|held| {
            let stays = !gone(held.job);
            if !stays {
                count(held);
            }
            stays
        });
        if self.hand.is_some_and(|hand| gone(hand.held.job)) {
            self.rest(at);
            self.hand.take().iter().for_each(|h| count(&h.held));
            gave_hand = true;
        }
        if self.owing.is_some_and(|held| gone(held.job)) {
            self.owing.take().iter().for_each(&mut count);
        }
        self.unheard.retain(|held| {
            let stays = !gone(held.job);
            if !stays {
                count(held);
            }
            stays
        });
        self.wire.retain(|&job| !gone(job));
        self.unacked = self.unacked.saturating_sub(unacked);
        if gave_hand {
            self.note_idle(at);
        }
    }

    /// What is in hand is nowhere else.
    fn release_hand(&mut self, at: LabTime, held: Held) {
        self.rest(at);
        self.hand = None;
        self.wire.retain(|&job| job != held.job);
        self.unacked = self.unacked.saturating_sub(u32::from(held.ack == AckMode::Manual));
        self.note_idle(at);
    }

    pub(super) fn set_speed(&mut self, at: LabTime, speed: Speed) {
        self.settle(at);
        self.speed = speed;
    }

    /// The work stands still.
    pub(super) fn rest(&mut self, at: LabTime) {
        self.settle(at);
        if let Some(hand) = &mut self.hand {
            hand.since = None;
        }
    }

    /// What stood still goes on; what did not is not begun anew.
    fn go_on(&mut self, at: LabTime) {
        if let Some(hand) = &mut self.hand {
            hand.since.get_or_insert(at);
        }
    }

    /// Enters the work done so far.
    fn settle(&mut self, at: LabTime) {
        let Some(InHand {
            held,
            since: Some(since),
            ..
        }) = self.hand
        else {
            return;
        };
        let units = self.units(since, at);
        if let Some(hand) = &mut self.hand {
            hand.units += units;
            hand.since = Some(at);
        }
        self.timeline.work(since, at, held.job);
    }

    pub(super) fn subscribed(&mut self, at: LabTime, subscription: Subscription) {
        self.subscription = Some(subscription);
        self.live(at);
    }

    pub(super) fn revived(&mut self, at: LabTime) {
        self.doomed = false;
        self.timeline.mark(at, Mark::Revived);
        if !matches!(self.state, WorkerState::Starting | WorkerState::Waiting) {
            self.live(at);
            self.go_on(at);
        }
    }

    fn live(&mut self, at: LabTime) {
        self.state = if self.doomed {
            WorkerState::Doomed
        } else {
            WorkerState::Consuming
        };
        self.note_idle(at);
    }

    pub(super) fn doom(&mut self) {
        self.doomed = true;
        if self.state == WorkerState::Consuming {
            self.state = WorkerState::Doomed;
        }
    }

    fn note_idle(&mut self, at: LabTime) {
        let free = self.hand.is_none() && self.tray.is_empty();
        let live = matches!(self.state, WorkerState::Consuming | WorkerState::Doomed);
        self.idle_since = (free && live).then(|| self.idle_since.unwrap_or(at));
    }

    /// It has the job in tray or hand.
    pub(in super::super) fn holds(&self, job: JobId) -> bool {
        self.hand.is_some_and(|hand| hand.held.job == job) || self.tray.iter().any(|held| held.job == job)
    }

    /// It may begin what is in its tray.
    pub(in super::super) fn can_begin(&self) -> bool {
        self.hand.is_none()
            && self.owing.is_none()
            && !self.tray.is_empty()
            && match self.state {
                WorkerState::Consuming | WorkerState::Doomed | WorkerState::Cancelled => true,
                WorkerState::Silent(..) => self.knows == Knows::Nothing,
                _ => false,
            }
    }

    /// How many unacked deliveries its consumer may have; `None`: any number.
    pub(super) fn limit(&self) -> Option<Prefetch> {
        let has = self.subscription?;
        (has.ack == AckMode::Manual && has.prefetch.0 > 0).then_some(has.prefetch)
    }

    /// As many unacked as its limit allows, as far as clients can tell.
    pub(super) fn seems_full(&self) -> Option<u16> {
        let bound = self.limit()?.0;
        let live = matches!(
            self.state,
            WorkerState::Consuming | WorkerState::Doomed | WorkerState::Frozen | WorkerState::Silent(..)
        );
        (live && !self.removed && self.unacked >= u32::from(bound)).then_some(bound)
    }
}

impl InHand {
    fn needed(&self) -> u64 {
        u64::from(self.held.dots) * UNITS_PER_DOT
    }

    pub(super) fn row(&self, progress: u16) -> super::super::snapshot::Hand {
        super::super::snapshot::Hand {
            job: self.held.job,
            dots: self.held.dots,
            progress,
            redelivered: self.held.redelivered,
        }
    }
}
