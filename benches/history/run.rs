//! A run made up without a broker: the events that one would see.

use dispatch_lab::lab::{
    AckMode, BrokerRow, BrokerSays, BrokerState, Cause, Confirms, Control, Delivered, Delivery, DeliveryTag, Elapsed,
    Event, Figure, Happening, JobId, KillKind, LabTime, NoRoom, Prefetch, Published, QueueKind, QueueSays, Settings,
    Speed, Subscription, WorkerId,
};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// A job is published each tick: 20,000 a second, somewhat more than the workers do.
const TICK_US: u64 = 50;
const WORKERS: u16 = 64;
/// Ticks between two deaths.
const DEATHS: u64 = 2_000;

pub(super) struct Run {
    pub(super) settings: Settings,
    pub(super) broker: BrokerRow,
    pub(super) done: u32,
    pub(super) deaths: u32,
    now: u64,
    tick: u64,
    published: u32,
    ready: BTreeSet<u32>,
    redelivered: BTreeSet<u32>,
    confirms: VecDeque<u32>,
    ring: VecDeque<u16>,
    workers: Vec<Worker>,
    random: Random,
}

#[derive(Default)]
struct Worker {
    tray: VecDeque<u32>,
    hand: Option<(u32, u64)>,
    tag: u64,
    /// Ticks for a job.
    takes: u64,
}

impl Run {
    pub(super) fn new(prefetch: u16) -> Self {
        let speeds = (0..u32::from(WORKERS)).map(|i| Speed(500 + 100 * (i % 16))).collect();
        let broker = BrokerRow {
            name: "none".into(),
            state: BrokerState::Up,
            control: Control::Owned,
            version: None,
        };
        let workers = (0..u64::from(WORKERS)).map(|i| Worker {
            takes: 52 + 3 * (i % 16),
            ..Worker::default()
        });
        Self {
            settings: Settings {
                speeds,
                prefetch: Prefetch(prefetch),
                confirms: Confirms::On,
                ..Settings::default()
            },
            broker,
            done: 0,
            deaths: 0,
            now: 0,
            tick: 0,
            published: 0,
            ready: BTreeSet::new(),
            redelivered: BTreeSet::new(),
            confirms: VecDeque::new(),
            ring: (1..=WORKERS).collect(),
            workers: workers.collect(),
            random: Random::new(7),
        }
    }

    /// Some thousand events more, until all jobs are done.
    pub(super) fn go_on(&mut self, jobs: u32, out: &mut Vec<Event>) {
        if self.tick == 0 {
            self.begin(out);
        }
        while self.done < jobs && out.len() < 4096 {
            self.tick += 1;
            self.now = self.tick * TICK_US + self.random.below(TICK_US);
            if self.published < jobs {
                self.publish(out);
            }
            self.confirm(out);
            self.work(out);
            self.deal(out);
            if self.tick.is_multiple_of(DEATHS) {
                self.death(out);
            }
            if self.tick.is_multiple_of(1000) {
                self.say(out);
            }
        }
    }

    fn emit(&mut self, out: &mut Vec<Event>, what: Happening) {
        out.push(Event {
            at: Elapsed(self.now),
            lab: LabTime(self.now),
            what,
        });
        self.now += self.random.below(3);
    }

    fn begin(&mut self, out: &mut Vec<Event>) {
        self.emit(out, Happening::ProducerUp);
        for worker in 1..=WORKERS {
            self.subscribe(worker, out);
        }
        self.emit(out, Happening::Started);
    }

    fn subscribe(&mut self, worker: u16, out: &mut Vec<Event>) {
        let subscription = Subscription {
            queue: QueueKind::Durable,
            prefetch: self.settings.prefetch,
            ack: AckMode::Manual,
        };
        self.emit(out, Happening::Starting(WorkerId(worker)));
        self.emit(out, Happening::Subscribed(WorkerId(worker), subscription));
    }

    fn publish(&mut self, out: &mut Vec<Event>) {
        self.published += 1;
        let job = self.published;
        self.ready.insert(job);
        self.confirms.push_back(job);
        let published = Published {
            job: JobId(job),
            queue: QueueKind::Durable,
            delivery: Delivery::Persistent,
            confirms: Confirms::On,
        };
        self.emit(out, Happening::Published(published));
    }

