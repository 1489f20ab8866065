//! What each command leads to.

use super::super::command::{Command, KillKind, Producing};
use super::super::event::{Change, Happening};
use super::super::ids::WorkerId;
use super::super::lab::{Lab, Run};
use super::super::settings::{Confirms, Habit, LineQuality, Prefetch, QueueKind, Rate, Sharing, Speed, TimeScale};
use super::super::snapshot::Pace;
use super::super::wire::Ask;
use super::Line;

impl Lab {
    pub(in super::super) fn command(&mut self, command: Command) {
        if self.run == Run::Resetting {
            self.decline("the lab goes back to zero just now");
            return;
        }
        match command {
            Command::Publish(n) => self.publish_on_command(n),
            Command::PublishAtRate(n) => self.publish_at_rate(n),
            Command::PublishSample(n) => self.publish_sample(n),
            Command::CrashTest(n) => self.crash_test(n),
            Command::Produce(producing) => self.produce(producing),
            Command::SetRate(rate) => self.set_rate(rate),
            Command::SetWorkload(workload) => self.set_schedule(Change::Workload(workload)),
            Command::SetPrefetch(p) => self.set_consumers(Change::Prefetch(p)),
            Command::SetQos(p) => self.set_qos(p),
            Command::SetAck(ack) => self.set_consumers(Change::Ack(ack)),
            Command::SetQueue(kind) => self.set_queue(kind),
            Command::SetMessages(delivery) => self.change(Change::Messages(delivery)),
            Command::SetConfirms(confirms) => self.set_confirms(confirms),
            Command::AddWorker(speed) => self.add_worker(speed),
            Command::RemoveWorker(id) => self.remove(id),
            Command::SetSpeed(id, speed) => self.set_speed(id, speed),
            Command::Kill(id, kind) => self.kill(id, kind),
            Command::Revive(id) => self.revive(id),
            Command::Broker(command) => self.command_broker(command),
            Command::SetVersion(version) => self.set_version(version),
            Command::Pause => self.set_pace(Pace::Paused),
            Command::Resume => self.set_pace(Pace::Running),
            Command::Step => self.step(),
            Command::SetScale(scale) => self.set_scale(scale),
            Command::SetLine(quality) => self.set_line(quality),
            Command::SetHabit(id, habit) => self.set_habit(id, habit),
            Command::Reset => self.ask_reset(),
        }
    }

    pub(super) fn change(&mut self, change: Change) {
        self.emit(Happening::Changed(change));
    }

    /// Without an end, or not at all.
    fn produce(&mut self, producing: Producing) {
        self.producer.publish_without_end();
        self.set_producing(producing);
    }

    pub(super) fn set_producing(&mut self, producing: Producing) {
        if self.ledger.producing() != producing {
            self.change(Change::Producing(producing));
        }
    }

    fn set_rate(&mut self, rate: Rate) {
        self.set_schedule(Change::Rate(rate.clamp(Rate::MIN, Rate::MAX)));
    }

    /// The gap before the next job is measured anew.
    fn set_schedule(&mut self, change: Change) {
        self.change(change);
        self.replan();
    }

    /// Settings that consumers take on only with a new subscription.
    fn set_consumers(&mut self, change: Change) {
        self.change(change);
        if matches!(change, Change::Prefetch(_)) {
            self.lines.iter_mut().for_each(|line| line.qos = None);
        }
        self.resubscribe();
    }

    /// `basic.qos` alone: whoever consumes keeps its limit. A frozen program sends nothing, and a consumer that it gets
    /// later begins with a `basic.qos` of its own.
    fn set_qos(&mut self, prefetch: Prefetch) {
        self.change(Change::Qos(prefetch));
        let ids: Vec<WorkerId> = self.present().collect();
        for id in ids {
            let Some(line) = self.line_mut(id).filter(|line| line.has_channel()) else {
                continue;
            };
            line.qos = Some(prefetch);
            let (epoch, frozen) = (line.epoch, line.killed == Some(KillKind::Freeze));
            if !frozen {
                self.ask(Ask::Qos(id, epoch, prefetch));
            }
        }
    }

    fn set_queue(&mut self, kind: QueueKind) {
        if self.each_has_a_queue() {
            self.decline("each worker has a queue of its own: of what kind these are stays as it began");
        } else {
            self.set_consumers(Change::Queue(kind));
        }
    }

    pub(super) fn each_has_a_queue(&self) -> bool {
        self.ledger.settings().sharing == Sharing::QueueEach
    }

    pub(super) fn set_confirms(&mut self, confirms: Confirms) {
        if self.ledger.settings().confirms != confirms {
            self.change(Change::Confirms(confirms));
            self.ask(Ask::SetConfirms(confirms));
        }
    }

    fn set_scale(&mut self, scale: TimeScale) {
        self.change(Change::Scale(scale.clamp(TimeScale::MIN, TimeScale::MAX)));
    }

    fn set_pace(&mut self, pace: Pace) {
        if self.ledger.clock().pace() != pace {
            self.change(Change::Pace(pace));
        }
    }

    fn set_speed(&mut self, id: WorkerId, speed: Speed) {
        if let Some(why) = self.guest_objection(id) {
            self.decline(&why);
        } else if self.ledger.worker(id).is_some() {
            self.change(Change::Speed(id, speed.clamp(Speed::MIN, Speed::MAX)));
        } else {
            self.decline(&format!("there is no {id}"));
        }
    }

    fn set_line(&mut self, quality: LineQuality) {
        self.change(Change::Line(quality));
        self.ask(Ask::SetLine(quality));
    }

    fn set_habit(&mut self, id: WorkerId, habit: Habit) {
        if let Some(why) = self.guest_objection(id) {
            self.decline(&why);
        } else if self.ledger.worker(id).is_some() {
            self.change(Change::Habit(id, habit));
        } else {
            self.decline(&format!("there is no {id}"));
        }
    }

    fn add_worker(&mut self, speed: Speed) {
        if self.each_has_a_queue() {
            self.decline("each worker has a queue of its own, bound before the first message: nobody joins now");
            return;
        }
        let most = self.room.workers;
        if self.own().count() >= most {
            self.decline(&format!("{most} workers are the most"));
            return;
        }
        let Some(id) = self.ledger.next_worker() else {
            self.decline("all worker numbers are used up: go back to zero");
            return;
        };
        self.lines.push(Line::new());
        self.emit(Happening::Added(id, speed.clamp(Speed::MIN, Speed::MAX)));
        if self.broker_is_up() {
            self.enlist(id);
        } else {
            self.emit(Happening::Waiting(id));
        }
    }

    /// While paused: the next thing that is due, and only that.
    fn step(&mut self) {
        if !self.ledger.is_paused() {
            self.decline("pause first, then step");
            return;
        }
        let Some((due, what)) = self.upcoming() else {
            self.decline("nothing is due: no job in hand, and nothing to be published");
            return;
        };
        self.clock_now = self.clock_now.max(due);
        self.emit(Happening::Stepped(self.clock_now));
        self.perform(what);
    }
}
