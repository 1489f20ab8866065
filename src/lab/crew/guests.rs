//! Guests: how they come, what they hold and settle, and how they go.
//!
//! A guest has a line like any worker, so that what is said of lines holds for it; but nothing is ever asked of it. The
//! broker tells of it in its own order, while the lab's workers are heard of with the delay of their lines: so a guest can
//! be handed a job that a worker of the lab seems to have still. That is a claim, as between two workers; and until it is
//! settled, whatever else is told of that guest waits.

use super::super::command::KillKind;
use super::super::event::{Breakage, Cause, Happening, Requeue};
use super::super::guest::{GuestEnd, GuestKey, GuestSeen};
use super::super::ids::{Epoch, JobId, WorkerId};
use super::super::lab::Lab;
use super::super::objection::{Wish, objection};
use super::super::settings::AckMode;
use super::super::wire::{Delivered, Dispatched, NoRoom, Subscription};
use super::line::{Line, Phase};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Who is there.
#[derive(Debug, Default)]
pub(in super::super) struct Guests {
    present: BTreeMap<GuestKey, Guest>,
    /// What was told of guests with an unsettled claim, in order.
    late: VecDeque<GuestSeen>,
}

#[derive(Debug)]
struct Guest {
    id: WorkerId,
    name: Arc<str>,
    subscription: Subscription,
}

/// Rows of guests, those that have left included. Beyond, whoever left first goes; and if nobody did, a newcomer's jobs
/// count as taken by others.
const MOST: usize = 64;

impl Lab {
    pub(super) fn guest_seen(&mut self, seen: GuestSeen) {
        if self.must_wait(&seen) {
            self.guests.late.push_back(seen);
            return;
        }
        match seen {
            GuestSeen::Came {
                guest,
                name,
                subscription,
            } => self.guest_came(guest, &name, subscription),
            GuestSeen::Dispatched {
                to,
                dispatched,
                passed_over,
            } => self.dispatched_among_guests(to, dispatched, &passed_over),
            GuestSeen::Acked(guest, jobs) => self.guest_settles(guest, &jobs, Self::guest_acked),
            GuestSeen::Rejected(guest, jobs) => self.guest_settles(guest, &jobs, Self::guest_rejected),
            GuestSeen::GaveBack(guest, jobs) => self.guest_settles(guest, &jobs, Self::guest_gave_back),
            GuestSeen::Cancelled(guest) => self.guest_cancelled(guest),
            GuestSeen::Ended(guest, end) => self.guest_ended(guest, end),
        }
    }

    /// While the lab goes back to zero, only who is there counts.
    pub(super) fn guest_seen_while_resetting(&mut self, seen: GuestSeen) {
        match seen {
            GuestSeen::Came { .. } | GuestSeen::Cancelled(_) | GuestSeen::Ended(..) => self.guest_seen(seen),
            _ => {}
        }
    }

    /// What had to wait and need not any more.
    pub(in super::super) fn hear_late_guests(&mut self) {
        if self.guests.late.is_empty() {
            return;
        }
        for seen in std::mem::take(&mut self.guests.late) {
            self.guest_seen(seen);
        }
    }

    fn must_wait(&self, seen: &GuestSeen) -> bool {
        let Some(key) = seen.guest() else { return false };
        let claims = |id| self.contested.iter().any(|(who, _, _)| *who == id);
        self.guests.present.get(&key).is_some_and(|guest| claims(guest.id))
            || self.guests.late.iter().any(|late| late.guest() == Some(key))
    }

    fn guest_came(&mut self, key: GuestKey, name: &Arc<str>, subscription: Subscription) {
        if let Some(known) = self.guests.present.get_mut(&key) {
            known.subscription = subscription;
            let id = known.id;
            self.emit(Happening::Subscribed(id, subscription));
            return;
        }
        let Some(id) = self.row_for(name) else { return };
        self.last_epoch += 1;
        let line = Line::of_guest(Epoch(self.last_epoch), subscription);
        match self.line_mut(id) {
            Some(old) => *old = line,
            None => self.lines.push(line),
        }
        self.guests.present.insert(
            key,
            Guest {
                id,
                name: Arc::clone(name),
                subscription,
            },
        );
        self.emit(Happening::GuestCame(id, Arc::clone(name)));
        self.emit(Happening::Subscribed(id, subscription));
    }

