//! What each event does to the books.

use super::super::command::KillKind;
use super::super::event::{Breakage, Burial, Cause, Change, Entry, Event, Happening, PassedOver};
use super::super::ids::{JobId, LabTime, WorkerId};
use super::super::place::Place;
use super::super::settings::{AckMode, Prefetch, Settings, Sharing, Speed};
use super::super::snapshot::WorkerState;
use super::super::wire::{BrokerSays, Delivered, NoRoom, RefusedSetting};
use super::balance::{Motion, Scales};
use super::jobs::{Fate, Jobs};
use super::log::first_few;
use super::matrix::Aftermath;
use super::tracks::Tracks;
use super::{Detail, Ledger, Limits, WorkerBook, place};
use std::sync::Arc;

impl Ledger {
    pub(super) fn fold(&mut self, event: &Event) -> Motion {
        let at = event.lab;
        match &event.what {
            Happening::Published(p) => self.jobs.publish(at, *p),
            Happening::Confirmed(job) => self.jobs.confirm(*job),
            Happening::Nacked(job) => self.jobs.refuse(at, *job),
            Happening::Returned(job) => self.returned(at, *job),
            Happening::Dispatched {
                job,
                to,
                ack,
                passed_over,
            } => self.dispatched(at, *job, (*to, *ack), passed_over),
            Happening::Delivered(worker, d) => self.delivered(at, *worker, d),
            Happening::Begun(worker, job) => self.begun(at, *worker, *job),
            Happening::Finished(worker, job) => self.finished(at, *worker, *job),
            Happening::Acked(worker, job) => self.acked(*worker, *job),
            Happening::Forgot(worker, _) => self.touch(*worker, WorkerBook::forgot),
            Happening::DeadLettered(worker, job) => self.dead_lettered(at, *worker, *job),
            Happening::Buried(job, why) => self.buried(at, *job, *why),
            Happening::WentBack { jobs, from, why } => self.went_back(at, jobs, *from, *why),
            Happening::Lost { jobs, from, why } => self.lost(at, jobs, *from, *why),
            Happening::StillThere(jobs) => self.still_there(at, jobs),
            _ => {
                self.fold_rest(event);
                return Motion::Still;
            }
        }
        Motion::Moved
    }

    /// Events that move no message.
    fn fold_rest(&mut self, event: &Event) {
        let at = event.lab;
        match &event.what {
            Happening::Started => self.clock.start(event.at),
            Happening::ProducerUp => self.connected = true,
            Happening::ProducerDown(_) => self.connected = false,
            Happening::Burst(n) => self.log.push(at, Entry::Burst(*n)),
            Happening::Sample(n) => self.sample(at, *n),
            Happening::Added(id, speed) => self.added(at, *id, *speed),
            Happening::GuestCame(id, name) => self.guest_came(at, *id, name),
            Happening::Removed(id) => self.removed(at, *id),
            Happening::Starting(id) => self.alter(*id, |w| w.inactive(at, WorkerState::Starting)),
            Happening::Subscribed(id, sub) => self.alter(*id, |w| w.subscribed(at, *sub)),
            Happening::Revived(id) => self.revived(at, *id),
            Happening::Doomed(id) => self.doomed(at, *id),
            Happening::Killed(id, kind) => self.killed(event, *id, *kind),
            Happening::GaveUp(id) => self.gave_up(at, *id),
            Happening::Broke(id, how) => self.broke(at, *id, how),
            Happening::Waiting(id) => self.alter(*id, |w| w.inactive(at, WorkerState::Waiting)),
            Happening::Changed(change) => self.changed(event, *change),
            Happening::Declined(why) => self.log.push(at, Entry::Declined(Arc::clone(why))),
            Happening::Refused(what, why) => self.refused(at, *what, why),
            Happening::Stepped(to) => self.clock.jump(event.at, *to),
            Happening::Slipped(by) => self.clock.slip(*by),
            Happening::BrokerAsked(command) => self.broker_asked(at, *command),
            Happening::BrokerDown(why) => self.broker_down(at, why),
            Happening::BrokerStartFailed(why) => self.log.push(at, Entry::BrokerStartFailed(Arc::clone(why))),
            Happening::BrokerEndFailed(why) => self.broker_end_failed(at, why),
            Happening::BrokerUp(known) => self.broker_up(at, *known),
            Happening::BrokerSays(says) => self.says = BrokerSays::clone(says),
            Happening::DecisionsLost(n) => self.decisions_lost += n,
            Happening::Foreign(_) => self.foreign += 1,
            Happening::Reset(speeds) => self.reset(event, speeds),
            _ => {}
        }
    }

