//! Runs made by hand: lists of events, so that each number in a report can be worked out on paper.

use crate::lab::{
    AckMode, Arrivals, BrokerCommand, BrokerRow, BrokerState, Cause, Change, Confirms, Control, Delivered, Delivery,
    DeliveryTag, Elapsed, Event, Gaze, Happening, History, JobId, KillKind, Knowledge, LabTime, Pace, Prefetch,
    Published, QueueKind, Rate, Settings, Sizes, Snapshot, Speed, Subscription, Version, When, WorkerId, Workload,
};
use crate::report::{About, Course, Played, Report, Written};
use std::sync::Arc;

/// A run under way.
pub(in crate::report) struct Hand {
    pub(in crate::report) settings: Settings,
    events: Vec<Event>,
    now_ms: u64,
    ack: AckMode,
}

impl Hand {
    pub(in crate::report) fn new(settings: Settings) -> Self {
        let (ack, workers) = (settings.ack, settings.speeds.len());
        let mut hand = Self {
            settings,
            events: Vec::new(),
            now_ms: 0,
            ack,
        };
        hand.tell(Happening::Started).tell(Happening::ProducerUp);
        for worker in (1..).take(workers) {
            hand.consume(worker);
        }
        hand
    }

    pub(in crate::report) fn at(&mut self, ms: u64) -> &mut Self {
        self.now_ms = ms;
        self
    }

    pub(in crate::report) fn tell(&mut self, what: Happening) -> &mut Self {
        self.events.push(Event {
            at: Elapsed(self.now_ms * 1000),
            lab: LabTime(self.now_ms * 1000),
            what,
        });
        self
    }

    pub(in crate::report) fn consume(&mut self, worker: u16) -> &mut Self {
        let (prefetch, ack) = (self.settings.prefetch, self.ack);
        let subscription = Subscription {
            queue: QueueKind::Durable,
            prefetch,
            ack,
        };
        self.tell(Happening::Starting(WorkerId(worker)))
            .tell(Happening::Subscribed(WorkerId(worker), subscription))
    }

    pub(in crate::report) fn publish(&mut self, jobs: impl Iterator<Item = u32>, delivery: Delivery) -> &mut Self {
        for job in jobs.map(JobId) {
            self.tell(Happening::Published(Published {
                job,
                queue: QueueKind::Durable,
                delivery,
                confirms: Confirms::On,
            }))
            .tell(Happening::Confirmed(job));
        }
        self
    }

    pub(in crate::report) fn deliver(&mut self, worker: u16, jobs: &[u32], redelivered: bool) -> &mut Self {
        for &job in jobs {
            let dispatched = Happening::Dispatched {
                job: JobId(job),
                to: Some(WorkerId(worker)),
                ack: self.ack,
                passed_over: Arc::from([]),
            };
            let delivered = Delivered {
                job: JobId(job),
                dots: 2,
                tag: DeliveryTag(u64::from(job)),
                redelivered,
                ack: self.ack,
            };
            self.tell(dispatched)
                .tell(Happening::Delivered(WorkerId(worker), delivered));
        }
        self
    }

    pub(in crate::report) fn begin(&mut self, worker: u16, job: u32) -> &mut Self {
        self.tell(Happening::Begun(WorkerId(worker), JobId(job)))
    }

    pub(in crate::report) fn finish(&mut self, worker: u16, job: u32) -> &mut Self {
        self.tell(Happening::Finished(WorkerId(worker), JobId(job)))
    }

    pub(in crate::report) fn ack(&mut self, worker: u16, job: u32) -> &mut Self {
        self.tell(Happening::Acked(WorkerId(worker), JobId(job)))
    }

    /// Finished, acked, and the next one begun.
    pub(in crate::report) fn next(&mut self, worker: u16, job: u32, next: Option<u32>) -> &mut Self {
        self.finish(worker, job).ack(worker, job);
        if let Some(next) = next {
            self.begin(worker, next);
        }
        self
    }

    pub(in crate::report) fn went_back(&mut self, from: u16, jobs: &[u32], why: Cause) -> &mut Self {
        self.tell(Happening::WentBack {
            jobs: jobs.iter().copied().map(JobId).collect(),
            from: WorkerId(from),
            why,
        })
    }

    pub(in crate::report) fn events(&mut self) -> Vec<Event> {
        self.events.sort_by_key(|event| event.lab);
        self.events.clone()
    }

    /// The course, and the picture at that moment.
    pub(in crate::report) fn played(&mut self, until_ms: u64) -> (Course, Snapshot) {
        let broker = own_broker();
        let mut course = Course::new(&self.settings, &broker);
        let mut history = History::new(self.settings.clone(), broker, 1 << 20);
        for event in self.events().iter().filter(|event| event.lab.0 <= until_ms * 1000) {
            course.note(event);
            history.push(event);
        }
        let end = Elapsed(until_ms * 1000);
        let gaze = Gaze {
            when: When::At(end),
            ..Gaze::default()
        };
        let picture = history.look(&gaze, end).past.expect("a moment has its picture");
        (course, Snapshot::clone(&picture))
    }

    pub(in crate::report) fn report(&mut self, until_ms: u64, about: About) -> Report {
        let (course, picture) = self.played(until_ms);
        Report::new(&course, &picture, about)
    }
}

pub(in crate::report) fn own_broker() -> BrokerRow {
    BrokerRow {
        name: "embedded broker".into(),
        state: BrokerState::Up,
        control: Control::Owned,
        version: Some(Version::V4_0),
    }
}

pub(in crate::report) fn about() -> About {
    About {
        version: "0.0.0",
        written: Written(1_795_398_060),
        played: Played::Live,
        ..About::default()
    }
}