    /// The row of a guest of that name that has left, or a new one.
    fn row_for(&mut self, name: &Arc<str>) -> Option<WorkerId> {
        let has_left = |id: &WorkerId| self.line(*id).is_some_and(|line| line.phase == Phase::Closed);
        let rows = || {
            let rows = self.ledger.workers().iter().filter(|w| !w.removed);
            rows.filter_map(|w| Some((w.id, w.guest.as_ref()?)))
        };
        let known = rows().find(|(id, of)| *of == name && has_left(id));
        if let Some((id, _)) = known {
            return Some(id);
        }
        if rows().count() >= MOST {
            let (gone, _) = rows().find(|(id, _)| has_left(id))?;
            self.emit(Happening::Removed(gone));
        }
        self.ledger.next_worker()
    }

    fn dispatched_among_guests(
        &mut self,
        to: Option<(GuestKey, Delivered)>,
        mut dispatched: Dispatched,
        passed_over: &[(GuestKey, NoRoom)],
    ) {
        let full = passed_over
            .iter()
            .filter_map(|(key, why)| Some((self.guests.present.get(key)?.id, *why)));
        dispatched.passed_over.extend(full);
        let guest = to.and_then(|(key, d)| Some((self.guests.present.get(&key)?.id, d)));
        let Some((id, delivered)) = guest else {
            self.dispatched(dispatched);
            return;
        };
        if self.ledger.jobs().get(dispatched.job).is_none() {
            return;
        }
        dispatched.to = Some(id);
        self.dispatched(dispatched);
        self.guest_delivered(id, delivered);
    }

    fn guest_delivered(&mut self, id: WorkerId, d: Delivered) {
        let Some(epoch) = self.line(id).map(|line| line.epoch) else {
            return;
        };
        match self.holder(d) {
            Some(holder) if holder == id => {}
            Some(_) => self.contested.push((id, epoch, d)),
            None => self.take(id, d),
        }
    }

    /// Sent is done where no ack is asked for: nobody will ever hear what became of it.
    pub(super) fn guest_took(&mut self, id: WorkerId, d: Delivered) {
        if d.ack == AckMode::Automatic && self.is_guest(id) {
            self.emit(Happening::Finished(id, d.job));
            self.begin_next(id);
        }
    }

    /// Of these jobs those that it holds.
    fn guest_settles(&mut self, key: GuestKey, jobs: &[JobId], settle: fn(&mut Self, WorkerId, &[JobId])) {
        let Some(id) = self.guests.present.get(&key).map(|guest| guest.id) else {
            return;
        };
        let Some(worker) = self.ledger.worker(id) else { return };
        let held: Vec<JobId> = jobs.iter().copied().filter(|job| worker.holds(*job)).collect();
        if !held.is_empty() {
            settle(self, id, &held);
            self.begin_next(id);
        }
    }

    fn guest_acked(&mut self, id: WorkerId, jobs: &[JobId]) {
        for &job in jobs {
            self.emit(Happening::Finished(id, job));
            self.emit(Happening::Acked(id, job));
        }
    }

    fn guest_rejected(&mut self, id: WorkerId, jobs: &[JobId]) {
        for &job in jobs {
            self.emit(Happening::Rejected(id, job, Requeue::No));
            self.emit(Happening::DeadLettered(id, job));
        }
    }

    fn guest_gave_back(&mut self, id: WorkerId, jobs: &[JobId]) {
        for &job in jobs {
            self.emit(Happening::Rejected(id, job, Requeue::Yes));
        }
        let mut jobs = jobs.to_vec();
        jobs.sort_unstable();
        self.emit(Happening::WentBack {
            jobs: jobs.into(),
            from: id,
            why: Cause::Requeued,
        });
    }