    fn sample(&mut self, at: LabTime, n: u32) {
        self.aftermath.begin_again();
        self.log.push(at, Entry::Sample(n));
    }

    /// Does something to a worker, and works out anew what depends on it.
    fn alter(&mut self, id: WorkerId, f: impl FnOnce(&mut WorkerBook)) {
        let is_gone = |ledger: &Self| {
            let worker = place(id).and_then(|place| ledger.workers.get(place));
            worker.is_some_and(WorkerBook::is_gone)
        };
        let was_gone = is_gone(self);
        self.touch(id, f);
        if is_gone(self) != was_gone && self.detail == Detail::Everything {
            self.look_who_is_gone();
        }
    }

    fn look_who_is_gone(&mut self) {
        let gone = || self.workers.iter().filter(|w| w.is_gone());
        self.gone = if gone().next().is_none() {
            self.log.nobody()
        } else {
            gone().map(|w| (w.id, PassedOver::Gone)).collect()
        };
    }

    /// The same where nobody can come or go by it.
    fn touch(&mut self, id: WorkerId, f: impl FnOnce(&mut WorkerBook)) {
        let Some(i) = place(id) else { return };
        if let Some(worker) = self.workers.get_mut(i) {
            f(worker);
            self.dues.set(i, worker.due());
        }
    }

    fn returned(&mut self, at: LabTime, job: JobId) {
        self.jobs.give_back(at, job);
        self.log.push(at, Entry::Returned(job));
    }

    fn dispatched(
        &mut self,
        at: LabTime,
        job: JobId,
        (to, ack): (Option<WorkerId>, AckMode),
        full: &[(WorkerId, NoRoom)],
    ) {
        let Some(to) = to else { return };
        if ack == AckMode::Automatic && self.is_on_the_wire(job) {
            self.touch(to, |w| w.wire.push_back(job));
        }
        if self.detail == Detail::Books {
            return;
        }
        let passed_over = if full.is_empty() {
            self.out_of_turn()
        } else {
            let full = full.iter().map(|&(w, why)| (w, PassedOver::NoRoom(why)));
            full.chain(self.gone.iter().copied()).collect()
        };
        self.log.told(at, Entry::Dispatched { job, to, passed_over });
    }

    /// Who could not have been in turn for a job that all could have got.
    fn out_of_turn(&self) -> Arc<[(WorkerId, PassedOver)]> {
        match self.settings.sharing {
            Sharing::OneQueue => Arc::clone(&self.gone),
            Sharing::QueueEach => self.log.nobody(),
        }
    }

    /// Handed out, and not arrived: the news of a job's way can be older than that of its handing out. Auto-ack is the
    /// end of a job's way, so whoever still owes an ack for it, finished or not, had it earlier.
    fn is_on_the_wire(&self, job: JobId) -> bool {
        self.jobs.fate(job) == Some(Fate::Waiting) || self.jobs.is_owed(job)
    }

    fn delivered(&mut self, at: LabTime, worker: WorkerId, d: &Delivered) {
        if self.log.guesses() {
            self.guess(at, worker, d.job);
        }
        self.jobs.deliver(at, worker, d);
        self.redelivered += u32::from(d.redelivered);
        self.touch(worker, |w| w.deliver(d));
    }

    /// The line of the log where the broker does not tell: who could not have got the job, as far as clients know.
    fn guess(&mut self, at: LabTime, to: WorkerId, job: JobId) {
        let full = || {
            let others = self.workers.iter().filter(|w| w.id != to);
            others.filter_map(|w| Some((w.id, PassedOver::SeemsFull(w.seems_full()?))))
        };
        let alone = self.settings.sharing == Sharing::QueueEach;
        let passed_over = if alone || full().next().is_none() {
            self.out_of_turn()
        } else {
            full().chain(self.gone.iter().copied()).collect()
        };
        self.log.push(at, Entry::Dispatched { job, to, passed_over });
    }

    fn begun(&mut self, at: LabTime, worker: WorkerId, job: JobId) {
        self.jobs.set(at, job, Fate::Hand(worker));
        self.touch(worker, |w| w.begin(at));
    }

