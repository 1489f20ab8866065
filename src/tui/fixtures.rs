//! Pictures made by hand for the tests of this folder.

use crate::lab::{
    AckMode, Balance, Books, BrokerRow, BrokerState, Cause, Cell, Clock, Confirms, Control, Delivery, Elapsed, Entry,
    Figure, GoneHow, Habit, Hand, Insight, JobId, KillKind, LabTime, Mark, Matrix, NoRoom, Pace, PassedOver, Place,
    Prefetch, ProducerRow, Producing, QueueKind, QueueRow, Rate, Settings, Snapshot, Speed, Toll, Travel, Version,
    WorkerId, WorkerRow, WorkerState,
};
use std::sync::Arc;

pub(super) use insights::held;
pub(super) use strange::{broker_away, unbalanced};

pub(super) mod contest;
pub(super) mod ends;
pub(super) mod faults;
mod insights;
pub(super) mod jobs;
pub(super) mod lesson;
mod strange;
pub(super) mod way;
pub(super) mod wire;

const CELL_US: u64 = 250_000;
/// 42.6 s into the run.
const NOW: LabTime = LabTime(42_600_000);

/// Three workers, nothing published yet.
pub(super) fn empty() -> Snapshot {
    Snapshot {
        at: Elapsed(45_000_000),
        settings: Arc::new(Settings::default()),
        clock: Clock {
            now: NOW,
            pace: Pace::Running,
        },
        broker: BrokerRow {
            name: Arc::from("embedded broker"),
            state: BrokerState::Up,
            control: Control::Owned,
            version: Some(Version::V4_0),
        },
        producer: ProducerRow {
            producing: Producing::On,
            published: 0,
            confirmed: 0,
            unconfirmed: 0,
            connected: true,
        },
        queue: QueueRow {
            ready: Figure::Exact(0),
            unacked: Figure::Exact(0),
            redelivered: 0,
            consumers: Figure::Exact(3),
            waiting: 0,
        },
        elsewhere: 0,
        workers: (1..=3).map(worker).collect(),
        books: Books::default(),
        matrix: Matrix::default(),
        at_stake: [[0; 2]; 2],
        log: Vec::new(),
        insights: Vec::new(),
        earlier: Vec::new(),
        travel: Travel::default(),
        play: None,
        cell_us: CELL_US,
    }
}

/// An idle worker; the speeds go round ×1, ×0.5, ×2.
pub(super) fn worker(number: u16) -> WorkerRow {
    let speed = [2000, 1000, 500][usize::from(number % 3)];
    WorkerRow {
        id: WorkerId(number),
        guest: None,
        speed: Speed(speed),
        habit: Habit::default(),
        state: WorkerState::Consuming,
        hand: None,
        tray: Vec::new(),
        tray_len: 0,
        unacked: 0,
        prefetch: Some(Prefetch(0)),
        waiting: 0,
        done: 0,
        redelivered: 0,
        twice: 0,
        lost: 0,
        busy: Some(0),
        timeline: vec![Cell::default(); 171],
    }
}

/// Gives a worker a job in hand and a tray.
pub(super) fn busy(worker: &mut WorkerRow, job: u32, dots: u32, tray: &[u32]) {
    worker.hand = Some(Hand {
        job: JobId(job),
        dots,
        progress: 450,
        redelivered: false,
    });
    worker.tray = tray.iter().take(32).map(|&n| JobId(n)).collect();
    worker.tray_len = u32::try_from(tray.len()).expect("few");
    worker.unacked = worker.tray_len + 1;
    worker.done = 19;
    worker.busy = Some(873);
    let slow = 4_000 * dots / worker.speed.0;
    worker.timeline = jobs_back_from(job, slow.max(1), worker.timeline.len());
}

/// Timeline cells: jobs of that many cells, the newest unfinished, with an idle cell behind each third.
fn jobs_back_from(newest: u32, width: u32, cells: usize) -> Vec<Cell> {
    let mut made = Vec::with_capacity(cells + 8);
    let mut job = newest;
    while made.len() < cells {
        for cell in 0..width {
            let begun = u16::from(cell + 1 == width);
            made.push(Cell {
                job: Some(JobId(job)),
                begun,
                busy: 100,
                mark: None,
            });
        }
        if job.is_multiple_of(3) {
            made.push(Cell::default());
        }
        job = job.saturating_sub(3).max(1);
    }
    made.truncate(cells);
    made.reverse();
    made
}