    fn guest_cancelled(&mut self, key: GuestKey) {
        if let Some(id) = self.guests.present.get(&key).map(|guest| guest.id) {
            self.emit(Happening::Killed(id, KillKind::Cancel));
        }
    }

    fn guest_ended(&mut self, key: GuestKey, end: GuestEnd) {
        let Some(guest) = self.guests.present.remove(&key) else {
            return;
        };
        let killed = |kind| (Happening::Killed(guest.id, kind), Cause::Killed(kind));
        let broke = |how| Happening::Broke(guest.id, how);
        let lost = |what: &str| broke(Breakage::Lost(what.into()));
        let (what, why) = match end {
            GuestEnd::ClosedChannel => killed(KillKind::CloseChannel),
            GuestEnd::ClosedConnection => killed(KillKind::CloseConnection),
            GuestEnd::Lost => (lost("gone without a goodbye"), Cause::ConnectionLost),
            GuestEnd::Silent => (lost("heartbeats stayed away"), Cause::Killed(KillKind::HalfOpen)),
            GuestEnd::Refused(text) => (broke(Breakage::Refused(text.into())), Cause::ConnectionLost),
        };
        self.guest_leaves(guest.id, what, why);
    }

    /// The broker ended, and with it all lines.
    pub(super) fn guest_loses_broker(&mut self, id: WorkerId) {
        let there = self.line(id).is_some_and(|line| line.phase != Phase::Closed);
        self.guests.present.retain(|_, guest| guest.id != id);
        if there {
            let how = Breakage::Lost("the broker ended".into());
            self.guest_leaves(id, Happening::Broke(id, how), Cause::BrokerEnded);
        }
    }

    fn guest_leaves(&mut self, id: WorkerId, what: Happening, why: Cause) {
        if let Some(line) = self.line_mut(id) {
            line.phase = Phase::Closed;
        }
        self.emit(what);
        self.void(id, why);
    }

    /// After the return to zero: those who are there have new numbers.
    pub(super) fn readmit_guests(&mut self) {
        let present = std::mem::take(&mut self.guests).present;
        for (key, guest) in present {
            self.guest_came(key, &guest.name, guest.subscription);
        }
    }

    /// Once it has left its row may go.
    pub(super) fn remove_guest(&mut self, id: WorkerId) {
        let row = self.ledger.worker(id).map(|worker| worker.row(self.clock_now));
        let Some(row) = row else { return };
        match objection(&row, self.ledger.broker(), Wish::Remove(2)) {
            Some(why) => self.decline(&why),
            None => self.emit(Happening::Removed(id)),
        }
    }

    /// Why its speed or its habit can't be set.
    pub(super) fn guest_objection(&self, id: WorkerId) -> Option<String> {
        let name = self.ledger.worker(id)?.guest.as_ref()?;
        Some(format!("{name} is a guest: how {name} works is not the lab's to say"))
    }

    pub(super) fn is_guest(&self, id: WorkerId) -> bool {
        self.ledger.worker(id).is_some_and(|worker| worker.guest.is_some())
    }

    /// The lab's own workers that were not removed.
    pub(super) fn own(&self) -> impl Iterator<Item = WorkerId> {
        self.present().filter(|id| !self.is_guest(*id))
    }
}

impl GuestSeen {
    /// Whose turn it has to wait for.
    const fn guest(&self) -> Option<GuestKey> {
        match self {
            Self::Came { guest, .. }
            | Self::Acked(guest, _)
            | Self::Rejected(guest, _)
            | Self::GaveBack(guest, _)
            | Self::Cancelled(guest)
            | Self::Ended(guest, _) => Some(*guest),
            Self::Dispatched { to, .. } => match to {
                Some((guest, _)) => Some(*guest),
                None => None,
            },
        }
    }
}