    fn finished(&mut self, at: LabTime, worker: WorkerId, job: JobId) {
        let before = self.jobs.finish(at, job);
        self.touch(worker, |w| w.finish(at, job));
        if self.worker(worker).is_some_and(WorkerBook::acks_in_vain) && self.jobs.is_owed(job) {
            self.touch(worker, WorkerBook::forgot);
            self.log.push(at, Entry::AckedInVain(worker, job));
        }
        if before > 0 {
            self.touch(worker, |w| w.finish_again(at));
            self.log.push(at, Entry::Twice { job, by: worker });
        }
    }

    fn acked(&mut self, worker: WorkerId, job: JobId) {
        self.jobs.owe_nothing(job);
        self.touch(worker, WorkerBook::acked);
    }

    fn dead_lettered(&mut self, at: LabTime, from: WorkerId, job: JobId) {
        self.leave(at, &[job], Some(from), Fate::Dead);
        self.log.push(at, Entry::DeadLettered { job, by: from });
    }

    fn buried(&mut self, at: LabTime, job: JobId, why: Burial) {
        self.jobs.bury(at, job);
        self.log.push(at, Entry::Buried { job, why });
    }

    fn went_back(&mut self, at: LabTime, jobs: &Arc<[JobId]>, from: WorkerId, why: Cause) {
        let count = self.leave(at, jobs, Some(from), Fate::Waiting);
        self.touch(from, |w| w.charge(count, 0));
        let entry = Entry::WentBack {
            jobs: first_few(jobs),
            count,
            from,
            why,
            place: self.place_of(jobs, why),
        };
        self.log.push_after_end(at, from, entry);
    }

    /// Where each of them stands in its queue, where that follows from the order of publication; else nothing.
    pub(in super::super) fn places_after(&self, jobs: &[JobId], why: Cause) -> Vec<u32> {
        match self.place_of(jobs, why) {
            Place::Old => self.jobs.places(jobs),
            Place::Front | Place::Back | Place::Somewhere => Vec::new(),
        }
    }

    /// Where these jobs go; they are of one queue, but for what a worker held while the queue was switched.
    pub(in super::super) fn place_of(&self, jobs: &[JobId], why: Cause) -> Place {
        let first = jobs.first().and_then(|&job| self.jobs.get(job));
        let queue = first.map_or(self.settings.queue, |record| record.queue);
        Place::of(&self.settings, &self.broker, queue, why)
    }

    fn lost(&mut self, at: LabTime, jobs: &Arc<[JobId]>, from: Option<WorkerId>, why: Cause) {
        for record in jobs.iter().filter_map(|&job| self.jobs.get(job)) {
            self.aftermath.lost(record, why);
        }
        let count = self.leave(at, jobs, from, Fate::Lost(why));
        if let Some(from) = from {
            self.touch(from, |w| w.charge(0, count));
        }
        let jobs = first_few(jobs);
        self.log.push(at, Entry::Lost { jobs, count, from, why });
    }

    fn leave(&mut self, at: LabTime, jobs: &[JobId], from: Option<WorkerId>, fate: Fate) -> u32 {
        for &job in jobs {
            self.jobs.leave(at, job, fate);
        }
        if let Some(from) = from {
            self.touch(from, |w| w.release(jobs, at));
        }
        u32::try_from(jobs.len()).unwrap_or(u32::MAX)
    }

    fn still_there(&mut self, at: LabTime, jobs: &Arc<[JobId]>) {
        for record in jobs.iter().filter_map(|&job| self.jobs.get(job)) {
            self.aftermath.again(record);
        }
        let count = self.leave(at, jobs, None, Fate::Waiting);
        let jobs = first_few(jobs);
        self.log.push(at, Entry::StillThere { jobs, count });
    }

    fn added(&mut self, at: LabTime, id: WorkerId, speed: Speed) {
        self.add_worker(at, id, speed);
        self.log.push(at, Entry::Added(id, speed));
    }

    fn guest_came(&mut self, at: LabTime, id: WorkerId, name: &Arc<str>) {
        if place(id) == Some(self.workers.len()) {
            self.add_worker(at, id, Speed(0));
            self.touch(id, |w| w.guest = Some(Arc::clone(name)));
        } else {
            self.alter(id, |w| w.revived(at));
        }
        self.log.push(at, Entry::GuestCame(id, Arc::clone(name)));
    }