/// Prefetch 0: the slow worker's tray fills while the fast one is idle.
pub(super) fn pile_up() -> Snapshot {
    let mut picture = empty();
    let [w1, w2, w3] = &mut picture.workers[..] else {
        panic!("three workers")
    };
    busy(w1, 58, 3, &[61]);
    busy(w2, 38, 3, &[41, 44, 47, 50, 53, 56, 59, 62]);
    w3.done = 20;
    w3.busy = Some(452);
    picture.producer.published = 62;
    picture.queue.unacked = Figure::Exact(11);
    picture.books = Books {
        published: 62,
        done: 51,
        tray: 9,
        hand: 2,
        ..Books::default()
    };
    picture.log = (56..=62).map(|job| dispatched(job, &[])).collect();
    picture.insights = held(&[Insight::Hoarding {
        worker: WorkerId(2),
        tray: 8,
        idle: WorkerId(3),
    }]);
    picture
}

fn dispatched(job: u32, passed_over: &[(u16, PassedOver)]) -> (LabTime, Entry) {
    let turn = u16::try_from(job % 3).expect("small");
    let to = (turn..turn + 3)
        .map(|n| n % 3 + 1)
        .find(|n| passed_over.iter().all(|(id, _)| id != n));
    let entry = Entry::Dispatched {
        job: JobId(job),
        to: WorkerId(to.expect("someone gets it")),
        passed_over: passed_over.iter().map(|(id, why)| (WorkerId(*id), *why)).collect(),
    };
    (LabTime(u64::from(job) * 680_000), entry)
}

/// Prefetch 1: everyone holds one job, the rest wait at the broker; confirms on.
pub(super) fn prefetch_one() -> Snapshot {
    let mut picture = empty();
    change(&mut picture, |s| {
        s.prefetch = Prefetch(1);
        s.confirms = Confirms::On;
    });
    for (worker, job) in picture.workers.iter_mut().zip([163, 167, 168]) {
        busy(worker, job, 5, &[]);
    }
    picture.producer = ProducerRow {
        published: 180,
        confirmed: 178,
        unconfirmed: 2,
        ..picture.producer
    };
    picture.queue.ready = Figure::Exact(12);
    picture.queue.unacked = Figure::Exact(3);
    picture.books = Books {
        published: 180,
        done: 165,
        waiting: 12,
        hand: 3,
        ..Books::default()
    };
    let full = PassedOver::NoRoom(NoRoom::Full(1));
    picture.log = vec![
        dispatched(166, &[(3, full)]),
        dispatched(167, &[(1, full), (2, full)]),
        dispatched(168, &[]),
    ];
    picture
}

pub(super) fn change(picture: &mut Snapshot, with: impl FnOnce(&mut Settings)) {
    with(Arc::make_mut(&mut picture.settings));
}

/// One worker ended in each way there is, and what else can befall one.
pub(super) fn killed() -> Snapshot {
    let mut picture = prefetch_one();
    let gone = |kind, back, lost| WorkerState::Gone(GoneHow::Killed(kind), Toll { back, lost });
    let states = [
        WorkerState::Cancelled,
        WorkerState::ChannelClosed(Toll { back: 1, lost: 0 }),
        gone(KillKind::CloseConnection, 3, 0),
        gone(KillKind::Reset, 0, 2),
        WorkerState::Frozen,
        gone(KillKind::CrashBeforeAck, 1, 0),
        WorkerState::Doomed,
        WorkerState::Gone(
            GoneHow::Refused("404 NOT_FOUND - no queue 'jobs'".to_owned()),
            Toll::default(),
        ),
        WorkerState::Starting,
    ];
    picture.workers = (1..).zip(states).map(|(number, state)| ended(number, state)).collect();
    picture.queue.redelivered = 9;
    picture.queue.consumers = Figure::Estimated(3);
    picture.books.twice = 1;
    picture.log = [
        Entry::Killed(WorkerId(3), KillKind::CloseConnection),
        Entry::WentBack {
            jobs: Arc::from([JobId(161), JobId(165), JobId(166)]),
            count: 3,
            from: WorkerId(3),
            why: Cause::Killed(KillKind::CloseConnection),
            place: Place::Old,
        },
        Entry::Twice {
            job: JobId(131),
            by: WorkerId(1),
        },
        Entry::Revived(WorkerId(9)),
    ]
    .into_iter()
    .map(|entry| (LabTime(40_000_000), entry))
    .collect();
    picture
}