/// Forty jobs, the odd ones five seconds and the even ones one, dealt in turns to two equal workers.
pub(in crate::report) fn round_robin() -> Hand {
    let mut hand = Hand::new(Settings {
        speeds: vec![Speed(1000); 2],
        rate: Rate(150),
        workload: Workload {
            sizes: Sizes::OddHeavy,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    });
    hand.tell(Happening::Burst(40)).publish(1..=40, Delivery::Persistent);
    for job in 1..=40 {
        hand.deliver(if job % 2 == 1 { 1 } else { 2 }, &[job], false);
    }
    hand.begin(1, 1).begin(2, 2);
    for turn in 0..20_u32 {
        let (odd, even) = (2 * turn + 1, 2 * turn + 2);
        let more = turn < 19;
        let after = u64::from(turn) + 1;
        hand.at(after * 5_000).next(1, odd, more.then_some(odd + 2));
        hand.at(after * 1_000).next(2, even, more.then_some(even + 2));
    }
    hand
}

/// Three workers, prefetch 2: one crashes before its ack, the broker is killed, a network goes silent.
pub(in crate::report) fn stormy() -> Hand {
    let mut hand = Hand::new(Settings {
        prefetch: Prefetch(2),
        confirms: Confirms::On,
        workload: Workload {
            sizes: Sizes::Equal,
            arrivals: Arrivals::Regular,
        },
        ..Settings::default()
    });
    hand.tell(Happening::Burst(12)).publish(1..=12, Delivery::Persistent);
    hand.deliver(1, &[1, 4], false)
        .deliver(2, &[2, 5], false)
        .deliver(3, &[3, 6], false);
    hand.begin(1, 1).begin(2, 2).begin(3, 3);
    hand.at(1_000).next(3, 3, Some(6)).deliver(3, &[7], false);
    hand.at(2_000).next(3, 6, Some(7)).deliver(3, &[8], false);
    hand.next(1, 1, Some(4)).deliver(1, &[9], false);
    crash(&mut hand);
    hand.at(4_000).next(1, 4, Some(9)).deliver(1, &[7], true);
    hand.next(2, 2, Some(5)).deliver(2, &[8], true);
    hand.at(5_000).tell(Happening::Revived(WorkerId(3))).consume(3);
    hand.deliver(3, &[10, 11], false).begin(3, 10);
    hand.at(6_000)
        .next(1, 9, Some(7))
        .deliver(1, &[12], false)
        .next(3, 10, Some(11));
    hand.at(7_000).next(3, 11, None);
    hand.tell(Happening::Changed(Change::Messages(Delivery::Transient)));
    hand.at(7_200).publish(13..=13, Delivery::Transient);
    hand.deliver(3, &[13], false).begin(3, 13);
    outage(&mut hand);
    hand.at(11_600).tell(Happening::Killed(WorkerId(1), KillKind::HalfOpen));
    hand.at(15_600).tell(Happening::GaveUp(WorkerId(1)));
    hand.tell(Happening::Changed(Change::Pace(Pace::Paused)));
    hand
}

/// W3 finishes #7 and is gone before the ack.
fn crash(hand: &mut Hand) {
    hand.tell(Happening::Doomed(WorkerId(3)));
    hand.at(3_000)
        .finish(3, 7)
        .tell(Happening::Killed(WorkerId(3), KillKind::CrashBeforeAck));
    hand.went_back(3, &[7, 8], Cause::Killed(KillKind::CrashBeforeAck));
}

fn outage(hand: &mut Hand) {
    hand.at(7_500)
        .tell(Happening::BrokerAsked(BrokerCommand::Kill))
        .tell(Happening::BrokerDown("it was killed".into()));
    hand.went_back(1, &[7, 12], Cause::BrokerEnded)
        .went_back(2, &[5, 8], Cause::BrokerEnded);
    hand.tell(Happening::Lost {
        jobs: Arc::from([JobId(13)]),
        from: Some(WorkerId(3)),
        why: Cause::BrokerTransientMessage,
    });
    for worker in 1..=3 {
        hand.tell(Happening::Waiting(WorkerId(worker)));
    }
    hand.at(9_000).tell(Happening::BrokerAsked(BrokerCommand::Start));
    hand.at(9_200).tell(Happening::BrokerUp([Knowledge::Exact; 2]));
    hand.at(9_400);
    for worker in 1..=3 {
        hand.consume(worker);
    }
    hand.deliver(1, &[5], true)
        .deliver(2, &[7], true)
        .deliver(3, &[8, 12], true);
    hand.begin(1, 5).begin(2, 7).begin(3, 8);
    hand.at(10_400).next(3, 8, Some(12));
    hand.at(11_400).next(3, 12, None).next(1, 5, None);
    hand.at(13_400).next(2, 7, None);
}

/// Sixty-four workers and more work than can be drawn job by job.
pub(in crate::report) fn crowd() -> Hand {
    const WORKERS: u32 = 64;
    const ROUNDS: u32 = 100;
    let mut hand = Hand::new(Settings {
        speeds: vec![Speed(1000); WORKERS as usize],
        ..Settings::default()
    });
    hand.publish(1..=WORKERS * ROUNDS, Delivery::Persistent);
    for round in 0..ROUNDS {
        for worker in 1..=WORKERS {
            let (job, id) = (round * WORKERS + worker, u16::try_from(worker).expect("few"));
            let begin = u64::from(round) * 6_000 + u64::from(worker * 37);
            hand.at(begin).deliver(id, &[job], false).begin(id, job);
            hand.at(begin + 3_000 + u64::from(worker * 40)).next(id, job, None);
        }
    }
    hand
}