    fn removed(&mut self, at: LabTime, id: WorkerId) {
        self.alter(id, |w| {
            w.inactive(at, WorkerState::Starting);
            w.removed = true;
        });
        self.log.push(at, Entry::Removed(id));
    }

    fn revived(&mut self, at: LabTime, id: WorkerId) {
        self.alter(id, |w| w.revived(at));
        self.log.push(at, Entry::Revived(id));
    }

    fn doomed(&mut self, at: LabTime, id: WorkerId) {
        self.alter(id, WorkerBook::doom);
        self.log.push(at, Entry::Doomed(id));
    }

    fn killed(&mut self, event: &Event, id: WorkerId, kind: KillKind) {
        let at = event.lab;
        let heartbeat = self.settings.heartbeat;
        match kind {
            KillKind::HalfOpen => self.alter(id, |w| w.silenced(at, event.at, heartbeat)),
            _ => self.alter(id, |w| w.killed(at, kind)),
        }
        self.log.push(at, Entry::Killed(id, kind));
    }

    fn gave_up(&mut self, at: LabTime, id: WorkerId) {
        self.touch(id, |w| w.gave_up(at));
        self.log.push(at, Entry::GaveUp(id));
    }

    fn broke(&mut self, at: LabTime, id: WorkerId, how: &Breakage) {
        self.alter(id, |w| w.broke(at, how));
        let why = match how {
            Breakage::Lost(text) | Breakage::Refused(text) => Arc::clone(text),
            Breakage::Cancelled => Arc::from("the broker cancelled its consumer"),
        };
        self.log.push(at, Entry::Broke(id, why));
    }

    fn changed(&mut self, event: &Event, change: Change) {
        match change {
            Change::Prefetch(p) => self.limit(p, Limits::OfSubscriptions),
            Change::Qos(p) => self.limit(p, Limits::ByQosAlone),
            Change::Ack(ack) => self.set(|s| s.ack = ack),
            Change::Queue(kind) => self.set(|s| s.queue = kind),
            Change::Messages(delivery) => self.set(|s| s.messages = delivery),
            Change::Confirms(confirms) => self.set(|s| s.confirms = confirms),
            Change::Rate(rate) => self.set(|s| s.rate = rate),
            Change::Workload(workload) => self.set(|s| s.workload = workload),
            Change::Speed(id, speed) => self.touch(id, |w| w.set_speed(event.lab, speed)),
            Change::Scale(scale) => {
                self.clock.set_scale(event.at, scale);
                self.set(|s| s.scale = scale);
            }
            Change::Line(line) => self.set(|s| s.line = line),
            Change::Habit(id, habit) => self.touch(id, |w| w.habit = habit),
            Change::Producing(producing) => self.producing = producing,
            Change::Pace(pace) => self.clock.set_pace(event.at, pace),
            Change::Version(version) => self.broker.version = Some(version),
        }
        self.log.push(event.lab, Entry::Changed(change));
    }

    fn limit(&mut self, prefetch: Prefetch, limits: Limits) {
        self.limits = limits;
        self.set(|s| s.prefetch = prefetch);
    }

    fn set(&mut self, f: impl FnOnce(&mut Settings)) {
        f(Arc::make_mut(&mut self.settings));
    }

    fn refused(&mut self, at: LabTime, what: RefusedSetting, why: &Arc<str>) {
        match what {
            RefusedSetting::Queue(kind) => self.set(|s| s.queue = kind.other()),
        }
        self.log.push(at, Entry::Declined(Arc::clone(why)));
    }

    fn reset(&mut self, event: &Event, speeds: &Arc<[Speed]>) {
        self.set(|s| s.speeds = speeds.to_vec());
        self.clock.reset(event.at);
        self.says = BrokerSays::default();
        self.aftermath = Aftermath::default();
        self.jobs = Jobs::of(&self.settings);
        self.limits = Limits::OfSubscriptions;
        self.workers.clear();
        self.dues.clear();
        self.hire(speeds);
        self.log.clear();
        self.tracks = Tracks::default();
        self.gone = self.log.nobody();
        self.scales = Scales::default();
        self.redelivered = 0;
        self.decisions_lost = 0;
        self.foreign = 0;
        self.log.push(LabTime(0), Entry::Reset);
    }
}