fn ended(number: u16, state: WorkerState) -> WorkerRow {
    let mut row = worker(number);
    busy(&mut row, 150 + u32::from(number), 3, &[170]);
    let at = row.timeline.len() - 12;
    match state {
        WorkerState::ChannelClosed(_) | WorkerState::Gone(..) => {
            (row.hand, row.tray, row.tray_len, row.unacked) = (None, Vec::new(), 0, 0);
            row.timeline[at..].fill(Cell::default());
            row.timeline[at].mark = Some(Mark::Killed);
        }
        WorkerState::Starting => {
            row.hand = None;
            row.timeline[at..].fill(Cell::default());
            row.timeline[at].mark = Some(Mark::Killed);
            row.timeline[at + 8].mark = Some(Mark::Revived);
        }
        WorkerState::Cancelled => {
            row.timeline[at].mark = Some(Mark::Redelivered);
            row.timeline[at - 20].mark = Some(Mark::Twice);
            row.twice = 1;
        }
        _ => {}
    }
    row.state = state;
    row
}

/// Auto-ack: nothing unacked, a full tray, and a dead worker's tray lost.
pub(super) fn auto_ack_losses() -> Snapshot {
    let mut picture = empty();
    change(&mut picture, |s| {
        s.ack = AckMode::Automatic;
        s.prefetch = Prefetch(1);
    });
    let tray: Vec<u32> = (62..102).collect();
    let [w1, w2, w3] = &mut picture.workers[..] else {
        panic!("three workers")
    };
    busy(w1, 60, 5, &tray);
    *w2 = ended(
        2,
        WorkerState::Gone(GoneHow::Killed(KillKind::Reset), Toll { back: 0, lost: 7 }),
    );
    w2.lost = 7;
    busy(w3, 61, 1, &[]);
    (w1.unacked, w3.unacked) = (0, 0);
    picture.queue.consumers = Figure::Exact(2);
    picture.producer.published = 101;
    picture.books = Books {
        published: 101,
        done: 52,
        tray: 40,
        hand: 2,
        lost: 7,
        ..Books::default()
    };
    picture.log = vec![
        (LabTime(38_000_000), Entry::Killed(WorkerId(2), KillKind::Reset)),
        (
            LabTime(38_000_000),
            Entry::Lost {
                jobs: (40..45).map(JobId).collect(),
                count: 7,
                from: Some(WorkerId(2)),
                why: Cause::Killed(KillKind::Reset),
            },
        ),
    ];
    picture
        .log
        .extend((95..=101).map(|job| dispatched(job, &[(2, PassedOver::Gone)])));
    picture.insights = held(&[Insight::PrefetchWithoutAcks(Prefetch(1))]);
    picture
}

/// As many workers as there can be.
pub(super) fn crowd() -> Snapshot {
    let mut picture = prefetch_one();
    picture.workers = (1..=64).map(worker).collect();
    for (job, worker) in (400..).zip(&mut picture.workers) {
        busy(worker, job, 1 + job % 4, &[]);
    }
    picture.queue.unacked = Figure::Exact(64);
    picture
}

/// Far more jobs than columns.
pub(super) fn high_rate() -> Snapshot {
    let mut picture = pile_up();
    change(&mut picture, |s| {
        s.rate = Rate(1_000_000);
        s.messages = Delivery::Transient;
        s.queue = QueueKind::Transient;
    });
    for (shift, worker) in picture.workers.iter_mut().enumerate() {
        worker.tray_len = 123_456;
        worker.unacked = 123_457;
        worker.done = 4_123_456;
        for (at, cell) in worker.timeline.iter_mut().enumerate() {
            let busy = u8::try_from((at * 7 + shift * 30) % 101).expect("a per cent");
            *cell = Cell {
                job: Some(JobId(9)),
                begun: 40,
                busy,
                mark: None,
            };
        }
    }
    picture.producer.published = 12_345_678;
    picture.queue.ready = Figure::Exact(1_234_567);
    picture.books = Books {
        published: 12_345_678,
        done: 10_740_740,
        waiting: 1_234_567,
        tray: 370_368,
        hand: 3,
        balance: Balance::Settling,
        ..Books::default()
    };
    picture.insights = held(&[Insight::JobsElsewhere(3), Insight::DecisionsLost(98_765)]);
    picture
}