    /// Confirms come behind, several at once.
    fn confirm(&mut self, out: &mut Vec<Event>) {
        if self.confirms.len() > 40 || self.tick.is_multiple_of(64) {
            for job in std::mem::take(&mut self.confirms) {
                self.emit(out, Happening::Confirmed(JobId(job)));
            }
        }
    }

    fn work(&mut self, out: &mut Vec<Event>) {
        for worker in 1..=WORKERS {
            let book = &mut self.workers[usize::from(worker) - 1];
            let id = WorkerId(worker);
            if let Some((job, due)) = book.hand {
                if due > self.tick {
                    continue;
                }
                book.hand = None;
                self.done += 1;
                self.emit(out, Happening::Finished(id, JobId(job)));
                self.emit(out, Happening::Acked(id, JobId(job)));
            }
            let book = &mut self.workers[usize::from(worker) - 1];
            if let Some(job) = book.tray.pop_front() {
                book.hand = Some((job, self.tick + book.takes));
                self.emit(out, Happening::Begun(id, JobId(job)));
            }
        }
    }

    fn deal(&mut self, out: &mut Vec<Event>) {
        let limit = usize::from(self.settings.prefetch.0);
        let mut full: Vec<(WorkerId, NoRoom)> = Vec::new();
        for _ in 0..WORKERS {
            let Some(&job) = self.ready.first() else { return };
            let Some(worker) = self.ring.pop_front() else { return };
            self.ring.push_back(worker);
            let book = &mut self.workers[usize::from(worker) - 1];
            if limit > 0 && book.tray.len() + usize::from(book.hand.is_some()) >= limit {
                // As a broker does, it is named once and then left out of the ring for a while.
                if full.len() < 2 {
                    full.push((WorkerId(worker), NoRoom::Full(self.settings.prefetch.0)));
                }
                continue;
            }
            self.ready.pop_first();
            book.tray.push_back(job);
            book.tag += 1;
            let delivered = Delivered {
                job: JobId(job),
                dots: 1 + job % 3,
                tag: DeliveryTag(book.tag),
                redelivered: self.redelivered.contains(&job),
                ack: AckMode::Manual,
            };
            let dispatched = Happening::Dispatched {
                job: JobId(job),
                to: Some(WorkerId(worker)),
                ack: AckMode::Manual,
                passed_over: std::mem::take(&mut full).into(),
            };
            self.emit(out, dispatched);
            self.emit(out, Happening::Delivered(WorkerId(worker), delivered));
        }
    }

    fn death(&mut self, out: &mut Vec<Event>) {
        let worker = 1 + u16::try_from(self.random.below(u64::from(WORKERS))).unwrap_or(0);
        let from = WorkerId(worker);
        let book = &mut self.workers[usize::from(worker) - 1];
        let hand = book.hand.take().map(|(job, _)| job);
        let held: BTreeSet<u32> = book.tray.drain(..).chain(hand).collect();
        book.tag = 0;
        self.deaths += 1;
        self.emit(out, Happening::Killed(from, KillKind::Reset));
        if !held.is_empty() {
            let jobs: Arc<[JobId]> = held.iter().copied().map(JobId).collect();
            let why = Cause::Killed(KillKind::Reset);
            self.emit(out, Happening::WentBack { jobs, from, why });
        }
        self.redelivered.extend(&held);
        self.ready.extend(held);
        self.emit(out, Happening::Revived(from));
        self.subscribe(worker, out);
    }

    fn say(&mut self, out: &mut Vec<Event>) {
        let unacked: usize = self
            .workers
            .iter()
            .map(|w| w.tray.len() + usize::from(w.hand.is_some()))
            .sum();
        let durable = QueueSays {
            ready: Figure::Exact(self.ready.len() as u64),
            unacked: Figure::Exact(unacked as u64),
            consumers: Figure::Exact(WORKERS.into()),
        };
        let says = BrokerSays {
            durable,
            transient: QueueSays::default(),
        };
        self.emit(out, Happening::BrokerSays(Box::new(says)));
    }
}

/// Numbers without a pattern, the same each time (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound.max(1)
    }
}
